"""Searches for better settings with Keras Tuner: any space, four strategies, every finished trial a row on disk.

A search lives in one folder: ``project.json`` says what it is, ``trials/`` holds a row for every finished trial, written whole
before Keras Tuner hears of it; ``keras_tuner/`` is the tuner's own state, ``tensorboard/`` the curves. Killed at any moment
and started again, it goes on with the epoch after the last finished one. ``tuning_workers`` runs several trials at a time.
"""

import contextlib
import gc
import io
import json
import sys
import time
import traceback
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pandas as pd
from keras_tuner.engine import base_tuner
from keras_tuner.src.distribute import utils  # tells chief, worker and single process apart; it has no public name

from . import datasets, network_training, paths, records, spaces, training
from .oracles import BayesianOracle, HyperbandOracle, ListOracle, RandomOracle

STRATEGIES = ("random", "bayesian", "hyperband", "grid")
TRIALS = 20  # of a random or Bayesian search that is not told how many
FAILURES = 3  # in a row stop a search: the space or the data are wrong, not one setting
HYPERBAND_FACTOR = 3
METRIC = "val_accuracy"


class TuningError(keras_tuner.errors.FatalError, ValueError):
    """A search cannot be started or went wrong; the message says how to mend it. Keras Tuner lets it through."""


