"""The figures of report inf283, notebook 07: each takes the records and returns a matplotlib Figure."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from ...evaluation import mean_and_std
from ...plots.style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_spines
from ...records import Records, claimed_share, fastest, mean_in_words, values
from ..drawing import architecture_of, confusion_of, curves_of, report_of
from . import experiments

TITLES = {
    "inf283/random-forest-onehot": "random\nforest",
    "inf283/xgboost-report": "XGBoost",
    "inf283/nn": "NN",
    "inf283/cnn": "CNN",
}
MODELS = tuple(TITLES)
BESIDE = ("inf283/random-forest", "inf283/xgboost")  # the first two, done well
GRID = tuple(experiments.grid_name(setting) for setting in experiments.GRID_SETTINGS)
OUTSIDE = experiments.grid_name(experiments.OUTSIDE)
TIME = DIGIT_COLOURS[1]


def claimed_seconds(name: str, names: tuple) -> float:
    """Seconds that the report prints; where it says how much longer than the others a model took, with their mean added."""
    longer = claimed_share(name, "seconds_longer")
    if longer is None:
        return claimed_share(name, "seconds")
    return longer + float(np.mean([claimed_share(other, "seconds") for other in names if other != name]))


def accuracy_and_time(names: tuple, subject: str) -> Callable:
    """The report's bar chart: accuracy beside the time of training as a share of the longest, claimed and ours."""

    def draw(records: Records) -> Figure:
        sides = {"claimed": [], "ours": []}  # accuracy and seconds of each model, None where the report does not say
        for name in names:
            sides["claimed"].append([claimed_share(name, "val_accuracy"), claimed_seconds(name, names)])
            sides["ours"].append([np.mean(values(records, name, "val_accuracy")), fastest(records.all(name))])
        figure = blank_figure(10, 3.9, f"Accuracy beside normalised time: {subject}")
        for ax, (side, measured) in zip(figure.subplots(1, 2, sharey=True), sides.items(), strict=True):
            longest = max(seconds for _, seconds in measured if seconds is not None)
            for place, (accuracy, seconds) in enumerate(measured):
                for offset, colour, value, whole, text in (
                    (-0.2, OURS, accuracy, 1, "{:.3f}"),
                    (0.2, TIME, seconds, longest, "{:,.0f} s"),
                ):
                    at = place + offset, 0 if value is None else value / whole
                    text = "not\nstated" if value is None else text.format(value)
                    ax.bar(*at, 0.38, color=colour)
                    ax.annotate(text, at, (0, 2), textcoords="offset points", ha="center", fontsize=8)
            ax.set(title=side, ylim=(0, 1.13), yticks=[0, 0.25, 0.5, 0.75, 1])
            ax.set_xticks(range(len(names)), [TITLES[name] for name in names], fontsize=8)
            hide_spines(ax)
        figure.axes[0].bar(0, 0, color=OURS, label="accuracy")
        figure.axes[0].bar(0, 0, color=TIME, label="time, of the longest")
        figure.legend(loc="outside lower left", frameon=False, ncols=2, fontsize=9)
        return figure

    return draw


