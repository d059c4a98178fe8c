"""A photo or drawing of digits -> 28x28 images, made as MNIST was made.

    photo --photo_files--> picture --finder--> places --sheets--> each digit's ink --mnist_image--> 28x28
                              --ink--> strokes ---> the one digit's ink --mnist_image--> 28x28

scikit-image and SciPy do the image work: they come with scikit-learn's world, install everywhere beside any OpenCV that
may be there, and thin strokes to skeletons, which OpenCV can only do with its contributed modules.
"""

import functools
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from . import joining, sheets
from .finder import find_places, union
from .ink import box_of, find_ink, find_strokes, rim, strength_within, with_paper
from .photo_files import BlankImageError, open_photo

DRAWING_SIDE = 64  # pixels; a picture no larger than this is taken to hold one digit
SEVERAL = 3  # low digits within connected strokes: those are a frame or a sheet of paper, not a digit
BESIDE, ALIKE = 0.25, 0.8  # of the longer side: two boxes with less in common are two digits, with more one
SPECK = 0.02  # of all ink: a smaller piece does not count
PART = 0.65  # of the height of connected strokes: what is lower is a part of a digit
BROKEN = 0.4  # of the thickness of strokes: over a narrower gap a stroke goes on
OVERLAPPING, SHORT, CLOSE = 0.25, 0.45, 0.25  # of the smaller box; of the larger one's height; of the taller one's
STROKE_WIDTHS = (1.5, 3.6)  # pixels at MNIST's size: 5 % of MNIST's training images are thinner, 5 % thicker


@dataclass(frozen=True)
class FoundDigit:
    """One digit on a photo.

    Attributes:
        image: float32 (28, 28) in [0, 1], white ink on black.
        box: (left, top, right, bottom) in pixels of the upright photo.
        ink: this digit's ink alone, cut out of the photo; float32 (height, width) in [0, 1].
        score: how certain the finder is that there is a digit, in [0, 1]; 1 where it was not asked.
    """

    image: np.ndarray
    box: tuple
    ink: np.ndarray
    score: float = 1.0


@dataclass(frozen=True)
class Unread:
    """Ink on a photo that was not read.

    Attributes:
        box: (left, top, right, bottom) in pixels of the upright photo.
        reason: why, in a few words.
    """

    box: tuple
    reason: str


class Found(NamedTuple):
    """What was found on a photo: the digits, in reading order, and the ink that is left."""

    digits: list[FoundDigit]
    unread: list[Unread]


def digit_image(photo) -> np.ndarray:
    """The one digit of a photo, made as MNIST was made; of several, the one with the most ink.

    Args:
        photo: as for ``open_photo``.

    Returns:
        float32 (28, 28) in [0, 1], white ink on black.

    Raises:
        FileNotFoundError, NotAnImageError, ImageSizeError, BlankImageError: as their names say.
    """
    return largest_digit(photo).image


def largest_digit(photo) -> FoundDigit:
    """The one digit of a photo with its ink and its place; of several, the one with the most ink.

    Args:
        photo: as for ``open_photo``.

    Returns:
        A ``FoundDigit``.

    Raises:
        FileNotFoundError, NotAnImageError, ImageSizeError, BlankImageError: as their names say.

    Example:
        >>> page = np.full((100, 100), 230, np.uint8)
        >>> page[20:80, 45:55] = 30  # a 1
        >>> digit = largest_digit(page)
        >>> digit.box, digit.image.shape
        ((45, 20, 55, 80), (28, 28))
    """
    return digits_on(*open_photo(photo)).digits[0]


