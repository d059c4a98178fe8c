"""The experiments of report usps: its network on zip codes, and better ones."""

import random

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


CNN7 = {
    "split": "7291/2007",
    "model": {"builder": "zip_cnn", "filters": [32, 64], "units": 128, "dropout": 0.5},
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "epochs": 100,
    "batch_size": 256,
    "validation_split": 0.0,
}


def _cnn7(name, title, source="its conclusion", seeds=THREE_SEEDS, batch_size=CNN7["batch_size"], **model):
    settings = CNN7 | {"model": CNN7["model"] | model, "batch_size": batch_size}
    return _usps(name, title, "network", source, seeds, {"epochs": 3}, **settings)


OPEN = {  # what the report leaves open of its network, and what it may have been
    "filters": ([16, 32], [32, 32], [32, 64], [64, 64]),
    "units": (32, 64, 128, 256, 512),
    "negative_slope": (0.01, 0.1, 0.2, 0.3),
    "dropout": (0.2, 0.3, 0.4, 0.5, 0.6),
    "trained_by": (
        ("adam", 3e-4),
        ("adam", 1e-3),
        ("adam", 3e-3),
        ("rmsprop", 3e-4),
        ("rmsprop", 1e-3),
        ("sgd", 3e-2),
        ("sgd", 1e-1),
    ),
}
SETTINGS_SWEPT = 4


def _swept():
    """The network as guessed, and others drawn at random from ``OPEN``; more of them change nothing in the first ones."""
    draw = random.Random(1)
    guessed = {"filters": [32, 64], "units": 128, "negative_slope": 0.3, "dropout": 0.5, "trained_by": ("adam", 1e-3)}
    drawn = [guessed]
    while len(drawn) < SETTINGS_SWEPT:
        one = {name: draw.choice(values) for name, values in OPEN.items()}
        if one not in drawn:
            drawn.append(one)
    for number, one in enumerate(drawn):
        optimizer, rate = one.pop("trained_by")
        settings = CNN7 | {"model": {"builder": "zip_cnn"} | one, "optimizer": optimizer, "learning_rate": rate}
        first, second = one["filters"]
        yield _usps(
            f"sweep/{number:02d}",
            f"filters {first} and {second}, {one['units']} units, slope {one['negative_slope']:g}, "
            f"dropout {one['dropout']:g}, {optimizer} {rate:g}",
            "zip-sweep",
            "sections 2.2 and 3.3, which leave these open",
            (1,),
            {"epochs": 1, "fold_epochs": 1, "folds": 2},
            folds=3,
            fold_epochs=30,
            **settings,
        )


SWEEP = tuple(_swept())
COMMITTEES = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]  # seeds of ``usps/best``; no two share a member


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
    _cnn7("later/batch-32", "7-layer CNN, batches of 32", batch_size=32),
    _cnn7("choices/relu", "7-layer CNN, plain ReLU", "not in the report", negative_slope=0.0),
    _cnn7("choices/no-dropout", "7-layer CNN, no dropout", "not in the report", dropout=0.0),
    *SWEEP,
    _cnn7("later/noise", "7-layer CNN, trained on noisy images", noise=0.2),
    _noisy("cnn7", "7-layer CNN"),
    _noisy("later/noise", "the same, trained on noisy images"),
    _folds("light", "light distortions"),
    _folds("both", "light and strong distortions", strong_share=0.5),
    _usps("best", "Best single network", "zip-best", seeds=tuple(range(1, 13)), quick={"epochs": 2}, **ZIP_BEST),
    _usps(
        "best-ensemble",
        "Committee of four, five views",
        "zip-ensemble",
        seeds=THREE_SEEDS,
        trained="usps/best",
        members=COMMITTEES,
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
