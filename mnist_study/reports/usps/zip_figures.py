"""The figures of report usps; as in ``figures``, each takes data and returns a matplotlib Figure."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...evaluation import mean_and_std
from ...plots.style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_axes, hide_spines


def fig_error_per_class(claimed: np.ndarray, ours: np.ndarray, counts: np.ndarray) -> Figure:
    """Error rate of each digit, claimed and ours.

    Args:
        claimed: (10,), in [0, 1].
        ours: (seeds, 10), in [0, 1].
        counts: test images of each digit, (10,).
    """
    figure = blank_figure(9, 3.9, f"Error of each digit, claimed and ours ({len(ours)} seeds)")
    ax = figure.subplots()
    place = np.arange(10)
    ax.bar(place - 0.2, 100 * claimed, 0.36, color=CLAIMED, label="claimed")
    ax.bar(place + 0.2, 100 * ours.mean(axis=0), 0.36, color=OURS, label="ours: mean, and every seed a dot")
    for digit in range(10):
        spread = np.linspace(-0.1, 0.1, len(ours))
        ax.plot(digit + 0.2 + spread, 100 * ours[:, digit], ".", color="k", markersize=4)
    ax.set_xticks(place, [f"{digit}\n{count} images" for digit, count in enumerate(counts)], fontsize=8)
    ax.set(xlabel="digit", ylabel="error, %")
    ax.legend(frameon=False)
    ax.set_axisbelow(True)
    ax.grid(axis="y", color="0.92")
    hide_spines(ax)
    return figure


def fig_test_curves(histories: list[dict]) -> Figure:
    """Loss and accuracy by epoch on the training and the test images, every seed a line."""
    figure = blank_figure(9.5, 3.9, f"A hundred epochs: training and test images, {len(histories)} seeds")
    left, right = figure.subplots(1, 2)
    for history in histories:
        for ax, quantity in ((left, "loss"), (right, "accuracy")):
            epochs = range(1, len(history["loss"]) + 1)
            ax.plot(epochs, history[quantity], color=CLAIMED, linewidth=1, alpha=0.9)
            ax.plot(epochs, history[f"val_{quantity}"], color=OURS, linewidth=1, alpha=0.9)
    left.plot([], [], color=CLAIMED, label="training (with dropout)")
    left.plot([], [], color=OURS, label="test (the report's “validation”)")
    left.set(ylabel="cross-entropy", yscale="log", xlabel="epoch")
    right.set(ylabel="accuracy", ylim=(0.9, 1.003), xlabel="epoch")
    left.legend(frameon=False, fontsize=8)
    for ax in (left, right):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid(axis="y", color="0.92")
        hide_spines(ax)
    return figure


def fig_zip_mistakes(images, index, y_true, y_pred, title: str, columns: int = 12, size: float = 1.0) -> Figure:
    """Misread USPS images (n, 16, 16) in [-1, 1], with index, label and what was read, (n,) each."""
    rows = max(1, -(-len(images) // columns))
    figure = blank_figure(size * columns, 1.42 * size * rows + 0.5, title)
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        hide_axes(ax)
    captions = zip(index, y_true, y_pred, strict=True)
    for ax, image, (i, true, read) in zip(axes.flat, images, captions, strict=False):
        ax.imshow(image, cmap="gray_r", vmin=-1, vmax=1)
        ax.set_title(f"label {true}, read {read}\n#{i}", fontsize=6 + size)
    return figure


def fig_misses_by_choice(rows: list[dict], chosen: str) -> Figure:
    """Candidates by cross-validation on the training images.

    Args:
        rows: title, loss and misses of the held-out folds, n.
        chosen: title of the candidate that was taken.
    """
    figure = blank_figure(
        8, 0.5 * len(rows) + 1.4, f"The choice: cross-validation on the {rows[0]['n']:,} training images"
    )
    left, right = figure.subplots(1, 2, sharey=True)
    for place, row in enumerate(reversed(rows)):
        colour = ACCENT if row["title"] == chosen else OURS
        for ax, value in ((left, row["loss"]), (right, row["misses"])):
            ax.plot(value, place, "o", color=colour, markersize=8)
            ax.annotate(f"{value:.4g}", (value, place), (8, 0), textcoords="offset points", va="center", fontsize=8)
    left.set(yticks=range(len(rows)), yticklabels=[row["title"] for row in reversed(rows)])
    left.set_xlabel("cross-entropy of the held-out folds")
    right.set_xlabel("misses")
    for ax in (left, right):
        ax.margins(x=0.25, y=0.25)
        ax.grid(axis="x", color="0.92")
        hide_spines(ax)
    return figure


def fig_published(rows: list[dict], n: int) -> Figure:
    """Misses on USPS's test set, published and ours.

    Args:
        rows: title, misses (of the seeds, or one), kind ("published", "ours", "people", "more data").
        n: test images.
    """
    colours = {"published": CLAIMED, "ours": OURS, "people": DIGIT_COLOURS[2], "more data": DIGIT_COLOURS[1]}
    names = {"published": "published", "ours": "ours: mean ± std, and every seed", "people": "human readers"}
    names |= {"more data": "trained on MNIST as well"}
    figure = blank_figure(9.5, 0.42 * len(rows) + 1.5, f"Misses among USPS's {n:,} test images")
    ax = figure.subplots()
    for place, row in enumerate(reversed(rows)):
        mean, deviation = mean_and_std(row["misses"])
        colour = colours[row["kind"]]
        ax.errorbar(mean, place, xerr=deviation, fmt="o", color=colour, capsize=3, markersize=7)
        if len(row["misses"]) > 1:
            ax.plot(row["misses"], [place - 0.25] * len(row["misses"]), "|", color=colour, markersize=6)
        text = f"{mean:.1f} ± {deviation:.1f}" if len(row["misses"]) > 1 else f"{mean:.0f}"
        text += f"  ({100 * mean / n:.2f} %)"
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
    for kind in dict.fromkeys(row["kind"] for row in rows):
        ax.plot([], [], "o", color=colours[kind], label=names[kind])
    ax.set(yticks=range(len(rows)), yticklabels=[row["title"] for row in reversed(rows)])
    ax.set_xlim(left=0)
    ax.set_xlabel(f"misses of {n:,}")
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    ax.grid(axis="x", color="0.92")
    ax.margins(y=0.08)
    hide_spines(ax)
    return figure
