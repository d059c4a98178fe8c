"""Figures of digits, embeddings and classifiers: arrays in, matplotlib Figure out."""

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..evaluation import mean_and_std
from .style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_axes, hide_spines, tiled

# --- exploring ---------------------------------------------------------------------------------------------------


def fig_samples(images: np.ndarray) -> Figure:
    """Sample images.

    Args:
        images: (10, n, side, side), the first n of each digit; uint8 in [0, 255] or float in [-1, 1].
    """
    figure = blank_figure(8, 6.9, f"The first {images.shape[1]} images of each digit")
    ax = figure.subplots()
    low, high = (0, 255) if images.dtype == np.uint8 else (-1, 1)
    ax.imshow(tiled(images.reshape(-1, *images.shape[2:]), images.shape[1]), cmap="gray_r", vmin=low, vmax=high)
    hide_axes(ax)
    return figure


def fig_grey_values(image: np.ndarray) -> Figure:
    """A digit as we see it and as a model does: 28 rows of 28 numbers.

    Args:
        image: uint8 (28, 28).
    """
    figure = blank_figure(10, 4.6, "What we see, and what a model is given: 784 numbers from 0 to 255")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.6))
    left.imshow(255 - image, cmap="gray", vmin=0, vmax=255)
    right.imshow(255 - image, cmap="gray", vmin=-600, vmax=255, aspect="auto")  # pale, so that the numbers can be read
    for (row, column), value in np.ndenumerate(image):
        right.text(column, row, value, ha="center", va="center", fontsize=5.5, color="black" if value else "0.6")
    for ax in (left, right):
        hide_axes(ax)
    return figure


def fig_class_counts(count_train: np.ndarray, count_test: np.ndarray) -> Figure:
    """Images of each digit in both sets, int (10,) each, with their share written above."""
    figure = blank_figure(9, 3.6, "How often each digit occurs")
    for ax, counts, name in zip(figure.subplots(1, 2), (count_train, count_test), ("training", "test"), strict=True):
        bars = ax.bar(range(10), counts, color=OURS)
        ax.bar_label(bars, [f"{100 * share:.1f}" for share in counts / counts.sum()], fontsize=8, padding=2)
        ax.axhline(counts.mean(), color="0.3", linewidth=1, linestyle=":")
        ax.set(
            xticks=range(10),
            xlabel="digit",
            ylabel="images",
            title=f"{name} set, {counts.sum():,} images (above the bars: %)",
        )
        ax.title.set_fontsize(9)
        hide_spines(ax)
    return figure


def fig_digit_images(mean_image: np.ndarray, std_image: np.ndarray) -> Figure:
    """Mean and standard deviation of each digit's images, (10, 28, 28) each in [0, 255]."""
    figure = blank_figure(10, 2.7, "What each digit looks like on average, and where writers differ")
    axes = figure.subplots(2, 10)
    for row, images, name in zip(axes, (mean_image, std_image), ("mean", "deviation"), strict=True):
        for digit, (ax, image) in enumerate(zip(row, images, strict=True)):
            picture = ax.imshow(image, cmap="viridis", vmin=0, vmax=images.max())
            hide_axes(ax)
            if row is axes[0]:
                ax.set_title(digit, fontsize=10)
        row[0].set_ylabel(name, fontsize=9)
        bar = figure.colorbar(picture, ax=row, fraction=0.012, pad=0.01)
        bar.ax.tick_params(labelsize=7)
    return figure


