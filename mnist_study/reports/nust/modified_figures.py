"""The figures of report nust; as in ``figures``, each takes data and returns a matplotlib Figure."""

import itertools

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...evaluation import mean_and_std
from ...plots.style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_axes, hide_spines, tiled

LINES = (  # of the models in ``fig_fragility``: marker, line, colour, width; one colour a family
    ("o", "-", DIGIT_COLOURS[1], 1.2),  # KNN
    ("s", "--", DIGIT_COLOURS[5], 1.2),  # SVM
    ("^", "-", DIGIT_COLOURS[2], 1.2),  # MLPs
    ("v", "--", DIGIT_COLOURS[2], 1.2),
    ("D", "-", DIGIT_COLOURS[6], 1.2),  # CNNs
    ("P", "--", DIGIT_COLOURS[6], 1.2),
    ("X", ":", DIGIT_COLOURS[6], 1.2),
    ("*", "-", "black", 1.2),  # LeNet, and what is done about it
    ("o", "-", DIGIT_COLOURS[9], 2.6),
    ("o", "-", DIGIT_COLOURS[0], 2.6),
)
UNITS = {"rotation": "rotation, ± degrees", "shift": "shift, ± % of the side", "zoom": "zoom, ± %"}
UNITS |= {"brightness": "brightness, ± %"}


def fig_pairs(clean: np.ndarray, modified: np.ndarray) -> Figure:
    """Test images as they are and as modified, uint8 (2 n, 28, 28) each: two bands of n pairs, clean above modified."""
    half = len(clean) // 2
    bands = [part for k in (slice(0, half), slice(half, 2 * half)) for part in (clean[k], modified[k])]
    figure = blank_figure(9, 3.4, "What the modification does: test images, and below each the same one modified")
    for ax, pair in zip(figure.subplots(2, 1), (bands[:2], bands[2:]), strict=True):
        ax.imshow(tiled(np.concatenate(pair), half), cmap="gray_r", vmin=0, vmax=255)
        hide_axes(ax)
        ax.set_yticks([14, 43], ["clean", "modified"], fontsize=9)
        ax.tick_params(length=0)
    return figure


def fig_training_graph(histories: list[dict], claimed_epoch: int, claimed_accuracy: float) -> Figure:
    """Loss and accuracy by epoch, every seed a line, with the epoch and accuracy that the report gives.

    Args:
        histories: of the seeds, with loss, val_loss, accuracy, val_accuracy by epoch.
        claimed_epoch: after which the report's validation loss was lowest.
        claimed_accuracy: its validation accuracy there, in [0, 1].
    """
    figure = blank_figure(9.5, 4.2, "LeNet overfits earlier than the report says: loss and accuracy by epoch")
    left, right = figure.subplots(1, 2)
    for history in histories:
        epochs = np.arange(1, len(history["loss"]) + 1)
        for ax, quantity in ((left, "loss"), (right, "accuracy")):
            ax.plot(epochs, history[quantity], color=CLAIMED, linewidth=1.2)
            ax.plot(epochs, history[f"val_{quantity}"], color=OURS, linewidth=1.2)
        best = int(np.argmin(history["val_loss"]))
        left.plot(epochs[best], history["val_loss"][best], "o", color=OURS, markersize=7)
        right.plot(epochs[best], history["val_accuracy"][best], "o", color=OURS, markersize=7)
    for ax in (left, right):
        ax.axvline(claimed_epoch, color=ACCENT, linewidth=1, linestyle=":")
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid(axis="y", color="0.92")
        hide_spines(ax)
    right.plot(claimed_epoch, claimed_accuracy, "D", color=ACCENT, markersize=8, markerfacecolor="none", mew=2)
    left.plot([], [], color=CLAIMED, label="training")
    left.plot([], [], color=OURS, label=f"validation, {len(histories)} seeds")
    left.plot([], [], "o", color=OURS, label="lowest validation loss")
    left.plot([], [], ":", color=ACCENT, label="lowest, says the report")
    right.plot([], [], "D", color=ACCENT, markerfacecolor="none", mew=2, label="accuracy, says the report")
    left.set(ylabel="cross-entropy", yscale="log")
    right.set(ylabel="accuracy", ylim=(0.97, 1.001))
    left.legend(frameon=False, fontsize=8)
    right.legend(frameon=False, fontsize=8, loc="lower right")
    return figure


