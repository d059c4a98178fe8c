"""What the rows of the reports are run by: ``run(name, seed, dataset)`` loads a record or makes it.

A new kind of experiment is a function from a ``runs.Run`` to its record, and an entry in ``RUNNERS``.
"""

import importlib

from . import paths, records
from .datasets import DIGESTS, Dataset
from .records import Record
from .row import Experiment
from .rows import EXPERIMENTS
from .runs import Run


def get(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        KeyError: with the names there are.
    """
    try:
        return EXPERIMENTS[name]
    except KeyError:
        raise KeyError(f"There is no experiment {name!r}; expected one of: {', '.join(EXPERIMENTS)}.") from None


def settings_for(experiment: Experiment, profile: str) -> dict:
    """The experiment's settings in a profile: ``full`` as the report has them, ``quick`` with fewer epochs."""
    return experiment.settings | (experiment.quick if profile == "quick" else {})


def run(name: str, seed: int, dataset: Dataset, profile: str = "full") -> Record:
    """The record of one run: loaded where it exists (same experiment, settings, seed, data), else made and saved.

    Args:
        name: an experiment's name.
        seed: 1 or more for networks, 0 for what is deterministic.
        dataset: what it runs on (``datasets.for_profile``).
        profile: decides settings and folder.

    Returns:
        The complete record, as ``records.read`` returns it.
    """
    experiment = get(name)
    settings = settings_for(experiment, profile)
    folder = paths.results_dir(profile)
    found = records.find(folder, name, seed, settings, dataset.digest)
    if found is not None:
        return found
    module, function = RUNNERS[experiment.kind]
    asked = Run(experiment, settings, seed, dataset, profile)
    record = getattr(importlib.import_module(f".{module}", __package__), function)(asked)
    records.save(record, folder)
    asked.checkpoint.unlink(missing_ok=True)
    return record


def run_all(name: str, dataset: Dataset, profile: str = "full") -> list[Record]:
    """``run`` for each of the experiment's seeds; the quick profile takes the first only."""
    seeds = get(name).seeds
    return [run(name, seed, dataset, profile) for seed in (seeds if profile == "full" else seeds[:1])]


class MissingRecordError(LookupError):
    """A figure or table needs a run that was not made yet."""


class Records:
    """The records of one profile, by experiment name.

    Attributes:
        profile: "quick" or "full".
        data_digest: of the data they ran on; None stands for each experiment's own whole data set.
    """

    def __init__(self, profile: str = "full", data_digest: str | None = None):
        self.profile, self.data_digest = profile, data_digest

    def all(self, name: str) -> list[Record]:
        """All seeds of an experiment, at least one.

        Raises:
            MissingRecordError: if there is none, with the command that makes it.
        """
        experiment = get(name)
        digest = self.data_digest or DIGESTS[experiment.dataset]
        settings = settings_for(experiment, self.profile)
        found = records.find_seeds(paths.results_dir(self.profile), name, settings, digest)
        if not found:
            raise MissingRecordError(
                f"There is no record of {name} in {paths.results_dir(self.profile)}. "
                f"Make it with `python -m mnist_study train {name} --profile {self.profile}`."
            )
        return found

    def there(self, names) -> list[str]:
        """Those of the experiments that have a record; the quick profile makes only the first few of a long list.

        Raises:
            MissingRecordError: if none has.
        """
        digests = {name: self.data_digest or DIGESTS[get(name).dataset] for name in names}
        folder = paths.results_dir(self.profile)
        made = [
            name
            for name in names
            if records.find_seeds(folder, name, settings_for(get(name), self.profile), digests[name])
        ]
        return made or [self.one(names[0]).experiment]

    def one(self, name: str) -> Record:
        """The first seed of an experiment."""
        return self.all(name)[0]


RUNNERS = {  # kind -> module and function, imported when needed: those modules import this one
    "explore": ("exploring", "run_explore"),
    "umap": ("exploring", "run_umap"),
    "classical": ("classical", "run_classical"),
    "boosting-grid": ("boosting", "run_boosting_grid"),
    "boosting": ("boosting", "run_boosting"),
    "network": ("network_training", "run_network"),
    "anatomy": ("anatomy", "run_anatomy"),
    "trial": ("tuning", "run_trial"),
    "calibration": ("modified_test_set", "run_calibration"),
    "modified": ("modified_test_set", "run_modified"),
    "augmented": ("modified_test_set", "run_augmented"),
    "fragility": ("modified_test_set", "run_fragility"),
    "zip-explore": ("zip_codes", "run_explore"),
    "zip-folds": ("zip_codes", "run_folds"),
    "zip-best": ("zip_codes", "run_best"),
    "zip-ensemble": ("zip_codes", "run_ensemble"),
    "zip-with-mnist": ("zip_codes", "run_with_mnist"),
    "photos": ("photo_experiments", "run_photos"),
    "reader": ("reader_training", "run_reader"),
    "shipped": ("reader_training", "run_shipped"),
    "edge": ("edge", "run_edge"),
}