def votes(records: Records) -> Figure:
    """How many trees of the one-hot forest agree on the leading digit, and what asking for more than half of them costs."""
    record = records.all("inf283/random-forest-onehot")[-1]  # the report's seed
    trees = record.settings["model"]["trees"]
    score = record.arrays["score"].astype(float)
    share, right = score.max(axis=1), score.argmax(axis=1) == record.arrays["y_true"]
    lost = int(np.sum(right & (share <= 0.5)))
    title = f"{lost:,} of {len(share):,} test images have the right digit in front, but not more than half of the trees for it"
    figure = blank_figure(8.5, 3.9, title)
    ax = figure.subplots()
    edges = (np.arange(trees // 10, trees + 2) - 0.5) / trees
    ax.hist([share[right], share[~right]], edges, stacked=True, color=[OURS, ACCENT], label=["right", "wrong"])
    ax.axvspan(0, 0.5 + 0.5 / trees, color="0.9", zorder=0)
    ax.text(0.47, 0.97, "no yes from the one-hot forest:\ncounted as wrong, whatever leads", ha="right", va="top",
            transform=ax.get_xaxis_transform(), fontsize=9)  # fmt: skip
    ax.set(xlabel="share of the trees that vote for the leading digit", ylabel="test images", xlim=(0.1, 1.01))
    ax.legend(title="leading digit is", frameon=False, loc="upper right", bbox_to_anchor=(0.85, 1))
    hide_spines(ax)
    return figure


def boosting(records: Records) -> Figure:
    """The report's XGBoost grid and ours: accuracy against the time it takes."""
    report, ours = records.one("inf283/xgboost-report"), records.one("inf283/xgboost")
    seconds, accuracy = report.arrays["grid_seconds"], report.arrays["grid_score"].mean(axis=1)
    figure = blank_figure(8.5, 4.4, "XGBoost: a handful of exact trees against trees on histograms, stopped in time")
    ax = figure.subplots()
    ax.plot(
        seconds, accuracy, "o", color=CLAIMED, markersize=5, label=f"the report's {len(seconds)} settings, 2 folds each"
    )
    for record, colour, marker, title in (
        (report, ACCENT, "s", "the whole search, and its best on all training images"),
        (ours, OURS, "D", "ours"),
    ):
        place = record.fitting_seconds, record.metrics["val_accuracy"]
        ax.plot(*place, marker, color=colour, markersize=9, label=title)
        ax.annotate(f"{100 * place[1]:.2f} %, {place[0]:,.0f} s", place, (-9, -3), textcoords="offset points", ha="right",
                    fontsize=9)  # fmt: skip
    ax.set(xscale="log", xlabel="seconds (log scale)", ylabel="accuracy on images held out of training")
    ax.set_xticks([5, 10, 20, 50, 100, 200, 500, 1000], minor=False)
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("")
    ax.legend(frameon=False, loc="lower right", fontsize=9)
    ax.margins(0.12)
    hide_spines(ax, grid="both")
    return figure


def grid(records: Records) -> Figure:
    """Every setting of the grid, and the one outside it, on the validation part: best first, one dot per seed."""
    accuracies = {name: 100 * np.array(values(records, name, "val_accuracy")) for name in (*GRID, OUTSIDE)}
    names = sorted(accuracies, key=lambda name: np.mean(accuracies[name]))
    n = records.one(OUTSIDE).metrics["val_n"]
    figure = blank_figure(
        9.5, 0.34 * len(names) + 1.5, f"The grid search: accuracy on the {n:,} validation images, one dot per seed"
    )
    ax = figure.subplots()
    for place, name in enumerate(names):
        colour = ACCENT if name == OUTSIDE else OURS
        ax.plot(accuracies[name], [place] * len(accuracies[name]), "o", color=colour, markersize=6, alpha=0.55, mew=0)
        if len(accuracies[name]) > 1:
            mean, deviation = mean_and_std(accuracies[name])
            ax.errorbar(mean, place, xerr=deviation, fmt="|", color=colour, capsize=3, markersize=13, linewidth=1.4)
        text = mean_in_words(accuracies[name], 2)
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
    ax.set_yticks(range(len(names)), [records.title(name) for name in names], fontsize=8)
    ax.set_xlabel("validation accuracy, %")
    ax.plot([], [], "o", color=OURS, label="in the report's grid")
    ax.plot([], [], "o", color=ACCENT, label="the report's printed best, which its grid does not hold")
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    hide_spines(ax, grid="x")
    return figure


FIGURES = {
    "07_accuracy_and_time": accuracy_and_time(MODELS, "all four models"),
    "07_accuracy_and_time_without_xgboost": accuracy_and_time(
        tuple(name for name in MODELS if "xgboost" not in name), "without XGBoost"
    ),
    "07_votes": votes,
    "07_boosting": boosting,
    "07_network": architecture_of("inf283/nn", "The dense network of report inf283"),
    "07_architecture": architecture_of("inf283/cnn", "The CNN of report inf283"),
    "07_training_curves": curves_of("inf283/nn", "inf283/cnn"),
    "07_grid": grid,
    "07_best_curves": curves_of(OUTSIDE),
    "07_best_confusion": confusion_of(OUTSIDE),
    "07_best_report": report_of(OUTSIDE),
}
