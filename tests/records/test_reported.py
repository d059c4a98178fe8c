"""The tables of claims, as they were typed from the reports."""

import pandas as pd

from mnist_study import records, study

REPORTS = {"nust", "asher", "usps", "inf283", "sharpies"}


def test_every_claim_belongs_to_an_experiment():
    claims = records.claims()
    assert set(claims.experiment) <= set(study.EXPERIMENTS)
    assert {name.split("/")[0] for name in claims.experiment} == REPORTS
    assert not claims.duplicated(["experiment", "metric", "label"]).any()
    assert claims.source.str.len().min() > 5
    assert pd.to_numeric(claims.claimed).notna().all()


def test_a_claim_is_given_as_printed():
    assert records.claimed("sharpies/knn", "accuracy") == "0.9712857142857143"
    assert records.claimed("sharpies/knn", "support", "0") == "1343"
    assert records.claimed("sharpies/knn", "parameters") is None
    assert records.claimed_share("sharpies/svm") == 0.963 and records.claimed_share("sharpies/svm-unscaled") is None
    assert (records.decimals("0.963"), records.decimals("51450")) == (3, 0)


def test_changing_a_table_of_claims_changes_nobody_else_s():
    table = records.claims()
    table["claimed"] = "0"
    assert records.claimed("sharpies/svm", "accuracy") == "0.963"


def test_a_table_is_all_text_and_read_afresh_when_it_changes(home):
    (home / "results").mkdir()
    for claimed in ("0.90", "0.95"):
        (home / "results" / "mine.csv").write_text(f"experiment,label,claimed\nmine/row,,{claimed}\n")
        assert records.typed("mine").to_numpy().tolist() == [["mine/row", "", claimed]]


def test_published_results_have_a_kind_and_a_source():
    published = records.published_usps()
    assert set(published.kind) == {"published", "people", "MNIST alone"}
    assert published.error.between(0.5, 10).all() and published.source.str.len().min() > 5


def test_a_classification_report_has_the_report_s_own_decimals(committed):
    claimed, ours = records.claimed_report(committed.one("sharpies/knn"))
    assert list(ours.columns) == list(records.AVERAGES)
    assert ours.index.tolist() == [*map(str, range(10)), "accuracy", "macro avg", "weighted avg"]
    pd.testing.assert_frame_equal(claimed, ours, check_names=False)
    assert records.claimed_report(committed.one("asher/svm"))[0] is None
