"""The splits of the reports: the training and the test part of a data set in, what a model is fitted to and tried on out."""

import numpy as np

from .datasets import Dataset


def validation_parts(train, share: float):
    """The training images in two parts, the last ``share`` of them for validation, as Keras takes them.

    Args:
        train: ``(images, labels)``.
        share: in [0, 1).

    Returns:
        ``(train, validation)``, each ``(images, labels)`` as they came.

    Example:
        >>> train, validation = validation_parts((np.zeros((60, 28, 28)), np.zeros(60)), 0.1)
        >>> len(train[0]), len(validation[0])
        (54, 6)
    """
    images, labels = train
    cut = round(len(images) * (1 - share))
    return (images[:cut], labels[:cut]), (images[cut:], labels[cut:])


def sharpies_split(train, test):
    """Report sharpies' split for KNN and SVM: all rows in MNIST's order (train, then test), a fifth held out.

    Args:
        train, test: ``(images, labels)`` each, as ``mnist`` gives them.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``, images as they came; 56,000 and 14,000 rows of MNIST.

    Example:
        >>> rows = np.arange(70)
        >>> (x_train, _), (x_test, _) = sharpies_split((rows[:60], rows[:60]), (rows[60:], rows[60:]))
        >>> len(x_train), len(x_test)
        (56, 14)

    Source: report sharpies, "K-Neighbors Model Outcome" (supports); ``train_test_split(test_size=0.2, random_state=42)``.
    """
    images, labels = (np.concatenate(parts) for parts in zip(train, test, strict=True))
    return _split(images, labels)


def inf283_split(train, test):
    """Report inf283's split: rows sorted by label, the first lost as a CSV header, a fifth held out for the test and
    three tenths of the rest for validation.

    Args:
        train, test: ``(images, labels)`` each, as ``mnist`` gives them.

    Returns:
        ``(x_train, y_train), (x_val, y_val), (x_test, y_test)``; 39,199, 16,800 and 14,000 rows of MNIST.

    Example:
        >>> rows = np.arange(71)
        >>> [len(labels) for _, labels in inf283_split((rows[:60], rows[:60]), (rows[60:], rows[60:]))]
        [39, 17, 14]

    Source: report inf283, its last classification report (supports); both cuts with ``random_state=42``.
    """
    images, labels = (np.concatenate(parts) for parts in zip(train, test, strict=True))
    order = np.argsort(labels, kind="stable")[1:]
    (x_rest, y_rest), held_out = _split(images[order], labels[order])
    return *_split(x_rest, y_rest, test_size=0.3), held_out


def named_split(dataset: Dataset, settings: dict):
    """The parts that an experiment's settings ask for.

    Args:
        dataset: whole.
        settings: ``split``, whose first word names the report it is of, and ``validation_split``, the share cut off the end
            of the training images where the split itself has no validation part.

    Returns:
        ``train, validation, test``, each ``(images, labels)``; ``validation`` may be empty.
    """
    train, test = (dataset.x_train, dataset.y_train), (dataset.x_test, dataset.y_test)
    nothing = dataset.x_train[:0], dataset.y_train[:0]
    if settings["split"] == "inf283, 55999/14000":
        train, validation, test = inf283_split(train, test)
        return tuple(np.concatenate(parts) for parts in zip(train, validation, strict=True)), nothing, test
    if settings["split"].startswith("inf283"):
        return inf283_split(train, test)
    if settings["split"].startswith("sharpies"):
        train, test = sharpies_split(train, test)
        return train, nothing, test
    return *validation_parts(train, settings.get("validation_split", 0.0)), test


def _split(images, labels, test_size: float = 0.2):
    from sklearn.model_selection import train_test_split

    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=test_size, random_state=42)
    return (x_train, y_train), (x_test, y_test)
