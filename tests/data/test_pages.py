"""Rendered pages: the same from the same state, with boxes that hold their digits."""

import numpy as np
import pytest

from mnist_study.data import pages


@pytest.fixture(scope="module")
def digits(small_dataset):
    return small_dataset.x_train, small_dataset.y_train


@pytest.mark.parametrize("layout", pages.LAYOUTS)
def test_the_same_state_gives_the_same_page(digits, layout):
    one, other = (pages.page(*digits, np.random.default_rng(3), (240, 300), 40, layout) for _ in range(2))
    assert one[0].shape == (240, 300) and one[0].dtype == np.uint8
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], other[1])


def test_a_box_holds_a_digit_that_stands_out_of_the_paper(digits):
    stands_out = []
    for seed in range(40):
        page, boxes = pages.page(*digits, np.random.default_rng(seed), unit=40, layout="lines")
        for left, top, right, bottom, digit, kind in boxes.astype(int):
            assert 0 <= digit <= 9 and kind in (1, 2) and right > left and bottom > top
            if kind == 1:
                assert left >= 0 and top >= 0 and right <= pages.SIDE and bottom <= pages.SIDE
                stands_out.append(np.ptp(page[top:bottom, left:right].astype(int)))
    assert len(stands_out) > 100
    assert np.mean(np.array(stands_out) > 25) > 0.95  # a few are faint


def test_digits_of_a_line_do_not_touch_unless_they_are_meant_to(digits):
    """Boxes may overlap, because of a slant, but the middle of one digit is seldom in the box of another."""
    inside = total = 0
    for seed in range(30):
        _, boxes = pages.page(*digits, np.random.default_rng(seed), (200, 600), 40, "lines")
        for k, (left, top, right, bottom) in enumerate(boxes[:, :4]):
            middles = (boxes[:, [0, 1]] + boxes[:, [2, 3]]) / 2
            others = np.delete(middles, k, axis=0)
            inside += ((others > (left, top)) & (others < (right, bottom))).all(axis=1).sum()
            total += 1
    assert total > 200 and inside < 0.1 * total


def test_training_pages_ask_for_digits_of_a_size_that_is_found(digits):
    shown, boxes = pages.training_pages(*digits, 60, np.random.default_rng(0))
    assert shown.shape == (60, pages.SIDE, pages.SIDE) and boxes.shape == (60, pages.MOST_DIGITS, 6)
    asked = boxes[boxes[..., 5] == 1]
    height = asked[:, 3] - asked[:, 1]
    assert len(asked) > 60 and height.min() >= pages.LOW and height.max() <= pages.HIGH
    assert set(np.unique(asked[:, 4])) == set(range(10))