def digits_on(picture: np.ndarray, scale: float, certainty=None) -> Found:
    """The digits of an opened photo, in reading order, or only the one with the most ink; and what ink is not read.

    Where the finder sees several digits, each is read where it is. Strokes that hang together, with nothing beside them and
    not two digits in them, are one digit: the strokes of a whole picture are found more exactly than those of a part.

    Args:
        picture, scale: from ``open_photo``.
        certainty: where there may be several digits, a function: images, float32 (n, 28, 28) in [0, 1] -> float (n,), 1 or
            more where a reader is sure; left out where there is one.

    Returns:
        At least one digit; and the ink that is left.

    Raises:
        BlankImageError: nothing stands out of the page.
    """
    ink_on_it = find_ink(picture)
    whole, blank, cut_out = None, None, []
    try:
        whole = _heaviest(picture, scale, ink_on_it)
    except BlankImageError as error:
        blank = error
    if certainty and not (whole and _nothing_else(picture, whole, scale, certainty)):
        places = find_places(picture)
        inks, light = sheets.inks_of(picture, [place.box for place in places])
        cut_out = [(*one, place) for one, place in zip(inks, places, strict=True) if one is not None]
    if not whole and len(cut_out) < SEVERAL:
        whole = _of_a_tight_crop(picture, scale)
    if not whole and not cut_out:
        raise blank
    if whole and (not cut_out or _rather_whole(whole, cut_out, scale, certainty)):
        return whole
    digits = [FoundDigit(mnist_image(ink), box, ink, place.score) for ink, box, place in cut_out]
    connected = sheets.connected_ink(*ink_on_it)
    unread = sheets.ink_left(connected, [one.box for one in digits])
    joined = _joined(picture, light, digits, unread, connected[1], certainty)
    if joined is not digits:
        digits, unread = joined, sheets.ink_left(connected, [one.box for one in joined])
    digits, unread = sheets.without_words(digits, unread)
    in_order = [digits[k] for k in sheets.in_reading_order([one.box for one in digits])]
    return Found(
        [replace(one, box=_scaled(one.box, scale)) for one in in_order],
        [Unread(_scaled(box, scale), reason) for box, reason in unread],
    )


def _joined(picture, light, digits: list, unread: list, pieces: list, certainty) -> list:
    """The digits with their parts put together and overlooked ones taken in; the list itself where there are none."""

    def ink_at(box, others):
        found = sheets.ink_of(picture, [box, *others], 0, light)
        return found and (found[1], mnist_image(found[0]), found[0])

    known = [(one.box, one.image) for one in digits]
    left = [box for box, reason in unread if reason != sheets.CUT_OFF]
    gone, made = joining.joined(known, left, pieces, ink_at, certainty)
    kept = [one for number, one in enumerate(digits) if number not in gone]
    return kept + [FoundDigit(image, box, ink) for box, image, ink in made] if made else digits


def _is_sure(whole: Found, certainty) -> bool:
    return certainty(whole.digits[0].image[None])[0] >= 1


def _nothing_else(picture, whole: Found, scale, certainty) -> bool:
    """Whether the strokes of a picture are one piece and all there is, surely read, and seen by the finder as one digit.

    What is lower need not be looked for then, which takes most of the time; within a frame there would be something.
    """
    if whole.unread or not _is_one_piece(whole) or not _is_sure(whole, certainty):
        return False
    top, bottom = (side / scale for side in whole.digits[0].box[1::2])
    lowest = PART * (bottom - top)
    boxes = [place.box for place in find_places(picture, lowest)]
    as_high = [(box, box) for box in boxes if box[3] - box[1] > lowest]
    return bool(as_high) and _alone(whole, scale, as_high)


def _rather_whole(whole: Found, cut_out, scale, certainty) -> bool:
    """Whether the strokes of a picture are rather one digit than those that the finder sees and that were cut out."""
    boxes = [(box, place.box) for _, box, place in cut_out]
    return _alone(whole, scale, boxes) and (_is_sure(whole, certainty) or not _surer(cut_out, whole, scale, certainty))


def _alone(whole: Found, scale, boxes) -> bool:
    """Whether the strokes of a picture are one digit, by what the finder sees in them, the surest first.

    They are where its surest digit of their height is as large as they are, or they are one piece as high, unless it sees a
    second one of their height beside that. Where it sees none of their height, but several lower ones, they are a frame or a
    sheet. ``boxes`` are pairs, in pixels of the picture: that of the ink, and that which the finder names.
    """
    strokes = left, top, right, bottom = [side / scale for side in whole.digits[0].box]
    inside = [
        (box, place)
        for box, place in boxes
        if left <= (box[0] + box[2]) / 2 <= right and top <= (box[1] + box[3]) / 2 <= bottom
    ]
    tall = [(box, place) for box, place in inside if box[3] - box[1] > PART * (bottom - top)]
    if whole.unread and len(boxes) > 1:
        return False
    if not tall:
        return len(inside) < SEVERAL and not (len(boxes) == 1 and inside)
    (first, its_place), *others = tall
    beside = [place for _, place in others if _shared(its_place[0::2], place[0::2]) < BESIDE]
    across, down = (_shared(first[k::2], strokes[k::2]) for k in (0, 1))
    return not beside and (min(across, down) > ALIKE or (down > PART and _is_one_piece(whole)))


