"""A sheet of several digits: from the places that the finder names to the ink of each digit, in reading order.

Light, paper and ink are looked at round each digit by itself: a note on a dark desk, a shadow over half of a sheet and ink of
two colours need no rules of their own.
"""

import numpy as np
from scipy import ndimage

from .finder import same
from .ink import (
    between_paper_and_ink,
    box_of,
    evenly_lit,
    faintest_ink,
    find_ink,
    lightness_of_ink,
    rim,
    strength_within,
    with_paper,
    without_ruled_lines,
)

ROUND = 0.3  # of the longer side of a place: how much of the page around is looked at
WIDEST = 0.45  # of it: a stroke
OUTSTANDING = 3.0  # times its colours: how much counts what stands out within a place, when ink is dark or light
FAINTEST = 0.03  # of the range from black to white: fainter ink is not looked for, even where the finder sees a digit
FAINT_BESIDE = 0.3  # of the strongest ink on the page: what is fainter is the grain of the paper, not a digit
THICKEST_LINE = 0.1  # of what is looked at: a bar from side to side is no stroke of a digit
LINE, CUT_OFF, NO_DIGIT = "a line or a frame", "runs out of the picture", "looks like no digit"
WIDER, SMALL_PRINT = 1.2, 0.6  # than high: ink of several letters; of the usual height of digits: ink of one
BETWEEN_LETTERS, LIKE_LETTERS = 0.35, 2.0  # of a letter's height: the gap to the next one; and how the heights differ
SPECK = 0.015  # of the largest stroke's pixels: a smaller one is not the digit's
INNER, OWN, OTHERS = 0.75, 1.15, 1.05  # half sides of a place: where its digit must have ink, may, another may


def inks_of(picture: np.ndarray, places: list) -> tuple[list, bool]:
    """The ink of the digit at each place, and whether ink is lighter than the paper.

    Args:
        picture: float32 (height, width, 3) in [0, 1].
        places: (left, top, right, bottom) each, floats, in pixels of the picture; the surest first.

    Returns:
        ``(inks, light)``. For each place ``(ink, box)``: float (h, w) in [0, 1], with two pixels of paper all round, and the
        box of what is ink, (left, top, right, bottom) in whole pixels of the picture; None where no ink stands out, or much
        less than elsewhere.
    """
    windows = [_window(picture, place) for place in places]
    lit = [  # as if ink were dark, and as if it were light
        [evenly_lit(picture[window], _reach(place), light) for light in (False, True)]
        for place, window in zip(places, windows, strict=True)
    ]
    light = sum(_lightness(picture, *one) for one in zip(places, windows, lit, strict=True)) > 0
    found = [_ink_of(lit[number][light], places, number, window) for number, window in enumerate(windows)]
    faintest = FAINT_BESIDE * max((one[2] for one in found if one), default=0)
    kept = []
    for number, one in enumerate(found):
        if one and (one[2] < faintest or any(same(one[1], box) for box in kept)):
            found[number] = None  # the grain of the paper; or ink of which a surer place made a digit
        elif one:
            kept.append(one[1])
    return [one and one[:2] for one in found], light


def ink_of(picture: np.ndarray, places: list, number: int, light: bool):
    """The ink of the digit at one place among all, ``(ink, box)`` or None as from ``inks_of``; ``light``: as it says."""
    window = _window(picture, places[number])
    found = _ink_of(evenly_lit(picture[window], _reach(places[number]), light), places, number, window)
    return found and found[:2]


def _window(picture, place):
    left, top, right, bottom = place
    margin = ROUND * max(right - left, bottom - top) + 2
    rows = slice(max(0, int(top - margin)), min(picture.shape[0], int(bottom + margin) + 1))
    return rows, slice(max(0, int(left - margin)), min(picture.shape[1], int(right + margin) + 1))


def _reach(place) -> float:
    left, top, right, bottom = place
    return WIDEST * max(right - left, bottom - top)


def _lightness(picture, place, window, lit) -> float:
    """Below 0 where the digit is darker than the paper around it, by its colours, and by what stands out within its place."""
    rows, columns = window
    left, top, right, bottom = place
    across, down = np.arange(columns.start, columns.stop), np.arange(rows.start, rows.stop)[:, None]
    inside = (across >= left) & (across < right) & (down >= top) & (down < bottom)
    within = []
    for residual in (lit[True], 1 - lit[False]):
        here, around = residual[inside].mean(), residual[~inside].mean() if not inside.all() else 0.0
        within.append(float((here - around) / (here + around + 1e-6)))
    return lightness_of_ink(picture[window]) + OUTSTANDING * (within[0] - within[1])


