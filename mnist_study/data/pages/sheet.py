"""A sheet of paper that digits, and what stands beside them, are written on, and its photo."""

import io
import string

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage.morphology import skeletonize

from .. import not_digits

DIGIT, IGNORED = 1, 2  # what a row of boxes is: to be found, or neither asked for nor forbidden
FONTS = (
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSans-Oblique",
    "DejaVuSerif",
    "DejaVuSerif-Bold",
    "DejaVuSerif-Italic",
    "DejaVuSansMono",
)  # matplotlib brings them; STIX, with which ``not_digits`` tries the reader as well, is left out
DRAWN = 0.05  # of the digits: 1s drawn as lines, as MNIST, whose writers are American, has few
LETTERS = "AEFHKMNPRTUVWXYacdefhkmnprtuvwx"  # written like no digit


class Sheet:
    """A sheet being written on: tones in [0, 1] with dark ink, the digits' ink, and their boxes."""

    def __init__(self, images, labels, rng, shape, unit):
        self.images, self.labels, self.rng, self.unit = images, labels, rng, unit
        self.height, self.width = shape
        self.tone = np.full(shape, rng.uniform(0.6, 1), np.float32)
        self.paper = float(self.tone[0, 0])
        self.contrast = self.paper * rng.choice((rng.uniform(0.2, 0.5), rng.uniform(0.5, 0.95)), p=(0.25, 0.75))
        self.inked = np.zeros(shape, bool)
        self.boxes = []
        self.slant = rng.uniform(-0.15, 0.55) if rng.random() < 0.6 else rng.normal(0, 0.05)
        self.pen = rng.choice(("as in MNIST", "changed", "line"), p=(0.45, 0.35, 0.2))
        self.pen_width = rng.uniform(-0.22, 0.3)
        self.line_width = max(1.0, unit * rng.uniform(0.01, 0.06))
        self.printed = rng.random() < 0.07
        self.font = not_digits.font(str(rng.choice(FONTS)), max(8, round(1.37 * unit)))

    # --- digits ---

    def stamp(self, height):
        """The ink of one digit, float (h, w) in [0, 1], trimmed, and which it is."""
        rng = self.rng
        if self.printed:
            digit = int(rng.integers(10))
            left, top, right, bottom = self.font.getbbox(str(digit))
            size = right - left + 4, bottom - top + 4
            return trimmed(ink_of(size, "text", (2 - left, 2 - top), str(digit), 255, self.font)), digit
        if rng.random() < DRAWN:
            return trimmed(self.drawn_one(height)), 1
        k = int(rng.integers(len(self.images)))
        ink = _drawn_large(self.images[k], height, self.slant + rng.normal(0, 0.05), rng.uniform(0.85, 1.15))
        if self.pen == "line":
            ink = thinned(ink, self.line_width).astype(np.float32)
        else:
            gain = max(1.0, height / 24)
            change = 0.0 if self.pen == "as in MNIST" else self.pen_width
            ink = np.clip((ink - 0.5 + change) * gain + 0.5, 0, 1)
        return trimmed(ink), int(self.labels[k])

    def drawn_one(self, height):
        """A 1 as a line: bare, or with the flag and the foot that it has in Europe; float (h, w) in [0, 1]."""
        rng = self.rng
        lean = rng.normal(0.1, 0.12) * height
        top, bottom = (1.2 * height + lean, 0.2 * height), (1.2 * height, 1.2 * height)
        lines = [[top, bottom]]
        if rng.random() < 0.5:
            length, angle = rng.uniform(0.2, 0.7) * height, rng.uniform(0.5, 1.2)  # radians down from level
            lines[0].insert(0, (top[0] - length * np.cos(angle), top[1] + length * np.sin(angle)))
        if rng.random() < 0.3:
            left, right = rng.uniform(0.15, 0.45, 2) * height
            lines.append([(bottom[0] - left, bottom[1]), (bottom[0] + right, bottom[1])])
        wide = max(1, round(self.line_width if self.pen == "line" else height * rng.uniform(0.05, 0.18)))
        size = round(2.6 * height) + 1, round(1.5 * height) + 1
        return np.max([ink_of(size, "line", points, 255, wide, joint="curve") for points in lines], axis=0)

    def put(self, ink, digit, top, left, shade=1.0):
        """Write a stamp; what runs out of the page is cut off there, and ``IGNORED``."""
        place, part = self.on_page(ink, top, left)
        if not part.size:
            return
        self.tone[place] -= part * np.maximum(self.tone[place] - self.paper + self.contrast * shade, 0)
        self.inked[place] |= part > 0.3
        h, w = ink.shape
        self.boxes.append((left, top, left + w, top + h, digit, DIGIT if part.shape == (h, w) else IGNORED))

    def free(self, ink, top, left):
        """Whether a stamp would touch no ink of another."""
        place, part = self.on_page(ink, top, left)
        return not (self.inked[place] & (part > 0.3)).any()

    def on_page(self, ink, top, left):
        """Rows and columns of the page that a stamp covers, and the part of the stamp there; both empty beside the page."""
        place = slice(max(0, top), max(0, top + len(ink))), slice(max(0, left), max(0, left + ink.shape[1]))
        height, width = self.inked[place].shape
        return place, ink[max(0, -top) :, max(0, -left) :][:height, :width]

    def write_line(self, base: float, height: float, start: float, number: int, slope: float):
        """A line of digits from ``start`` to the right; the gap is that between the ink, so that boxes may overlap."""
        rng = self.rng
        edge = np.full(self.height, -1e9)  # how far to the right each row is taken
        gap = height * rng.choice((rng.uniform(0.02, 0.15), rng.uniform(0.15, 0.5), rng.uniform(0.5, 1.5)))
        uneven, tails, touching = rng.uniform(0.02, 0.15), rng.random() < 0.25, rng.random() < 0.12
        shade = 1.0
        for place in range(number):
            if rng.random() < 0.05:
                shade = rng.uniform(0.5, 1)
            size = height * np.exp(rng.normal(0, uneven))
            long = tails and rng.random() < 0.2
            ink, digit = self.stamp(size * rng.uniform(1.4, 2.4) if long else size)
            sink = rng.uniform(0.2, 0.5) * ink.shape[0] if long else rng.normal(0, 0.03) * height
            left_of_ink = np.where((ink > 0.3).any(axis=1), (ink > 0.3).argmax(axis=1), 10**6)
            right_of_ink = ink.shape[1] - (ink > 0.3)[:, ::-1].argmax(axis=1)
            x = start if not place else None
            top = None
            for _ in range(2):  # the height on a sloping line depends on where the digit comes to stand
                at = start if x is None else x
                top = round(base + slope * at + sink) - ink.shape[0]
                rows = np.arange(top, top + len(ink))
                inside = (rows >= 0) & (rows < self.height)
                if not inside.any():
                    return
                reach = 2 * max(1, round(0.3 * gap)) + 1
                taken = ndimage.maximum_filter1d(edge, reach)[rows[inside]]
                if place:
                    x = float((taken - left_of_ink[inside]).max())
                    x += rng.uniform(-0.08, 0.1) * height if touching else max(1.0, gap * np.exp(rng.normal(0, 0.3)))
                    if x < -1e6:
                        x = start + place * height
            left = round(x)
            for _ in range(6):
                if touching or self.free(ink, top, left):
                    break
                left += max(1, round(0.15 * height))
            else:
                return
            if left >= self.width - 2:
                return
            self.put(ink, digit, top, left, shade)
            inked_rows = inside & (left_of_ink < 10**6)
            edge[rows[inked_rows]] = np.maximum(edge[rows[inked_rows]], left + right_of_ink[inked_rows])
            start = min(start, left)

    def write_lines(self):
        rng, unit = self.rng, self.unit
        lined = rng.random() < 0.35
        if lined:
            self.rule(rng.random() < 0.5)
        slope = rng.normal(0, 0.03) if rng.random() < 0.7 else rng.uniform(-0.12, 0.12)
        base = unit * rng.uniform(0.6, 2.2) if rng.random() < 0.8 else rng.uniform(unit, max(unit + 1, self.height))
        height = unit
        for _ in range(int(rng.integers(1, 7))):
            if base > self.height + 0.3 * unit:
                break
            start = rng.choice((rng.uniform(0, 0.15), rng.uniform(0, 0.7), rng.uniform(-0.2, 0))) * self.width
            self.write_line(base, height, start, int(rng.integers(1, 15)), slope)
            if rng.random() < 0.12:
                y = round(base + unit * rng.uniform(0.05, 0.3))
                self.stroke([(start, y), (start + unit * rng.uniform(1, 8), y + rng.normal(0, 2))])
            height = unit * (1 if rng.random() < 0.8 else rng.uniform(0.45, 1.6))
            base += height * rng.uniform(1.05, 2.2)
        self.clutter(2)

    def write_single(self):
        """One digit, whose picture may be cut close."""
        rng = self.rng
        self.printed |= rng.random() < 0.1
        ink, digit = self.stamp(self.unit)
        h, w = ink.shape
        top, left = (round(rng.uniform(0, max(1, side - own))) for side, own in ((self.height, h), (self.width, w)))
        self.put(ink, digit, top, left)
        if rng.random() < 0.35:
            self.enclose(left, top, left + w, top + h)
        self.clutter(0.5)
        if rng.random() < 0.7:
            margins = np.exp(rng.uniform(np.log(0.5), np.log(1.5 * self.unit), 4)) * (rng.random(4) < 0.85)
            self.cut(left - margins[0], top - margins[1], left + w + margins[2], top + h + margins[3])

    def write_cells(self):
        rng, unit = self.rng, self.unit
        self.printed |= rng.random() < 0.25
        cell = unit * rng.uniform(1.15, 2.2)
        first = rng.uniform(-1, 0.5, 2) * cell
        shade, thick = rng.uniform(0.3, 1), max(1, round(unit * rng.uniform(0.01, 0.14)))
        sides = rng.random(2) < 0.85  # levels, uprights
        for axis, length in ((0, self.height), (1, self.width)):
            for place in np.arange(first[axis], length, cell):
                if not sides[axis] or rng.random() < 0.05:
                    continue
                at, wide = round(place), thick if rng.random() < 0.8 else 2 * thick
                part = slice(max(0, at), max(0, at + wide))
                view = self.tone[part] if axis == 0 else self.tone[:, part]
                view -= self.contrast * shade
        for y in np.arange(first[0], self.height, cell):
            for x in np.arange(first[1], self.width, cell):
                if rng.random() < 0.65:
                    ink, digit = self.stamp(unit * rng.uniform(0.75, 1))
                    top = round(y + thick + 0.5 * (cell - thick - ink.shape[0]) + rng.normal(0, 0.06) * unit)
                    left = round(x + thick + 0.5 * (cell - thick - ink.shape[1]) + rng.normal(0, 0.08) * unit)
                    if self.free(ink, top, left):
                        self.put(ink, digit, top, left)
        if rng.random() < 0.4:
            size = cell * rng.uniform(1, 3)
            x, y = rng.uniform(-0.2, 0.8) * self.width, rng.uniform(-0.2, 0.8) * self.height
            self.cut(x, y, x + size, y + size)

    def write_scattered(self):
        rng = self.rng
        for _ in range(int(rng.integers(1, 9))):
            ink, digit = self.stamp(self.unit * np.exp(rng.normal(0, 0.3)))
            top, left = round(rng.uniform(0, self.height - 5)), round(rng.uniform(0, self.width - 5))
            if self.free(ink, top, left):
                self.put(ink, digit, top, left, rng.uniform(0.5, 1))
                if rng.random() < 0.3:
                    self.enclose(left, top, left + ink.shape[1], top + ink.shape[0])
        self.clutter(3)

    def write_empty(self):
        if self.rng.random() < 0.3:
            self.rule(self.rng.random() < 0.5)
        self.clutter(5)

    # --- what is no digit ---

    def rule(self, squared: bool):
        rng = self.rng
        step = self.unit * rng.uniform(0.4, 2)
        if step < 5:
            return
        thick, shade = max(1, round(self.unit * rng.uniform(0, 0.05))), self.contrast * rng.uniform(0.1, 0.75)
        slope = rng.normal(0, 0.01)
        for place in np.arange(rng.uniform(0, step), self.height, step):
            for k in range(self.width):
                y = round(place + slope * k)
                self.tone[max(0, y) : max(0, y + thick), k] -= shade
        if squared:
            for place in np.arange(rng.uniform(0, step), self.width, step).round().astype(int):
                self.tone[:, place : place + thick] -= shade
        self.tone = np.maximum(self.tone, self.paper - self.contrast)

    def darken(self, mask, shade):
        """Ink where a mask, float (height, width) in [0, 1], says so."""
        self.tone -= mask * np.maximum(self.tone - self.paper + self.contrast * shade, 0)

    def stroke(self, points, thick=None):
        """A line through points, as with the pen of the digits."""
        rng = self.rng
        pen = self.line_width if self.pen == "line" else self.unit * rng.uniform(0.04, 0.16)
        thick = max(1, round(pen if thick is None else thick))
        points = [(float(x), float(y)) for x, y in points]
        ink = ink_of((self.width, self.height), "line", points, 255, thick, joint="curve")
        self.darken(ink, rng.uniform(0.5, 1))

    def enclose(self, left, top, right, bottom):
        """A circle, a box, lines of a cell, or an underline."""
        rng, unit = self.rng, self.unit
        kind = rng.choice(("circle", "box", "sides", "underline"), p=(0.25, 0.2, 0.4, 0.15))
        margin = unit * rng.uniform(0.08, 0.6, 4)
        a, b, c, d = left - margin[0], top - margin[1], right + margin[2], bottom + margin[3]
        thick = max(1, round(unit * rng.uniform(0.01, 0.12)))
        if kind == "circle":
            grown_x, grown_y = 0.2 * (c - a), 0.2 * (d - b)
            box = a - grown_x, b - grown_y, c + grown_x, d + grown_y
            ink = ink_of((self.width, self.height), "ellipse", box, outline=255, width=thick)
            self.darken(ink, rng.uniform(0.5, 1))
            return
        sides = {
            "top": [(a, b), (c, b)],
            "left": [(a, b), (a, d)],
            "bottom": [(a, d), (c, d)],
            "right": [(c, b), (c, d)],
        }
        if kind == "underline":
            sides = {"bottom": sides["bottom"]}
        elif kind == "sides":
            number = int(rng.integers(1, 4))
            sides = {name: sides[name] for name in rng.choice(list(sides), number, replace=False)}
        beyond = unit * rng.uniform(0, 2) * (rng.random() < 0.6)
        for (x0, y0), (x1, y1) in sides.values():
            along = (beyond, 0) if y0 == y1 else (0, beyond)
            ends = [(x0 - along[0], y0 - along[1]), (x1 + along[0], y1 + along[1])]
            self.stroke(ends, thick=thick)

    def clutter(self, usual: float):
        rng, unit = self.rng, self.unit
        for _ in range(rng.poisson(usual)):
            kind = rng.choice(
                ("words", "letter", "dash", "scribble", "frame", "dots"), p=(0.4, 0.15, 0.2, 0.1, 0.05, 0.1)
            )
            x, y = rng.uniform(-0.1, 1) * self.width, rng.uniform(0, 1) * self.height
            if kind == "words":
                self.words(x, y)
            elif kind == "letter":
                size = max(9, round(unit * rng.uniform(0.8, 1.6)))
                self.text(str(rng.choice(list(LETTERS))), x, y, not_digits.font(str(rng.choice(FONTS)), size))
            elif kind == "dash":
                angle = rng.uniform(-0.9, 0.9)  # a steep one is a 1
                length = unit * np.exp(rng.uniform(np.log(0.2), np.log(6)))
                self.off_digits([(x, y), (x + length * np.cos(angle), y + length * np.sin(angle))])
            elif kind == "scribble":
                steps = rng.normal(0, 0.5 * unit, (int(rng.integers(4, 12)), 2))
                self.off_digits(np.array([x, y]) + np.cumsum(steps, axis=0))
            elif kind == "dots":
                for _ in range(int(rng.integers(1, 8))):
                    reach = unit * rng.uniform(0.01, 0.07)
                    cx, cy = rng.uniform(0, self.width), rng.uniform(0, self.height)
                    self.off_digits([(cx - reach, cy), (cx + reach, cy)], thick=2 * reach)
            else:
                margin = unit * rng.uniform(0.1, 0.6)
                a, b, c, d = margin, margin, self.width - margin, self.height - margin
                self.stroke([(a, b), (c, b), (c, d), (a, d), (a, b)])

    def words(self, x, y):
        """Printed or typed words; numbers among them are neither asked for nor forbidden."""
        rng = self.rng
        size = max(7, round(self.unit * np.exp(rng.uniform(np.log(0.25), np.log(1.3)))))
        font = not_digits.font(str(rng.choice(FONTS)), size)
        letters = string.ascii_uppercase if rng.random() < 0.15 else string.ascii_lowercase
        for _ in range(int(rng.integers(1, 5))):
            number = rng.random() < 0.12
            word = "".join(rng.choice(list(string.digits if number else letters), int(rng.integers(3, 9))))
            if not number and rng.random() < 0.3:
                word = word.capitalize()
            x = self.text(word, x, y, font, number) + 0.4 * size
            if x > self.width:
                return

    def text(self, word, x, y, font, number=False):
        """Write a word unless it would touch a digit; returns where it ends."""
        left, top, right, bottom = font.getbbox(word)
        h, w = bottom - top + 2, right - left + 2
        ink = ink_of((w, h), "text", (1 - left, 1 - top), word, 255, font)
        at, column = round(y), round(x)
        margin = max(2, round(0.15 * self.unit))
        a, b = max(0, at - margin), max(0, column - margin)
        if self.inked[a : at + h + margin, b : column + w + margin].any():
            return x + w
        known = len(self.boxes)
        self.put(ink, 0, at, column, self.rng.uniform(0.4, 1))
        del self.boxes[known:]
        if number:
            each = w / len(word)
            for k, digit in enumerate(word):
                self.boxes.append((column + k * each, at, column + (k + 1) * each, at + h, int(digit), IGNORED))
        return x + w

    def off_digits(self, points, thick=None):
        """A stroke, unless it would come close to a digit."""
        points = np.asarray(points)
        margin = max(2, round(0.15 * self.unit))
        (a, b), (c, d) = points.min(axis=0).round().astype(int), points.max(axis=0).round().astype(int)
        if not self.inked[max(0, b - margin) : max(0, d + margin), max(0, a - margin) : max(0, c + margin)].any():
            self.stroke(points, thick=thick)

    def cut(self, left, top, right, bottom):
        """Only this part of the page is the picture; round it lies the usual tone of its rim, as round a small photo."""
        left, top = max(0, round(left)), max(0, round(top))
        right, bottom = min(self.width, max(left + 8, round(right))), min(self.height, max(top + 8, round(bottom)))
        self.window = slice(top, bottom), slice(left, right)
        kept = []
        for row in self.boxes:
            a, b, c, d = row[:4]
            inside = max(0, min(c, right) - max(a, left)) * max(0, min(d, bottom) - max(b, top))
            share = inside / max(1, (c - a) * (d - b))
            if share > 0.05:
                kept.append(row if share > 0.93 else (*row[:5], IGNORED))
        self.boxes = kept

    # --- the photo ---

    def photographed(self) -> np.ndarray:
        """Light, camera and either polarity; uint8 (height, width)."""
        rng, shape = self.rng, self.tone.shape
        tone = np.clip(self.tone, 0, 1)
        window = getattr(self, "window", None)
        if window is None and rng.random() < 0.15:
            tone = self.on_a_desk(tone)
        if rng.random() < 0.3:
            spread, size = rng.uniform(0.01, 0.06), [max(2, round(side / rng.uniform(4, 30))) for side in shape]
            coarse = Image.fromarray(rng.normal(0, spread, size).astype(np.float32))
            tone = tone + np.asarray(coarse.resize(shape[::-1], Image.Resampling.BICUBIC))
        if rng.random() < 0.6:
            tone = tone * self.light()
        if rng.random() < 0.25:
            tone = 1 - tone
        sigma = rng.choice((0.0, rng.uniform(0.3, 1.0), self.unit * rng.uniform(0.01, 0.07)), p=(0.4, 0.45, 0.15))
        if sigma:
            tone = ndimage.gaussian_filter(tone, sigma)
        if window is not None:
            inside = tone[window]
            rim = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
            outside = np.full(shape, np.median(rim), np.float32)
            outside[window] = inside
            noise = np.zeros(shape)
            noise[window] = 1
            tone = outside
        else:
            noise = 1
        if rng.random() < 0.7:
            tone = tone + noise * rng.normal(0, np.exp(rng.uniform(np.log(0.003), np.log(0.06))), shape)
        pixels = np.uint8(np.clip(255 * tone + 0.5, 0, 255))
        if rng.random() < 0.12:
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "JPEG", quality=int(rng.integers(15, 70)))
            pixels = np.asarray(Image.open(buffer))
        return pixels

    def light(self) -> np.ndarray:
        """Brightness: a gradient, and often the edge of a shadow, soft or sharp; float (height, width) up to 1."""
        rng = self.rng
        y, x = np.ogrid[-1 : 1 : self.height * 1j, -1 : 1 : self.width * 1j]
        angle = rng.uniform(0, 2 * np.pi)
        light = 1 - rng.uniform(0, 0.4) * (np.cos(angle) * y + np.sin(angle) * x + 1.5) / 3
        if rng.random() < 0.4:
            angle, softness = rng.uniform(0, 2 * np.pi), np.exp(rng.uniform(np.log(0.003), np.log(0.2)))
            edge = (np.cos(angle) * y + np.sin(angle) * x - rng.uniform(-0.7, 0.7)) / softness
            light = light * (1 - rng.uniform(0.1, 0.65) / (1 + np.exp(-np.clip(edge, -30, 30))))
        return light.astype(np.float32)

    def on_a_desk(self, tone):
        """The sheet ends beside its digits, and a desk of another tone goes on."""
        rng = self.rng
        if not self.boxes:
            return tone
        boxes = np.array(self.boxes)
        margin = self.unit * rng.uniform(0.15, 1.5, 4)
        a, b = boxes[:, 0].min() - margin[0], boxes[:, 1].min() - margin[1]
        c, d = boxes[:, 2].max() + margin[2], boxes[:, 3].max() + margin[3]
        lean = rng.normal(0, 0.04)
        high, wide = lean * (c - a), lean * (d - b)
        corners = [
            (a + wide, b - max(high, 0)),
            (c + wide, b + min(high, 0)),
            (c - wide, d + max(high, 0)),
            (a - wide, d),
        ]
        mask = ink_of((self.width, self.height), "polygon", corners, 255)
        desk = rng.uniform(0, 0.75) * self.paper if rng.random() < 0.8 else min(1, self.paper + rng.uniform(0.05, 0.2))
        grain = rng.normal(0, rng.uniform(0, 0.05), (self.height, 1)) if rng.random() < 0.3 else 0
        return np.clip(mask * tone + (1 - mask) * (desk + grain), 0, 1)


