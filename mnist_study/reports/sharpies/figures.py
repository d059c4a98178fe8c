"""The figures of notebooks 01 to 03, and of the photos in notebook 04, from records."""

import io
import textwrap
from collections import Counter
from collections.abc import Callable

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from ... import plots
from ...data.datasets import MISLABELLED_TEST_IMAGES, MNIST_DIGEST
from ...evaluation import mean_and_std
from ...plots.images import draw_mean_images, draw_pixel_statistics
from ...plots.style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_spines, show_image
from ...records import Records, claimed_share, claims, mean_in_words
from ..drawing import class_counts_of, confusion_of, curves_of, report_of, samples_of
from . import experiments
from .experiments import LADDER, RUNGS

CLASSICAL, NETWORKS = (tuple(row.name for row in rows) for rows in (experiments.CLASSICAL, experiments.NETWORKS))
PHOTOS = tuple(name.replace("/", "/photos/") for name in (*CLASSICAL, *NETWORKS))
WITH_READER = (*PHOTOS, "sharpies/photos/reader")
PHOTO = {"cmap": "gray", "vmin": 0, "vmax": 255}  # how a prepared photo is shown, white ink on black
SHOWN = [0, 5, 8, 12, 17, 19, 22, 25]  # photos at every step of the preparation


# --- exploring ---------------------------------------------------------------------------------------------------


def _mean_images(records: Records):
    arrays = records.one("sharpies/explore").arrays
    return draw_mean_images(arrays["mean_image"], arrays["std_image"])


def _pixel_statistics(records: Records):
    names = ("grey_level_count", "ink_per_image", "label", "pixel_used")
    return draw_pixel_statistics(*(records.one("sharpies/explore").arrays[name] for name in names))


def _umap_2d(name: str) -> Callable:
    def figure(records: Records):
        record = records.one(name)
        labels = record.arrays["y_true"]
        whole = "whole data set" if record.settings["images"] == "all" else "test set"
        what = " by the last layer of the deepest CNN (n = 1)" if "trained" in record.settings else ""
        return plots.embedding(record.arrays["points"], labels, f"UMAP of the {whole}{what}, {len(labels):,} images")

    return figure


def _umap_3d(records: Records):
    arrays = records.one("sharpies/umap-3d").arrays
    title = f"UMAP in three dimensions, {len(arrays['points']):,} test images, seen from two sides"
    return plots.embedding(arrays["points"], arrays["y_true"], title)


def _odd_points(records: Records):
    arrays = records.one("sharpies/umap-2d").arrays
    shown = arrays["odd_index"][: len(arrays["odd_image"])]
    captions = [
        f"#{index}: labelled {label}\n{votes.max()} of {votes.sum()} neighbours: {votes.argmax()}"
        for index, label, votes in zip(shown, arrays["y_true"][shown], arrays["odd_votes"], strict=True)
    ]
    title = "Odd points: digits that sit among another digit in the embedding"
    return plots.digit_grid(arrays["odd_image"], captions=captions, columns=8, title=title)


# --- models ------------------------------------------------------------------------------------------------------


def _mistakes(name: str) -> Callable:
    def figure(records: Records):
        record = records.one(name)
        arrays, index = record.arrays, record.arrays["mistake_index"]
        on_test_set = record.settings["split"] == "60000/10000"  # elsewhere the numbers are not those of the test set
        return plots.mistakes(
            arrays["mistake_image"],
            arrays["y_true"][index],
            arrays["y_pred"][index],
            title=f"{records.title(name)}: the most confident of its {record.metrics['misses']:,} mistakes",
            index=index,
            disputed=MISLABELLED_TEST_IMAGES if on_test_set and record.data_digest == MNIST_DIGEST else (),
        )

    return figure


