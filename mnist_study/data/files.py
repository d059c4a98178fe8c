"""The files that data sets come in: where they are looked for, how they are fetched, read and checked.

Each reader gives arrays or one clear error, never half of them. A new container is a reader here; a new data set is a loader
in ``sources``.
"""

import csv
import gzip
import hashlib
import os
import sys
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np

from .. import paths

TIMEOUT_SECONDS = (5, 30)  # connect, read


class DataError(Exception):
    """Something is wrong with a data set; the message says what, what was expected, and how to mend it."""


class MissingDataError(DataError):
    """A data set is neither on this machine nor reachable."""


class CorruptDataError(DataError):
    """A file is there, but truncated, damaged, or not what its name says."""


def corrupt(where, expected: str, found: str) -> CorruptDataError:
    """The error that says what is wrong with a file, what was expected, and how to mend it."""
    return CorruptDataError(
        f"{where} is not usable: expected {expected}, found {found}. "
        f"It was left as it is; move or delete it, and a good copy is downloaded, or put one in its place."
    )


def digest(*arrays: np.ndarray) -> str:
    """SHA-256 over dtype, shape and contents of the arrays, in order; the same whatever container they came in."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).view(np.uint8))
    return total.hexdigest()


def check_digest(where, what: str, expected: str, *arrays: np.ndarray) -> None:
    """Compare arrays with what they should be.

    Args:
        where: the file or folder they came from, for the message.
        what: they should be, for the message.
        expected: its ``digest``.

    Raises:
        CorruptDataError: if their digest is another.
    """
    found = digest(*arrays)
    if found != expected:
        raise corrupt(where, f"{what}, array digest {expected}", f"array digest {found}")


# --- where they are looked for -----------------------------------------------------------------------------------


def search_folders(path, name: str) -> list[Path]:
    """The folders to look in, in order; only ``path`` and its subfolder when one is given."""
    if path is not None:
        return [Path(path), Path(path) / name]
    named = paths.environment_data_dir()
    if named is not None and not named.is_dir():
        warnings.warn(
            f"MNIST_STUDY_DATA names {named}, which is no folder; looking elsewhere for {name}.", stacklevel=4
        )
    roots = [root for root in (named, paths.data_dir()) if root is not None]
    keras_cache = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"
    return [folder for root in roots for folder in (root / name, root)] + [keras_cache]


def missing_message(name: str, path, what: str) -> str:
    """That a data set is nowhere, what was looked for in which folders, and how to mend it."""
    looked = ", ".join(str(folder) for folder in search_folders(path, name.lower()))
    return (
        f"{name} was not found. Expected {what} in one of: {looked}. Put the files there, point MNIST_STUDY_DATA at the "
        f"folder that holds them, or connect to the internet and run `python -m mnist_study data`."
    )


# --- containers --------------------------------------------------------------------------------------------------


def read_idx(path: Path, shape: tuple) -> np.ndarray:
    """Read one IDX file of unsigned bytes, gzipped or not, straight into its array.

    Args:
        path: the file.
        shape: what its header must say.

    Returns:
        uint8, ``shape``, in [0, 255].

    Raises:
        CorruptDataError: if the file is truncated, too long, damaged or of another kind or shape.
    """
    array = np.empty(shape, np.uint8)
    values = memoryview(array).cast("B")  # filled a megabyte at a time: gzip makes a copy of what it is asked for
    expected = b"\0\0\x08" + bytes([len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
    try:
        with open(path, "rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if zipped else raw as stream:
                header = stream.read(len(expected))
                if header != expected:
                    raise corrupt(path, f"an IDX header {expected.hex()}", header.hex() or "an empty file")
                read = sum(stream.readinto(values[start : start + 2**20]) for start in range(0, len(values), 2**20))
                extra = len(stream.read(1))
    except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
        wanted = f"{array.nbytes:,} bytes of pixels or labels"
        raise corrupt(path, wanted, f"a broken file ({error})") from error
    if read != array.nbytes or extra:
        found = "more" if extra else f"{read:,}"
        raise corrupt(path, f"{array.nbytes:,} bytes after the header", found)
    return array


def read_npz(path: Path):
    """Keras's mnist.npz: ``(x_train, y_train), (x_test, y_test)`` as stored; ``CorruptDataError`` if it is another file."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return (stored["x_train"], stored["y_train"]), (stored["x_test"], stored["y_test"])
    except KeyError as error:
        raise corrupt(path, "arrays x_train, y_train, x_test, y_test", f"no {error}") from error
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise corrupt(path, "Keras's mnist.npz", f"a broken file ({error})") from error


