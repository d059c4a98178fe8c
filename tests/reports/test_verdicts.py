"""The verdicts on every claim."""

import numpy as np
import pandas as pd
import pytest

from mnist_study import records, study
from mnist_study.reports import verdicts as report


@pytest.fixture(scope="module")
def rows_of(committed):
    """Name of a report -> the rows of its claims."""
    return {name: report.rows(committed, name) for name in report.REPORTS}


@pytest.mark.parametrize(
    ("claimed", "ours", "verdict"),
    [
        ("0.963", [0.9630001], report.EXACT),
        ("51450", [51450, 51450], report.EXACT),
        ("0.88", [0.8796, 0.8803], report.WITHIN),  # both round to it, but they are not the same
        ("0.98", [0.97, 0.99], report.WITHIN),
        ("0.98", [0.97, 0.9702], report.NOT_REPRODUCED),
        ("0.968", [0.9688], report.NOT_REPRODUCED),  # one run has no spread
        ("14", [7, 7, 7], report.NOT_REPRODUCED),
    ],
)
def test_verdicts(claimed, ours, verdict):
    assert report.judged(claimed, ours) == verdict


def test_every_claim_has_a_row(rows_of):
    claims = records.claims()
    claims = claims[claims.metric != "accuracy_printed"]
    single = claims[claims.label == ""]
    assert sum(len(table) for table in rows_of.values()) > len(single)
    for name, table in rows_of.items():
        assert set(table.experiment) == set(claims.experiment[claims.experiment.str.startswith(f"{name}/")])
        plain = ~table.what.str.contains("cells|supports|share|error of|photos misread")
        assert plain.sum() == single.experiment.str.startswith(f"{name}/").sum()


def test_what_does_not_hold_says_why(rows_of):
    for table in rows_of.values():
        failed = table[table.verdict.isin([report.NOT_REPRODUCED, report.NOT_REPRODUCIBLE])]
        assert (failed.why.str.len() > 20).all(), failed[failed.why.str.len() <= 20]
        assert (table.why[~table.index.isin(failed.index)] == "").all()


def test_known_verdicts(rows_of, committed):
    table = pd.concat(rows_of.values())
    found = {(row.experiment, row.what): row.verdict for row in table.itertuples()}
    assert found["sharpies/knn", "accuracy, %"] == report.EXACT
    assert found["sharpies/svm", "classification report, cells"] == report.EXACT
    assert found["sharpies/mlp-64-16", "parameters"] == report.EXACT
    assert found["inf283/cnn-best", "supports of the test part"] == report.EXACT
    assert found["nust/lenet-modified", "accuracy, %"] == report.WITHIN
    assert found["sharpies/photos/knn", "accuracy, %"] == report.NOT_REPRODUCED
    assert found["nust/lenet", "epoch of the lowest validation loss"] == report.NOT_REPRODUCED
    assert found["asher/knn", "accuracy, %"] == report.NOT_REPRODUCIBLE
    assert found["nust/lenet-augmented", "accuracy, %"] == report.NOT_REPRODUCED
    assert found["inf283/nn", "seconds to fit"] == report.NOT_REPRODUCIBLE
    assert sum(report.counted(committed).values()) == len(table)


def test_a_row_shows_mean_spread_runs_and_misses(rows_of, committed):
    row = rows_of["sharpies"].set_index(["experiment", "what"]).loc[("sharpies/mlp-64-16", "accuracy, %")]
    runs = [100 * run.metrics["accuracy"] for run in committed.all("sharpies/mlp-64-16")]
    assert row.ours == f"{np.mean(runs):.2f} ± {np.std(runs, ddof=1):.2f}" and row.n == "5"
    assert row.misses.endswith("of 10,000") and row.claimed == "97.12"
    assert row.difference == f"{np.mean(runs) - 97.12:+.2f}"


def test_a_claim_keeps_its_printed_precision(committed):
    claimed = {row.experiment: row.claimed for row in report.accuracies(committed).itertuples()}
    assert (claimed["asher/knn"], claimed["inf283/random-forest-onehot"]) == ("96.8", "88")
    assert (claimed["sharpies/knn"], claimed["nust/lenet"]) == ("97.13", "99.21")


def test_the_front_table_holds_every_claimed_accuracy(committed):
    claims = records.claims()
    assert (
        len(report.accuracies(committed)) == claims.metric.isin(["accuracy", "val_accuracy"]).sum() - 1
    )  # LeNet's on validation


def test_the_front_door_gives_the_same_rows(rows_of):
    pd.testing.assert_frame_equal(study.claims("usps"), rows_of["usps"])
    with pytest.raises(KeyError, match="There is no report 'usp'; did you mean usps"):
        study.claims("usp")
