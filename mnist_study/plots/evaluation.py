"""What a classifier gets right and wrong: reports, confusion, its mistakes, and whether it knows how sure it may be."""

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .. import evaluation
from .images import captioned, grey_images
from .style import ACCENT, OURS, blank_figure, hide_spines


def predicted_labels(y_pred) -> np.ndarray:
    """Labels (n,) as they are; of scores (n, 10), as ``model.predict`` gives them, the digit with the highest."""
    y_pred = np.asarray(y_pred)
    return y_pred.argmax(axis=1) if y_pred.ndim == 2 else y_pred


def classification_report(y_true, y_pred, claimed=None, *, title: str = "", tolerance: float = 0.0) -> Figure:
    """Precision, recall and F1 of each digit, beside a claim where there is one; cells that differ from it are framed.

    Args:
        y_true: integer labels 0-9, (n,).
        y_pred: labels (n,), or scores (n, 10); or a list of either, one for each seed, of which the mean is shown.
        claimed: a table with rows "0".."9", "macro avg", "weighted avg" and columns precision, recall, f1-score, in [0, 1].
        title: what was classified.
        tolerance: what a cell may differ by without a frame.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if labels and predictions differ in number.
        KeyError: if the claim lacks a row or column.

    Source: the numbers are those of ``sklearn.metrics.classification_report``, at the two decimals that it prints.

    Example:
        >>> from mnist_study import plots
        >>> figure = plots.classification_report([0, 1, 2, 2], [0, 1, 2, 1], title="Four digits")
        >>> [ax.get_title() for ax in figure.axes]
        ['ours']
    """
    seeds = y_pred if isinstance(y_pred, list) and np.ndim(y_pred[0]) else [y_pred]
    columns = ["precision", "recall", "f1-score"]
    tables = [evaluation.classification_table(y_true, predicted_labels(one))[columns] for one in seeds]
    claimed = claimed if claimed is None else claimed.loc[tables[0].index, columns]
    ours = (sum(tables) / len(tables)).map(lambda value: float(f"{value:.2f}"))  # .round(2) makes 0.98 of 0.97499…
    return draw_classification_report(claimed, ours, title, tolerance)


def draw_classification_report(claimed, ours, title: str, tolerance: float = 0.0) -> Figure:
    """What ``classification_report`` draws: two tables of the same rows and columns; ``claimed`` may be None."""
    tables = [("claimed", claimed), ("ours", ours)] if claimed is not None else [("ours", ours)]
    figure = blank_figure(4.6 * len(tables), 4.4, title)
    smallest = 0.9 if min(float(table.to_numpy(float).min()) for _, table in tables) >= 0.85 else 0.0
    for ax, (name, table) in zip(figure.subplots(1, len(tables), squeeze=False)[0], tables, strict=True):
        sns.heatmap(
            table.astype(float), annot=True, fmt=".2f", cmap="viridis", vmin=smallest, vmax=1, cbar=False, ax=ax
        )
        ax.set_title(name, fontsize=10)
        ax.set(xlabel="", ylabel="")
        ax.tick_params(axis="y", rotation=0)
        if claimed is not None:
            differs = np.argwhere(np.abs(claimed.to_numpy(float) - ours.to_numpy(float)) > tolerance + 1e-9)
            for row, column in differs:
                ax.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor=ACCENT, linewidth=3))
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
    figure = blank_figure(5.6 * len(matrices), 5.4, title)
    mistakes = {name: matrix - np.diag(np.diag(matrix)) for name, matrix in matrices.items()}
    largest = max(int(missed.max()) for missed in mistakes.values())
    for ax, (name, matrix) in zip(figure.subplots(1, len(matrices), squeeze=False)[0], matrices.items(), strict=True):
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
            annot_kws={"fontsize": 8},
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
        answer = f"label {true} ({scores[i, true]:.2f})\nread {read} ({scores[i, read]:.2f})" if sure else None
        captions.append(
            f"#{index[i]}{' *' if index[i] in disputed else ''}\n" + (answer or f"label {true}, read {read}")
        )
    star = "   (* human reviewers call this label wrong)" if any(index[i] in disputed for i in shown) else ""
    return captioned(images[shown], captions, title + star, fontsize=9 if sure else 7)


def reliability(y_true, y_prob=None, title: str = "") -> Figure:
    """Reliability diagram: accuracy against confidence in ten bins, and below how many images each bin holds.

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
    figure = blank_figure(3.6 * len(pairs), 4.2, title or "Is the model as sure as it is right?")
    axes = figure.subplots(2, len(pairs), height_ratios=(3, 1), sharex=True, squeeze=False)
    for (top, below), (name, (labels, probabilities)) in zip(axes.T, pairs.items(), strict=True):
        table = evaluation.reliability(labels, probabilities)
        error = evaluation.calibration_error(labels, probabilities)
        top.plot((0, 1), (0, 1), color="0.6", linestyle=":")
        sizes = np.clip(np.sqrt(table["count"]) * 3, 12, 90)
        top.plot(table.confidence, table.accuracy, color=OURS, linewidth=1)
        top.scatter(table.confidence, table.accuracy, s=sizes, color=OURS, zorder=3)
        heading = f"{name}\ncalibration error {error:.4f}" if name else f"calibration error {error:.4f}"
        top.set(ylim=(-0.03, 1.05), xlim=(0, 1.03), title=heading, ylabel="accuracy")
        top.title.set_fontsize(9)
        below.bar(table.confidence, table["count"], width=0.06, color="0.6")
        below.set(yscale="log", xlabel="confidence", ylabel="images")
        hide_spines(top)
        hide_spines(below)
    return figure
