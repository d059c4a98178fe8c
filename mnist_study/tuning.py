"""Searches for better settings with Keras Tuner: any space, four strategies, every finished trial a row on disk.

Killed at any moment and started again, a search goes on with the epoch after the last finished one. ``searches`` says what a
search is and what its folder holds; ``tuning_workers`` runs several trials at a time.
"""

import contextlib
import gc
import io
import json
import sys
import time
import traceback
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pandas as pd
from keras_tuner.engine import base_tuner
from keras_tuner.src.distribute import utils  # tells chief, worker and single process apart; it has no public name

from . import paths, searches
from .data import datasets
from .records import record as records
from .searches import METRIC, Search, TuningError
from .training import epochs as training
from .training import networks as network_training
from .training.run import Run


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

    def reload(self):
        """The saved state; the rows of failed trials go, for they are tried again."""
        if not self._is_worker():
            self.oracle.reload()
            for row in searches.rows(self.asked.path):
                if row["status"] == "FAILED":
                    searches.row_path(self.asked.path, row["trial"]).unlink(missing_ok=True)

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
        path = searches.row_path(self.asked.path, trial.trial_id)
        values = {name: value for name, value in trial.hyperparameters.values.items() if not name.startswith("tuner/")}
        row = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"status": "none"}
        if row["status"] == "COMPLETED":
            if row["values"] != values:
                raise TuningError(
                    f"{path} is of other values ({row['values']}) than Keras Tuner now asks for ({values}): its state in "
                    f"{self.asked.path} was lost. Move that folder away and start the search afresh."
                )
        else:
            row = self._row(trial, values)
            searches.write_row(self.asked.path, row)
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
            searches.write_tensorboard(self.asked.path, row)
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
    """What ``training.fit`` takes to train on what comes after the first epochs; Hyperband goes on with a trial so.

    Args:
        train, settings, seed: as ``network_training.as_trained_on`` takes them.
        first: how many epochs the trial's weights have seen.
    """
    images = network_training.as_trained_on(train, settings, seed)
    if not first:
        return images

    def epoch_images(epoch):
        if callable(images):
            return images(first + epoch)
        order = training.batch_order(seed, first + epoch, len(train[0]))
        return train[0][order], train[1][order]

    return epoch_images


def run(search: Search, dataset: datasets.Dataset | None = None, say=print) -> pd.DataFrame:
    """Run a search in this process, or go on with it; ``tuning_workers.run`` does the same with several processes.

    Args:
        search: what, how and where.
        dataset: in place of the profile's own.
        say: takes a line for every finished trial.

    Returns:
        ``searches.table`` of the folder.

    Raises:
        TuningError: if the folder cannot be used, or three trials in a row fail.
    """
    dataset = dataset or search.dataset()
    searches.open_folder(search, dataset.digest)
    began = time.time()
    with searches.alone_in(search.path):
        progress = searches.Progress(search, say)
        tuner = StudyTuner(search, dataset)
        for _ in tuner.search():
            progress.report()
            searches.stop_after_failures(search.path, began)
    if tuner.oracle.broken:
        raise TuningError(f"Keras Tuner could not go on; finished trials are kept:\n{tuner.oracle.broken}")
    return searches.table(search.path)


def run_trial(asked: Run) -> records.Record:
    """The runner of the kind "trial": one setting of a space, tried by Keras Tuner or found among those it has tried.

    ``accuracy`` is the best epoch's on the validation part, as Keras Tuner scores it; ``val_accuracy`` the last epoch's.
    """
    values, epochs = asked.settings["values"], asked.settings["epochs"]
    search = Search(
        asked.settings["space"], "grid", seed=asked.seed, epochs=epochs, profile=asked.profile, only=(values,)
    )
    run(search, asked.dataset, say=lambda line: None)
    row = next(row for row in searches.rows(search.path) if row["values"] == values)
    if row["status"] == "FAILED":
        raise TuningError(f"{asked.experiment.name} failed:\n{row['error']}")
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
    return asked.record(metrics, history=row["history"], seconds={"fit": row["seconds"]}, provenance=made_by)
