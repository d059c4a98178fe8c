"""The verdicts on every claim: whose runs it is compared with, by which rule, and how it is counted."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from mnist_study import study
from mnist_study.records import claimed, claims
from mnist_study.reports import story, tables, verdicts

RECORDS = study.all_records()
PRINTED = "inf283/grid/b50-e6-lr0.001-d0.4"


@pytest.fixture(scope="module")
def table():
    return pd.concat([verdicts.rows(RECORDS, name).assign(report=name) for name in verdicts.REPORTS], ignore_index=True)


def row_of(table, experiment, what):
    return table[(table.experiment == experiment) & (table.what == what)].squeeze()


# --- the rule ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "ours", "margin", "verdict"),
    [
        ("0.963", [0.9630001], 0, verdicts.EXACT),
        ("51450", [51450, 51450], 0, verdicts.EXACT),
        ("51450", [51440, 51440], 0, verdicts.NOT_REPRODUCED),
        ("0.88", [0.8796, 0.8803], 0.002, verdicts.WITHIN),  # both round to it, but they are not the same
        ("0.968", [0.9688], 0.002, verdicts.WITHIN),  # a single run is judged by the margin alone
        ("0.968", [0.9758], 0.002, verdicts.NOT_REPRODUCED),
        ("0.98", [0.95, 0.99], 0.002, verdicts.SPREAD),
        ("0.98", [0.97, 0.9702], 0.002, verdicts.NOT_REPRODUCED),
    ],
)
def test_a_margin_carries_the_verdict_and_the_spread_stands_beside_it(claimed, ours, margin, verdict):
    assert verdicts.judged(claimed, ours, margin) == verdict


def test_what_does_not_spread_must_lie_among_ours():
    assert verdicts.judged("14", [7, 4, 7], 1, spreads=False) == verdicts.NOT_REPRODUCED
    assert verdicts.judged("9", [7, 4, 10], 1, spreads=False) == verdicts.SPREAD


def test_the_power_is_what_a_simulation_finds():
    draw, n, shift = np.random.default_rng(0), 3, 2.0
    ours, shifted = draw.normal(size=(40_000, n)), draw.normal(shift, size=40_000)
    reach = 4.3027 * ours.std(axis=1, ddof=1) * (1 + 1 / n) ** 0.5  # Student's t, two degrees of freedom
    noticed = np.abs(ours.mean(axis=1) - shifted) > reach
    assert abs(noticed.mean() - verdicts.power(n, shift)) < 0.01
    assert "18 % with 3 runs, 29 % with 5 runs, 40 % with 10 runs, and 52 %" in verdicts.rule()


# --- what a claim is compared with -------------------------------------------------------------------------------


def test_no_claim_is_compared_with_a_run_it_does_not_belong_to(table):
    stated = claims()
    assert set(stated.kind) == {*verdicts.KINDS, verdicts.AGAIN}
    elsewhere = stated[stated.judged_by != ""]
    assert set(elsewhere.experiment) == {f"sharpies/photos/cnn-{name}" for name in ("32f", "32-16f", "32-16fx3")}
    assert set(elsewhere.judged_by) == {"sharpies/photos/mlp-64-32"} <= set(study.EXPERIMENTS)
    assert set(elsewhere.kind) == {verdicts.AGAIN}
    mlp = row_of(table, "sharpies/photos/mlp-64-32", "accuracy, %")
    for name in elsewhere.experiment:
        row = row_of(table, name, "accuracy, %")
        assert (row.ours, row.n, row.verdict) == (mlp.ours, mlp.n, mlp.verdict) and "64-32 MLP" in row.why
    shown = tables.TABLES["photos"](RECORDS).set_index("model").verdict
    assert all(shown[RECORDS.title(name)].startswith("not of this model") for name in elsewhere.experiment)


def test_what_is_printed_of_the_printed_setting_is_compared_with_it(table):
    assert (claims().experiment != "inf283/cnn-best").all()  # of the winner of our own search nothing is claimed
    assert row_of(table, PRINTED, "accuracy when deployed, %").verdict == verdicts.WITHIN
    report = row_of(table, PRINTED, "classification report, cells")
    assert report.claimed == "39 cells" and report.ours.endswith("39 within the spread")  # micro averages included
    assert row_of(table, PRINTED, "supports of the test part").verdict == verdicts.EXACT


def test_xgboost_s_minutes_are_a_difference(table):
    row = row_of(table, "inf283/xgboost-report", "seconds longer than the other models")
    others = [
        min(run.fitting_seconds for run in RECORDS.all(f"inf283/{name}"))
        for name in ("random-forest-onehot", "nn", "cnn")
    ]
    assert float(row.ours) == pytest.approx(
        RECORDS.one("inf283/xgboost-report").fitting_seconds - np.mean(others), abs=1
    )


def test_every_claim_has_a_row(table):
    stated = claims()
    single = stated[stated.label == ""]
    plain = ~table.what.str.contains("cells|supports|share|error of|photos misread")
    assert set(table.experiment) == set(stated.experiment) and plain.sum() == len(single)
    assert (table.verdict.isin(verdicts.VERDICTS)).all()


def test_what_does_not_hold_says_why(table):
    failed = table[table.verdict == verdicts.NOT_REPRODUCED]
    known = failed[failed.experiment != "inf283/xgboost-report"]  # its reason is inf283's "seconds"
    assert (known.why.str.len() > 20).all(), known[known.why.str.len() <= 20]
    undecided = table[table.verdict == verdicts.SPREAD]
    assert undecided.why.str.contains("runs are too few").all()


@pytest.mark.parametrize(
    ("experiment", "what", "verdict"),
    [
        ("sharpies/knn", "accuracy, %", verdicts.EXACT),
        ("sharpies/svm", "classification report, cells", verdicts.EXACT),
        ("sharpies/mlp-64-16", "accuracy, %", verdicts.WITHIN),
        ("sharpies/photos/knn", "accuracy, %", verdicts.NOT_REPRODUCED),
        ("nust/lenet", "epoch of the lowest validation loss", verdicts.NOT_REPRODUCED),
        ("nust/lenet-modified", "accuracy, %", verdicts.SPREAD),
        ("inf283/nn", "validation accuracy, %", verdicts.SPREAD),
        ("inf283/nn", "seconds to fit", verdicts.NOT_REPRODUCIBLE),
        ("asher/svm", "accuracy, %", verdicts.NOT_REPRODUCIBLE),
        ("asher/knn", "accuracy, %", verdicts.WITHIN),
    ],
)
def test_known_verdicts(table, experiment, what, verdict):
    assert row_of(table, experiment, what).verdict == verdict


def test_recall_of_the_modified_set_is_better_evidence_than_its_accuracy(table):
    assert "correlates at 0.87" in row_of(table, "nust/lenet-modified", "classification report, cells").why


# --- counts ------------------------------------------------------------------------------------------------------


def test_counts_are_of_the_rows_and_of_nothing_twice(table):
    counts = verdicts.counted(RECORDS)
    assert list(counts.index) == list(verdicts.KINDS.values()) and list(counts.columns) == list(verdicts.VERDICTS)
    assert counts.to_numpy().sum() == (table.kind != verdicts.AGAIN).sum()
    facts, matched = (counts.loc[verdicts.KINDS[kind]] for kind in (verdicts.FACT, verdicts.MATCHED))
    assert facts.sum() == facts[verdicts.EXACT] == 16 and matched.sum() == 2
    assert set(table[table.kind == verdicts.MATCHED].experiment) == {"nust/lenet-modified"}
    assert row_of(table, "usps/cnn7", "misses").kind == verdicts.AGAIN  # 58 misses are the 97.11 %


def test_the_front_page_counts_the_results_of_models_first():
    counts, said = verdicts.counted(RECORDS), story.story(RECORDS)
    results = counts.loc[verdicts.KINDS[verdicts.RESULT]]
    assert f"Of the {results.sum()} results of models" in said
    assert f"{results[verdicts.EXACT]} are repeated exactly and {results[verdicts.WITHIN]} within" in said
    assert verdicts.counted_in_words(RECORDS).startswith(f"{results.sum()} **results of models**")


def test_the_front_page_gives_the_reader_s_mean_before_the_shipped_one():
    mean = 100 * np.mean([run.metrics["accuracy"] for run in RECORDS.all("reader/cnn")])
    shipped, said = f"{100 * RECORDS.one('reader/shipped').metrics['accuracy']:.2f} %", story.story(RECORDS)
    assert 0 < said.index(f"{mean:.2f} ±") < said.index("the best of them on validation images") < said.index(shipped)


# --- what is shown -----------------------------------------------------------------------------------------------


def test_a_row_shows_mean_spread_runs_misses_and_margin(table):
    row = row_of(table, "sharpies/mlp-64-16", "accuracy, %")
    runs = [100 * run.metrics["accuracy"] for run in RECORDS.all("sharpies/mlp-64-16")]
    assert row.ours == f"{np.mean(runs):.2f} ± {np.std(runs, ddof=1):.2f}" and row.n == str(len(runs))
    assert row.misses.endswith("of 10,000") and row.claimed == "97.12" and row.margin == "± 0.2 points"
    assert row.difference == f"{np.mean(runs) - 97.12:+.2f}"


def test_a_claim_keeps_its_printed_precision():
    shown = {row.model: row.claimed for row in verdicts.accuracies(RECORDS).itertuples()}
    assert (shown["KNN, k = 5"], shown["Random forest, one-hot labels, validation"]) == ("96.8", "88")
    assert (shown["KNN, k = 3"], shown["LeNet"]) == ("97.13", "99.21")


def test_the_front_table_holds_every_claimed_accuracy():
    metrics = claims().metric.isin(["accuracy", "val_accuracy", "accuracy_deployed"])
    assert len(verdicts.accuracies(RECORDS)) == metrics.sum() - 1  # LeNet's on validation


def test_the_front_door_gives_the_same_rows():
    pd.testing.assert_frame_equal(study.claims("usps"), verdicts.rows(RECORDS, "usps"))
    with pytest.raises(KeyError, match="There is no report 'usp'; did you mean usps"):
        study.claims("usp")


# --- the table, from raw predictions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["sharpies/svm", "sharpies/cnn-32f", "nust/lenet", "usps/cnn7", PRINTED, "asher/cnn-tuned"]
)
def test_an_accuracy_recomputed_from_raw_predictions(table, name):
    accuracy = [accuracy_score(run.arrays["y_true"], run.arrays["y_pred"]) for run in RECORDS.all(name)]
    row = row_of(table, name, "accuracy, %")
    assert float(row.ours.split()[0]) == pytest.approx(100 * np.mean(accuracy), abs=0.0051)
    stated, mean = float(claimed(name, "accuracy")), np.mean(accuracy)
    half = 0.5 * 10.0 ** -len(claimed(name, "accuracy").partition(".")[2])
    near = abs(mean - stated) <= 0.002 + half
    assert near == (row.verdict in (verdicts.EXACT, verdicts.WITHIN))


@pytest.mark.parametrize("name", ["sharpies/knn", "nust/lenet-modified", PRINTED, "asher/cnn-tuned"])
def test_a_classification_report_recomputed_from_raw_predictions(table, name):
    runs = [(run.arrays["y_true"], run.arrays["y_pred"]) for run in RECORDS.all(name)]
    ours = np.mean(
        [precision_recall_fscore_support(*labels, labels=range(10), zero_division=0)[:3] for labels in runs], axis=0
    )
    metrics = ("precision", "recall", "f1-score")
    stated = np.array([[float(claimed(name, metric, str(digit))) for digit in range(10)] for metric in metrics])
    beyond = int((np.abs(ours - stated) > 0.01 + 0.005).sum())
    row = row_of(table, name, "classification report, cells")
    assert (beyond == 0) == (row.verdict in (verdicts.EXACT, verdicts.WITHIN))


def test_photos_recomputed_from_raw_predictions(table):
    name = "sharpies/photos/mlp-64-16"
    right = [np.sum(run.arrays["y_pred_recipe"] == run.arrays["y_true"][:20]) for run in RECORDS.all(name)]
    assert float(row_of(table, name, "accuracy, %").ours.split()[0]) == pytest.approx(5 * np.mean(right))
