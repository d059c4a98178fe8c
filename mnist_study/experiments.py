"""What the rows of the reports are run by: ``run(name, seed, dataset)`` loads a record or makes it.

A new kind of experiment is a function from a ``runs.Run`` to its record, and an entry in ``RUNNERS``.
"""

import importlib
import json

from . import datasets, own, paths, records
from .datasets import DIGESTS, Dataset
from .records import Record
from .row import Experiment
from .rows import EXPERIMENTS
from .runs import Run

OWN = {}  # rows that ``add`` made known, by name
FOUND_IN = {}  # name of a row -> the FILE.py:NAME it was found in


def get(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        KeyError: with the names there are.
    """
    if name in OWN:
        return OWN[name]
    try:
        return EXPERIMENTS[name]
    except KeyError:
        raise KeyError(
            f"There is no experiment {name!r}; expected one of: {', '.join((*EXPERIMENTS, *OWN))}; "
            f"or FILE.py:NAME for your own."
        ) from None


def add(experiment: Experiment) -> Experiment:
    """Make a row of your own known by its name, as the reports' rows are; one of that name before is forgotten.

    Raises:
        ValueError: if it is no ``Experiment``, has the name of a report's row, a kind that nothing runs, no seeds, or
            settings that a record cannot hold.
    """
    if not isinstance(experiment, Experiment):
        raise ValueError(f"Expected an Experiment (mnist_study.row), found {experiment!r:.100}.")
    name = experiment.name
    if name in EXPERIMENTS:
        raise ValueError(f"{name} is a report's row; give yours another name, such as mine/{name.split('/')[-1]}.")
    if experiment.kind not in RUNNERS:
        raise ValueError(f"{name} is of kind {experiment.kind!r}; expected one of: {', '.join(RUNNERS)}.")
    if not experiment.seeds:
        raise ValueError(f"{name} has no seeds; expected at least one, such as seeds=(1, 2, 3).")
    try:
        json.dumps(experiment.settings | experiment.quick)
    except TypeError as error:
        raise ValueError(
            f"The settings of {name} cannot be written into a record: {error}. Expected plain numbers, texts, lists and dicts."
        ) from None
    OWN[name] = experiment
    return experiment


def find(name: str) -> list[Experiment]:
    """The experiment of that name, or those that ``FILE.py:NAME`` names, which are then known by their own names.

    Args:
        name: ``report/row``, or a Python file and what it calls an ``Experiment`` or several.

    Raises:
        KeyError: with the names there are.
        ValueError: with what is wrong with the file or with a row of it.
    """
    if own.split(name) is None:
        return [get(name)]
    file, inside = own.split(name)
    found = getattr(own.imported(file, f"the experiment {inside!r}"), inside, None)
    rows = list(found) if isinstance(found, (list, tuple)) else [found]
    if found is None or not rows:
        raise own.OwnFileError(
            f"{file} has no {inside!r}; expected an Experiment (mnist_study.row), or a list of them."
        )
    names = [add(row).name for row in rows]
    twice = [one for one in names if names.count(one) > 1]
    if twice:
        raise own.OwnFileError(f"{name} has two rows of the name {twice[0]!r}; expected a name of its own for each.")
    FOUND_IN.update(dict.fromkeys(names, name))
    return rows


def train_command(name: str) -> str:
    """What makes the records of an experiment, without the profile."""
    return f"python -m mnist_study train {FOUND_IN.get(name, name)}"


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
        data_digest: of the data they ran on; None stands for each experiment's own data set, as the profile has it.
        notices: what a reader must be told of the data sets looked at so far, where they are not what they should be.
    """

    def __init__(self, profile: str = "full", data_digest: str | None = None):
        self.profile, self.data_digest = profile, data_digest
        self.notices = []
        self._digests = dict(DIGESTS) if profile == "full" else {}

    def _digest(self, experiment: Experiment) -> str:
        name = experiment.dataset
        if self.data_digest is None and name not in self._digests:
            dataset = datasets.for_profile(self.profile, name)
            self._digests[name] = dataset.digest
            self.notices += [dataset.notice] if dataset.notice else []
        return self.data_digest or self._digests[name]

    def all(self, name: str) -> list[Record]:
        """All seeds of an experiment, at least one.

        Raises:
            MissingRecordError: if there is none, with the command that makes it.
        """
        experiment = get(name)
        settings = settings_for(experiment, self.profile)
        found = records.find_seeds(paths.results_dir(self.profile), name, settings, self._digest(experiment))
        if not found:
            raise MissingRecordError(
                f"There is no record of {name} in {paths.results_dir(self.profile)}. "
                f"Make it with `{train_command(name)} --profile {self.profile}`."
            )
        return found

    def there(self, names) -> list[str]:
        """Those of the experiments that have a record; the quick profile makes only the first few of a long list.

        Raises:
            MissingRecordError: if none has.
        """
        folder = paths.results_dir(self.profile)
        made = [
            one.name
            for one in map(get, names)
            if records.find_seeds(folder, one.name, settings_for(one, self.profile), self._digest(one))
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
