"""The figures of report inf283; as in ``figures``, each takes data and returns a matplotlib Figure."""

import numpy as np
from matplotlib.figure import Figure

from ...evaluation import mean_and_std
from ...plots.style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_spines

TIME = DIGIT_COLOURS[1]


def fig_accuracy_and_time(rows: list[dict], subject: str) -> Figure:
    """The report's bar chart: accuracy beside the time of training as a share of the longest, claimed and ours.

    Args:
        rows: one dict a model: title, claimed and ours, each ``(accuracy in [0, 1] or None, seconds or None)``.
        subject: which models, for the title.
    """
    figure = blank_figure(10, 3.9, f"Accuracy beside normalised time: {subject}")
    for ax, side in zip(figure.subplots(1, 2, sharey=True), ("claimed", "ours"), strict=True):
        seconds = [row[side][1] for row in rows]
        longest = max(value for value in seconds if value is not None)
        for place, (row, spent) in enumerate(zip(rows, seconds, strict=True)):
            accuracy = row[side][0]
            for offset, value, colour, text in (
                (-0.2, accuracy, OURS, None if accuracy is None else f"{accuracy:.3f}"),
                (0.2, None if spent is None else spent / longest, TIME, None if spent is None else f"{spent:,.0f} s"),
            ):
                ax.bar(place + offset, value or 0, 0.38, color=colour)
                ax.annotate(
                    text or "not\nstated",
                    (place + offset, value or 0),
                    (0, 2),
                    textcoords="offset points",
                    ha="center",
                    fontsize=8,
                )
        ax.set(xticks=range(len(rows)), title=side, ylim=(0, 1.13), yticks=[0, 0.25, 0.5, 0.75, 1])
        ax.set_xticklabels([row["title"] for row in rows], fontsize=8)
        hide_spines(ax)
    figure.axes[0].bar(0, 0, color=OURS, label="accuracy")
    figure.axes[0].bar(0, 0, color=TIME, label="time, of the longest")
    figure.legend(loc="outside lower left", frameon=False, ncols=2, fontsize=9)
    return figure


def fig_votes(share: np.ndarray, right: np.ndarray, trees: int) -> Figure:
    """How many trees of the one-hot forest agree on the digit with most votes, and what the half asked for costs.

    Args:
        share: of the trees, for the digit with most, (n,).
        right: whether that digit is the label, (n,).
        trees: in the forest.
    """
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


def fig_boosting(seconds: np.ndarray, accuracy: np.ndarray, models: list[dict]) -> Figure:
    """The report's XGBoost grid and ours: accuracy against the time it takes.

    Args:
        seconds, accuracy: of each setting of the grid, (settings,): all folds, and their mean.
        models: title, seconds and accuracy of what was fitted to the whole training part.
    """
    figure = blank_figure(8.5, 4.4, "XGBoost: a handful of exact trees against trees on histograms, stopped in time")
    ax = figure.subplots()
    ax.plot(
        seconds, accuracy, "o", color=CLAIMED, markersize=5, label=f"the report's {len(seconds)} settings, 2 folds each"
    )
    for model, colour, marker in zip(models, (ACCENT, OURS), "sD", strict=True):
        ax.plot(model["seconds"], model["accuracy"], marker, color=colour, markersize=9, label=model["title"])
        ax.annotate(f"{100 * model['accuracy']:.2f} %, {model['seconds']:,.0f} s", (model["seconds"], model["accuracy"]),
                    (-9, -3), textcoords="offset points", ha="right", fontsize=9)  # fmt: skip
    ax.set(xscale="log", xlabel="seconds (log scale)", ylabel="accuracy on images held out of training")
    ax.set_xticks([5, 10, 20, 50, 100, 200, 500, 1000], minor=False)
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("")
    ax.legend(frameon=False, loc="lower right", fontsize=9)
    ax.grid(color="0.92")
    ax.margins(0.12)
    hide_spines(ax)
    return figure


def fig_grid(rows: list[dict], n: int) -> Figure:
    """Every setting of the grid on the validation part, best first; each dot a seed.

    Args:
        rows: title, accuracies (of the seeds, in [0, 1]), and inside: whether the report's grid holds it.
        n: validation images.
    """
    figure = blank_figure(
        9.5, 0.34 * len(rows) + 1.5, f"The grid search: accuracy on the {n:,} validation images, a dot a seed"
    )
    ax = figure.subplots()
    order = sorted(rows, key=lambda row: np.mean(row["accuracies"]))
    for place, row in enumerate(order):
        values = 100 * np.asarray(row["accuracies"])
        colour = OURS if row["inside"] else ACCENT
        ax.plot(values, [place] * len(values), "o", color=colour, markersize=6, alpha=0.55, markeredgewidth=0)
        if len(values) > 1:
            mean, deviation = mean_and_std(values)
            ax.errorbar(mean, place, xerr=deviation, fmt="|", color=colour, capsize=3, markersize=13, linewidth=1.4)
        text = f"{values.mean():.2f}" + (f" ± {mean_and_std(values)[1]:.2f}" if len(values) > 1 else "")
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
    ax.set(yticks=range(len(order)), xlabel="validation accuracy, %")
    ax.set_yticklabels([row["title"] for row in order], fontsize=8)
    ax.plot([], [], "o", color=OURS, label="in the report's grid")
    ax.plot([], [], "o", color=ACCENT, label="the report's printed best, which its grid does not hold")
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    ax.grid(axis="x", color="0.92")
    hide_spines(ax)
    return figure
