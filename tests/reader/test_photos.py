"""From a photo to 28x28 images, made as MNIST was made: joined, cut, in reading order."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_study import data
from mnist_study.reader import photos

from .pages import found_on, likeness, page_of, seven


def test_an_image_is_made_as_mnist_was_made():
    image = seven()
    assert image.dtype == np.float32
    assert image.shape == (28, 28)
    assert image.min() == 0
    assert 0.9 < image.max() <= 1
    rows, columns = (np.flatnonzero((image > 0.2).any(axis=axis)) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20, 21)
    centre = [(np.arange(28) * image.sum(axis=1 - axis)).sum() / image.sum() for axis in (0, 1)]
    assert np.abs(np.array(centre) - 14).max() <= 1


def test_drawings_of_mnists_size_come_back_the_same_both_ways_round(small_dataset):
    for image in small_dataset.x_test[:30]:
        assert likeness(photos.digit_image(image), image / 255) > 0.7
        assert likeness(photos.digit_image(255 - image), image / 255) > 0.7


def test_a_tight_crop_is_still_a_digit():
    assert likeness(photos.digit_image(page_of().crop((86, 54, 206, 212))), seven()) > 0.9


def test_digits_come_in_reading_order():
    one, zero = [(50, 20), (50, 100)], [(20, 20), (80, 20), (80, 100), (20, 100), (20, 14)]
    places = [(30, 20), (200, 30), (370, 15), (40, 200), (220, 210)]
    strokes = [
        [(x + left, y + top) for x, y in stroke]
        for (left, top), stroke in zip(places, (one, zero, one, zero, one), strict=True)
    ]
    found = found_on(page_of(strokes, size=(520, 360))).digits
    assert [round(digit.box[0], -1) for digit in found] == [70, 210, 410, 50, 260]


def test_a_five_with_a_separate_bar_is_one_digit():
    body = [(100, 90), (95, 150), (150, 150), (180, 190), (150, 240), (95, 235)]
    assert len(found_on(page_of([body, [(115, 66), (190, 62)]])).digits) == 1


def test_touching_digits_are_cut_apart_and_a_wide_zero_is_not():
    page = np.full((160, 260), 255, np.uint8)
    left = 20
    for image in data.load("mnist", quick=True).x_test[[7, 18]]:  # a 9 and a 3
        ink = np.asarray(Image.fromarray(image).resize((112, 112)))
        ink = ink[:, ink.any(axis=0)]
        part = page[24:136, left : left + ink.shape[1]]
        part[:] = np.minimum(part, 255 - ink)
        left += ink.shape[1] - 6
    assert len(found_on(page).digits) == 2
    zero = page_of(())
    ImageDraw.Draw(zero).ellipse((30, 90, 270, 190), outline="black", width=12)
    assert len(found_on(zero).digits) == 1


def test_the_largest_digit_is_the_one_with_most_ink():
    small = [(20, 20), (40, 20), (26, 50)]
    page = page_of([small, [(x + 60, y + 30) for x, y in ((90, 60), (200, 60), (130, 210))]], size=(360, 300))
    found = photos.largest_digit(page)
    assert likeness(found.image, seven()) > 0.95 and found.box[0] > 100
    left, top, right, bottom = found.box
    assert found.ink.shape == (bottom - top + 4, right - left + 4)  # two pixels of paper all round
    assert found.ink.min() == 0 and found.ink.max() == 1
    np.testing.assert_array_equal(photos.digit_image(page), found.image)


def test_strokes_get_the_width_of_mnists(small_dataset):
    low, high = photos.STROKE_WIDTHS
    for width in (3, 8, 30):
        image = photos.digit_image(page_of(width=width))
        assert low - 0.3 < photos.stroke_width(photos.boxed(image, 20 * photos.FINE)) < high + 0.3


def test_a_blank_picture_has_no_box():
    with pytest.raises(photos.BlankImageError, match="expected ink"):
        photos.mnist_image(np.zeros((30, 30), np.float32))


def test_ink_that_is_not_read_is_listed_with_its_box_and_why():
    page = page_of([[(90, 20), (90, 260)], [(200, 200), (200, 230)]], width=10)
    found = found_on(page)
    assert len(found.digits) == 1
    (unread,) = found.unread
    assert unread.reason and np.abs(np.array(unread.box) - (195, 200, 205, 230)).max() <= 2
    small = np.zeros((28, 28), np.uint8)
    small[4:20, 5:8], small[6:14, 15:18] = 255, 255  # two strokes: a drawing of one digit
    found = photos.digits_on(*photos.open_photo(small))
    assert len(found.digits) == 1 and not found.unread and found.digits[0].box == (5, 4, 18, 20)


def test_a_digit_that_is_all_there_is_is_looked_for_at_its_own_size_alone(monkeypatch):
    asked, places = [], photos.find_places
    monkeypatch.setattr(photos, "find_places", lambda *given: asked.append(given[1:]) or places(*given))
    (digit,) = found_on(page_of()).digits
    top, bottom = digit.box[1::2]
    assert asked == [(photos.PART * (bottom - top),)]
    asked.clear()  # and where nobody is sure that it is one digit, at every size
    photos.digits_on(*photos.open_photo(page_of()), lambda images: np.zeros(len(images)))
    assert asked == [()]
