"""The data sets: MNIST from any of its usual containers, USPS, and scikit-learn's digits as the embedded default.

Whatever file they came in, arrays are checked by a digest of their contents before anyone may use them.
"""

import hashlib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import paths
from .files import (
    CorruptDataError,
    MissingDataError,
    corrupt_message,
    download_files,
    read_csv,
    read_idx,
    read_npz,
    read_usps,
)

MNIST_DIGEST = "52cd6c10ae77107af32269dd9d10ca19c1b749e83235a0c75e2f0729ebeaf141"
USPS_DIGEST = "f74a57c1f6ebc17254fbc70aacd62a4bbeaada5d46db21fad9534326d5dd6b31"

MNIST_FILES = {
    "train-images-idx3-ubyte": (60000, 28, 28),
    "train-labels-idx1-ubyte": (60000,),
    "t10k-images-idx3-ubyte": (10000, 28, 28),
    "t10k-labels-idx1-ubyte": (10000,),
}  # shape of the array
MNIST_MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
# Wrong labels in MNIST's test set by majority vote of human reviewers.
# Source: Northcutt, Athalye, Mueller 2021, "Pervasive Label Errors in Test Sets"; github.com/cleanlab/label-errors.
MISLABELLED_TEST_IMAGES = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)
USPS_FILES = {"zip.train.gz": 7291, "zip.test.gz": 2007}
USPS_MIRRORS = (
    "https://hastie.su.domains/ElemStatLearn/datasets/",
    "https://web.stanford.edu/~hastie/ElemStatLearn/datasets/",
)


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


