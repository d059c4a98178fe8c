"""Drawings that hold no digit: letters and words of fonts, scribbles, faces, hands. The reader should say "not sure" to them.

Source: our choice. They measure and are not trained with: the reader is trained with other fonts and other drawings
(``data.drawn``).
"""

import functools
import string
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

SIDE = 96
LOOKALIKES = "OoQDIiljSsZzBbGgqy"  # letters that many people write like a digit
OTHERS = "".join(letter for letter in string.ascii_letters if letter not in LOOKALIKES)
FONTS = (
    "STIXGeneral",
    "STIXGeneralItalic",
    "STIXGeneralBol",
    "STIXGeneralBolIta",
    "cmr10",
    "cmss10",
    "cmti10",
    "cmtt10",
)  # matplotlib brings them; none is of the family that the reader is trained with, DejaVu


def printed(characters: str) -> tuple[np.ndarray, list]:
    """Every character in each of ``FONTS``, black on white.

    Returns:
        ``(drawings, names)``: uint8 (n, SIDE, SIDE) and the characters.
    """
    drawings, names = [], []
    for name in FONTS:
        for character in characters:
            page = Image.new("L", (SIDE, SIDE), 255)
            ImageDraw.Draw(page).text((SIDE // 2, SIDE // 2), character, 0, font(name, 64), anchor="mm")
            drawings.append(np.asarray(page))
            names.append(character)
    return np.stack(drawings), names


def letters(lookalikes: bool = False) -> tuple[np.ndarray, list]:
    """The Latin letters in each of ``FONTS``: those of ``LOOKALIKES``, or all others; as from ``printed``."""
    return printed(LOOKALIKES if lookalikes else OTHERS)


@functools.cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font that matplotlib brings, by its name there ("STIXGeneral"), so many pixels large."""
    import matplotlib

    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), size)


def words(n: int, rng, letters: str = string.ascii_letters) -> np.ndarray:
    """A word of three to eight ``letters`` in one of ``FONTS``, in a line; uint8 (n, SIDE, 4 * SIDE), black on white."""
    return np.stack([_word(rng, letters) for _ in range(n)])


def _word(rng, letters):
    page = Image.new("L", (4 * SIDE, SIDE), 255)
    text = "".join(rng.choice(list(letters), rng.integers(3, 9)))
    chosen = font(str(rng.choice(FONTS)), int(rng.integers(24, 49)))
    ImageDraw.Draw(page).text((2 * SIDE, SIDE // 2), text, 0, chosen, anchor="mm")
    return np.asarray(page)


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


def hands(n: int, rng) -> np.ndarray:
    """A palm with a thumb and four fingers, as a shadow or in outline, turned; uint8 (n, SIDE, SIDE), black on white."""
    return np.stack([_hand(rng) for _ in range(n)])


def _hand(rng):
    page = Image.new("L", (2 * SIDE, 2 * SIDE), 0)  # drawn at twice the size
    draw, middle = ImageDraw.Draw(page), SIDE
    draw.ellipse((middle - 32, middle - 14, middle + 32, middle + 60), fill=255)
    fingers = [(angle, rng.uniform(52, 78)) for angle in np.array((-24, -8, 8, 24)) + rng.uniform(-5, 5, 4)]
    fingers.append((rng.choice((-1, 1)) * rng.uniform(60, 80), rng.uniform(45, 58)))  # the thumb
    for angle, length in fingers:
        x, y = np.sin(np.deg2rad(angle)), -np.cos(np.deg2rad(angle))
        start = middle + 24 * x, middle + 20 + 24 * y
        end = middle + length * x * 1.1, middle + 20 + length * y * 1.3
        width = int(rng.integers(11, 17))
        draw.line([start, end], 255, width)
        draw.ellipse((end[0] - width / 2, end[1] - width / 2, end[0] + width / 2, end[1] + width / 2), fill=255)
    page = page.rotate(rng.uniform(-60, 60), Image.Resampling.BILINEAR)
    if rng.random() < 0.5:
        inner = page.filter(ImageFilter.MinFilter(2 * int(rng.integers(3, 6)) + 1))
        page = ImageChops.subtract(page, inner)
    return 255 - np.asarray(page.resize((SIDE, SIDE), Image.Resampling.BOX))
