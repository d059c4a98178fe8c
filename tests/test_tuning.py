"""Searches: strategies, resuming after kills, workers that die, failures, the folder a search lives in."""

import concurrent.futures
import gc
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pandas as pd
import pytest

from conftest import quietly
from mnist_study import paths, tuning, workers
from mnist_study.tuning import TuningError, engine

ROOT = paths.project_root()
DRAW = np.random.default_rng(0)
X = DRAW.random((60, 12), dtype=np.float32)
Y = (X[:, :3].argmax(axis=1)).astype(np.uint8)
STRATEGIES = ("random", "bayesian", "hyperband", "grid")


def compiled(layers, rate=1e-2):
    model = keras.Sequential([*layers, keras.layers.Dense(3, "softmax")])
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True
    )
    return model


def small(hp):
    units = hp.Choice("units", [2, 3, 4])
    with hp.conditional_scope("units", [4]):
        dropout = hp.Choice("dropout", [0.1, 0.3])
    layers = [keras.layers.Dense(units, "relu")] + ([keras.layers.Dropout(dropout)] if units == 4 else [])
    return compiled(layers, hp.Choice("rate", [1e-2, 3e-2]))


class Small(keras_tuner.HyperModel):
    def build(self, hp):
        return small(hp)


class Quick(Small):
    """Notes every training in a file that the environment names, and makes up its scores, from the seed as well."""

    def fit(self, hp, model, x, *args, epochs, initial_epoch=0, **kwargs):
        hp.Choice("batch_size", [20, 30])
        if not hasattr(model.fit, "__self__"):  # the search only looks
            return None
        with open(os.environ["NOTES"], "a") as notes:
            notes.write(json.dumps(hp.values) + "\n")
        time.sleep(float(os.environ.get("PAUSE", 0)))
        model(x[:1])
        return {"val_accuracy": [np.random.random() * hp.get("rate") for _ in range(initial_epoch, epochs)]}  # noqa: NPY002


@pytest.fixture(autouse=True)
def session(monkeypatch):
    """Models as small as these need not be cleared away after each trial, which takes longer than the trial."""
    monkeypatch.setattr(keras.utils, "clear_session", lambda: None)


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """A function that tells how many trainings have begun since the last call."""
    path = tmp_path / "notes"
    monkeypatch.setenv("NOTES", str(path))

    def count():
        number = len(path.read_text().splitlines()) if path.exists() else 0
        path.unlink(missing_ok=True)
        return number

    return count


def search(build_model=small, **options):
    options = {"epochs": 3, "say": quietly} | options
    return tuning.search(build_model, X, Y, **options)


def plain(found):
    return found.drop(columns=["seconds", "error"]).to_json(orient="records")


def amount(strategy, trials):
    return {} if strategy == "hyperband" else {"trials": trials}


# --- strategies, and going on --------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_runs_and_goes_on(strategy, tmp_path, notes):
    told = []
    found = search(Quick(), strategy=strategy, folder=tmp_path / "a", say=told.append, **amount(strategy, 4))
    total = 6 if strategy == "hyperband" else 4
    assert notes() == len(found) == total and set(found.status) == {"COMPLETED"}
    assert list(found.columns[:10]) == tuning.COLUMNS
    assert {"units", "rate", "batch_size", "dropout"} == set(found.columns[10:])
    assert found.score.is_monotonic_decreasing and sorted(found.trial) == list(range(total))
    for row in found.itertuples():
        history, first = row.history["val_accuracy"], row.epochs - len(row.history["val_accuracy"])
        assert row.score == max(history) == history[row.best_epoch - 1 - first] and row.val_accuracy == history[-1]
        assert (row.units == 4) != pd.isna(row.dropout)
    assert f"{total} of {total}: " in told[-1] and told[-1].endswith("about 0 s left")

    assert plain(search(Quick(), strategy=strategy, folder=tmp_path / "a", **amount(strategy, 4))) == plain(found)
    assert notes() == 0
    if strategy != "hyperband":
        more = search(Quick(), strategy=strategy, folder=tmp_path / "a", trials=6)
        assert notes() == 2 and len(more) == 6
        assert plain(more) == plain(search(Quick(), strategy=strategy, folder=tmp_path / "b", trials=6))
    assert not list(tmp_path.glob("a/weights"))


