"""The rows of report sharpies."""

from dataclasses import replace

from ...data import PHOTOS_DIGEST
from ...records import FIVE_SEEDS, TEN_SEEDS, THREE_SEEDS, Experiment

RUNGS = {
    "recipe": "the report's recipe: its images, threshold 127",
    "grey": "its images, paper's grey left in",
    "shrunk": "the photo, shrunk whole",
    "background": "background removed",
    "boxed": "boxed to 20x20",
    "centred": "centre of mass centred",
    "stroke-width": "stroke width as in MNIST",
}
LADDER = ("shrunk", "background", "boxed", "centred", "stroke-width")


def _classical(name, title, source, **model):
    settings = {"dataset": "mnist", "split": "sharpies, 56000/14000", "model": model}
    return Experiment(f"sharpies/{name}", title, "classical", settings, source)


def _network(name, title, seeds=THREE_SEEDS, **model):
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
    source = "slide 'Neural Network Results on MNIST'"
    return Experiment(f"sharpies/{name}", title, "network", settings, source, seeds, {"epochs": 2})


def _penalised(network: Experiment, seeds=THREE_SEEDS) -> Experiment:
    """What the report left for later: the same network with ten times its penalty on the weights."""
    return replace(
        network,
        name=network.name.replace("/", "/later/"),
        title=f"{network.title}, ten times the penalty",
        settings=network.settings | {"model": network.settings["model"] | {"l2": 1e-4}},
        source="slide 'Neural Network Results on MNIST', its last paragraph",
        seeds=seeds,
    )


def _photos(trained, name, title, seeds, source="slide 'Handwritten Digit Testing (Continued)'"):
    settings = {"trained": trained, "threshold": 127, "photos": PHOTOS_DIGEST}
    return Experiment(f"sharpies/photos/{name}", title, "photos", settings, source, seeds)


def _umap(name, title, source, images, n_components, seeds=(42,), **changes):
    settings = {"dataset": "mnist", "images": images, "n_components": n_components, "n_neighbors": 15, "min_dist": 0.1}
    return Experiment(f"sharpies/{name}", title, "umap", settings | changes, source, seeds)


CLASSICAL = (
    _classical("knn", "KNN, k = 3", "slide 'K-Neighbors Model Outcome'", builder="knn", k=3),
    _classical("svm", "SVM, per-pixel scaling", "slide 'Support Vector Model Outcome'", builder="svm", scaled=True),
)
NETWORKS = (
    _network("mlp-64-16", "64-16 MLP", TEN_SEEDS, builder="mlp", hidden_units=[64, 16], l2=1e-5),
    _network("mlp-64-32", "64-32 MLP", TEN_SEEDS, builder="mlp", hidden_units=[64, 32], l2=1e-5),
    _network("cnn-32f", "32f CNN", FIVE_SEEDS, builder="cnn", filters=[32], l2=1e-5),
    _network("cnn-32-16f", "32-16f CNN", builder="cnn", filters=[32, 16], l2=1e-5),
    _network("cnn-32-16fx3", "32-16fx3 CNN", builder="cnn", filters=[32, 16, 16, 16], l2=1e-5),
)

ROWS = (
    Experiment(
        "sharpies/explore",
        "Counts, checks, mean and deviation images",
        "explore",
        {"dataset": "mnist", "samples_per_digit": 12},
        "slide 'Exploratory Data Analysis'",
    ),
    *CLASSICAL,
    _classical("svm-unscaled", "SVM, no scaling", "not in the report", builder="svm", scaled=False),
    *NETWORKS,
    _umap("umap-2d", "UMAP, 2-D, all images", "slide 'Peeking into The Data Set'", "all", 2),
    _umap("umap-2d-test", "UMAP, 2-D, test images", "slide 'Peeking into The Data Set'", "test", 2),
    _umap("umap-3d", "UMAP, 3-D, test images", "slide 'Three Dimensional U-Map'", "test", 3),
    *map(_penalised, NETWORKS[:2]),
    _penalised(NETWORKS[2], seeds=(1, 2)),
    _umap(
        "later/umap-last-layer",
        "UMAP of the deepest CNN's last layer, test images",
        "a comment in the listing of CNN_classifier",
        "test",
        2,
        trained="sharpies/cnn-32-16fx3",
        seeds=(1,),
    ),
    *(_photos(row.name, row.name.split("/")[1], row.title, row.seeds) for row in (*CLASSICAL, *NETWORKS)),
    _photos("reader/cnn", "reader", "Reader", FIVE_SEEDS, "not in the report"),
)
