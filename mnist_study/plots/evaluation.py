"""What a classifier gets right and wrong: reports, confusion, its mistakes, and whether it knows how sure it may be."""

from itertools import product

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from .. import evaluation
from .images import captioned, grey_images
from .style import OURS, blank_figure, hide_axes, hide_spines

MARK = "#ffd9b3"  # behind a number that differs from a claim
THIN_BIN = 20  # images


def predicted_labels(y_pred) -> np.ndarray:
    """Labels (n,) as they are; of scores (n, 10), as ``model.predict`` gives them, the digit with the highest."""
    y_pred = np.asarray(y_pred)
    return y_pred.argmax(axis=1) if y_pred.ndim == 2 else y_pred


def classification_report(y_true, y_pred, claimed=None, *, title: str = "", tolerance: float = 0.0) -> Figure:
    """Precision, recall, F1 and support of each digit as a table, beside a claim where there is one.

    A cell of ours is marked where it differs from the claim by more than the tolerance and the rounding of two decimals.

    Args:
        y_true: integer labels 0-9, (n,).
        y_pred: labels (n,), or scores (n, 10); or a list of either, one for each seed, of which the mean is shown.
        claimed: a table with rows "0".."9", "macro avg", "weighted avg" and columns precision, recall, f1-score, in [0, 1];
            a row "accuracy" has its number under f1-score, as scikit-learn prints it.
        title: what was classified.
        tolerance: what a cell may differ by without a mark.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if labels and predictions differ in number.
        KeyError: if the claim lacks a row or column.

    Source: the numbers are those of ``sklearn.metrics.classification_report``, at the two decimals that it prints.

    Example:
        >>> from mnist_study import plots
        >>> figure = plots.classification_report([0, 1, 2, 2], [0, 1, 2, 1], title="Four digits")
        >>> figure.axes[0].get_title(loc="left")
        'Four digits'
    """
    seeds = y_pred if isinstance(y_pred, list) and np.ndim(y_pred[0]) else [y_pred]
    seeds = [predicted_labels(one) for one in seeds]
    tables = [evaluation.classification_table(y_true, one) for one in seeds]
    support = tables[0].support.astype(int)
    names = ["precision", "recall", "f1-score"]
    order = [*map(str, range(10)), "accuracy", "macro avg", "weighted avg"]
    ours, sides = sum(table[names] for table in tables) / len(tables), {}
    ours.loc["accuracy", "f1-score"] = np.mean([np.mean(np.asarray(y_true) == one) for one in seeds])
    ours, support["accuracy"] = ours.loc[order], len(y_true)
    differs, heading, top = ours > 1, -0.45, -1.1  # nothing differs where nothing is claimed
    if claimed is not None:
        claimed, heading, top = claimed.reindex(order), -1.3, -1.9
        differs = (claimed[names] - ours).abs() > tolerance + 0.005 + 1e-9
        cells = differs.drop("accuracy").to_numpy()
        alike = f"{(~cells).sum()} of {cells.size} cells"
        title += f": {alike} within {tolerance:g} of the claim" if tolerance else f": {alike} as claimed"
        sides["claimed"] = claimed
    sides["ours"] = ours
    figure = blank_figure(5.0 if claimed is None else 7.4, 4.3)
    ax = figure.subplots()
    ax.set_title(title, fontsize=11, loc="left", fontweight="bold")
    edge = 1.6 + 0.95 * len(sides) * len(names) + 0.9
    ax.set(xlim=(0, edge), ylim=(len(order) + 0.1, top))
    for line, width in ((top + 0.15, 1.2), (-0.05, 0.8), (10, 0.4), (len(order), 1.2)):
        ax.plot((0, edge), (line, line), color="0.2", linewidth=width)
    look = {"va": "center", "fontsize": 9}
    for row, label in enumerate(order):
        ax.text(0.1, row + 0.5, label, **look)
        ax.text(edge - 0.1, row + 0.5, f"{support[label]:,}", ha="right", **look)
    ax.text(edge - 0.1, -0.45, "support", ha="right", **look)
    look |= {"ha": "center"}
    marked = {"bbox": {"facecolor": MARK, "edgecolor": "none", "pad": 2}, "fontweight": "bold"}
    for number, name in enumerate(names):
        ax.text(1.6 + 0.95 * len(sides) * (number + 0.5), heading, name, fontweight="bold", **look)
    for number, (name, (whose, table)) in enumerate(product(names, sides.items())):
        x = 1.6 + 0.95 * (number + 0.5)
        if claimed is not None:
            ax.text(x, -0.45, whose, color="0.35" if whose == "claimed" else OURS, **look)
        for row, value in enumerate(table[name]):
            marks = marked if whose == "ours" and differs[name].iloc[row] else {}
            if not np.isnan(value):
                ax.text(x, row + 0.5, f"{value:.2f}", **look, **marks)
    hide_axes(ax)
    return figure