def _accuracy_by_parameters(records: Records):
    """Test accuracy against parameters, claimed and ours."""
    figure = blank_figure(8, 4.6, "Test accuracy against parameters: the smallest network here is the deepest")
    ax = figure.subplots()
    for name in NETWORKS:
        runs = records.all(name)
        parameters = runs[0].metrics["parameters"]
        mean, deviation = mean_and_std([100 * run.metrics["accuracy"] for run in runs])
        ax.errorbar(parameters, mean, deviation, fmt="o", color=OURS, capsize=4, markersize=7)
        stated = 100 * claimed_share(name)
        ax.plot(parameters, stated, "D", color=CLAIMED, markersize=7, markerfacecolor="none", mew=2)
        at = (parameters, mean)
        ax.annotate(records.title(name), at, (-11, 0), textcoords="offset points", ha="right", va="center", fontsize=9)
    n = " or ".join(map(str, sorted({len(records.all(name)) for name in NETWORKS})))
    ax.errorbar([], [], [], fmt="o", color=OURS, capsize=4, label=f"ours: mean ± std, n = {n}")
    ax.plot([], [], "D", color=CLAIMED, markerfacecolor="none", mew=2, label="claimed")
    ax.legend(frameon=False, loc="center")
    ax.set(xlabel="trainable parameters", ylabel="test accuracy, %")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.margins(x=0.24, y=0.12)
    ax.grid(axis="y", color="0.9")
    hide_spines(ax)
    return figure


def _claimed_and_ours(records: Records):
    """Accuracies of all models, claimed and ours, on one axis."""
    names = (*CLASSICAL, "sharpies/svm-unscaled", *NETWORKS)[::-1]
    figure = blank_figure(8, 0.5 * len(names) + 1.4, "Claimed and reproduced accuracy")
    ax = figure.subplots()
    for place, name in enumerate(names):
        values = [100 * run.metrics["accuracy"] for run in records.all(name)]
        mean, deviation = mean_and_std(values)
        ax.errorbar(mean, place, xerr=deviation, fmt="o", color=OURS, capsize=4, markersize=7)
        text = mean_in_words(values, 2) + f" (n = {len(values)})" * (len(values) > 1)
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9)
        stated = claimed_share(name)
        if stated is not None:
            ax.plot(100 * stated, place, "D", color=CLAIMED, markersize=9, markerfacecolor="none", mew=2)
    ax.errorbar([], [], [], fmt="o", color=OURS, capsize=4, label="ours: mean ± std over seeds")
    ax.plot([], [], "D", color=CLAIMED, markersize=9, markerfacecolor="none", mew=2, label="claimed")
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)
    ax.set(yticks=range(len(names)), yticklabels=list(map(records.title, names)), xlabel="test accuracy, %")
    ax.margins(y=0.1)
    ax.grid(axis="x", color="0.9")
    hide_spines(ax)
    return figure


# --- the report's photos -----------------------------------------------------------------------------------------


def _recipe_accuracies(records: Records):
    """Photos read right by the report's recipe, one dot per seed, beside what the report claims."""
    figure = blank_figure(8, 0.45 * len(WITH_READER) + 1.6, "The report's own photos, by its own recipe")
    ax, table = figure.subplots(), claims()
    others = set(table.experiment[table.judged_by != ""])  # whose claims belong to another model
    for place, name in enumerate(WITH_READER):
        runs = records.all(name)
        right, seeds = np.unique([run.metrics["n"] - run.metrics["misses"] for run in runs], return_counts=True)
        ax.scatter(right, [place] * len(right), s=50 * seeds, color=OURS, zorder=3, label="ours, one dot per seed")
        for count, times in zip(right, seeds, strict=True):
            if times > 1:
                at = (count, place)
                ax.annotate(f"x{times}", at, (0, 7), textcoords="offset points", ha="center", fontsize=7)
        stated = claimed_share(name)
        if stated is not None:
            count, own = round(stated * runs[0].metrics["n"]), name not in others
            label = "the report" if own else "the report; the 64-32 MLP's"
            ax.scatter(count, place, marker="|", s=420, color="black" if own else "0.7", zorder=4, label=label)
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    ax.legend(unique.values(), unique.keys(), fontsize=8, loc="center right", markerscale=0.6, labelspacing=1)
    ax.set(
        yticks=range(len(WITH_READER)),
        yticklabels=list(map(records.title, WITH_READER)),
        ylim=(len(WITH_READER) - 0.5, -0.6),
    )
    ax.set(xlabel="of 20 photos read right", xlim=(-0.5, 20.5), xticks=range(0, 21, 2))
    hide_spines(ax)
    return figure


