"""What the reader is trained with besides MNIST: made as MNIST was made, the same for the same seed."""

import numpy as np
import pytest

from mnist_study.data import drawn
from mnist_study.data.drawn import digits, others, pen
from mnist_study.data.not_digits import LOOKALIKES


def is_made_as_mnist_was(pixels):
    """The box of the ink is some 20 pixels long and its mass is in the middle."""
    rows, columns = (np.flatnonzero((pixels > 60).any(axis=axis)) for axis in (1, 0))
    centres = [(pixels.sum(axis=axis) @ np.arange(28)) / pixels.sum() for axis in (1, 0)]
    return 15 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 22 and np.abs(np.array(centres) - 13.5).max() < 1


def test_european_digits_are_0_1_4_and_7_made_as_mnist_was(small_dataset):
    made = [
        drawn.european(small_dataset.x_train, small_dataset.y_train, 60, np.random.default_rng(2)) for _ in range(2)
    ]
    pixels, labels = made[0]
    assert pixels.shape == (60, 28, 28) and pixels.dtype == np.uint8 and set(labels) == {0, 1, 4, 7}
    assert np.array_equal(pixels, made[1][0]) and np.array_equal(labels, made[1][1])
    assert np.mean([is_made_as_mnist_was(one) for one in pixels]) > 0.9
    assert len(drawn.european(small_dataset.x_train, small_dataset.y_train, 0, np.random.default_rng(2))[0]) == 0


def test_a_stroke_is_added_to_digits_of_mnist(small_dataset):
    images, labels = small_dataset.x_train, small_dataset.y_train
    one = images[np.flatnonzero(labels == 1)[0]]
    wider = [digits._with_strokes(one, 1, np.random.default_rng(seed)) for seed in range(8)]
    width = [np.ptp(np.flatnonzero((image > 100).any(axis=0))) for image in [one, *wider]]
    assert np.median(width[1:]) > width[0]


def test_printed_digits_are_labelled(small_dataset):
    pixels, labels = drawn.printed(200, np.random.default_rng(0))
    assert pixels.shape == (200, 28, 28) and set(labels) == set(range(10))
    same = pixels[labels == 8].astype(float).mean(axis=0), pixels[labels == 1].astype(float).mean(axis=0)
    assert (
        np.corrcoef(same[0].ravel(), pixels[labels == 8][0].ravel())[0, 1]
        > np.corrcoef(same[1].ravel(), pixels[labels == 8][0].ravel())[0, 1]
    )


@pytest.mark.parametrize("kind", dict.fromkeys(others.KINDS))
def test_what_is_no_digit_has_ink_and_repeats(small_dataset, kind):
    one, two = (kind(small_dataset.x_train, small_dataset.y_train, 12, np.random.default_rng(1)) for _ in range(2))
    assert one.shape == (12, 28, 28) and one.dtype == np.uint8 and np.array_equal(one, two)
    assert (one.max(axis=(1, 2)) > 60).all() and len(np.unique(one, axis=0)) > 8


def test_there_are_as_many_that_are_no_digits_as_asked_for(small_dataset):
    for n in (3, 10, 100):
        assert len(drawn.not_digits(small_dataset.x_train, small_dataset.y_train, n, np.random.default_rng(1))) == n


def test_letters_that_look_like_digits_are_not_trained_as_none():
    assert not set(others.OTHERS) & set(LOOKALIKES) and len(others.OTHERS) + len(LOOKALIKES) == 52


@pytest.mark.parametrize("shape", others.SHAPES)
def test_every_shape_is_boxed_and_centred(shape):
    rng = np.random.default_rng(3)
    assert np.mean([is_made_as_mnist_was(shape(rng)) for _ in range(10)]) >= 0.8


def test_the_pen_is_as_wide_as_asked_for():
    across = [
        pen.drawn([np.array([(0.0, 0.0), (0.0, 1.0)])], np.random.default_rng(0), width)[14] for width in (1.5, 3.5)
    ]
    narrow, wide = (int(np.count_nonzero(row > 100)) for row in across)
    assert 1 <= narrow <= 2 and 3 <= wide <= 5
