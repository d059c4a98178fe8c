"""MNIST from any of its usual containers: found, fetched where it is nowhere, and checked by the digest of its arrays."""

from pathlib import Path

from . import paths
from .files import (
    CorruptDataError,
    MissingDataError,
    check_digest,
    download_files,
    missing_message,
    read_csv,
    read_idx,
    read_npz,
    search_folders,
)

DIGEST = "52cd6c10ae77107af32269dd9d10ca19c1b749e83235a0c75e2f0729ebeaf141"
FILES = {
    "train-images-idx3-ubyte": (60000, 28, 28),
    "train-labels-idx1-ubyte": (60000,),
    "t10k-images-idx3-ubyte": (10000, 28, 28),
    "t10k-labels-idx1-ubyte": (10000,),
}  # name, without .gz -> shape of the array
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)


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
    arrays = _local(path)
    if arrays is None and path is None and download:
        download_files(FILES, MIRRORS, paths.data_dir() / "mnist", lambda name, file: read_idx(file, FILES[name]))
        arrays = _local(None)
    if arrays is None:
        raise MissingDataError(
            missing_message("MNIST", path, "the four IDX files, mnist.npz, or *images*.csv with *labels*.csv")
        )
    return arrays


def _local(path):
    if isinstance(path, (tuple, list)):
        return _checked(_from_csv(*map(Path, path)), " + ".join(map(str, path)))
    if path is not None and Path(path).suffix == ".npz":
        if not Path(path).exists():
            raise MissingDataError(
                f"There is no file {path}. Expected Keras's mnist.npz; give another path or leave it out."
            )
        return _checked(read_npz(Path(path)), path)
    for folder in search_folders(path, "mnist"):
        found = _in_folder(folder)
        if found is not None:
            return _checked(found, folder)
    return None


def _in_folder(folder: Path):
    if not folder.is_dir():
        return None
    stored = {name: _idx_path(folder, name) for name in FILES}
    if any(stored.values()):
        missing = [name for name, file in stored.items() if file is None]
        if missing:
            raise CorruptDataError(
                f"{folder} holds only a part of MNIST: {', '.join(missing)} (or .gz) is missing. "
                f"Add the missing files, or move the others away so that MNIST is downloaded afresh."
            )
        x_train, y_train, x_test, y_test = (read_idx(stored[name], shape) for name, shape in FILES.items())
        return (x_train, y_train), (x_test, y_test)
    if (folder / "mnist.npz").exists():
        return read_npz(folder / "mnist.npz")
    tables = [sorted(folder.glob(f"*{kind}*.csv")) for kind in ("images", "labels")]
    if all(tables):
        return _from_csv(tables[0][0], tables[1][0])
    return None


def _idx_path(folder: Path, name: str) -> Path | None:
    candidates = (folder / name, folder / f"{name}.gz", folder / name.replace("-idx", ".idx"))
    return next((path for path in candidates if path.is_file()), None)


def _from_csv(images: Path, labels: Path):
    (train, height, width), test = FILES["train-images-idx3-ubyte"], FILES["t10k-labels-idx1-ubyte"][0]
    x = read_csv(images, train + test, height * width).reshape(-1, height, width)
    y = read_csv(labels, train + test, 1)[:, 0]
    return (x[:train], y[:train]), (x[train:], y[train:])


def _checked(arrays, where):
    (x_train, y_train), (x_test, y_test) = arrays
    check_digest(where, "MNIST in its usual order", DIGEST, x_train, y_train, x_test, y_test)
    return arrays
