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
        broken: the traceback of an error in choosing values, after which no more trials are given out; "" so far.
    """

    keeps_workers = False
    broken = ""

    @synchronized
    def create_trial(self, tuner_id):
        """The next trial; IDLE while others run, who may yet die and leave theirs over."""
        try:
            trial = super().create_trial(tuner_id)
        except Exception:  # the lock around this call would never be opened again
            self.broken = traceback.format_exc()
            self.tuner_ids.discard(tuner_id)
            return keras_tuner.engine.trial.Trial(self.get_space(), status="STOPPED")
        if trial.status == "STOPPED" and (self.ongoing_trials or self._retry_queue):
            self.tuner_ids.add(tuner_id)
            trial.status = "IDLE"
        return trial

    @synchronized
    def end_trial(self, trial):
        """As Keras Tuner's; told twice, as after a broken connection, it counts once."""
        if trial.trial_id in self.end_order:
            return
        super().end_trial(trial)
        self.save()  # once more: Keras Tuner saves before it forgets that the trial is running

    @synchronized
    def release(self, tuner_id) -> str | None:
        """Forget a worker that died; its trial, whose id is returned, is run again."""
        self.tuner_ids.discard(tuner_id)
        trial = self.ongoing_trials.pop(tuner_id, None)
        if trial is not None and trial.status == "RUNNING":
            self._retry_queue.append(trial.trial_id)
        self.save()
        return trial.trial_id if trial is not None else None

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
        _write(self._get_oracle_fname(), self.get_state())

    def _save_trial(self, trial):
        _write(Path(self._get_trial_dir(trial.trial_id)) / "trial.json", trial.get_state())

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
            (Path(self._project_dir).parent / "trials" / f"{trial_id}.json").unlink(missing_ok=True)
            self._run_times[trial_id] = 0
        self.end_order = [trial_id for trial_id in self.end_order if trial_id not in failed]
        waiting = [trial_id for trial_id in self._retry_queue if self.trials[trial_id].status != "COMPLETED"]
        self._retry_queue = list(dict.fromkeys([*waiting, *failed]))
        if self.keeps_workers:
            for tuner_id, trial in self._were_running.items():
                if trial.trial_id in self._retry_queue:
                    self._retry_queue.remove(trial.trial_id)
                    self.ongoing_trials[tuner_id] = trial


def _write(path, state: dict) -> None:
    with paths.whole_file(Path(path)) as temporary:
        temporary.write_text(json.dumps(state), encoding="utf-8")


class RandomOracle(Durable, RandomSearchOracle):
    """Values at random, none twice."""


class BayesianOracle(Durable, BayesianOptimizationOracle):
    """Values where a Gaussian process of the past scores expects most."""


class HyperbandOracle(Durable, KerasHyperband):
    """Many trials of few epochs, the best of which go on."""

    def total(self) -> int:
        """Trials in one pass over all brackets, every round of a bracket counted."""
        brackets = range(self._get_num_brackets())
        return sum(math.ceil(self._get_size(bracket, n)) for bracket in brackets for n in range(bracket + 1))


class ListOracle(Durable, keras_tuner.Oracle):
    """Explicit settings, in order; Keras Tuner's own grid search cannot be resumed.

    Args:
        settings: dicts by hyperparameter; what was tried before is left out.
        options: as ``keras_tuner.Oracle`` takes them.
    """

    def __init__(self, settings: list[dict], **options):
        super().__init__(**options)
        self.settings = settings

    def populate_space(self, trial_id):
        """The first setting that was not tried yet."""
        for values in self.settings:
            if not self._duplicate(values):
                return {"status": "RUNNING", "values": dict(values)}
        return {"status": "STOPPED"}
