"""Report asher: the search, its winner, and the inside of a network, in the committed records and as they are run."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_study import models, records, study
from mnist_study.reports.asher import experiments, runs
from mnist_study.training.run import Run


def test_the_search_is_complete_and_its_winner_is_the_one_retrained(committed):
    scores = {
        values: committed.one(experiments.trial_name(*values)).metrics["accuracy"] for values in experiments.SEARCH
    }
    assert len(scores) == 27 and max(scores, key=scores.get) == experiments.BEST
    tuned = committed.all("asher/cnn-tuned")
    assert {tuple(run.settings["model"]["filters"]) for run in tuned} == {(experiments.BEST[0],) * 2}
    assert not set(records.FRESH_SEEDS) & {1}


def test_a_trial_holds_its_score_and_its_history(committed):
    for values in experiments.SEARCH:
        record = committed.one(experiments.trial_name(*values))
        assert record.metrics["accuracy"] == max(record.history["val_accuracy"]) and record.metrics["n"] == 10000
        assert len(record.history["loss"]) == 5 and record.seconds["fit"] > 0


def test_anatomy_agrees_with_the_layers_it_explains(committed):
    check_anatomy(committed.one("asher/anatomy").arrays)


def check_anatomy(arrays):
    """The arrays of an anatomy: what convolution, ReLU, pooling and flattening do, by hand."""
    maps, pooled = arrays["maps"], arrays["pooled"]
    ink = arrays["digit"] / 255.0
    windows = np.lib.stride_tricks.sliding_window_view(ink, (3, 3))
    by_hand = np.maximum(np.einsum("ijkl,klf->ijf", windows, arrays["kernels"]) + arrays["bias"], 0)
    np.testing.assert_allclose(maps, by_hand, atol=1e-4)
    np.testing.assert_array_equal(pooled, maps.reshape(13, 2, 13, 2, -1).max(axis=(1, 3)))
    np.testing.assert_array_equal(arrays["flat"], arrays["last_pooled"].ravel())
    assert arrays["probability"].sum() == pytest.approx(1, abs=1e-5)
    assert arrays["small"].shape == (28, 28) and arrays["turned"].shape == (3, 28, 28)


def test_any_network_of_convolution_and_pooling_can_be_looked_into(home, small_dataset):
    experiment = study.EXPERIMENTS["asher/anatomy"]
    network = models.pooled_cnn([4, 4], kernel_size=3, dropout=0.0, units=8)

    class Asked(Run):
        def trained(self, name, seed=None):
            assert name == "asher/cnn-tuned"
            return network

    record = runs.run_anatomy(Asked(replace(experiment, settings=dict(experiment.settings)), 11, small_dataset))
    check_anatomy(record.arrays)
    assert record.metrics == {"n": 1, "label": int(small_dataset.y_test[0]), "parameters": network.count_params()}
    assert len(record.arrays["test_image"]) == len(record.arrays["test_read"]) == runs.SHOWN
