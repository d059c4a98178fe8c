"""Figures that several reports share: each function takes names of experiments and returns what draws one from records."""

from collections.abc import Callable

from .. import plots
from ..records import Records, claimed, claimed_report


def from_arrays(name: str, draw: Callable, *arrays: str) -> Callable:
    """``draw`` with these arrays of the first record of the experiment ``name``."""

    def figure(records: Records):
        stored = records.one(name).arrays
        return draw(*(stored[array] for array in arrays))

    return figure


def report_of(name: str, tolerance: float = 0.0) -> Callable:
    """Claimed and our classification report of the first record of the experiment.

    Args:
        tolerance: what a cell may differ by without a frame; a network trained anew cannot repeat every hundredth.
    """

    def figure(records: Records):
        record = records.one(name)
        title = f"{records.title(name)}: classification report"
        title += f" (framed: differs by more than {tolerance:g})" if tolerance else ""
        labels = record.arrays["y_true"], record.arrays["y_pred"]
        return plots.classification_report(*labels, claimed_report(record)[0], title=title, tolerance=tolerance)

    return figure


def confusion_of(*names: str) -> Callable:
    """The confusion matrices of the first records of these experiments."""

    def figure(records: Records):
        arrays = {records.title(name): records.one(name).arrays for name in names}
        return plots.confusion_matrix({title: (a["y_true"], a["y_pred"]) for title, a in arrays.items()})

    return figure


def architecture_of(name: str, title: str) -> Callable:
    """The layers of the experiment's network, under the title given."""
    return lambda records: plots.architecture(records.one(name).metrics["layers"], title)


def curves_of(*names: str) -> Callable:
    """The training curves of all seeds of these experiments."""
    return lambda records: plots.training_curves(
        {records.title(name): [run.history for run in records.all(name)] for name in names}
    )


def accuracy_rows(records: Records, names) -> list[dict]:
    """Accuracies of all seeds beside the claim, for figures.

    Returns:
        One dict an experiment: title, parameters, accuracies in [0, 1], claimed in % or None.
    """
    rows = []
    for name in names:
        runs = records.all(name)
        stated = claimed(name, "accuracy")
        rows.append(
            {
                "title": records.title(name),
                "parameters": runs[0].metrics.get("parameters"),
                "accuracies": [run.metrics["accuracy"] for run in runs],
                "claimed": None if stated is None else 100 * float(stated),
            }
        )
    return rows
