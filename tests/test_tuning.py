"""Searches: spaces, strategies, resuming, failures, and workers that are killed."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

import keras_tuner
import numpy as np
import pytest
from keras_tuner.src import protos

from mnist_study import (
    datasets,
    network_training,
    networks,
    paths,
    rows_asher,
    searches,
    spaces,
    training,
    tuning,
    tuning_workers,
)
from mnist_study.__main__ import main

SMALL = """
def small(hp):
    return {
        "model": {"builder": "pooled_cnn", "filters": [hp.Choice("filters", [2, 3, 4])], "pool_size": 4, "units": 8},
        "learning_rate": hp.Choice("learning_rate", [1e-2, 1e-3]),
        "batch_size": 64,
        "epochs": 3,
    }

def failing(hp):
    return small(hp) | {"optimizer": "adam" if hp.Boolean("good") else "madam"}

def dependent(hp):
    settings = small(hp)
    if hp.Boolean("deep"):
        settings["model"]["units"] = hp.Choice("units", [8, 16])
    return settings

def conditional(hp):
    deep = hp.Boolean("deep")
    with hp.conditional_scope("deep", [True]):
        units = hp.Choice("units", [8, 16])
    return {"model": {"builder": "pooled_cnn", "units": units if deep else 4}}

def nothing(hp):
    return {"model": {"builder": "pooled_cnn"}}

def forgetful(hp):
    hp.Boolean("deep")

def unlisted(hp):
    return {"model": {"builder": "pooled_cnn"}, "learning_rate": hp.Float("learning_rate", 1e-4, 1e-2)}