def kill_in_the_middle(strategy, folder, environment):
    code = (
        "from test_tuning import *\n"
        f"search(Quick(), strategy={strategy!r}, folder={str(folder)!r}, **amount({strategy!r}, 5))"
    )
    python_path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    environment = os.environ | environment | {"PYTHONPATH": python_path, "PAUSE": "0.5"}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True)


def ended(folder):
    rows = {path.name: path.read_text() for path in Path(folder).glob("rows/[0-9]*.json")}
    return {name: text for name, text in rows.items() if json.loads(text)["what"] == "ended"}


def test_a_killed_search_loses_no_trial_and_runs_none_twice(tmp_path, monkeypatch):
    running, kept = {}, {}
    for strategy in STRATEGIES:
        notes = {"NOTES": str(tmp_path / f"{strategy}-notes")}
        running[strategy] = kill_in_the_middle(strategy, tmp_path / strategy, notes)
    until = time.monotonic() + 300
    while running and time.monotonic() < until:
        for strategy, process in list(running.items()):
            assert process.poll() is None, process.stderr.read()
            if len(ended(tmp_path / strategy)) >= 2:
                process.kill()
                process.wait()
                process.stderr.close()
                del running[strategy]
                kept[strategy] = ended(tmp_path / strategy)
        time.sleep(0.05)
    assert len(kept) == 4
    for strategy in STRATEGIES:
        notes = tmp_path / f"{strategy}-notes"
        monkeypatch.setenv("NOTES", str(notes))
        found = search(Quick(), strategy=strategy, folder=tmp_path / strategy, **amount(strategy, 5))
        assert kept[strategy].items() <= ended(tmp_path / strategy).items()
        assert len(found) <= len(notes.read_text().splitlines()) <= len(found) + 1  # the one that was interrupted
        undisturbed = search(Quick(), strategy=strategy, folder=tmp_path / f"{strategy}2", **amount(strategy, 5))
        assert plain(found) == plain(undisturbed)


def test_ctrl_c_says_that_the_same_call_goes_on(tmp_path, monkeypatch, notes):
    told, run_trial = [], engine._run_trial

    def interrupted(task):
        if task["trial"] == "0001":
            raise KeyboardInterrupt
        return run_trial(task)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "_run_trial", interrupted)
        with pytest.raises(KeyboardInterrupt):
            search(Quick(), trials=2, folder=tmp_path / "a", say=told.append)
    assert "the same call goes on" in told[-1]
    assert len(search(Quick(), trials=2, folder=tmp_path / "a")) == 2


def test_a_space_that_grows(tmp_path, notes):
    class Growing(Quick):
        def build(self, hp):
            units = [hp.Choice(f"units_{i}", [2, 3]) for i in range(hp.Int("layers", 1, 3))]
            return compiled([keras.layers.Dense(one) for one in units], hp.Choice("rate", [1e-2, 3e-2]))

    for strategy in ("random", "bayesian", "hyperband"):
        found = search(Growing(), strategy=strategy, folder=tmp_path / strategy, **amount(strategy, 5))
        assert len(found) == (6 if strategy == "hyperband" else 5)
    with pytest.raises(TuningError, match="A grid cannot tell when the model has units_1, units_2"):
        search(Growing(), strategy="grid", folder=tmp_path / "grid")


def test_a_hyperparameter_that_was_not_foreseen(tmp_path, notes):
    """It joins the space when a trial asks for it; a Gaussian process that is fitted already is fitted anew."""

    class Late(Quick):
        def build(self, hp):
            return compiled([], hp.Choice("rate", [1e-2, 2e-2, 3e-2]))

        def fit(self, hp, model, *args, **kwargs):
            found = super().fit(hp, model, *args, **kwargs)
            if found and len(Path(os.environ["NOTES"]).read_text().splitlines()) > self.after:
                hp.Choice("momentum", [0.1, 0.2])
            return found

    late = Late()
    late.after = 7  # six random ones come first
    found = search(late, strategy="bayesian", trials=11, folder=tmp_path / "a")
    assert found.momentum.notna().sum() == 4 and set(found.status) == {"COMPLETED"}
    (tmp_path / "a" / "rows" / "000021.json").unlink()  # as if killed in the last trial
    assert plain(search(late, strategy="bayesian", trials=11, folder=tmp_path / "a")) == plain(found)
    with pytest.raises(TuningError, match="A grid cannot tell when the model has momentum"):
        search(late, strategy="grid", folder=tmp_path / "grid")


