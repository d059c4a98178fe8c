"""The figures of report usps, notebook 06: each takes the records and returns a matplotlib Figure."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...evaluation import classification_table, mean_and_std
from ...plots.style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_axes, hide_spines
from ...records import Record, Records, claimed, published_usps, values
from ..drawing import architecture_of, class_counts_of, confusion_of, noise_curves, samples_of
from .experiments import ROWS

FOLDS = tuple(row.name for row in ROWS if row.name.startswith("usps/folds/"))
TRAINED_ON = {"clean images": "cnn7", "noisy images": "noise"}
NETWORKS = ("usps/cnn7", "usps/best", "usps/best-ensemble", "usps/best-with-mnist")


def training_curves(records: Records) -> Figure:
    """Loss and accuracy by epoch on the training and the test images, one line per seed."""
    runs = records.all("usps/cnn7")
    figure = blank_figure(9.5, 3.9, f"A hundred epochs: training and test images, {len(runs)} seeds")
    left, right = figure.subplots(1, 2)
    for ax, quantity in ((left, "loss"), (right, "accuracy")):
        for run in runs:
            for name, colour in ((quantity, CLAIMED), (f"val_{quantity}", OURS)):
                ax.plot(range(1, len(run.history[name]) + 1), run.history[name], color=colour, linewidth=1, alpha=0.9)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        hide_spines(ax, grid="y")
    left.plot([], [], color=CLAIMED, label="training (with dropout)")
    left.plot([], [], color=OURS, label="test (the report's “validation”)")
    left.set(ylabel="cross-entropy", yscale="log", xlabel="epoch")
    right.set(ylabel="accuracy", ylim=(0.9, 1.003), xlabel="epoch")
    left.legend(frameon=False, fontsize=8)
    return figure


def error_per_class(records: Records) -> Figure:
    """Error of each digit, claimed and ours."""
    runs = records.all("usps/cnn7")
    stated = 100 * np.array([float(claimed("usps/cnn7", "error", str(digit))) for digit in range(10)])
    tables = [classification_table(run.arrays["y_true"], run.arrays["y_pred"]) for run in runs]
    ours = 100 * np.stack([1 - table.recall[:10] for table in tables])  # (runs, 10)
    counts = np.bincount(runs[0].arrays["y_true"], minlength=10)
    figure = blank_figure(9, 3.9, f"Error of each digit, claimed and ours ({len(runs)} seeds)")
    ax = figure.subplots()
    place = np.arange(10)
    ax.bar(place - 0.2, stated, 0.36, color=CLAIMED, label="claimed")
    ax.bar(place + 0.2, ours.mean(axis=0), 0.36, color=OURS, label="ours: mean, one dot per seed")
    for digit in range(10):
        ax.plot(digit + 0.2 + np.linspace(-0.1, 0.1, len(runs)), ours[:, digit], ".", color="k", markersize=4)
    ax.set_xticks(place, [f"{digit}\n{count} images" for digit, count in enumerate(counts)], fontsize=8)
    ax.set(xlabel="digit", ylabel="error, %")
    ax.legend(frameon=False)
    ax.set_axisbelow(True)
    hide_spines(ax, grid="y")
    return figure


def misread(records: Records) -> Figure:
    """Every test image that the report's network misread."""
    record = records.one("usps/cnn7")
    index = np.sort(record.arrays["mistake_index"])[:120]
    title = f"All {record.metrics['misses']} images that the 7-layer network misread (seed {record.seed})"
    return _mistakes(record, index, record.arrays["mistake_image"], title, columns=12, size=1.0)


def missed_by_all(runs: list[Record]) -> np.ndarray:
    """Indices of the test images that every run misread."""
    return np.flatnonzero(np.all([run.arrays["y_true"] != run.arrays["y_pred"] for run in runs], axis=0))


def misread_by_all(records: Records) -> Figure:
    """The test images that all of the best networks misread."""
    runs = records.all("usps/best")
    pixels = runs[0].arrays["mistake_image"] / 127.5 - 1.0
    title = f"Misread by all {len(runs)} of the best networks: would you have read them?"
    index = missed_by_all(runs)
    index = index[np.argsort(runs[0].arrays["y_true"][index], kind="stable")][:36]  # by label
    return _mistakes(runs[0], index, pixels, title, columns=9, size=1.25)


