"""The experiments of all reports as data, and that each has the records it names."""

import json

import pytest

from mnist_study import data, models, records, study

REPORTS = ("sharpies", "reader", "nust", "usps", "inf283", "asher")


def rows_of(report):
    return [row for name, row in study.EXPERIMENTS.items() if name.startswith(f"{report}/")]


def test_names_are_unique_and_begin_with_their_report():
    assert all(name == row.name and name.split("/")[0] in REPORTS for name, row in study.EXPERIMENTS.items())
    reports = (study.sharpies, study.reader, study.nust, study.usps, study.inf283, study.asher)
    names = [row.name for report in reports for row in report.ROWS]
    assert len(names) == len(set(names)) == len(study.EXPERIMENTS) > 100
    assert all(rows_of(report) for report in REPORTS)
    titled = [(row.name.rpartition("/")[0], row.title) for row in study.EXPERIMENTS.values()]
    assert len(set(titled)) == len(titled)  # no two rows of a table are called alike


@pytest.mark.parametrize("report", REPORTS)
def test_settings_are_plain_json_and_a_smoke_run_changes_only_what_is_there(report):
    for row in rows_of(report):
        for settings in (row.settings, row.quick):
            assert json.loads(json.dumps(settings)) == settings, row.name  # no tuple becomes a list, no number a text
        assert set(row.quick) <= set(row.settings), row.name
        assert row.title and row.source, row.name
        assert row.dataset in data.DIGESTS, row.name


@pytest.mark.parametrize("report", REPORTS)
def test_seeds_are_there_once_and_several_where_something_is_drawn(report):
    for row in rows_of(report):
        assert row.seeds and len(set(row.seeds)) == len(row.seeds), row.name
        assert all(isinstance(seed, int) and seed >= 0 for seed in row.seeds), row.name
    claimed = set(records.claims().experiment)
    for row in rows_of(report):
        if row.name in claimed and row.kind in ("network", "augmented"):
            assert 0 not in row.seeds and len(row.seeds) >= 3, row.name
    if report == "asher":
        assert study.EXPERIMENTS["asher/cnn-tuned"].seeds == records.FRESH_SEEDS
        assert not set(records.FRESH_SEEDS) & set(records.FIVE_SEEDS)


@pytest.mark.parametrize("report", REPORTS)
def test_what_settings_name_is_there(report):
    for row in rows_of(report):
        model = row.settings.get("model")
        assert model is None or model["builder"] in models.NETWORKS | models.CLASSICAL, row.name
        for key in ("trained", "start"):
            assert row.settings.get(key, "reader/cnn") in study.EXPERIMENTS, row.name


@pytest.mark.parametrize("name", study.EXPERIMENTS)
def test_every_run_is_recorded_from_a_clean_commit(name, committed):
    row = study.EXPERIMENTS[name]
    made = committed.all(name)
    assert [run.seed for run in made] == sorted(row.seeds)
    for run in made:
        assert run.experiment == name and run.settings == row.settings
        assert run.data_digest == data.DIGESTS[row.dataset]
        assert run.provenance["dirty"] is False and len(run.provenance["commit"]) == 40
        if {"y_true", "y_pred"} <= set(run.arrays):
            missed = int((run.arrays["y_true"] != run.arrays["y_pred"]).sum())
            assert (run.metrics["misses"], run.metrics["n"]) == (missed, len(run.arrays["y_true"]))
        if "accuracy" in run.metrics and row.kind != "trial":  # a trial's misses are rounded from Keras's mean
            n, misses = run.metrics["n"], run.metrics["misses"]
            assert run.metrics["accuracy"] == pytest.approx((n - misses) / n, abs=1e-12)


def test_no_record_is_an_orphan(committed):
    """Every committed record is of an experiment, with the settings that the experiment has now."""
    expected = {
        records.record_path(committed.folder, row.name, seed, row.settings, data.DIGESTS[row.dataset])
        for row in study.EXPERIMENTS.values()
        for seed in row.seeds
    }
    assert set(committed.folder.rglob("seed-*.json")) == expected
