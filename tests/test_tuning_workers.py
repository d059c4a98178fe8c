"""Searches in several processes, some of which are killed."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from keras_tuner.src import protos

from mnist_study import paths, searches, tuning, tuning_workers


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
    """The process that shows this pulse; a ValueError while the pulse is being written."""
    return int((search.path / "workers" / name).read_text().partition(" ")[0])


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
    os.kill(waited_for(lambda: pid_of(search, name)), signal.SIGKILL)
    output = finished(command)
    assert f"{name} died (exit status -9) and is started again" in output
    assert "3 of 3" in output and list(searches.table(search.path).status) == ["COMPLETED"] * 3


def test_a_killed_chief_is_started_again(small):
    search = small()
    command = started(
        search, "--workers", "1", "--chief", f"127.0.0.1:{tuning_workers._address(None)[1]}", "--trials", "3"
    )
    waited_for(lambda: busy_worker(search))
    os.kill(waited_for(lambda: pid_of(search, "chief")), signal.SIGKILL)
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
    pids = [waited_for(lambda one=one: pid_of(search, one)) for one in (name, "chief")]
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


def test_settings_named_one_by_one_are_tried_in_one_process(small):
    with pytest.raises(searches.TuningError, match=r"take tuning\.run"):
        tuning_workers.run(small(only=[{"filters": 2, "learning_rate": 1e-2}]), 2)


def test_workers_keep_away_from_the_chief_of_another_search(tmp_path):
    with pytest.raises(searches.TuningError, match="may serve another search"):
        tuning_workers._wait_for_chief(tmp_path, "127.0.0.1:9000", 0.3)
    (tmp_path / "chief").write_text("0.0.0.0:9000")
    tuning_workers._wait_for_chief(tmp_path, "127.0.0.1:9000", 0.3)
