"""The figures of report nust, notebook 05: each takes the records and returns a matplotlib Figure."""

import itertools

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ... import plots
from ...data import augment
from ...evaluation import mean_and_std
from ...plots.style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_spines, show_image, tiled
from ...records import Records, claimed, claimed_share, values
from ..drawing import architecture_of, report_of
from .experiments import ROWS

FRAGILE = tuple(row.name for row in ROWS if row.name.startswith("nust/fragility/"))
INK_EDGES = (0.0, 0.7, 0.85, 0.95, 0.99, 1.0)  # of the bins of ink kept
LINES = {  # of each model: marker, line, colour, width; one colour for each family
    "knn": ("o", "-", DIGIT_COLOURS[1], 1.2),
    "svm": ("s", "--", DIGIT_COLOURS[5], 1.2),
    "random-forest": ("p", ":", DIGIT_COLOURS[1], 1.2),
    "mlp-64-16": ("^", "-", DIGIT_COLOURS[2], 1.2),
    "mlp-64-32": ("v", "--", DIGIT_COLOURS[2], 1.2),
    "cnn-32f": ("D", "-", DIGIT_COLOURS[6], 1.2),
    "cnn-32-16f": ("P", "--", DIGIT_COLOURS[6], 1.2),
    "cnn-32-16fx3": ("X", ":", DIGIT_COLOURS[6], 1.2),
    "lenet": ("*", "-", "black", 1.2),
    "lenet-augmented": ("o", "-", DIGIT_COLOURS[9], 2.6),
    "robust": ("o", "-", DIGIT_COLOURS[0], 2.6),
}
CHANGES = {
    "rotation": "rotation, ± degrees",
    "shift": "shift, ± % of the side",
    "zoom": "zoom, ± %",
    "brightness": "brightness, ± %",
}


def pairs(records: Records) -> Figure:
    """Test images as they are and as modified: two bands, clean above modified."""
    arrays = records.one("nust/lenet-modified").arrays
    clean, modified = arrays["sample_clean"], arrays["sample_modified"]
    half = len(clean) // 2
    figure = blank_figure(9, 3.4, "What the modification does: test images, and below each the same one modified")
    for ax, band in zip(figure.subplots(2, 1), (slice(0, half), slice(half, 2 * half)), strict=True):
        show_image(ax, tiled(np.concatenate([clean[band], modified[band]]), half), cmap="gray_r", vmin=0, vmax=255)
        ax.set_yticks([14, 43], ["clean", "modified"], fontsize=9)
        ax.tick_params(length=0)
    return figure


def training_graph(records: Records) -> Figure:
    """Loss and accuracy by epoch, one line per seed, with the epoch and the accuracy that the report gives."""
    runs = records.all("nust/lenet")
    claimed_epoch = int(claimed("nust/lenet", "best_epoch"))
    figure = blank_figure(9.5, 4.2, "LeNet overfits earlier than the report says: loss and accuracy by epoch")
    left, right = figure.subplots(1, 2)
    for history in (run.history for run in runs):
        epochs = np.arange(1, len(history["loss"]) + 1)
        best = int(np.argmin(history["val_loss"]))
        for ax, quantity in ((left, "loss"), (right, "accuracy")):
            ax.plot(epochs, history[quantity], color=CLAIMED, linewidth=1.2)
            ax.plot(epochs, history[f"val_{quantity}"], color=OURS, linewidth=1.2)
            ax.plot(epochs[best], history[f"val_{quantity}"][best], "o", color=OURS, markersize=7)
    for ax in (left, right):
        ax.axvline(claimed_epoch, color=ACCENT, linewidth=1, linestyle=":")
        ax.set_xlabel("epoch")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        hide_spines(ax, grid="y")
    hollow = {"color": ACCENT, "markerfacecolor": "none", "mew": 2}
    right.plot(claimed_epoch, claimed_share("nust/lenet", "val_accuracy"), "D", markersize=8, **hollow)
    left.plot([], [], color=CLAIMED, label="training")
    left.plot([], [], color=OURS, label=f"validation, {len(runs)} seeds")
    left.plot([], [], "o", color=OURS, label="lowest validation loss")
    left.plot([], [], ":", color=ACCENT, label="lowest, says the report")
    right.plot([], [], "D", **hollow, label="accuracy, says the report")
    left.set(ylabel="cross-entropy", yscale="log")
    right.set(ylabel="accuracy", ylim=(0.97, 1.001))
    left.legend(frameon=False, fontsize=8)
    right.legend(frameon=False, fontsize=8, loc="lower right")
    return figure


