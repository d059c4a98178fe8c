"""The front door: runs by name or of one's own, figures, tables; and what is said where something is wrong."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from mnist_study import data, models, paths, study
from mnist_study.study import Experiment, MissingRecordError
from mnist_study.training import epochs
from mnist_study.training.run import Run, load_network

ROOT = paths.project_root()
KNN = study.EXPERIMENTS["asher/knn"]
MINE = replace(KNN, name="mine/knn", title="Mine", source="not in a report")

# --- runs --------------------------------------------------------------------------------------------------------


def test_committed_records_are_loaded_without_data(monkeypatch):
    monkeypatch.setattr(study, "load", lambda *_: pytest.fail("asked for data"))
    runs = study.runs("sharpies/mlp-64-16")
    assert [run.seed for run in runs] == list(range(1, 11))
    assert [run.seed for run in study.runs("sharpies/mlp-64-16", seeds=[4, 2])] == [4, 2]
    assert study.runs(study.EXPERIMENTS["sharpies/knn"])[0].metrics["misses"] == 402


def test_a_record_that_exists_is_loaded_not_made_again(home, small_dataset, monkeypatch):
    short = replace(study.EXPERIMENTS["sharpies/mlp-64-16"], name="mine/mlp", quick={"epochs": 1})
    (first,) = study.runs(short, dataset=small_dataset, quick=True)
    monkeypatch.setattr(epochs, "fit", lambda *a, **k: pytest.fail("trained again"))
    (again,) = study.runs(short, dataset=small_dataset, quick=True)
    assert again.provenance == first.provenance and again.metrics == first.metrics
    assert first.metrics["n"] == 100 and first.history["loss"]
    path = Run(short, 1, small_dataset, quick=True).path
    model = load_network(again, path)
    np.testing.assert_array_equal(epochs.predict(model, small_dataset.x_test).argmax(1), again.arrays["y_pred"])


def test_a_smoke_run_never_writes_beside_committed_results(home):
    (record,) = study.runs("sharpies/knn", quick=True)
    assert record.metrics["n"] == 360  # a fifth of the embedded digits
    assert not (home / "results").exists() and list((home / "build" / "quick" / "results").rglob("*.json"))


def test_a_missing_run_without_its_data_says_how_to_get_them(home):
    with pytest.raises(data.MissingDataError, match="MNIST_STUDY_DATA"):
        study.runs("sharpies/knn")


def test_each_missing_seed_is_made_and_those_that_are_there_are_not(home, small_dataset, monkeypatch):
    asked = []
    real = study.runners()
    monkeypatch.setattr(
        study, "runners", lambda: real | {"classical": lambda run: asked.append(run.seed) or real["classical"](run)}
    )
    mine = replace(MINE, seeds=(3, 1))
    assert [run.seed for run in study.runs(mine, dataset=small_dataset, seeds=[1])] == [1]
    assert [run.seed for run in study.runs(mine, dataset=small_dataset)] == [3, 1]
    assert asked == [1, 3] and len(list((home / "results" / "mine" / "knn").glob("*.json"))) == 2


def test_an_interrupted_run_leaves_no_record(home, small_dataset, monkeypatch):
    def interrupted(run):
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "runners", lambda: {"classical": interrupted})
    with pytest.raises(KeyboardInterrupt):
        study.runs(MINE, dataset=small_dataset)
    assert not (home / "results").exists()


def test_a_resumed_run_names_every_commit_it_was_trained_at(home, small_dataset, monkeypatch):
    asked = Run(replace(MINE, kind="classical"), 0, small_dataset, experiments={}, make=study.make)
    commits, stopped = ["a" * 40, "b" * 40, "b" * 40], [True, True, False]
    monkeypatch.setattr(study.records, "code_version", lambda: {"commit": commits.pop(0), "dirty": False})
    real = study.runners()["classical"]

    def interrupted(run):
        run.checkpoint.write_bytes(b"an epoch")
        if stopped.pop(0):
            raise KeyboardInterrupt
        return real(run)

    monkeypatch.setattr(study, "runners", lambda: {"classical": interrupted})
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            study.make(asked)
    provenance = study.make(asked).provenance
    assert provenance["commits"] == ["a" * 40, "b" * 40] and provenance["commit"] == "b" * 40
    assert provenance["dirty"] is False and provenance["began"] <= provenance["time"]
    assert [file.suffix for file in asked.checkpoint.parent.iterdir()] == [".lock"]


def test_a_run_is_made_by_one_process_at_a_time(home, small_dataset):
    asked = Run(MINE, 0, small_dataset)
    with study._held(asked, wait=True) as first, study._held(asked, wait=False) as second:
        assert first and not second
    with study._held(asked, wait=False) as free:
        assert free


# --- several runs ------------------------------------------------------------------------------------------------


def test_training_tells_each_run_and_what_is_unknown_before_any(home):
    told = []
    with pytest.raises(KeyError, match="There is no experiment 'zzz'"):
        study.train(["sharpies/knn", "zzz"], quick=True)
    assert not (home / "build").exists()
    names = ["sharpies/knn", "sharpies/explore"]
    study.train(names, quick=True, say=lambda run, record: told.append((run.experiment.name, record.metrics["n"])))
    assert told == [("sharpies/knn", 360), ("sharpies/explore", 1797)]


def test_two_workers_make_what_is_missing_and_what_it_needs(tmp_path):
    """In a copy of the checkout, since workers are processes of their own."""
    shutil.copytree(ROOT / "mnist_study", tmp_path / "mnist_study", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    environment = {name: value for name, value in os.environ.items() if name != "MNIST_STUDY_DATA"}
    environment |= {"PYTHONPATH": str(tmp_path), "KERAS_HOME": str(tmp_path / "no-keras"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment |= dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:9")  # nobody there: no network
    names = ["nust/lenet-modified", "asher/knn"]
    command = [sys.executable, "-m", "mnist_study", "train", *names, "--quick", "--workers", "2"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "nust/lenet-modified, seed 1: accuracy" in done.stdout and "asher/knn, seed 0: accuracy" in done.stdout
    made = sorted(path.parent.relative_to(tmp_path / "build" / "quick" / "results").as_posix()
                  for path in (tmp_path / "build").rglob("seed-*.json") if "results" in path.parts)  # fmt: skip
    assert made == ["asher/knn", "nust/lenet", "nust/lenet-modified"]


# --- experiments of one's own ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "asher/knn"}, "asher/knn is a report's; give yours another name, such as mine/knn"),
        ({"kind": "magic"}, r"mine/knn is of kind 'magic'; expected one of: .*network, .*classical"),
        ({"seeds": ()}, r"mine/knn has no seeds; expected at least one, such as seeds=\(1, 2, 3\)"),
        ({"settings": KNN.settings | {"k": {3}}}, "The settings of mine/knn cannot be written into a record.*set"),
        ({"quick": {"k": {3}}}, "The settings of mine/knn cannot be written into a record"),
    ],
)
def test_a_wrong_experiment_gets_one_clear_error(changes, message, small_dataset):
    with pytest.raises(ValueError, match=message):
        study.runs(replace(MINE, **changes), dataset=small_dataset, quick=True)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dataset": "none"}, "There is no data set 'none'; expected one of: mnist, usps"),
        ({"model": {"builder": "none"}}, "There is no model 'none'; expected one of: knn, svm"),
    ],
)
def test_what_an_experiment_names_must_be_there(settings, message, home):
    with pytest.raises(KeyError, match=message):
        study.runs(replace(MINE, settings=KNN.settings | settings), quick=True)


def test_a_network_s_builder_must_be_there(home, small_dataset):
    network = study.EXPERIMENTS["asher/cnn"]
    mine = replace(network, name="mine/none", settings=network.settings | {"model": {"builder": "none"}})
    with pytest.raises(KeyError, match="There is no network 'none'; expected one of: mlp, cnn"):
        study.runs(mine, dataset=small_dataset, quick=True)


def test_an_experiment_of_a_report_may_be_handed_as_it_is():
    assert study.checked(KNN) is KNN and study.checked(MINE) is MINE


def test_a_network_of_ones_own_on_data_of_ones_own(home, small_dataset, monkeypatch):
    import keras

    def small(filters=4):
        return keras.Sequential(
            [
                keras.Input((28, 28)),
                keras.layers.Rescaling(1 / 255),
                keras.layers.Reshape((28, 28, 1)),
                keras.layers.Conv2D(filters, 3, strides=3, activation="relu"),
                keras.layers.Flatten(),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )

    monkeypatch.setitem(models.NETWORKS, "small", small)
    parts = small_dataset.x_train, small_dataset.y_train, small_dataset.x_test, small_dataset.y_test
    mine = Experiment(
        "mine/small",
        "Small",
        "network",
        {
            "dataset": "my_digits",
            "split": "as it is",
            "model": {"builder": "small", "filters": 6},
            "optimizer": "adam",
            "learning_rate": 0.01,
            "epochs": 6,
            "batch_size": 20,
            "validation_split": 0.1,
        },
        seeds=(1,),
    )
    (record,) = study.runs(mine, dataset=data.from_arrays("my_digits", *parts))
    assert record.metrics["accuracy"] > 0.5 and record.metrics["n"] == 100
    assert len(record.history["loss"]) == 6 and record.metrics["parameters"] == small(6).count_params()
    assert Run(mine, 1, data.from_arrays("my_digits", *parts)).path.with_suffix(".keras").is_file()


def test_reports_experiments_stay_as_they_are(home, small_dataset):
    before = dict(study.EXPERIMENTS)
    study.runs(MINE, dataset=small_dataset, quick=True)
    assert before == study.EXPERIMENTS


# --- figures, tables ---------------------------------------------------------------------------------------------


def test_unknown_names_are_told_what_may_have_been_meant():
    with pytest.raises(
        KeyError, match=r"There is no experiment 'sharpies/kn'; did you mean sharpies/knn or sharpies/svm"
    ):
        study.runs("sharpies/kn")
    with pytest.raises(KeyError, match=r"There is no experiment 'zzz'; expected one of: .*sharpies/knn.*sharpies/svm"):
        study.runs("zzz")
    with pytest.raises(KeyError, match="There is no figure '04_lader'; did you mean 04_ladder"):
        study.show("04_lader")
    with pytest.raises(KeyError, match="There is no table 'photo'; did you mean photos"):
        study.table("photo")
    with pytest.raises(KeyError, match="There is no experiment 'sharpies/none'"):
        study.table(["sharpies/none"])


def test_a_figure_is_shown_as_a_picture_no_wider_than_a_notebook():
    shown = study.show("02_confusion")
    assert shown.data.startswith(b"\x89PNG") and 300 < shown.width <= 900


def test_figures_are_named_in_order():
    names = list(study.figures())
    assert names == sorted(names) and len(names) > 60


def test_ones_own_stands_in_a_table_beside_a_report_s(home, small_dataset, monkeypatch):
    with pytest.raises(MissingRecordError, match="There is no record of mine/knn"):
        study.table([MINE])
    monkeypatch.setitem(study.DIGESTS, "mnist", small_dataset.digest)
    (home / "results").mkdir(exist_ok=True)
    shutil.copy(ROOT / "results" / "reported.csv", home / "results")
    (record,) = study.runs(MINE, dataset=small_dataset)
    (row,) = study.table([MINE]).to_dict("records")
    assert row["model"] == "Mine" and row["verdict"] == "not in the report"
    assert row["ours %"] == f"{100 * record.metrics['accuracy']:.2f}"
