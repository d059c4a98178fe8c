"""The figures of report asher; as in ``figures``, each takes data and returns a matplotlib Figure."""

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from ...evaluation import mean_and_std
from ...plots.style import ACCENT, CLAIMED, OURS, blank_figure, hide_axes, hide_spines

SCALE = sns.color_palette("viridis", as_cmap=True)


# --- what happens to a digit -------------------------------------------------------------------------------------


def fig_preparation(photo, grey, scaled, small, turned, shifted, zoomed) -> Figure:
    """A photo on its way to the network, and what is made of a training image in its place.

    Args:
        photo, grey, scaled, small: the steps, as ``anatomy`` keeps them.
        turned, shifted, zoomed: (3, 28, 28) each.
    """
    figure = blank_figure(
        9.5, 4.6, "Preparation, step by step (above), and new images made of one training image (below)"
    )
    above, below = figure.subfigures(2, 1)
    steps = (
        ("a photo (rendered)", photo, {}),
        ("grey", grey, {"cmap": "gray", "vmin": 0, "vmax": 255}),
        ("ink from 0 to 1", scaled, {"cmap": "gray_r", "vmin": 0, "vmax": 1}),
        ("28 x 28", small, {"cmap": "gray_r", "vmin": 0, "vmax": 255}),
    )
    for ax, (title, image, look) in zip(above.subplots(1, 4), steps, strict=True):
        ax.imshow(image, **look)
        ax.set_title(title, fontsize=10)
        hide_axes(ax)
    axes = below.subplots(1, 9)
    for start, (title, images) in enumerate((("rotation", turned), ("shift", shifted), ("zoom", zoomed))):
        for ax, image in zip(axes[3 * start :], images, strict=False):
            ax.imshow(image, cmap="gray_r", vmin=0, vmax=255)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_color("0.75")
        axes[3 * start + 1].set_title(title, fontsize=10)
    return figure


def fig_convolution(digit, kernels, maps) -> Figure:
    """Filters of the first convolution on one digit: what each takes from a window, and the map that results.

    Args:
        digit: (28, 28).
        kernels: (3, 3, filters), trained.
        maps: (26, 26, filters), after ReLU; those with most variation are shown.
    """
    figure = blank_figure(
        10, 4.3, "Convolution: each filter of 3x3 weights slides over the digit and leaves a map of where it fits"
    )
    chosen = np.argsort(-maps.std(axis=(0, 1)), kind="stable")[:6]
    axes = figure.subplots(2, 7)
    axes[0, 0].imshow(digit, cmap="gray_r")
    axes[0, 0].set_title("the digit", fontsize=9)
    axes[1, 0].set_visible(False)
    largest = np.abs(kernels[:, :, chosen]).max()
    for column, filter_ in enumerate(chosen, 1):
        top, bottom = axes[:, column]
        top.imshow(kernels[:, :, filter_], cmap="RdBu_r", vmin=-largest, vmax=largest)
        for (row, place), weight in np.ndenumerate(kernels[:, :, filter_]):
            shade = "white" if abs(weight) > 0.6 * largest else "black"
            top.text(place, row, f"{weight:.2f}", ha="center", va="center", fontsize=6, color=shade)
        top.set_title(f"filter {filter_ + 1}", fontsize=9)
        bottom.imshow(maps[:, :, filter_], cmap="magma")
    axes[1, 1].set_ylabel("feature map")
    for ax in axes.flat:
        hide_axes(ax)
    return figure