def calibration(records: Records) -> Figure:
    """Accuracy of the plain network by strength of the modification, and where the report's figure lies."""
    runs = records.all("nust/calibration")
    settings = runs[0].settings
    strengths, shifts, rotations = (settings[name] for name in ("diagonal", "shift", "rotation"))
    stated = 100 * settings["claimed"]
    diagonal = 100 * np.stack([run.arrays["diagonal"] for run in runs])  # (seeds, strengths)
    grid = 100 * np.mean([run.arrays["grid"] for run in runs], axis=0)  # (rotations, shifts)
    figure = blank_figure(
        11, 8, f"Which modification turns 99 % into {stated:.2f} %? Validation images, {len(runs)} networks"
    )
    (left, right), below = figure.subplots(2, 2, width_ratios=(1, 1.05))
    left.plot(strengths, diagonal.T, color=OURS, linewidth=1, marker="o", markersize=4)
    left.axhline(stated, color=ACCENT, linewidth=1.5, linestyle=":")
    left.annotate("the report", (strengths[0], stated + 2), color=ACCENT, fontsize=9)
    ticks = strengths[1::2]
    left.set_xticks(ticks, [f"±{100 * s:.0f}°\n±{s:.1f}\n±{s:.1f}" for s in ticks], fontsize=8)
    left.set(
        xlabel="rotation, shift, zoom (brightness ± 0.5)", ylabel="accuracy on validation images, %", ylim=(0, 100)
    )
    left.set_title("one strength for all three", fontsize=9)
    hide_spines(left, grid="y")
    right.imshow(grid, cmap="viridis", vmin=0, vmax=100, aspect="auto", origin="lower")
    for (row, column), accuracy in np.ndenumerate(grid):
        colour = "w" if accuracy < 65 else "k"
        right.text(column, row, f"{accuracy:.0f}", ha="center", va="center", color=colour, fontsize=9)
    right.contour(grid, levels=[stated], colors=[ACCENT], linewidths=2)
    right.set_xticks(range(len(shifts)), [f"±{shift:.1f}" for shift in shifts])
    right.set_yticks(range(len(rotations)), [f"±{rotation}°" for rotation in rotations])
    right.set(xlabel="shift, of the side", ylabel="rotation")
    right.set_title(f"accuracy in %, zoom ±{augment.MODIFICATION['zoom']}; line: the report's figure", fontsize=9)
    for ax, name in zip(below, ("zoom", "brightness"), strict=True):
        ax.plot(
            settings[name], 100 * np.stack([run.arrays[name] for run in runs]).T, color=OURS, linewidth=1, marker="o"
        )
        ax.axhline(stated, color=ACCENT, linewidth=1.5, linestyle=":")
        ax.axvline(augment.MODIFICATION[name], color="0.7", linewidth=1)
        ax.set(xlabel=f"{name}, ± (the grey line: as chosen)", ylabel="accuracy on validation images, %", ylim=(0, 100))
        ax.set_title(f"{name} alone, the other three as chosen", fontsize=9)
        hide_spines(ax, grid="y")
    return figure


def confusions(records: Records) -> Figure:
    """Which digits are taken for which: clean, modified, and trained on modified images."""
    titles = {"nust/lenet": "clean", "nust/lenet-modified": "modified", "nust/lenet-augmented": "trained on modified"}
    arrays = {title: records.one(name).arrays for name, title in titles.items()}
    answers = {title: (one["y_true"], one["y_pred"]) for title, one in arrays.items()}
    return plots.confusion_matrix(answers, one_scale=False)


