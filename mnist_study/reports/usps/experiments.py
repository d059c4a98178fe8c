"""The experiments of report usps: its network on zip codes, and better ones."""

from ...data import augment
from ...records import FIVE_SEEDS, TEN_SEEDS, THREE_SEEDS, Experiment


def _usps(name, title, kind, source="not in the report", seeds=(0,), quick=None, **settings):
    return Experiment(f"usps/{name}", title, kind, {"dataset": "usps"} | settings, source, seeds, quick or {})


ZIP_BEST = {
    "split": "7291/2007",
    "model": {"builder": "three_stages", "filters": 32, "side": 16},
    "optimizer": "adamw",
    "learning_rate": 2e-3,
    "weight_decay": 1e-3,
    "precision": "mixed_bfloat16",
    "epochs": 60,
    "batch_size": 64,
    "light": augment.ZIP_LIGHT,
    "strong": augment.ZIP_STRONG,
    "strong_share": 0.0,
}


CNN7 = {
    "split": "7291/2007",
    "model": {"builder": "zip_cnn", "filters": [32, 64], "units": 128, "dropout": 0.5},
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "epochs": 100,
    "batch_size": 256,
    "validation_split": 0.0,
}


def _cnn7(name, title, source="its conclusion", seeds=THREE_SEEDS, **model):
    settings = CNN7 | {"model": CNN7["model"] | model}
    return _usps(name, title, "network", source, seeds, {"epochs": 3}, **settings)


def _noisy(trained, title):
    """A network tried on noisy test images."""
    name = f"later/noisy-images/{trained.split('/')[-1]}"
    strengths = [0.1, 0.2, 0.3, 0.4, 0.5]  # standard deviation, as a share of the range from paper to ink
    return _usps(
        name, title, "zip-noisy", "its conclusion", THREE_SEEDS, trained=f"usps/{trained}", strengths=strengths
    )


def _folds(name, title, **changes):
    settings = ZIP_BEST | {"epochs": 20, "folds": 5} | changes
    return _usps(f"folds/{name}", title, "zip-folds", quick={"epochs": 1, "folds": 2}, **settings)


ROWS = (
    _usps("explore", "Counts, checks and samples of USPS", "zip-explore", "section 3.1", samples_per_digit=12),
    _cnn7("cnn7", "7-layer CNN", "sections 2.2 and 3.3", TEN_SEEDS),
    _cnn7("later/units-512", "7-layer CNN, 512 hidden units", units=512),
    _cnn7("later/noise", "7-layer CNN, trained on noisy images", noise=0.2),
    *(
        _noisy(name, title)
        for name, title in (("cnn7", "7-layer CNN"), ("later/noise", "the same, trained on noisy images"))
    ),
    _folds("light", "light distortions"),
    _folds("both", "light and strong distortions", strong_share=0.5),
    _usps("best", "Best single network", "zip-best", seeds=tuple(range(1, 13)), quick={"epochs": 2}, **ZIP_BEST),
    _usps("best-ensemble", "Committee of four, five views", "zip-ensemble", seeds=FIVE_SEEDS, trained="usps/best"),
    _usps(
        "best-with-mnist",
        "Reader, trained on with USPS",
        "zip-with-mnist",
        seeds=THREE_SEEDS,
        quick={"epochs": 1},
        split="7291/2007, and MNIST's 60000",
        trained="reader/cnn",
        learning_rate=5e-4,
        weight_decay=1e-3,
        epochs=8,
        batch_size=128,
        light=augment.LIGHT,
        strong=augment.STRONG,
        strong_share=0.5,
    ),
)