def _mistakes(record: Record, index, images, title: str, columns: int, size: float) -> Figure:
    """The misread test images of that ``index``, out of the record's ``images`` of mistakes in [-1, 1]."""
    rows = -(-len(index) // columns)
    figure = blank_figure(size * columns, 1.42 * size * rows + 0.5, title)
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        hide_axes(ax)
    kept = record.arrays["mistake_index"].tolist()
    y_true, y_pred = record.arrays["y_true"], record.arrays["y_pred"]
    for ax, i in zip(axes.flat, index, strict=False):
        ax.imshow(images[kept.index(i)], cmap="gray_r", vmin=-1, vmax=1)
        ax.set_title(f"label {y_true[i]}, read {y_pred[i]}\n#{i}", fontsize=8)
    return figure


def choice(records: Records) -> Figure:
    """The candidates by cross-validation on the training images; the one that was taken stands out."""
    candidates = [records.one(name) for name in reversed(FOLDS)]
    taken = min(candidates, key=lambda run: run.metrics["loss"])
    n = taken.metrics["n"]
    figure = blank_figure(8, 0.5 * len(candidates) + 1.4, f"The choice: cross-validation on the {n:,} training images")
    axes = figure.subplots(1, 2, sharey=True)
    for ax, metric, label in zip(
        axes, ("loss", "misses"), ("cross-entropy of the held-out folds", "misses"), strict=True
    ):
        for place, run in enumerate(candidates):
            value = run.metrics[metric]
            ax.plot(value, place, "o", color=ACCENT if run is taken else OURS, markersize=8)
            ax.annotate(f"{value:.4g}", (value, place), (8, 0), textcoords="offset points", va="center", fontsize=8)
        ax.set_xlabel(label)
        ax.margins(x=0.25, y=0.25)
        hide_spines(ax, grid="x")
    axes[0].set_yticks(range(len(candidates)), [records.title(name) for name in reversed(FOLDS)])
    return figure


def swept(records: Records) -> pd.DataFrame:
    """The settings of the sweep, one row each: ``misses`` of the held-out folds, ``misses_test``, ``title``."""
    names = records.names("usps/sweep/")
    rows = [{"title": records.title(name)} | records.one(name).metrics for name in names]
    return pd.DataFrame(rows, index=names)[["title", "misses", "misses_test"]]


def sweep(records: Records) -> Figure:
    """Misses of the test images against those of the folds, one dot for each setting of the sweep, and the report's 58."""
    table, stated = swept(records), int(claimed("usps/cnn7", "misses"))
    n, n_test = (records.one(table.index[0]).metrics[size] for size in ("n", "n_test"))
    figure = blank_figure(
        9, 4.2, f"Where {stated} misses lie among {len(table)} settings tried for what the report leaves open"
    )
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    left.plot(table.misses, table.misses_test, "o", color=OURS, label="a setting, one training")
    for column, label, marker in (("misses", "chosen by the folds", "s"), ("misses_test", "by the test images", "D")):
        row = table.loc[table[column].idxmin()]
        left.plot(row.misses, row.misses_test, marker, color=ACCENT, markersize=12, fillstyle="none", label=label)
    left.set(xlabel=f"misses of {n:,} training images, in three folds", ylabel=f"misses of {n_test:,} test images")
    groups = {"as guessed": "usps/cnn7", "plain ReLU": "usps/choices/relu", "no dropout": "usps/choices/no-dropout"}
    groups["512 units"] = "usps/later/units-512"
    for place, name in enumerate(groups.values()):
        misses = values(records, name, "misses")
        right.plot(place + np.linspace(-0.15, 0.15, len(misses)), misses, ".", color=OURS)
    right.set_xticks(range(len(groups)), groups, fontsize=8)
    right.set_xlabel("one dot per seed")
    right.margins(x=0.1)
    for ax in (left, right):
        ax.axhline(stated, color=CLAIMED, linestyle="--", label="claimed" if ax is left else None)
        hide_spines(ax, grid="y")
    left.legend(frameon=False, fontsize=8, labelspacing=1.1, loc="upper left")
    return figure


def published(records: Records) -> Figure:
    """Misses on USPS's test set, published and ours."""
    n = records.one("usps/cnn7").metrics["n"]
    kinds = {  # colour, and its name in the legend
        "published": (CLAIMED, "published"),
        "ours": (OURS, "ours: mean ± std, and every seed"),
        "people": (DIGIT_COLOURS[2], "human readers"),
        "more data": (DIGIT_COLOURS[1], "trained on MNIST as well"),
    }
    methods = [
        (row.method, row.kind, [row.error * n / 100]) for row in published_usps().itertuples() if row.kind in kinds
    ]
    methods.append(("report usps, as claimed", "published", [int(claimed("usps/cnn7", "misses"))]))
    for name in NETWORKS:
        kind = "more data" if name.endswith("mnist") else "ours"
        methods.append((records.title(name), kind, values(records, name, "misses")))
    methods.sort(key=lambda method: -np.mean(method[2]))
    figure = blank_figure(9.5, 0.42 * len(methods) + 1.5, f"Misses among USPS's {n:,} test images")
    ax = figure.subplots()
    for place, (_, kind, misses) in enumerate(reversed(methods)):
        mean, deviation = mean_and_std(misses)
        colour = kinds[kind][0]
        ax.errorbar(mean, place, xerr=deviation, fmt="o", color=colour, capsize=3, markersize=7)
        text = f"{mean:.0f}"
        if len(misses) > 1:
            ax.plot(misses, [place - 0.25] * len(misses), "|", color=colour, markersize=6)
            text = f"{mean:.1f} ± {deviation:.1f}"
        text += f"  ({100 * mean / n:.2f} %)"
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
    for kind in dict.fromkeys(kind for _, kind, _ in methods):
        colour, label = kinds[kind]
        ax.plot([], [], "o", color=colour, label=label)
    ax.set_yticks(range(len(methods)), [title for title, *_ in reversed(methods)])
    ax.set_xlim(left=0)
    ax.set_xlabel(f"misses of {n:,}")
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    ax.margins(y=0.08)
    hide_spines(ax, grid="x")
    return figure


def noise(records: Records) -> Figure:
    """Noisy test images read by the network as it is and trained with noise, which the report left for later."""
    runs = {title: records.all(f"usps/later/noisy-images/{name}") for title, name in TRAINED_ON.items()}
    strengths = runs["clean images"][0].settings["strengths"]
    return noise_curves("Noise on USPS's test images, by what the network was trained on", runs, strengths)


FIGURES = {
    "06_samples": samples_of("usps/explore"),
    "06_class_counts": class_counts_of("usps/explore"),
    "06_architecture": architecture_of("usps/cnn7", "The 7-layer network of report usps"),
    "06_training_curves": training_curves,
    "06_confusion": confusion_of("usps/cnn7"),
    "06_error_per_class": error_per_class,
    "06_misread": misread,
    "06_choice": choice,
    "06_sweep": sweep,
    "06_noise": noise,
    "06_published": published,
    "06_misread_by_all": misread_by_all,
}