def two_test_sets(records: Records) -> Figure:
    """Accuracy on the clean and on the modified test set, claimed and ours."""
    networks = (  # title, runs on both test sets, and what is claimed of each set
        ("nust/robust", "nust/robust", None, None),
        ("nust/lenet-augmented", "nust/lenet-augmented", None, claimed_share("nust/lenet-augmented")),
        ("nust/lenet", "nust/lenet-modified", claimed_share("nust/lenet"), claimed_share("nust/lenet-modified")),
    )
    figure = blank_figure(8.5, 0.75 * len(networks) + 1.7, "Clean and modified test set, claimed and reproduced")
    ax = figure.subplots()
    for place, (_, name, *stated) in enumerate(networks):
        for metric, share, colour, up in (
            ("accuracy_clean", stated[0], OURS, 0.14),
            ("accuracy", stated[1], DIGIT_COLOURS[1], -0.14),
        ):
            mean, deviation = mean_and_std(100 * np.array(values(records, name, metric)))
            misses = max(100 - mean, 0.01)
            ax.errorbar(misses, place + up, xerr=deviation, fmt="o", color=colour, capsize=3, markersize=6)
            at = ((1.01, place + up), ("axes fraction", "data"))
            ax.annotate(f"{mean:.2f} ± {deviation:.2f}", at[0], xycoords=at[1], va="center", fontsize=8, color=colour)
            if share is not None:
                ax.plot(100 - 100 * share, place + up, "D", color=CLAIMED, markersize=10, markerfacecolor="none", mew=2)
    ax.plot([], [], "o", color=OURS, label="clean")
    ax.plot([], [], "o", color=DIGIT_COLOURS[1], label="modified")
    ax.plot([], [], "D", color=CLAIMED, markerfacecolor="none", mew=2, label="claimed")
    ax.set_yticks(range(len(networks)), [records.title(network) for network, *_ in networks])
    ax.set(xscale="log", xlim=(0.2, 120))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("misses, % (log scale); at the right: accuracy, %, mean ± std")
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.17), ncols=3, fontsize=9)
    ax.margins(y=0.2)
    hide_spines(ax, grid="x")
    return figure


def ink_table(records: Records) -> tuple[np.ndarray, dict]:
    """Accuracy on the modified test set by how much of the ink the frame has left.

    Returns:
        ``(counts, accuracies)``: images in each bin of ``INK_EDGES``, and network -> accuracy, (seeds, bins), in [0, 1].
    """
    kept = records.one("nust/lenet-modified").arrays["ink_kept"]
    bins = np.clip(np.digitize(kept, INK_EDGES) - 1, 0, len(INK_EDGES) - 2)
    counts = np.bincount(bins, minlength=len(INK_EDGES) - 1)
    accuracies = {}
    for name in ("nust/lenet-modified", "nust/lenet-augmented", "nust/robust"):
        right = np.stack([run.arrays["y_true"] == run.arrays["y_pred"] for run in records.all(name)])
        accuracies[name] = np.stack([right[:, bins == k].mean(axis=1) for k in range(len(counts))], axis=1)
    return counts, accuracies


def ink_kept(records: Records) -> Figure:
    """Misses on the modified test set by the share of the ink that is still within the frame."""
    counts, accuracies = ink_table(records)
    figure = blank_figure(9, 4.4, "What the frame cuts off cannot be read: misses by the share of ink still shown")
    ax = figure.subplots()
    place = np.arange(len(counts))
    for number, (name, accuracy) in enumerate(accuracies.items()):
        marker, _, colour, width = LINES[name.removeprefix("nust/").removesuffix("-modified")]
        misses = 100 * (1 - accuracy)
        ax.plot(place, misses.mean(axis=0), color=colour, marker=marker, linewidth=width, label=records.title(name))
        ax.plot(place, misses.T, ".", color=colour, markersize=4)
        clean = 100 * (1 - np.mean(values(records, name, "accuracy_clean")))
        ax.plot(len(counts) + 0.08 * (number - 1), max(clean, 0.01), marker, color=colour, markersize=8)
    shares = [f"{100 * low:.0f}–{100 * high:.0f} %" for low, high in itertools.pairwise(INK_EDGES)]
    labels = [f"{share}\n{count:,} images" for share, count in zip(shares, counts, strict=True)]
    ax.set_xticks([*place, len(counts)], [*labels, "clean\ntest set"], fontsize=9)
    ax.set(xlabel="ink still within the frame", ylabel="misses, % (log scale)", yscale="log", ylim=(0.2, 120))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.legend(frameon=False, fontsize=9, loc="lower left")
    hide_spines(ax, grid="y")
    return figure


