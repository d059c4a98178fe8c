"""The verdicts on every claim, and the index of every figure."""

import numpy as np
import pandas as pd
import pytest

from mnist_study import paths
from mnist_study import study as experiments
from mnist_study.reports import comparison
from mnist_study.reports import verdicts as report

FOUND = experiments.Records()
ROWS = {name: report.rows(FOUND, name) for name in report.REPORTS}


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


def test_every_claim_has_a_row():
    claims = comparison.claims()
    claims = claims[claims.metric != "accuracy_printed"]
    single = claims[claims.label == ""]
    assert sum(len(table) for table in ROWS.values()) > len(single)
    for name, table in ROWS.items():
        assert set(table.experiment) == set(claims.experiment[claims.experiment.str.startswith(f"{name}/")])
        plain = ~table.what.str.contains("cells|supports|share|error of|photos misread")
        assert plain.sum() == single.experiment.str.startswith(f"{name}/").sum()


def test_what_does_not_hold_says_why():
    for table in ROWS.values():
        failed = table[table.verdict.isin([report.NOT_REPRODUCED, report.NOT_REPRODUCIBLE])]
        assert (failed.why.str.len() > 20).all(), failed[failed.why.str.len() <= 20]
        assert (table.why[~table.index.isin(failed.index)] == "").all()


def test_known_verdicts():
    table = pd.concat(ROWS.values())
    verdicts = {(row.experiment, row.what): row.verdict for row in table.itertuples()}
    assert verdicts["sharpies/knn", "accuracy, %"] == report.EXACT
    assert verdicts["sharpies/svm", "classification report, cells"] == report.EXACT
    assert verdicts["sharpies/mlp-64-16", "parameters"] == report.EXACT
    assert verdicts["inf283/cnn-best", "supports of the test part"] == report.EXACT
    assert verdicts["nust/lenet-modified", "accuracy, %"] == report.WITHIN
    assert verdicts["sharpies/photos/knn", "accuracy, %"] == report.NOT_REPRODUCED
    assert verdicts["nust/lenet", "epoch of the lowest validation loss"] == report.NOT_REPRODUCED
    assert verdicts["asher/knn", "accuracy, %"] == report.NOT_REPRODUCIBLE
    assert verdicts["nust/lenet-augmented", "accuracy, %"] == report.NOT_REPRODUCED
    assert verdicts["inf283/nn", "seconds to fit"] == report.NOT_REPRODUCIBLE
    assert sum(report.counted(FOUND).values()) == len(table)


def test_a_row_shows_mean_spread_runs_and_misses():
    row = ROWS["sharpies"].set_index(["experiment", "what"]).loc[("sharpies/mlp-64-16", "accuracy, %")]
    runs = [100 * run.metrics["accuracy"] for run in FOUND.all("sharpies/mlp-64-16")]
    assert row.ours == f"{np.mean(runs):.2f} ± {np.std(runs, ddof=1):.2f}" and row.n == "5"
    assert row.misses.endswith("of 10,000") and row.claimed == "97.12"
    assert row.difference == f"{np.mean(runs) - 97.12:+.2f}"


def test_a_claim_keeps_its_printed_precision():
    claimed = {row.experiment: row.claimed for row in report.accuracies(FOUND).itertuples()}
    assert (claimed["asher/knn"], claimed["inf283/random-forest-onehot"]) == ("96.8", "88")
    assert (claimed["sharpies/knn"], claimed["nust/lenet"]) == ("97.13", "99.21")


def test_the_front_table_holds_every_claimed_accuracy():
    claims = comparison.claims()
    assert (
        len(report.accuracies(FOUND)) == claims.metric.isin(["accuracy", "val_accuracy"]).sum() - 1
    )  # LeNet's on validation


def test_the_index_names_a_file_for_every_figure():
    for name in report.REPORTS:
        table = report.figure_index(name)
        assert len(table) >= 5 and (table.ours != "").all(), name
        for file in table.ours.str.findall(r'src="\.\./([^"]+)"').explode().dropna():
            assert (paths.project_root() / file).is_file()