def fig_calibration(strengths, accuracy, claimed: float, rotations, shifts, grid, zoom: float) -> Figure:
    """Accuracy of the plain network by strength of the modification, and where the report's figure lies.

    Args:
        strengths: (n,), one number for rotation (in hundreds of degrees), shift and zoom.
        accuracy: (seeds, n).
        claimed: the report's accuracy.
        rotations, shifts: axes of ``grid``, (seeds, rotations, shifts), at the given ``zoom``.
    """
    figure = blank_figure(11, 4.4, f"Which modification turns 99 % into {100 * claimed:.2f} %?")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.05))
    accuracy = 100 * np.asarray(accuracy)
    left.plot(strengths, accuracy.T, color=OURS, linewidth=1, marker="o", markersize=4)
    left.axhline(100 * claimed, color=ACCENT, linewidth=1.5, linestyle=":")
    left.annotate("the report", (strengths[0], 100 * claimed + 2), color=ACCENT, fontsize=9)
    ticks = list(strengths)[1::2]
    left.set_xticks(ticks, [f"±{100 * s:.0f}°\n±{s:.1f}\n±{s:.1f}" for s in ticks], fontsize=8)
    left.set(
        xlabel="rotation, shift, zoom (brightness ± 0.5)", ylabel="accuracy on validation images, %", ylim=(0, 100)
    )
    left.set_title(f"one strength for all three, {len(accuracy)} seeds", fontsize=9)
    left.grid(axis="y", color="0.92")
    hide_spines(left)
    mean = 100 * np.mean(grid, axis=0)
    right.imshow(mean, cmap="viridis", vmin=0, vmax=100, aspect="auto", origin="lower")
    for row, values in enumerate(mean):
        for column, value in enumerate(values):
            right.text(
                column, row, f"{value:.0f}", ha="center", va="center", color="w" if value < 65 else "k", fontsize=9
            )
    if len(rotations) > 1 and mean.min() < 100 * claimed < mean.max():
        right.contour(mean, levels=[100 * claimed], colors=[ACCENT], linewidths=2)
    right.set_xticks(range(len(shifts)), [f"±{shift:.1f}" for shift in shifts])
    right.set_yticks(range(len(rotations)), [f"±{rotation}°" for rotation in rotations])
    right.set(xlabel="shift, of the side", ylabel="rotation")
    right.set_title(f"accuracy in %, zoom ±{zoom}; line: the report's figure", fontsize=9)
    return figure


def fig_fragility(strengths: dict, rows: list[dict]) -> Figure:
    """Accuracy under rotation, shift, zoom and brightness, each alone.

    Args:
        strengths: name -> bounds, the x axis of a panel.
        rows: one dict a model, in the order of ``LINES``: title, plain (accuracy without any, of its seeds), accuracy
            (seeds, 4, strengths), n.
    """
    figure = blank_figure(
        12, 4.9, f"What each change costs alone, on {rows[0]['n']:,} test images that no model was fitted to"
    )
    axes = figure.subplots(1, len(strengths), sharey=True)
    for panel, (ax, (name, values)) in enumerate(zip(axes, strengths.items(), strict=True)):
        scale = 1 if name == "rotation" else 100
        for row, (marker, line, colour, width) in zip(rows, LINES, strict=True):
            mean = 100 * np.mean(row["accuracy"], axis=0)[panel]
            steps = [0, *(scale * value for value in values)]
            heights = [100 * np.mean(row["plain"]), *mean]
            ax.plot(steps, heights, marker=marker, linestyle=line, color=colour, markersize=4, linewidth=width)
        ax.set(xlabel=UNITS[name], ylim=(0, 101))
        ax.grid(axis="y", color="0.92")
        hide_spines(ax)
    axes[0].set_ylabel("accuracy, %")
    for row, (marker, line, colour, width) in zip(rows, LINES, strict=True):
        axes[0].plot([], [], marker=marker, linestyle=line, color=colour, linewidth=width, label=row["title"])
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False, fontsize=8)
    return figure