def fragility(records: Records) -> Figure:
    """Accuracy under rotation, shift, zoom and brightness, each alone."""
    first = records.one(FRAGILE[0])
    strengths = first.settings["strengths"]
    figure = blank_figure(
        12, 4.9, f"What each change costs alone, on {first.metrics['n']:,} test images that no model was fitted to"
    )
    axes = figure.subplots(1, len(strengths), sharey=True)
    for name in FRAGILE:
        marker, line, colour, width = LINES[name.removeprefix("nust/fragility/")]
        look = {"marker": marker, "linestyle": line, "color": colour, "linewidth": width}
        runs = records.all(name)
        plain = 100 * np.mean([run.metrics["accuracy_plain"] for run in runs])
        accuracies = 100 * np.mean([run.arrays["accuracy"] for run in runs], axis=0)
        for ax, (change, bounds), accuracy in zip(axes, strengths.items(), accuracies, strict=True):
            scale = 1 if change == "rotation" else 100
            ax.plot([0, *(scale * bound for bound in bounds)], [plain, *accuracy], markersize=4, **look)
        axes[0].plot([], [], label=records.title(name), **look)
    for ax, change in zip(axes, strengths, strict=True):
        ax.set(xlabel=CHANGES[change], ylim=(0, 101))
        hide_spines(ax, grid="y")
    axes[0].set_ylabel("accuracy, %")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False, fontsize=8)
    return figure


def failures(records: Records) -> Figure:
    """Six failures: the clean image, the modified one, and what each network says of both."""
    plain = records.one("nust/lenet-modified").arrays
    _, shown = np.unique(plain["y_true"][plain["mistake_index"]], return_index=True)  # the surest mistake of each digit
    shown = np.sort(shown)[:6]
    index = plain["mistake_index"][shown]
    titles = {"nust/lenet-modified": "LeNet", "nust/lenet-augmented": "augmented", "nust/robust": "robust"}
    answers = {title: records.one(name).arrays for name, title in titles.items()}
    figure = blank_figure(
        1.9 * len(shown), 4.6, "The same digit, clean and modified, and what each network says with what confidence"
    )
    axes = figure.subplots(2, len(shown))
    bands = (("clean", "mistake_clean", "score_clean"), ("modified", "mistake_image", "score"))
    for row, (title, images, scores) in zip(axes, bands, strict=True):
        row[0].set_ylabel(title, fontsize=10)
        for ax, image, i in zip(row, plain[images][shown], index, strict=True):
            show_image(ax, image, cmap="gray_r", vmin=0, vmax=255)
            lines = []
            for network, arrays in answers.items():
                score = arrays[scores][i].astype(float)
                mark = "" if score.argmax() == plain["y_true"][i] else "  ✗"
                lines.append(f"{network}: {score.argmax()} ({100 * score.max():.0f} %){mark}")
            ax.set_xlabel("\n".join(lines), fontsize=8, loc="left")
    for ax, i in zip(axes[0], index, strict=True):
        ax.set_title(f"label {plain['y_true'][i]}", fontsize=9)
    return figure


FIGURES = {
    "05_pairs": pairs,
    "05_architecture": architecture_of("nust/lenet", "LeNet, as report nust describes it"),
    "05_training_graph": training_graph,
    "05_calibration": calibration,
    "05_report_clean": report_of("nust/lenet"),
    "05_report_modified": report_of("nust/lenet-modified"),
    "05_report_augmented": report_of("nust/lenet-augmented"),
    "05_confusion": confusions,
    "05_two_test_sets": two_test_sets,
    "05_ink_kept": ink_kept,
    "05_fragility": fragility,
    "05_failures": failures,
}
