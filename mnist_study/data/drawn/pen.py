"""Strokes of a pen as 28x28 images, made as MNIST was made: boxed to 20 pixels, centred by their mass."""

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

FINE = 4  # pixels drawn for one of MNIST's
POINTS = 24  # of a stroke
MIDDLE = 84  # of the page that is drawn on, 168 fine pixels a side


def stroke(corners, rng, roundness: float = 1.5) -> np.ndarray:
    """A stroke through or round its corners, as a hand would draw it.

    Args:
        corners: (k, 2) x to the right and y down, k at least 2.
        rng: ``numpy.random.Generator``.
        roundness: the most that corners are rounded: the standard deviation of a Gaussian, in points of the stroke.

    Returns:
        float (POINTS, 2), as far apart along the stroke as they can be.
    """
    corners = np.asarray(corners, float)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T) + 1e-9)])
    places = np.linspace(0, along[-1], POINTS)
    points = np.stack([np.interp(places, along, values) for values in corners.T], axis=1)
    return ndimage.gaussian_filter1d(points, rng.uniform(0, roundness) + 1e-3, axis=0, mode="nearest")


def drawn(strokes, rng, width: float, filled: bool = False) -> np.ndarray:
    """Draw strokes with a pen whose width varies along them.

    Args:
        strokes: a list of float (k, 2), in any unit: their common box becomes 20 pixels long.
        rng: ``numpy.random.Generator``; it varies the width by a quarter.
        width: of the pen, in pixels of the 28.
        filled: whether what a stroke encloses is ink as well.

    Returns:
        uint8 (28, 28), white ink on black.
    """
    corners = np.concatenate(strokes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    scale = FINE * (20 - width) / max(*(high - low), 1e-6)
    page = Image.new("L", (2 * MIDDLE, 2 * MIDDLE), 0)
    draw = ImageDraw.Draw(page)
    for points in strokes:
        placed = (points - (low + high) / 2) * scale + MIDDLE
        if filled:
            draw.polygon([tuple(point) for point in placed], fill=255)
        ends = width * FINE * rng.uniform(0.75, 1.25, 3)
        widths = np.interp(np.arange(len(placed)), np.linspace(0, len(placed) - 1, 3), ends)
        line(draw, placed, widths)
    return centred(np.asarray(page))


def line(draw: ImageDraw.ImageDraw, points: np.ndarray, widths) -> None:
    """A white line with round ends through ``points`` (k, 2), ``widths`` (k,) pixels wide."""
    for (x, y), radius in zip(points, np.asarray(widths) / 2, strict=True):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    for start, end, width in zip(points[:-1], points[1:], widths, strict=False):
        draw.line([tuple(start), tuple(end)], 255, max(1, round(width)))


def boxed(page: np.ndarray) -> np.ndarray:
    """The ink of a page brought to a box of 20 pixels and centred by its mass; uint8 (height, width) -> uint8 (28, 28)."""
    rows, columns = np.flatnonzero(page.max(axis=1) > 25), np.flatnonzero(page.max(axis=0) > 25)
    box = Image.fromarray(page[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    height, width = (max(1, round(20 * FINE * length / max(box.size))) for length in box.size[::-1])
    placed = np.zeros((2 * MIDDLE, 2 * MIDDLE), np.uint8)
    top, left = MIDDLE - height // 2, MIDDLE - width // 2
    placed[top : top + height, left : left + width] = box.resize((width, height), Image.Resampling.BILINEAR)
    return centred(placed)


def centred(page: np.ndarray) -> np.ndarray:
    """The window of 28x28 round the ink's centre of mass, in pixels of MNIST; uint8 fine pixels -> uint8 (28, 28)."""
    ink = page.astype(np.float32)
    total = ink.sum()
    half = 14 * FINE
    top, left = (
        int(np.clip(round(float(sums @ np.arange(len(sums)) / total)) - half, 0, 2 * (MIDDLE - half)))
        for sums in (ink.sum(axis=1), ink.sum(axis=0))
    )
    window = ink[top : top + 2 * half, left : left + 2 * half]
    return np.uint8(window.reshape(28, FINE, 28, FINE).mean(axis=(1, 3)))
