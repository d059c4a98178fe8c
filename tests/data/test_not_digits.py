import string

import numpy as np
import pytest

from mnist_study.data import not_digits
from mnist_study.data.drawn.digits import TRAINING_FONTS


def test_letters_are_every_letter_in_every_font_once():
    plain, alike = (not_digits.letters(lookalikes) for lookalikes in (False, True))
    assert len(plain[0]) + len(alike[0]) == len(string.ascii_letters) * len(not_digits.FONTS)
    assert set(alike[1]) == set(not_digits.LOOKALIKES) and not set(plain[1]) & set(alike[1])
    for drawings, names in (plain, alike):
        assert drawings.shape == (len(names), not_digits.SIDE, not_digits.SIDE) and drawings.dtype == np.uint8
        assert (drawings.min(axis=(1, 2)) < 50).all() and (drawings[:, 0, 0] == 255).all()  # black on white


@pytest.mark.parametrize("draw", [not_digits.scribbles, not_digits.faces, not_digits.words, not_digits.hands])
def test_drawings_repeat_with_their_seed_and_differ_among_themselves(draw):
    one, two = (draw(6, np.random.default_rng(4)) for _ in range(2))
    assert one.shape[:2] == (6, not_digits.SIDE) and one.dtype == np.uint8
    assert np.array_equal(one, two) and len(np.unique(one, axis=0)) == 6
    assert (one.mean(axis=(1, 2)) > 100).all() and (one.min(axis=(1, 2)) < 60).all()


def test_no_font_is_both_trained_with_and_measured_on():
    assert not any(font.startswith("DejaVu") for font in not_digits.FONTS)
    assert all(font.startswith("DejaVu") for font in TRAINING_FONTS)