def _ink_of(colours, places, number, window):
    """The ink of a place, its box and its contrast, from its window with the light evened out; None where there is none."""
    rows, columns = window
    ink, _ = find_ink(colours)
    owned, inner, others = _territories(places, number, rows, columns)
    values = ink[owned & (ink > FAINTEST)]
    if not len(values):
        return None
    mask = without_ruled_lines(ink > max(FAINTEST, between_paper_and_ink(values)), THICKEST_LINE)
    mask = _own_strokes(mask, owned, inner, others)
    if not mask.any():
        return None
    left, top, right, bottom = box = box_of(ndimage.find_objects(mask.astype(int))[0])
    around = with_paper(box)
    strength, contrast = strength_within(ink[around], mask[around])
    return strength, (columns.start + left, rows.start + top, columns.start + right, rows.start + bottom), contrast


def _territories(places, number, rows, columns):
    """Where in a window the digit may have ink, where it must, and which part is another's; bool each."""
    y, x = np.arange(rows.start, rows.stop)[:, None] + 0.5, np.arange(columns.start, columns.stop)[None] + 0.5

    def distance(place):  # 1 on the edge of the box
        left, top, right, bottom = place
        across = np.abs(x - (left + right) / 2) / max(1.0, (right - left) / 2)
        return np.maximum(across, np.abs(y - (top + bottom) / 2) / max(1.0, (bottom - top) / 2))

    own = distance(places[number])
    nearest_other = np.full(own.shape, np.inf)
    for k, (left, top, right, bottom) in enumerate(places):
        if k != number and left < columns.stop and right > columns.start and top < rows.stop and bottom > rows.start:
            nearest_other = np.minimum(nearest_other, distance(places[k]))
    others = (nearest_other < own) & (nearest_other < OTHERS)
    return (own < OWN) & ~others, (own < INNER) & ~others, others


def _own_strokes(mask, owned, inner, others):
    """The connected strokes that are the digit's; of one that goes on beyond, or is another's too, the part within."""
    labels, n = ndimage.label(mask, np.ones((3, 3)))
    if not n:
        return mask
    size = np.bincount(labels.ravel(), minlength=n + 1)
    share = np.bincount(labels[owned], minlength=n + 1) / np.maximum(size, 1)
    foreign = np.bincount(labels[others], minlength=n + 1) / np.maximum(size, 1)
    inside = np.bincount(labels[inner], minlength=n + 1)
    beyond = np.zeros(n + 1, bool)
    beyond[rim(labels)] = True
    main = inside >= max(1, 0.1 * inside[1:].max())
    whole = ~beyond & (size > SPECK * size[1:].max(initial=0, where=main[1:]))
    # a place may be too small for its digit; of what is not in its middle, what is nobody's, a circle or frame, is left out
    whole &= (main & (foreign < 0.2)) | (share + foreign > 0.8) & (share > 0.65)
    part = main & ~whole & (share > 0.25)
    whole[0] = part[0] = False
    return whole[labels] | part[labels] & owned


def without_words(digits: list, unread: list) -> tuple[list, list]:
    """Letters that look like digits, known by what stands close beside them, become ink that is not read.

    Args:
        digits: each with its ``box``.
        unread: ``(box, reason)`` each, as from ``ink_left``.

    Returns:
        The digits that stay, all of them where none would, and the ink that is left, each in the order given.
    """
    usual = np.median([one.box[3] - one.box[1] for one in digits])
    words = [
        box
        for box, reason in unread
        if reason == NO_DIGIT and (box[2] - box[0] > WIDER * (box[3] - box[1]) or box[3] - box[1] < SMALL_PRINT * usual)
    ]
    kept, left = digits, unread
    while letters := [one.box for one in kept if any(as_in_a_word(one.box, word) for word in words)]:
        left = left + [(box, "part of a word") for box in letters]
        words += letters  # a letter beside a letter is one too
        kept = [one for one in kept if one.box not in letters]
    return (kept, left) if kept else (digits, unread)


def as_in_a_word(box, other) -> bool:
    """Whether a box stands as close beside another as the letters of a word, and is about as high."""
    height, gap = box[3] - box[1], max(box[0] - other[2], other[0] - box[2])
    if gap >= BETWEEN_LETTERS * height:  # as most pairs on a page
        return False
    return 1 / LIKE_LETTERS < (other[3] - other[1]) / height < LIKE_LETTERS and level_with(box, other) > 0


