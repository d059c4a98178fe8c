"""The figures about photos and the reader; as in ``figures``, each takes data and returns a matplotlib Figure."""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..evaluation import mean_and_std, reliability
from .style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_axes, hide_spines

WRONG = DIGIT_COLOURS[3]
LADDER_COLOURS = [DIGIT_COLOURS[number] for number in (0, 1, 2, 3, 4, 5, 9, 7)]
LINE_STYLES = (("o", "-"), ("s", "-"), ("^", "-"), ("D", "-"), ("v", "--"), ("P", "--"), ("X", "--"), ("*", "-"))


def fig_page(page) -> Figure:
    """A photo as read: boxes on the photo, and for up to ten digits what the network saw with its ten probabilities.

    Args:
        page: a ``reader.Page``.
    """
    shown = list(page)[:10]
    height = max(2.4, 1.35 * len(shown))
    figure = Figure(figsize=(8, height), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.25))
    ax = left.subplots()
    ax.imshow(page.picture)
    hide_axes(ax)
    for number, one in enumerate(page, 1):
        x0, y0, x1, y1 = (side / page.scale for side in one.box)
        ax.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, edgecolor=WRONG, linewidth=1.5))
        if len(page) > 1:
            ax.annotate(str(number), (x0, y0), color=WRONG, fontsize=9, va="bottom")
    axes = np.atleast_2d(right.subplots(len(shown), 2, width_ratios=(1, 2.4)))
    for (image_ax, bars_ax), one in zip(axes, shown, strict=True):
        image_ax.imshow(one.image, cmap="gray", vmin=0, vmax=1)
        hide_axes(image_ax)
        colours = [OURS if digit == one.digit else "0.75" for digit in range(10)]
        bars_ax.bar(range(10), one.probabilities, color=colours)
        bars_ax.set(xticks=range(10), ylim=(0, 1.02), yticks=(0, 1))
        bars_ax.set_title(f"{one.answer}  ({one.digit}: {one.confidence:.1%})", fontsize=9, loc="left")
        hide_spines(bars_ax)
    return figure


def fig_recipe_accuracies(rows: list[dict]) -> Figure:
    """Photos read right by the report's recipe, one dot a seed, beside what the report claims.

    Args:
        rows: title, right (counts, one a seed), n, claimed (count or None).
    """
    figure = blank_figure(8, 0.45 * len(rows) + 1.6, "The report's own photos, by its own recipe")
    ax = figure.subplots()
    for place, row in enumerate(rows):
        counts, times = np.unique(row["right"], return_counts=True)
        ax.scatter(counts, [place] * len(counts), s=50 * times, color=OURS, zorder=3, label="ours, one dot a seed")
        for count, many in zip(counts, times, strict=True):
            if many > 1:
                ax.annotate(
                    f"x{many}", (count, place), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=7
                )
        if row["claimed"] is not None:
            ax.scatter(row["claimed"], place, marker="|", s=420, color="black", zorder=4, label="the report")
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    ax.legend(unique.values(), unique.keys(), fontsize=8, loc="center right", markerscale=0.6, labelspacing=1)
    ax.set(
        yticks=range(len(rows)),
        yticklabels=[row["title"] for row in rows],
        xlim=(-0.5, 20.5),
        ylim=(len(rows) - 0.5, -0.6),
    )
    ax.set(xlabel="of 20 photos read right", xticks=range(0, 21, 2))
    hide_spines(ax)
    return figure


def fig_misread(images: np.ndarray, labels, readings, reported: dict) -> Figure:
    """What the models were fed, and how each seed of the 64-16 MLP read it.

    Args:
        images: uint8 (20, 28, 28) as fed.
        labels: int (20,).
        readings: int (seeds, 20).
        reported: index -> the wrong digit that the report prints.
    """
    figure = blank_figure(10, 3.6, f"What the 64-16 MLP was fed, and how {len(readings)} trainings of it read that")
    for index, ax in enumerate(figure.subplots(2, 10).flat):
        ax.imshow(images[index], cmap="gray", vmin=0, vmax=255)
        hide_axes(ax)
        ax.set_title(f"a {labels[index]}", fontsize=8)
        wrong = [str(one) for one in readings[:, index] if one != labels[index]]
        right = len(readings) - len(wrong)
        lines = [f"right: {right} of {len(readings)}", f"read as {', '.join(wrong)}" if wrong else ""]
        lines += [f"the report: {reported[index]}"] if index in reported else []
        ax.set_xlabel("\n".join(lines), fontsize=6.5, color="black" if index not in reported else ACCENT)
    return figure


