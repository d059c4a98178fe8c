"""A map in three dimensions to turn with the mouse: a self-contained piece of HTML for Jupyter, Colab or any web page."""

import base64
import html
import io
import json
from pathlib import Path
from string import Template

import numpy as np
from PIL import Image
from skimage.util import montage

from .style import DIGIT_COLOURS

HERE = Path(__file__).parent
SHEET_COLUMNS = 50


def map_3d(points: np.ndarray, labels: np.ndarray, images: np.ndarray | None = None, index: np.ndarray | None = None):
    """A 3-D embedding that turns slowly until it is touched and shows the digit under the pointer.

    Drag, or use the arrow keys, to turn; plus, minus or a pinch zooms; a digit of the legend is hidden and shown by a click.
    Nothing is fetched from the network.

    Args:
        points: float (n, 3), on any scale.
        labels: int (n,), digits from 0 to 9: the colours.
        images: uint8 (n, 28, 28), ink white on black: the digit of each point. Without them a point shows its label alone.
        index: int (n,), the number of each image in the test set, shown beside its label where given.

    Returns:
        An ``IPython.display.HTML``, whose ``data`` is the text: an ``iframe`` that carries style, script and data.

    Raises:
        ValueError: if a shape is another, a coordinate is not finite, or a label is no digit.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> labels = rng.integers(0, 10, 1400)
        >>> points = rng.normal(size=(1400, 3)) + 5 * np.eye(10)[labels, :3]
        >>> map_3d(points, labels)
        <IPython.core.display.HTML object>
    """
    from IPython.display import HTML

    page = Template((HERE / "map.html").read_text(encoding="utf-8")).substitute(
        style=(HERE / "map.css").read_text(encoding="utf-8"),
        points=points_script(points, labels, images, index),
        script=(HERE / "map.js").read_text(encoding="utf-8"),
    )
    frame = f'<iframe title="Points in three dimensions" style="width:100%;height:600px;border:0" srcdoc="{html.escape(page)}">'
    return HTML(f"<div>{frame}To see the map, trust this notebook or run its cell.</iframe></div>")


def points_script(points, labels, images=None, index=None, description: str = "") -> str:
    """The script that hands the points to ``map.js``; arguments and errors as in ``map_3d``.

    Args:
        description: what the map shows, for those who cannot see it.
    """
    points, labels = np.asarray(points, np.float32), np.asarray(labels)
    images = None if images is None else np.asarray(images)
    if points.ndim != 2 or points.shape[1] != 3 or not len(points) or not np.isfinite(points).all():
        raise ValueError(f"Expected finite points of shape (n, 3), found {points.shape}.")
    if labels.shape != (len(points),) or not np.isin(labels, range(10)).all():
        raise ValueError(f"Expected {len(points)} labels from 0 to 9, one for each point, found {labels.shape}.")
    if images is not None and (images.shape != (len(points), 28, 28) or images.dtype != np.uint8):
        raise ValueError(
            f"Expected images of shape ({len(points)}, 28, 28) and type uint8, found {images.shape} and {images.dtype}."
        )
    if index is not None and np.shape(index) != labels.shape:
        raise ValueError(f"Expected {len(points)} numbers of images, one for each point, found {np.shape(index)}.")
    centred = points - (points.max(axis=0) + points.min(axis=0)) / 2
    reach = np.linalg.norm(centred, axis=1).max() or 1
    values = {
        "coordinates": base64.b64encode(np.rint(32767 / reach * centred).astype("<i2").tobytes()).decode(),
        "labels": labels.tolist(),
        "index": None if index is None else np.asarray(index).tolist(),
        "columns": SHEET_COLUMNS,
        "colours": ["#" + "".join(f"{round(255 * part):02x}" for part in colour[:3]) for colour in DIGIT_COLOURS],
        "sheet": "" if images is None else _sheet(images),
        "description": description or "Cloud of points, one for each image, coloured by digit",
    }
    return f"globalThis.POINTS = {json.dumps(values)};\n"


def _sheet(images: np.ndarray) -> str:
    """All images as one PNG of 16 grey levels, as a data: address; ink dark on white."""
    sheet = montage(images, fill=0, grid_shape=(-(-len(images) // SHEET_COLUMNS), SHEET_COLUMNS))
    buffer = io.BytesIO()
    picture = Image.fromarray((255 - sheet) // 17)  # levels 0-15
    picture.putpalette([level * 17 for level in range(16) for _ in range(3)])
    picture.save(buffer, "PNG", optimize=True, bits=4)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
