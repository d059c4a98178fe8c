"""The data sets whole, as a notebook takes them (arrays) and as an experiment takes them (a ``Dataset`` with its digest).

How their files are found, fetched and checked stands in ``sources``.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from . import sources
from .embedded import embedded_digits, embedded_zip_digits, stand_in_photos
from .files import MissingDataError, digest

# Wrong labels in MNIST's test set by majority vote of human reviewers.
# Source: Northcutt, Athalye, Mueller 2021, "Pervasive Label Errors in Test Sets"; github.com/cleanlab/label-errors.
MISLABELLED_TEST_IMAGES = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)
MNIST_DIGEST, USPS_DIGEST = sources.MNIST_DIGEST, sources.USPS_DIGEST
DIGESTS = {"mnist": MNIST_DIGEST, "usps": USPS_DIGEST}
QUICK_TRAIN, QUICK_TEST = 6000, 1000  # images that a smoke run keeps at most


@dataclass(frozen=True)
class Dataset:
    """A data set with its train/test split.

    Attributes:
        name: "mnist", "usps", or what ``from_arrays`` was given.
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


# --- arrays ------------------------------------------------------------------------------------------------------


def mnist(path=None):
    """MNIST as Keras gives it; searched for and checked as by ``sources.load_mnist``.

    Where it is neither on this machine nor to be downloaded, scikit-learn's embedded digits take its place, and a warning
    says so; experiments, whose records are compared with the reports, never run on them.

    Args:
        path: a folder, an ``.npz`` file, or a pair ``(images.csv, labels.csv)``; only this is then looked at.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: uint8, (60000, 28, 28), (60000,), (10000, 28, 28), (10000,); pixels 0-255,
        white ink on black; labels 0-9.

    Raises:
        CorruptDataError: a file is truncated, damaged, or not MNIST.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = mnist()
        >>> x_train.shape[1:], str(x_train.dtype)
        ((28, 28), 'uint8')

    Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
    """
    return _or_embedded(sources.load_mnist, embedded_digits, path)


def usps(path=None):
    """USPS zip-code digits on their standard split; searched for and checked as by ``sources.load_usps``.

    Where they are neither on this machine nor to be downloaded, scikit-learn's embedded digits in their format take their
    place, and a warning says so.

    Args:
        path: the folder with ``zip.train.gz`` and ``zip.test.gz``; only this is then looked at.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: float32 (7291, 16, 16) and (2007, 16, 16) in [-1, 1], 1 is ink; labels uint8.

    Raises:
        CorruptDataError: a file is truncated, damaged, or not USPS.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = usps()
        >>> x_test.shape[1:], float(x_test.min()), float(x_test.max())
        ((16, 16), -1.0, 1.0)

    Source: report usps, section 3.1; Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", zip data.
    """
    return _or_embedded(sources.load_usps, embedded_zip_digits, path)


def _or_embedded(whole, embedded, path):
    try:
        return whole(path)
    except MissingDataError as error:
        if path is not None:
            raise
        message = f"These are scikit-learn's 1,797 embedded digits, not what the reports used: {error}"
        warnings.warn(message, stacklevel=3)
        return embedded()


# --- what an experiment runs on ----------------------------------------------------------------------------------

WHOLE = {"mnist": sources.load_mnist, "usps": sources.load_usps}
STAND_INS = {"mnist": embedded_digits, "usps": embedded_zip_digits}  # where a smoke run finds no files