def fig_pixel_statistics(grey_level_count, ink_per_image, label, pixel_used) -> Figure:
    """Grey levels, ink per digit, and the pixels that no image ever uses.

    Args:
        grey_level_count: int (256,).
        ink_per_image: mean pixel of each image in [0, 1], (n,).
        label: (n,).
        pixel_used: bool (28, 28).
    """
    figure = blank_figure(11, 3.4, "Most pixels are exactly paper, and few lie between paper and ink")
    left, middle, right = figure.subplots(1, 3, width_ratios=[1.2, 1.2, 0.8])
    left.bar(range(256), 100 * grey_level_count / grey_level_count.sum(), width=1, color=OURS)
    left.set(yscale="log", xlabel="grey level (0 = paper, 255 = ink)", ylabel="% of pixels, log scale")
    left.set_title("Grey levels", fontsize=9)
    ink = [100 * ink_per_image[label == digit].astype(float) for digit in range(10)]
    middle.boxplot(ink, positions=range(10), showfliers=False, widths=0.6, medianprops={"color": ACCENT})
    middle.set(xlabel="digit", ylabel="mean ink, %")
    middle.set_title("Ink per image (box: middle half; whisker: 1.5 boxes)", fontsize=9)
    right.imshow(pixel_used, cmap="gray", vmin=0, vmax=1)
    right.set_title(f"Black: the {int((~pixel_used).sum())} of 784 pixels\nthat no image ever uses", fontsize=9)
    hide_axes(right)
    hide_spines(left)
    hide_spines(middle)
    return figure


