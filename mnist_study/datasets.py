"""The data sets as experiments take them: whole or by profile, and cut as each report cut them.

How their files are found, fetched and checked stands in ``mnist_files`` and ``usps_files``; a new data set is a module beside
those and an entry in ``SETS``, ``DIGESTS`` and ``STAND_INS``.
"""

from dataclasses import dataclass

import numpy as np

from . import mnist_files, usps_files
from .embedded import embedded_digits, embedded_zip_digits
from .files import MissingDataError, digest
from .mnist_files import load_mnist
from .usps_files import load_usps

MNIST_DIGEST, USPS_DIGEST = mnist_files.DIGEST, usps_files.DIGEST
# Wrong labels in MNIST's test set by majority vote of human reviewers.
# Source: Northcutt, Athalye, Mueller 2021, "Pervasive Label Errors in Test Sets"; github.com/cleanlab/label-errors.
MISLABELLED_TEST_IMAGES = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)


@dataclass(frozen=True)
class Dataset:
    """A data set with its train/test split.

    Attributes:
        name: "mnist", "usps" or "digits".
        x_train, x_test: images; uint8 (n, 28, 28) in [0, 255] for MNIST and digits, float32 (n, 16, 16) in [-1, 1] for USPS.
        y_train, y_test: labels 0-9, uint8 (n,).
        digest: SHA-256 over the four arrays.
        notice: what a reader of any result must be told first; "" where the data is what it should be.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    digest: str
    notice: str = ""

    @property
    def all_images(self) -> np.ndarray:
        """Training images, then test images."""
        return np.concatenate([self.x_train, self.x_test])

    @property
    def all_labels(self) -> np.ndarray:
        """Training labels, then test labels."""
        return np.concatenate([self.y_train, self.y_test])


# --- what a run works on -----------------------------------------------------------------------------------------

DIGITS_NOTICE = (
    "NOT {0}: no {0} on this machine and none could be downloaded, so this runs on scikit-learn's 1,797 embedded digits"
)
QUICK_NOTICE = (
    "QUICK PROFILE: a small sample and few epochs, to show that everything runs; for results see the full profile"
)


def mnist(path=None) -> Dataset:
    """The whole of MNIST as a ``Dataset``; searched for and checked as by ``load_mnist``, whose errors it raises."""
    (x_train, y_train), (x_test, y_test) = load_mnist(path)
    return Dataset("mnist", x_train, y_train, x_test, y_test, mnist_files.DIGEST)


def usps(path=None) -> Dataset:
    """The whole of USPS as a ``Dataset``; searched for and checked as by ``load_usps``, whose errors it raises."""
    (x_train, y_train), (x_test, y_test) = load_usps(path)
    return Dataset("usps", x_train, y_train, x_test, y_test, usps_files.DIGEST)


SETS = {"mnist": mnist, "usps": usps}
DIGESTS = {"mnist": MNIST_DIGEST, "usps": USPS_DIGEST}
STAND_INS = {"mnist": embedded_digits, "usps": embedded_zip_digits}  # where the quick profile finds no files


def for_profile(profile: str, name: str = "mnist", train_size: int = 6000, test_size: int = 1000) -> Dataset:
    """What a profile runs on: a whole data set, or for ``quick`` its first images, or the embedded digits in their place.

    Args:
        profile: "quick" or "full".
        name: a key of ``SETS``.
        train_size, test_size: how many images ``quick`` keeps at most.

    Returns:
        A ``Dataset`` whose ``notice`` says what it is not, or is "" for a whole data set.

    Raises:
        KeyError: for another name, with those there are.
        MissingDataError: in ``full``, where the data set is neither local nor reachable.
        CorruptDataError: in either, where a file is there but wrong.
    """
    if name not in SETS:
        raise KeyError(
            f"There is no data set {name!r}; expected one of: {', '.join(SETS)}. One of your own is put into datasets.SETS."
        )
    if profile == "full":
        return SETS[name]()
    try:
        whole = SETS[name]()
    except MissingDataError:
        if name not in STAND_INS:
            raise
        (x_train, y_train), (x_test, y_test) = STAND_INS[name]()
        parts = x_train, y_train, x_test, y_test
        return Dataset("digits", *parts, digest(*parts), DIGITS_NOTICE.format(name.upper()))
    parts = whole.x_train[:train_size], whole.y_train[:train_size], whole.x_test[:test_size], whole.y_test[:test_size]
    return Dataset(name, *parts, digest(*parts), QUICK_NOTICE)


# --- splits ------------------------------------------------------------------------------------------------------


def validation_parts(dataset: Dataset, share: float):
    """The training images in two parts, the last ``share`` of them for validation, as Keras takes them.

    Args:
        share: in [0, 1).

    Returns:
        ``(train, validation)``, each ``(images, labels)`` as they came.
    """
    cut = round(len(dataset.x_train) * (1 - share))
    return (dataset.x_train[:cut], dataset.y_train[:cut]), (dataset.x_train[cut:], dataset.y_train[cut:])


def sharpies_split(dataset: Dataset):
    """Report sharpies' split for KNN and SVM: all rows in MNIST's order (train, then test), a fifth held out.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``, images as they came; 56,000 and 14,000 rows of MNIST.

    Source: report sharpies, "K-Neighbors Model Outcome" (supports); ``train_test_split(test_size=0.2, random_state=42)``.
    """
    return _split(dataset.all_images, dataset.all_labels)


def inf283_split(dataset: Dataset):
    """Report inf283's split: rows sorted by label, the first lost as a CSV header, a fifth held out for the test and
    three tenths of the rest for validation.

    Returns:
        ``(x_train, y_train), (x_val, y_val), (x_test, y_test)``; 39,199, 16,800 and 14,000 rows of MNIST.

    Source: report inf283, its last classification report (supports); both cuts with ``random_state=42``.
    """
    order = np.argsort(dataset.all_labels, kind="stable")[1:]
    (x_rest, y_rest), test = _split(dataset.all_images[order], dataset.all_labels[order])
    train, val = _split(x_rest, y_rest, test_size=0.3)
    return train, val, test


def named_split(dataset: Dataset, settings: dict):
    """The parts that an experiment's settings ask for.

    Args:
        settings: ``split``, whose first word names the report it is of, and ``validation_split``, the share cut off the end
            of the training images where the split itself has no validation part.

    Returns:
        ``train, validation, test``, each ``(images, labels)``; ``validation`` may be empty.
    """
    images, labels = dataset.x_train, dataset.y_train
    if settings["split"] == "inf283, 55999/14000":
        train, validation, test = inf283_split(dataset)
        whole = tuple(np.concatenate(parts) for parts in zip(train, validation, strict=True))
        return whole, (images[:0], labels[:0]), test
    if settings["split"].startswith("inf283"):
        return inf283_split(dataset)
    if settings["split"].startswith("sharpies"):
        train, test = sharpies_split(dataset)
        return train, (images[:0], labels[:0]), test
    train, validation = validation_parts(dataset, settings.get("validation_split", 0.0))
    return train, validation, (dataset.x_test, dataset.y_test)


def _split(images, labels, test_size: float = 0.2):
    from sklearn.model_selection import train_test_split

    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=test_size, random_state=42)
    return (x_train, y_train), (x_test, y_test)
