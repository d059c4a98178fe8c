"""The experiments of report usps: its network on zip codes, and better ones."""

from ...data import augment
from ...records import TEN_SEEDS, THREE_SEEDS, Experiment


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


def _folds(name, title, **changes):
    settings = ZIP_BEST | {"epochs": 20, "folds": 5} | changes
    return _usps(f"folds/{name}", title, "zip-folds", quick={"epochs": 1, "folds": 2}, **settings)


ROWS = (
    _usps("explore", "Counts, checks and samples of USPS", "zip-explore", "section 3.1", samples_per_digit=12),
    _usps(
        "cnn7",
        "7-layer CNN",
        "network",
        "sections 2.2 and 3.3",
        TEN_SEEDS,
        {"epochs": 3},
        split="7291/2007",
        model={"builder": "zip_cnn", "filters": [32, 64], "units": 128, "dropout": 0.5},
        optimizer="adam",
        learning_rate=1e-3,
        epochs=100,
        batch_size=256,
        validation_split=0.0,
    ),
    _folds("light", "light distortions"),
    _folds("both", "light and strong distortions", strong_share=0.5),
    _usps("best", "Best single network", "zip-best", seeds=tuple(range(1, 13)), quick={"epochs": 2}, **ZIP_BEST),
    _usps(
        "best-ensemble",
        "Committee of four, five views",
        "zip-ensemble",
        seeds=THREE_SEEDS,
        trained="usps/best",
        members=[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]],  # of committee 1, 2 and 3: no network sits on two
    ),
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
