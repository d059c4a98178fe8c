"""Distortions: seeded, within their bounds, and nothing at all where they are asked for nothing."""

import numpy as np
import pytest

from mnist_study.data import augment

NOTHING = dict.fromkeys(augment.MODIFICATION, 0)


def test_the_modification_repeats_with_its_seed_and_keeps_the_format(small_dataset):
    images = small_dataset.x_train[:600]  # more than one chunk
    one, two, other = (augment.modified(images, np.random.default_rng(s), **augment.MODIFICATION) for s in (1, 1, 2))
    assert np.array_equal(one, two) and not np.array_equal(one, other)
    assert one.shape == images.shape and one.dtype == np.uint8
    np.testing.assert_array_equal(augment.modified(images, np.random.default_rng(1), **NOTHING), images)


@pytest.mark.parametrize(
    ("change", "measure", "low", "high"),
    [
        ({"shift": 0.25}, "place", 5, 7.01),  # a quarter of 28 pixels is 7
        ({"zoom": 0.3}, "side", 1.2, 1.31),
        ({"brightness": 0.5}, "grey", 0.45, 0.51),
    ],
)
def test_each_change_stays_within_its_bound_and_comes_near_it(change, measure, low, high):
    square = np.zeros((400, 28, 28), np.uint8)
    square[:, 9:19, 9:19] = 100
    changed = augment.modified(square, np.random.default_rng(3), **NOTHING | change).astype(float)
    place = np.arange(28) - 13.5
    mass = changed.sum(axis=(1, 2))
    largest = {
        "place": np.abs((changed.sum(axis=2) * place).sum(axis=1) / mass).max(),
        "side": np.sqrt(mass / 1e4).max(),
        "grey": np.abs(changed.max(axis=(1, 2)) / 100 - 1).max(),
    }
    assert low < largest[measure] <= high


def test_a_turned_digit_turns_about_the_centre():
    bar = np.zeros((200, 28, 28), np.uint8)
    bar[:, 4:24, 13:15] = 255
    turned = augment.modified(bar, np.random.default_rng(0), **NOTHING | {"rotation": 30}).astype(float)
    down, right = np.mgrid[:28, :28] - 13.5
    mass = turned.sum(axis=(1, 2))
    assert np.abs((turned * down).sum(axis=(1, 2)) / mass).max() < 0.2
    angle = np.rad2deg(np.arctan2((turned * down * right).sum(axis=(1, 2)), (turned * down * down).sum(axis=(1, 2))))
    assert 27 < np.abs(angle).max() < 31


def test_distortions_repeat_with_their_seed_and_keep_the_format(small_dataset):
    images = small_dataset.x_train[:40]
    one, two, other = (augment.distorted(images, np.random.default_rng(s), augment.STRONG) for s in (1, 1, 2))
    assert np.array_equal(one, two) and not np.array_equal(one, other)
    assert one.shape == images.shape and one.dtype == np.uint8


def test_no_distortion_at_all_changes_nothing(small_dataset):
    nothing = dict.fromkeys(augment.STRONG, 0) | {"gain": 1, "dim": 1}
    images = small_dataset.x_train[:40]
    assert np.abs(augment.distorted(images, np.random.default_rng(1), nothing).astype(int) - images).max() <= 1


def test_an_affine_map_turns_the_picture():
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 4, 13:15] = 1  # a mark at the top
    quarter = augment.affine_maps(1, np.random.default_rng(0))
    quarter[0, :, :2] = [[0, 1], [-1, 0]]
    turned = augment.warp(image, quarter)[0]
    rows, columns = np.nonzero(turned > 0.5)
    assert set(rows) == {13, 14} and set(columns) <= {4, 23}
