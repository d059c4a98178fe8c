"""The names that report figures not yet moved import; this module goes with them."""

import numpy as np

from .evaluation import confusion_matrix
from .evaluation import draw_classification_report as fig_classification_report  # noqa: F401
from .images import class_counts, digit_grid


def fig_samples(images):
    title = f"The first {images.shape[1]} images of each digit"
    return digit_grid(images.reshape(-1, *images.shape[2:]), columns=images.shape[1], title=title)


def fig_class_counts(count_train, count_test):
    return class_counts(np.repeat(np.arange(10), count_train), np.repeat(np.arange(10), count_test))


def fig_confusion(matrices, one_scale=True):
    pairs = {name: [np.repeat(place.ravel(), matrix.ravel()) for place in np.indices(matrix.shape)]
             for name, matrix in matrices.items()}  # fmt: skip
    return confusion_matrix(pairs, one_scale=one_scale)