def _is_one_piece(whole: Found) -> bool:
    """Whether the strokes of a picture hang together, but for specks."""
    pieces, _ = ndimage.label(whole.digits[0].ink > 0.5, np.ones((3, 3)))
    size = np.bincount(pieces.ravel())[1:]
    return (size > SPECK * size.sum()).sum() == 1


def _surer(cut_out, whole: Found, scale, certainty) -> bool:
    """Whether the strokes of the whole picture, which are not surely read, are rather a shadow than a digit.

    Each of the finder's digits is small beside them and surely read.
    """
    left, top, right, bottom = (side / scale for side in whole.digits[0].box)
    for _, box, _ in cut_out:
        if box[2] - box[0] > PART * (right - left) or box[3] - box[1] > PART * (bottom - top):
            return False  # a letter, say, in which something looks like a digit
    return min(certainty(np.stack([mnist_image(ink) for ink, _, _ in cut_out]))) >= 1


def _shared(a, b) -> float:
    """What two stretches have in common, as a share of the longer one; below 0 where they are apart."""
    return (min(a[1], b[1]) - max(a[0], b[0])) / max(a[1] - a[0], b[1] - b[0])


def _scaled(box, scale) -> tuple:
    return tuple(round(scale * side) for side in box)


def _heaviest(picture: np.ndarray, scale: float, ink_on_it) -> Found:
    """The digit with the most ink; of a small drawing, all the ink. ``ink_on_it`` is what ``find_ink`` makes of the picture.

    Raises:
        BlankImageError: nothing stands out.
    """
    ink, texture = ink_on_it
    labels, groups = _groups(find_strokes(ink, texture))
    if max(picture.shape[:2]) <= DRAWING_SIDE:
        groups = [(union(*(box for box, _ in groups)), [number for _, its in groups for number in its])]
    weight = np.bincount(labels.ravel(), np.maximum(ink, 0).ravel())
    (box, its), *others = sorted(groups, key=lambda group: weight[group[1]].sum(), reverse=True)
    around = with_paper(box)
    strength, _ = strength_within(ink[around], np.isin(labels[around], its))
    digit = FoundDigit(mnist_image(strength), _scaled(box, scale), strength)
    return Found([digit], [Unread(_scaled(other, scale), "less ink than the digit") for other, _ in others])


def _of_a_tight_crop(picture: np.ndarray, scale: float):
    """The digit of a picture that is cut out so close that it runs into the edges; None where there is none.

    It cannot be told from the frame of a page, so it gets a margin of its own paper. It has to be of two tones.
    """
    edge = rim(picture)
    tone, edge_tone = picture.mean(axis=2), edge.mean(axis=1)
    dark, light = np.quantile(tone, (0.02, 0.98))
    between = np.mean(np.abs(tone - (dark + light) / 2) < (light - dark) / 6)  # much of it: a shadow, not a stroke
    if light - dark < 0.35 or between > 0.2 or not np.ptp(edge_tone):
        return None
    on_edge = edge_tone > (dark + light) / 2
    outside = edge[on_edge] if on_edge.mean() > 0.3 else edge[~on_edge]
    width = round(0.4 * max(tone.shape))
    paper = np.median(outside, axis=0)
    padded = np.stack([np.pad(picture[..., k], width, constant_values=paper[k]) for k in range(3)], axis=2)
    try:
        found = _heaviest(padded, scale, find_ink(padded))
    except BlankImageError:
        return None
    shift = round(scale * width)
    return Found(*([replace(one, box=tuple(side - shift for side in one.box)) for one in part] for part in found))


