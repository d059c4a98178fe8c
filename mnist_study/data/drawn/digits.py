"""Digits that MNIST lacks, for training: European ones, from MNIST's own digits and by pen, and printed ones.

Europe writes a 1 with a flag, long or short, and perhaps a foot, crosses its 7, closes or opens its 4; others slash a 0.
"""

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..not_digits import font
from . import pen

WIDTHS = 1.4, 3.6  # of the pen, in pixels of the 28
TRAINING_FONTS = tuple(
    f"DejaVu{family}{style}"
    for family, slanted in (("Sans", "Oblique"), ("SansMono", "Oblique"), ("Serif", "Italic"))
    for style in ("", f"-{slanted}", "-Bold", f"-Bold{slanted}")
)  # matplotlib brings them; ``data.not_digits`` measures on others


def european(images: np.ndarray, labels: np.ndarray, n: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """European digits: half are MNIST's 0s, 1s and 7s with a stroke added, half are drawn by a pen, 4s among them.

    Args:
        images, labels: uint8 (m, 28, 28) and (m,): digits to add strokes to.
        n: how many to make.
        rng: ``numpy.random.Generator``.

    Returns:
        ``(pixels, labels)``: uint8 (n, 28, 28) and uint8 (n,).

    Source: our choice; no photo was looked at for it.
    """
    made = rng.choice([0, 1, 1, 1, 7, 7], n // 2)
    by_pen = rng.choice([0, 1, 1, 1, 4, 4, 7, 7], n - n // 2)
    places = {digit: np.flatnonzero(labels == digit) for digit in (0, 1, 7)}
    pixels = [_with_strokes(images[rng.choice(places[digit])], digit, rng) for digit in made]
    pixels += [pen.drawn(FORMS[digit](rng), rng, rng.uniform(*WIDTHS)) for digit in by_pen]
    pixels = np.reshape(pixels, (-1, 28, 28)).astype(np.uint8)  # also where there are none
    return pixels, np.concatenate([made, by_pen]).astype(np.uint8)


def _with_strokes(image, digit, rng) -> np.ndarray:
    """A digit of MNIST with its European stroke, as thick as its own, boxed anew."""
    fine = 28 * pen.FINE
    page = Image.fromarray(image).resize((fine, fine), Image.Resampling.BICUBIC)
    rows, columns = np.nonzero(np.asarray(page) > 100)
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    height, middle = bottom - top, (left + right) / 2
    if digit == 0:
        reach = rng.uniform(0.7, 1.5)
        lean = rng.uniform(0.4, 1.1) * (right - left) / 2 * reach
        centre, up = (top + bottom) / 2, height / 2 * reach
        strokes = [[(middle - lean, centre + up), (middle + lean, centre - up)]]
    elif digit == 7:
        row = top + height * rng.uniform(0.4, 0.68)
        inked = rows[np.abs(rows - int(row)).argmin()]  # that row, or the next one with ink
        x, reach, slope = columns[rows == inked].mean(), height * rng.uniform(0.13, 0.35), rng.uniform(-0.3, 0.15)
        side = rng.uniform(-0.3, 0.3) * reach
        strokes = [[(x + side - reach, row - slope * reach), (x + side + reach, row + slope * reach)]]
    else:
        strokes = _flag_and_foot(columns[rows == top].mean(), top, columns[rows == bottom].mean(), bottom, rng)
    runs = np.bincount(rows, minlength=fine)
    width = np.clip(np.median(runs[top : bottom + 1]) / (2 if digit == 0 else 1), 1.4 * pen.FINE, 3.5 * pen.FINE)
    larger = Image.new("L", (3 * fine, 3 * fine), 0)
    larger.paste(page, (fine, fine))
    draw = ImageDraw.Draw(larger)
    for corners in strokes:
        points = pen.stroke(corners, rng) + fine
        pen.line(draw, points, np.full(len(points), width * rng.uniform(0.7, 1.1)))
    return pen.boxed(np.asarray(larger))


def _flag_and_foot(top_x, top, bottom_x, bottom, rng) -> list:
    """Strokes of a 1 whose stem goes from top to bottom: a flag, a foot, or both."""
    height, angle = bottom - top, np.deg2rad(rng.uniform(18, 62))  # between the stem and the flag
    length = height * rng.uniform(0.2, 0.95)
    tip = top_x - length * np.sin(angle), top + length * np.cos(angle)
    flag = [tip, (top_x, top)]
    reach = height * rng.uniform(0.1, 0.4, 2)
    foot = [(bottom_x - reach[0], bottom), (bottom_x + reach[1], bottom + height * rng.uniform(-0.05, 0.05))]
    return [[flag], [flag], [flag, foot], [foot]][rng.integers(4)]


def _one(rng) -> list:
    lean = rng.uniform(-0.25, 0.1)
    parts = _flag_and_foot(0.0, 0.0, lean, 1.0, rng)
    return [pen.stroke(corners, rng) for corners in ([(0, 0), (lean, 1)], *parts)]


def _seven(rng) -> list:
    width, lean, bar = rng.uniform(0.4, 0.8), rng.uniform(0, 0.5), rng.uniform(0.4, 0.65)
    start = [(0, rng.uniform(0.05, 0.25))] if rng.random() < 0.3 else []
    stem = width - lean
    x, reach, slope = width + bar * (stem - width), rng.uniform(0.12, 0.35), rng.uniform(-0.1, 0.05)
    outline = [*start, (0, rng.uniform(-0.05, 0.08)), (width, 0), (stem, 1)]
    cross = [(x - reach, bar - slope), (x + reach, bar + slope)]
    return [pen.stroke(outline, rng), pen.stroke(cross, rng)]


def _four(rng) -> list:
    """Closed, its stem beginning where the slope does; or open, its stem beside it."""
    bar, stem, over = rng.uniform(0.5, 0.75), rng.uniform(0.4, 0.65), rng.uniform(0.05, 0.3)
    lean = rng.uniform(-0.15, 0.1)
    closed = rng.random() < 0.5
    apex = stem - lean * 0.5 if closed else rng.uniform(0.05, 0.35)
    begins = rng.uniform(0, 0.1) if closed else rng.uniform(-0.1, 0.45)
    slope = rng.uniform(-0.08, 0.04)
    arm = [(apex, 0), (rng.uniform(0, 0.1), bar), (stem + over, bar + slope)]
    return [pen.stroke(arm, rng), pen.stroke([(stem - lean * 0.5, begins), (stem + lean * 0.5, 1)], rng, 0.5)]


def _zero(rng) -> list:
    angle = np.linspace(0, 2 * np.pi, 40) - rng.uniform(0, 2)
    width = rng.uniform(0.45, 1) / 2
    ring = np.stack([width * np.cos(angle), np.sin(angle) / 2], axis=1)
    lean, reach = width * rng.uniform(0.4, 1.1), rng.uniform(0.7, 1.5)
    side = 1 if rng.random() < 0.85 else -1
    slash = np.array([(-lean * side, 0.5), (lean * side, -0.5)]) * reach
    return [ring, pen.stroke(slash, rng)]


FORMS = {0: _zero, 1: _one, 4: _four, 7: _seven}  # random generator -> strokes


def printed(n: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Digits of ``TRAINING_FONTS``, so that print alone is no sign of being no digit; as ``european`` returns them."""
    pixels = glyphs("0123456789")
    chosen = rng.integers(0, len(pixels), n)
    return pixels[chosen], (chosen % 10).astype(np.uint8)


@functools.cache
def glyphs(characters: str) -> np.ndarray:
    """Every character in each of ``TRAINING_FONTS`` and in three weights; the character runs fastest; uint8 (n, 28, 28)."""
    made = []
    for name in TRAINING_FONTS:
        for weight in (ImageFilter.MinFilter(3), None, ImageFilter.MaxFilter(5)):
            for character in characters:
                page = Image.new("L", (160, 160), 0)
                ImageDraw.Draw(page).text((80, 80), character, 255, font(name, 80), anchor="mm")
                made.append(pen.boxed(np.asarray(page.filter(weight) if weight else page)))
    return np.stack(made)
