"""The figures of report asher, notebook 08: each takes the records and returns a matplotlib Figure."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ... import plots
from ...evaluation import mean_and_std
from ...plots.style import ACCENT, CLAIMED, OURS, blank_figure, hide_spines, show_image
from ...records import Records, claimed_share, mean_in_words
from ..drawing import architecture_of, confusion_of, curves_of, noise_curves, report_of
from . import experiments

MODELS = ("asher/svm", "asher/knn", "asher/random-forest", "asher/cnn", "asher/cnn-augmented", "asher/cnn-tuned")
TRIALS = tuple(experiments.trial_name(*setting) for setting in experiments.SEARCH)
INK = {"cmap": "gray_r", "vmin": 0, "vmax": 255}  # how a digit is shown, white paper and black ink


# --- what happens to a digit -------------------------------------------------------------------------------------


def preparation(records: Records) -> Figure:
    """A photo on its way to the network, and what is made of a training image in its place."""
    arrays = records.one("asher/anatomy").arrays
    figure = blank_figure(
        9.5, 4.6, "Preparation, step by step (above), and new images made of one training image (below)"
    )
    above, below = figure.subfigures(2, 1)
    steps = (
        ("a photo (rendered)", "photo", {}),
        ("grey, 0 to 255", "grey", {"cmap": "gray", "vmin": 0, "vmax": 255}),
        ("ink from 0 to 1, white on black", "scaled", {"cmap": "gray", "vmin": 0, "vmax": 1}),
        ("28 x 28, as the network has it", "small", {"cmap": "gray", "vmin": 0, "vmax": 255}),
    )
    for ax, (title, name, look) in zip(above.subplots(1, 4), steps, strict=True):
        show_image(ax, arrays[name], title, **look)
    changes = (("rotation", "turned"), ("shift", "shifted"), ("zoom", "zoomed"))
    for axes, (title, name) in zip(below.subplots(1, 9).reshape(3, 3), changes, strict=True):
        for ax, image in zip(axes, arrays[name], strict=True):
            ax.imshow(image, **INK)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_color("0.75")
        axes[1].set_title(title, fontsize=10)
    return figure


def convolution(records: Records) -> Figure:
    """Filters of the first convolution on one digit: what each takes from a window, and the map that results."""
    arrays = records.one("asher/anatomy").arrays
    kernels, maps = arrays["kernels"], arrays["maps"]
    figure = blank_figure(
        10, 4.3, "Convolution: each filter of 3x3 weights slides over the digit and leaves a map of where it fits"
    )
    chosen = np.argsort(-maps.std(axis=(0, 1)), kind="stable")[:6]  # the maps with most variation
    axes = figure.subplots(2, 7)
    show_image(axes[0, 0], arrays["digit"], "the digit", fontsize=9, cmap="gray_r")
    axes[1, 0].set_visible(False)
    largest = np.abs(kernels[:, :, chosen]).max()
    for (top, bottom), filter_ in zip(axes.T[1:], chosen, strict=True):
        look = {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest}
        show_image(top, kernels[:, :, filter_], f"filter {filter_ + 1}", fontsize=9, **look)
        for (row, column), weight in np.ndenumerate(kernels[:, :, filter_]):
            shade = "white" if abs(weight) > 0.6 * largest else "black"
            top.text(column, row, f"{weight:.2f}", ha="center", va="center", fontsize=6, color=shade)
        show_image(bottom, maps[:, :, filter_], cmap="magma")
    axes[1, 1].set_ylabel("feature map")
    return figure


def pooling(records: Records) -> Figure:
    """Max-pooling 2x2: a map, the same after pooling, and one corner of both in numbers."""
    arrays = records.one("asher/anatomy").arrays
    chosen = _liveliest(arrays)
    feature_map, pooled = arrays["maps"][:, :, chosen], arrays["pooled"][:, :, chosen]
    figure = blank_figure(10, 3.4, "Max-pooling: of every 2x2 values the largest stays, a quarter of them")
    axes = figure.subplots(1, 4)
    peak = np.unravel_index(feature_map.argmax(), feature_map.shape)
    row, column = (min(max(int(place) // 2 * 2 - 2, 0), 20) for place in peak)
    parts = (
        (f"map {feature_map.shape[0]}x{feature_map.shape[1]}", feature_map, None),
        ("a corner of it", feature_map[row : row + 6, column : column + 6], 2),
        ("the largest of each", pooled[row // 2 : row // 2 + 3, column // 2 : column // 2 + 3], 1),
        (f"pooled {pooled.shape[0]}x{pooled.shape[1]}", pooled, None),
    )
    for ax, (title, shown, step) in zip(axes, parts, strict=True):
        show_image(ax, shown, title, cmap="magma", vmin=0, vmax=feature_map.max())
        if step:
            for (y, x), value in np.ndenumerate(shown):
                shade = "black" if value > 0.6 * feature_map.max() else "white"
                ax.text(x, y, f"{value:.1f}", ha="center", va="center", fontsize=8, color=shade)
            for line in np.arange(step, len(shown), step) - 0.5:
                ax.axhline(line, color="white", linewidth=1)
                ax.axvline(line, color="white", linewidth=1)
    _outline(axes[0], column, row, 6, "white", 1.5)
    _outline(axes[3], column // 2, row // 2, 3, "white", 1.5)
    return figure


def _liveliest(arrays: dict) -> int:
    """Which feature map of the first convolution has most variation."""
    return int(arrays["maps"].std(axis=(0, 1)).argmax())


def _outline(ax, x: float, y: float, side: int, colour: str, width: float) -> None:
    """Draw a square of ``side`` pixels whose first pixel is centred at x, y."""
    ax.add_patch(Rectangle((x - 0.5, y - 0.5), side, side, fill=False, edgecolor=colour, linewidth=width))


def padding(records: Records) -> Figure:
    """One filter without padding and with it: the size of the map, and what happens at the rim."""
    arrays = records.one("asher/anatomy").arrays
    chosen = _liveliest(arrays)
    figure = blank_figure(
        10, 3.5, "Padding: a frame of zeros lets the filter stand on the rim, and the map keeps the digit's size"
    )
    axes = figure.subplots(1, 4).reshape(2, 2)
    ink = arrays["digit"] / 255.0
    for pair, image, name, result in zip(
        axes, (ink, np.pad(ink, 1)), ("digit", "framed"), ("without padding", "with padding"), strict=True
    ):
        windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
        weighted = (windows * arrays["kernels"][:, :, chosen]).sum(axis=(2, 3))
        feature_map = np.maximum(weighted + float(arrays["bias"][chosen]), 0)
        for ax, shown, title, colours in (
            (pair[0], image, name, "gray_r"),
            (pair[1], feature_map, result, "magma"),
        ):
            side = len(shown)
            extent = (-side / 2, side / 2, side / 2, -side / 2)  # one scale for all four
            show_image(ax, shown, f"{title} {side}x{side}", cmap=colours, extent=extent)
            ax.set(xlim=(-15.5, 15.5), ylim=(15.5, -15.5))
    _outline(axes[1, 0], -13.5, -13.5, 28, ACCENT, 1)
    _outline(axes[1, 0], -14.5, -14.5, 30, "0.5", 1)
    return figure


def flatten(records: Records) -> Figure:
    """Maps become one row of numbers, from which the dense layers draw ten probabilities."""
    arrays = records.one("asher/anatomy").arrays
    pooled, flat, probability = (arrays[name] for name in ("last_pooled", "flat", "probability"))
    figure = blank_figure(
        10, 3.9, f"Flatten: all maps end as one row of {len(flat):,} numbers, and the dense layers read it"
    )
    left, middle, right = figure.subfigures(1, 3, width_ratios=(1, 1.6, 1.2))
    for number, ax in enumerate(left.subplots(3, 3).flat):
        show_image(ax, pooled[:, :, number], cmap="magma")
    left.suptitle(f"9 of {pooled.shape[2]} maps", fontsize=10)
    row, bars = middle.subplots(), right.subplots()
    row.vlines(np.arange(len(flat)), 0, flat, color=OURS, linewidth=0.3)
    row.set(xlabel="place in the row", xlim=(0, len(flat)))
    row.set_title(f"the row of {len(flat):,}", fontsize=10)
    bars.bar(range(10), probability, color=[ACCENT if p == probability.max() else CLAIMED for p in probability])
    bars.set(xticks=range(10), xlabel="digit", ylim=(0, 1.02))
    bars.set_title("probability", fontsize=10)
    hide_spines(row)
    hide_spines(bars)
    return figure


def read(records: Records) -> Figure:
    """The first test images with what was read; a misread one in red with its label."""
    arrays = records.one("asher/anatomy").arrays
    images, labels, digits = (arrays[f"test_{name}"] for name in ("image", "label", "read"))
    rows = len(images) // 10
    figure = blank_figure(9, 1.05 * rows + 0.5, f"The first {len(images)} test images and what the network reads")
    for ax, image, label, digit in zip(figure.subplots(rows, 10).flat, images, labels, digits, strict=True):
        show_image(ax, image, f"{digit}" if digit == label else f"{digit} (is {label})", fontsize=9, **INK)
        ax.title.set_color("black" if digit == label else ACCENT)
    return figure


# --- the search --------------------------------------------------------------------------------------------------


def search(records: Records) -> pd.DataFrame:
    """The trials of the search in their order: number, a column for each hyperparameter, score (validation accuracy, [0, 1])."""
    runs = [records.one(name) for name in TRIALS]
    rows = [run.settings["values"] | {"score": run.metrics["accuracy"]} for run in runs]
    return pd.DataFrame(rows).rename_axis("trial").reset_index()


def trials(records: Records) -> Figure:
    """Validation accuracy of each trial, with the best so far and what the report prints."""
    printed = [experiments.SEARCH.index(setting) for setting in experiments.PRINTED]
    return plots.trials(search(records), claimed={place: claimed_share(TRIALS[place]) for place in printed})


def winner_accuracies(records: Records) -> dict[str, list[float]]:
    """The winner of the search by its own score, and by fresh seeds: after their best and last epochs, and on the test set."""
    runs = records.all("asher/cnn-tuned")
    return {
        f"best of the search's {len(TRIALS)}": [search(records).score.max()],
        "fresh seeds, best epoch": [max(run.history["val_accuracy"]) for run in runs],
        "fresh seeds, last epoch": [run.metrics["val_accuracy"] for run in runs],
        "the same, test set": [run.metrics["accuracy"] for run in runs],
    }


def optimism(records: Records) -> Figure:
    """The winner of the search by its own score and by fresh seeds."""
    accuracies = winner_accuracies(records)
    figure = blank_figure(
        9.5, 0.55 * len(accuracies) + 1.3, "A search's own score is optimistic: the winner again, with fresh seeds"
    )
    ax = figure.subplots()
    for place, shares in enumerate(reversed(accuracies.values())):
        percentages = 100 * np.array(shares)
        mean, deviation = mean_and_std(percentages)
        several = len(shares) > 1  # the search has one score
        text, colour = mean_in_words(percentages, 2) + f" (n = {len(shares)})" * several, OURS if several else ACCENT
        ax.plot(percentages, [place] * len(shares), "o", color=colour, alpha=0.55, markeredgewidth=0)
        ax.errorbar(mean, place, xerr=deviation, fmt="|", color=colour, capsize=4, markersize=15)
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9)
    ax.set_yticks(range(len(accuracies)), list(reversed(accuracies)))
    ax.set_xlabel("accuracy, %")
    ax.margins(y=0.15)
    hide_spines(ax, grid="x")
    return figure


def noise(records: Records) -> Figure:
    """Test images read under ever more noise, which the report left for later."""
    names = records.names("asher/later/noise/")
    runs = {records.title(name): records.all(name) for name in names}
    strengths = records.one(names[0]).settings["strengths"]["noise"]
    return noise_curves("Noise on the test images: mean, and from the worst run to the best", runs, strengths)


FIGURES = {
    "08_preparation": preparation,
    "08_convolution": convolution,
    "08_pooling": pooling,
    "08_padding": padding,
    "08_flatten": flatten,
    "08_structure": architecture_of("asher/cnn-tuned", "The tuned CNN"),
    "08_trials": trials,
    "08_parallel": lambda records: plots.parallel_coordinates(search(records)),
    "08_effects": lambda records: plots.effects(search(records)),
    "08_optimism": optimism,
    "08_curves": curves_of("asher/cnn-tuned"),
    "08_confusion": confusion_of("asher/cnn-tuned"),
    "08_report": report_of("asher/cnn-tuned"),
    "08_read": read,
    "08_noise": noise,
}
