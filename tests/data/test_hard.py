"""Hard pages: every kind can be drawn, says what stands on it, and comes out the same from the same state."""

import numpy as np
import pytest

from mnist_study.data.pages import hard


@pytest.mark.parametrize("kind", hard.KINDS + hard.KEPT)
def test_a_page_says_what_stands_on_it_and_comes_again(kind, small_dataset):
    x, y = small_dataset.x_test, small_dataset.y_test
    for strength in (1, 3):
        photo, text = hard.photograph(x, y, np.random.default_rng(5), kind, strength)
        again, _ = hard.photograph(x, y, np.random.default_rng(5), kind, strength)
        assert photo.dtype == np.uint8 and photo.ndim == 3 and (photo == again).all()
        assert text.replace("\n", "").isdecimal() and all(text.split("\n"))
        assert np.ptp(photo) > 60  # ink stands out of the paper


def test_another_kind_or_strength_is_refused(small_dataset):
    for kind, strength in (("sheets", 1), ("sheet", 4)):
        with pytest.raises(ValueError, match="There is no hard page"):
            hard.photograph(small_dataset.x_test, small_dataset.y_test, np.random.default_rng(0), kind, strength)