def fig_failures(clean, modified, labels, answers: dict) -> Figure:
    """A handful of failures: the clean image, the modified one, and what each network says of both.

    Args:
        clean, modified: uint8 (n, 28, 28).
        labels: (n,).
        answers: network -> (scores on the clean images, scores on the modified ones), float (n, 10) each.
    """
    n = len(labels)
    figure = blank_figure(
        1.9 * n, 4.6, "The same digit, clean and modified, and what each network says with what confidence"
    )
    axes = figure.subplots(2, n, squeeze=False)
    for column in range(n):
        for row, (images, name) in enumerate(((clean, "clean"), (modified, "modified"))):
            ax = axes[row, column]
            ax.imshow(images[column], cmap="gray_r", vmin=0, vmax=255)
            hide_axes(ax)
            if column == 0:
                ax.set_ylabel(name, fontsize=10)
            lines = []
            for network, scores in answers.items():
                score = np.asarray(scores[row][column], float)
                mark = "" if score.argmax() == labels[column] else "  ✗"
                lines.append(f"{network}: {score.argmax()} ({100 * score.max():.0f} %){mark}")
            ax.set_xlabel("\n".join(lines), fontsize=8, loc="left")
        axes[0, column].set_title(f"label {labels[column]}", fontsize=9)
    return figure


def fig_ink_kept(edges, counts, rows: list[dict]) -> Figure:
    """Accuracy on the modified test set by how much of the ink the frame has left.

    Args:
        edges: bounds of the bins of ink kept, (bins + 1,), in [0, 1].
        counts: images in each bin.
        rows: title, accuracy (seeds, bins), clean (accuracy of the seeds on the clean test set).
    """
    figure = blank_figure(9, 4.4, "What the frame cuts off cannot be read: misses by the share of ink still shown")
    ax = figure.subplots()
    place = np.arange(len(counts))
    for number, (row, (marker, _line, colour, width)) in enumerate(zip(rows, LINES[-3:], strict=True)):
        misses = 100 * (1 - np.asarray(row["accuracy"]))
        ax.plot(place, misses.mean(axis=0), color=colour, marker=marker, linewidth=width, label=row["title"])
        ax.plot(place, misses.T, ".", color=colour, markersize=4)
        clean = 100 * (1 - np.mean(row["clean"]))
        ax.plot(len(counts) + 0.08 * (number - 1), max(clean, 0.01), marker, color=colour, markersize=8)
    names = [f"{100 * low:.0f}–{100 * high:.0f} %" for low, high in itertools.pairwise(edges)]
    labels = [f"{name}\n{count:,} images" for name, count in zip(names, counts, strict=True)]
    ax.set_xticks([*place, len(counts)], [*labels, "clean\ntest set"], fontsize=9)
    ax.set(xlabel="ink still within the frame", ylabel="misses, % (log scale)", yscale="log", ylim=(0.2, 120))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.legend(frameon=False, fontsize=9, loc="lower left")
    ax.grid(axis="y", color="0.92")
    hide_spines(ax)
    return figure


def fig_two_test_sets(rows: list[dict]) -> Figure:
    """Accuracy on the clean and on the modified test set, claimed and ours.

    Args:
        rows: one dict a network: title, clean, modified (accuracies of the seeds, in [0, 1]), claimed_clean and
            claimed_modified (or None).
    """
    figure = blank_figure(8.5, 0.75 * len(rows) + 1.7, "Clean and modified test set, claimed and reproduced")
    ax = figure.subplots()
    for place, row in enumerate(reversed(rows)):
        for key, colour, up in (("clean", OURS, 0.14), ("modified", DIGIT_COLOURS[1], -0.14)):
            mean, deviation = mean_and_std(100 * np.asarray(row[key]))
            misses = max(100 - mean, 0.01)
            ax.errorbar(misses, place + up, xerr=deviation, fmt="o", color=colour, capsize=3, markersize=6)
            at = ((1.01, place + up), ("axes fraction", "data"))
            ax.annotate(f"{mean:.2f} ± {deviation:.2f}", at[0], xycoords=at[1], va="center", fontsize=8, color=colour)
            if row[f"claimed_{key}"] is not None:
                value = 100 - 100 * row[f"claimed_{key}"]
                ax.plot(value, place + up, "D", color=CLAIMED, markersize=10, markerfacecolor="none", mew=2)
    ax.plot([], [], "o", color=OURS, label="clean")
    ax.plot([], [], "o", color=DIGIT_COLOURS[1], label="modified")
    ax.plot([], [], "D", color=CLAIMED, markerfacecolor="none", mew=2, label="claimed")
    ax.set(yticks=range(len(rows)), yticklabels=[row["title"] for row in reversed(rows)], xscale="log", xlim=(0.2, 120))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("misses, % (log scale); at the right: accuracy, %, mean ± std")
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.17), ncols=3, fontsize=9)
    ax.grid(axis="x", color="0.92")
    ax.margins(y=0.2)
    hide_spines(ax)
    return figure
