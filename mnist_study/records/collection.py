"""The records of the study by the names of their experiments: what figures, tables and findings are made from."""

from collections.abc import Mapping
from pathlib import Path

from .. import paths
from .experiment import Experiment, named
from .record import Record, find_seeds, read


class MissingRecordError(LookupError):
    """A figure or table needs a run that was not made yet."""


class Records:
    """The records of a folder.

    Args:
        experiments: every experiment that may be asked for, by name.
        digests: name of a data set -> digest of its arrays: records made from other data are not found.
        folder: where the records are; ``results/`` of the project when left out.
    """

    def __init__(self, experiments: Mapping[str, Experiment], digests: Mapping[str, str], folder: Path | None = None):
        self.experiments, self.digests = experiments, digests
        self.folder = folder or paths.results_dir()

    def all(self, name: str) -> list[Record]:
        """The records of all seeds of an experiment, ordered by seed; at least one.

        Raises:
            KeyError: if there is no such experiment, with what may have been meant.
            MissingRecordError: if there is no record of it, with the command that makes it.
        """
        made = self._made(name)
        if not made:
            raise MissingRecordError(
                f"There is no record of {name} in {self.folder}. Make it with `python -m mnist_study train {name}`."
            )
        return made

    def one(self, name: str) -> Record:
        """The record of the first seed of an experiment; errors as in ``all``."""
        return self.all(name)[0]

    def title(self, name: str) -> str:
        """How tables and figures call an experiment."""
        return named(self.experiments, name, "experiment").title

    def names(self, start: str) -> tuple[str, ...]:
        """The names of the experiments that begin so, in their order."""
        return tuple(name for name in self.experiments if name.startswith(start))

    def _made(self, name: str) -> list[Record]:
        experiment = named(self.experiments, name, "experiment")
        if experiment.dataset in self.digests:
            return find_seeds(self.folder, name, experiment.settings, self.digests[experiment.dataset])
        made = map(
            read, (self.folder / name).glob("seed-*.json")
        )  # on data of one's own, whose digest nobody knows here
        return sorted((run for run in made if run.settings == experiment.settings), key=lambda run: run.seed)
