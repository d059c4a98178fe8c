"""The one style of all figures: colours, an empty figure, and how it is written."""

import io

import numpy as np
import seaborn as sns
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from skimage.util import montage

DIGIT_COLOURS = sns.color_palette("colorblind", 10)
OURS, CLAIMED, ACCENT = DIGIT_COLOURS[0], "0.55", DIGIT_COLOURS[3]
DPI = 150


class NotebookFigure(Figure):
    """A matplotlib Figure that a notebook shows as the last line of a cell, without ``pyplot``."""

    def _repr_png_(self):
        content = png(self)
        with Image.open(io.BytesIO(content)) as picture:
            return content, {"width": min(900, picture.width)}


def png(figure: Figure) -> bytes:
    """A figure as the contents of a PNG file; the same figure gives the same bytes: no date or version is stored in it.

    Args:
        figure: a matplotlib Figure, of this package or your own.

    Returns:
        The file's contents, 150 pixels per inch, at most 128 colours.

    Example:
        >>> from mnist_study import plots
        >>> content = plots.png(plots.class_counts([0, 1, 1, 7]))
        >>> content[1:4]
        b'PNG'
    """
    drawn, small = io.BytesIO(), io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(drawn, dpi=DPI, bbox_inches="tight", metadata={"Software": None})
    # 128 colours are enough for every figure here and keep notebooks small
    Image.open(drawn).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


# --- what every figure is made of --------------------------------------------------------------------------------


def blank_figure(width: float, height: float, title: str = "") -> Figure:
    """An empty figure of that many inches, its title at the top left."""
    figure = NotebookFigure(figsize=(width, height), layout="constrained")
    if title:
        figure.suptitle(title, fontsize=12, x=0.01, ha="left", fontweight="bold")
    return figure


def hide_axes(ax) -> None:
    """For a picture: no ticks and no frame; labels stay."""
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def hide_spines(ax, grid: str = "") -> None:
    """For a graph: no frame above and at the right; pale grid lines along the axis "x", "y" or "both"."""
    ax.spines[["top", "right"]].set_visible(False)
    if grid:
        ax.grid(axis=grid, color="0.92")


def show_image(ax, image, title: str = "", fontsize: float = 10, **look) -> None:
    """For a picture: no ticks and no frame, its title above; ``look`` as ``imshow`` takes it."""
    ax.imshow(image, **look)
    ax.set_title(title, fontsize=fontsize)
    hide_axes(ax)


def tiled(images: np.ndarray, columns: int) -> np.ndarray:
    """Images (n, h, w) as one picture, ``columns`` in a row, a pale grey pixel between them."""
    paper, ink = (-1, 1) if images.min() < 0 else (0, 255 if images.max() > 1 else 1)
    line = np.array(paper + 0.2 * (ink - paper)).astype(images.dtype)
    rows = -(-len(images) // columns)
    return montage(images, fill=line, grid_shape=(rows, columns), padding_width=1)[1:-1, 1:-1]
