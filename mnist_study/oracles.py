"""Keras Tuner's oracles, made to survive: what chooses the next trial's values, and remembers the past ones.

Its own lose their place when killed between two files, wait for ever for a worker that died, and cannot resume a grid.
"""

import json
import math
import traceback
from pathlib import Path

import keras_tuner
from keras_tuner import synchronized
from keras_tuner.oracles import BayesianOptimizationOracle, RandomSearchOracle
from keras_tuner.oracles import HyperbandOracle as KerasHyperband

from . import paths


class Durable:
    """What every oracle here adds to Keras Tuner's.

    Attributes:
        keeps_workers: whether trials that were running when the state was saved still belong to their workers, as after a
            restart of the chief; otherwise they are run again.
        broken: the traceback of an error in choosing values or keeping the state, after which no more trials are given
            out; "" so far.
    """

    keeps_workers = False
    broken = ""

    @synchronized
    def create_trial(self, tuner_id):
        """The next trial; IDLE while others run, who may yet die and leave theirs over; STOPPED after an error."""
        trial = None if self.broken else self._guarded(super().create_trial, tuner_id)
        if trial is None:
            self.tuner_ids.discard(tuner_id)
            return keras_tuner.engine.trial.Trial(self.get_space(), status="STOPPED")
        if trial.status == "STOPPED" and (self.ongoing_trials or self._retry_queue):
            self.tuner_ids.add(tuner_id)
            trial.status = "IDLE"
        return trial

    @synchronized
    def update_trial(self, trial_id, metrics, step=0):
        """As Keras Tuner's."""
        self._guarded(super().update_trial, trial_id, metrics, step)
        return self.trials[trial_id]

    @synchronized
    def end_trial(self, trial):
        """As Keras Tuner's; told twice, as after a broken connection or by a worker given up too early, it counts once."""
        self._retry_queue = [waiting for waiting in self._retry_queue if waiting != trial.trial_id]
        if trial.trial_id in self.end_order:
            self.trials[trial.trial_id].status = trial.status
            for name in [name for name, one in self.ongoing_trials.items() if one.trial_id == trial.trial_id]:
                del self.ongoing_trials[name]
        else:
            self._guarded(super().end_trial, trial)
        self._guarded(self.save)  # once more: Keras Tuner saves before it forgets that the trial is running

    @synchronized
    def release(self, tuner_id) -> str | None:
        """Forget a worker that died; its trial, whose id is returned, is run again."""
        self.tuner_ids.discard(tuner_id)
        trial = self.ongoing_trials.pop(tuner_id, None)
        if trial is not None and trial.trial_id not in self.end_order:
            self._retry_queue.append(trial.trial_id)
        self._guarded(self.save)
        return trial.trial_id if trial is not None else None

    def _guarded(self, method, *arguments):
        """Call it; keep the traceback of an error, which would leave the lock around every call closed for ever."""
        try:
            return method(*arguments)
        except Exception:
            self.broken = traceback.format_exc()
            return None

    @synchronized
    def workers(self) -> set:
        """Every worker that was given a trial or asked for one, and was not yet told to stop."""
        return set(self.ongoing_trials) | set(self.tuner_ids)

    @synchronized
    def finished(self) -> bool:
        """Whether no worker is left and no trial under way."""
        return not (self.ongoing_trials or self._retry_queue or self.tuner_ids)

    def save(self):
        """The oracle's state, whole or not at all."""
        paths.write_text(Path(self._get_oracle_fname()), json.dumps(self.get_state()))

    def _save_trial(self, trial):
        paths.write_text(Path(self._get_trial_dir(trial.trial_id)) / "trial.json", json.dumps(trial.get_state()))

    def set_state(self, state):
        """As Keras Tuner's; remembers which worker had which trial."""
        super().set_state(state)
        self._were_running = dict(self.ongoing_trials)

    def reload(self):
        """Take up the saved state: running trials go on or again, failed ones again, finished ones never."""
        super().reload()
        for trial_id in set(self.trials) - set(self.start_order):  # killed before the oracle's state knew of it
            del self.trials[trial_id]
        failed = [trial_id for trial_id, trial in self.trials.items() if trial.status == "FAILED"]
        for trial_id in failed:
            self._run_times[trial_id] = 0
            self.trials[trial_id].status = "RUNNING"
            self._save_trial(self.trials[trial_id])
        self.end_order = [trial_id for trial_id in self.end_order if trial_id not in failed]
        self._retry_queue = list(dict.fromkeys([*self._retry_queue, *failed]))
        self._retry_queue = [trial_id for trial_id in self._retry_queue if trial_id not in self.end_order]
        if self.keeps_workers:
            for tuner_id, trial in self._were_running.items():
                if trial.trial_id in self._retry_queue:
                    self._retry_queue.remove(trial.trial_id)
                    self.ongoing_trials[tuner_id] = trial


class RandomOracle(Durable, RandomSearchOracle):
    """Values at random, none twice."""


class BayesianOracle(Durable, BayesianOptimizationOracle):
    """Values where a Gaussian process of the past scores expects most."""


class HyperbandOracle(Durable, KerasHyperband):
    """Many trials of few epochs, the best of which go on."""

    def _random_values(self):
        """Values not tried yet; in a small space that has run out of them, any, so that every bracket fills."""
        values = super()._random_values()
        if values is None:
            self._tried_so_far.clear()
            values = super()._random_values()
        return values

    def total(self) -> int:
        """Trials in one pass over all brackets, every round of a bracket counted."""
        brackets = range(self._get_num_brackets())
        return sum(math.ceil(self._get_size(bracket, n)) for bracket in brackets for n in range(bracket + 1))


class ListOracle(Durable, keras_tuner.Oracle):
    """Explicit settings, in order; Keras Tuner's own grid search cannot be resumed.

    Args:
        settings: dicts by hyperparameter; what was given out before is left out.
        options: as ``keras_tuner.Oracle`` takes them.
    """

    def __init__(self, settings: list[dict], **options):
        super().__init__(**options)
        self.settings, self._given = settings, []

    def populate_space(self, trial_id):
        """The first setting that was not given out yet."""
        for values in self.settings:
            if values not in self._given:
                self._given.append(dict(values))
                return {"status": "RUNNING", "values": dict(values)}
        return {"status": "STOPPED"}

    def get_state(self):
        """As Keras Tuner's, with what was given out."""
        return super().get_state() | {"given": self._given}

    def set_state(self, state):
        """The same, taken up again."""
        super().set_state(state)
        self._given = state["given"]
