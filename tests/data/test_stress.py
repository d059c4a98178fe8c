import numpy as np
import pytest

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


def test_unknown_stress_is_told():
    with pytest.raises(ValueError, match="There is no stress 'rain'"):
        stress.photograph(np.zeros((28, 28), np.uint8), np.random.default_rng(0), "rain", 1)
