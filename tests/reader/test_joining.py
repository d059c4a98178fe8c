"""Parts of one digit put together, and digits taken in that the finder overlooked."""

import numpy as np
import pytest

from mnist_study import reader
from mnist_study.data import stress
from mnist_study.reader import finder, joining, photos

LINE = [(0, 0, 40, 80), (60, 0, 100, 80)]  # two digits of a line


def asked(parts, left, sure, pieces=()):
    """``joining.joined`` where the reader is as sure of a box as ``sure`` says, 0 of every other; each image is its box."""

    def image_of(box):
        image = np.zeros((28, 28), np.float32)
        image[0, :4] = box
        return image

    def certainty(images):
        return np.array([sure.get(tuple(int(side) for side in image[0, :4]), 0) for image in images])

    def ink_at(box, others):
        return box, image_of(box)

    gone, made = joining.joined([(box, image_of(box)) for box in parts], left, list(pieces), ink_at, certainty)
    return gone, [box for box, _ in made]


def test_two_halves_are_one_digit_where_that_is_surely_read():
    halves = [(120, 0, 150, 45), (140, 40, 170, 80)]
    whole = (120, 0, 170, 80)
    assert asked(LINE + halves, [], {whole: 1.1, halves[0]: 1, halves[1]: 1}) == ([2, 3], [whole])
    assert asked(LINE + halves, [], {whole: 0.9}) == ([], [])


def test_low_parts_beside_each_other_are_one_digit():
    stem, rest, whole = (120, 0, 140, 56), (142, 24, 160, 80), (120, 0, 160, 80)  # an open four
    assert asked([*LINE, stem, rest], [], {whole: 1.1, stem: 1, rest: 1}) == ([2, 3], [whole])
    one, next_one, both = (120, 0, 130, 80), (132, 0, 142, 80), (120, 0, 142, 80)
    assert asked([*LINE, one, next_one], [], {both: 1.1, one: 0.9}) == ([], [])


def test_two_digits_are_not_put_together():
    slanted = [(120, 0, 160, 80), (150, 0, 190, 80)]
    whole = (120, 0, 190, 80)
    sure = {whole: 1.1, slanted[0]: 1, slanted[1]: 1}
    assert asked(LINE + slanted, [], sure) == ([], [])
    assert asked(LINE + slanted, [], sure | {slanted[1]: 0.6}) == ([2, 3], [whole])
    below = [(120, 0, 160, 80), (120, 90, 160, 170)]  # the next line
    assert asked(LINE + below, [], {(120, 0, 160, 170): 1.1}) == ([], [])


def test_ink_that_was_left_completes_a_digit_or_is_one():
    bar, body, whole = (120, 0, 170, 15), (110, 20, 150, 80), (110, 0, 170, 80)
    assert asked([*LINE, body], [bar], {whole: 1.1}) == ([2], [whole])
    assert asked([*LINE, body], [bar], {whole: 1.1, body: 1.1}) == ([], [])  # a digit, and a line above it
    overlooked = (120, 2, 130, 80)
    assert asked(LINE, [overlooked], {overlooked: 1.1}) == ([], [overlooked])
    assert asked(LINE, [overlooked], {overlooked: 0.7}) == (
        [],
        [overlooked],
    )  # close beside a digit: rather one than none
    assert asked(LINE, [overlooked], {overlooked: 0.4}) == ([], [])
    wide = (120, 2, 205, 80)  # a four may be a little wider than high
    assert asked(LINE, [wide], {wide: 1.1}) == ([], [wide])
    for elsewhere in ((120, 2, 130, 40), (400, 2, 410, 80), (120, 2, 240, 80), (120, 100, 130, 180)):
        assert asked(LINE, [elsewhere], {elsewhere: 1.1}) == ([], [])  # low, far away, wide, on a line of its own
    assert asked(LINE, joining.MANY * [bar] + [overlooked], {overlooked: 1.1}) == ([], [])  # a page of text


def test_one_stroke_of_what_was_taken_for_a_word_is_a_digit():
    word, ones = (120, 0, 170, 80), [(120, 0, 132, 80), (158, 2, 170, 80)]
    assert asked(LINE, [word], dict.fromkeys(ones, 1.1), LINE + ones) == ([], ones)
    assert asked(LINE, [word], {word: 1.2} | dict.fromkeys(ones, 1.1), LINE + ones) == ([], [word])  # not each twice
    assert asked(LINE, [word], dict.fromkeys(ones, 1.1), LINE + ones * joining.MANY) == ([], [])  # a page of text


def test_a_digit_of_which_only_a_part_was_found_is_read_whole():
    bowl, whole = (120, 40, 150, 80), (118, 2, 150, 80)  # of a five
    assert asked([*LINE, bowl], [], {whole: 1.1, bowl: 1.1}, [*LINE, whole]) == ([2], [whole])
    assert asked([*LINE, bowl], [], {whole: 0.9, bowl: 1.1}, [*LINE, whole]) == ([], [])
    high = (120, 20, 150, 80)  # surely read and as high as a digit: the rest is something else
    assert asked([*LINE, high], [], {whole: 1.1, high: 1.1}, [*LINE, whole]) == ([], [])
    two = [(118, 0, 150, 80), (160, 0, 190, 80)]
    assert asked(LINE + two, [], {(118, 0, 190, 80): 1.1}, [(118, 0, 190, 80)]) == ([], [])  # that touch


def test_two_1s_side_by_side_are_read(small_dataset):
    rng = np.random.default_rng(3)
    digits = [rng.choice(np.flatnonzero(small_dataset.y_test == digit)) for digit in (4, 1, 1, 6, 0)]
    assert reader.read(stress.string(small_dataset.x_test[digits], rng, 1)).text == "41160"


def test_a_digit_that_the_finder_splits_or_overlooks_is_read(monkeypatch, small_dataset):
    # of a string, the middle digit is named as two halves, and the last one not at all
    digits = [np.flatnonzero(small_dataset.y_test == digit)[0] for digit in (7, 2, 0, 4)]
    photo = stress.string(small_dataset.x_test[digits], np.random.default_rng(1), 1)
    whole = reader.read(photo)
    if whole.text != "7204":
        pytest.skip("the embedded digits are too coarse")
    places = finder.find_places

    def worse(picture, lowest=0.0):
        found = sorted(places(picture, lowest), key=lambda place: place.box[0])
        left, top, right, bottom = found[1].box
        middle = (top + bottom) / 2
        halves = [finder.Place((left, top, right, middle), 0.8), finder.Place((left, middle, right, bottom), 0.7)]
        return [found[0], *halves, found[2]]

    monkeypatch.setattr(photos, "find_places", worse)
    assert reader.read(photo).text == "7204"