def test_hyperband_fills_its_schedule_in_a_small_space(tmp_path, notes):
    class Tiny(Quick):
        def build(self, hp):
            return compiled([], hp.Choice("rate", [1e-2, 3e-2]))

    found = search(Tiny(), strategy="hyperband", epochs=9, folder=tmp_path / "a")
    assert len(found) == 23 and found.epochs.value_counts().to_dict() == {1: 9, 3: 8, 9: 6}
    assert (found.history.map(lambda history: len(history["val_accuracy"])) < found.epochs).sum() == 3 + 1 + 2


def test_hyperband_goes_on_with_weights_and_optimizer(tmp_path):
    """A promoted trial is the same as a training without interruption, where nothing is random."""

    class Steady(keras_tuner.HyperModel):
        def build(self, hp):
            start = keras.initializers.GlorotUniform(seed=1)
            model = keras.Sequential([keras.layers.Dense(3, "softmax", kernel_initializer=start)])
            rate = hp.Choice("rate", [1e-2, 2e-2])
            model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
            return model

        def fit(self, hp, model, *args, **kwargs):
            return model.fit(*args, **kwargs, shuffle=False)

    found = search(Steady(), strategy="hyperband", folder=tmp_path / "a")
    promoted = found[found.history.map(lambda history: len(history["loss"])) == 2].iloc[0]
    hp = keras_tuner.HyperParameters()
    hp.Fixed("rate", promoted.rate)
    whole = Steady().build(hp).fit(X[:50], Y[:50], epochs=3, shuffle=False, verbose=0)
    assert np.allclose(promoted.history["loss"], whole.history["loss"][1:])


# --- workers -------------------------------------------------------------------------------------------------------


def test_two_workers_give_the_same_numbers_and_one_that_dies_is_replaced(tmp_path):
    class Dying(Small):
        def fit(self, hp, model, *args, **kwargs):
            if here != os.getpid() and not killed.exists():
                killed.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            kwargs["epochs"] = 2
            return model.fit(*args, **kwargs)

    here, killed = os.getpid(), tmp_path / "killed"
    alone = search(Dying(), trials=4, folder=tmp_path / "one")
    together = search(Dying(), trials=4, folder=tmp_path / "two", workers=2)
    assert killed.exists()
    assert plain(alone) == plain(together)
    assert not (tmp_path / "two" / "data.npz").exists()


def test_a_trial_that_kills_its_worker_again_and_again_has_failed(tmp_path, monkeypatch):
    monkeypatch.setitem(workers.SETTINGS, "distributed.scheduler.allowed-failures", 0)

    def deadly(hp):
        if hp.Boolean("deadly") and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return compiled([])

    here = os.getpid()
    found = search(deadly, strategy="grid", folder=tmp_path / "a", workers=2)
    assert list(found.status) == ["COMPLETED", "FAILED"] and list(found.deadly) == [False, True]
    assert "KilledWorker" in found.error[1]


def test_a_failure_keeps_no_future_of_another_trial():
    """Dask runs a finished trial again if somebody keeps its future and the worker with the result dies."""
    failed, other = concurrent.futures.Future(), concurrent.futures.Future()
    failed.set_exception(RuntimeError("the worker died"))
    running, watched = {failed: "0000", other: "0001"}, weakref.ref(other)
    gc.disable()
    try:
        (row,) = engine._results(running, lambda: 1)
        other.set_result({"trial": "0001"})
        del failed, other
        assert row["status"] == "FAILED" and "the worker died" in row["error"]
        assert engine._results(running, lambda: 1) == [{"trial": "0001"}] and watched() is None
    finally:
        gc.enable()


