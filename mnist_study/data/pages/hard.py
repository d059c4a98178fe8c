"""Hard pages: digits as people outside photograph them, rendered; what the reader is measured on.

Drawn otherwise than the training pages of this room: in colour, larger, with smooth strokes from ``data.stress``, and text in
fonts that no training page has. What is mended is mended on pages of validation digits, and what is reported is read from
pages of test digits; the kinds of ``KEPT`` were looked at only in the report.

Source: our choice, after the kinds of photo that failed.
"""

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from .. import not_digits, stress
from .sheet import ink_of, thinned, trimmed

KINDS = ("sheet", "long tails", "cells", "frame", "thin line", "sharp shadow", "tight", "text beside", "desk")
KEPT = ("two inks", "squared paper")  # nothing was ever mended on these
STRENGTHS = (1, 2, 3)
FONTS = ("STIXGeneral", "cmr10", "cmss10")  # matplotlib brings them, and the training pages have none of them
TEXT = ("Name", "Total", "Paid on", "Room", "Tel", "Order", "Sum", "Code", "Page", "Amount due", "Class", "from")


def photograph(images: np.ndarray, labels: np.ndarray, rng, kind: str, strength: int):
    """One photo of digits, and what stands on it.

    Args:
        images, labels: uint8 (n, 28, 28), white ink on black, and (n,): the digits to draw from.
        rng: ``numpy.random.Generator``; the same state gives the same photo.
        kind: one of ``KINDS`` or ``KEPT``.
        strength: 1 mild, 2 medium, 3 hard.

    Returns:
        ``(photo, text)``: uint8 (height, width, 3), and the digits in reading order, a line for each line.

    Raises:
        ValueError: for another kind or strength.
    """
    if kind not in KINDS + KEPT or strength not in STRENGTHS:
        raise ValueError(
            f"There is no hard page {kind!r} of strength {strength!r}; expected {KINDS + KEPT}, {STRENGTHS}."
        )
    page = _Page(images, labels, rng, strength)
    text = getattr(page, "_" + kind.replace(" ", "_"))()
    photo = page.tone + rng.normal(0, 2, page.tone.shape)
    if page.blur:
        photo = ndimage.gaussian_filter(photo, (page.blur, page.blur, 0))
    return np.uint8(np.clip(photo, 0, 255)), text


