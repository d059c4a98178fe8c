"""Figures that several reports share: each function takes names of experiments and returns what draws one from records."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from .. import plots
from ..plots.style import DIGIT_COLOURS, blank_figure, hide_spines
from ..records import CELL_MARGIN, Records, claimed_report


def samples_of(name: str) -> Callable:
    """The sample images of each digit that an exploring experiment keeps."""

    def figure(records: Records):
        images = records.one(name).arrays["sample_image"]  # (10, n, height, width)
        title = f"The first {images.shape[1]} images of each digit"
        return plots.digit_grid(images.reshape(-1, *images.shape[2:]), columns=images.shape[1], title=title)

    return figure


def class_counts_of(name: str) -> Callable:
    """How often each digit occurs in the training and the test set of an exploring experiment."""

    def figure(records: Records):
        arrays = records.one(name).arrays
        return plots.class_counts(*(np.repeat(range(10), arrays[f"count_{part}"]) for part in ("train", "test")))

    return figure


def report_of(name: str, tolerance: float = CELL_MARGIN) -> Callable:
    """Claimed and our classification report of an experiment, the mean of all its seeds.

    Args:
        tolerance: what a cell may differ by without a mark: the margin by which the verdicts judge it, but 0 where the same
            model must give the same hundredths.
    """

    def figure(records: Records):
        runs = records.all(name)
        answers = [run.arrays["y_pred"] for run in runs]
        title = records.title(name) + (f", mean of {len(runs)} seeds" if len(runs) > 1 else "")
        claimed = claimed_report(runs[0])[0]
        return plots.classification_report(runs[0].arrays["y_true"], answers, claimed, title=title, tolerance=tolerance)

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


def noise_curves(title: str, groups: dict, strengths) -> Figure:
    """Accuracy against the strength of the noise on the images, one line for each model: the mean over its runs.

    Args:
        title: of the figure.
        groups: label -> runs, with ``accuracy_plain`` and the array ``accuracy``, one for each strength.
        strengths: standard deviations of the noise, as a share of the range from paper to ink.
    """
    figure = blank_figure(8, 4, title)
    ax = figure.subplots()
    ax.set_prop_cycle(color=DIGIT_COLOURS)
    for label, runs in groups.items():
        rows = 100 * np.array([[run.metrics["accuracy_plain"], *run.arrays["accuracy"].ravel()] for run in runs])
        (line,) = ax.plot([0, *strengths], rows.mean(axis=0), "o-", markersize=4, label=f"{label} (n = {len(rows)})")
        if len(rows) > 1:
            ax.fill_between([0, *strengths], rows.min(axis=0), rows.max(axis=0), color=line.get_color(), alpha=0.15)
    ax.set(xlabel="noise, ± share of the grey range", ylabel="images read, %")
    hide_spines(ax, grid="y")
    ax.legend(frameon=False, fontsize=8)
    return figure
