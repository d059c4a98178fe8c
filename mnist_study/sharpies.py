"""The photos of report sharpies: three writers' digits, and the 28x28 images that the report's models were fed."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import paths
from .files import (
    CorruptDataError,
    MissingDataError,
    corrupt_message,
    download_files,
    missing_message,
    search_folders,
)

REPOSITORY = (
    "https://raw.githubusercontent.com/gabriel-emanuel/MSAAI-501-Final/1cef1c2cb9d52cf30fc98d4a9592a4957681fc24/"
)
FOLDERS = {
    "gabe": ("Gabes_Numbers", "JPG", range(10)),
    "philip": ("Philips_Numbers", "png", range(10)),
    "sydney": ("Sydneys_Numbers_pngs", "jpg", (0, 1, 2, 3, 4, 6, 7, 8, 9)),
    "formatted/gabe": ("Gabes_Nums_Formatted", "jpg", range(10)),
    "formatted/philip": ("Philips_Nums_Formatted", "png", range(10)),
}  # folder -> folder in the repository, suffix there, digits
SHARPIES_DIGEST = "81f9fa8efeb636440cfb0676d58f6e6e42da39d2f211f49ce3e890bee5f0cae7"


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
    found = _local(path)
    if found is None and path is None and download:
        for folder, (remote, suffix, digits) in FOLDERS.items():
            names = [f"{digit}.{suffix}" for digit in digits]
            download_files(names, (f"{REPOSITORY}{remote}/",), paths.data_dir() / "sharpies" / folder, _checked_later)
        found = _local(None)
    if found is None:
        raise MissingDataError(missing_message("sharpies", path, "the folders gabe, philip, sydney, formatted"))
    return found


def _checked_later(name, file) -> None:
    """A single file has no digest of its own; all of them together have."""


def _local(path):
    for folder in search_folders(path, "sharpies"):
        missing = [f"{part}/{digit}" for part, digit, files in _files(folder) if not files]
        if len(missing) == len(_files(folder)):
            continue
        if missing and folder == paths.data_dir() / "sharpies" and path is None:
            continue  # a download that broke off: the rest is fetched
        if missing:
            raise CorruptDataError(
                f"{folder} holds only a part of the report's photos: {missing[0]} is missing. Add it, or move the "
                f"others away so that all are downloaded afresh."
            )
        return _checked(folder)
    return None


def _files(folder: Path) -> list:
    """``(part, digit, files of that name)`` for each of the 49 pictures."""
    return [
        (part, digit, sorted((folder / part).glob(f"{digit}.*")))
        for part, (_, _, digits) in FOLDERS.items()
        for digit in digits
    ]


def _checked(folder: Path) -> Photos:
    from PIL import Image

    files = {(part, digit): found[0] for part, digit, found in _files(folder)}
    total = hashlib.sha256()
    for file in files.values():
        total.update(hashlib.sha256(file.read_bytes()).digest())
    if total.hexdigest() != SHARPIES_DIGEST:
        expected = f"the report's 49 pictures, digest {SHARPIES_DIGEST}"
        raise CorruptDataError(corrupt_message(folder, expected, f"digest {total.hexdigest()}"))
    photos = {key: file for key, file in files.items() if not key[0].startswith("formatted")}
    formatted = [np.asarray(Image.open(file).convert("L")) for key, file in files.items() if key not in photos]
    labels = np.array([digit for _, digit in photos], np.uint8)
    return Photos(tuple(photos.values()), labels, np.stack(formatted), SHARPIES_DIGEST)
