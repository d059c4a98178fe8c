"""USPS's two files: found, fetched where they are nowhere, and checked by the digest of their arrays."""

from . import paths
from .files import (
    CorruptDataError,
    MissingDataError,
    check_digest,
    download_files,
    missing_message,
    read_usps,
    search_folders,
)

DIGEST = "f74a57c1f6ebc17254fbc70aacd62a4bbeaada5d46db21fad9534326d5dd6b31"
FILES = {"zip.train.gz": 7291, "zip.test.gz": 2007}  # images in each
MIRRORS = (
    "https://hastie.su.domains/ElemStatLearn/datasets/",
    "https://web.stanford.edu/~hastie/ElemStatLearn/datasets/",
)


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
    arrays = _local(path)
    if arrays is None and path is None and download:
        download_files(FILES, MIRRORS, paths.data_dir() / "usps", lambda name, file: read_usps(file, FILES[name]))
        arrays = _local(None)
    if arrays is None:
        raise MissingDataError(missing_message("USPS", path, " and ".join(FILES)))
    return arrays


def _local(path):
    for folder in search_folders(path, "usps"):
        files = [folder / name for name in FILES]
        if not any(file.is_file() for file in files):
            continue
        missing = [file.name for file in files if not file.is_file()]
        if missing:
            raise CorruptDataError(
                f"{folder} holds only a part of USPS: {missing[0]} is missing. Add it, or move the other away."
            )
        train, test = (read_usps(file, rows) for file, rows in zip(files, FILES.values(), strict=True))
        check_digest(folder, "USPS", DIGEST, *train, *test)
        return train, test
    return None
