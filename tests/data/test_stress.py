import numpy as np
import pytest
from scipy import ndimage

from mnist_study.data import stress
from mnist_study.reader import photos


@pytest.mark.parametrize("kind", stress.KINDS)
def test_stress_photos_repeat_and_keep_their_digit(small_dataset, kind):
    digit = small_dataset.x_test[0]
    one, two = (stress.photograph(digit, np.random.default_rng(5), kind, 1) for _ in range(2))
    assert one.dtype == np.uint8
    assert one.shape[2] == 3
    assert np.array_equal(one, two)
    found = photos.digit_image(one)
    assert np.corrcoef(found.ravel(), (digit / 255).ravel())[0, 1] > 0.5


@pytest.mark.parametrize("form", stress.EUROPEAN)
def test_european_photos_repeat_and_are_read_as_their_digit(small_dataset, form):
    digit = small_dataset.x_test[np.flatnonzero(small_dataset.y_test == stress.EUROPEAN[form])[0]]
    one, two = (stress.european(form, digit, np.random.default_rng(5)) for _ in range(2))
    assert one.dtype == np.uint8 and one.shape == (stress.SIDE, stress.SIDE, 3) and np.array_equal(one, two)
    before = photos.mnist_image(digit / np.float32(255))
    assert np.abs(photos.digit_image(one) - before).max() > 0.5  # a line was added


@pytest.mark.parametrize("strength", stress.STRENGTHS)
def test_strings_repeat_and_hold_their_digits_from_left_to_right(small_dataset, strength):
    digits = small_dataset.x_test[:5]
    one, two = (stress.string(digits, np.random.default_rng(3), strength) for _ in range(2))
    assert np.array_equal(one, two) and one.dtype == np.uint8 and one.shape[2] == 3 and one.shape[1] > one.shape[0]


def test_digits_of_a_mild_string_do_not_touch(small_dataset):
    photo = stress.string(small_dataset.x_test[:5], np.random.default_rng(3), 1)
    ink = photo.min(axis=2) < 120
    parts, n = ndimage.label(ink)
    large = np.bincount(parts.ravel())[1:] > 60
    assert n >= 5 and large.sum() >= 5


def test_unknown_kinds_forms_and_strengths_are_told():
    digit, rng = np.zeros((28, 28), np.uint8), np.random.default_rng(0)
    with pytest.raises(ValueError, match="There is no stress 'rain'"):
        stress.photograph(digit, rng, "rain", 1)
    with pytest.raises(ValueError, match="There is no European form '2'"):
        stress.european("2", digit, rng)
    with pytest.raises(ValueError, match="There is no strength 4 of strings"):
        stress.string(digit[None], rng, 4)