def fig_ladder(rungs: list[str], rows: list[dict], n: int) -> Figure:
    """Photos read right at each step, one line a model.

    Args:
        rungs: the steps, in order.
        rows: title and right, int (seeds, rungs).
        n: photos.
    """
    figure = blank_figure(10, 5, "The same trained models, one step of MNIST's own preparation added at a time")
    ax = figure.subplots()
    ends = []
    for row, (marker, line), colour in zip(rows, LINE_STYLES, LADDER_COLOURS, strict=False):
        right = np.asarray(row["right"], float)
        mean = right.mean(axis=0)
        colour = "black" if row is rows[-1] else colour  # the last row is what the others are compared with
        ax.plot(range(len(rungs)), mean, marker=marker, linestyle=line, color=colour, markersize=6)
        ax.fill_between(range(len(rungs)), right.min(axis=0), right.max(axis=0), color=colour, alpha=0.12, linewidth=0)
        ends.append([mean[-1], f"{row['title']}  {mean[-1]:.1f}", colour])
    ends.sort(key=lambda end: -end[0])
    height = n + 2.3
    for mean, text, colour in ends:
        height = min(mean, height - 1.3)
        ax.text(len(rungs) - 0.88, height, text, va="center", color=colour, fontsize=8.5)
    ax.axhline(n, color="0.6", linewidth=1, linestyle=":")
    ax.set(
        xticks=range(len(rungs)),
        xlim=(-0.2, len(rungs) + 0.05),
        ylim=(0, n + 2),
        ylabel=f"of {n} photos read right",
    )
    ax.set_xticklabels([textwrap.fill(rung, 16) for rung in rungs], fontsize=9)
    ax.set_title("mean of the seeds; the band spans the worst and the best", fontsize=9, loc="left")
    hide_spines(ax)
    return figure


def fig_ladder_images(images: dict, labels) -> Figure:
    """A few photos at every step.

    Args:
        images: step -> uint8 (k, 28, 28).
        labels: int (k,).
    """
    figure = blank_figure(1.35 * len(labels) + 1.5, 1.25 * len(images) + 0.5, "What the models are shown at each step")
    axes = figure.subplots(len(images), len(labels), squeeze=False)
    for row, (step, pictures) in zip(axes, images.items(), strict=True):
        for ax, picture in zip(row, pictures, strict=True):
            ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
            hide_axes(ax)
        row[0].set_ylabel(textwrap.fill(step, 16), rotation=0, ha="right", va="center", fontsize=9)
    return figure


def fig_reader_sets(rows: list[dict]) -> Figure:
    """The reader's misses on every set, over seeds and as shipped, beside others' results.

    Args:
        rows: title, error (%, one a seed), shipped (%), n, others (list of (name, error %)).
    """
    figure = blank_figure(9, 0.8 * len(rows) + 1.5, "Trained on MNIST alone, tried on four sets")
    ax = figure.subplots()
    for place, row in enumerate(rows):
        ax.scatter(row["error"], [place] * len(row["error"]), color=OURS, s=28, alpha=0.7, label="one seed", zorder=3)
        ax.scatter(row["shipped"], place, color=ACCENT, marker="D", s=46, label="as shipped", zorder=4)
        for number, (name, error) in enumerate(row["others"]):
            ax.scatter(error, place, color=CLAIMED, marker="|", s=300)
            ax.annotate(
                name,
                (error, place),
                xytext=(0, 13 if number % 2 == 0 else -30),
                textcoords="offset points",
                ha="center",
                fontsize=7.5,
            )
        mean, std = mean_and_std(row["error"])
        ax.annotate(f"{mean:.2f} ± {std:.2f} %", (mean, place), xytext=(0, -17), textcoords="offset points", fontsize=8)
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    ax.legend(unique.values(), unique.keys(), fontsize=8, loc="lower right")
    ax.set(yticks=range(len(rows)), yticklabels=[f"{row['title']}\n{row['n']:,} images" for row in rows])
    ax.set(xlim=(-0.3, 8), ylim=(len(rows) - 0.4, -0.7), xlabel="misread, %")
    hide_spines(ax)
    return figure


