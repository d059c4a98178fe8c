"""Searches for better hyperparameters: Keras Tuner chooses, Dask runs several trials at a time, rows on disk remember."""

import concurrent.futures
import contextlib
import copy
import difflib
import hashlib
import json
import math
import pickle
import random
import re
import shutil
import tempfile
import threading
import time
import traceback
import uuid
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pandas as pd
from keras_tuner.engine.base_tuner import BaseTuner

from .. import paths
from .. import workers as processes
from ..data import digest
from .trials import OBJECTIVE, STRATEGIES, Trials, TuningError, alone_in, oracle

FAILURES = 3  # in a row stop a search: the model or the data are wrong, not one setting
PATIENCE = 3  # minutes without any worker
EXPLORED = 8  # random builds that look for hyperparameters which exist only beside certain values of others
COLUMNS = ["trial", "status", "score", "best_epoch", OBJECTIVE, "epochs", "seconds", "parameters", "history", "error"]


def search(
    build_model,
    x,
    y,
    *,
    strategy="random",
    trials=None,
    epochs=5,
    batch_size=32,
    validation_split=1 / 6,
    seed=1,
    workers=1,
    scheduler=None,
    folder=None,
    say=print,
) -> pd.DataFrame:
    """Search for better hyperparameters, or go on with the same search where it stopped.

    The same call goes on after an interruption or a crash: finished trials are kept, failed ones are tried again.
    More ``trials`` extend the search; another model, space or other data start a new one.

    Args:
        build_model: function of Keras Tuner's ``hp`` that returns a compiled ``keras.Model`` with the metric "accuracy",
            defined anywhere, a notebook's cell included; or a ``keras_tuner.HyperModel``, whose
            ``fit(hp, model, *args, **kwargs)`` may also choose the batch size.
        x: images or features, shape ``(n, ...)``, as the model takes them.
        y: labels, shape ``(n, ...)``, as the loss takes them.
        strategy: "random", "bayesian", "hyperband", or "grid" for every combination of listed values.
        trials: how many settings to try, 1 or more; 20 by default, and all of a grid. Hyperband has its own schedule.
        epochs: of each trial, 1 or more; under Hyperband the most that a trial gets.
        batch_size: images per step, 1 or more.
        validation_split: share of the images that scores the trials, the last ones, between 0 and 1.
        seed: 1 or more, of the strategy; trial ``n`` is trained after ``keras.utils.set_random_seed(seed + n)``.
        workers: trials at a time. One trains in this process; more start processes that share this machine's cores.
        scheduler: address of a Dask scheduler whose workers to use instead; they have to see ``folder``.
        folder: where the search is kept; None for one in ``build/tuning/`` named after all that makes it this search.
        say: takes a line on every finished trial.

    Returns:
        One row for each finished trial, best first. ``score`` is the validation accuracy of the best epoch, 0 to 1, as
        Keras Tuner scores (so it is optimistic), ``val_accuracy`` that of the last one; ``status`` is "COMPLETED" or
        "FAILED"; ``epochs`` counts those of the trial that Hyperband promoted, and ``history`` (a dict of lists) does not;
        ``error`` is a traceback. One more column for each hyperparameter, ``hp/NAME`` where the name is taken.

    Raises:
        TuningError: if an argument makes no sense, the folder holds another search, or three trials in a row fail.
        workers.WorkersError: if the worker processes cannot be started or reached.

    Source: https://keras.io/keras_tuner and, for Hyperband, https://arxiv.org/abs/1603.06560

    Example:
        >>> import keras, tempfile
        >>> from sklearn.datasets import load_digits
        >>> from mnist_study import tuning
        >>> x, y = load_digits(return_X_y=True)
        >>> def build_model(hp):
        ...     units = hp.Choice("units", [4, 32])
        ...     model = keras.Sequential([keras.layers.Dense(units, "relu"), keras.layers.Dense(10, "softmax")])
        ...     model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        ...     return model
        >>> found = tuning.search(build_model, x / 16, y, strategy="grid", epochs=2, folder=tempfile.mkdtemp(), say=len)
        >>> found.loc[0, "units"]
        np.int64(32)
    """
    x, y = np.asarray(x), np.asarray(y)
    _check_arguments(**locals())
    space, model, own = _explore(build_model, strategy, seed, x, y)
    options = {name: value for name, value in {"epochs": epochs, "batch_size": batch_size}.items() if name not in own}
    if strategy == "hyperband" and "epochs" in own:
        raise TuningError("HyperModel.fit sets the epochs itself, but Hyperband does. Leave them to its `**kwargs`.")
    identity = {
        "strategy": strategy,
        "epochs": epochs,
        "batch_size": batch_size,
        "validation_split": validation_split,
        "seed": seed,
        "data": digest(x, y),
        "hyperparameters": space.get_config()["space"],
        **_model_config(model),
    }
    identity = json.loads(json.dumps(identity, default=lambda value: value.item()))
    name = getattr(build_model, "__name__", type(build_model).__name__).strip("<>")
    code = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]
    folder = Path(folder or paths.project_root() / "build" / "tuning" / f"{name}-{strategy}-{code}").absolute()
    task = {
        "strategy": strategy,
        "build_model": build_model,
        "data": (x, y),
        "validation_split": validation_split,
        "options": options,
        "dtype_policy": keras.config.dtype_policy().name,
    }
    with alone_in(folder):
        _check_identity(folder, identity)
        log = Trials(folder, oracle(strategy, seed, epochs, space), trials)
        root = paths.project_root()
        shown = folder.relative_to(root) if folder.is_relative_to(root) else folder
        say(f"{log.completed()} of {log.total} trials are finished; they are kept in {shown}")
        try:
            if not log.finished():
                _run(log, task, seed, workers, scheduler, say)
        except KeyboardInterrupt:
            say(f"Interrupted. Finished trials are kept in {shown}; the same call goes on with this search.")
            raise
        finally:
            (folder / "data.npz").unlink(missing_ok=True)
        if log.finished():
            shutil.rmtree(folder / "weights", ignore_errors=True)
        return _table(log)