def fig_pooling(feature_map, pooled) -> Figure:
    """Max-pooling 2x2: a map, the same after pooling, and one corner of both in numbers.

    Args:
        feature_map, pooled: (26, 26) and (13, 13).
    """
    figure = blank_figure(10, 3.4, "Max-pooling: of every 2x2 values the largest stays, a quarter of them")
    axes = figure.subplots(1, 4)
    row, column = (int(place) // 2 * 2 for place in np.unravel_index(feature_map.argmax(), feature_map.shape))
    row, column = min(max(row - 2, 0), 20), min(max(column - 2, 0), 20)
    parts = (
        (f"map {feature_map.shape[0]}x{feature_map.shape[1]}", feature_map, None),
        ("a corner of it", feature_map[row : row + 6, column : column + 6], 2),
        ("the largest of each", pooled[row // 2 : row // 2 + 3, column // 2 : column // 2 + 3], 1),
        (f"pooled {pooled.shape[0]}x{pooled.shape[1]}", pooled, None),
    )
    for ax, (title, values, step) in zip(axes, parts, strict=True):
        ax.imshow(values, cmap="magma", vmin=0, vmax=feature_map.max())
        ax.set_title(title, fontsize=10)
        hide_axes(ax)
        if step:
            for (y, x), value in np.ndenumerate(values):
                shade = "black" if value > 0.6 * feature_map.max() else "white"
                ax.text(x, y, f"{value:.1f}", ha="center", va="center", fontsize=8, color=shade)
            for line in np.arange(step, len(values), step) - 0.5:
                ax.axhline(line, color="white", linewidth=1)
                ax.axvline(line, color="white", linewidth=1)
    axes[0].add_patch(_outline(column, row, 6))
    axes[3].add_patch(_outline(column // 2, row // 2, 3))
    return figure


def _outline(x: int, y: int, side: int):
    return Rectangle((x - 0.5, y - 0.5), side, side, fill=False, edgecolor="white", linewidth=1.5)


def fig_padding(digit, kernel, bias: float) -> Figure:
    """One filter without padding and with it: the size of what comes out, and what happens at the rim.

    Args:
        digit: (28, 28) in [0, 255].
        kernel: (3, 3), trained; ``bias`` belongs to it.
    """
    figure = blank_figure(
        10, 3.5, "Padding: a frame of zeros lets the filter stand on the rim, and the map keeps the digit's size"
    )
    ink = digit / 255.0
    padded = np.pad(ink, 1)
    maps = {}
    for name, image in (("without padding", ink), ("with padding", padded)):
        windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
        maps[name] = np.maximum((windows * kernel).sum(axis=(2, 3)) + bias, 0)
    shown = (
        ("digit 28x28", ink, "gray_r"),
        (f"without padding {maps['without padding'].shape[0]}x{maps['without padding'].shape[1]}", maps["without padding"], "magma"),
        ("framed 30x30", padded, "gray_r"),
        (f"with padding {maps['with padding'].shape[0]}x{maps['with padding'].shape[1]}", maps["with padding"], "magma"),
    )  # fmt: skip
    for ax, (title, image, colours) in zip(figure.subplots(1, 4), shown, strict=True):
        side = len(image)
        ax.imshow(image, cmap=colours, extent=(-side / 2, side / 2, side / 2, -side / 2))  # one scale for all four
        ax.set(xlim=(-15.5, 15.5), ylim=(15.5, -15.5), title=title)
        ax.title.set_fontsize(10)
        hide_axes(ax)
        if side == 30:
            ax.add_patch(_outline(-13.5, -13.5, 28))
            ax.patches[-1].set(edgecolor=ACCENT, linewidth=1)
            ax.add_patch(_outline(-14.5, -14.5, 30))
            ax.patches[-1].set(edgecolor="0.5", linewidth=1)
    return figure


def fig_flatten(pooled, flat, probability) -> Figure:
    """Maps become one row of numbers, from which the dense layers draw ten probabilities.

    Args:
        pooled: (height, width, maps), the first are shown.
        flat: (values,), as the network flattens what its last pooling left.
        probability: (10,).
    """
    figure = blank_figure(
        10, 3.9, f"Flatten: all maps end as one row of {len(flat):,} numbers, and the dense layers read it"
    )
    left, middle, right = figure.subfigures(1, 3, width_ratios=(1, 1.6, 1.2))
    for ax, number in zip(left.subplots(3, 3).flat, range(9), strict=True):
        ax.imshow(pooled[:, :, number], cmap="magma")
        hide_axes(ax)
    left.suptitle(f"9 of {pooled.shape[2]} maps", fontsize=10)
    ax = middle.subplots()
    ax.vlines(np.arange(len(flat)), 0, flat, color=OURS, linewidth=0.3)
    ax.set(xlabel="place in the row", title=f"the row of {len(flat):,}", xlim=(0, len(flat)))
    ax.title.set_fontsize(10)
    hide_spines(ax)
    ax = right.subplots()
    ax.bar(range(10), probability, color=[ACCENT if p == probability.max() else CLAIMED for p in probability])
    ax.set(xticks=range(10), xlabel="digit", title="probability", ylim=(0, 1.02))
    ax.title.set_fontsize(10)
    hide_spines(ax)
    return figure


def fig_read(images, labels, read) -> Figure:
    """The first test images with what was read; a misread one in red with its label.

    Args:
        images: uint8 (n, 28, 28); labels, read: (n,).
    """
    figure = blank_figure(
        9, 1.05 * -(-len(images) // 10) + 0.5, f"The first {len(images)} test images and what the network reads"
    )
    for ax, image, label, digit in zip(
        figure.subplots(-(-len(images) // 10), 10).flat, images, labels, read, strict=True
    ):
        ax.imshow(image, cmap="gray_r", vmin=0, vmax=255)
        wrong = label != digit
        ax.set_title(f"{digit} (is {label})" if wrong else f"{digit}", fontsize=9, color=ACCENT if wrong else "black")
        hide_axes(ax)
    return figure


# --- the search --------------------------------------------------------------------------------------------------


def fig_trials(scores, claimed: dict, title: str) -> Figure:
    """Validation accuracy against the number of the trial, with the best so far.

    Args:
        scores: in [0, 1], in the order of the trials.
        claimed: place of a trial that the report prints -> accuracy it prints.
        title: of the figure.
    """
    figure = blank_figure(9, 4, title)
    ax = figure.subplots()
    number, values = np.arange(1, len(scores) + 1), 100 * np.asarray(scores)
    ax.step(number, np.maximum.accumulate(values), where="post", color=OURS, linewidth=1.2, label="best so far")
    ax.plot(number, values, "o", color=OURS, label="trial")
    places = list(claimed)
    ax.plot(np.array(places) + 1, [100 * claimed[place] for place in places], "D", color=CLAIMED, mew=2, markersize=9,
            markerfacecolor="none", linestyle="none", label="printed in the report")  # fmt: skip
    ax.set(xlabel="trial", ylabel="validation accuracy, %")
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    ax.grid(axis="y", color="0.92")
    ax.legend(frameon=False, loc="lower right", fontsize=9)
    hide_spines(ax)
    return figure


def fig_parallel(values: dict, scores) -> Figure:
    """Parallel coordinates: a line a trial through its values to its score; the best is thick.

    Args:
        values: hyperparameter -> its value in each trial.
        scores: in [0, 1], of each trial.
    """
    figure = blank_figure(9.5, 4.8, "Every trial as a line: settings on the left, validation accuracy on the right")
    ax = figure.subplots()
    scores = 100 * np.asarray(scores)
    heights = np.interp(scores, (scores.min(), scores.max()), (0, 1))
    columns = []
    for place, (name, chosen) in enumerate(values.items()):
        levels = sorted(set(chosen))
        level = np.array([levels.index(value) for value in chosen]) / max(1, len(levels) - 1)
        columns.append(level + 0.05 * (heights - 0.5))  # lines through one value stay apart, the better ones above
        for value, height in zip(levels, np.linspace(0, 1, len(levels)) if len(levels) > 1 else [0.0], strict=True):
            ax.annotate(f"{value:g}", (place, height), (-9, 0), textcoords="offset points", ha="right", va="center",
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1}, zorder=3)  # fmt: skip
        ax.plot([place, place], [-0.05, 1.05], color="0.8", zorder=0)
        ax.text(place, 1.1, name.replace("_", " "), ha="center", fontweight="bold")
    columns.append(heights)
    last = len(values)
    ax.plot([last, last], [-0.05, 1.05], color="0.8", zorder=0)
    ax.text(last, 1.1, "validation accuracy, %", ha="center", fontweight="bold")
    for value in np.linspace(scores.min(), scores.max(), 5):
        height = np.interp(value, (scores.min(), scores.max()), (0, 1))
        ax.annotate(f"{value:.2f}", (last, height), (7, 0), textcoords="offset points", va="center", fontsize=9)
    best = int(scores.argmax())
    for trial in np.argsort(scores):
        width, alpha = (3.2, 1.0) if trial == best else (1.2, 0.85)
        ax.plot(range(last + 1), [column[trial] for column in columns], color=SCALE(0.95 * heights[trial]), linewidth=width,
                alpha=alpha)  # fmt: skip
    ax.set(xlim=(-0.3, last + 0.35), ylim=(-0.1, 1.2))
    hide_axes(ax)
    return figure


def fig_effects(values: dict, scores) -> Figure:
    """What each hyperparameter does on its own: every trial a dot, the mean a line.

    Args:
        values: hyperparameter -> its value in each trial.
        scores: in [0, 1], of each trial.
    """
    figure = blank_figure(9.5, 3.8, "The effect of each hyperparameter: every dot a trial, the line their mean")
    scores = 100 * np.asarray(scores)
    for ax, (name, chosen) in zip(figure.subplots(1, len(values), sharey=True), values.items(), strict=True):
        levels = sorted(set(chosen))
        place = np.array([levels.index(value) for value in chosen])
        spread = np.linspace(-0.12, 0.12, len(scores))
        ax.plot(place + spread, scores, "o", color=OURS, alpha=0.6, markeredgewidth=0)
        means = [scores[place == level].mean() for level in range(len(levels))]
        ax.plot(range(len(levels)), means, "-_", color=ACCENT, markersize=26, mew=2, linewidth=1)
        for level, mean in enumerate(means):
            ax.annotate(f"{mean:.2f}", (level, mean), (16, 4), textcoords="offset points", color=ACCENT, fontsize=8)
        ax.set(xticks=range(len(levels)), xlabel=name.replace("_", " "), xlim=(-0.4, len(levels) - 0.35))
        ax.set_xticklabels([f"{level:g}" for level in levels])
        ax.grid(axis="y", color="0.92")
        hide_spines(ax)
    figure.axes[0].set_ylabel("validation accuracy, %")
    return figure


def fig_optimism(rows: list[dict]) -> Figure:
    """The winner of a search by its own score and by fresh seeds.

    Args:
        rows: title, accuracies in [0, 1] (one, or of the seeds), and search: whether it is a score of the search itself.
    """
    figure = blank_figure(
        9.5, 0.55 * len(rows) + 1.3, "A search's own score is optimistic: the winner again, with fresh seeds"
    )
    ax = figure.subplots()
    for place, row in enumerate(reversed(rows)):
        values = 100 * np.asarray(row["accuracies"])
        mean, deviation = mean_and_std(values)
        colour = ACCENT if row["search"] else OURS
        ax.plot(values, [place] * len(values), "o", color=colour, alpha=0.55, markeredgewidth=0)
        ax.errorbar(mean, place, xerr=deviation, fmt="|", color=colour, capsize=4, markersize=15)
        text = f"{mean:.2f}" + (f" ± {deviation:.2f} (n = {len(values)})" if len(values) > 1 else "")
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9)
    ax.set(yticks=range(len(rows)), yticklabels=[row["title"] for row in reversed(rows)], xlabel="accuracy, %")
    ax.grid(axis="x", color="0.92")
    ax.margins(y=0.15)
    hide_spines(ax)
    return figure
