"""Reports inf283 and asher: splits, models, records and the claims beside them."""

import numpy as np
import pytest

from mnist_study import gallery
from mnist_study import study as experiments
from mnist_study.data import datasets
from mnist_study.data.datasets import MNIST_DIGEST, Dataset
from mnist_study.models import classical as baselines
from mnist_study.models import networks
from mnist_study.reports import comparison
from mnist_study.reports.asher import experiments as rows_asher
from mnist_study.reports.inf283 import experiments as rows_inf283
from mnist_study.reports.inf283 import figures as gallery_inf283
from mnist_study.reports.inf283 import runs as boosting

FOUND = gallery.Records()
TUNED = [name for name in experiments.EXPERIMENTS if name.startswith(("inf283/", "asher/"))]


def test_the_names_that_were_asked_for_are_there():
    inf283 = ("random-forest-onehot", "random-forest", "xgboost-report", "xgboost", "nn", "cnn", "cnn-best")
    asher = ("svm", "knn", "random-forest", "cnn", "cnn-tuned")
    assert {f"inf283/{name}" for name in inf283} | {f"asher/{name}" for name in asher} <= set(TUNED)
    assert len([name for name in TUNED if name.startswith("inf283/grid/")]) == 17
    assert len([name for name in TUNED if name.startswith("asher/search/")]) == 27


@pytest.mark.parametrize("name", TUNED)
def test_every_run_is_recorded_from_a_clean_commit(name):
    runs = FOUND.all(name)
    assert [run.seed for run in runs] == sorted(experiments.get(name).seeds)
    for run in runs:
        assert run.data_digest == MNIST_DIGEST and run.settings == experiments.get(name).settings
        assert run.provenance["dirty"] is False and len(run.provenance["commit"]) == 40
        if "y_true" in run.arrays:
            missed = int((run.arrays["y_true"] != run.arrays["y_pred"]).sum())
            assert (run.metrics["misses"], run.metrics["n"]) == (missed, len(run.arrays["y_true"]))


def test_parameters_of_the_networks():
    assert networks.plain_mlp().count_params() == 200960 + 32896 + 7740 + 610
    assert networks.pooled_cnn().count_params() == 832 + 589952 + 1290
    assert networks.pooled_cnn([32], 5, 3, 0.5, 128).count_params() == 832 + 262272 + 1290
    outputs = [tuple(row["shape"]) for row in networks.layer_table(networks.pooled_cnn([8, 8], 3, 2, 0.0, 32))]
    assert outputs == [
        (28, 28),
        (28, 28),
        (28, 28, 1),
        (26, 26, 8),
        (13, 13, 8),
        (11, 11, 8),
        (5, 5, 8),
        (200,),
        (32,),
        (10,),
    ]


def test_supports_are_those_of_the_report():
    stated = [int(comparison.claimed("inf283/cnn-best", "support", str(digit))) for digit in range(10)]
    assert np.bincount(FOUND.one("inf283/cnn-best").arrays["y_true"], minlength=10).tolist() == stated
    assert sum(stated) == 14000


@pytest.mark.parametrize(
    ("split", "sizes"),
    [
        ("inf283, 39199/16800/14000", (39199, 16800, 14000)),
        ("inf283, 55999/14000", (55999, 0, 14000)),
        ("sharpies, 56000/14000", (56000, 0, 14000)),
        ("60000/10000", (54000, 6000, 10000)),
    ],
)
def test_named_splits(split, sizes):
    rows = np.arange(70000)
    labels = rows % 10
    whole = Dataset("rows", rows[:60000], labels[:60000], rows[60000:], labels[60000:], "")
    parts = datasets.named_split(whole, {"split": split, "validation_split": 0.1})
    assert tuple(len(images) for images, _ in parts) == sizes
    assert len(np.unique(np.concatenate([images for images, _ in parts]))) == sum(sizes)
    assert all((images % 10 == label).all() for images, label in parts)


# --- report inf283 -----------------------------------------------------------------------------------------------


def test_what_the_printed_accuracies_were_measured_on():
    def images(name, metric, n):
        return float(comparison.claimed(f"inf283/{name}", metric)) * n

    assert images("nn", "val_accuracy", 16800) == pytest.approx(16007, abs=1e-6)
    assert abs(images("nn", "val_accuracy", 14000) % 1 - 0.17) < 0.01
    assert images("random-forest-onehot-56000", "accuracy", 14000) == pytest.approx(12541, abs=1e-6)
    assert images("cnn-best", "accuracy", 14000) == pytest.approx(13840, abs=1e-6)