def load(name: str = "mnist", quick: bool = False) -> Dataset:
    """A data set by its name, whole; for a smoke run its first images, or the embedded digits where there are none.

    Args:
        name: "mnist" or "usps".
        quick: whether it is for a smoke run.

    Returns:
        A ``Dataset`` whose ``notice`` says what it is not, or is "" for a whole data set.

    Raises:
        KeyError: for another name, with those there are.
        MissingDataError: where a whole data set is neither local nor reachable.
        CorruptDataError: where a file is there but wrong.
    """
    if name not in WHOLE:
        raise KeyError(
            f"There is no data set {name!r}; expected one of: {', '.join(WHOLE)}. One of your own is made with "
            f"data.from_arrays and handed to study.runs(..., dataset=...)."
        )
    try:
        train, test = WHOLE[name]()
    except MissingDataError:
        if not quick:
            raise
        train, test = STAND_INS[name]()
        notice = f"NOT {name.upper()}: none on this machine and none could be downloaded, so this runs on scikit-learn's digits"
        return Dataset("digits", *train, *test, digest(*train, *test), notice)
    if not quick:
        return Dataset(name, *train, *test, DIGESTS[name])
    parts = *(part[:QUICK_TRAIN] for part in train), *(part[:QUICK_TEST] for part in test)
    return Dataset(
        name, *parts, digest(*parts), "A SMOKE RUN: a small sample and few epochs, to show that everything runs"
    )


def photos_of(dataset: Dataset, quick: bool = False) -> sources.Photos:
    """Report sharpies' photos; for a smoke run without them, photos drawn from the data set's test images.

    Raises:
        MissingDataError: where they are neither local nor reachable, and this is no smoke run.
    """
    try:
        return sources.load_photos()
    except MissingDataError:
        if not quick:
            raise
        pictures, labels, formatted = stand_in_photos(dataset.x_test, dataset.y_test)
        return sources.Photos(pictures, labels, formatted, digest(formatted, labels))


def from_arrays(name: str, x_train, y_train, x_test, y_test) -> Dataset:
    """A data set of your own, from images like MNIST's.

    Args:
        name: of its own.
        x_train, x_test: (n, 28, 28), white ink on black: uint8 in [0, 255], or float in [0, 1] as ``reader.digit_image``
            makes them. Shuffled: validation images are cut off the end of the training images.
        y_train, y_test: (n,) whole numbers 0-9.

    Raises:
        ValueError: if anything is not as it should be, with how to mend it.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = embedded_digits()
        >>> from_arrays("mine", x_train, y_train, x_test, y_test).x_train.shape
        (1497, 28, 28)
    """
    parts = []
    for part, images, labels in (("train", x_train, y_train), ("test", x_test, y_test)):
        parts += _checked_images(f"{name}: x_{part}", images), _checked_labels(f"{name}: y_{part}", labels)
        if len(parts[-2]) != len(parts[-1]):
            raise ValueError(
                f"{name}: x_{part} has {len(parts[-2]):,} images and y_{part} {len(parts[-1]):,} labels; expected one "
                f"label for each image."
            )
    return Dataset(name, *parts, digest(*parts))


def _checked_images(what: str, images) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 3 or images.shape[1:] != (28, 28) or not len(images):
        raise ValueError(
            f"{what} has the shape {images.shape}; expected (n, 28, 28), n at least 1: reshape it, or make each image "
            f"with reader.digit_image."
        )
    if images.dtype != np.uint8:
        if images.dtype.kind != "f" or not (images.min() >= 0 and images.max() <= 1):
            raise ValueError(
                f"{what} is {images.dtype} from {images.min():g} to {images.max():g}; expected uint8 in [0, 255], as "
                f"images.astype(numpy.uint8) may make it, or float in [0, 1]."
            )
        images = np.round(255 * images).astype(np.uint8)
    if images.mean() > 127:
        raise ValueError(f"{what} is dark ink on white; expected white ink on black, as MNIST has it: 255 - images.")
    return images


def _checked_labels(what: str, labels) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or not np.isin(labels, range(10)).all():
        raise ValueError(
            f"{what} is of the shape {labels.shape} and holds {np.unique(labels)[:12].tolist()}; expected whole numbers 0 "
            f"to 9, one for each image: texts become numbers with labels.astype(int)."
        )
    return labels.astype(np.uint8)
