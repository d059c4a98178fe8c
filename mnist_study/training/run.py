"""One run of an experiment: what a runner is handed, and what it hands back as a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .. import evaluation, paths, records
from ..data import Dataset, load
from ..records import Experiment, Record

MISTAKES_KEPT, ALL_MISTAKES = 24, 200  # of a large test set, and of one whose every mistake a report shows


@dataclass(frozen=True)
class Run:
    """An experiment with one seed, on one data set.

    Attributes:
        experiment: the row of the report.
        seed: decides everything that is drawn at random.
        dataset: what it runs on.
        quick: whether this is a smoke run, with the settings that the experiment's ``quick`` changes.
        folder: where its record and those of others stand; ``results/``, or ``build/quick/results/`` of a smoke run, when left
            out.
        experiments: every experiment that another may name in its settings, by name.
        make: a run -> its record, loaded or made; so that a runner need not know who runs it.
    """

    experiment: Experiment
    seed: int
    dataset: Dataset
    quick: bool = False
    folder: Path | None = None
    experiments: Mapping[str, Experiment] = field(default_factory=dict, repr=False)
    make: Callable[[Run], Record] | None = field(default=None, repr=False)

    @property
    def settings(self) -> dict:
        """The experiment's settings, as a smoke run changes them."""
        return self.experiment.settings | (self.experiment.quick if self.quick else {})

    @property
    def title(self) -> str:
        """How a progress bar calls it."""
        return f"{self.experiment.title}, seed {self.seed}"

    @property
    def path(self) -> Path:
        """Where its record stands, or will stand."""
        folder = self.folder or paths.results_dir(self.quick)
        return records.record_path(folder, self.experiment.name, self.seed, self.settings, self.dataset.digest)

    @property
    def checkpoint(self) -> Path:
        """Where its last finished epoch is kept until the record is safe."""
        return paths.checkpoints_dir() / self.experiment.name / f"{self.path.stem}.npz"

    def other(self, name: str, seed: int | None = None) -> Run:
        """The run of another experiment, with the same seed unless another is given, on the same data or on its own."""
        experiment = self.experiments[name]
        same = experiment.dataset == self.experiment.dataset
        dataset = self.dataset if same else load(experiment.dataset, self.quick)
        return replace(self, experiment=experiment, seed=self.seed if seed is None else seed, dataset=dataset)

    def trained(self, name: str, seed: int | None = None):
        """The fitted Keras network of another experiment, trained if it was not; see ``other`` and ``load_network``."""
        other = self.other(name, seed)
        return load_network(self.make(other), other.path)

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


def load_network(record: Record, path: Path):
    """The fitted Keras model of a network's record: images as their data set has them in, probabilities out.

    Args:
        record: the network's.
        path: of the record's .json.

    Raises:
        FileNotFoundError: if its weights are not on this machine; version control keeps records, but not large weights.
    """
    weights = path.with_suffix(".keras")
    if not weights.exists():
        raise FileNotFoundError(
            f"The weights of {record.experiment}, seed {record.seed}, are not on this machine: version control leaves "
            f"large ones out. Move {path} away and train it again with "
            f"`python -m mnist_study train {record.experiment} --seed {record.seed}`."
        )
    from ..models import load  # late: figures of records do without Keras

    return load(weights)


def predictions(images, y_true, y_pred, score, mistakes_kept: int = MISTAKES_KEPT, doubt=None) -> dict:
    """The arrays that a record keeps of its predictions: all labels and scores, and its most confident mistakes.

    Args:
        images: (n, height, width), as their data set has them.
        y_true, y_pred: integer labels, (n,).
        score: (n, 10), larger is surer; a one-hot forest has an eleventh column.
        mistakes_kept: how many images of mistakes at most.
        doubt: (n,), orders mistakes with equal scores, as ``evaluation.confident_mistakes`` takes it.
    """
    shown = evaluation.confident_mistakes(y_true, y_pred, score, mistakes_kept, doubt)
    return {
        "y_true": y_true.astype(np.uint8),
        "y_pred": y_pred.astype(np.uint8),
        "score": score.astype(np.float16),
        "mistake_index": shown.astype(np.int32),
        "mistake_image": images[shown],
    }
