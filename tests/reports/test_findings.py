"""The findings: that their records are there, and that what they say holds in them."""

import re

import pytest

from mnist_study import records, study
from mnist_study.reports import tables, verdicts
from mnist_study.reports.asher import experiments as asher

from .test_words import Watched

FINDINGS = verdicts.FINDINGS
BY_KEY = {finding.key: finding for finding in FINDINGS}


@pytest.fixture
def text(committed):
    """A function from the key of a finding to what it says."""
    return lambda key: BY_KEY[key].text(committed)


def test_keys_are_unique_and_every_report_has_findings():
    assert 14 <= len(FINDINGS) <= 20 and len(BY_KEY) == len(FINDINGS)
    assert len({finding.title for finding in FINDINGS}) == len(FINDINGS)
    reports = [finding.report for finding in FINDINGS]
    for report in ("nust", "asher", "usps", "inf283", "sharpies"):
        assert reports.count(report) >= 2
    assert set(reports) == {"nust", "asher", "usps", "inf283", "sharpies", "reader"}


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.key)
def test_a_finding_renders_from_the_records_it_names(finding, committed):
    watched = Watched()
    said = finding.text(watched)
    assert watched.asked <= set(finding.experiments) <= set(study.EXPERIMENTS)
    for name in finding.experiments:
        assert committed.all(name)
    assert finding.figure is None or finding.figure in study.figures()
    assert not re.search(r"[{}]|\bnan\b|\binf\b|None", said)
    assert 150 < len(said) < 800 and said.endswith(".")
    assert 2 <= len(re.findall(r"[.](?= [A-Z0-9]|$)", said)) <= 6


# --- what the sentences say besides numbers ----------------------------------------------------------------------


def test_knn_s_answers_are_half_right_and_never_equal_to_strings(text):
    assert "scores 0 %" in text("knn-strings") and "10 of 20 photos, 50 %" in text("knn-strings")


def test_svm_without_the_scaler_is_ahead_and_its_photos_come_out(text):
    assert "97.64 %" in text("svm-ranking") and "188 more" in text("svm-ranking")
    assert "5 of 20, exactly the claimed 25 %" in text("svm-photo-scale")


def test_every_step_of_the_preparation_helps(text):
    means = [float(value) for value in re.findall(r"\d+\.\d", text("photos-preparation"))]
    assert len(means) == 5 and means == sorted(means) and means[-1] > 25


def test_the_shift_costs_more_than_every_other_change(text):
    lenet = [float(value) for value in re.findall(r"at (\d+\.\d) %", text("shift-breaks-models"))]
    assert len(lenet) == 4 and min(lenet) == lenet[-1]
    assert all(lenet[-1] < value - 50 for value in lenet[:-1])


def test_nust_s_calibrated_ranges_are_those_of_the_modified_test_set(text, committed):
    assert "±30°, ±30 %, ±30 % and ±50 %" in text("nust-ranges")
    assert "93.47 %" in text("trained-on-modified") and "print as 0.93," in text("trained-on-modified")
    stated = int(records.claimed("nust/lenet", "best_epoch"))
    for name in ("nust/lenet", *committed.names("nust/choices/")):
        assert all(run.metrics["best_epoch"] < stated for run in committed.all(name))


def test_usps_s_error_table(text):
    assert "6 of the ten digits (1, 2, 3, 6, 7 and 9)" in text("usps-error-table")
    assert "and for 7 none" in text("usps-error-table") and "make 60 misses, not 58" in text("usps-error-table")


def test_usps_s_misses_are_not_reached_and_the_best_network_is_level(committed):
    runs = committed.all("usps/cnn7")
    claimed = int(records.claimed("usps/cnn7", "misses"))
    picked = [round((1 - max(run.history["val_accuracy"])) * run.metrics["n"]) for run in runs]
    assert claimed < min(picked) <= claimed + 5 < min(run.metrics["misses"] for run in runs)
    table = records.published_usps()
    best = table.error[table.kind == "published"].min() * 2007 / 100
    misses = [run.metrics["misses"] for run in committed.all("usps/best")]
    assert min(misses) < best < max(misses)


def test_the_lost_row_and_the_whole_numbers(text):
    said = text("inf283-which-images")
    assert said.startswith("10 of 10 supports")
    assert "16,007 of 16,800" in said and "12,541 of 14,000" in said


def test_xgboost_is_better_and_quicker_than_its_search(committed):
    report, ours = committed.one("inf283/xgboost-report"), committed.one("inf283/xgboost")
    assert ours.fitting_seconds < 120 < report.fitting_seconds
    forest = max(run.metrics["accuracy"] for run in committed.all("inf283/random-forest"))
    assert ours.metrics["accuracy"] > max(forest, report.metrics["accuracy"])


def test_the_winners_of_the_searches(text):
    assert "Its dropout is 0.4" in text("grid-printed-best")
    chances = [int(value) for value in re.findall(r"(\d+) to \d+ % of cases", text("grid-four-best"))]
    assert chances and min(chances) > 5
    assert "none of the 5 reaches" in text("search-is-optimistic")
    assert "9 of 9 networks" in text("tuned-against-untuned")
    assert asher.BEST[2] not in {values[2] for values in asher.PRINTED}


# --- reasons -----------------------------------------------------------------------------------------------------


REASONS = {key: why for report in verdicts.BY_NAME.values() for key, why in report.REASONS.items()}


def test_every_accuracy_that_is_not_reproduced_has_a_reason(committed):
    claims = records.claims()
    differ = set()
    main = (claims.metric == "accuracy") | (
        (claims.metric == "val_accuracy") & claims.experiment.str.startswith("inf283/")
    )
    for row in claims[main & (claims.judged_by == "")].itertuples():
        accuracies = [run.metrics[row.metric] for run in committed.all(row.experiment)]
        if tables.verdict(row.experiment, accuracies, row.metric).startswith("ours is"):
            differ.add(row.experiment)
    assert differ and differ <= {experiment for experiment, metric in REASONS if metric == "accuracy"}
    for experiment, metric in REASONS:
        said = verdicts.reason(experiment, committed, metric)
        assert said.endswith(".") and len(said) < 220
    assert verdicts.reason("sharpies/knn", committed) is None
    assert verdicts.reason("asher/knn", committed).startswith("Cut off instead of rounded")


def test_a_reason_belongs_to_a_claim_of_its_report():
    claims = set(zip(records.claims().experiment, records.claims().metric, strict=True))
    for name, report in verdicts.BY_NAME.items():
        assert all(experiment.startswith(f"{name}/") for experiment, _ in report.REASONS)
    assert set(REASONS) <= claims


def test_what_cannot_be_repeated_is_said_for_every_report():
    assert set(verdicts.BY_NAME) == set(verdicts.REPORTS) == {"nust", "asher", "usps", "inf283", "sharpies"}
    for name, report in verdicts.BY_NAME.items():
        assert report.NOT_REPRODUCIBLE, name
        assert all(said.endswith(".") for said in report.NOT_REPRODUCIBLE.values())
        assert set(report.UNKNOWN.values()) <= set(report.NOT_REPRODUCIBLE), name
