"""Somebody's photos: their labels, the steps of their preparation, and what home-made preparations make of them."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from .. import reader
from .convention import Convention

THUMBNAIL = 160  # pixels
DIGIT_FIRST = re.compile(r"(\d)(?!\d)")  # 7_kitchen, 7-2, 7; not 2031


@dataclass(frozen=True)
class Photo:
    """One photo of a digit.

    Attributes:
        name: of the file, or "photo 3".
        label: the digit that it shows; None where nobody knows.
        labelled_by: "their names", "their folders", "you", "the reader", or "" without a label.
        read: what the reader of this study reads; None where it is not sure or sees several digits.
        steps: a rung of the ladder -> float (28, 28) in [0, 1], white ink on black.
        home_made: a preparation -> pixels in [0, 1] as it makes them, (side, side), or (side, side, 3) in colour.
        thumbnail: uint8 (height, width, 3).
    """

    name: str
    label: int | None
    labelled_by: str
    read: int | None
    steps: dict
    home_made: dict
    thumbnail: np.ndarray


def listed(photos) -> list:
    """Every photo that is meant: folders become their files.

    Args:
        photos: a path, an array or a Pillow image, or several of them.

    Raises:
        FileNotFoundError: there is no such file or folder.
        ValueError: a folder holds no photo.
    """
    single = isinstance(photos, (str, Path, Image.Image)) or (isinstance(photos, np.ndarray) and photos.ndim < 4)
    found = []
    for one in [photos] if single else photos:
        if not isinstance(one, (str, Path)) or Path(one).is_file():
            found.append(one)
        elif Path(one).is_dir():
            inside = reader.photos_in(one)
            if not inside:
                raise ValueError(f"{one} holds no photos. Expected files that end in {' '.join(reader.SUFFIXES)}.")
            found += inside
        else:
            raise FileNotFoundError(f"There is no photo or folder {one}. Check the path.")
    return found


def names_of(photos: list) -> list:
    """How texts call each photo: by its file, with its folder where several files are called alike, or by its place."""
    paths = [Path(one) if isinstance(one, (str, Path)) else None for one in photos]
    files = [path and path.name for path in paths]
    return [
        f"photo {number}"
        if path is None
        else path.name
        if files.count(path.name) == 1
        else f"{path.parent.name}/{path.name}"
        for number, path in enumerate(paths, 1)
    ]


def labels_of(photos: list) -> list:
    """What names and folders say: ``(digit or None, "their names", "their folders" or "")`` for each photo.

    A name that is nothing but a number tells the digit only where no such name has several digits: those are counted.
    """
    paths = [Path(one) if isinstance(one, (str, Path)) else None for one in photos]
    numbered = any(path and path.stem.isdigit() and len(path.stem) > 1 for path in paths)
    found = []
    for path in paths:
        folder = path.resolve().parent.name if path else ""
        first = DIGIT_FIRST.match(path.stem) if path else None
        if re.fullmatch(r"\d", folder):
            found.append((int(folder), "their folders"))
        elif first and not (path.stem.isdigit() and numbered):
            found.append((int(first.group(1)), "their names"))
        else:
            found.append((None, ""))
    return found


def prepared(photo, name: str, label, labelled_by: str, side: int) -> Photo:
    """One photo with all that is shown to the model.

    Args:
        photo: as ``reader.open_photo`` takes it.
        name, label, labelled_by: as in ``Photo``; without a label the reader gives one where it is sure.
        side: of the model's images, 28 or 32.

    Raises:
        FileNotFoundError, reader.PhotoError: as ``reader.read``.
    """
    from ..reports.sharpies.runs import ladder  # late: it brings Keras along

    picture = np.uint8(np.rint(255 * reader.open_photo(photo)[0]))  # opened once: a photo of a phone is large
    page, steps = reader.read(picture), ladder(picture)
    read = page[0].digit if len(page) == 1 and page[0].sure else None
    if label is None and read is not None:
        label, labelled_by = read, "the reader"
    small = Image.fromarray(picture)
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    return Photo(name, label, labelled_by, read, steps, _home_made(picture, side), np.asarray(small))


# --- preparations as tutorials have them -------------------------------------------------------------------------


def _home_made(picture: np.ndarray, side: int) -> dict:
    grey = Image.fromarray(picture).convert("L")
    resized = np.asarray(grey.resize((side, side)), np.float32) / 255
    sampled = _sampled(np.asarray(grey, np.float32), side)
    nearest = Image.fromarray(picture).resize((side, side), Image.Resampling.NEAREST)
    return {
        "resized": resized,
        "resized, inverted": 1 - resized,
        "resized, threshold 127": (sampled <= 127).astype(np.float32),
        "resized, inverted, other scale": 1 - resized,
        "colour, img_to_array": np.asarray(nearest, np.float32) / 255,
    }


def _sampled(grey: np.ndarray, side: int) -> np.ndarray:
    """Bilinear samples without averaging, as OpenCV's resize takes them."""
    places = [(np.arange(side) + 0.5) * length / side - 0.5 for length in grey.shape]
    return ndimage.map_coordinates(grey, np.meshgrid(*places, indexing="ij"), order=1, mode="nearest")


def described(convention: Convention) -> dict:
    """The home-made preparations in words, for a model of this convention."""
    as_it_comes = convention.scale == "0 to 255"
    forgotten = "" if as_it_comes else ", / 255 forgotten"
    return {
        "resized": "shrunk as it is, dark ink on light paper: Image.open(photo).convert('L').resize(…)",
        "resized, inverted": "shrunk and inverted: 255 - image",
        "resized, threshold 127": "shrunk, then a threshold: cv2.threshold(image, 127, 255, cv2.THRESH_BINARY_INV)",
        "resized, inverted, other scale": f"shrunk and inverted{', divided by 255' if as_it_comes else forgotten}",
        "colour, img_to_array": f"a colour photo: img_to_array(load_img(photo, target_size=…)), reshaped{forgotten}",
    }


def fed(photos: list, preparation: str, convention: Convention) -> np.ndarray:
    """What the model gets from a home-made preparation, float32 (n, *shape): no part of it looks at the photo's ink."""
    images = np.stack([one.home_made[preparation] for one in photos])
    if preparation == "colour, img_to_array":
        if 3 in (convention.shape[0], convention.shape[-1]):
            return np.float32(255 * (images if convention.shape[-1] == 3 else images.transpose(0, 3, 1, 2)))
        # reshaped to one channel, a colour photo becomes three images of interleaved colours; the first is looked at
        first = images.reshape(len(images), 3, convention.side, convention.side)[:, 0]
        return np.float32(255 * convention.shaped(first))
    if preparation == "resized, inverted, other scale":
        return convention.shaped(np.float32(images if convention.scale == "0 to 255" else 255 * images))
    return convention.raw(images)