def _check_arguments(
    build_model, x, y, strategy, trials, epochs, batch_size, validation_split, seed, workers, **_
) -> None:
    if strategy not in STRATEGIES:
        close = difflib.get_close_matches(str(strategy), STRATEGIES, 1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise TuningError(f"There is no strategy {strategy!r}; expected one of {', '.join(STRATEGIES)}.{hint}")
    if not callable(build_model) and not isinstance(build_model, keras_tuner.HyperModel):
        raise TuningError(f"build_model is {build_model!r}; expected a function of hp, or a keras_tuner.HyperModel.")
    numbers = {"epochs": epochs, "batch_size": batch_size, "seed": seed, "workers": workers}
    for name, value in (numbers if trials is None else numbers | {"trials": trials}).items():
        if not isinstance(value, int | np.integer) or value < 1:
            raise TuningError(f"{name} is {value!r}; expected a whole number of 1 or more.")
    if strategy == "hyperband" and trials is not None:
        raise TuningError(
            f"trials is {trials}, but Hyperband's schedule decides how many there are: {oracle(strategy, 1, epochs).total()} "
            f"for epochs={epochs}. Leave trials out, or take another strategy."
        )
    if len(x) != len(y):
        raise TuningError(f"x has {len(x)} images and y {len(y)} labels; expected as many of each.")
    if not 0 < validation_split < 1 or not 0 < _split(len(x), validation_split) < len(x):
        raise TuningError(
            f"validation_split is {validation_split}; expected a number between 0 and 1 that leaves some of the {len(x)} "
            f"images for training and some for validation."
        )


def _check_identity(folder: Path, identity: dict) -> None:
    path = folder / "search.json"
    if not path.exists():
        if strangers := [entry.name for entry in folder.iterdir() if entry.name != "lock" and entry.name[0] != "."]:
            raise TuningError(
                f"The folder {folder} holds something else ({strangers[0]}); expected a new or empty folder, or one of a search."
            )
        paths.write_text(path, json.dumps(identity, indent=1) + "\n")
    found = json.loads(path.read_text(encoding="utf-8"))
    if different := [name for name in identity if found.get(name) != identity[name]]:
        told = [f"{name} (there {_short(found.get(name))}, now {_short(identity[name])})" for name in different]
        raise TuningError(
            f"The folder {folder} holds another search. It differs in {', '.join(told)}. Name another folder, or leave it out: "
            f"each search then gets its own."
        )


def _short(value) -> str:
    text = json.dumps(value)
    return text if len(text) < 60 else f"{text[:57]}…"


@contextlib.contextmanager
def _trainers(number: int, scheduler: str | None, task: dict, folder: Path, say):
    """Yield functions that start a trial and return its future, tell how many may run at a time, and count the workers."""
    if number == 1 and scheduler is None:

        def run_here(task):
            future = concurrent.futures.Future()
            future.set_result(_run_trial(task))
            return future

        yield run_here, lambda: 1, lambda: 1
        return
    import cloudpickle

    task["build_model"] = cloudpickle.dumps(task["build_model"])
    with paths.whole_file(folder / "data.npz") as temporary:  # a worker that replaces a dead one finds them there, too
        np.savez(temporary, x=task["data"][0], y=task["data"][1])
    task["data"] = str(folder / "data.npz")
    with processes.pool(number, scheduler, say) as client:
        executor = client.get_executor(pure=False, retries=0)

        def alive():
            return len(client.nthreads())

        slots = (lambda: max(1, alive())) if scheduler else lambda: number
        yield lambda task: executor.submit(_run_trial, task), slots, alive


def _run(log: Trials, task: dict, seed: int, number: int, scheduler: str | None, say) -> None:
    """Run trials until there are no more."""
    known = {one.name for one in log.oracle.hyperparameters.space}
    progress, running, failures, last = _Progress(log, say), {}, 0, None
    with _trainers(number, scheduler, task, log.folder, say) as (start, slots, alive):
        while True:
            while len(running) < slots() and (trial := log.next()):
                running[start(task | _own_part(log, trial, task, seed))] = trial.trial_id
            if not running:
                return
            for row in map(log.end, _results(running, alive)):
                progress.report(row)
                failures = failures + 1 if row["status"] == "FAILED" else 0
                last = row["error"] or last
            _check_growth(task["strategy"], known, log.oracle.hyperparameters.space)
            if failures >= FAILURES:
                raise TuningError(
                    f"The last {FAILURES} trials failed, so the search in {log.folder} was stopped. Mend what this says and "
                    f"make the same call again; finished trials are kept, failed ones tried anew:\n{last}"
                )


def _own_part(log: Trials, trial, task: dict, seed: int) -> dict:
    """What the task of one trial has beside what all have."""
    values, options, start, weights = trial.hyperparameters.values, task["options"], None, None
    if task["strategy"] == "hyperband":
        options = options | {"epochs": values["tuner/epochs"], "initial_epoch": values["tuner/initial_epoch"]}
        weights = str(log.folder / "weights" / f"{trial.trial_id}-{uuid.uuid4().hex[:8]}.weights.h5")
        if "tuner/trial_id" in values:
            start = str(log.folder / "weights" / log.ended()[values["tuner/trial_id"]]["weights"])
    return {
        "trial": trial.trial_id,
        "hyperparameters": trial.hyperparameters.get_config(),
        "seed": seed + int(trial.trial_id),
        "options": options,
        "start": start,
        "weights": weights,
    }


def _results(running: dict, alive) -> list[dict]:
    """Wait until some trials have ended; their rows. Nothing else may keep a future, or Dask runs it again if need be."""
    done, checks = None, PATIENCE
    while not done:
        done, _ = concurrent.futures.wait(running, timeout=60, return_when="FIRST_COMPLETED")
        checks = PATIENCE if done or alive() else checks - 1
        if not checks:
            raise TuningError(
                f"No worker has been there for {PATIENCE} minutes. Finished trials are kept; make the same call again."
            )
    return [_result(future, running.pop(future)) for future in done]


def _result(future, trial_id: str) -> dict:
    """The row that a trial returned, or that of a failure if its worker died with it again and again."""
    try:
        error = future.exception()  # raising it here would keep the futures of other trials in its traceback
    except concurrent.futures.CancelledError as gone:
        raise TuningError(
            "The Dask scheduler went away. Finished trials are kept; start it again and make the same call."
        ) from gone
    if error is None:
        return future.result()
    return dict.fromkeys([*COLUMNS, "hyperparameters", "weights"]) | {
        "trial": trial_id,
        "status": "FAILED",
        "seconds": 0.0,
        "history": {},
        "error": "".join(traceback.format_exception(error)),
    }


class _Progress:
    """Says of every trial that ends how good it was, which is the best, and how long the rest will take."""

    def __init__(self, log: Trials, say):
        self.log, self.say = log, say
        self.before, self.began = log.completed(), time.perf_counter()

    def report(self, row: dict) -> None:
        values = ", ".join(f"{name} {_rounded(value)}" for name, value in row["values"].items())
        if row["status"] == "FAILED":
            self.say(f"trial {int(row['trial'])} failed with {values}:\n{row['error']}")
            return
        best = max(self.log.ended().values(), key=lambda one: one["score"] or 0)
        done = self.log.completed()
        left = (time.perf_counter() - self.began) / max(1, done - self.before) * max(0, self.log.total - done)
        self.say(
            f"trial {int(row['trial'])}, {done} of {self.log.total}: {row['score']:.4f} in {row['seconds']:.0f} s with {values}; "
            f"best {best['score']:.4f} (trial {int(best['trial'])}); about "
            + (f"{left:.0f} s left" if left < 90 else f"{left / 60:.0f} min left")
        )


def _rounded(value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _table(log: Trials) -> pd.DataFrame:
    names = [one.name for one in log.oracle.hyperparameters.space]
    found = []
    for trial_id, row in log.ended().items():
        values = dict.fromkeys(names) | row["values"]  # None where a conditional scope does not hold
        values = {f"hp/{name}" if name in COLUMNS else name: value for name, value in values.items()}
        found.append({name: row[name] for name in COLUMNS} | {"trial": int(trial_id)} | values)
    table = pd.DataFrame(found, columns=None if found else COLUMNS)
    return table.sort_values(["score", "trial"], ascending=[False, True], na_position="last", ignore_index=True)


# --- what is searched for ------------------------------------------------------------------------------------------


def _build_and_fit(build_model) -> tuple:
    """The two functions of a ``HyperModel``, or a plain function and Keras's own ``fit``."""
    if isinstance(build_model, keras_tuner.HyperModel):
        return build_model.build, build_model.fit
    return build_model, lambda hp, model, *arguments, **options: model.fit(*arguments, **options)


class _FitReached(Exception):
    """``HyperModel.fit`` got as far as ``model.fit``."""


def _explore(build_model, strategy: str, seed: int, x, y) -> tuple:
    """Find the hyperparameters by building models, without training any.

    Returns:
        The ``HyperParameters``, the model at their defaults, and the names of the options of ``model.fit`` that
        ``HyperModel.fit`` sets itself.

    Raises:
        TuningError: if no compiled model is returned, there is nothing to search, or the space of a grid grows.
    """
    build, fit = _build_and_fit(build_model)
    own, models = set(), []

    def reached(*arguments, **options):
        raise _FitReached

    def build_and_look(hp):
        model = build(hp)
        if not isinstance(model, keras.Model) or not model.compiled:
            returned = "a model that is not compiled" if isinstance(model, keras.Model) else repr(model)
            raise TuningError(
                f"The model-building function returned {returned}; expected a compiled keras.Model. End it with "
                f"model.compile(...) and return model."
            )
        models.extend([] if models else [model])
        if isinstance(build_model, keras_tuner.HyperModel):
            model.fit = reached
            options = dict.fromkeys({"epochs", "batch_size"} - own, 1) | {"verbose": 0, "callbacks": []}
            try:
                fit(hp, model, x[:1], y[:1], validation_data=(x[:1], y[:1]), **options)
            except TypeError as error:
                if chosen := re.search(r"multiple values for keyword argument '(epochs|batch_size)'", str(error)):
                    own.add(chosen[1])
                    return build_and_look(hp)
            except Exception:  # a trial shows it, if it is an error
                pass
        return model

    found = oracle("random", seed, 1)
    with tempfile.TemporaryDirectory() as folder:
        BaseTuner(found, build_and_look, directory=folder, project_name="exploration", overwrite=True)
    if not found.hyperparameters.space:
        raise TuningError(
            "The model-building function asks `hp` for no hyperparameters, so there is nothing to search."
        )
    known = {one.name for one in found.hyperparameters.space}
    for number in range(EXPLORED):
        hp = found.get_space()
        hp.values = {}
        for place, one in enumerate(hp.space):
            if hp.is_active(one):
                hp.values[one.name] = one.random_sample(seed + number + EXPLORED * place)
        build_and_look(hp)
        found.update_space(hp)
    _check_growth(strategy, known, found.hyperparameters.space)
    return found.hyperparameters, models[0], own


def _check_growth(strategy: str, known: set, space: list) -> None:
    new = {one.name for one in space} - known
    if strategy == "grid" and new:
        raise TuningError(
            f"A grid cannot tell when the model has {', '.join(sorted(new))}: ask for every hyperparameter always, or under "
            f"hp.conditional_scope, or take another strategy."
        )


def _model_config(model) -> dict:
    """Layers and compilation as plain data, without the numbers that Keras counts up in the names of both."""
    try:
        layers = model.get_config()
    except NotImplementedError:  # a subclass of keras.Model without a configuration
        layers = [{"class_name": type(layer).__name__, "config": layer.get_config()} for layer in model.layers]
    names = {layer.name: f"layer {number}" for number, layer in enumerate(model._flatten_layers())}

    def renamed(part):
        if isinstance(part, dict):
            return {name: renamed(value) for name, value in part.items()}
        if isinstance(part, list):
            return [renamed(value) for value in part]
        return names.get(part, part) if isinstance(part, str) else part

    plain = {"model": {"class": type(model).__name__, "layers": layers}, "compilation": model.get_compile_config()}
    plain = json.loads(json.dumps(plain, default=lambda value: re.sub(" at 0x[0-9a-f]+", "", repr(value))))
    compilation = re.sub(r'("name": "\w+?)_\d+"', r'\1"', json.dumps(plain["compilation"]))  # of optimizers
    return {"model": renamed(plain["model"]), "compilation": json.loads(compilation)}


# --- one trial, in this process or a worker ------------------------------------------------------------------------


def _run_trial(task: dict) -> dict:
    """Train one setting.

    Args:
        task: plain data, see ``search``; ``build_model`` may be pickled and ``data`` the path of an ``.npz`` file.

    Returns:
        The row of its end; if it failed, with the traceback.
    """
    began = time.perf_counter()
    hp = keras_tuner.HyperParameters.from_config(copy.deepcopy(task["hyperparameters"]))
    row = dict.fromkeys(COLUMNS) | {"trial": task["trial"], "history": {}, "weights": None}
    try:
        row |= _trained(task, hp) | {"status": "COMPLETED"}
    except Exception:
        row |= {"status": "FAILED", "error": traceback.format_exc()}
    finally:
        keras.utils.clear_session()
    row["hyperparameters"] = hp.get_config()
    return row | {"seconds": round(time.perf_counter() - began, 3)}


def _trained(task: dict, hp) -> dict:
    build_model, data = task["build_model"], task["data"]
    if isinstance(build_model, bytes):
        build_model = pickle.loads(build_model)
    if isinstance(data, str):
        with np.load(data, allow_pickle=False) as stored:
            data = stored["x"], stored["y"]
    x, y = data
    split = _split(len(x), task["validation_split"])
    keras.config.set_dtype_policy(task["dtype_policy"])
    with _random_numbers_of_this_thread(task["seed"]):
        return _fitted(task, hp, build_model, x, y, split)


@contextlib.contextmanager
def _random_numbers_of_this_thread(seed: int):
    """Seed everything, and keep what this thread draws from Python's ``random`` apart from what others do.

    Keras draws the seeds of weights and dropout there, and Dask's own threads draw from it too while a trial runs.
    """
    keras.utils.set_random_seed(seed)
    drawn, thread, shared = random.Random(seed), threading.get_ident(), random.randint
    random.randint = lambda low, high: (drawn.randint if threading.get_ident() == thread else shared)(low, high)
    try:
        yield
    finally:
        random.randint = shared


def _fitted(task: dict, hp, build_model, x, y, split: int) -> dict:
    build, fit = _build_and_fit(build_model)
    model = build(hp)
    if task["start"]:
        if not model.built:
            model(x[:1])
        model.optimizer.build(model.trainable_variables)  # or its state is not loaded
        model.load_weights(task["start"])
    found = fit(
        hp,
        model,
        x[:split],
        y[:split],
        validation_data=(x[split:], y[split:]),
        verbose=0,
        callbacks=[],
        **task["options"],
    )
    history = getattr(found, "history", found)
    if not isinstance(history, dict):
        history = {OBJECTIVE: history}
    history = {name: np.atleast_1d(values).astype(float).tolist() for name, values in history.items()}
    scores = history.get(OBJECTIVE)
    if not scores or not np.all(np.isfinite(scores)):
        raise TuningError(
            f"The history has {f'{OBJECTIVE} {scores}' if scores else ', '.join(history)}; expected a finite {OBJECTIVE} for "
            f'each epoch. Compile the model with metrics=["accuracy"].'
        )
    if task["weights"]:
        Path(task["weights"]).parent.mkdir(exist_ok=True)
        model.save_weights(task["weights"])
    first, best = task["options"].get("initial_epoch", 0), int(np.argmax(scores))
    return {
        "score": scores[best],
        "best_epoch": first + best + 1,
        OBJECTIVE: scores[-1],
        "epochs": first + len(scores),
        "parameters": model.count_params() if model.built else None,
        "history": history,
        "weights": task["weights"] and Path(task["weights"]).name,
    }


def _split(number: int, validation_split: float) -> int:
    """How many images come before the validation part, as ``keras.Model.fit`` counts them."""
    return math.floor(number * (1.0 - validation_split))