class _Page:
    def __init__(self, images, labels, rng, strength):
        self.images, self.labels, self.rng, self.strength = images, labels, rng, strength
        self.blur = 0.0
        self.slant = rng.normal(0.1, 0.1)
        self.colour = np.array(stress.INKS[rng.integers(0, 4)], float)

    def empty(self, height, width):
        self.tone = np.full((height, width, 3), self.rng.uniform(205, 250, 3).mean() + self.rng.uniform(-6, 6, 3))

    def digit(self, height, stretched=1.0):
        """One digit's ink, float (height, w) in [0, 1], leaning as the hand does, and which it is."""
        rng = self.rng
        k = int(rng.integers(len(self.images)))
        large = Image.fromarray(np.float32(stress._strokes(self.images[k], rng, 0)))
        lean = self.slant + rng.normal(0, 0.05)
        large = large.transform(
            (504, 336), Image.Transform.AFFINE, (1, lean, -84 - lean * 168, 0, 1, 0), Image.Resampling.BILINEAR
        )
        box = trimmed(np.asarray(large))
        scale = height / 240  # MNIST's 20 pixels, or less where the digit is broad
        size = max(2, round(box.shape[1] * scale)), max(2, round(box.shape[0] * scale * stretched))
        return np.asarray(Image.fromarray(box).resize(size, Image.Resampling.BOX)), int(self.labels[k])

    def put(self, ink, top, left, colour=None):
        top, left = round(top), round(left)
        part = self.tone[max(0, top) : top + len(ink), max(0, left) : left + ink.shape[1]]
        ink = ink[max(0, -top) :, max(0, -left) :][: part.shape[0], : part.shape[1], None]
        part += ink * ((self.colour if colour is None else colour) - part)

    def line(self, points, thick, shade=0.8):
        points = [tuple(map(float, point)) for point in points]
        ink = ink_of(self.tone.shape[1::-1], "line", points, 255, max(1, round(thick)))
        self.tone += ink[..., None] * (shade * (self.colour - self.tone))

    def row(self, left, base, height, number, gap, lean=0.0, tails=0.0, colours=None):
        """Digits in a row, the gap that between their ink; returns them, and where the row ends."""
        edge, text = None, ""
        for k in range(number):
            long = self.rng.random() < tails
            ink, digit = self.digit(height * self.rng.uniform(0.9, 1.1), self.rng.uniform(1.6, 2.2) if long else 1.0)
            sink = 0.4 * len(ink) if long else 0.04 * height * self.rng.normal()
            if edge is not None:
                left = edge + max(2, gap * height * self.rng.uniform(0.6, 1.4))
            self.put(ink, base + lean * left + sink - len(ink), left, colours and colours[k % len(colours)])
            edge = left + ink.shape[1]
            text += str(digit)
        return text, edge

    # --- the kinds ---

    def _sheet(self, tails=0.0):
        height = self.rng.uniform(26, 60)
        lines = int(self.rng.integers(3, 7))
        self.empty(round(height * (2.1 * lines + 1.5)), round(height * 14))
        self.slant = self.rng.normal(0.1, 0.1 * self.strength)
        lean = self.rng.normal(0, 0.012 * self.strength)
        text = []
        for k in range(lines):
            size = height * self.rng.uniform(1 - 0.12 * self.strength, 1.1)
            base = height * (1.8 + 2.1 * k) - lean * 7 * height
            found, _ = self.row(self.rng.uniform(0.5, 2) * height, base, size, int(self.rng.integers(3, 9)),
                                (0.4, 0.25, 0.12)[self.strength - 1], lean, tails)  # fmt: skip
            text.append(found)
        return "\n".join(text)

    def _long_tails(self):
        return self._sheet((0.1, 0.2, 0.3)[self.strength - 1])

    def _cells(self):
        cell, rows, columns = self.rng.uniform(44, 80), int(self.rng.integers(2, 5)), int(self.rng.integers(3, 8))
        self.empty(round((rows + 0.4) * cell), round((columns + 0.4) * cell))
        thick = cell * (0.02, 0.05, 0.1)[self.strength - 1]
        for k in range(rows + 1):
            self.line([(0.2 * cell, (k + 0.2) * cell), ((columns + 0.2) * cell, (k + 0.2) * cell)], thick)
        for k in range(columns + 1):
            self.line([((k + 0.2) * cell, 0.2 * cell), ((k + 0.2) * cell, (rows + 0.2) * cell)], thick)
        text = []
        for row in range(rows):
            line = ""
            for column in range(columns):
                if self.rng.random() < 0.3 and (line or column < columns - 1):
                    continue
                ink, digit = self.digit(cell * (0.5, 0.6, 0.68)[self.strength - 1])
                self.put(ink, (row + 0.7) * cell - len(ink) / 2, (column + 0.7) * cell - ink.shape[1] / 2)
                line += str(digit)
            text.append(line)
        return "\n".join(line for line in text if line)

    def _frame(self):
        height = self.rng.uniform(60, 160)
        side = round(2.4 * height)
        self.empty(side, side)
        ink, digit = self.digit(height)
        top, left = (side - len(ink)) / 2, (side - ink.shape[1]) / 2
        self.put(ink, top, left)
        away, thick = height * (0.35, 0.22, 0.12)[self.strength - 1], height * self.rng.uniform(0.02, 0.1)
        a, b, c, d = left - away, top - away, left + ink.shape[1] + away, top + len(ink) + away
        sides = [[(a, b), (c, b)], [(c, b), (c, d)], [(a, d), (c, d)], [(a, b), (a, d)]]
        kind = int(self.rng.integers(4))
        if kind == 3:
            out, width = 0.25 * height, max(1, round(thick))
            self.put(
                ink_of((side, side), "ellipse", (a - out, b - out, c + out, d + out), outline=255, width=width), 0, 0
            )
        else:
            for k in ((2,), (0, 1), (0, 1, 2, 3))[kind]:
                self.line(sides[k], thick)
        return str(digit)

    def _thin_line(self):
        height, thick = ((160, 1), (300, 2), (600, 2))[self.strength - 1]
        self.empty(round(1.7 * height), round(1.7 * height))
        ink, digit = self.digit(height)
        ink = thinned(ink, thick)
        self.put(ink, (1.7 * height - len(ink)) / 2, (1.7 * height - ink.shape[1]) / 2)
        return str(digit)

    def _sharp_shadow(self):
        height = self.rng.uniform(50, 110)
        number = int(self.rng.integers(1, 4))
        self.empty(round(2.6 * height), round((1.3 * number + 1.5) * height))
        text, _ = self.row(0.7 * height, 1.8 * height, height, number, 0.35)
        angle, offset = self.rng.uniform(0, 2 * np.pi), self.rng.uniform(-0.4, 0.4)
        y, x = np.mgrid[-1 : 1 : self.tone.shape[0] * 1j, -1 : 1 : self.tone.shape[1] * 1j]
        dark = np.cos(angle) * y + np.sin(angle) * x > offset
        dark = ndimage.gaussian_filter(dark.astype(float), 1.0)
        self.tone *= 1 - (0.3, 0.45, 0.6)[self.strength - 1] * dark[..., None]
        return text

    def _tight(self):
        height = (90, 60, 45)[self.strength - 1] * self.rng.uniform(0.8, 1.2)
        ink, digit = self.digit(height)
        margin = max(1, round(height * (0.15, 0.08, 0.04)[self.strength - 1]))
        self.empty(len(ink) + 2 * margin, ink.shape[1] + 2 * margin)
        self.put(ink, margin, margin)
        self.blur = height * (0.015, 0.03, 0.045)[self.strength - 1]
        return str(digit)

    def _text_beside(self):
        height = self.rng.uniform(36, 70)
        lines = self.strength
        self.empty(round(height * (2 * lines + 1)), round(11 * height))
        text = []
        for k in range(lines):
            font = not_digits.font(str(self.rng.choice(FONTS)), round(height * self.rng.uniform(0.5, 0.9)))
            words = str(self.rng.choice(TEXT)) + ":"
            field = Image.new("L", self.tone.shape[1::-1])
            base = height * (1.6 + 2 * k)
            ImageDraw.Draw(field).text((0.4 * height, base), words, 255, font, anchor="ls")
            self.tone += np.asarray(field, float)[..., None] / 255 * (40 - self.tone)
            start = 0.4 * height + font.getlength(words) + height * self.rng.uniform(0.5, 1)
            text.append(self.row(start, base, height, int(self.rng.integers(2, 5)), 0.3)[0])
        return "\n".join(text)

    def _desk(self):
        height = self.rng.uniform(40, 80)
        number = int(self.rng.integers(1, 6))
        self.empty(round(2.2 * height), round((1.25 * number + 1.2) * height))
        text, _ = self.row(0.6 * height, 1.6 * height, height, number, 0.3)
        sheet = self.tone
        self.empty(round(sheet.shape[0] * 1.8), round(sheet.shape[1] * 1.5))
        desk = np.array(((190, 165, 130), (110, 80, 60), (40, 38, 36))[self.strength - 1], float)
        self.tone[:] = desk + self.rng.normal(0, 6, (self.tone.shape[0], 1, 1))
        top, left = (
            int(self.rng.uniform(0.2, 0.8) * (a - b)) for a, b in zip(self.tone.shape[:2], sheet.shape[:2], strict=True)
        )
        self.tone[top : top + sheet.shape[0], left : left + sheet.shape[1]] = sheet
        return text

    def _two_inks(self):
        height = self.rng.uniform(40, 80)
        self.empty(round(2.5 * height), round(8 * height))
        other = np.array(((20, 110, 60), (230, 140, 20), (150, 150, 150))[self.strength - 1], float)
        return self.row(0.5 * height, 1.8 * height, height, 5, 0.3, colours=[self.colour, other])[0]

    def _squared_paper(self):
        height = self.rng.uniform(40, 80)
        self.empty(round(4.5 * height), round(8 * height))
        step = height * self.rng.uniform(0.35, 0.6)
        shade = (0.2, 0.35, 0.5)[self.strength - 1]
        for place in np.arange(step / 2, self.tone.shape[0], step):
            self.line([(0, place), (self.tone.shape[1], place)], 1, shade)
        for place in np.arange(step / 2, self.tone.shape[1], step):
            self.line([(place, 0), (place, self.tone.shape[0])], 1, shade)
        rows = [
            self.row(self.rng.uniform(0.5, 1.5) * height, (1.7 + 1.9 * k) * height, height, 4, 0.3)[0] for k in (0, 1)
        ]
        return "\n".join(rows)
