import json
import multiprocessing

import numpy as np
import pytest

from mnist_study import records
from mnist_study.records import Record, RecordError

SETTINGS = {"model": {"builder": "knn", "k": 3}}
MADE_BY = records.provenance()


def a_record(seed=1, **changes):
    return Record(
        "report/row",
        seed,
        SETTINGS,
        "digest",
        {"accuracy": 0.5, "misses": 1, "n": 2, "loss": None},
        provenance=MADE_BY,
        arrays={"y_pred": np.array([1, 2], np.uint8)},
        **changes,
    )


def test_a_record_comes_back_as_it_was(tmp_path):
    path = records.save(a_record(), tmp_path)
    found = records.find(tmp_path, "report/row", 1, SETTINGS, "digest")
    assert found.metrics == {"accuracy": 0.5, "misses": 1, "n": 2, "loss": None}
    np.testing.assert_array_equal(found.arrays["y_pred"], [1, 2])
    stored = json.loads(path.read_text())
    assert {"experiment", "seed", "settings", "data_digest", "metrics", "history", "seconds", "provenance"} == set(
        stored
    )
    assert {"commit", "dirty", "versions", "device", "threads", "time"} == set(stored["provenance"])
    assert sorted(file.suffix for file in path.parent.iterdir()) == [".json", ".npz"]  # nothing temporary is left


@pytest.mark.parametrize(
    "asked",
    [("report/row", 2, SETTINGS, "digest"), ("report/row", 1, {}, "digest"), ("report/row", 1, SETTINGS, "other")],
)
def test_another_seed_setting_or_data_is_another_run(tmp_path, asked):
    records.save(a_record(), tmp_path)
    assert records.find(tmp_path, *asked) is None


def test_seeds_come_in_order(tmp_path):
    for seed in (10, 2, 1):
        records.save(a_record(seed), tmp_path)
    assert [run.seed for run in records.find_seeds(tmp_path, "report/row", SETTINGS, "digest")] == [1, 2, 10]


@pytest.mark.parametrize("spoil", ["no npz", "cut npz", "cut json", "foreign json"])
def test_a_damaged_record_is_named_not_used(tmp_path, spoil):
    path = records.save(a_record(), tmp_path)
    arrays = path.with_suffix(".npz")
    if spoil == "no npz":
        arrays.unlink()
    elif spoil == "cut npz":
        arrays.write_bytes(arrays.read_bytes()[:50])
    elif spoil == "cut json":
        path.write_text(path.read_text()[:100])
    else:
        path.write_text('{"some": "json"}')
    with pytest.raises(RecordError, match=path.name):
        records.find(tmp_path, "report/row", 1, SETTINGS, "digest")


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = records.save(a_record(), tmp_path)
    before = path.read_text()
    broken = a_record()
    broken.metrics["accuracy"] = object()  # no JSON
    with pytest.raises(TypeError):
        records.save(broken, tmp_path)
    assert path.read_text() == before
    assert not list(path.parent.glob(".part*"))


def test_many_processes_write_at_once(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(_save, [(seed, tmp_path) for seed in (1, 2) for _ in range(10)])
    assert [run.seed for run in records.find_seeds(tmp_path, "report/row", SETTINGS, "digest")] == [1, 2]


def _save(seed, folder):
    records.save(a_record(seed), folder)


def test_a_search_counts_as_fitting():
    assert a_record(seconds={"fit": 2.0, "predict": 9.0}).fitting_seconds == 2.0
    assert a_record(seconds={"search": 5.0, "fit": 2.0}).fitting_seconds == 7.0
