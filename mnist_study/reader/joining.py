"""Digits that the finder split or overlooked: what the network reads surely is put together, or taken in.

The finder names a box for every digit; of a wide or broken one it may name two, and a bare line it may not be sure of. What
it left in pieces, or saw only a part of, is shown to the network whole, which was trained to refuse two digits side by side.
"""

import functools

import numpy as np

from . import sheets
from .finder import common_area, union

GAP = 0.2  # of the height of two parts together: the most that one may lie above the other
BESIDE = 0.05  # of it: the most that two low ones may lie beside each other
HIGH = 0.75  # of it: two parts that are both higher and both surely read are two digits
LOWER, TALLER = 0.7, 1.35  # times the usual height on its line: a digit
TALLEST = 2.0  # times it: a digit of which parts are put together
WIDE = 1.5  # times its height: a digit
AWAY = 2.5  # times the height of the next digit on the line: ink that was left is a digit if it is no further away
CLOSE, LIKELY = 0.6, 0.5  # so close beside one it is named though it is not sure, from this share of the threshold on
MEETS, WHOLE = 0.5, 0.8  # of the smaller box: what lies there; of the larger one: as good as all of it
MANY = 24  # pieces of ink that were left: a page with more holds a text


def joined(cut_out: list, left: list, pieces: list, ink_at, certainty) -> tuple[list, list]:
    """Parts of one digit put together, and digits taken in that were left.

    Args:
        cut_out: of each digit found ``(box, image)``: (left, top, right, bottom) in pixels of the picture, and float32
            (28, 28) in [0, 1].
        left: boxes of ink that was left; what lies close together is one.
        pieces: boxes of all ink that hangs together, read or not.
        ink_at: a function: a box, and the boxes that stay digits beside it -> ``(box, image, …)`` of the ink there or None.
        certainty: a function: images, float32 (n, 28, 28) -> float (n,), 1 or more where the reader is sure.

    Returns:
        ``(gone, made)``: numbers of digits that no longer count, and what ``ink_at`` made in their place.
    """
    boxes = [box for box, _ in cut_out]

    @functools.cache
    def sureness(number):
        return float(certainty(cut_out[number][1][None])[0])

    def without(*numbers):
        return [box for k, box in enumerate(boxes) if k not in numbers]

    proposals = []  # digits that would go, ink that would be taken, the box of it all
    for i, first in enumerate(boxes):
        for j in range(i):
            if _may_be_one(first, boxes[j], without(i, j)):
                whole = union(first, boxes[j])
                high = all(boxes[k][3] - boxes[k][1] > HIGH * (whole[3] - whole[1]) for k in (i, j))
                if not high or min(sureness(i), sureness(j)) < 1:
                    proposals.append(((j, i), (), whole))
    if len(left) <= MANY:
        for j, ink in enumerate(left):
            for i, box in enumerate(boxes):
                if _may_be_one(box, ink, without(i)) and (_is_low(box, without(i)) or sureness(i) < 1):
                    proposals.append(((i,), (j,), union(box, ink)))
            if stands_on_a_line(ink, boxes, AWAY):
                proposals.append(((), (j,), ink))
    strokes = []  # one of two 1s that were taken for a word, or a digit of which only a part was found
    for ink in pieces:
        if ink not in left and stands_on_a_line(ink, boxes, AWAY):
            its = [i for i, box in enumerate(boxes) if _share(ink, box) > MEETS]
            if not its or (len(its) == 1 and _share(ink, boxes[its[0]], max) < WHOLE):
                strokes.append((tuple(its), ink))
    for its, ink in strokes if len(strokes) <= MANY else ():
        if all(_is_low(boxes[i], without(i)) or sureness(i) < 1 for i in its):
            proposals.append((its, (), ink))
    made = []
    for digits, taken, box in proposals:
        one = ink_at(box, without(*digits))
        if one is not None:
            sure = float(certainty(one[1][None])[0])
            enough = LIKELY if not digits and stands_on_a_line(box, boxes, CLOSE) else 1
            if sure >= enough:
                made.append((sure, digits, taken, one))
    gone, used, kept = set(), set(), []
    for _, digits, taken, one in sorted(made, key=lambda row: -row[0]):
        alone = all(_share(one[0], other[0]) <= MEETS for other in kept)
        if alone and not gone & set(digits) and not used & set(taken):
            gone |= set(digits)
            used |= set(taken)
            kept.append(one)
    return sorted(gone), kept


def _may_be_one(a, b, others) -> bool:
    """Whether two boxes may be parts of one digit: by how they lie, and together they are no higher than usual."""
    whole = union(a, b)
    height = whole[3] - whole[1]
    aside, apart = (max(a[k], b[k]) - min(a[k + 2], b[k + 2]) for k in (0, 1))
    if aside > BESIDE * height or apart > GAP * height:
        return False
    if aside > 0 and max(a[3] - a[1], b[3] - b[1]) > HIGH * height:
        return False
    return height <= TALLEST * (_usual(whole, others) or max(a[3] - a[1], b[3] - b[1]))


def _share(a, b, of=min) -> float:
    """What two boxes have in common, as a share of the smaller one, or of the larger one (``max``)."""
    return common_area(a, b) / of((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))


def _is_low(box, others) -> bool:
    """Whether a box is much lower than what stands on its line."""
    return box[3] - box[1] < LOWER * _usual(box, others)


def _usual(box, others) -> float:
    """The usual height of what stands on a line with a box; 0 where nothing does."""
    heights = [other[3] - other[1] for other in others if sheets.level_with(box, other)]
    return float(np.median(heights)) if heights else 0.0


def stands_on_a_line(ink, boxes, away: float) -> bool:
    """Whether a box is hardly wider than high, and as high as digits on its line that are less than ``away`` heights away.

    Args:
        ink, boxes: (left, top, right, bottom) each.
        away: as a multiple of the height of the digit beside it.
    """
    height, width = ink[3] - ink[1], ink[2] - ink[0]
    if width > WIDE * height:
        return False
    beside = [
        box[3] - box[1]
        for box in boxes
        if max(box[0] - ink[2], ink[0] - box[2]) < away * (box[3] - box[1]) and sheets.level_with(ink, box)
    ]
    return bool(beside) and LOWER <= height / np.median(beside) <= TALLER