def digest(*arrays: np.ndarray) -> str:
    """SHA-256 over dtype, shape and contents of the arrays, in order; the same whatever container they came in."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


# --- MNIST -------------------------------------------------------------------------------------------------------


def load_mnist(path=None, download: bool = True):
    """MNIST as Keras gives it, from IDX files, Keras's npz or a pair of CSV files.

    Looked for in this order: ``path``, ``MNIST_STUDY_DATA``, the project's ``data/``, Keras's cache; else downloaded
    into ``data/mnist``. In each folder (and its subfolder ``mnist``): the four IDX files, gzipped or not; ``mnist.npz``;
    ``*images*.csv`` with ``*labels*.csv``: 70,000 rows in MNIST's order, with or without a header row.

    Args:
        path: a folder, an ``.npz`` file, or a pair ``(images.csv, labels.csv)``; only this is then looked at.
        download: whether the network may be asked when nothing is found.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: uint8, (60000, 28, 28), (60000,), (10000, 28, 28), (10000,);
        pixels 0-255, white ink on black; labels 0-9.

    Raises:
        MissingDataError: neither local nor reachable.
        CorruptDataError: a file is truncated, damaged, or not MNIST; it is not used and not replaced.

    Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
    """
    arrays = _local_mnist(path)
    if arrays is None and path is None and download:
        download_files(
            MNIST_FILES,
            MNIST_MIRRORS,
            paths.data_dir() / "mnist",
            lambda name, file: read_idx(file, MNIST_FILES[name]),
        )
        arrays = _local_mnist(None)
    if arrays is None:
        raise MissingDataError(
            missing_message("MNIST", path, "the four IDX files, mnist.npz, or *images*.csv with *labels*.csv")
        )
    return arrays


def _local_mnist(path):
    if isinstance(path, (tuple, list)):
        return _checked_mnist(_mnist_from_csv(*map(Path, path)), " + ".join(map(str, path)))
    if path is not None and Path(path).suffix == ".npz":
        if not Path(path).exists():
            raise MissingDataError(
                f"There is no file {path}. Expected Keras's mnist.npz; give another path or leave it out."
            )
        return _checked_mnist(read_npz(Path(path)), path)
    for folder in folders(path, "mnist"):
        found = _mnist_in_folder(folder)
        if found is not None:
            return _checked_mnist(found, folder)
    return None


def folders(path, name: str) -> list[Path]:
    """The folders to look in, in order; only ``path`` and its subfolder when one is given."""
    if path is not None:
        return [Path(path), Path(path) / name]
    named = paths.environment_data_dir()
    if named is not None and not named.is_dir():
        warnings.warn(
            f"MNIST_STUDY_DATA names {named}, which is no folder; looking elsewhere for {name}.", stacklevel=4
        )
    roots = [root for root in (named, paths.data_dir()) if root is not None]
    return [folder for root in roots for folder in (root / name, root)] + [_keras_cache()]


def _keras_cache() -> Path:
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"


def _mnist_in_folder(folder: Path):
    if not folder.is_dir():
        return None
    stored = {name: _idx_path(folder, name) for name in MNIST_FILES}
    if any(stored.values()):
        missing = [name for name, file in stored.items() if file is None]
        if missing:
            raise CorruptDataError(
                f"{folder} holds only a part of MNIST: {', '.join(missing)} (or .gz) is missing. "
                f"Add the missing files, or move the others away so that MNIST is downloaded afresh."
            )
        images = [read_idx(stored[name], shape) for name, shape in MNIST_FILES.items()]
        return (images[0], images[1]), (images[2], images[3])
    if (folder / "mnist.npz").exists():
        return read_npz(folder / "mnist.npz")
    tables = [sorted(folder.glob(f"*{kind}*.csv")) for kind in ("images", "labels")]
    if all(tables):
        return _mnist_from_csv(tables[0][0], tables[1][0])
    return None


def _idx_path(folder: Path, name: str) -> Path | None:
    candidates = (folder / name, folder / f"{name}.gz", folder / name.replace("-idx", ".idx"))
    return next((path for path in candidates if path.is_file()), None)


def _mnist_from_csv(images: Path, labels: Path):
    (train, height, width), test = MNIST_FILES["train-images-idx3-ubyte"], MNIST_FILES["t10k-labels-idx1-ubyte"][0]
    x = read_csv(images, train + test, height * width).reshape(-1, height, width)
    y = read_csv(labels, train + test, 1)[:, 0]
    return (x[:train], y[:train]), (x[train:], y[train:])


def _checked_mnist(arrays, where):
    (x_train, y_train), (x_test, y_test) = arrays
    found = digest(x_train, y_train, x_test, y_test)
    if found != MNIST_DIGEST:
        raise CorruptDataError(
            corrupt_message(where, f"MNIST in its usual order, array digest {MNIST_DIGEST}", f"array digest {found}")
        )
    return arrays


def missing_message(name: str, path, what: str) -> str:
    looked = ", ".join(str(folder) for folder in folders(path, name.lower()))
    return (
        f"{name} was not found. Expected {what} in one of: {looked}. Put the files there, point MNIST_STUDY_DATA at the "
        f"folder that holds them, or connect to the internet and run `python -m mnist_study data`."
    )


# --- USPS --------------------------------------------------------------------------------------------------------


def load_usps(path=None, download: bool = True):
    """USPS zip-code digits on their standard split.

    Looked for like MNIST: ``path``, then ``MNIST_STUDY_DATA`` and ``data/`` with their subfolder ``usps``; else
    downloaded into ``data/usps``.

    Args:
        path: the folder with ``zip.train.gz`` and ``zip.test.gz``; only this is then looked at.
        download: whether the network may be asked when nothing is found.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: float32 (7291, 16, 16) and (2007, 16, 16) in [-1, 1], 1 is ink;
        labels uint8.

    Raises:
        MissingDataError: neither local nor reachable.
        CorruptDataError: a file is truncated, damaged, or not USPS.

    Source: report usps, section 3.1; Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", zip data.
    """
    arrays = _local_usps(path)
    if arrays is None and path is None and download:
        download_files(
            USPS_FILES, USPS_MIRRORS, paths.data_dir() / "usps", lambda name, file: read_usps(file, USPS_FILES[name])
        )
        arrays = _local_usps(None)
    if arrays is None:
        raise MissingDataError(missing_message("USPS", path, " and ".join(USPS_FILES)))
    return arrays


def _local_usps(path):
    for folder in folders(path, "usps"):
        files = [folder / name for name in USPS_FILES]
        if not any(file.is_file() for file in files):
            continue
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            raise CorruptDataError(
                f"{folder} holds only a part of USPS: {missing[0]} is missing. Add it, or move the other away."
            )
        train, test = (read_usps(file, rows) for file, rows in zip(files, USPS_FILES.values(), strict=True))
        found = digest(*train, *test)
        if found != USPS_DIGEST:
            raise CorruptDataError(
                corrupt_message(folder, f"USPS, array digest {USPS_DIGEST}", f"array digest {found}")
            )
        return train, test
    return None


# --- the embedded default ----------------------------------------------------------------------------------------


def embedded_digits():
    """scikit-learn's 1,797 real digits, made 28x28 as MNIST was made; needs neither files nor network.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: uint8 (1497, 28, 28) and (300, 28, 28) in [0, 255]; labels uint8.
        The split is stratified and fixed.

    Source: Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", through ``sklearn.datasets.load_digits``.
    """
    from sklearn.datasets import load_digits

    small = load_digits()
    images = np.stack([mnist_format(image / 16) for image in small.images])
    return _embedded_split(images, small.target.astype(np.uint8))


def embedded_zip_digits():
    """scikit-learn's 1,797 real digits in the format of USPS; needs neither files nor network.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: float32 (1497, 16, 16) and (300, 16, 16) in [-1, 1]; labels uint8; split
        as by ``embedded_digits``.
    """
    from sklearn.datasets import load_digits

    small = load_digits()
    images = np.repeat(np.repeat(small.images, 2, axis=1), 2, axis=2).astype(np.float32) / 8 - 1
    return _embedded_split(images, small.target.astype(np.uint8))


def _embedded_split(images, labels):
    from sklearn.model_selection import train_test_split

    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=300, random_state=42, stratify=labels)
    return (x_train, y_train), (x_test, y_test)


def mnist_format(ink: np.ndarray) -> np.ndarray:
    """Bring a picture of one digit to 28x28 the way MNIST was made.

    The ink's box is scaled to fit 20x20 keeping its aspect, grey levels coming from the interpolation, and shifted by
    whole pixels so that the centre of mass lies at the centre of a 28x28 field.

    Args:
        ink: float (height, width) in [0, 1], 1 is ink.

    Returns:
        uint8 (28, 28) in [0, 255].

    Raises:
        ValueError: if there is no ink.

    Source: LeCun, Cortes, Burges, "The MNIST database"; checked on MNIST itself, where the longer side of the box is 20
    in 4,998 of 5,000 images and the centre of mass is spread evenly over [13.5, 14.5].
    """
    from PIL import Image

    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        raise ValueError("The picture is blank: expected at least one pixel of ink above 0.")
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(20 * side / max(box.shape))) for side in box.shape)
    scaled = Image.fromarray(np.asarray(box, np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    scaled = np.clip(np.asarray(scaled), 0, 1)
    centre = [
        (np.arange(side) * scaled.sum(axis=1 - axis)).sum() / scaled.sum() for axis, side in enumerate(scaled.shape)
    ]
    top, left = (int(np.clip(round(14 - c), 0, 28 - side)) for c, side in zip(centre, scaled.shape, strict=True))
    field = np.zeros((28, 28), np.uint8)
    field[top : top + height, left : left + width] = np.round(scaled * 255)
    return field


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
    return Dataset("mnist", x_train, y_train, x_test, y_test, MNIST_DIGEST)


def usps(path=None) -> Dataset:
    """The whole of USPS as a ``Dataset``; searched for and checked as by ``load_usps``, whose errors it raises."""
    (x_train, y_train), (x_test, y_test) = load_usps(path)
    return Dataset("usps", x_train, y_train, x_test, y_test, USPS_DIGEST)


SETS = {"mnist": mnist, "usps": usps}
EMBEDDED = {"mnist": embedded_digits, "usps": embedded_zip_digits}  # what stands in for them in the quick profile
DIGESTS = {"mnist": MNIST_DIGEST, "usps": USPS_DIGEST}


def for_profile(profile: str, name: str = "mnist", train_size: int = 6000, test_size: int = 1000) -> Dataset:
    """What a profile runs on: a whole data set, or for ``quick`` its first images, or the embedded digits in their place.

    Args:
        profile: "quick" or "full".
        name: a key of ``SETS``.
        train_size, test_size: how many images ``quick`` keeps at most.

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
        if name not in EMBEDDED:
            raise
        (x_train, y_train), (x_test, y_test) = EMBEDDED[name]()
        parts = x_train, y_train, x_test, y_test
        return Dataset("digits", *parts, digest(*parts), DIGITS_NOTICE.format(name.upper()))
    parts = whole.x_train[:train_size], whole.y_train[:train_size], whole.x_test[:test_size], whole.y_test[:test_size]
    return Dataset(name, *parts, digest(*parts), QUICK_NOTICE)


# --- splits ------------------------------------------------------------------------------------------------------


def validation_parts(dataset: Dataset, share: float):
    """``(train, validation)``, each ``(images, labels)``: the last ``share`` of the training images, as Keras takes them."""
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