def in_reading_order(boxes: list) -> list:
    """Numbers of the boxes in lines from the top, each from the left; lines may lean, and tails hang into the next line.

    Args:
        boxes: (left, top, right, bottom) each.

    Example:
        >>> in_reading_order([(50, 0, 60, 20), (0, 30, 10, 50), (0, 4, 10, 24), (30, 33, 40, 53)])
        [2, 0, 1, 3]
    """
    lines = []
    for number in sorted(range(len(boxes)), key=lambda number: boxes[number][0]):
        likeness = [max(level_with(boxes[number], boxes[other]) for other in line[-3:]) for line in lines]
        if likeness and max(likeness) > 0:
            lines[int(np.argmax(likeness))].append(number)
        else:
            lines.append([number])
    lines.sort(key=lambda line: np.median([boxes[number][1] + boxes[number][3] for number in line]))
    return [number for line in lines for number in line]


def level_with(a, b) -> float:
    """How well two boxes stand on one line, from their heights alone: in [0, 1], 0 where they do not."""
    common = min(a[3], b[3]) - max(a[1], b[1])
    heights = a[3] - a[1], b[3] - b[1]
    return common / (sum(heights) - common) if common > 0.4 * min(heights) else 0.0


def ink_left(connected, boxes: list) -> list:
    """The ink that lies outside the digits, as ``(box, reason)``, in reading order.

    Args:
        connected: from ``connected_ink``.
        boxes: of the digits that were read, at least one.
    """
    labels, pieces = connected
    n = len(pieces)
    if not n:
        return []
    covered = np.zeros(labels.shape, bool)
    for left, top, right, bottom in boxes:
        wide, high = round(0.15 * (right - left)) + 2, round(0.15 * (bottom - top)) + 2
        covered[max(0, top - high) : bottom + high, max(0, left - wide) : right + wide] = True
    usual = float(np.median([bottom - top for _, top, _, bottom in boxes]))
    size = np.maximum(np.bincount(labels.ravel(), minlength=n + 1), 1)
    side = np.array([0] + [max(right - left, bottom - top) for left, top, right, bottom in pieces])
    left_over = (np.bincount(labels[covered], minlength=n + 1) < 0.5 * size) & (side >= max(4, 0.25 * usual))
    left_over[0] = False
    frames = [number for number in np.flatnonzero(left_over) if any(_holds(pieces[number - 1], box) for box in boxes)]
    near = left_over[labels]
    for axis in (0, 1):  # a word is one
        near = ndimage.maximum_filter1d(near, 2 * max(1, round(0.25 * usual)) + 1, axis=axis)
    words, _ = ndimage.label(near, np.ones((3, 3)))
    words *= left_over[labels]
    found = []
    for number, place in enumerate(ndimage.find_objects(words), 1):
        here = words[place] == number
        (high, wide), (rows, columns) = here.shape, place
        thick = here.sum() / max(high, wide)
        thin = thick < 0.2 * max(high, wide) and min(high, wide) < 0.15 * max(high, wide)
        cut = rows.start == 0 or columns.start == 0 or rows.stop == labels.shape[0] or columns.stop == labels.shape[1]
        reason = CUT_OFF if cut else NO_DIGIT
        if thin or here.mean() < 0.1 or np.isin(labels[place][here], frames).any():
            reason = LINE
        found.append((box_of(place), reason))
    return [found[k] for k in in_reading_order([box for box, _ in found])]


def connected_ink(ink, texture):
    """The ink of a whole picture in pieces that hang together.

    Args:
        ink, texture: from ``find_ink``.

    Returns:
        ``(labels, boxes)``: int (height, width), the pieces numbered from 1 on; (left, top, right, bottom) of each.
    """
    floor = faintest_ink(texture)
    values = ink[ink > floor]
    if not len(values):
        return np.zeros(ink.shape, int), []
    labels, _ = ndimage.label(ink > max(floor, between_paper_and_ink(values)), np.ones((3, 3)))
    return labels, [box_of(place) for place in ndimage.find_objects(labels)]


def _holds(a, b) -> bool:
    """Whether of two boxes the first holds the second."""
    return a[0] <= b[0] and a[1] <= b[1] and b[2] <= a[2] and b[3] <= a[3]