def ink_of(size, shape: str, *arguments, **options) -> np.ndarray:
    """What one of ``ImageDraw``'s methods draws in white on black; ``size``, its width and height -> float32 in [0, 1]."""
    field = Image.new("L", size)
    getattr(ImageDraw.Draw(field), shape)(*arguments, **options)
    return np.asarray(field, np.float32) / 255


def _drawn_large(image: np.ndarray, height: float, slant: float, aspect: float) -> np.ndarray:
    """A MNIST digit with its 20 pixels at ``height`` pixels, slanted and stretched; float in [0, 1]."""
    scale = height / 20
    width = 28 * scale * aspect + abs(slant) * 28 * scale
    size = max(4, round(width)), max(4, round(28 * scale))
    # from output to input: x_in = 14 + (x - cx) / (scale * aspect) + slant * (y - cy) / scale / aspect
    cx, cy = size[0] / 2, size[1] / 2
    a, b = 1 / (scale * aspect), slant / (scale * aspect)
    matrix = (a, b, 14 - a * cx - b * cy, 0, 1 / scale, 14 - cy / scale)
    source = Image.fromarray(image)
    if scale < 0.8:  # shrunk: every pixel of MNIST counts
        fine = source.transform((2 * size[0], 2 * size[1]), Image.Transform.AFFINE,
                                (a / 2, b / 2, matrix[2], 0, 0.5 / scale, matrix[5]), Image.Resampling.BILINEAR)  # fmt: skip
        return np.asarray(fine.reduce(2), np.float32) / 255
    return (
        np.asarray(source.transform(size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC), np.float32) / 255
    )


def thinned(ink: np.ndarray, width: float) -> np.ndarray:
    """The same as a line of a pen: the middle of the strokes, so many pixels wide."""
    middle = skeletonize(np.pad(ink > 0.5, 2))
    return np.clip(width / 2 + 0.5 - ndimage.distance_transform_edt(~middle), 0, 1) if middle.any() else ink


def trimmed(ink: np.ndarray) -> np.ndarray:
    """The box of what is ink, float (height, width) in [0, 1] as given; a single pixel where there is none."""
    (box,) = ndimage.find_objects(ink > 0.3, 1)
    return np.ones((1, 1), np.float32) if box is None else ink[box]
