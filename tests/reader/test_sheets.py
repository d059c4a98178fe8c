"""From places on a sheet to the ink of each digit: neighbours, lines, circles, shadows; the order; what is left."""

from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_study.reader import photos, sheets
from mnist_study.reader.ink import find_ink

from .pages import likeness

SEVEN = [(30, 20), (70, 20), (45, 90)]
PLACE = (25.0, 15.0, 75.0, 95.0)


def drawn(strokes, size=(100, 110), paper=230, ink=30, width=7, extra=None):
    page = Image.new("RGB", size, (paper,) * 3)
    for stroke in strokes:
        ImageDraw.Draw(page).line(stroke, (ink,) * 3, width, joint="curve")
    if extra:
        extra(ImageDraw.Draw(page))
    return np.asarray(page, np.float32) / 255


def image_of(picture, places=(PLACE,), number=0):
    return photos.mnist_image(sheets.inks_of(picture, list(places))[0][number][0])


ALONE = drawn([SEVEN])


def test_the_ink_is_that_of_the_digit_and_its_box_fits():
    ((ink, box),), light = sheets.inks_of(ALONE, [PLACE])
    assert not light
    assert np.abs(np.subtract(box, (27, 17, 73, 93))).max() <= 4
    assert ink.shape == (box[3] - box[1] + 4, box[2] - box[0] + 4)
    assert ink.min() == 0 and ink.max() == 1 and not ink[0].any() and not ink[:, -1].any()


def test_an_even_place_has_no_ink():
    assert sheets.inks_of(np.full((80, 80, 3), 0.7, np.float32), [(20, 20, 50, 60)]) == ([None], False)


def beside(draw):
    for x in (18, 86):
        draw.line([(x, 0), (x, 110)], (30,) * 3, 4)
    draw.line([(0, 8), (100, 8)], (30,) * 3, 4)


@pytest.mark.parametrize(
    "extra",
    [
        beside,
        lambda draw: draw.ellipse((5, 2, 95, 108), outline=(30,) * 3, width=3),
        lambda draw: draw.line([(10, 102), (90, 102)], (30,) * 3, 4),
        lambda draw: draw.line([(0, 60), (100, 60)], (30,) * 3, 2),
    ],
    ids=["a cell", "a circle", "an underline", "a ruled line through it"],
)
def test_lines_round_a_digit_are_not_its_ink(extra):
    assert likeness(image_of(drawn([SEVEN], extra=extra)), image_of(ALONE)) > 0.9


def test_slanted_neighbours_keep_their_own_strokes_though_their_boxes_overlap():
    first, second = [(60, 20), (20, 90)], [(82, 20), (42, 90)]
    picture = drawn([first, second], size=(120, 110))
    places = [(17.0, 17.0, 63.0, 93.0), (39.0, 17.0, 85.0, 93.0)]
    for number, stroke in enumerate((first, second)):
        alone = image_of(drawn([stroke], size=(120, 110)), [places[number]])
        assert likeness(image_of(picture, places, number), alone) > 0.95


def test_digits_that_touch_are_parted_between_their_places():
    picture = drawn([[(30, 20), (30, 90)], [(30, 55), (70, 55)], [(70, 20), (70, 90)]])
    ((left, a), (right, b)), _ = sheets.inks_of(picture, [(24.0, 18.0, 48.0, 92.0), (52.0, 18.0, 76.0, 92.0)])
    assert a[2] <= 55 and b[0] >= 45 and left.shape[0] == right.shape[0] == 71 + 4


def test_paper_on_a_dark_desk_and_white_ink_are_the_same_digit():
    desk = drawn([SEVEN], size=(100, 110))
    whole = np.full((300, 300, 3), 0.15, np.float32)
    whole[90:200, 100:200] = desk
    moved = (PLACE[0] + 100, PLACE[1] + 90, PLACE[2] + 100, PLACE[3] + 90)
    assert likeness(image_of(whole, [moved]), image_of(ALONE)) > 0.97
    assert likeness(image_of(1 - ALONE), image_of(ALONE)) > 0.97