def read_csv(path: Path, rows: int, columns: int) -> np.ndarray:
    """Read a CSV of bytes; a header row is told by its text, by values no pixel has, or by being one row too many.

    Returns:
        uint8 (rows, columns).

    Raises:
        MissingDataError: if there is no such file.
        CorruptDataError: if it holds anything but that many rows and columns of whole numbers 0-255.
    """
    import pandas as pd

    expected = f"{rows:,} rows of {columns} numbers 0-255"
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            first = next(csv.reader(stream), [])
        header = not all(cell.strip().isdigit() and int(cell) < 256 for cell in first)
        table = pd.read_csv(path, header=None, skiprows=int(header), dtype=np.uint8, chunksize=4000)
        values = np.concatenate([chunk.to_numpy() for chunk in table])  # in chunks, for a third of the memory
    except FileNotFoundError:
        raise MissingDataError(f"There is no file {path}. Expected a CSV of {expected}.") from None
    except (ValueError, OverflowError, OSError) as error:
        raise corrupt(path, expected, f"unreadable text ({error})") from error
    if len(values) == rows + 1:
        values = values[1:]
    if values.shape != (rows, columns):
        raise corrupt(path, expected, f"{values.shape[0]:,} rows of {values.shape[1]}")
    return np.ascontiguousarray(values)


def read_usps(path: Path, rows: int):
    """One gzipped USPS file: float32 (rows, 16, 16) in [-1, 1] and labels uint8 (rows,); ``CorruptDataError`` if it is not."""
    try:
        with gzip.open(path, "rt", encoding="ascii") as stream:
            table = np.loadtxt(stream, dtype=np.float32, ndmin=2)
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise corrupt(path, f"{rows} lines of 257 numbers", f"a broken file ({error})") from error
    if table.shape != (rows, 257):
        raise corrupt(path, f"{rows} lines of 257 numbers", f"{table.shape[0]} of {table.shape[1]}")
    return table[:, 1:].reshape(rows, 16, 16).copy(), table[:, 0].astype(np.uint8)


# --- fetching ----------------------------------------------------------------------------------------------------


def download_files(names, mirrors, folder: Path, check) -> None:
    """Fetch files into ``folder``, each from the first mirror that serves it whole; files already there stay.

    Args:
        names: file names, without ``.gz`` where the mirrors add it.
        mirrors: addresses of folders, tried in turn.
        check: called with name and path of a fetched file; raises ``CorruptDataError`` if it is not what was asked for.

    Raises:
        MissingDataError: if no mirror served a file, with each mirror's reason.
    """
    import pooch

    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=TIMEOUT_SECONDS)
    for name in names:
        target = folder / (name if Path(name).suffix else f"{name}.gz")
        if target.exists():
            continue
        reasons = []
        for mirror in mirrors:
            try:
                with paths.whole_file(target) as temporary:
                    downloader(mirror + target.name, str(temporary), None)
                    check(name, temporary)
                break
            except (OSError, CorruptDataError) as error:  # requests' errors are OSErrors
                reasons.append(f"{mirror} ({type(error).__name__})")
        else:
            raise MissingDataError(
                f"{target.name} is not on this machine and no mirror served it: {', '.join(reasons)}. Connect to the "
                f"internet, or put the files into {folder}, or point MNIST_STUDY_DATA at a folder that holds them."
            )
