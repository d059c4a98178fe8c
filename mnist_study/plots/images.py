"""Images of digits and what can be counted in them: as they are, on average, and pixel by pixel."""

import numpy as np
from matplotlib.figure import Figure

from .style import ACCENT, OURS, blank_figure, hide_axes, hide_spines, tiled


def digit_grid(images, labels=None, *, columns: int = 10, captions=None, title: str = "") -> Figure:
    """Digits in rows, dark ink on white, each under its label or caption.

    Args:
        images: (n, height, width) or (n, height, width, 1): uint8 in [0, 255], or float in [0, 1], [0, 255] or, as USPS has
            it, [-1, 1]; the largest value is ink.
        labels: (n,), written above the images.
        columns: how many images stand in a row.
        captions: n texts in place of the labels.
        title: of the figure.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if there are no images, or they have another shape, or labels and images differ in number.

    Example:
        >>> from mnist_study import data, plots
        >>> (x_train, y_train), _ = data.mnist()
        >>> figure = plots.digit_grid(x_train[:30], y_train[:30], title="The first thirty training images")
        >>> len(figure.axes)
        30
    """
    images = grey_images(images)
    columns = min(columns, len(images))
    if captions is None and labels is None:
        rows, (height, width) = -(-len(images) // columns), images.shape[1:]
        across = min(8.0, max(2.0, 0.9 * columns))
        figure = blank_figure(across, round(across * rows * height / (columns * width) + 0.23, 1), title)
        ax = figure.subplots()
        ax.imshow(tiled(images, columns), cmap="gray_r", **grey_range(images))
        hide_axes(ax)
        return figure
    if captions is None:
        return captioned(images, [str(label) for label in labels], title, columns, side=0.9, fontsize=10)
    return captioned(images, captions, title, columns)


def captioned(images, captions, title: str, columns: int = 8, side: float = 1.45, fontsize: float = 9) -> Figure:
    """Images (n, height, width) in rows, each under its caption; ``side`` is the width of each in inches."""
    if len(captions) != len(images):
        raise ValueError(f"There are {len(images)} images and {len(captions)} captions; expected one for each image.")
    columns = min(columns, len(images))
    rows, lines = -(-len(images) // columns), max(caption.count("\n") + 1 for caption in captions)
    figure = blank_figure(side * columns, (side + 0.25 * lines) * rows + 0.4, title)
    axes = figure.subplots(rows, columns, squeeze=False)
    look = grey_range(images)
    for ax in axes.flat:
        hide_axes(ax)
    for ax, image, caption in zip(axes.flat, images, captions, strict=False):
        ax.imshow(image, cmap="gray_r", **look)
        ax.set_title(caption, fontsize=fontsize)
    for ax in list(axes.flat)[len(images) :]:
        ax.remove()
    return figure


def grey_images(images) -> np.ndarray:
    """Images as (n, height, width), without the channel that a convolution wants.

    Raises:
        ValueError: if they are no such images, or none at all.
    """
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or not len(images):
        raise ValueError(
            f"These images have the shape {images.shape}; expected (n, height, width) with at least one image. "
            "For one image pass image[None], for flat pixels x.reshape(-1, 28, 28)."
        )
    return images


def grey_range(images: np.ndarray) -> dict:
    """Paper and ink as ``imshow`` takes them: [0, 255], [0, 1], or [-1, 1] where a pixel is below 0."""
    if images.dtype == np.uint8:
        return {"vmin": 0, "vmax": 255}
    return {"vmin": -1 if images.min() < 0 else 0, "vmax": 255 if images.max() > 1 else 1}


def grey_values(image) -> Figure:
    """A digit as a model is given it: 28 rows of 28 numbers, each on the grey that it stands for.

    Args:
        image: uint8 (28, 28) in [0, 255].

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if it is no such image.

    Example:
        >>> from mnist_study import data, plots
        >>> (x_train, y_train), _ = data.mnist()
        >>> len(plots.grey_values(x_train[0]).axes[0].texts)  # a number for each pixel
        784
    """
    image = np.asarray(image)
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ValueError(f"The image is {image.dtype} {image.shape}; expected one image, uint8 (28, 28) in [0, 255].")
    figure = blank_figure(10, 6.6, f"What we see, and what a model is given: {image.size} numbers from 0 to 255")
    ax = figure.subplots()
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=255, aspect="auto")
    for (row, column), value in np.ndenumerate(image):
        colour = "white" if value > 130 else "black" if value else "0.7"
        ax.text(column, row, value, ha="center", va="center", fontsize=8, color=colour)
    hide_axes(ax)
    return figure


def class_counts(y_train, y_test=None) -> Figure:
    """How many images of each digit there are, with their share written above.

    Args:
        y_train: integer labels 0-9, (n,).
        y_test: the same of the test set, drawn beside it.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if these are no integer labels.

    Example:
        >>> from mnist_study import data, plots
        >>> (_, y_train), (_, y_test) = data.mnist()
        >>> [ax.get_xlabel() for ax in plots.class_counts(y_train, y_test).axes]
        ['digit', 'digit']
    """
    sets = [("", y_train)] if y_test is None else [("training set, ", y_train), ("test set, ", y_test)]
    figure = blank_figure(4.5 * len(sets), 3.6, "How often each digit occurs")
    for ax, (name, labels) in zip(figure.subplots(1, len(sets), squeeze=False)[0], sets, strict=True):
        labels = np.asarray(labels)
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            raise ValueError(
                f"Labels {labels.dtype} {labels.shape} cannot be counted; expected integers (n,). "
                "Convert texts with .astype(int), one-hot labels with .argmax(axis=1)."
            )
        counts = np.bincount(labels, minlength=10)
        bars = ax.bar(range(10), counts, color=OURS)
        ax.bar_label(bars, [f"{100 * share:.1f}" for share in counts / counts.sum()], fontsize=9, padding=2)
        ax.axhline(counts.mean(), color=ACCENT, linewidth=1.2, linestyle="--", label="if all were equally frequent")
        ax.legend(frameon=False, fontsize=8, loc="upper right", bbox_to_anchor=(1, 1.03))
        title = f"{name}{counts.sum():,} images; above the bars their share in %"
        ax.set(xticks=range(10), xlabel="digit", ylabel="images", title=title, ylim=(0, 1.2 * max(counts.max(), 1)))
        ax.title.set_fontsize(9)
        hide_spines(ax)
    return figure


def mean_images(images, labels) -> Figure:
    """The mean image of each digit, and the standard deviation of each of its pixels.

    Args:
        images: (n, height, width), uint8 or float.
        labels: integer labels 0-9, (n,).

    Returns:
        A matplotlib Figure; a digit without images stays blank.

    Raises:
        ValueError: if the images have another shape.

    Example:
        >>> from mnist_study import data, plots
        >>> (x_train, y_train), _ = data.mnist()
        >>> figure = plots.mean_images(x_train[:1000], y_train[:1000])
        >>> [ax.get_ylabel() for ax in figure.axes[:20:10]]
        ['mean', 'deviation']
    """
    images, labels = grey_images(images), np.asarray(labels)
    mean, std = np.zeros((2, 10, *images.shape[1:]), np.float32)
    for digit in np.unique(labels):
        mean[digit], std[digit] = images[labels == digit].mean(axis=0), images[labels == digit].std(axis=0)
    return draw_mean_images(mean, std)


def draw_mean_images(mean: np.ndarray, std: np.ndarray) -> Figure:
    """What ``mean_images`` draws: means and standard deviations, (10, height, width) each."""
    figure = blank_figure(10, 2.7, "What each digit looks like on average, and where writers differ")
    for row, images, name in zip(figure.subplots(2, 10), (mean, std), ("mean", "deviation"), strict=True):
        for ax, image in zip(row, images, strict=True):
            picture = ax.imshow(image, cmap="viridis", vmin=min(0, images.min()), vmax=images.max())
            hide_axes(ax)
        row[0].set_ylabel(name, fontsize=9)
        bar = figure.colorbar(picture, ax=row, fraction=0.012, pad=0.01)
        bar.ax.tick_params(labelsize=7)
    return figure


def pixel_statistics(images, labels) -> Figure:
    """Grey levels, ink of each digit, and the pixels that no image ever uses.

    Args:
        images: uint8 (n, height, width) in [0, 255].
        labels: integer labels 0-9, (n,).

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if the images are not uint8 or have another shape.

    Example:
        >>> from mnist_study import data, plots
        >>> (x_train, y_train), _ = data.mnist()
        >>> len(plots.pixel_statistics(x_train[:1000], y_train[:1000]).axes)
        3
    """
    images = grey_images(images)
    if images.dtype != np.uint8:
        raise ValueError(f"Grey levels of {images.dtype} images cannot be counted; expected uint8 in [0, 255].")
    levels = np.bincount(images.ravel(), minlength=256)
    return draw_pixel_statistics(levels, images.mean(axis=(1, 2)) / 255, np.asarray(labels), images.any(axis=0))


def draw_pixel_statistics(grey_level_count, ink_per_image, labels, pixel_used) -> Figure:
    """What ``pixel_statistics`` draws.

    Args:
        grey_level_count: int (256,).
        ink_per_image: mean pixel of each image in [0, 1], (n,).
        labels: (n,).
        pixel_used: bool (height, width).
    """
    figure = blank_figure(11, 3.4, "Most pixels are exactly paper, and few lie between paper and ink")
    left, middle, right = figure.subplots(1, 3, width_ratios=[1.2, 1.2, 0.8])
    left.bar(range(256), 100 * grey_level_count / grey_level_count.sum(), width=1, color=OURS)
    left.set(yscale="log", xlabel="grey level (0 = paper, 255 = ink)", ylabel="% of pixels, log scale")
    left.set_title("Grey levels", fontsize=9)
    ink = [100 * ink_per_image[labels == digit].astype(float) for digit in range(10)]
    middle.boxplot(ink, positions=range(10), showfliers=False, widths=0.6, medianprops={"color": ACCENT})
    middle.set(xlabel="digit", ylabel="mean ink, %")
    middle.set_title("Ink per image (box: middle half; whisker: 1.5 boxes)", fontsize=9)
    right.imshow(pixel_used, cmap="gray", vmin=0, vmax=1)
    unused = int((~pixel_used).sum())
    right.set_title(f"Black: the {unused} of {pixel_used.size} pixels\nthat no image ever uses", fontsize=9)
    hide_axes(right)
    hide_spines(left)
    hide_spines(middle)
    return figure
