"""The files of MNIST, USPS and report sharpies' photos: found, fetched where they are nowhere, and checked by digest.

One function looks, fetches and looks again for all three; each says where its files come from and how a folder of them is read.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import paths
from .files import (
    CorruptDataError,
    MissingDataError,
    check_digest,
    corrupt,
    download_files,
    missing_message,
    read_csv,
    read_idx,
    read_npz,
    read_usps,
    search_folders,
)


def _found(name: str, path, files: str, read, fetch, download: bool):
    """What ``read`` makes of the first folder that holds the data set; fetched where no folder does.

    Args:
        name: of the data set, and of its folder.
        path: the only place to look in, or None for the usual ones.
        files: what was looked for, for the error.
        read: a folder -> the data set, or None where the folder does not hold it.
        fetch: downloads its files into the folder it is given.
        download: whether the network may be asked.

    Raises:
        MissingDataError: neither local nor reachable.
    """
    folders = search_folders(path, name.lower())
    data = next((data for data in map(read, folders) if data is not None), None)
    if data is None and path is None and download:
        folder = paths.data_dir() / name.lower()
        fetch(folder)
        data = read(folder)
    if data is None:
        raise MissingDataError(missing_message(name, path, files))
    return data


def _parts(folder: Path, name: str, files: dict) -> dict:
    """The files of a data set that a folder holds: all of them, or none ({}).

    Raises:
        CorruptDataError: if it holds only some.
    """
    missing = [file for file, place in files.items() if place is None]
    if missing and len(missing) < len(files):
        named = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
        raise CorruptDataError(
            f"{folder} holds only a part of {name}: it lacks {len(missing)} of {len(files)} files ({named}). Add what is "
            f"missing, or move the other files away so that all are downloaded afresh."
        )
    return {} if missing else files


# --- MNIST -------------------------------------------------------------------------------------------------------

MNIST_DIGEST = "52cd6c10ae77107af32269dd9d10ca19c1b749e83235a0c75e2f0729ebeaf141"
MNIST_FILES = {
    "train-images-idx3-ubyte": (60000, 28, 28),
    "train-labels-idx1-ubyte": (60000,),
    "t10k-images-idx3-ubyte": (10000, 28, 28),
    "t10k-labels-idx1-ubyte": (10000,),
}  # name, without .gz -> shape of the array
MNIST_MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)


def load_mnist(path=None, download: bool = True):
    """MNIST as ``data.mnist`` gives it, from IDX files, Keras's npz or a pair of CSV files.

    Looked for in this order: ``path``, ``MNIST_STUDY_DATA``, the project's ``data/``, Keras's cache; else downloaded
    into ``data/mnist``. In each folder (and its subfolder ``mnist``): the four IDX files, gzipped or not; ``mnist.npz``;
    ``*images*.csv`` with ``*labels*.csv``: 70,000 rows in MNIST's order, with or without a header row.

    Args:
        path: as ``data.mnist`` takes it.
        download: whether the network may be asked when nothing is found.

    Raises:
        MissingDataError: neither local nor reachable.
        CorruptDataError: a file is truncated, damaged, or not MNIST; it is not used and not replaced.
    """
    if isinstance(path, (tuple, list)):
        return _checked_mnist(_from_csv(*map(Path, path)), " + ".join(map(str, path)))
    if path is not None and Path(path).suffix == ".npz":
        if not Path(path).exists():
            raise MissingDataError(
                f"There is no file {path}. Expected Keras's mnist.npz; give another path or leave it out."
            )
        return _checked_mnist(read_npz(Path(path)), path)

    def fetch(folder):
        download_files(MNIST_FILES, MNIST_MIRRORS, folder, lambda name, file: read_idx(file, MNIST_FILES[name]))

    files = "the four IDX files, mnist.npz, or *images*.csv with *labels*.csv"
    return _found("MNIST", path, files, _mnist_in, fetch, download)


def _mnist_in(folder: Path):
    if not folder.is_dir():
        return None
    places = {name: _idx_path(folder, name) for name in MNIST_FILES}
    tables = [sorted(folder.glob(f"*{kind}*.csv")) for kind in ("images", "labels")]
    if _parts(folder, "MNIST", places):
        x_train, y_train, x_test, y_test = (read_idx(places[name], shape) for name, shape in MNIST_FILES.items())
        arrays = (x_train, y_train), (x_test, y_test)
    elif (folder / "mnist.npz").exists():
        arrays = read_npz(folder / "mnist.npz")
    elif all(tables):
        arrays = _from_csv(tables[0][0], tables[1][0])
    else:
        return None
    return _checked_mnist(arrays, folder)


def _idx_path(folder: Path, name: str) -> Path | None:
    candidates = (folder / name, folder / f"{name}.gz", folder / name.replace("-idx", ".idx"))
    return next((path for path in candidates if path.is_file()), None)


def _from_csv(images: Path, labels: Path):
    (train, height, width), test = MNIST_FILES["train-images-idx3-ubyte"], MNIST_FILES["t10k-labels-idx1-ubyte"][0]
    x = read_csv(images, train + test, height * width).reshape(-1, height, width)
    y = read_csv(labels, train + test, 1)[:, 0]
    return (x[:train], y[:train]), (x[train:], y[train:])


def _checked_mnist(arrays, where):
    (x_train, y_train), (x_test, y_test) = arrays
    check_digest(where, "MNIST in its usual order", MNIST_DIGEST, x_train, y_train, x_test, y_test)
    return arrays


# --- USPS --------------------------------------------------------------------------------------------------------

USPS_DIGEST = "f74a57c1f6ebc17254fbc70aacd62a4bbeaada5d46db21fad9534326d5dd6b31"
USPS_FILES = {"zip.train.gz": 7291, "zip.test.gz": 2007}  # images in each
USPS_MIRRORS = (
    "https://hastie.su.domains/ElemStatLearn/datasets/",
    "https://web.stanford.edu/~hastie/ElemStatLearn/datasets/",
)


def load_usps(path=None, download: bool = True):
    """USPS as ``data.usps`` gives it.

    Looked for like MNIST: ``path``, then ``MNIST_STUDY_DATA`` and ``data/`` with their subfolder ``usps``; else
    downloaded into ``data/usps``.

    Args:
        path: as ``data.usps`` takes it.
        download: whether the network may be asked when nothing is found.

    Raises:
        MissingDataError: neither local nor reachable.
        CorruptDataError: a file is truncated, damaged, or not USPS.
    """

    def fetch(folder):
        download_files(USPS_FILES, USPS_MIRRORS, folder, lambda name, file: read_usps(file, USPS_FILES[name]))

    return _found("USPS", path, " and ".join(USPS_FILES), _usps_in, fetch, download)


def _usps_in(folder: Path):
    places = {name: folder / name if (folder / name).is_file() else None for name in USPS_FILES}
    if not _parts(folder, "USPS", places):
        return None
    train, test = (read_usps(places[name], rows) for name, rows in USPS_FILES.items())
    check_digest(folder, "USPS", USPS_DIGEST, *train, *test)
    return train, test


# --- report sharpies' photos -------------------------------------------------------------------------------------

REPOSITORY = (
    "https://raw.githubusercontent.com/gabriel-emanuel/MSAAI-501-Final/1cef1c2cb9d52cf30fc98d4a9592a4957681fc24/"
)
PHOTO_FOLDERS = {
    "gabe": ("Gabes_Numbers", "JPG", range(10)),
    "philip": ("Philips_Numbers", "png", range(10)),
    "sydney": ("Sydneys_Numbers_pngs", "jpg", (0, 1, 2, 3, 4, 6, 7, 8, 9)),
    "formatted/gabe": ("Gabes_Nums_Formatted", "jpg", range(10)),
    "formatted/philip": ("Philips_Nums_Formatted", "png", range(10)),
}  # folder -> folder in the repository, suffix there, digits
PHOTOS_DIGEST = "81f9fa8efeb636440cfb0676d58f6e6e42da39d2f211f49ce3e890bee5f0cae7"


@dataclass(frozen=True)
class Photos:
    """The report's photos.

    Attributes:
        pictures: paths of the 29 photos: gabe 0-9, philip 0-9, sydney without 5.
        labels: uint8 (29,).
        formatted: uint8 (20, 28, 28), what the report made of gabe's and philip's: ink white, paper grey.
        digest: SHA-256 over the 49 files.
    """

    pictures: tuple
    labels: np.ndarray
    formatted: np.ndarray
    digest: str


def load_photos(path=None, download: bool = True) -> Photos:
    """The photos, looked for like MNIST: ``path``, ``MNIST_STUDY_DATA``, ``data/``, each with its subfolder ``sharpies``.

    Args:
        path: the folder with ``gabe``, ``philip``, ``sydney`` and ``formatted``; only this is then looked at.
        download: whether the network may be asked when nothing is found.

    Raises:
        MissingDataError: neither local nor reachable.
        CorruptDataError: files are missing, damaged, or not the report's.

    Source: report sharpies, "Custom Data Set"; github.com/gabriel-emanuel/MSAAI-501-Final.
    """
    broken_off = paths.data_dir() / "sharpies" if path is None else None  # a download that is gone on with

    def fetch(folder):
        for part, (remote, suffix, digits) in PHOTO_FOLDERS.items():
            names = [f"{digit}.{suffix}" for digit in digits]
            # a single file has no digest of its own; all of them together have
            download_files(names, (f"{REPOSITORY}{remote}/",), folder / part, check=lambda name, file: None)

    def read(folder):
        places = {
            f"{part}/{digit}": next(iter(sorted((folder / part).glob(f"{digit}.*"))), None)
            for part, (_, _, digits) in PHOTO_FOLDERS.items()
            for digit in digits
        }
        if folder == broken_off and None in places.values():
            return None
        return _photos_of(places, folder) if _parts(folder, "the report's photos", places) else None

    return _found("sharpies", path, "the folders gabe, philip, sydney, formatted", read, fetch, download)


def _photos_of(files: dict, folder: Path) -> Photos:
    from PIL import Image

    total = hashlib.sha256()
    for file in files.values():
        total.update(hashlib.sha256(file.read_bytes()).digest())
    if total.hexdigest() != PHOTOS_DIGEST:
        expected = f"the report's {len(files)} pictures, digest {PHOTOS_DIGEST}"
        raise corrupt(folder, expected, f"digest {total.hexdigest()}")
    photos = {name: file for name, file in files.items() if not name.startswith("formatted")}
    formatted = [np.asarray(Image.open(file).convert("L")) for name, file in files.items() if name not in photos]
    labels = np.array([int(name.rpartition("/")[2]) for name in photos], np.uint8)
    return Photos(tuple(photos.values()), labels, np.stack(formatted), PHOTOS_DIGEST)