def fig_reliability(sets: dict) -> Figure:
    """Reliability diagrams: accuracy against confidence, a bar of counts below.

    Args:
        sets: title -> (labels (n,), probabilities (n, 10), expected calibration error).
    """
    figure = blank_figure(3.6 * len(sets), 4.2, "Is the reader as sure as it is right?")
    axes = np.atleast_2d(figure.subplots(2, len(sets), height_ratios=(3, 1), sharex=True, squeeze=False))
    for (top, below), (title, (labels, probabilities, error)) in zip(axes.T, sets.items(), strict=True):
        table = reliability(labels, probabilities)
        top.plot((0, 1), (0, 1), color="0.6", linestyle=":")
        sizes = np.clip(np.sqrt(table["count"]) * 3, 12, 90)
        top.plot(table.confidence, table.accuracy, color=OURS, linewidth=1)
        top.scatter(table.confidence, table.accuracy, s=sizes, color=OURS, zorder=3)
        top.set(ylim=(-0.03, 1.05), xlim=(0, 1.03), title=f"{title}\ncalibration error {error:.4f}", ylabel="accuracy")
        top.title.set_fontsize(9)
        below.bar(table.confidence, table["count"], width=0.06, color="0.6")
        below.set(yscale="log", xlabel="confidence", ylabel="images")
        hide_spines(top)
        hide_spines(below)
    return figure


def fig_stress(right: np.ndarray, per_cell: int, kinds, strengths) -> Figure:
    """Accuracy on rendered photos by kind and strength of distortion.

    Args:
        right: int (kinds, strengths), of ``per_cell`` each.
    """
    figure = blank_figure(6, 0.42 * len(kinds) + 1.6, "Test digits rendered as photos: read right, %")
    ax = figure.subplots()
    share = 100 * right / per_cell
    ax.imshow(share, cmap="cividis", vmin=50, vmax=100, aspect="auto")
    for row, column in np.ndindex(share.shape):
        value = share[row, column]
        ax.text(
            column, row, f"{value:.0f}", ha="center", va="center", color="black" if value > 80 else "white", fontsize=9
        )
    ax.set(xticks=range(len(strengths)), xticklabels=strengths, yticks=range(len(kinds)), yticklabels=kinds)
    ax.set_xlabel(f"strength; {per_cell} photos a cell")
    ax.tick_params(length=0)
    return figure


def fig_not_sure(rows: list[tuple]) -> Figure:
    """How often the reader says "not sure".

    Args:
        rows: (title, share in [0, 1], n, whether there is a digit).
    """
    figure = blank_figure(8, 0.42 * len(rows) + 1.3, "How often the reader says “not sure”")
    ax = figure.subplots()
    colours = [OURS if digit else DIGIT_COLOURS[1] for *_, digit in rows]
    bars = ax.barh(range(len(rows)), [100 * share for _, share, *_ in rows], color=colours)
    ax.bar_label(bars, [f"{100 * share:.1f} %" for _, share, *_ in rows], fontsize=8, padding=3)
    ax.set(yticks=range(len(rows)), yticklabels=[f"{title} ({n:,})" for title, _, n, _ in rows], xlim=(0, 112))
    ax.set(
        xlabel="“not sure”, %   (blue: digits, where it should be rare; orange: no digits)", xticks=range(0, 101, 20)
    )
    ax.invert_yaxis()
    hide_spines(ax)
    return figure