def test_a_space_in_a_notebook_runs_on_two_workers_one_of_which_dies(tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    cells = [
        """
import os, signal, keras, numpy as np
from pathlib import Path
from mnist_study import tuning
kernel, killed = os.getpid(), Path("killed").absolute()
""",
        """
def build_model(hp):
    if os.getpid() != kernel and not killed.exists():
        killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    model = keras.Sequential([keras.layers.Dense(hp.Choice("units", [2, 3, 4])), keras.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
""",
        """
x = np.random.default_rng(0).random((60, 5))
found = tuning.search(build_model, x, x.argmax(axis=1) % 3, strategy="grid", epochs=1, folder="search", workers=2)
assert killed.exists() and list(found.status) == ["COMPLETED"] * 3, found
""",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    os.environ["PYTHONPATH"], before = str(ROOT), os.environ.get("PYTHONPATH")
    try:
        client.execute()
    finally:
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)
    printed = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert "3 of 3: " in printed


def test_the_workers_of_a_scheduler_elsewhere(tmp_path):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=":0"
    ) as there:
        found = search(trials=2, folder=tmp_path / "a", scheduler=there.scheduler_address)
    assert list(found.status) == ["COMPLETED"] * 2


# --- failures ------------------------------------------------------------------------------------------------------


def test_failed_trials_are_shown_and_tried_again(tmp_path, notes):
    class Failing(Quick):
        def fit(self, hp, model, *args, **kwargs):
            found = super().fit(hp, model, *args, **kwargs)
            return (
                {"val_loss": [1.0]} if found and hp.get("units") == 3 and hp.get("rate") == 3e-2 and broken else found
            )

    broken, told = [1], []
    found = search(Failing(), strategy="grid", folder=tmp_path / "a", say=told.append)
    assert list(found.status) == ["COMPLETED"] * 14 + ["FAILED"] * 2
    assert 'Compile the model with metrics=["accuracy"]' in found.error.iloc[-1]
    failed = [line for line in told if "failed with units 3" in line]
    assert len(failed) == 2 and "Traceback" in failed[0] and "expected a finite val_accuracy" in failed[0]
    broken.clear()
    told.clear()
    again = search(Failing(), strategy="grid", folder=tmp_path / "a", say=told.append)
    assert list(again.status) == ["COMPLETED"] * 16 and len(told) == 3 and notes() == 16 + 2