def _groups(strokes: np.ndarray) -> tuple[np.ndarray, list]:
    """Labels of the connected strokes, and for each digit that they make its box and the labels of its strokes."""
    around = _around(strokes, 1)
    thickness = 2 * np.quantile(ndimage.distance_transform_edt(strokes[around])[strokes[around]], 0.8)
    around = _around(strokes, int(BROKEN * thickness) + 1)
    near = ndimage.distance_transform_edt(~strokes[around]) <= BROKEN * thickness  # a stroke that broke is one stroke
    labels = np.zeros(strokes.shape, np.int32)
    labels[around], _ = ndimage.label(near, np.ones((3, 3)))
    labels *= strokes
    groups = [(box_of(place), [number]) for number, place in enumerate(ndimage.find_objects(labels), 1)]
    one_digit, i = functools.cache(_one_digit), 0  # after each union most pairs are asked about again
    while i < len(groups):
        box, its = groups[i]
        for j, (other, others) in enumerate(groups[:i]):
            if one_digit(box, other):
                groups[j] = union(other, box), others + its
                del groups[i]
                i = j
                break
        else:
            i += 1
    return labels, groups


def _around(strokes, margin: int) -> tuple:
    """The part of a picture that holds all strokes and a margin, as slices."""
    places = (np.flatnonzero(strokes.any(axis=axis)) for axis in (1, 0))
    return tuple(slice(max(0, place[0] - margin), place[-1] + 1 + margin) for place in places)


def _one_digit(a, b) -> bool:
    """Whether two boxes belong to one digit: they overlap well, or the smaller one is a short stroke close by."""
    small, large = sorted(((box[3] - box[1], box[2] - box[0]) for box in (a, b)), key=lambda size: size[0] * size[1])
    across, down = (min(a[k + 2], b[k + 2]) - max(a[k], b[k]) for k in (0, 1))  # below 0 where they are apart
    if min(across, down) > 0 and across * down >= OVERLAPPING * small[0] * small[1]:
        return True
    tallest = max(small[0], large[0])
    if small[0] <= SHORT * large[0]:  # the bar of a 5, the foot of a 2
        return -down <= CLOSE * tallest and (across >= 0.3 * small[1] or -across <= 0.08 * tallest)
    # halves of one digit that lost its waist
    wide = small[0] + large[0] <= 1.6 * max(small[1], large[1])
    return wide and -down <= 0.08 * tallest and across >= 0.5 * small[1]


# --- as MNIST was made -------------------------------------------------------------------------------------------

LEAST_INK = 0.2  # what counts towards the box
FINE = 4  # pixels of the fine grid for one of MNIST's
HAIRLINE = 0.5  # pixels at MNIST's size, two of the fine grid


def mnist_image(ink: np.ndarray) -> np.ndarray:
    """Bring the ink of one digit to 28x28 as MNIST was made: box, 20x20, stroke width, centre of mass.

    Args:
        ink: float (height, width) in [0, 1], 1 is ink; what lies outside the digit is 0.

    Returns:
        float32 (28, 28) in [0, 1].

    Raises:
        BlankImageError: if there is no ink.

    Source: LeCun, Cortes, Burges, "The MNIST database"; stroke width is our addition.
    """
    image = boxed(ink, 20)
    inked = ink > LEAST_INK
    if max(np.ptp(np.flatnonzero(inked.any(axis=axis))) for axis in (0, 1)) < 19:
        return centred(image)  # coarser than MNIST itself: its strokes are too blurred to be measured
    fine = boxed(ink, 20 * FINE)
    width = stroke_width(fine)
    if width < HAIRLINE:  # so thin that it breaks when it is shrunk: of each block the darkest pixel
        reach = int(np.ceil(max(ink.shape) / (20 * FINE)))
        fine = boxed(ndimage.maximum_filter(ink, reach, mode="constant"), 20 * FINE)
        width = stroke_width(fine)
    low, high = STROKE_WIDTHS
    if not low <= width <= high:
        image = boxed(with_stroke_width(fine, width, low + 0.4 if width < low else high - 0.4), 20)
    return centred(image)


