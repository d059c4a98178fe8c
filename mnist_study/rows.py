"""Every row of every report as data: what was done (data, split, model, settings) and where the report says it.

What the report claims stands in ``results/reported.csv`` under the same name. A new experiment is a new row here.
"""

from dataclasses import dataclass, field

from . import augment
from .sharpies import SHARPIES_DIGEST

FIVE_SEEDS, THREE_SEEDS = (1, 2, 3, 4, 5), (1, 2, 3)
STRENGTHS = {
    "rotation": (10, 20, 30, 45, 60),  # degrees
    "shift": (0.05, 0.1, 0.15, 0.2, 0.3),
    "zoom": (0.1, 0.2, 0.3, 0.4, 0.5),
    "brightness": (0.2, 0.4, 0.6, 0.8, 0.95),
}  # of ``augment.modified``, each alone, plus or minus


@dataclass(frozen=True)
class Experiment:
    """One row of a report.

    Attributes:
        name: ``report/row``.
        title: how tables and figures call it.
        kind: which runner makes its records; a key of ``RUNNERS``.
        settings: everything that decides the result, as plain JSON types.
        source: where the report speaks of it.
        seeds: the runs that the full profile makes.
        quick: settings that the quick profile changes.
    """

    name: str
    title: str
    kind: str
    settings: dict
    source: str
    seeds: tuple = (0,)
    quick: dict = field(default_factory=dict)

    @property
    def dataset(self) -> str:
        """Name of the data set it runs on, a key of ``datasets.SETS``."""
        return self.settings.get("dataset", "mnist")


def _classical(name, title, source, **model):
    settings = {"dataset": "mnist", "split": "sharpies, 56000/14000", "model": model}
    return Experiment(f"sharpies/{name}", title, "classical", settings, source)


def _network(name, title, **model):
    settings = {
        "dataset": "mnist",
        "split": "60000/10000",
        "model": model,
        "optimizer": "sgd",
        "learning_rate": 3e-3,
        "epochs": 100,
        "batch_size": 32,
        "validation_split": 0.1,
    }
    return Experiment(
        f"sharpies/{name}",
        title,
        "network",
        settings,
        "slide 'Neural Network Results on MNIST'",
        FIVE_SEEDS if name.startswith("mlp") else THREE_SEEDS,
        {"epochs": 2},
    )


def _photos(trained, title, source="slide 'Custom Data Set Results'", seeds=(0,)):
    settings = {"trained": trained, "threshold": 127, "photos": SHARPIES_DIGEST}
    name = trained.removeprefix("sharpies/").replace("reader/cnn", "reader")
    return Experiment(f"sharpies/photos/{name}", title, "photos", settings, source, seeds)


def _umap(name, title, source, images, n_components):
    settings = {"dataset": "mnist", "images": images, "n_components": n_components, "n_neighbors": 15, "min_dist": 0.1}
    return Experiment(f"sharpies/{name}", title, "umap", settings, source, (42,))


EXPLORE = Experiment(
    "sharpies/explore",
    "Counts, checks, mean and deviation images",
    "explore",
    {"dataset": "mnist", "samples_per_digit": 12},
    "slide 'Exploratory Data Analysis'",
)

READER = Experiment(
    "reader/cnn",
    "Reader",
    "reader",
    {
        "dataset": "mnist",
        "split": "55000/5000/10000",
        "model": {"builder": "reader_cnn", "filters": 32},
        "optimizer": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 1e-3,
        "epochs": 16,
        "batch_size": 128,
        "light": augment.LIGHT,
        "strong": augment.STRONG,
        "not_digit_share": 0.1,
        "views": 5,
    },
    "not in the report",
    FIVE_SEEDS,
    {"epochs": 1},
)
SHIPPED = Experiment(
    "reader/shipped",
    "Reader, as shipped",
    "shipped",
    {"trained": "reader/cnn", "chosen_by": "cross-entropy on validation images", "stress": "every kind and strength"},
    "not in the report",
)


ROBUST = Experiment(
    "nust/robust",
    "Robust network",
    "augmented",
    {
        "dataset": "mnist",
        "split": "60000/10000",
        "model": {"builder": "reader_cnn", "filters": 32, "boxed": True},
        "start": "reader/cnn",
        "optimizer": "adamw",
        "learning_rate": 1e-3,
        "weight_decay": 1e-3,
        "precision": "mixed_bfloat16",
        "epochs": 14,
        "batch_size": 128,
        "validation_split": 5000 / 60000,
        "modification": augment.MODIFICATION,
        "modified_share": 0.7,
    },
    "not in the report",
    THREE_SEEDS,
    {"epochs": 1},
)


