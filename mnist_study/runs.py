"""One run of an experiment: what a runner is handed, and what it hands back as a record."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import evaluation, paths, records
from .datasets import Dataset
from .records import Record
from .row import Experiment

MISTAKES_KEPT, ALL_MISTAKES = 24, 200  # of a large test set, and of one whose every mistake a report shows


@dataclass(frozen=True)
class Run:
    """An experiment with one seed, on one data set, in one profile.

    Attributes:
        experiment: the row of the report.
        settings: the experiment's, as the profile changes them.
        seed: decides everything that is drawn at random.
        dataset: what it runs on.
        profile: "quick" or "full".
    """

    experiment: Experiment
    settings: dict
    seed: int
    dataset: Dataset
    profile: str

    @property
    def title(self) -> str:
        """How a progress bar calls it."""
        return f"{self.experiment.title}, seed {self.seed}"

    @property
    def path(self) -> Path:
        """Where its record stands, or will stand."""
        folder = paths.results_dir(self.profile)
        return records.record_path(folder, self.experiment.name, self.seed, self.settings, self.dataset.digest)

    @property
    def checkpoint(self) -> Path:
        """Where its last finished epoch is kept until the record is safe."""
        return paths.checkpoints_dir() / self.experiment.name / f"{self.path.stem}.npz"

    def record(self, metrics: dict, arrays=None, *, history=None, seconds=None, provenance=None) -> Record:
        """Its record; ``provenance`` where it is not simply this process on this machine's processor."""
        return Record(
            self.experiment.name,
            self.seed,
            self.settings,
            self.dataset.digest,
            metrics,
            history or {},
            seconds or {},
            provenance or records.provenance(),
            arrays or {},
        )


def predictions(images, y_true, y_pred, score, mistakes_kept: int = MISTAKES_KEPT) -> dict:
    """The arrays that a record keeps of its predictions: all labels and scores, and its most confident mistakes.

    Args:
        images: (n, height, width), as their data set has them.
        y_true, y_pred: integer labels, (n,).
        score: (n, 10), larger is surer; a one-hot forest has an eleventh column.
        mistakes_kept: how many images of mistakes at most.
    """
    shown = evaluation.confident_mistakes(y_true, y_pred, score, mistakes_kept)
    return {
        "y_true": y_true.astype(np.uint8),
        "y_pred": y_pred.astype(np.uint8),
        "score": score.astype(np.float16),
        "mistake_index": shown.astype(np.int32),
        "mistake_image": images[shown],
    }
