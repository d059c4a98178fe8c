"""Drawers that several reports share: each takes names of experiments and returns what draws a figure from their records.

A drawer is a function from ``Records`` to a figure; what only one report needs stands in its own ``figures``.
"""

from collections.abc import Callable

from .. import evaluation
from ..plots import figures
from ..plots import networks as network_figures
from ..records import Records, claimed, claimed_report


def from_arrays(name: str, draw, *arrays) -> Callable:
    """A drawer: ``draw`` with these arrays of the first record of the experiment ``name``."""

    def make(found: Records):
        stored = found.one(name).arrays
        return draw(*(stored[array] for array in arrays))

    return make


def report_of(name: str, tolerance: float = 0.0) -> Callable:
    """A drawer: claimed and our classification report of the first record of the experiment.

    Args:
        tolerance: what a cell may differ by without a frame; a network trained anew cannot repeat every hundredth.
    """

    def make(found: Records):
        claimed, ours = claimed_report(found.one(name))
        title = f"{found.title(name)}: classification report"
        title += f" (framed: differs by more than {tolerance:g})" if tolerance else ""
        return figures.fig_classification_report(claimed, ours, title, tolerance)

    return make


def confusion_of(*names: str) -> Callable:
    """A drawer: the confusion matrices of the first records of these experiments."""

    def make(found: Records):
        runs = {found.title(name): found.one(name).arrays for name in names}
        return figures.fig_confusion({t: evaluation.confusion(a["y_true"], a["y_pred"]) for t, a in runs.items()})

    return make


def architecture_of(name: str, title: str) -> Callable:
    """A drawer: the layers of the experiment's network, under the title given."""

    def make(found: Records):
        return network_figures.fig_architecture(found.one(name).metrics["layers"], title)

    return make


def curves_of(*names: str) -> Callable:
    """A drawer: the training curves of all seeds of these experiments."""

    def make(found: Records):
        histories = {found.title(name): [run.history for run in found.all(name)] for name in names}
        return network_figures.fig_training_curves(histories)

    return make


def accuracy_rows(found, names) -> list[dict]:
    """Accuracies of all seeds beside the claim, for figures.

    Args:
        found: the records.
        names: experiments.

    Returns:
        One dict an experiment: title, parameters, accuracies in [0, 1], claimed in % or None.
    """
    rows = []
    for name in names:
        runs = found.all(name)
        stated = claimed(name, "accuracy")
        rows.append(
            {
                "title": found.title(name),
                "parameters": runs[0].metrics.get("parameters"),
                "accuracies": [run.metrics["accuracy"] for run in runs],
                "claimed": None if stated is None else 100 * float(stated),
            }
        )
    return rows
