"""The figures of networks and their training; as in ``figures``, each takes data and returns a matplotlib Figure."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from ..evaluation import mean_and_std
from .style import CLAIMED, OURS, blank_figure, hide_axes, hide_spines


def fig_architecture(table: list[dict], title: str) -> Figure:
    """A network drawn from its own layers: feature maps as stacks to scale, dense layers as bars.

    Args:
        table: from ``networks.layer_table``.
        title: what network it is.
    """
    drawn = [row for row in table if row["layer"] not in ("Rescaling", "Reshape", "ReLU", "LeakyReLU", "Dropout")]
    figure = blank_figure(
        1.5 * len(drawn) + 0.6, 3.3, f"{title}: {sum(row['parameters'] for row in table):,} parameters"
    )
    ax = figure.subplots()
    largest = max(row["shape"][0] for row in drawn if len(row["shape"]) > 1)
    for place, row in enumerate(drawn):
        shape = row["shape"]
        if len(shape) > 1:
            side = shape[0] / largest
            sheets = min(6, shape[2]) if len(shape) > 2 else 1
            for sheet in reversed(range(sheets)):
                ax.add_patch(_sheet(place - side * 0.35 + 0.03 * sheet, -side / 2 + 0.05 * sheet, 0.7 * side, side))
        else:
            height = min(0.25 + 0.35 * np.log10(shape[0]), 1.44)
            ax.add_patch(_sheet(place - 0.05, -height / 2, 0.1, height))
        kind = {"InputLayer": "input", "Conv2D": "convolution", "MaxPooling2D": "max-pool"}
        name = kind.get(row["layer"], row["layer"].lower())
        count = f"\n{row['parameters']:,} weights" if row["parameters"] else ""
        ax.text(place, -0.72, f"{name}\n{' × '.join(map(str, shape))}{count}", ha="center", va="top", fontsize=8)
        if place:
            ax.annotate(
                "", (place - 0.44, -0.64), (place - 0.6, -0.64), arrowprops={"arrowstyle": "->", "color": "0.4"}
            )
    ax.set(xlim=(-0.6, len(drawn) - 0.4), ylim=(-1.25, 0.85))
    hide_axes(ax)
    return figure


def _sheet(x: float, y: float, width: float, height: float):
    return Rectangle((x, y), width, height, facecolor="#dcebf7", edgecolor=OURS, linewidth=1)


def fig_training_curves(histories: dict[str, list[dict]]) -> Figure:
    """Loss and accuracy by epoch, training and validation, every seed a line.

    Args:
        histories: model -> histories of its seeds with loss, val_loss, accuracy, val_accuracy by epoch.
    """
    figure = blank_figure(max(4.5, 2.5 * len(histories)), 5.2, "Training curves: every line is one seed")
    axes = figure.subplots(2, len(histories), sharex=True, sharey="row", squeeze=False)
    parts = (("loss", "loss (log scale)"), ("accuracy", "misses, % (log scale)"))
    for column, (name, runs) in enumerate(histories.items()):
        for row, (quantity, label) in enumerate(parts):
            ax = axes[row, column]
            for history in runs:
                for prefix, colour, kind in (("", CLAIMED, "training"), ("val_", OURS, "validation")):
                    values = np.asarray(history[prefix + quantity])
                    values = values if quantity == "loss" else 100 * np.maximum(1 - values, 1e-5)
                    ax.plot(range(1, len(values) + 1), values, color=colour, linewidth=1, label=kind, alpha=0.8)
            ax.set(yscale="log")
            ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            hide_spines(ax)
            if column == 0:
                ax.set_ylabel(label)
        axes[0, column].set_title(name, fontsize=10)
        axes[1, column].set_xlabel("epoch")
    lines = axes[0, 0].get_lines()[:2]
    axes[0, 0].legend(lines, [line.get_label() for line in lines], frameon=False, fontsize=8)
    return figure


def fig_accuracy_by_parameters(rows: list[dict]) -> Figure:
    """Test accuracy against parameters, claimed and ours.

    Args:
        rows: one dict a network: title, parameters, accuracies (of the seeds, in [0, 1]), claimed (in %, or None).
    """
    figure = blank_figure(8, 4.6, "Test accuracy against parameters: the smallest network here is the deepest")
    ax = figure.subplots()
    for row in rows:
        mean, deviation = mean_and_std(100 * np.asarray(row["accuracies"]))
        ax.errorbar(row["parameters"], mean, deviation, fmt="o", color=OURS, capsize=4, markersize=7)
        if row["claimed"] is not None:
            ax.plot(row["parameters"], row["claimed"], "D", color=CLAIMED, markersize=7, markerfacecolor="none", mew=2)
        at = (row["parameters"], mean)
        ax.annotate(row["title"], at, (-11, 0), textcoords="offset points", ha="right", va="center", fontsize=9)
    seeds = sorted({len(row["accuracies"]) for row in rows})
    n = " or ".join(map(str, seeds))
    ax.errorbar([], [], [], fmt="o", color=OURS, capsize=4, label=f"ours: mean ± std, n = {n}")
    ax.plot([], [], "D", color=CLAIMED, markerfacecolor="none", mew=2, label="claimed")
    ax.legend(frameon=False, loc="center")
    ax.set(xlabel="trainable parameters", ylabel="test accuracy, %")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.margins(x=0.24, y=0.12)
    ax.grid(axis="y", color="0.9")
    hide_spines(ax)
    return figure


def fig_edge(rows: list[dict]) -> Figure:
    """Size, misses and time of the same network in several formats.

    Args:
        rows: of ``gallery_edge.rows``: title, kilobytes, misses, n, misses_one_view, milliseconds.
    """
    figure = blank_figure(10, 0.55 * len(rows) + 1.3, "The same network, smaller and faster, reads as well")
    left, middle, right = figure.subplots(1, 3, sharey=True)
    places = np.arange(len(rows))[::-1]
    for ax, key, label, text in (
        (left, "kilobytes", "size, kB", "{:,.0f}"),
        (right, "milliseconds", "ms an image, one core", "{:.2f}"),
    ):
        values = [row[key] for row in rows]
        ax.barh(places, values, color=[CLAIMED] + [OURS] * (len(rows) - 1), height=0.6)
        ax.set(xlabel=label, xlim=(0, 1.25 * max(values)))
        for place, value in zip(places, values, strict=True):
            ax.text(value, place, "  " + text.format(value), va="center", fontsize=9)
    middle.plot([row["misses"] for row in rows], places, "o", color=OURS, label="five views, as the reader reads")
    middle.plot(
        [row["misses_one_view"] for row in rows], places, "s", color=CLAIMED, markerfacecolor="none", label="one view"
    )
    most = max(row["misses_one_view"] for row in rows)
    middle.set(xlabel=f"misses of {rows[0]['n']:,} test images", xlim=(0, 1.4 * most))
    middle.legend(fontsize=8, loc="upper left", frameon=False)
    left.set_yticks(places, [row["title"] for row in rows])
    left.set_ylim(-0.6, len(rows) - 0.4)
    for ax in (left, middle, right):
        hide_spines(ax)
    return figure
