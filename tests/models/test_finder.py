"""The finder's network: its size, what is wanted of it, and that the loss wants the same."""

import numpy as np
import pytest

from mnist_study.models import finder


def test_the_network_is_small_and_answers_at_every_fourth_pixel():
    model = finder.finder_cnn()
    assert model.count_params() == 196_943 < 300_000
    assert model.output_shape == (None, 48, 48, finder.CHANNELS)


BOXES = np.array([[[40, 60, 62, 100, 7, 1], [100, 20, 130, 50, 0, 1], [150, 150, 190, 190, 3, 2], [0] * 6]], np.float32)


def test_targets_are_a_peak_in_the_middle_with_the_box_beside_it():
    targets = finder.finding_targets(BOXES).astype(np.float32)
    assert targets.shape == (1, 48, 48, 7)
    peaks = np.argwhere(targets[0, ..., 0] == 1)
    assert peaks.tolist() == [[8, 28], [20, 12]]  # the middles (115, 35) and (51, 80), four pixels to a position
    digit, high, wide, right, down = targets[0, 20, 12, 2:]
    assert digit == 7
    assert finder.TYPICAL * np.exp([high, wide]) == pytest.approx([40, 22], rel=2e-3)
    assert [4 * (12.5 + right), 4 * (20.5 + down)] == pytest.approx([51, 80], abs=0.02)
    assert not targets[0, 42, 42, 1] and targets[0, 5, 5, 1]  # nothing is asked where a digit runs out of the page


def answer(targets):
    """What a perfect network would say."""
    found = np.zeros((*targets.shape[:3], finder.CHANNELS), np.float32)
    peak = np.clip(targets[..., 0], 1e-3, 1 - 1e-3)
    found[..., 0] = np.log(peak / (1 - peak))
    found[..., 1:11] = 20 * np.eye(10)[targets[..., 2].astype(int)]
    found[..., 11:] = targets[..., 3:]
    return found


def test_the_loss_is_nothing_for_a_perfect_answer_and_grows_with_each_mistake():
    targets = finder.finding_targets(BOXES).astype(np.float32)
    right = answer(targets)
    best = float(finder.finding_loss(targets, right)[0])
    assert best < 0.01
    wrong = {"no peak": right.copy(), "a false peak": right.copy(), "the name": right.copy(), "the box": right.copy()}
    wrong["no peak"][0, 20, 12, 0] = -5
    wrong["a false peak"][0, 30, 30, 0] = 5
    wrong["the name"][0, 20, 12, 1:11] = 20 * np.eye(10)[1]
    wrong["the box"][0, 20, 12, 11] += 1
    for what, found in wrong.items():
        assert float(finder.finding_loss(targets, found)[0]) > best + 0.03, what
    unasked = right.copy()
    unasked[0, 42, 42, 0] = 5
    assert float(finder.finding_loss(targets, unasked)[0]) == pytest.approx(best, abs=1e-6)


def test_right_are_the_digits_found_and_named():
    targets = finder.finding_targets(BOXES).astype(np.float32)
    found = answer(targets)
    assert [float(one[0]) for one in finder.right_and_asked(targets, found)] == [2, 2]
    found[0, 8, 28, 1:11] = 20 * np.eye(10)[5]
    assert [float(one[0]) for one in finder.right_and_asked(targets, found)] == [1, 2]
    assert float(finder.accuracy(targets, found)[0]) == 0.5