def _misread(records: Records):
    """What the 64-16 MLP was fed by the report's recipe, and how each seed read it."""
    name = "sharpies/photos/mlp-64-16"
    runs = records.all(name)
    images = records.one("sharpies/photos/reader").arrays["image_recipe"]  # (20, 28, 28)
    table = claims()
    stated = table[(table.experiment == name) & (table.metric == "misread_as")]
    reported = {int(row.label): int(row.claimed) for row in stated.itertuples()}
    figure = blank_figure(10, 4.4, f"What the 64-16 MLP was fed, and how {len(runs)} trainings of it read that")
    for index, ax in enumerate(figure.subplots(2, 10).flat):
        label = runs[0].arrays["y_true"][index]
        show_image(ax, images[index], f"a {label}", fontsize=8, **PHOTO)
        read = [run.arrays["y_pred_recipe"][index] for run in runs]
        wrong = Counter(int(digit) for digit in read if digit != label)
        lines = [f"right: {len(runs) - wrong.total()} of {len(runs)}"]
        lines += [f"{count} × read as {digit}" for digit, count in wrong.most_common()]
        lines += [f"the report: {reported[index]}"] if index in reported else []
        ax.set_xlabel("\n".join(lines), fontsize=6.5, color="black" if index not in reported else ACCENT)
    return figure


LADDER_COLOURS = [DIGIT_COLOURS[number] for number in (0, 1, 2, 3, 4, 5, 9)] + ["black"]  # black: the reader
LADDER_LINES = (("o", "-"), ("s", "-"), ("^", "-"), ("D", "-"), ("v", "--"), ("P", "--"), ("X", "--"), ("*", "-"))


def _ladder(records: Records):
    """Photos read right at each step of the preparation, one line per model."""
    figure = blank_figure(10, 5, "The same trained models, one step of preparation added at a time")
    ax = figure.subplots()
    steps, ends = range(len(LADDER)), []
    n = records.one(WITH_READER[-1]).metrics[f"n_{LADDER[0]}"]
    for name, (marker, line), colour in zip(WITH_READER, LADDER_LINES, LADDER_COLOURS, strict=True):
        right = np.array([[n - run.metrics[f"misses_{step}"] for step in LADDER] for run in records.all(name)], float)
        mean = right.mean(axis=0)
        ax.plot(steps, mean, marker=marker, linestyle=line, color=colour, markersize=6)
        ax.fill_between(steps, right.min(axis=0), right.max(axis=0), color=colour, alpha=0.12, linewidth=0)
        ends.append((mean[-1], f"{records.title(name)}  {mean[-1]:.1f}", colour))
    height = n + 2.3
    for mean, text, colour in sorted(ends, key=lambda end: -end[0]):
        height = min(mean, height - 1.3)  # labels do not overlap
        ax.text(len(LADDER) - 0.88, height, text, va="center", color=colour, fontsize=8.5)
    ax.axhline(n, color="0.6", linewidth=1, linestyle=":")
    ax.set(xticks=steps, xlim=(-0.2, len(LADDER) + 0.05), ylim=(0, n + 2), ylabel=f"of {n} photos read right")
    ax.set_xticklabels([textwrap.fill(RUNGS[step], 16) for step in LADDER], fontsize=9)
    ax.set_title("mean of the seeds; the band spans the worst and the best", fontsize=9, loc="left")
    hide_spines(ax)
    return figure


def _ladder_images(records: Records):
    """A few photos at every step of the preparation."""
    arrays = records.one("sharpies/photos/reader").arrays
    figure = blank_figure(1.35 * len(SHOWN) + 1.5, 1.25 * len(LADDER) + 0.5, "What the models are shown at each step")
    for axes, step in zip(figure.subplots(len(LADDER), len(SHOWN)), LADDER, strict=True):
        for ax, image in zip(axes, arrays[f"image_{step}"][SHOWN], strict=True):
            show_image(ax, image, **PHOTO)
        axes[0].set_ylabel(textwrap.fill(RUNGS[step], 16), rotation=0, ha="right", va="center", fontsize=9)
    return figure


