"""The committed records against what the reports claim."""

import numpy as np
import pandas as pd
import pytest

from mnist_study import comparison, experiments, gallery
from mnist_study.__main__ import main
from mnist_study.datasets import MNIST_DIGEST

FOUND = gallery.Records()


@pytest.mark.parametrize("name", ["sharpies/knn", "sharpies/svm"])
def test_knn_and_svm_come_out_exactly(name):
    record = FOUND.one(name)
    assert record.metrics["accuracy"] == float(comparison.claimed(name, "accuracy"))
    claimed, ours = comparison.classification_tables(record)
    pd.testing.assert_frame_equal(claimed, ours, check_names=False)
    supports = np.bincount(record.arrays["y_true"], minlength=10)
    assert supports.tolist() == [int(comparison.claimed(name, "support", str(digit))) for digit in range(10)]
    assert record.seconds["fit"] > 0 and record.seconds["predict"] > 0


def test_the_scaler_reversed_the_ranking():
    accuracy = {name: FOUND.one(f"sharpies/{name}").metrics["accuracy"] for name in ("knn", "svm", "svm-unscaled")}
    assert accuracy["svm"] < accuracy["knn"] < accuracy["svm-unscaled"]
    assert round(accuracy["svm-unscaled"], 4) == 0.9764


@pytest.mark.parametrize("name", gallery.NETWORKS)
def test_networks_are_recorded_in_full(name):
    runs = FOUND.all(name)
    assert [run.seed for run in runs] == list(experiments.get(name).seeds)
    for run in runs:
        assert run.data_digest == MNIST_DIGEST and run.settings == experiments.get(name).settings
        assert {len(values) for values in run.history.values()} == {100}
        missed = int((run.arrays["y_true"] != run.arrays["y_pred"]).sum())
        assert (run.metrics["misses"], run.metrics["n"]) == (missed, 10000)
        assert run.metrics["accuracy"] == (10000 - missed) / 10000
        assert run.provenance["dirty"] is False and len(run.provenance["commit"]) == 40
        assert abs(run.metrics["accuracy"] - float(comparison.claimed(name, "accuracy"))) < 0.01


def test_loss_holds_the_penalty_that_cross_entropy_leaves_out():
    metrics = FOUND.one("sharpies/cnn-32f").metrics
    assert 0 < metrics["loss"] - metrics["cross_entropy"] < 0.01


@pytest.mark.parametrize(
    ("stated", "accuracies", "verdict"),
    [
        (None, [0.9], "not in the report"),
        ("0.963", [0.9630001], "exact"),
        ("0.963", [0.9640001], "ours is 0.10 points higher"),
        ("0.98", [0.97, 0.99], "within the spread"),
        ("0.98", [0.97, 0.9702], "ours is 0.99 points lower"),
    ],
)
def test_verdict(stated, accuracies, verdict):
    assert comparison.verdict(stated, accuracies) == verdict


def test_every_claim_belongs_to_an_experiment():
    claims = comparison.claims()
    assert set(claims.experiment) <= set(experiments.EXPERIMENTS)
    assert not claims.duplicated(["experiment", "metric", "label"]).any()
    assert claims.source.str.len().min() > 5
    assert pd.to_numeric(claims.claimed).notna().all()


def test_readme_tables_are_current():
    assert main(["tables", "--check"]) == 0
