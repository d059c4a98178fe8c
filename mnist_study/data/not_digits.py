"""Drawings that hold no digit: letters from fonts, scribbles, faces. The reader should say "not sure" to them.

Source: our choice; nothing here was used in training.
"""

import string
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE = 96
LOOKALIKES = "OoQDIiljSsZzBbGgqy"  # letters that many people write like a digit
FONTS = (
    "DejaVuSans",
    "DejaVuSans-Oblique",
    "DejaVuSerif",
    "DejaVuSerif-Italic",
    "DejaVuSansMono",
    "STIXGeneral",
    "STIXGeneralItalic",
)  # matplotlib brings them


def letters(lookalikes: bool = False):
    """Every Latin letter in each of ``FONTS``, black on white.

    Args:
        lookalikes: the letters of ``LOOKALIKES``, or all others.

    Returns:
        ``(drawings, names)``: uint8 (n, SIDE, SIDE) and the letters.
    """
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    drawings, names = [], []
    for font_name in FONTS:
        font = ImageFont.truetype(str(folder / f"{font_name}.ttf"), 64)
        for letter in string.ascii_letters:
            if (letter in LOOKALIKES) == lookalikes:
                page = Image.new("L", (SIDE, SIDE), 255)
                ImageDraw.Draw(page).text((SIDE // 2, SIDE // 2), letter, 0, font, anchor="mm")
                drawings.append(np.asarray(page))
                names.append(letter)
    return np.stack(drawings), names


def scribbles(n: int, rng) -> np.ndarray:
    """Pen strokes through random points, uint8 (n, SIDE, SIDE), black on white."""
    return np.stack([_scribble(rng) for _ in range(n)])


def _scribble(rng):
    from scipy.interpolate import make_interp_spline

    page = Image.new("L", (SIDE, SIDE), 255)
    for _ in range(rng.integers(1, 3)):
        points = rng.uniform(12, SIDE - 12, (rng.integers(5, 10), 2))
        path = make_interp_spline(np.linspace(0, 1, len(points)), points, k=3)(np.linspace(0, 1, 200))
        ImageDraw.Draw(page).line([tuple(point) for point in path], 0, int(rng.integers(3, 8)), joint="curve")
    return np.asarray(page)


def faces(n: int, rng) -> np.ndarray:
    """A circle, two eyes, a mouth, each a little different; uint8 (n, SIDE, SIDE), black on white."""
    return np.stack([_face(rng) for _ in range(n)])


def _face(rng):
    page = Image.new("L", (SIDE, SIDE), 255)
    draw, width = ImageDraw.Draw(page), int(rng.integers(2, 6))
    left, top, right, bottom = 10 + rng.uniform(0, 10, 2).tolist()[0], 12, SIDE - 10 - rng.uniform(0, 10), SIDE - 12
    draw.ellipse((left, top, right, bottom), outline=0, width=width)
    for centre in (left + (right - left) * 0.33, left + (right - left) * 0.67):
        eye = rng.uniform(2, 6)
        draw.ellipse((centre - eye, 36 - eye, centre + eye, 36 + eye), fill=0)
    draw.arc((left + 14, 40, right - 14, bottom - 12), rng.uniform(0, 30), rng.uniform(150, 180), fill=0, width=width)
    return np.asarray(page)
