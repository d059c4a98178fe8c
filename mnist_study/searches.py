"""What a search for better settings is, and what its folder holds.

``project.json`` says what it is, ``trials/`` holds a row for every finished trial, written whole before Keras Tuner hears of
it; ``keras_tuner/`` is the tuner's own state, ``checkpoints/`` the epochs of unfinished trials, ``tensorboard/`` the curves.
"""

import contextlib
import json
import sys
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import keras_tuner
import pandas as pd

from . import paths
from .data import datasets
from .models import spaces
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
        object.__setattr__(self, "_space", spaces.find(self.space))
        self._check_space()

    def _check_space(self) -> None:
        """Build the space once with its defaults."""
        try:
            hp = self.hyperparameters()
            json.dumps(self.settings(keras_tuner.HyperParameters()))
        except Exception as error:
            raise TuningError(
                f"The space {self.space!r} cannot be used: {type(error).__name__}: {error}. Expected a function of one "
                f"argument, Keras Tuner's hyperparameters, that returns a dict of plain settings (spaces.py has examples)."
            ) from error
        if not hp.space:
            raise TuningError(f"The space {self.space!r} has no hyperparameters: there is nothing to search.")

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
        settings = spaces.DEFAULTS | self._space(hp)
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
        settings = [self._active(dict(zip(lists, values, strict=True))) for values in product(*lists.values())]
        return [values for place, values in enumerate(settings) if values not in settings[:place]]

    def _active(self, values: dict) -> dict:
        """Those of the values that count, where some hyperparameters only do beside certain values of others."""
        hp = keras_tuner.HyperParameters()
        hp.values = dict(values)
        self.settings(hp)
        new = {one.name for one in hp.space} - set(values)
        if new:
            raise TuningError(
                f"A grid cannot know when the space {self.space!r} has {', '.join(sorted(new))}: ask for every "
                f"hyperparameter always, or under hp.conditional_scope, or take another strategy."
            )
        return {one.name: values[one.name] for one in hp.space if hp.is_active(one)}

    def total(self) -> int:
        """How many trials it will have when it is finished."""
        oracle = self.oracle()
        most = self.trials or sys.maxsize
        if self.strategy == "grid":
            return min(most, len(oracle.settings))
        return min(most, oracle.total()) if self.strategy == "hyperband" else oracle.max_trials

    def oracle(self):
        """Keras Tuner's oracle of the strategy: what chooses the next trial's values."""
        common = {
            "objective": keras_tuner.Objective(METRIC, "max"),
            "seed": self.seed,
            "max_consecutive_failed_trials": sys.maxsize,  # ``stop_after_failures`` counts them
        }
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
            paths.write_text(project, json.dumps(asked, indent=1) + "\n")
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
        "space": Path(search.space).name,  # the same file may lie elsewhere on another machine
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
    found = []
    for path in (Path(folder) / "trials").glob("[!.]*.json"):  # not what is just being written
        with contextlib.suppress(FileNotFoundError):  # that of a failed trial, which is just tried again
            found.append(json.loads(path.read_text(encoding="utf-8")))
    return sorted(found, key=lambda row: (row["time"], row["trial"]))


def changed(folder: Path) -> int:
    """When a row last came or went, as the file system counts it; 0 before the first."""
    with contextlib.suppress(FileNotFoundError):
        return (Path(folder) / "trials").stat().st_mtime_ns
    return 0


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


def write_row(folder: Path, row: dict) -> None:
    """Write the row of a finished trial, whole or not at all."""
    paths.write_text(row_path(folder, row["trial"]), json.dumps(row, indent=1) + "\n")


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


def stop_after_failures(folder: Path, since: float) -> None:
    """End a search whose last ``FAILURES`` trials, all after ``since`` (seconds of ``time.time``), have failed.

    Raises:
        TuningError: with the last traceback.
    """
    last = [row for row in rows(folder) if row["time"] >= since][-FAILURES:]
    if len(last) == FAILURES and all(row["status"] == "FAILED" for row in last):
        raise TuningError(
            f"The last {FAILURES} trials failed, so the search in {folder} was stopped. Mend what this says and start it "
            f"again; finished trials are kept and the failed ones tried anew:\n{last[-1]['error']}"
        )


class Progress:
    """Says of every trial that finishes how good it was, which is the best, and how long the rest will take."""

    def __init__(self, search: Search, say=print):
        self.folder, self.say, self.total = search.path, say, search.total()
        self.told = {row["trial"] for row in rows(self.folder) if row["status"] == "COMPLETED"}
        self.before, self.began = len(self.told), time.perf_counter()
        if self.told:
            say(f"going on after {len(self.told)} of {self.total} trials")

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
