"""An experiment as data: data set, split, model and settings, and where a report says it."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

TEN_SEEDS, FIVE_SEEDS, THREE_SEEDS = tuple(range(1, 11)), (1, 2, 3, 4, 5), (1, 2, 3)
FRESH_SEEDS = (11, 12, 13, 14, 15)  # that no choice was made with


@dataclass(frozen=True)
class Experiment:
    """One row of a report, or one of your own.

    Attributes:
        name: ``report/row``.
        title: how tables and figures call it.
        kind: which runner makes its records: "network", "classical", or one that the ``runs`` of a report adds.
        settings: everything that decides the result, as plain JSON types.
        source: where the report speaks of it.
        seeds: the runs that are made.
        quick: settings that a smoke run changes.
    """

    name: str
    title: str
    kind: str
    settings: dict
    source: str = "not in the report"
    seeds: tuple = (0,)
    quick: dict = field(default_factory=dict)

    @property
    def dataset(self) -> str:
        """Name of the data set it runs on."""
        return self.settings.get("dataset", "mnist")


def named(things: Mapping, name: str, what: str):
    """What has that name among things by name.

    Args:
        things: by name.
        name: asked for.
        what: they are, for the error.

    Raises:
        KeyError: if there is none, with the names that come closest.

    Example:
        >>> named({"sharpies/knn": 3}, "sharpies/knn", "experiment")
        3
    """
    if name in things:
        return things[name]
    close = difflib.get_close_matches(name, things, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else f"expected one of: {', '.join(things)}."
    raise KeyError(f"There is no {what} {name!r}; {hint} `python -m mnist_study list` names them all.")
