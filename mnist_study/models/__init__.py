"""Unfitted models: Keras networks, scikit-learn and XGBoost baselines, search spaces.

Each takes images as their data set has them and scales them itself: no caller can forget it.
"""

from .classical import NO_ANSWER, OneHotForest, flat_unit_pixels, knn, random_forest, svm
from .finder import finder_cnn
from .networks import (
    Boxed,
    cnn,
    layer_table,
    lenet,
    load,
    mlp,
    pixel_mean_and_std,
    plain_mlp,
    pooled_cnn,
    reader_cnn,
    same_network,
    strided_cnn,
    three_stages,
    zip_cnn,
)

# What the settings of an experiment call a model. One of your own is put in here.
NETWORKS = {
    "mlp": mlp,
    "cnn": cnn,
    "lenet": lenet,
    "plain_mlp": plain_mlp,
    "pooled_cnn": pooled_cnn,
    "zip_cnn": zip_cnn,
    "reader_cnn": reader_cnn,
    "strided_cnn": strided_cnn,
    "three_stages": three_stages,
}
STANDARDISED = ("mlp", "cnn")  # networks that are given the training images, for their mean and deviation
CLASSICAL = {"knn": knn, "svm": svm, "random_forest": random_forest}
SEEDED = ("random_forest",)  # classical models that take the run's seed

__all__ = [
    "CLASSICAL",
    "NETWORKS",
    "NO_ANSWER",
    "SEEDED",
    "STANDARDISED",
    "Boxed",
    "OneHotForest",
    "cnn",
    "finder_cnn",
    "flat_unit_pixels",
    "knn",
    "layer_table",
    "lenet",
    "load",
    "mlp",
    "pixel_mean_and_std",
    "plain_mlp",
    "pooled_cnn",
    "random_forest",
    "reader_cnn",
    "same_network",
    "strided_cnn",
    "svm",
    "three_stages",
    "zip_cnn",
]