def fig_umap(points: np.ndarray, label: np.ndarray, title: str) -> Figure:
    """A 2-D embedding coloured by digit, each cluster named at its median.

    Args:
        points: (n, 2).
        label: (n,).
    """
    figure = blank_figure(8, 7, title)
    ax = figure.subplots()
    order = np.random.default_rng(0).permutation(len(points))  # so that no digit is painted over another
    size = float(np.clip(30_000 / len(points), 0.6, 12))
    points = points.astype(float)
    ax.scatter(*points[order].T, s=size, c=np.asarray(DIGIT_COLOURS)[label[order]], linewidths=0)
    for digit in range(10):
        name_at = np.median(points[label == digit], axis=0)
        ax.text(*name_at, digit, fontsize=15, fontweight="bold", ha="center", va="center", bbox=_halo(digit))
        ax.scatter([], [], color=DIGIT_COLOURS[digit], s=30, label=str(digit))
    ax.legend(title="digit", loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    ax.set_aspect("equal")
    ax.set(xlabel="UMAP 1", ylabel="UMAP 2", xticks=[], yticks=[])
    hide_spines(ax)
    return figure


def _halo(digit: int) -> dict:
    return {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": DIGIT_COLOURS[digit], "alpha": 0.9}


def fig_umap_3d(points: np.ndarray, label: np.ndarray) -> Figure:
    """A 3-D embedding from two sides, (n, 3) coloured by ``label`` (n,)."""
    figure = blank_figure(11, 5.2, f"UMAP in three dimensions, {len(points):,} test images, seen from two sides")
    points = points.astype(float)
    for column, azimuth in enumerate((30, 120)):
        ax = figure.add_subplot(1, 2, column + 1, projection="3d")
        ax.scatter(*points.T, s=2.5, c=np.asarray(DIGIT_COLOURS)[label], linewidths=0, depthshade=True)
        for digit in range(10):
            at = np.median(points[label == digit], axis=0)
            ax.text(*at, str(digit), fontsize=13, fontweight="bold", bbox=_halo(digit), zorder=10)
        ax.view_init(elev=20, azim=azimuth)
        ax.set(xticklabels=[], yticklabels=[], zticklabels=[], xlabel="UMAP 1", ylabel="UMAP 2", zlabel="UMAP 3")
    return figure


def fig_odd_points(images: np.ndarray, index: np.ndarray, label: np.ndarray, votes: np.ndarray) -> Figure:
    """Images that sit among another digit, (n, 28, 28), with index, label and the votes (n, 10) of their neighbours."""
    captions = [
        f"#{i}: labelled {own}\n{row.max()} of {row.sum()} neighbours: {row.argmax()}"
        for i, own, row in zip(index, label, votes, strict=True)
    ]
    return _captioned(images, captions, "Odd points: digits that sit among another digit in the embedding")


def _captioned(images, captions, title: str, columns: int = 8) -> Figure:
    """Images (n, 28, 28) in rows, each under its caption."""
    rows = -(-len(images) // columns)
    figure = blank_figure(1.45 * columns, 1.95 * rows + 0.4, title)
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        hide_axes(ax)
    for ax, image, caption in zip(axes.flat, images, captions, strict=False):
        ax.imshow(image, cmap="gray_r", vmin=0, vmax=255)
        ax.set_title(caption, fontsize=7)
    return figure


# --- models ------------------------------------------------------------------------------------------------------


def fig_classification_report(claimed, ours, title: str, tolerance: float = 0.0) -> Figure:
    """Precision, recall and F1 per digit, claimed and ours side by side; cells that differ are framed.

    Args:
        claimed, ours: (12, 3) tables of one index and columns precision, recall, f1-score, at the report's precision;
            ``claimed`` may be None.
        title: what was classified.
        tolerance: what a cell may differ by without a frame.
    """
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


def fig_confusion(matrices: dict[str, np.ndarray], one_scale: bool = True) -> Figure:
    """Confusion matrices by model, int (10, 10): row = true, column = predicted; the diagonal is left uncoloured.

    Args:
        one_scale: whether the same count has the same colour in all; else each goes up to its own largest.
    """
    figure = blank_figure(5.6 * len(matrices), 5.4, "Which digit is taken for which (count of test images)")
    largest = max(int((matrix - np.diag(np.diag(matrix))).max()) for matrix in matrices.values())
    for ax, (name, matrix) in zip(figure.subplots(1, len(matrices), squeeze=False)[0], matrices.items(), strict=True):
        mistakes = matrix - np.diag(np.diag(matrix))
        sns.heatmap(
            np.ma.masked_equal(mistakes, 0).filled(0),
            annot=np.where(matrix > 0, matrix.astype(str), ""),
            fmt="",
            cmap="Reds",
            vmin=0,
            vmax=max(largest if one_scale else int(mistakes.max()), 1),
            cbar=False,
            square=True,
            linewidths=0.5,
            annot_kws={"fontsize": 8},
            ax=ax,
        )
        ax.set_title(f"{name}: {mistakes.sum():,} of {matrix.sum():,} missed", fontsize=10)
        ax.set(xlabel="predicted", ylabel="true")
        ax.tick_params(axis="y", rotation=0)
    return figure


def fig_mistakes(images, index, y_true, y_pred, title: str, disputed=()) -> Figure:
    """Misread images (n, 28, 28) with their index, label and what was read, (n,) each.

    Args:
        disputed: indices whose label human reviewers call wrong; marked with a star.
    """
    captions = [
        f"#{i}{' *' if i in disputed else ''}\nlabel {t}, read {p}"
        for i, t, p in zip(index, y_true, y_pred, strict=True)
    ]
    star = "   (* human reviewers call this label wrong)" if set(index.tolist()) & set(disputed) else ""
    return _captioned(images, captions, title + star)


def fig_claimed_and_ours(rows: list[dict]) -> Figure:
    """Accuracies of all models, claimed and ours, on one axis.

    Args:
        rows: one dict a model: title, accuracies (of the seeds, in [0, 1]), claimed (in %, or None).
    """
    figure = blank_figure(8, 0.5 * len(rows) + 1.4, "Claimed and reproduced accuracy")
    ax = figure.subplots()
    for place, row in enumerate(reversed(rows)):
        values = 100 * np.asarray(row["accuracies"])
        mean, deviation = mean_and_std(values)
        ax.errorbar(mean, place, xerr=deviation, fmt="o", color=OURS, capsize=4, markersize=7)
        n = f" (n = {len(values)})" if len(values) > 1 else ""
        text = f"{mean:.2f}{f' ± {deviation:.2f}' if len(values) > 1 else ''}{n}"
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9)
        if row["claimed"] is not None:
            ax.plot(row["claimed"], place, "D", color=CLAIMED, markersize=9, markerfacecolor="none", mew=2)
    ax.errorbar([], [], [], fmt="o", color=OURS, capsize=4, label="ours: mean ± std over seeds")
    ax.plot([], [], "D", color=CLAIMED, markersize=9, markerfacecolor="none", mew=2, label="claimed")
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.16), ncols=2)
    ax.set(yticks=range(len(rows)), yticklabels=[row["title"] for row in reversed(rows)], xlabel="test accuracy, %")
    ax.margins(y=0.1)
    ax.grid(axis="x", color="0.9")
    hide_spines(ax)
    return figure
