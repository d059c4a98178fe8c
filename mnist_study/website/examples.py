"""Example photos for who has none: digits drawn stroke by stroke, in none of the data sets, and lit by code."""

import base64
import io

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import make_interp_spline
from scipy.ndimage import gaussian_filter

STROKES = {
    5: [[(34, 8), (29, 44)], [(29, 44), (52, 38), (76, 54), (74, 80), (46, 94), (18, 82)], [(34, 9), (78, 5)]],
    2: [[(20, 30), (34, 8), (64, 10), (72, 34), (46, 66), (18, 92)], [(18, 92), (50, 84), (84, 90)]],
    4: [[(40, 6), (28, 34), (16, 60)], [(16, 60), (48, 58), (86, 56)], [(66, 30), (62, 62), (58, 96)]],
    7: [[(14, 12), (46, 10), (82, 8)], [(82, 8), (60, 46), (40, 95)]],
}  # in a box of 100x100
SHEETS = (  # digit, its side and place and the pen in pixels of 400, grey of the paper, share of light lost across it, ruled
    (5, 190, (60, 150), 10, 235, 0.45, False),
    (2, 130, (200, 70), 7, 225, 0.2, True),
    (4, 250, (80, 70), 8, 180, 0.3, False),
    (7, 120, (90, 210), 8, 215, 0.5, False),
)
SIDE = 240  # pixels of an example


def examples() -> list[dict]:
    """The examples, the same on every machine.

    Returns:
        For each ``{"digit": int, "address": str}``, the address a JPEG as a data URL.
    """
    return [{"digit": sheet[0], "address": _address(lit(*sheet))} for sheet in SHEETS]


def lit(digit: int, side: int, place: tuple, pen: int, paper: int, lost: float, ruled: bool) -> np.ndarray:
    """A sheet with one digit under a lamp: uint8 (400, 400)."""
    ink = Image.new("L", (400, 400))
    draw = ImageDraw.Draw(ink)
    for stroke in STROKES[digit]:
        points = np.array(stroke, float) * side / 100 + place
        spline = make_interp_spline(np.arange(len(points)), points, k=min(3, len(points) - 1))
        path = spline(np.linspace(0, len(points) - 1, 200))
        for x, y in path:
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), 255)
    rows, columns = np.mgrid[0:1:400j, 0:1:400j]
    rng = np.random.default_rng(digit)
    sheet = paper + 3 * gaussian_filter(rng.standard_normal((400, 400)), 1) / 0.28
    if ruled:
        sheet[20::44] -= 45
    covered = gaussian_filter(np.asarray(ink, float) / 255, 1.2)
    light = 1 - lost * (rows + columns) / 2
    return np.uint8(np.clip((sheet + covered * (45 - sheet)) * light + rng.normal(0, 2, sheet.shape), 0, 255))


def _address(sheet: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(sheet).resize((SIDE, SIDE), Image.Resampling.BOX).save(file, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
