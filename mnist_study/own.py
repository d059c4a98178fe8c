"""What is your own: data sets from arrays, and ``FILE.py:NAME``, which is what a file outside the package holds."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

from . import datasets
from .files import digest


class OwnFileError(ValueError):
    """A file of your own is missing, cannot be imported, or does not hold what it should; the message says which."""


def split(name: str) -> tuple[str, str] | None:
    """``("FILE.py", "NAME")`` of ``FILE.py:NAME``, or None where a name is not of this form."""
    file, _, inside = name.rpartition(":")
    return (file, inside) if file.endswith(".py") else None


def imported(file: str, holds: str) -> ModuleType:
    """The file as a module, run anew; as in a script, it may import what lies beside it.

    Args:
        file: path of a Python file.
        holds: what it is imported for, for the error.

    Raises:
        OwnFileError: if it is missing or cannot be imported.
    """
    path = Path(file)
    if not path.is_file():
        raise OwnFileError(f"There is no file {path}; expected the Python file that holds {holds}.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    beside = str(path.resolve().parent)
    sys.path.insert(0, beside)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise OwnFileError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(beside)
    return module


def dataset(name: str, x_train, y_train, x_test, y_test) -> datasets.Dataset:
    """A data set of your own, from images like MNIST's.

    Args:
        name: of its own; its key in ``datasets.SETS``.
        x_train, x_test: (n, 28, 28), white ink on black: uint8 in [0, 255], or float in [0, 1] as ``photos.digit_image``
            makes them. Shuffled: validation images are cut off the end of the training images.
        y_train, y_test: (n,) whole numbers 0-9.

    Raises:
        ValueError: if anything is not as it should be, with how to mend it.
    """
    parts = []
    for part, images, labels in (("train", x_train, y_train), ("test", x_test, y_test)):
        parts += _checked_images(f"{name}: x_{part}", images), _checked_labels(f"{name}: y_{part}", labels)
        if len(parts[-2]) != len(parts[-1]):
            raise ValueError(
                f"{name}: x_{part} has {len(parts[-2]):,} images and y_{part} {len(parts[-1]):,} labels; expected one "
                f"label an image."
            )
    return datasets.Dataset(name, *parts, digest(*parts))


def _checked_images(what: str, images) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 3 or images.shape[1:] != (28, 28) or not len(images):
        raise ValueError(
            f"{what} has the shape {images.shape}; expected (n, 28, 28), n at least 1: reshape it, or make each image "
            f"with photos.digit_image."
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
            f"to 9, one an image: texts become numbers with labels.astype(int)."
        )
    return labels.astype(np.uint8)
