"""What a row of a report is: data, split, model and settings, and where the report says it."""

from dataclasses import dataclass, field

FIVE_SEEDS, THREE_SEEDS = (1, 2, 3, 4, 5), (1, 2, 3)
FRESH_SEEDS = (11, 12, 13, 14, 15)  # that no choice was made with


@dataclass(frozen=True)
class Experiment:
    """One row of a report.

    Attributes:
        name: ``report/row``.
        title: how tables and figures call it.
        kind: which runner makes its records; a key of ``experiments.RUNNERS``.
        settings: everything that decides the result, as plain JSON types.
        source: where the report speaks of it.
        seeds: the runs that the full profile makes.
        quick: settings that the quick profile changes.
    """

    name: str
    title: str
    kind: str
    settings: dict
    source: str
    seeds: tuple = (0,)
    quick: dict = field(default_factory=dict)

    @property
    def dataset(self) -> str:
        """Name of the data set it runs on, a key of ``datasets.SETS``."""
        return self.settings.get("dataset", "mnist")
