"""What a model sees and answers: a digit beside its ten probabilities, and a photo as the reader reads it."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .images import grey_images, grey_range
from .style import ACCENT, DIGIT_COLOURS, OURS, NotebookFigure, blank_figure, hide_axes, hide_spines

UNREAD = DIGIT_COLOURS[4]


def predictions(images, probabilities, labels=None, title: str = "", *, captions=None) -> Figure:
    """A few digits, each above its ten probabilities; a misread one in red.

    Args:
        images: (n, height, width), uint8 or float, as ``digit_grid`` takes them; ten at most are a good picture.
        probabilities: (n, 10) in [0, 1], as ``model.predict`` gives them.
        labels: integer labels 0-9, (n,), where they are known.
        title: of the figure.
        captions: n texts, written above the answers.

    Returns:
        A matplotlib Figure.

    Raises:
        ValueError: if there are not ten probabilities for each image, or not one caption.

    Example:
        >>> import numpy as np
        >>> from mnist_study import plots
        >>> figure = plots.predictions(np.zeros((2, 28, 28), np.uint8), np.eye(10)[[4, 9]], labels=[4, 4])
        >>> [ax.get_title() for ax in figure.axes[:2]]
        ['4: 100 %', '9: 100 %, label 4']
    """
    images, probabilities = grey_images(images), np.asarray(probabilities, float)
    if probabilities.shape != (len(images), 10):
        raise ValueError(
            f"{len(images)} images came with probabilities {probabilities.shape}; expected ({len(images)}, 10)."
        )
    if captions is not None and len(captions) != len(images):
        raise ValueError(f"There are {len(images)} images and {len(captions)} captions; expected one for each image.")
    columns = min(5, len(images))
    bands = -(-len(images) // columns)
    figure = blank_figure(1.9 * columns, 2.6 * bands + (0.3 if title else 0), title)
    axes = figure.subplots(2 * bands, columns, squeeze=False, height_ratios=(1.6, 1) * bands)
    pictures, charts = axes[::2].ravel(), axes[1::2].ravel()
    for number, (ax, chart) in enumerate(zip(pictures, charts, strict=True)):
        if number >= len(images):
            ax.remove()
            chart.remove()
            continue
        read = int(probabilities[number].argmax())
        wrong = labels is not None and labels[number] != read
        ax.imshow(images[number], cmap="gray_r", **grey_range(images))
        text = f"{read}: {probabilities[number, read]:.0%}".replace("%", " %")
        text += f", label {labels[number]}" if wrong else ""
        ax.set_title(
            text if captions is None else f"{captions[number]}\n{text}",
            fontsize=9,
            color=ACCENT if wrong else "black",
        )
        hide_axes(ax)
        probability_bars(chart, probabilities[number], read, ACCENT if wrong else OURS)
    return figure


def probability_bars(ax, probabilities, read: int, colour=OURS) -> None:
    """Ten bars on an axis, one for each digit; that of the digit read stands out."""
    ax.bar(range(10), probabilities, color=[colour if digit == read else "0.75" for digit in range(10)])
    ax.set(xticks=range(10), ylim=(0, 1.02), yticks=(0, 1))
    hide_spines(ax)


def page(page) -> Figure:
    """A photo as read: boxes on the photo, and for up to ten digits what the network saw with its ten probabilities.

    Ink that was not read has a dashed box.

    Args:
        page: a ``reader.Page``, as ``reader.read`` gives it.

    Returns:
        A matplotlib Figure.

    Example:
        >>> from mnist_study import data, plots, reader
        >>> _, (x_test, _) = data.mnist()
        >>> figure = plots.page(reader.read(255 - x_test[0]))
        >>> [len(ax.patches) for ax in figure.axes]  # a box on the photo, the digit found, its ten bars
        [1, 0, 10]
    """
    shown = list(page)[:10]
    figure = NotebookFigure(figsize=(8, max(2.4, 1.35 * len(shown))), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.25))
    ax = left.subplots()
    ax.imshow(page.picture)
    hide_axes(ax)
    for number, one in enumerate(page, 1):
        corner = _add_box(ax, one.box, page.scale, edgecolor=ACCENT)
        if len(page) > 1:
            ax.annotate(str(number), corner, color=ACCENT, fontsize=9, va="bottom")
    for ink in page.unread:
        _add_box(ax, ink.box, page.scale, edgecolor=UNREAD, linestyle="--")
    axes = np.atleast_2d(right.subplots(len(shown), 2, width_ratios=(1, 2.4)))
    for (image_ax, bars_ax), one in zip(axes, shown, strict=True):
        image_ax.imshow(one.image, cmap="gray", vmin=0, vmax=1)
        hide_axes(image_ax)
        probability_bars(bars_ax, one.probabilities, one.digit)
        bars_ax.set_title(f"{one.answer}  ({one.digit}: {one.confidence:.1%})", fontsize=9, loc="left")
    return figure


def _add_box(ax, box, scale: float, **style) -> tuple:
    """Draw a box that is in pixels of the photo; returns its corner on the picture."""
    left, top, right, bottom = (side / scale for side in box)
    ax.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, linewidth=1.5, **style))
    return left, top