def test_one_hot_labels_cost_the_forest_eight_points():
    onehot, plain = FOUND.all("inf283/random-forest-onehot"), FOUND.all("inf283/random-forest")
    assert round(onehot[-1].metrics["val_accuracy"], 2) == float(
        comparison.claimed("inf283/random-forest-onehot", "val_accuracy")
    )
    assert onehot[-1].seed == 42
    for one, other in zip(onehot, plain, strict=True):
        assert 0.075 < other.metrics["accuracy"] - one.metrics["accuracy"] < 0.09
        assert abs(other.metrics["accuracy"] - one.metrics["accuracy_most_votes"]) < 0.004
        assert (one.arrays["y_pred"] == baselines.NO_ANSWER).sum() == one.metrics["no_answer"] > 1000


def test_a_one_hot_forest_answers_only_with_a_majority(small_dataset):
    model = baselines.random_forest(10, one_hot=True, seed=1).fit(small_dataset.x_train, small_dataset.y_train)
    read, votes = model.predict(small_dataset.x_test), model.predict_proba(small_dataset.x_test)
    answered = (votes > 0.5).any(axis=1)
    assert (read[~answered] == baselines.NO_ANSWER).all() and 0 < answered.sum() < len(read)
    assert (read[answered] == votes[answered].argmax(axis=1)).all()


def test_xgboost_reaches_what_was_asked_in_the_time_allowed():
    record = FOUND.one("inf283/xgboost")
    assert record.metrics["accuracy"] >= 0.975 and record.seconds["fit"] < 300
    losses = record.history["val_loss"]
    assert record.metrics["rounds"] == int(np.argmin(losses)) + 1 == len(losses) - 10
    report = FOUND.one("inf283/xgboost-report")
    assert (
        report.arrays["grid_score"].shape == (32, 2)
        and record.metrics["val_accuracy"] > report.metrics["val_accuracy"] + 0.05
    )
    assert report.metrics["best"] in boosting.grid(report.settings)


def test_the_grid_was_chosen_on_validation_images_alone():
    accuracy = {}
    for name in gallery_inf283.GRID:
        record = FOUND.one(name)
        assert record.settings["measured_on"] == "validation" and record.metrics["n"] == 16800
        assert record.metrics["accuracy"] == record.metrics["val_accuracy"]
        accuracy[name] = record.metrics["val_accuracy"]
    best = sorted(accuracy, key=accuracy.get, reverse=True)
    assert tuple(best[:4]) == rows_inf283.TOP_FOUR and rows_inf283.grid_name(rows_inf283.BEST) == best[0]
    assert all(len(FOUND.all(name)) == 5 for name in rows_inf283.TOP_FOUR)
    assert 0.4 not in rows_inf283.GRID["dropout"] and gallery_inf283.OUTSIDE not in gallery_inf283.GRID
    assert not set(rows_inf283.FRESH_SEEDS) & {1, 2, 3, 4, 5}


# --- report asher ------------------------------------------------------------------------------------------------


def test_the_search_is_complete_and_its_winner_is_the_one_retrained():
    scores = {values: FOUND.one(rows_asher.trial_name(*values)).metrics["accuracy"] for values in rows_asher.SEARCH}
    assert len(scores) == 27 and max(scores, key=scores.get) == rows_asher.BEST
    tuned = FOUND.all("asher/cnn-tuned")
    assert {tuple(run.settings["model"]["filters"]) for run in tuned} == {(rows_asher.BEST[0],) * 2}
    assert not set(rows_asher.FRESH_SEEDS) & {1}


def test_a_trial_holds_its_score_and_its_history():
    for values in rows_asher.SEARCH:
        record = FOUND.one(rows_asher.trial_name(*values))
        assert record.metrics["accuracy"] == max(record.history["val_accuracy"]) and record.metrics["n"] == 10000
        assert len(record.history["loss"]) == 5 and record.seconds["fit"] > 0


def test_anatomy_agrees_with_the_layers_it_explains():
    arrays = FOUND.one("asher/anatomy").arrays
    maps, pooled = arrays["maps"], arrays["pooled"]
    ink = arrays["digit"] / 255.0
    windows = np.lib.stride_tricks.sliding_window_view(ink, (3, 3))
    by_hand = np.maximum(np.einsum("ijkl,klf->ijf", windows, arrays["kernels"]) + arrays["bias"], 0)
    np.testing.assert_allclose(maps, by_hand, atol=1e-4)
    np.testing.assert_array_equal(pooled, maps.reshape(13, 2, 13, 2, -1).max(axis=(1, 3)))
    np.testing.assert_array_equal(arrays["flat"], arrays["last_pooled"].ravel())
    assert arrays["probability"].sum() == pytest.approx(1, abs=1e-5)
    assert arrays["small"].shape == (28, 28) and arrays["turned"].shape == (3, 28, 28)