def test_three_failures_in_a_row_stop_the_search(tmp_path):
    def failing(hp):
        model = keras.Sequential([keras.layers.Dense(hp.Choice("units", [3, 4, 5, 6]), "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
        return model

    with pytest.raises(TuningError, match=r"The last 3 trials failed(.|\n)*Traceback(.|\n)*expected a finite"):
        search(failing, folder=tmp_path / "a")
    assert len(ended(tmp_path / "a")) == 3


class OwnEpochs(Small):
    def fit(self, hp, model, *args, **kwargs):
        return model.fit(*args, epochs=2, **kwargs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strategy": "bayes"}, r"no strategy 'bayes'; expected one of .* Did you mean 'bayesian'"),
        ({"strategy": "hyperband", "trials": 3, "epochs": 9}, r"schedule decides how many there are: 23 for epochs=9"),
        ({"trials": 0}, "trials is 0; expected a whole number of 1 or more"),
        ({"seed": 0}, "seed is 0"),
        ({"epochs": None}, "epochs is None"),
        ({"validation_split": 1.5}, "validation_split is 1.5; expected a number between 0 and 1"),
        ({"build_model": 3}, "build_model is 3; expected a function"),
        ({"build_model": lambda hp: None}, "returned None; expected a compiled keras.Model"),
        ({"build_model": lambda hp: keras.Sequential([])}, "returned a model that is not compiled"),
        ({"build_model": lambda hp: compiled([])}, "nothing to search"),
        (
            {"build_model": lambda hp: compiled([], hp.Float("rate", 1e-3, 1e-2)), "strategy": "grid"},
            "'rate' is a Float without one",
        ),
        ({"build_model": OwnEpochs(), "strategy": "hyperband"}, "sets the epochs itself"),
    ],
)
def test_errors_say_how_to_mend_them(options, message, tmp_path):
    with pytest.raises(TuningError, match=message):
        search(**options, folder=tmp_path / "a")


def test_as_many_labels_as_images():
    with pytest.raises(TuningError, match="x has 60 images and y 59 labels"):
        tuning.search(small, X, Y[1:])


# --- the folder ----------------------------------------------------------------------------------------------------


def test_each_search_has_a_folder_of_its_own(home, monkeypatch):
    monkeypatch.setattr(engine, "_run", lambda *_: None)

    def folders(build_model=small, x=X, **options):
        before = set((home / "build" / "tuning").glob("*"))
        tuning.search(build_model, x, Y, **{"trials": 1, "epochs": 1, "say": quietly} | options)
        return {path.name for path in set((home / "build" / "tuning").glob("*")) - before}

    def deeper(hp):
        model = small(hp)
        return compiled([*model.layers[:-1], keras.layers.Dense(5)], hp.get("rate"))

    def other_optimizer(hp):
        model = small(hp)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
        return model

    def half_precision(hp):
        return compiled([keras.layers.Dense(hp.Choice("units", [2, 3, 4]), dtype="mixed_bfloat16")])

    def single_precision(hp):
        return compiled([keras.layers.Dense(hp.Choice("units", [2, 3, 4]), dtype="float32")])

    (first,) = folders()
    assert first.startswith("small-random-") and len(first) == len("small-random-") + 8
    [keras.layers.Dense(1) for _ in range(3)]  # Keras goes on counting in the names of layers
    assert not folders() and not folders(trials=2)
    new = [{"x": X + 1}, {"seed": 2}, {"epochs": 2}, {"batch_size": 8}, {"validation_split": 0.5}, {"strategy": "grid"}]
    others = [{"build_model": one} for one in (deeper, other_optimizer, half_precision, single_precision)]
    assert len(set().union(*(folders(**options) for options in new + others))) == len(new + others)


def test_a_folder_of_another_search_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "_run", lambda *_: None)
    search(folder=tmp_path / "a", trials=1, epochs=1)
    with pytest.raises(
        TuningError, match=r"another search. It differs in epochs \(there 1, now 2\), seed \(there 1, now 3\)"
    ):
        search(folder=tmp_path / "a", trials=1, epochs=2, seed=3)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(TuningError, match=r"holds something else \(thesis.txt\)"):
        search(folder=tmp_path / "mine")
    with pytest.raises(TuningError, match="cannot be used"):
        search(folder=tmp_path / "mine" / "thesis.txt")


def test_one_process_at_a_time(tmp_path):
    from mnist_study.tuning import trials

    with trials.alone_in(tmp_path / "a"), pytest.raises(TuningError, match="Another process is searching in"):
        search(folder=tmp_path / "a")


def test_names_of_columns_do_not_clash(tmp_path):
    class Epochs(Small):
        def fit(self, hp, model, *args, **kwargs):
            return model.fit(*args, epochs=hp.Choice("epochs", [1, 2]), **kwargs)

    found = search(Epochs(), trials=2, folder=tmp_path / "a")
    assert (found["epochs"] == found["hp/epochs"]).all()


def test_a_nan_loss_is_kept_as_none(tmp_path):
    class Odd(Small):
        def fit(self, hp, model, *args, **kwargs):
            return {"loss": [1.0, float("nan")], "val_accuracy": [0.5, 0.4]}

    found = search(Odd(), trials=1, folder=tmp_path / "a")
    assert found.status[0] == "COMPLETED"
    assert found.history[0]["loss"] == [1.0, None] and found.score[0] == 0.5


def test_other_threads_that_draw_random_numbers_change_nothing(tmp_path):
    """As Dask's threads do in a worker: Keras takes the seeds of its weights from Python's own random numbers."""
    alone = search(trials=2, folder=tmp_path / "alone")
    stop = threading.Event()

    def draw():
        while not stop.is_set():
            random.randint(1, 9)
            time.sleep(0.0005)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        disturbed = search(trials=2, folder=tmp_path / "disturbed")
    finally:
        stop.set()
        thread.join()
    assert disturbed.history.tolist() == alone.history.tolist()