@dataclass(frozen=True)
class Search:
    """What is searched for, how, and where.

    Attributes:
        space: name of a search space, as ``spaces.find`` takes it.
        strategy: one of ``STRATEGIES``.
        trials: how many settings to try; None for all of a grid, ``TRIALS`` of a random or Bayesian search, and as many
            as Hyperband wants.
        seed: 1 or more; of the strategy, of weights and of the order of images, the same for every trial.
        epochs: of a trial, in place of the space's own; the most that Hyperband gives one.
        only: settings to try instead of the whole grid, each a dict by hyperparameter.
        profile: "quick" or "full": which data.
        folder: where it lives; None for ``build/tuning/`` or ``build/quick/tuning/``.
    """

    space: str
    strategy: str = "random"
    trials: int | None = None
    seed: int = 1
    epochs: int | None = None
    only: tuple | None = None
    profile: str = "quick"
    folder: Path | None = None

    def __post_init__(self):
        if self.strategy not in STRATEGIES:
            raise TuningError(f"There is no strategy {self.strategy!r}; expected one of {', '.join(STRATEGIES)}.")
        for name in ("trials", "epochs", "seed"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise TuningError(f"{name} is {value}; expected 1 or more.")
        spaces.find(self.space)

    @property
    def path(self) -> Path:
        """The folder it lives in."""
        if self.folder is not None:
            return Path(self.folder)
        name = Path(self.space).name.replace(":", "-")
        epochs = f"-{self.epochs}epochs" if self.epochs else ""
        return paths.tuning_dir(self.profile) / f"{name}-{self.strategy}-seed{self.seed}{epochs}"

    def settings(self, hp) -> dict:
        """A trial's whole settings: the defaults, the space's own, and ``epochs`` where it is given."""
        settings = spaces.DEFAULTS | spaces.find(self.space)(hp)
        return settings | ({"epochs": self.epochs} if self.epochs else {})

    def hyperparameters(self):
        """The space as Keras Tuner has it, a ``HyperParameters``."""
        hp = keras_tuner.HyperParameters()
        self.settings(hp)
        return hp

    def dataset(self) -> datasets.Dataset:
        """What the trials run on."""
        return datasets.for_profile(self.profile, self.settings(keras_tuner.HyperParameters())["dataset"])

    def grid(self) -> list[dict]:
        """Every setting of the space, or those of ``only``, each a dict by hyperparameter.

        Raises:
            TuningError: if the space has a hyperparameter without a list of values.
        """
        if self.only is not None:
            return [dict(values) for values in self.only]
        lists = {}
        for one in self.hyperparameters().space:
            unlisted = isinstance(one, keras_tuner.engine.hyperparameters.Float) and one.step is None
            lists[one.name] = [] if unlisted else list(one.values)  # Keras Tuner's own would take ten at random places
            if not lists[one.name]:
                raise TuningError(
                    f"A grid needs a list of values for every hyperparameter, and {one.name!r} is a {type(one).__name__} "
                    f"without one. Make it a Choice, give it a step, or take another strategy."
                )
        return [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]

    def total(self) -> int:
        """How many trials it will have when it is finished."""
        oracle = self.oracle()
        if self.strategy == "grid":
            return min(self.trials or sys.maxsize, len(oracle.settings))
        return oracle.max_trials or oracle.total()

    def oracle(self):
        """Keras Tuner's oracle of the strategy: what chooses the next trial's values."""
        common = {"objective": keras_tuner.Objective(METRIC, "max"), "seed": self.seed}
        common |= {
            "max_retries_per_trial": 0,
            "max_consecutive_failed_trials": sys.maxsize,
        }  # failures are counted here
        if self.strategy == "grid":
            oracle = ListOracle(self.grid(), max_trials=self.trials, **common)
        elif self.strategy == "hyperband":
            epochs = self.settings(keras_tuner.HyperParameters())["epochs"]
            oracle = HyperbandOracle(max_epochs=epochs, factor=HYPERBAND_FACTOR, **common)
            oracle.max_trials = self.trials
        else:
            kind = {"random": RandomOracle, "bayesian": BayesianOracle}[self.strategy]
            oracle = kind(max_trials=self.trials or TRIALS, **common)
        oracle.verbose = 0
        return oracle


# --- the folder --------------------------------------------------------------------------------------------------


def open_folder(search: Search, data_digest: str) -> None:
    """Make the search's folder, or check that what is there is the same search.

    Raises:
        TuningError: if it cannot be written, or holds another search; nothing in it is changed then.
    """
    asked = _identity(search, data_digest)
    project = search.path / "project.json"
    try:
        if project.exists():
            found = json.loads(project.read_text(encoding="utf-8"))
        else:
            found = asked
            with paths.whole_file(project) as temporary:
                temporary.write_text(json.dumps(asked, indent=1) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise TuningError(
            f"The folder {search.path} cannot be used for a search ({error}). "
            f"Choose one that can be written with --folder."
        ) from error
    different = [name for name in asked if found.get(name) != asked[name]]
    if different:
        was, now = (", ".join(f"{name} {_short(one.get(name))}" for name in different) for one in (found, asked))
        raise TuningError(
            f"The folder {search.path} holds another search: there {was}; asked for {now}. Choose another --folder, or "
            f"move that one away."
        )


def _short(value) -> str:
    text = json.dumps(value)
    return text if len(text) < 120 else f"{text[:117]}…"


def _identity(search: Search, data_digest: str) -> dict:
    hp = search.hyperparameters()
    return {
        "space": search.space,
        "strategy": search.strategy,
        "seed": search.seed,
        "settings": json.loads(json.dumps(search.settings(keras_tuner.HyperParameters()))),
        "hyperparameters": json.loads(json.dumps(hp.get_config()["space"])),
        "data": data_digest,
    }


@contextlib.contextmanager
def alone_in(folder: Path):
    """Keep a second search out of the folder while this one is at work; the system forgets the lock with the process.

    Raises:
        TuningError: if another search is at work there.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        yield
        return
    with open(Path(folder) / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TuningError(
                f"Another search is at work in {folder}. Wait for it, stop it, or join it with --chief HOST:PORT."
            ) from None
        yield


def row_path(folder: Path, trial_id: str) -> Path:
    """Where the row of a finished trial stands."""
    return Path(folder) / "trials" / f"{trial_id}.json"


def rows(folder: Path) -> list[dict]:
    """The rows of all finished trials of a folder, in the order they finished.

    Each has trial, status ("COMPLETED" or "FAILED"), values, seed, score (the best epoch's validation accuracy, as Keras
    Tuner has it), best_epoch, val_accuracy (the last epoch's), epochs, seconds, history, parameters, settings, worker, error
    (a traceback), time and provenance.
    """
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (Path(folder) / "trials").glob("*.json")]
    return sorted(found, key=lambda row: (row["time"], row["trial"]))


def table(folder: Path) -> pd.DataFrame:
    """The finished trials, one row each, best first: trial, status, score, …, and a column for each hyperparameter."""
    found = rows(folder)
    plain = (
        "trial",
        "status",
        "score",
        "best_epoch",
        METRIC,
        "epochs",
        "seconds",
        "seed",
        "worker",
        "error",
        "history",
    )
    frame = pd.DataFrame([{name: row[name] for name in plain} | row["values"] for row in found])
    return frame.sort_values("score", ascending=False, na_position="last", ignore_index=True) if found else frame


def write_table(folder: Path) -> Path:
    """Write ``trials.csv`` into the folder: ``table``, the history as JSON; returns its path."""
    path = Path(folder) / "trials.csv"
    with paths.whole_file(path) as temporary:
        found = table(folder)
        found.assign(history=found.history.map(json.dumps)).to_csv(temporary, index=False)
    return path


def _write_row(folder: Path, row: dict) -> None:
    with paths.whole_file(row_path(folder, row["trial"])) as temporary:
        temporary.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")


def write_tensorboard(folder: Path, row: dict) -> None:
    """The curves of one trial, and its hyperparameters for the HParams tab, as TensorBoard reads them."""
    import tensorflow as tf
    from tensorboard.plugins.hparams import api as hparams

    with tf.summary.create_file_writer(str(Path(folder) / "tensorboard" / row["trial"])).as_default():
        hparams.hparams(row["values"], trial_id=row["trial"])
        for name, values in row["history"].items():
            for epoch, value in enumerate(values, row["first_epoch"] + 1):
                tf.summary.scalar(name, value, step=epoch)
        tf.summary.scalar("score", row["score"], step=row["epochs"])


# --- one process -------------------------------------------------------------------------------------------------


class StudyTuner(base_tuner.BaseTuner):
    """Keras Tuner's loop around ``network_training.fit_network``; also what a worker of ``tuning_workers`` runs."""

    def __init__(self, search: Search, dataset: datasets.Dataset):
        self.asked, self.data = search, dataset
        oracle = search.oracle()
        oracle.keeps_workers = utils.is_chief_oracle()
        with contextlib.redirect_stdout(io.StringIO()):  # "Reloading Tuner from …"
            super().__init__(oracle, search.settings, directory=str(search.path), project_name="keras_tuner")

    def _get_tuner_fname(self):
        return str(Path(self.project_dir) / "oracle.json")  # all there is to reload, whoever wrote it

    def save(self):
        """Keras Tuner's state is its oracle's, which a worker does not have."""
        if not self._is_worker():
            self.oracle.save()

    def search(self):
        """Trials until the oracle has no more; an idle one is asked again."""
        while True:
            trial = self.oracle.create_trial(self.tuner_id)
            if trial.status == "STOPPED":
                return
            if trial.status == "IDLE":
                time.sleep(0.2)
                continue
            self._try_run_and_update_trial(trial)
            self.on_trial_end(trial)
            yield trial.trial_id

    def run_trial(self, trial):
        """Train one setting, or take over the row of a trial that finished just before the process was killed.

        Returns:
            ``{"val_accuracy": score}``.

        Raises:
            FailedTrialError: after writing the row with the traceback.
        """
        path = row_path(self.asked.path, trial.trial_id)
        values = {name: value for name, value in trial.hyperparameters.values.items() if not name.startswith("tuner/")}
        if path.exists():
            row = json.loads(path.read_text(encoding="utf-8"))
            if row["values"] != values:
                raise TuningError(
                    f"{path} is of other values ({row['values']}) than Keras Tuner now asks for ({values}): its state in "
                    f"{self.asked.path} was lost. Move that folder away and start the search afresh."
                )
        else:
            row = self._row(trial, values)
            _write_row(self.asked.path, row)
            self._checkpoint(trial.trial_id).unlink(missing_ok=True)
        if row["status"] == "FAILED":
            print(f"trial {row['trial']} failed:\n{row['error']}", file=sys.stderr, flush=True)
            raise keras_tuner.errors.FailedTrialError(row["error"])
        return {METRIC: row["score"]}

    def _row(self, trial, values: dict) -> dict:
        hyperband = trial.hyperparameters.values
        row = {
            "trial": trial.trial_id,
            "status": "FAILED",
            "values": values,
            "seed": self.asked.seed,
            "score": None,
            "best_epoch": None,
            METRIC: None,
            "first_epoch": hyperband.get("tuner/initial_epoch", 0),
            "epochs": hyperband.get("tuner/epochs"),
            "history": {},
            "worker": self.tuner_id,
            "error": None,
        }
        began = time.perf_counter()
        try:
            row |= self._trained(trial, hyperband) | {"status": "COMPLETED"}
            write_tensorboard(self.asked.path, row)
        except Exception:
            row |= {"status": "FAILED", "error": traceback.format_exc()}
        finally:
            keras.utils.clear_session()  # or memory grows with every trial
            gc.collect()
        row["seconds"] = round(sum(row["history"].get("seconds", [])) or time.perf_counter() - began, 3)
        made_by = records.provenance()
        return row | {"time": time.time(), "provenance": made_by}

    def _trained(self, trial, hyperband: dict) -> dict:
        settings = self.asked.settings(trial.hyperparameters)
        first, epochs = hyperband.get("tuner/initial_epoch", 0), hyperband.get("tuner/epochs", settings["epochs"])
        train, validation, _ = datasets.named_split(self.data, settings)
        model, history, _ = network_training.fit_network(
            settings | {"epochs": epochs - first},
            self.asked.seed,
            self.data.x_train,
            later_epochs(train, settings, self.asked.seed, first),
            validation,
            self._checkpoint(trial.trial_id),
            f"trial {trial.trial_id}",
            start=self._weights_of(hyperband["tuner/trial_id"]) if first else None,
        )
        if self.asked.strategy == "hyperband":  # a later round may go on from here
            with paths.whole_file(self._weights_path(trial.trial_id)) as temporary:
                np.savez(temporary, *model.get_weights())
        best = int(np.argmax(history["val_accuracy"]))
        return {
            "score": history["val_accuracy"][best],
            "best_epoch": first + best + 1,
            METRIC: history["val_accuracy"][-1],
            "epochs": epochs,
            "history": history,
            "parameters": model.count_params(),
            "validation": len(validation[0]),
            "settings": settings | {"epochs": epochs},
        }

    def _checkpoint(self, trial_id: str) -> Path:
        return self.asked.path / "checkpoints" / f"{trial_id}.npz"

    def _weights_path(self, trial_id: str) -> Path:
        return self.asked.path / "weights" / f"{trial_id}.npz"

    def _weights_of(self, trial_id: str) -> list:
        with np.load(self._weights_path(trial_id), allow_pickle=False) as stored:
            return [stored[name] for name in stored.files]


def later_epochs(train, settings: dict, seed: int, first: int):
    """What ``training.fit`` takes to train on what comes after the ``first`` epochs; Hyperband goes on with a trial so."""
    images = network_training.as_trained_on(train, settings, seed)
    if not first:
        return images

    def epoch_images(epoch):
        if callable(images):
            return images(first + epoch)
        order = training.batch_order(seed, first + epoch, len(train[0]))
        return train[0][order], train[1][order]

    return epoch_images


def failed_in_a_row(folder: Path, since: float) -> dict | None:
    """The last row, where it and the two before it failed after ``since`` (seconds of ``time.time``); else None."""
    last = [row for row in rows(folder) if row["time"] >= since][-FAILURES:]
    return last[-1] if len(last) == FAILURES and all(row["status"] == "FAILED" for row in last) else None


def stop_after_failures(folder: Path, since: float) -> None:
    """Raise a ``TuningError`` with the last traceback where the last three trials have all failed."""
    row = failed_in_a_row(folder, since)
    if row is not None:
        raise TuningError(
            f"The last {FAILURES} trials failed, so the search in {folder} was stopped. Mend what this says and start it "
            f"again; finished trials are kept and the failed ones tried anew:\n{row['error']}"
        )


def run(search: Search, dataset: datasets.Dataset | None = None, say=print) -> pd.DataFrame:
    """Run a search in this process, or go on with it; ``tuning_workers.run`` does the same with several processes.

    Args:
        search: what, how and where.
        dataset: in place of the profile's own.
        say: takes a line for every finished trial.

    Returns:
        ``table`` of the folder.

    Raises:
        TuningError: if the folder cannot be used, or three trials in a row fail.
    """
    dataset = dataset or search.dataset()
    open_folder(search, dataset.digest)
    began = time.time()
    with alone_in(search.path):
        progress = Progress(search, say)
        tuner = StudyTuner(search, dataset)
        for _ in tuner.search():
            progress.report()
            stop_after_failures(search.path, began)
    if tuner.oracle.broken:
        raise TuningError(f"The next trial's values could not be chosen:\n{tuner.oracle.broken}")
    return table(search.path)


class Progress:
    """Says of every trial that finishes how good it was, which is the best, and how long the rest will take."""

    def __init__(self, search: Search, say=print):
        self.folder, self.say, self.total = search.path, say, search.total()
        self.told = {row["trial"] for row in rows(self.folder) if row["status"] == "COMPLETED"}
        self.before, self.began = len(self.told), time.perf_counter()
        if self.told:
            say(f"going on after {len(self.told)} of {self.total} trials in {self.folder}")

    def report(self) -> None:
        """One line for each trial that finished since the last call."""
        found = rows(self.folder)
        done = [row for row in found if row["status"] == "COMPLETED"]
        best = max(done, key=lambda row: row["score"], default=None)
        for row in found:
            if row["trial"] in self.told:
                continue
            self.told.add(row["trial"])
            took = (time.perf_counter() - self.began) / (len(self.told) - self.before)
            left = took * max(0, self.total - len(self.told))
            score = f"{row['score']:.4f}" if row["score"] is not None else "failed"
            so_far = f"best {best['score']:.4f} (trial {best['trial']})" if best else "none finished yet"
            values = ", ".join(f"{name} {_rounded(value)}" for name, value in row["values"].items())
            self.say(
                f"trial {row['trial']}, {len(self.told)} of {self.total}: {score} in {row['seconds']:.0f} s with {values}; "
                f"{so_far}; about {_minutes(left)} left"
            )


def _rounded(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


# --- a trial as an experiment ------------------------------------------------------------------------------------


def run_trial(experiment, settings, seed, dataset, profile) -> records.Record:
    """The runner of the kind "trial": one setting of a space, tried by Keras Tuner or found among those it has tried.

    ``accuracy`` is the best epoch's on the validation part, as Keras Tuner scores it; ``val_accuracy`` the last epoch's.
    """
    search = Search(
        settings["space"], "grid", seed=seed, epochs=settings["epochs"], profile=profile, only=(settings["values"],)
    )
    run(search, dataset, say=lambda line: None)
    row = next(row for row in rows(search.path) if row["values"] == settings["values"])
    if row["status"] == "FAILED":
        raise TuningError(f"{experiment.name} failed:\n{row['error']}")
    n = row["validation"]
    metrics = {
        "accuracy": row["score"],
        "misses": round((1 - row["score"]) * n),
        "n": n,
        "loss": row["history"]["val_loss"][row["best_epoch"] - 1],
        "val_accuracy": row["val_accuracy"],
        "best_epoch": row["best_epoch"],
        "parameters": row["parameters"],
    }
    made_by = row["provenance"] | {"backend": keras.backend.backend()}
    return records.Record(
        experiment.name, seed, settings, dataset.digest, metrics, row["history"], {"fit": row["seconds"]}, made_by
    )