def _nust(name, title, kind, source, seeds=THREE_SEEDS, quick=None, **settings):
    return Experiment(f"nust/{name}", title, kind, {"dataset": "mnist"} | settings, source, seeds, quick or {})


def _lenet(name, title, source="sections IV and V, figures 3, 4 and 7", seeds=THREE_SEEDS, kind="network", **changes):
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


def _fragility(trained, title, seeds=THREE_SEEDS):
    row = trained.split("/")[1]
    strengths = {name: list(values) for name, values in STRENGTHS.items()}
    return _nust(
        f"fragility/{row}", title, "fragility", "not in the report", seeds, trained=trained, strengths=strengths
    )


NUST = (
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
    _nust(
        "calibration",
        "Which modification is the report's?",
        "calibration",
        "section VI; the report gives no ranges",
        trained="nust/lenet",
        claimed=0.2776,
        diagonal=[0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5],
        rotation=[0, 10, 20, 30, 40, 50],
        shift=[0.0, 0.1, 0.2, 0.3, 0.4, 0.5],
        brightness=0.5,
    ),
    _nust(
        "lenet-modified",
        "LeNet, test set modified",
        "modified",
        "section VI, figures 5 and 8",
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
    ROBUST,
    _fragility("sharpies/knn", "KNN, k = 3", (0,)),
    _fragility("sharpies/svm", "SVM, per-pixel scaling", (0,)),
    _fragility("sharpies/mlp-64-16", "64-16 MLP"),
    _fragility("sharpies/mlp-64-32", "64-32 MLP"),
    _fragility("sharpies/cnn-32f", "32f CNN"),
    _fragility("sharpies/cnn-32-16f", "32-16f CNN"),
    _fragility("sharpies/cnn-32-16fx3", "32-16fx3 CNN"),
    _fragility("nust/lenet", "LeNet"),
    _fragility("nust/lenet-augmented", "LeNet, trained on modified images"),
    _fragility("nust/robust", "Robust network"),
)


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


USPS = (
    _usps("explore", "Counts, checks and samples of USPS", "zip-explore", "section 3.1", samples_per_digit=12),
    _usps(
        "cnn7",
        "7-layer CNN",
        "network",
        "sections 2.2 and 3.3",
        FIVE_SEEDS,
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
    _usps("best", "Best single network", "zip-best", seeds=FIVE_SEEDS, quick={"epochs": 2}, **ZIP_BEST),
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

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        EXPLORE,
        _classical("knn", "KNN, k = 3", "slide 'K-Neighbors Model Outcome'", builder="knn", k=3),
        _classical("svm", "SVM, per-pixel scaling", "slide 'Support Vector Model Outcome'", builder="svm", scaled=True),
        _classical("svm-unscaled", "SVM, no scaling", "not in the report", builder="svm", scaled=False),
        _network("mlp-64-16", "64-16 MLP", builder="mlp", hidden_units=[64, 16], l2=1e-5),
        _network("mlp-64-32", "64-32 MLP", builder="mlp", hidden_units=[64, 32], l2=1e-5),
        _network("cnn-32f", "32f CNN", builder="cnn", filters=[32], l2=1e-5),
        _network("cnn-32-16f", "32-16f CNN", builder="cnn", filters=[32, 16], l2=1e-5),
        _network("cnn-32-16fx3", "32-16fx3 CNN", builder="cnn", filters=[32, 16, 16, 16], l2=1e-5),
        _umap("umap-2d", "UMAP, 2-D, all images", "slide 'Peeking into The Data Set'", "all", 2),
        _umap("umap-2d-test", "UMAP, 2-D, test images", "slide 'Peeking into The Data Set'", "test", 2),
        _umap("umap-3d", "UMAP, 3-D, test images", "slide 'Three Dimensional U-Map'", "test", 3),
        READER,
        SHIPPED,
        _photos("sharpies/knn", "KNN, k = 3"),
        _photos("sharpies/svm", "SVM, per-pixel scaling"),
        _photos("sharpies/mlp-64-16", "64-16 MLP", seeds=FIVE_SEEDS),
        _photos("sharpies/mlp-64-32", "64-32 MLP", seeds=FIVE_SEEDS),
        _photos("sharpies/cnn-32f", "32f CNN", seeds=THREE_SEEDS),
        _photos("sharpies/cnn-32-16f", "32-16f CNN", seeds=THREE_SEEDS),
        _photos("sharpies/cnn-32-16fx3", "32-16fx3 CNN", seeds=THREE_SEEDS),
        _photos("reader/cnn", "Reader", "not in the report", FIVE_SEEDS),
        *NUST,
        *USPS,
    )
}
