import numpy as np
import pytest
from sklearn.datasets import load_digits

from mnist_study.data import embedded
from mnist_study.reader import photos


def test_embedded_digits_are_made_as_mnist():
    (x_train, _), (x_test, y_test) = embedded.embedded_digits()
    images = np.concatenate([x_train, x_test])
    assert images.shape == (1797, 28, 28) and images.dtype == np.uint8
    assert len(y_test) == 300 and np.bincount(y_test).min() >= 29
    mass = images.sum(axis=(1, 2), dtype=float)
    for axis in (1, 2):
        ink = images.any(axis=3 - axis)
        box = ink.shape[1] - ink[:, ::-1].argmax(axis=1) - ink.argmax(axis=1)
        assert box.max() <= 20
        centre = (images.sum(axis=3 - axis) * np.arange(28)).sum(axis=1) / mass
        assert np.abs(centre - 14).max() <= 0.51  # whole pixels, and grey levels rounded after centring


def test_mnist_format_refuses_a_blank_picture():
    with pytest.raises(ValueError, match="blank"):
        embedded.mnist_format(np.zeros((8, 8)))


def test_the_recipe_for_photos_makes_the_same_of_a_small_digit():
    for image in load_digits().images[:100]:
        ink = np.where(image / 16 > photos.LEAST_INK, image / 16, 0)  # on a photo less than that is paper
        np.testing.assert_array_equal(embedded.mnist_format(ink), np.rint(255 * photos.mnist_image(ink)))