def boxed(ink: np.ndarray, side: int) -> np.ndarray:
    """The box around the ink, scaled so that its longer side is ``side`` pixels.

    Args:
        ink: float (height, width) in [0, 1], 1 is ink; what is at most ``LEAST_INK`` does not count towards the box.
        side: 20 for MNIST; 80 for ``stroke_width``, which measures on a grid four times as fine.

    Returns:
        float32 in [0, 1], (side, at most side) or (at most side, side).

    Raises:
        BlankImageError: if there is no ink.

    Example:
        >>> ink = np.zeros((100, 60))
        >>> ink[20:80, 20:44] = 1  # 60 high, 24 wide
        >>> boxed(ink, 20).shape
        (20, 8)
    """
    rows, columns = (np.flatnonzero((ink > LEAST_INK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise BlankImageError(f"The picture is blank: expected ink, a pixel above {LEAST_INK}.")
    box = np.asarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.float32)
    height, width = (max(1, round(side * length / max(box.shape))) for length in box.shape)
    scaled = Image.fromarray(box).resize((width, height), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(scaled), 0, 1)


def stroke_width(fine: np.ndarray) -> float:
    """Mean width of the strokes in pixels of MNIST, from the distance to the paper along the strokes' middle.

    Args:
        fine: a digit boxed to 80 pixels, float in [0, 1].

    Returns:
        The width; 0 where there is no stroke.

    Example:
        >>> ink = np.zeros((200, 100))
        >>> ink[20:180, 40:60] = 1  # an eighth as wide as it is high, so 2.5 pixels, and less at its ends
        >>> round(stroke_width(boxed(ink, 80)), 1)
        2.2
    """
    solid = np.pad(fine >= 0.5, 1)
    middle = skeletonize(solid)
    if not middle.any():
        return 0.0
    return float((2 * ndimage.distance_transform_edt(solid)[middle] - 1).mean() / FINE)


def with_stroke_width(fine: np.ndarray, width: float, wanted: float) -> np.ndarray:
    """Strokes made thicker or thinner all round; where thinning would break one, its middle stays.

    Args:
        fine: a digit boxed to 80 pixels, float in [0, 1].
        width: of its strokes, from ``stroke_width``.
        wanted: width, in pixels of MNIST as well.

    Returns:
        float in [0, 1], larger than ``fine`` by the margin that thicker strokes need.

    Example:
        >>> ink = np.zeros((200, 100))
        >>> ink[20:180, 40:50] = 1
        >>> fine = boxed(ink, 80)
        >>> thicker = with_stroke_width(fine, stroke_width(fine), wanted=2.0)
        >>> stroke_width(thicker) > stroke_width(fine)
        True
    """
    change = FINE * (wanted - width) / 2
    margin = int(np.ceil(max(change, 0))) + 2
    solid = np.pad(fine >= 0.5, margin)
    if change > 0:
        return np.clip(change + 0.5 - ndimage.distance_transform_edt(~solid), 0, 1)
    inside = np.clip(ndimage.distance_transform_edt(solid) + change, 0, 1)
    to_middle = ndimage.distance_transform_edt(~skeletonize(solid))
    middle = np.clip(FINE * wanted / 2 + 0.5 - to_middle, 0, 1) * solid
    return np.maximum(inside, middle * (to_middle <= FINE * wanted / 2))


def centred(scaled: np.ndarray) -> np.ndarray:
    """Shift by whole pixels so that the centre of mass lies at the centre of a 28x28 field.

    Args:
        scaled: a digit boxed to 20 pixels, float in [0, 1].

    Returns:
        float32 (28, 28) in [0, 1].

    Example:
        >>> image = centred(np.ones((20, 8)))
        >>> image.shape, [float(place.mean()) for place in np.nonzero(image)]
        ((28, 28), [13.5, 13.5])
    """
    height, width = scaled.shape
    centre = [
        (np.arange(side) * scaled.sum(axis=1 - axis)).sum() / scaled.sum() for axis, side in enumerate(scaled.shape)
    ]
    top, left = (int(np.clip(round(14 - c), 0, 28 - side)) for c, side in zip(centre, scaled.shape, strict=True))
    field = np.zeros((28, 28), np.float32)
    field[top : top + height, left : left + width] = scaled
    return field