def ladder_animation(records: Records) -> bytes:
    """The ladder as a moving picture: eight photos, step by step, and what the report's 64-16 MLP reads at each.

    Returns:
        The contents of a GIF file that repeats; each step stands for a second and a half.
    """
    model = "sharpies/photos/mlp-64-16"
    read, images = records.one(model).arrays, records.one("sharpies/photos/reader").arrays
    n, seeds = records.one(model).metrics[f"n_{LADDER[0]}"], len(records.all(model))
    frames, milliseconds = [], []
    for before, step in zip((None, *LADDER), LADDER, strict=False):
        right = np.mean([n - run.metrics[f"misses_{step}"] for run in records.all(model)])
        title = f"{LADDER.index(step) + 1}. {RUNGS[step]}: the same 64-16 MLP reads {right:.1f} of {n} photos (mean of {seeds} seeds)"
        for share in (0.25, 0.5, 0.75, 1.0) if before else (1.0,):
            mixed = images[f"image_{step}"][SHOWN] * share
            mixed = mixed if share == 1 else mixed + images[f"image_{before}"][SHOWN] * (1 - share)
            answers = read[f"y_pred_{step}"][SHOWN] if share == 1 else None
            frames.append(_ladder_frame(mixed, read["y_true"][SHOWN], answers, title))
            milliseconds.append(1500 if share == 1 else 80)
    milliseconds[-1] = 3000
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=milliseconds, loop=0, optimize=True)
    return buffer.getvalue()


def _ladder_frame(images, labels, read, title: str) -> Image.Image:
    """One frame; ``read`` is None while one step changes into the next."""
    figure = blank_figure(9, 1.75, title)
    for column, (ax, image) in enumerate(zip(figure.subplots(1, len(images)), images, strict=True)):
        show_image(ax, image, **PHOTO)
        right = read is not None and read[column] == labels[column]
        text = " " if read is None else f"read as {read[column]}"
        ax.set_xlabel(text, fontsize=11, color="#0a7d3c" if right else "#b00000", fontweight="bold")
    FigureCanvasAgg(figure)
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=100)
    return Image.open(drawn).convert("RGB").quantize(64, dither=Image.Dither.NONE)


FIGURES = {
    "01_samples": samples_of("sharpies/explore"),
    "01_grey_values": lambda records: plots.grey_values(records.one("sharpies/explore").arrays["sample_image"][5, 0]),
    "01_class_counts": class_counts_of("sharpies/explore"),
    "01_digit_images": _mean_images,
    "01_pixel_statistics": _pixel_statistics,
    "01_umap_2d": _umap_2d("sharpies/umap-2d"),
    "01_umap_2d_test": _umap_2d("sharpies/umap-2d-test"),
    "01_umap_3d": _umap_3d,
    "03_umap_last_layer": _umap_2d("sharpies/later/umap-last-layer"),
    "01_odd_points": _odd_points,
    "02_report_knn": report_of("sharpies/knn", tolerance=0),
    "02_report_svm": report_of("sharpies/svm", tolerance=0),
    "02_confusion": confusion_of(*CLASSICAL),
    "02_mistakes_knn": _mistakes("sharpies/knn"),
    "02_mistakes_svm": _mistakes("sharpies/svm"),
    "03_training_curves": curves_of(*NETWORKS),
    "03_accuracy_by_parameters": _accuracy_by_parameters,
    "03_confusion": confusion_of("sharpies/mlp-64-16", "sharpies/cnn-32-16fx3"),
    "03_mistakes": _mistakes("sharpies/cnn-32-16fx3"),
    "03_claimed_and_ours": _claimed_and_ours,
    "04_recipe_accuracies": _recipe_accuracies,
    "04_misread": _misread,
    "04_ladder_images": _ladder_images,
    "04_ladder": _ladder,
}
