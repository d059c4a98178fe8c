"""The experiments of report nust: a LeNet, the modified test set, and networks that read it."""

from ...data import PHOTOS_DIGEST, augment
from ...records import FIVE_SEEDS, TEN_SEEDS, THREE_SEEDS, Experiment
from ..sharpies.experiments import CLASSICAL, NETWORKS

STRENGTHS = {
    "rotation": (10, 20, 30, 45, 60),  # degrees
    "shift": (0.05, 0.1, 0.15, 0.2, 0.3),
    "zoom": (0.1, 0.2, 0.3, 0.4, 0.5),
    "brightness": (0.2, 0.4, 0.6, 0.8, 0.95),
}  # of ``augment.modified``, each alone, plus or minus
INK_STRENGTHS = {
    "thickness": (0.3, 0.6, 1.0),  # plus or minus, of the two pixels that a stroke can gain
    "blur": (0.7, 1.4, 2.1),  # pixels
    "coarseness": (16, 12, 8),  # pixels a side
}  # of ``augment.changed``, each alone

SCAN_SEEDS = (4, 5, 6)  # of LeNets that no range was chosen with


def _nust(name, title, kind, source, seeds=THREE_SEEDS, quick=None, **settings):
    return Experiment(f"nust/{name}", title, kind, {"dataset": "mnist"} | settings, source, seeds, quick or {})


def _lenet(name, title, source="sections IV and V, figures 3, 4 and 7", seeds=TEN_SEEDS, kind="network", **changes):
    settings = {
        "split": "60000/10000",
        "model": {"builder": "lenet", "filters": [20, 50], "units": 500},
        "optimizer": "rmsprop",
        "learning_rate": 1e-3,
        "epochs": 20,
        "batch_size": 128,
        "validation_split": 0.1,
        "keep": "lowest val_loss",
    }
    return _nust(name, title, kind, source, seeds, {"epochs": 2}, **settings | changes)


def _fragility(trained, title, seeds=THREE_SEEDS, group="fragility", strengths=STRENGTHS):
    row = trained.split("/")[1]
    strengths = {name: list(values) for name, values in strengths.items()}
    return _nust(f"{group}/{row}", title, "fragility", "not in the report", seeds, trained=trained, strengths=strengths)


def _photos(trained, title):
    """Report asher's CNN on report sharpies' photos: changed images in training, or not; seeds whose networks are at hand."""
    settings = {"trained": trained, "threshold": 127, "photos": PHOTOS_DIGEST}
    return _nust(f"photos/{trained.split('/')[1]}", title, "photos", "not in the report", (6, 7, 8, 9, 10), **settings)


ROWS = (
    _lenet("lenet", "LeNet"),
    _lenet("choices/batch-64", "LeNet, batches of 64", "not in the report", (1,), batch_size=64, epochs=10),
    _lenet("choices/batch-512", "LeNet, batches of 512", "not in the report", (1,), batch_size=512, epochs=10),
    _lenet(
        "choices/small",
        "LeNet, 20 filters and 100 units",
        "not in the report",
        (1,),
        model={"builder": "lenet", "filters": [20, 20], "units": 100},
        epochs=10,
    ),
    _lenet(
        "later/no-dense-layer",
        "LeNet without its dense layer",
        "section VII, which praises sparse networks",
        THREE_SEEDS,
        model={"builder": "lenet", "filters": [20, 50], "units": None},
    ),
    _nust(
        "calibration",
        "Which modification is the report's?",
        "calibration",
        "section VI; the report gives no ranges",
        SCAN_SEEDS,
        trained="nust/lenet",
        claimed=0.2776,
        diagonal=[0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5],
        rotation=[0, 10, 20, 30, 40, 50],
        shift=[0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
        zoom=[0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
        brightness=[0.0, 0.25, 0.5, 0.75, 0.95],
    ),
    _nust(
        "pooling-noise",
        "Noise before and after the max-pooling of LeNet",
        "pooling-noise",
        "not in the report",
        SCAN_SEEDS,
        trained="nust/lenet",
        strengths=[0.1, 0.2, 0.3, 0.4, 0.5],
    ),
    _photos("asher/cnn", "Report asher's CNN"),
    _photos("asher/cnn-augmented", "The same, trained on changed images"),
    _nust(
        "lenet-modified",
        "LeNet, test set modified",
        "modified",
        "section VI, figures 5 and 8",
        TEN_SEEDS,
        trained="nust/lenet",
        modification=augment.MODIFICATION,
    ),
    _lenet(
        "lenet-augmented",
        "LeNet, trained on modified images",
        "section VI, figures 6 and 9",
        kind="augmented",
        modification=augment.MODIFICATION,
        modified_share=1.0,
    ),
    _nust(
        "robust",
        "Robust network",
        "augmented",
        "not in the report",
        FIVE_SEEDS,
        quick={"epochs": 1},
        split="60000/10000",
        model={"builder": "reader_cnn", "filters": 32, "boxed": True},
        start="reader/cnn",
        optimizer="adamw",
        learning_rate=1e-3,
        weight_decay=1e-3,
        precision="mixed_bfloat16",
        epochs=14,
        batch_size=128,
        validation_split=5000 / 60000,
        modification=augment.MODIFICATION,
        modified_share=0.7,
    ),
    *(_fragility(row.name, row.title, (0,)) for row in CLASSICAL),
    _fragility("asher/random-forest", "Random forest, 100 trees"),
    *(_fragility(row.name, row.title) for row in NETWORKS),
    _fragility("nust/lenet", "LeNet"),
    _fragility("nust/lenet-augmented", "LeNet, trained on modified images"),
    _fragility("nust/robust", "Robust network", FIVE_SEEDS),
    *(_fragility(row.name, row.title, group="ink-fragility", strengths=INK_STRENGTHS) for row in NETWORKS),
)