def confusion_matrix(y_true, y_pred=None, title: str = "", *, one_scale: bool = True) -> Figure:
    """Which digit is taken for which: rows are true digits, columns predicted ones; only mistakes are coloured.

    Args:
        y_true: integer labels 0-9, (n,); or a dict: name of a model -> ``(y_true, y_pred)``, drawn side by side.
        y_pred: labels (n,), or scores (n, 10); left out with a dict.
        title: of the figure.
        one_scale: whether a count has the same colour in all matrices; else each goes up to its own largest.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if labels and predictions differ in number.

    Example:
        >>> from mnist_study import plots
        >>> plots.confusion_matrix([0, 1, 2, 2], [0, 1, 2, 1]).axes[0].get_title()
        '1 of 4 missed'
        >>> both = {"KNN": ([4, 9], [9, 9]), "SVM": ([4, 9], [4, 9])}
        >>> [ax.get_title() for ax in plots.confusion_matrix(both).axes]
        ['KNN: 1 of 2 missed', 'SVM: 0 of 2 missed']
    """
    pairs = y_true if isinstance(y_true, dict) else {"": (y_true, y_pred)}
    matrices = {name: evaluation.confusion(true, predicted_labels(pred)) for name, (true, pred) in pairs.items()}
    title = title or "Which digit is taken for which (count of test images)"
    columns = min(2, len(matrices))  # three beside each other could not be read in a notebook
    rows = -(-len(matrices) // columns)
    figure = blank_figure(5.6 * columns, 5.3 * rows, title)
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for ax in axes[len(matrices) :]:
        ax.remove()
    mistakes = {name: matrix - np.diag(np.diag(matrix)) for name, matrix in matrices.items()}
    largest = max(int(missed.max()) for missed in mistakes.values())
    for ax, (name, matrix) in zip(axes, matrices.items(), strict=False):
        missed = mistakes[name]
        sns.heatmap(
            missed,
            annot=np.where(matrix > 0, matrix.astype(str), ""),
            fmt="",
            cmap="Reds",
            vmin=0,
            vmax=max(largest if one_scale else int(missed.max()), 1),
            cbar=False,
            square=True,
            linewidths=0.5,
            annot_kws={"fontsize": 9},
            ax=ax,
        )
        ax.set_title(f"{name}{': ' if name else ''}{missed.sum():,} of {matrix.sum():,} missed", fontsize=10)
        ax.set(xlabel="predicted", ylabel="true")
        ax.tick_params(axis="y", rotation=0)
    return figure


def mistakes(images, y_true, y_pred, *, count: int = 24, title: str = "", index=None, disputed=()) -> Figure:
    """Misread digits, each with its number, its label, and what was read.

    Args:
        images: (n, height, width), uint8 or float, as ``digit_grid`` takes them.
        y_true: integer labels 0-9, (n,).
        y_pred: labels (n,), of which the first mistakes are shown; or scores (n, 10), as ``model.predict`` gives them: then
            the most confident come first, those whose predicted digit stands furthest above the true one, equal ones in the
            order of the images, and the scores of both digits are written beside them.
        count: at most this many are shown.
        title: of the figure; it counts the mistakes when left out.
        index: the number to show with each image, (n,), where these images are a part of a set; their place when left out.
        disputed: numbers of images whose label human reviewers call wrong; they are marked with a star.

    Returns:
        A matplotlib Figure; without pictures where nothing was misread.

    Raises:
        ValueError: if images, labels and predictions differ in number.

    Example:
        >>> import numpy as np
        >>> from mnist_study import plots
        >>> images, scores = np.zeros((3, 28, 28), np.uint8), np.full((3, 10), 0.02)
        >>> scores[[0, 1, 2], [3, 5, 8]] = 0.82
        >>> figure = plots.mistakes(images, [3, 6, 8], scores)
        >>> figure.axes[0].get_title()
        '#1\\nlabel 6 (0.02)\\nread 5 (0.82)'
    """
    images, y_true, scores = grey_images(images), np.asarray(y_true), np.asarray(y_pred)
    y_pred = predicted_labels(scores)
    if not len(images) == len(y_true) == len(y_pred):
        raise ValueError(
            f"There are {len(images)} images, {len(y_true)} labels and {len(y_pred)} predictions; expected as many of each."
        )
    index = np.arange(len(images)) if index is None else np.asarray(index)
    sure = scores.ndim == 2
    shown = evaluation.confident_mistakes(y_true, y_pred, scores, count) if sure else np.flatnonzero(y_true != y_pred)
    shown = shown[:count]
    misses = int((y_true != y_pred).sum())
    title = title or f"{misses:,} of {len(y_true):,} misread" + (
        f": the {'most confident' if sure else 'first'} {len(shown)}" if len(shown) < misses else ""
    )
    if not len(shown):
        return blank_figure(8, 1, title)
    captions = []
    for i in shown:
        true, read = y_true[i], y_pred[i]
        answer = f"label {true}, read {read}"
        if sure:
            answer = f"label {true} ({scores[i, true]:.2f})\nread {read} ({scores[i, read]:.2f})"
        captions.append(f"#{index[i]}{' *' if index[i] in disputed else ''}\n{answer}")
    star = "   (* human reviewers call this label wrong)" if any(index[i] in disputed for i in shown) else ""
    return captioned(images[shown], captions, title + star)


def reliability(y_true, y_prob=None, title: str = "") -> Figure:
    """Reliability diagram: accuracy against confidence in ten bins, and below how many images each bin holds.

    A bin of fewer than ``THIN_BIN`` images says little: its dot is hollow, and no line leads to it.

    Args:
        y_true: integer labels 0-9, (n,); or a dict: title -> ``(y_true, y_prob)``, drawn side by side.
        y_prob: probabilities (n, 10), rows sum to 1; left out with a dict.
        title: of the figure.

    Returns:
        A matplotlib Figure.

    Source: Guo, Pleiss, Sun, Weinberger 2017, "On Calibration of Modern Neural Networks".

    Example:
        >>> import numpy as np
        >>> from mnist_study import plots
        >>> plots.reliability([0, 0, 1, 1], np.eye(10)[[0, 0, 0, 0]]).axes[0].get_title()
        'calibration error 0.5000'
    """
    pairs = y_true if isinstance(y_true, dict) else {"": (y_true, y_prob)}
    figure = blank_figure(4.2 * len(pairs), 4.8, title or "Is the model as sure as it is right? (hollow: few images)")
    axes = figure.subplots(2, len(pairs), height_ratios=(3, 1), sharex=True, squeeze=False)
    for (top, below), (name, (labels, probabilities)) in zip(axes.T, pairs.items(), strict=True):
        table = evaluation.reliability(labels, probabilities)
        error = evaluation.calibration_error(labels, probabilities)
        top.plot((0, 1), (0, 1), color="0.6", linestyle=":")
        thin = table["count"] < THIN_BIN
        top.plot(table.confidence.mask(thin), table.accuracy.mask(thin), "o-", color=OURS, linewidth=1.2, markersize=6)
        top.plot(table.confidence[thin], table.accuracy[thin], "o", color=OURS, markerfacecolor="white", markersize=6)
        heading = f"{name}\ncalibration error {error:.4f}" if name else f"calibration error {error:.4f}"
        top.set(ylim=(-0.03, 1.05), xlim=(0, 1.03), title=heading, ylabel="accuracy")
        top.title.set_fontsize(9)
        bars = below.bar(table.confidence, table["count"], width=0.06, color="0.6")
        below.bar_label(bars, [f"{count:,}" for count in table["count"]], fontsize=7, padding=1)
        below.set(yscale="log", xlabel="confidence", ylabel="images", ylim=(0.5, 8 * table["count"].max()))
        hide_spines(top)
        hide_spines(below)
    return figure