"""


@pytest.fixture
def small(tmp_path):
    """A function that makes a search of the small space, in a folder of its own."""
    file = tmp_path / "my_spaces.py"
    file.write_text(SMALL)

    def make(strategy="grid", function="small", **options):
        return tuning.Search(f"{file}:{function}", strategy, folder=tmp_path / "search", **options)

    return make


def quietly(line):
    """Progress that nobody reads."""


# --- spaces and options ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", spaces.SPACES)
def test_a_space_builds_a_network_by_default(name):
    settings = spaces.DEFAULTS | spaces.find(name)(keras_tuner.HyperParameters())
    model = network_training.build_network(settings, np.zeros((2, 28, 28), np.uint8))
    assert model.output_shape == (None, 10) and settings["epochs"] >= 1


def test_report_ashers_space_is_its_27_settings():
    grid = tuning.Search("asher", "grid").grid()
    assert [tuple(values.values()) for values in grid] == list(rows_asher.SEARCH) and len(grid) == 27
    assert networks.pooled_cnn([64, 64], 3, 2, 0.0, 32).count_params() == 37568 + 51232 + 330


def test_a_grid_leaves_out_what_does_not_count(small):
    grid = small(function="conditional").grid()
    assert grid == [{"deep": True, "units": 8}, {"deep": True, "units": 16}, {"deep": False}]


def test_progress_knows_how_many_trials_come(small):
    assert small().total() == 6 and small(trials=2).total() == 2
    assert small("random").total() == searches.TRIALS
    assert small("hyperband").total() == 6  # 3 of 1 epoch, 1 of 3 epochs; 2 of 3 epochs


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nonsense"], "There is no search space 'nonsense'; expected one of asher, dropout_and_batch, or FILE.py"),
        (["nowhere.py:space"], "There is no file nowhere.py"),
        (["{file}:other"], "has no function 'other'"),
        (["{file}:small", "--strategy", "luck"], "There is no strategy 'luck'; expected one of random, bayesian"),
        (["{file}:small", "--workers", "0"], "workers is 0; expected 1 or more"),
        (["{file}:small", "--trials", "0"], "trials is 0; expected 1 or more"),
        (["{file}:small", "--seed", "0"], "seed is 0; expected 1 or more"),
        (["{file}:small", "--chief", "here"], "The chief's address is 'here'; expected HOST:PORT"),
        (["{file}:small", "--folder", "{file}"], "cannot be used for a search"),
        (["{file}:unlisted", "--strategy", "grid"], "'learning_rate' is a Float without one"),
        (["{file}:dependent", "--strategy", "grid"], "A grid cannot know when the space"),
        (["{file}:nothing"], "has no hyperparameters: there is nothing to search"),
        (["{file}:forgetful"], "cannot be used: TypeError"),
        (["{file}:small", "--workers", "2", "--patience", "1"], "patience is 1 s; expected 5 or more"),
    ],
)
def test_options_that_make_no_sense_get_one_error(options, message, small, capsys):
    file = small().space.rpartition(":")[0]
    assert main(["tune", *(option.format(file=file) for option in options), "--profile", "quick"]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count("error:") == 1


def test_a_folder_that_cannot_be_written_is_told(small, small_dataset, monkeypatch):
    monkeypatch.setattr(
        paths, "whole_file", lambda path: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    with pytest.raises(searches.TuningError, match=r"Permission denied.*--folder"):
        searches.open_folder(small(), small_dataset.digest)


def test_a_folder_of_another_search_is_left_as_it_is(small, small_dataset):
    searches.open_folder(small(), small_dataset.digest)
    before = (small().path / "project.json").read_bytes()
    for other in (small(function="failing"), small("random"), small(seed=2), small(epochs=1)):
        with pytest.raises(searches.TuningError, match="holds another search"):
            searches.open_folder(other, small_dataset.digest)
    with pytest.raises(searches.TuningError, match="holds another search: there data"):
        searches.open_folder(small(), "other data")
    assert (small().path / "project.json").read_bytes() == before


def test_two_searches_in_one_folder_are_kept_apart(small, small_dataset):
    searches.open_folder(small(), small_dataset.digest)
    with searches.alone_in(small().path), pytest.raises(searches.TuningError, match="Another search is at work"):
        tuning.run(small(), small_dataset, quietly)


# --- trials ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", searches.STRATEGIES)
def test_a_search_killed_in_a_trial_ends_as_if_it_was_not(strategy, small, small_dataset, tmp_path, monkeypatch):
    search = small(strategy, trials=4, epochs=3) if strategy == "hyperband" else small(strategy, trials=3, epochs=2)
    undisturbed = tuning.run(dataclasses.replace(search, folder=tmp_path / "undisturbed"), small_dataset, quietly)
    epochs, train_epoch = [], training.train_epoch

    def killed(*arguments):
        epochs.append(1)
        if len(epochs) == 4:
            raise KeyboardInterrupt
        return train_epoch(*arguments)

    monkeypatch.setattr(training, "train_epoch", killed)
    with pytest.raises(KeyboardInterrupt):
        tuning.run(search, small_dataset, quietly)
    kept = {path: path.read_bytes() for path in (search.path / "trials").glob("*.json")}
    assert kept
    found = tuning.run(search, small_dataset, quietly)
    assert all(path.read_bytes() == content for path, content in kept.items())
    columns = ["trial", "status", "score", "val_accuracy", "epochs", "filters", "learning_rate"]
    assert found[columns].equals(undisturbed[columns]) and len(found) == search.trials
    assert len(epochs) == 1 + undisturbed.history.map(lambda history: len(history["loss"])).sum()  # none trained twice
    assert not list((search.path / "checkpoints").iterdir())
    assert found.loc[0, "score"] == max(found.loc[0, "history"]["val_accuracy"])
    assert len(tuning.run(search, small_dataset, quietly)) == search.trials


def test_a_trial_whose_end_keras_tuner_did_not_hear_of_is_not_trained_again(small, small_dataset, monkeypatch):
    search = small(trials=2)
    with monkeypatch.context() as patch:
        patch.setattr(tuning.StudyTuner, "on_trial_end", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tuning.run(search, small_dataset, quietly)
    fits, fit_network = [], network_training.fit_network
    monkeypatch.setattr(
        network_training, "fit_network", lambda *args, **options: fits.append(1) or fit_network(*args, **options)
    )
    assert len(tuning.run(search, small_dataset, quietly)) == 2 and len(fits) == 1


def test_a_grid_is_extended_where_it_stopped(small, small_dataset):
    tuning.run(small(trials=1), small_dataset, quietly)
    found = tuning.run(small(trials=3), small_dataset, quietly)
    assert len(found) == 3 and not found.duplicated(["filters", "learning_rate"]).any()


def test_a_trial_equals_the_same_settings_trained_by_hand(small, small_dataset):
    tuning.run(small(trials=1), small_dataset, quietly)
    (row,) = searches.rows(small().path)
    train, validation, _ = datasets.named_split(small_dataset, row["settings"])
    _, history, _ = network_training.fit_network(row["settings"], row["seed"], small_dataset.x_train, train, validation)
    assert history["val_accuracy"] == row["history"]["val_accuracy"] and history["loss"] == row["history"]["loss"]


def test_failed_trials_surface_and_are_tried_again(small, small_dataset, capsys):
    search = small(
        function="failing", only=[{"filters": 2, "learning_rate": 1e-2, "good": good} for good in (False, True)]
    )
    found = tuning.run(search, small_dataset, quietly)
    assert list(found.status) == ["COMPLETED", "FAILED"]
    assert "KeyError: 'madam'" in found.loc[1, "error"] and "fit_network" in found.loc[1, "error"]
    assert "KeyError: 'madam'" in capsys.readouterr().err
    tuning.run(search, small_dataset, quietly)
    assert "KeyError: 'madam'" in capsys.readouterr().err


def test_three_failures_in_a_row_stop_the_search(small, small_dataset):
    values = [{"filters": filters, "learning_rate": rate, "good": False} for filters in (2, 3) for rate in (1e-2, 1e-3)]
    with pytest.raises(searches.TuningError, match=r"The last 3 trials failed(.|\n)*KeyError: 'madam'"):
        tuning.run(small(function="failing", only=values), small_dataset, quietly)
    assert len(searches.rows(small().path)) == 3


def test_tensorboard_gets_curves_and_hyperparameters(small, small_dataset):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    search = small(trials=1)
    tuning.run(search, small_dataset, quietly)
    logs = EventAccumulator(str(search.path / "tensorboard" / "0")).Reload()
    assert logs.SummaryMetadata("_hparams_/session_start_info").plugin_data.plugin_name == "hparams"
    assert [event.step for event in logs.Tensors("val_accuracy")] == [1, 2, 3]


# --- several processes -------------------------------------------------------------------------------------------


def started(search, *options):
    """The command line at work on a search, its output read by the test."""
    command = [sys.executable, "-m", "mnist_study", "tune", search.space, "--strategy", search.strategy]
    command += ["--folder", str(search.path), "--patience", "20", "--profile", "quick", *options]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(paths.project_root())}
    return subprocess.Popen(
        command, cwd=paths.project_root(), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def waited_for(condition, seconds=90):
    """What ``condition`` returns as soon as it is something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if found := condition():
                return found
        except (OSError, ValueError):
            pass
        time.sleep(0.05)
    raise AssertionError("nothing happened")


