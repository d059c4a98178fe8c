"""Report inf283: forest, boosting and the grid search, in the committed records and as they are run."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_study import models, records, study
from mnist_study.reports.inf283 import experiments, runs
from mnist_study.training.run import Run

GRID = tuple(experiments.grid_name(setting) for setting in experiments.GRID_SETTINGS)
PRINTED = experiments.grid_name(experiments.OUTSIDE)  # as the report's best, though not in its grid


def test_supports_are_those_of_the_report(committed):
    stated = [int(records.claimed(PRINTED, "support", str(digit))) for digit in range(10)]
    assert np.bincount(committed.one(PRINTED).arrays["y_true"], minlength=10).tolist() == stated
    assert sum(stated) == 14000


def test_what_the_printed_accuracies_were_measured_on():
    def images(name, metric, n):
        return float(records.claimed(name, metric)) * n

    assert images("inf283/nn", "val_accuracy", 16800) == pytest.approx(16007, abs=1e-6)
    assert abs(images("inf283/nn", "val_accuracy", 14000) % 1 - 0.17) < 0.01
    assert images("inf283/random-forest-onehot-56000", "accuracy", 14000) == pytest.approx(12541, abs=1e-6)
    assert images(PRINTED, "accuracy_deployed", 14000) == pytest.approx(13840, abs=1e-6)


def test_one_hot_labels_cost_the_forest_eight_points(committed):
    onehot, plain = committed.all("inf283/random-forest-onehot"), committed.all("inf283/random-forest")
    assert round(onehot[-1].metrics["val_accuracy"], 2) == float(
        records.claimed("inf283/random-forest-onehot", "val_accuracy")
    )
    assert onehot[-1].seed == 42
    for one, other in zip(onehot, plain, strict=True):
        assert 0.075 < other.metrics["accuracy"] - one.metrics["accuracy"] < 0.09
        assert abs(other.metrics["accuracy"] - one.metrics["accuracy_most_votes"]) < 0.004
        assert (one.arrays["y_pred"] == models.NO_ANSWER).sum() == one.metrics["no_answer"] > 1000


def test_xgboost_reaches_what_was_asked_in_the_time_allowed(committed):
    record = committed.one("inf283/xgboost")
    assert record.metrics["accuracy"] >= 0.975 and record.seconds["fit"] < 300
    losses = record.history["val_loss"]
    assert record.metrics["rounds"] == int(np.argmin(losses)) + 1 == len(losses) - 10
    report = committed.one("inf283/xgboost-report")
    assert (
        report.arrays["grid_score"].shape == (32, 2)
        and record.metrics["val_accuracy"] > report.metrics["val_accuracy"] + 0.05
    )
    assert report.metrics["best"] in runs.grid(report.settings)


def test_the_grid_was_chosen_on_validation_images_alone(committed):
    accuracy = {}
    for name in GRID:
        record = committed.one(name)
        assert record.settings["measured_on"] == "validation" and record.metrics["n"] == 16800
        assert record.metrics["accuracy"] == record.metrics["val_accuracy"]
        accuracy[name] = record.metrics["val_accuracy"]
    best = sorted(accuracy, key=accuracy.get, reverse=True)
    assert tuple(best[:4]) == experiments.TOP_FOUR and experiments.grid_name(experiments.BEST) == best[0]
    assert all(len(committed.all(name)) == 5 for name in experiments.TOP_FOUR)
    assert 0.4 not in experiments.GRID["dropout"] and PRINTED not in GRID
    assert not set(records.FRESH_SEEDS) & {1, 2, 3, 4, 5}


# --- runners -----------------------------------------------------------------------------------------------------


def a_run(dataset, **changes):
    report = study.EXPERIMENTS["inf283/xgboost-report"]
    small = {"gamma": [0], "subsample": [1], "colsample_bytree": [1], "max_depth": [1, 3], "n_estimators": [2]}
    return Run(replace(report, settings=report.settings | small | changes), 42, dataset)


def test_a_grid_is_every_combination_in_order():
    grid = runs.grid(study.EXPERIMENTS["inf283/xgboost-report"].settings)
    assert len(grid) == 32 and grid[0] == dict(zip(runs.SEARCHED, (0.5, 0.6, 0.6, 3, 5), strict=True))
    assert grid[1] == grid[0] | {"n_estimators": 10} and grid[-1]["gamma"] == 2


def test_a_grid_search_that_was_stopped_goes_on_with_the_setting_it_was_at(home, small_dataset, monkeypatch):
    asked = a_run(small_dataset)
    whole = runs.run_boosting_grid(asked)
    assert whole.arrays["grid_score"].shape == (2, 2) and whole.metrics["best"]["max_depth"] == 3
    asked.checkpoint.unlink()
    fitted, classifier = [], runs._classifier

    def stopped(seed, **options):
        fitted.append(options["max_depth"])
        if len(fitted) == 3:
            raise KeyboardInterrupt
        return classifier(seed, **options)

    with monkeypatch.context() as patch:
        patch.setattr(runs, "_classifier", stopped)
        with pytest.raises(KeyboardInterrupt):
            runs.run_boosting_grid(asked)
    fitted.clear()
    monkeypatch.setattr(runs, "_classifier", lambda seed, **o: fitted.append(o["max_depth"]) or classifier(seed, **o))
    resumed = runs.run_boosting_grid(asked)
    assert fitted == [3, 3, 3]  # two folds, and the best on all training images
    np.testing.assert_array_equal(resumed.arrays["grid_score"], whole.arrays["grid_score"])
    assert resumed.metrics == whole.metrics


def test_boosting_stops_where_validation_does(small_dataset):
    report = study.EXPERIMENTS["inf283/xgboost"]
    few = replace(report, settings=report.settings | {"n_estimators": 200, "learning_rate": 1.0})
    record = runs.run_boosting(Run(few, 42, small_dataset))
    losses = record.history["val_loss"]
    assert len(losses) == len(record.history["loss"]) < 200
    assert record.metrics["rounds"] == int(np.argmin(losses)) + 1
    assert record.metrics["cross_entropy"] == pytest.approx(min(losses), abs=1e-4)
