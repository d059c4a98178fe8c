"""The trials of a search: which are next, which have ended, all of it in rows on disk.

``rows/`` holds, in order, every answer of Keras Tuner's oracle and every end of a trial. After a kill a fresh oracle with the
same seed is fed the rows and is in the same state, so no finished trial is lost and none runs twice.
"""

import contextlib
import copy
import json
import math
import time
from pathlib import Path

import keras_tuner
import numpy as np
from keras_tuner.engine.base_tuner import BaseTuner

from .. import paths

TRIALS = 20  # of a random or Bayesian search that is not told how many
OBJECTIVE = "val_accuracy"


class TuningError(ValueError):
    """A search cannot be started or went wrong; the message says how to mend it."""


class _Complete:
    """Gives hyperparameters that an oracle left without a value their defaults; Keras Tuner draws them without a seed."""

    def total(self, trials: int | None) -> int:
        """How many trials the whole search has, if it is asked for so many."""
        return trials or TRIALS

    def populate_space(self, trial_id):
        answer = super().populate_space(trial_id)
        if answer.get("values") is not None:
            for one in self.hyperparameters.space:
                if all(condition.is_active(answer["values"]) for condition in one.conditions):
                    answer["values"].setdefault(one.name, one.default)
        return answer


class _Random(_Complete, keras_tuner.oracles.RandomSearchOracle):
    """Values at random, none twice."""


class _Bayesian(_Complete, keras_tuner.oracles.BayesianOptimizationOracle):
    """Values where a Gaussian process of the past scores expects most."""

    def populate_space(self, trial_id):
        number = len(self._nonfixed_space())
        if getattr(self.gpr, "n_features_in_", number) != number:  # fitted before a hyperparameter was discovered
            self.gpr = self._make_gpr()
        return super().populate_space(trial_id)


class _Hyperband(_Complete, keras_tuner.oracles.HyperbandOracle):
    """Many trials of few epochs, the best of which go on."""

    def _random_values(self):
        values = super()._random_values()
        if values is None:  # a small space has run out of new values, and the brackets still have to be filled
            self._tried_so_far.clear()
            values = super()._random_values()
        return values

    def total(self, trials: int | None = None) -> int:
        """Those of the whole schedule; each promotion counts as one."""
        brackets = range(self._get_num_brackets())
        return sum(self._get_size(bracket, number) for bracket in brackets for number in range(bracket + 1))


class _Grid(_Complete, keras_tuner.Oracle):
    """Every combination of listed values, in order; Keras Tuner's own grid search cannot be resumed."""

    def __init__(self, **options):
        super().__init__(**options)
        self.settings = _combinations(self.hyperparameters.space)

    def total(self, trials: int | None) -> int:
        """All of the list, or the first ones."""
        return min(trials or len(self.settings), len(self.settings))

    def populate_space(self, trial_id):
        if int(trial_id) < len(self.settings):
            return {"status": "RUNNING", "values": dict(self.settings[int(trial_id)])}
        return {"status": "STOPPED"}


STRATEGIES = {"random": _Random, "bayesian": _Bayesian, "hyperband": _Hyperband, "grid": _Grid}


def _combinations(space: list) -> list[dict]:
    """Every combination of the values of a space; a hyperparameter counts only where its conditional scopes hold."""
    found = [{}]
    for one in space:
        if getattr(one, "step", 1) is None:
            raise TuningError(
                f"A grid needs a list of values for every hyperparameter, and {one.name!r} is a {type(one).__name__} without "
                f"one. Make it a Choice, give it a step, or take another strategy."
            )
        active = [all(condition.is_active(values) for condition in one.conditions) for values in found]
        found = [
            values | extra
            for values, counts in zip(found, active, strict=True)
            for extra in ([{one.name: value} for value in one.values] if counts else [{}])
        ]
    return found


def oracle(strategy: str, seed: int, epochs: int, hyperparameters=None):
    """A fresh oracle of Keras Tuner; it never stops by a number of trials, which may grow from one call to the next."""
    options = {"max_epochs": epochs} if strategy == "hyperband" else {"max_trials": None}
    made = STRATEGIES[strategy](
        objective=keras_tuner.Objective(OBJECTIVE, "max"),
        seed=seed,
        hyperparameters=hyperparameters and hyperparameters.copy(),
        max_consecutive_failed_trials=None,
        **options,
    )
    made.verbose = 0
    return made