def busy_worker(search):
    """The name of a worker that has a trial."""
    state = json.loads((search.path / "keras_tuner" / "oracle.json").read_text())
    return next(iter(state["ongoing_trials"]), None)


def pid_of(search, name) -> int:
    """The process that shows this pulse."""
    return int((search.path / "workers" / name).read_text().split()[0])


def is_alive(pid: int) -> bool:
    """Whether that process still runs; one that nobody has asked after yet is a zombie, and dead."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(done.stdout.strip()) and not done.stdout.startswith("Z")


def finished(process, seconds=150) -> str:
    """The output of a command that must end well."""
    try:
        output = process.communicate(timeout=seconds)[0]
    finally:
        process.kill()
    assert process.returncode == 0, output
    return output


def test_a_killed_worker_is_replaced_and_its_trial_run_again(small):
    search = small()
    command = started(search, "--workers", "2", "--trials", "3")
    name = waited_for(lambda: busy_worker(search))
    os.kill(pid_of(search, name), signal.SIGKILL)
    output = finished(command)
    assert f"{name} died (exit status -9) and is started again" in output
    assert "3 of 3" in output and list(searches.table(search.path).status) == ["COMPLETED"] * 3


def test_a_killed_chief_is_started_again(small):
    search = small()
    command = started(
        search, "--workers", "1", "--chief", f"127.0.0.1:{tuning_workers._address(None)[1]}", "--trials", "3"
    )
    waited_for(lambda: busy_worker(search))
    os.kill(pid_of(search, "chief"), signal.SIGKILL)
    output = finished(command)
    assert "chief died (exit status -9) and is started again" in output
    assert sorted(searches.table(search.path).trial) == ["0", "1", "2"]


def test_a_second_command_with_the_same_chief_adds_its_workers(small):
    search = small()
    options = ("--workers", "1", "--chief", f"127.0.0.1:{tuning_workers._address(None)[1]}")
    first = started(search, *options)
    waited_for(lambda: busy_worker(search))
    second = started(search, *options)
    assert "6 of 6" in finished(first)
    assert "rows:" in finished(second)
    found = searches.table(search.path)
    assert len(found) == 6 and {worker.split("-")[-2] for worker in found.worker} == {str(first.pid), str(second.pid)}


def test_processes_end_with_the_one_that_started_them(small):
    search = small()
    command = started(search, "--workers", "2", "--trials", "6")
    name = waited_for(lambda: busy_worker(search))
    pids = [pid_of(search, name), waited_for(lambda: pid_of(search, "chief"))]
    command.kill()
    command.communicate()
    for pid in pids:
        waited_for(lambda pid=pid: not is_alive(pid), 10)
    assert len(searches.rows(search.path)) < 6  # it was killed on the way


def test_a_worker_without_a_chief_gives_up(small):
    search = small()
    searches.open_folder(search, "any")
    stub = tuning_workers.PatientStub("127.0.0.1:9", 0.5)
    with pytest.raises(searches.TuningError, match=r"No chief has answered at 127.0.0.1:9 for 0.5 s"):
        stub.GetSpace(protos.get_service().GetSpaceRequest())


def test_a_silent_worker_loses_its_trial_to_another(small, small_dataset, monkeypatch):
    search = small(trials=1)
    searches.open_folder(search, small_dataset.digest)
    oracle = tuning.StudyTuner(search, small_dataset).oracle
    trial = oracle.create_trial("worker-1")
    assert oracle.create_trial("worker-2").status == "IDLE"  # it may yet be needed
    pulses = tuning_workers.Pulses(search.path, 0.05)
    assert not pulses.silent("worker-1")
    time.sleep(0.1)
    assert pulses.silent("worker-1")
    assert oracle.release("worker-1") == trial.trial_id
    assert oracle.create_trial("worker-2").trial_id == trial.trial_id


def test_a_worker_given_up_too_early_may_still_finish(small, small_dataset):
    search = small(trials=1)
    searches.open_folder(search, small_dataset.digest)
    oracle = tuning.StudyTuner(search, small_dataset).oracle
    trial = oracle.create_trial("slow")
    oracle.release("slow")
    assert oracle.create_trial("other").trial_id == trial.trial_id
    for name in ("slow", "other"):
        oracle.update_trial(trial.trial_id, {"val_accuracy": 0.5})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
        assert oracle.create_trial(name).status == "STOPPED"
    assert oracle.finished() and not oracle.broken and oracle.end_order == [trial.trial_id]


def test_a_full_disk_stops_the_search_and_hangs_nobody(small, small_dataset, monkeypatch):
    search = small()
    searches.open_folder(search, small_dataset.digest)
    oracle = tuning.StudyTuner(search, small_dataset).oracle
    trial = oracle.create_trial("one")
    monkeypatch.setattr(
        oracle, "_save_trial", lambda trial: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    oracle.update_trial(trial.trial_id, {"val_accuracy": 0.5})
    assert "No space left" in oracle.broken
    assert oracle.create_trial("two").status == "STOPPED"  # the lock is open


@pytest.mark.parametrize("strategy", ["bayesian", "hyperband"])
def test_strategies_reach_their_end_in_a_small_space(strategy, tmp_path):
    search = tuning.Search(
        "dropout_and_batch", strategy, 12 if strategy == "bayesian" else None, epochs=30, folder=tmp_path
    )
    oracle = tuning.StudyTuner(search, None).oracle
    for number in range(search.total()):
        trial = oracle.create_trial("one")
        assert trial.status == "RUNNING"
        oracle.update_trial(trial.trial_id, {"val_accuracy": 0.9 + trial.hyperparameters.get("dropout") / 100})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
        assert not oracle.broken and len(oracle.end_order) == number + 1
    assert oracle.create_trial("one").status == "STOPPED"


def test_settings_named_one_by_one_are_tried_in_one_process(small):
    with pytest.raises(searches.TuningError, match=r"take tuning\.run"):
        tuning_workers.run(small(only=[{"filters": 2, "learning_rate": 1e-2}]), 2)


def test_half_written_rows_are_not_read(small, small_dataset):
    search = small(trials=1)
    tuning.run(search, small_dataset, quietly)
    (search.path / "trials" / ".part-x.json").write_text('{"trial')
    assert len(searches.rows(search.path)) == 1


def test_workers_keep_away_from_the_chief_of_another_search(tmp_path):
    with pytest.raises(searches.TuningError, match="may serve another search"):
        tuning_workers._wait_for_chief(tmp_path, "127.0.0.1:9000", 0.3)
    (tmp_path / "chief").write_text("0.0.0.0:9000")
    tuning_workers._wait_for_chief(tmp_path, "127.0.0.1:9000", 0.3)
