"""Report nust: the modification, the networks it is tried on, and the committed records."""

import numpy as np
import pytest

from mnist_study import data, evaluation, records, study
from mnist_study.data import augment
from mnist_study.reports.nust import experiments, runs

NOTHING = dict.fromkeys(augment.MODIFICATION, 0)


def test_the_modified_test_set_has_the_same_bytes_everywhere(real_mnist):
    images = runs.modified_test_images(real_mnist)
    assert data.digest(images) == runs.MODIFIED_DIGEST
    assert len(runs.never_seen(real_mnist)) == 1965


def test_ink_kept_is_whole_where_nothing_leaves_the_frame(small_dataset, monkeypatch):
    monkeypatch.setattr(augment, "MODIFICATION", NOTHING)
    np.testing.assert_allclose(runs.ink_kept(small_dataset), 1, atol=1e-5)
    monkeypatch.setattr(augment, "MODIFICATION", NOTHING | {"zoom": 0.3, "rotation": 30})
    kept = runs.ink_kept(small_dataset)
    assert np.abs(np.median(kept) - 1) < 0.02  # a 20x20 digit stays within 28x28 at 1.3 times its size, mostly
    monkeypatch.setattr(augment, "MODIFICATION", NOTHING | {"shift": 0.5})
    assert runs.ink_kept(small_dataset).min() < 0.6


def test_another_modified_test_set_is_refused(small_dataset):
    parts = small_dataset.x_train, small_dataset.y_train, small_dataset.x_test, small_dataset.y_test
    claimed_to_be_mnist = data.Dataset("mnist", *parts, data.MNIST_DIGEST)
    with pytest.raises(data.CorruptDataError, match=r"cannot\s+be compared"):
        runs.modified_test_images(claimed_to_be_mnist)


def test_an_epoch_is_modified_in_the_share_asked_for(small_dataset):
    x, y = small_dataset.x_train, small_dataset.y_train
    settings = {"modification": NOTHING, "modified_share": 1.0}
    pixels, labels = runs.augmented_epoch(x, y, np.random.default_rng(1), settings)
    order = np.random.default_rng(1).permutation(len(x))
    np.testing.assert_array_equal(pixels, x[order])
    np.testing.assert_array_equal(labels, y[order])
    settings["modified_share"] = 0.5
    pixels, _ = runs.augmented_epoch(x, y, np.random.default_rng(1), settings)
    unchanged = (pixels == x[order]).all(axis=(1, 2)).mean()
    assert 0.35 < unchanged < 0.65


def test_images_that_no_model_has_seen_are_test_images_of_both_splits(small_dataset):
    rows = np.arange(400)
    _, (held_out, _) = data.sharpies_split((rows[:300], rows[:300]), (rows[300:], rows[300:]))
    index = runs.never_seen(small_dataset)
    assert set(index + 300) == set(held_out[held_out >= 300]) and (np.diff(index) > 0).all()


# --- records -----------------------------------------------------------------------------------------------------


@pytest.fixture
def mean(committed):
    """A function from an experiment and a metric to its mean over the seeds."""
    return lambda name, metric: evaluation.mean_and_std([run.metrics[metric] for run in committed.all(name)])[0]


def test_the_supports_are_mnist_s(committed):
    supports = np.bincount(committed.one("nust/lenet").arrays["y_true"], minlength=10)
    for name in ("nust/lenet", "nust/lenet-modified", "nust/lenet-augmented"):
        assert supports.tolist() == [int(records.claimed(name, "support", str(digit))) for digit in range(10)]


def test_the_strength_is_the_one_that_calibration_names(committed):
    for run in committed.all("nust/calibration"):
        strength = run.metrics["nearest_strength"]
        named = {"rotation": 100 * strength, "shift": strength, "zoom": strength}
        assert named | {"brightness": augment.MODIFICATION["brightness"]} == augment.MODIFICATION


def test_zoom_and_brightness_alone_hardly_decide_and_seeds_are_others_than_those_of_the_choice(committed):
    runs = committed.all("nust/calibration")
    assert [run.seed for run in runs] == [4, 5, 6]
    for run in runs:
        for name in ("zoom", "brightness"):
            chosen = run.settings[name].index(augment.MODIFICATION[name])
            alone, whole = run.arrays[name], run.arrays["grid"][3, 3]  # of the same rotation and shift
            assert len(alone) == len(run.settings[name]) and alone[chosen] == whole


def test_the_report_s_pattern_is_reproduced(mean, committed):
    assert abs(mean("nust/lenet", "accuracy") - 0.9921) < 0.002
    assert abs(mean("nust/lenet-modified", "accuracy") - 0.2776) < 0.02
    assert mean("nust/lenet-augmented", "accuracy") > 0.937
    for run in committed.all("nust/lenet-modified"):  # the same networks
        clean = next(other for other in committed.all("nust/lenet") if other.seed == run.seed)
        assert run.metrics["misses_clean"] == clean.metrics["misses"]


def test_the_report_s_own_table_says_that_its_text_is_wrong():
    assert records.claimed("nust/lenet-augmented", "accuracy_printed") == "0.94"
    assert f"{float(records.claimed('nust/lenet-augmented', 'accuracy_text')):.2f}" == "0.93"


def test_every_model_is_fragile_and_shift_is_worst(committed):
    names = committed.names("nust/fragility/")
    assert len(names) == 11
    for name in names:
        assert study.EXPERIMENTS[name].settings["strengths"] == {
            change: list(bounds) for change, bounds in experiments.STRENGTHS.items()
        }
        for run in committed.all(name):
            assert run.arrays["accuracy"].shape == (4, 5) and run.metrics["n"] == 1965
            if not name.endswith(("robust", "augmented")):
                assert run.arrays["accuracy"][1, -1] < 0.5 < run.metrics["accuracy_plain"]


def test_changed_ink_costs_the_networks_something_too(committed):
    names = committed.names("nust/ink-fragility/")
    assert len(names) == 5
    for run in (run for name in names for run in committed.all(name)):
        assert run.metrics["n"] == 1965
        assert run.arrays["accuracy"].shape == (3, 3)
        assert (np.diff(run.arrays["accuracy"][1:], axis=1) < 0).all()  # more blur, fewer pixels