def test_lines_may_lean_and_tails_may_hang_into_the_next_line():
    leaning = [(40 * k, 10 + 6 * k, 40 * k + 25, 50 + 6 * k) for k in range(8)]
    below = [(40 * k + 5, 75 + 6 * k, 40 * k + 30, 110 + 6 * k) for k in range(7)]
    left, top, right, bottom = leaning[3]
    leaning[3] = (left, top, right, bottom + 30)  # a long 9
    boxes = leaning + below
    mixed = np.random.default_rng(0).permutation(len(boxes))
    order = sheets.in_reading_order([boxes[k] for k in mixed])
    assert [int(mixed[k]) for k in order] == list(range(len(boxes)))


def test_digits_of_another_size_stay_in_their_line():
    assert sheets.in_reading_order([(0, 40, 20, 60), (25, 0, 60, 75), (65, 38, 85, 60)]) == [0, 1, 2]


def test_letters_that_look_like_digits_are_known_by_their_word():
    class Digit(NamedTuple):
        box: tuple

    def words(boxes, unread):
        kept, left = sheets.without_words([Digit(box) for box in boxes], unread)
        return [one.box for one in kept], [reason for _, reason in left]

    number = [(200, 0, 240, 60), (250, 0, 290, 60)]
    class_, s, s_ = (20, 30, 85, 60), (88, 40, 101, 60), (104, 40, 117, 60)
    word = [(class_, sheets.NO_DIGIT)]
    assert words([*number, s, s_], word) == (number, [sheets.NO_DIGIT, "part of a word", "part of a word"])
    assert words(number, word) == (number, [sheets.NO_DIGIT])
    assert words([*number, s], [(class_, sheets.LINE)]) == ([*number, s], [sheets.LINE])
    missed = [((295, 0, 330, 60), sheets.NO_DIGIT)]  # as high as the digits and alone: rather one that was not found
    assert words(number, missed) == (number, [sheets.NO_DIGIT])
    assert words([s, s_], word) == ([s, s_], [sheets.NO_DIGIT])  # a page has at least one digit


def test_what_is_left_is_named():
    def extra(draw):
        draw.line([(10, 150), (290, 152)], (30,) * 3, 4)
        draw.polygon([(200, 30), (240, 30), (220, 80)], fill=(30,) * 3)
        draw.rectangle((280, 60, 299, 110), fill=(30,) * 3)

    picture = drawn([SEVEN], size=(300, 180), extra=extra)
    left = sheets.ink_left(sheets.connected_ink(*find_ink(picture)), [(27, 17, 73, 93)])
    reasons = {reason: box for box, reason in left}
    assert set(reasons) == {"looks like no digit", "runs out of the picture", "a line or a frame"} and len(left) == 3
    assert np.abs(np.subtract(reasons["looks like no digit"], (200, 30, 241, 81))).max() <= 2
    assert sheets.ink_left(sheets.connected_ink(*find_ink(drawn([SEVEN]))), [(27, 17, 73, 93)]) == []


def test_what_lies_round_a_digit_is_a_frame_and_a_word_beside_it_is_none():
    def cells(draw):
        for x in (10, 100, 190):
            draw.line([(x, 10), (x, 170)], (30,) * 3, 14)
        for y in (10, 100, 170):
            draw.line([(10, y), (190, y)], (30,) * 3, 14)

    def letters(draw):  # the one between them was taken for a digit: what is round it is not one piece
        for x in (12, 66):
            draw.rectangle((x, 8, x + 22, 102), fill=(30,) * 3)

    one, box = [(50, 20), (50, 90)], (46, 17, 54, 93)
    for extra, reason in ((cells, sheets.LINE), (letters, sheets.NO_DIGIT)):
        picture = drawn([one], size=(220, 190), extra=extra)
        left = sheets.ink_left(sheets.connected_ink(*find_ink(picture)), [box])
        assert [why for _, why in left] == [reason] and left[0][0][0] < box[0] and left[0][0][2] > box[2]