@contextlib.contextmanager
def alone_in(folder: Path):
    """Make the folder and keep other processes out of it; the system lets go of it when this process ends.

    Raises:
        TuningError: if the folder cannot be written, or another process is at work there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / "lock", "w")  # noqa: SIM115
    except OSError as error:
        raise TuningError(f"The folder {folder} cannot be used ({error}). Choose one that can be written.") from error
    with lock:
        with contextlib.suppress(ImportError):  # Windows has no such locks
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise TuningError(
                    f"Another process is searching in {folder}. Wait for it, stop it, or name another folder."
                ) from None
        yield


class Trials:
    """Keras Tuner's oracle of a search, and the rows of all that it answered and was told.

    Args:
        folder: of the search; only one process may be at work in it.
        fresh: an ``oracle`` made as for every call before.
        trials: how many are asked for, None for the default.

    Attributes:
        rows: all rows in order. {"what": "asked", "trial", "again", "status": RUNNING, IDLE or STOPPED, "values"} is an
            answer, {"what": "ended", "trial", "status": COMPLETED or FAILED, "score", ...} the end of a trial.
        total: how many trials there will be.
    """

    def __init__(self, folder: Path, fresh, trials: int | None):
        self.folder, self.oracle, self.total = folder, fresh, fresh.total(trials)
        for part in folder.glob("**/.part-*"):  # of a process that was killed
            part.unlink()
        found = sorted(folder.glob("rows/[0-9]*.json"))
        self.rows = [json.loads(path.read_text(encoding="utf-8")) for path in found]
        last = {row["trial"]: row for row in self.rows if row["status"] not in ("IDLE", "STOPPED")}
        self._waiting = [trial_id for trial_id, row in last.items() if row["what"] == "asked"]
        self._again = [trial_id for trial_id, row in last.items() if row["status"] == "FAILED"]
        self._paused = bool(self.rows) and self.rows[-1]["status"] == "STOPPED"
        self._started = len(last)
        BaseTuner(self.oracle, directory=str(folder), project_name="keras_tuner", overwrite=True)  # its own files
        if not self.finished():
            self._replay()

    def ended(self) -> dict[str, dict]:
        """The last end of each trial, by its name."""
        return {row["trial"]: row for row in self.rows if row["what"] == "ended"}

    def completed(self) -> int:
        """How many trials are finished and did not fail."""
        return sum(row["status"] == "COMPLETED" for row in self.ended().values())

    def finished(self) -> bool:
        """Whether nothing is left to run, now or in another call."""
        return not self._waiting and not self._again and (self._paused or self._started >= self.total)

    def next(self):
        """The ``Trial`` to run now: one that was interrupted, one that failed in an earlier call, or a new one.

        Returns:
            None if there is none, or none before another one ends.
        """
        if self._waiting:
            return self.oracle.trials[self._waiting.pop(0)]
        again = self._again.pop(0) if self._again else None
        if again is None and (self._paused or self._started >= self.total):
            return None
        trial = self._ask(again, len(self.rows))
        self._add({"what": "asked", "again": again, "trial": trial.trial_id} | _answer(trial))
        self._paused = trial.status != "RUNNING"
        self._started += again is None and not self._paused
        return None if self._paused else trial

    def end(self, row: dict) -> dict:
        """Note the end of a trial; returns its row as it is on disk."""
        hp = row["hyperparameters"]
        values = hp["values"] if hp else self.oracle.trials[row["trial"]].hyperparameters.values
        values = {name: value for name, value in values.items() if not name.startswith("tuner/")}  # Hyperband's
        row = self._add({"what": "ended", "time": time.time(), "values": values} | row)
        self._tell(row)
        self._paused = False
        return row

    def _ask(self, again: str | None, place: int):
        if again is not None:
            self.oracle._retry_queue.append(again)
        return self.oracle.create_trial(f"asker {place}")  # one that asks twice gets the same trial

    def _tell(self, row: dict) -> None:
        hp = self.oracle.trials[row["trial"]].hyperparameters
        if row["hyperparameters"] is not None:  # from_config changes its argument
            hp = keras_tuner.HyperParameters.from_config(copy.deepcopy(row["hyperparameters"]))
        if row["status"] == "COMPLETED":
            self.oracle.update_trial(row["trial"], {OBJECTIVE: row["score"]}, step=row["best_epoch"])
        self.oracle.end_trial(keras_tuner.engine.trial.Trial(hp, row["trial"], row["status"], row["error"]))

    def _replay(self) -> None:
        for place, row in enumerate(self.rows):
            if row["what"] == "ended":
                self._tell(row)
                continue
            answer = _answer(self._ask(row["again"], place))
            if answer != {name: row[name] for name in answer}:
                raise TuningError(
                    f"The search in {self.folder} cannot go on: Keras Tuner answers {answer} where it answered "
                    f"{row['status']} {row['values']} before. Expected the same; was keras-tuner, scikit-learn or numpy updated, "
                    f"or a row removed? Name another folder, or move that one away."
                )

    def _add(self, row: dict) -> dict:
        text = json.dumps(_finite(row), default=lambda value: value.item(), allow_nan=False)
        paths.write_text(self.folder / "rows" / f"{len(self.rows):06d}.json", text + "\n")
        self.rows.append(json.loads(text))
        return self.rows[-1]


def _answer(trial) -> dict:
    return {"status": trial.status, "values": trial.hyperparameters.values}


def _finite(value):
    """The same without what JSON does not have: a loss may be NaN beside a finite accuracy."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float | np.floating) and not math.isfinite(value) else value
