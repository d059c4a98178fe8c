"""The committed records against what the reports claim."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from mnist_study import gallery, paths
from mnist_study import study as experiments
from mnist_study.__main__ import main
from mnist_study.data.datasets import MNIST_DIGEST
from mnist_study.reader import reading as reader
from mnist_study.reports import comparison
from mnist_study.reports import verdicts as report

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


REPORTS = {"nust", "asher", "usps", "inf283", "sharpies"}


def test_every_figure_of_the_reports_is_listed_with_ours():
    listed = comparison.reported_figures()
    assert list(listed.columns) == ["report", "number", "shows", "ours", "records", "note"]
    assert set(listed.report) == REPORTS
    assert not listed.duplicated(["report", "number"]).any()
    assert (listed.number != "").all() and (listed.shows != "").all()
    for name in ("nust", "usps"):  # the two that number their figures
        assert listed[listed.report == name].number.tolist() == [f"Figure {k}" for k in range(1, 10)]
    tables = {f"table:{name}" for name in report.TABLES}
    notebooks = {f"notebook:{path.stem}" for path in (paths.project_root() / "notebooks").glob("*.ipynb")}
    for row in listed.itertuples():
        assert set(row.ours.split()) <= set(gallery.FIGURES) | tables | notebooks, row.number
        assert row.ours or row.note, f"{row.report}, {row.number}: neither drawn nor said why not"
        assert row.records or not row.ours, row.number
        for name in row.records.split():
            assert FOUND.all(name), name


def test_every_report_s_every_record_stands_behind_a_listed_figure():
    listed = set(" ".join(comparison.reported_figures().records).split())
    claimed = set(comparison.claims().experiment)
    assert claimed - listed == {"inf283/random-forest-onehot-56000"}  # a number in running text


def test_readme_tables_are_current():
    assert main(["tables", "--check"]) == 0


# --- the photos and the reader -----------------------------------------------------------------------------------


def test_the_report_s_photos_come_out_by_its_recipe():
    right = {name: [run.metrics["n"] - run.metrics["misses"] for run in FOUND.all(name)] for name in gallery.PHOTOS}
    assert right["sharpies/photos/svm"] == [5]  # 25 %, exactly the claim
    assert right["sharpies/photos/knn"] == [10]  # 50 % where the report has 0 %
    assert len(right["sharpies/photos/mlp-64-16"]) == len(right["sharpies/photos/mlp-64-32"]) == 5
    for name in ("sharpies/photos/mlp-64-16", "sharpies/photos/mlp-64-32"):
        accuracies = [count / 20 for count in right[name]]
        assert comparison.verdict(comparison.claimed(name, "accuracy"), accuracies) == "within the spread"


def test_the_ladder_leads_the_report_s_own_models_up():
    for name in gallery.PHOTOS:
        for run in FOUND.all(name):
            assert run.metrics["n_shrunk"] == run.metrics["n_stroke-width"] == 29
            assert run.metrics["misses_stroke-width"] <= 6 < 15 < run.metrics["misses_shrunk"]


def test_every_reader_reads_every_photo():
    runs = [*FOUND.all("reader/cnn"), FOUND.one("reader/shipped")]
    assert len(runs) == 6
    for run in runs:
        assert (run.metrics["misses_sharpies"], run.metrics["n_sharpies"]) == (0, 29)
        assert run.metrics["parameters"] == 174_602
        assert run.provenance["dirty"] is False


def test_the_reader_s_accuracies():
    runs = FOUND.all("reader/cnn")
    mean = {key: sum(run.metrics[f"accuracy{key}"] for run in runs) / len(runs) for key in ("", "_usps", "_digits")}
    assert mean[""] >= 0.996
    assert mean["_digits"] >= 0.975
    assert mean["_usps"] >= 0.979


def test_the_record_of_the_shipped_reader_is_that_of_the_shipped_weights():
    weights = reader.WEIGHTS / "reader.keras"
    metrics = FOUND.one("reader/shipped").metrics
    assert metrics["weights_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert metrics["bytes"] == weights.stat().st_size
    chosen = min(FOUND.all("reader/cnn"), key=lambda run: run.metrics["val_cross_entropy"])
    assert json.loads((reader.WEIGHTS / "reader.json").read_text())["seed"] == chosen.seed
    assert metrics["threshold"] == chosen.metrics["threshold"]
