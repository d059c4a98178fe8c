"""Embeddings: points in two or three dimensions, coloured by digit."""

import numpy as np
from matplotlib.figure import Figure

from .style import DIGIT_COLOURS, blank_figure, hide_spines


def embedding(points, labels, title: str = "", *, method: str = "UMAP") -> Figure:
    """An embedding coloured by digit, each digit named at its median; three dimensions are seen from two sides.

    Args:
        points: float (n, 2) or (n, 3).
        labels: integer labels 0-9, (n,).
        title: of the figure.
        method: what made the points, for the axes.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if points and labels do not belong together, or the points have another number of dimensions.

    Example:
        >>> from sklearn.datasets import load_digits
        >>> from sklearn.decomposition import PCA
        >>> from mnist_study import plots
        >>> pixels, labels = load_digits(return_X_y=True)
        >>> figure = plots.embedding(PCA(2).fit_transform(pixels), labels, "Two components of 1,797 digits", method="PCA")
        >>> figure.axes[0].get_xlabel()
        'PCA 1'
    """
    points, labels = np.asarray(points, float), np.asarray(labels)
    if points.ndim != 2 or points.shape[1] not in (2, 3) or labels.shape != points.shape[:1]:
        raise ValueError(
            f"Points {points.shape} with labels {labels.shape} cannot be drawn; expected (n, 2) or (n, 3), and (n,) labels."
        )
    if points.shape[1] == 3:
        return _from_two_sides(points, labels, title, method)
    figure = blank_figure(8, 7, title)
    ax = figure.subplots()
    order = np.random.default_rng(0).permutation(len(points))  # so that no digit is painted over another
    size = float(np.clip(30_000 / len(points), 0.6, 12))
    ax.scatter(*points[order].T, s=size, c=np.asarray(DIGIT_COLOURS)[labels[order]], linewidths=0)
    for digit in np.unique(labels):
        name_at = np.median(points[labels == digit], axis=0)
        ax.text(*name_at, digit, fontsize=15, fontweight="bold", ha="center", va="center", bbox=_halo(digit))
        ax.scatter([], [], color=DIGIT_COLOURS[digit], s=30, label=str(digit))
    ax.legend(title="digit", loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    ax.set_aspect("equal")
    ax.set(xlabel=f"{method} 1", ylabel=f"{method} 2", xticks=[], yticks=[])
    hide_spines(ax)
    return figure


def _from_two_sides(points: np.ndarray, labels: np.ndarray, title: str, method: str) -> Figure:
    figure = blank_figure(11, 5.2, title)
    names = {f"{axis}label": f"{method} {number}" for number, axis in enumerate("xyz", 1)}
    for column, azimuth in enumerate((30, 120)):
        ax = figure.add_subplot(1, 2, column + 1, projection="3d")
        ax.scatter(*points.T, s=2.5, c=np.asarray(DIGIT_COLOURS)[labels], linewidths=0, depthshade=True)
        for digit in np.unique(labels):
            at = np.median(points[labels == digit], axis=0)
            ax.text(*at, str(digit), fontsize=13, fontweight="bold", bbox=_halo(digit), zorder=10)
        ax.view_init(elev=20, azim=azimuth)
        ax.set(xticklabels=[], yticklabels=[], zticklabels=[], **names)
    return figure


def _halo(digit: int) -> dict:
    return {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": DIGIT_COLOURS[digit], "alpha": 0.9}
