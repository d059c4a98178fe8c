"""Ink that is no digit, for training: made of MNIST's digits, of printed letters, and by pen.

What the reader is measured on (``data.not_digits``) is of other kinds: letters of other fonts, splines through random
points, faces, words and hands. None of these is drawn here.
"""

import string

import numpy as np

from ..augment import affine_maps, warp
from ..not_digits import OTHERS
from . import pen
from .digits import WIDTHS, glyphs

TURNED = (2, 3, 4, 5, 6, 7, 9)  # digits that are none when lying on their side
MIRRORED = (3, 4, 6, 7, 9)  # digits that are none in the mirror; a 2 and a 5 come close to each other
CLOSE = "AJTadt"  # of these the ones that a reader trained without them takes for digits most often, drawn more often


def not_digits(images: np.ndarray, labels: np.ndarray, n: int, rng) -> np.ndarray:
    """Ink that is no digit, in equal shares of each of ``KINDS``.

    Args:
        images, labels: uint8 (m, 28, 28) and (m,): digits to make some of them from.
        n: how many to make.
        rng: ``numpy.random.Generator``.

    Returns:
        uint8 (n, 28, 28), kind by kind.

    Source: our choice, after Hendrycks, Mazeika, Dietterich 2019, "Deep Anomaly Detection with Outlier Exposure".
    """
    edges = np.linspace(0, n, len(KINDS) + 1).astype(int)
    counts = np.diff(edges)
    return np.concatenate(
        [make(images, labels, count, rng) for make, count in zip(KINDS, counts, strict=True) if count]
    )


# --- made of digits ----------------------------------------------------------------------------------------------


def turned(images, labels, n, rng) -> np.ndarray:
    """Digits lying on their side, and digits in the mirror."""
    half = n // 2
    lying = images[rng.choice(np.flatnonzero(np.isin(labels, TURNED)), half)]
    lying = np.where(rng.random(half)[:, None, None] < 0.5, np.rot90(lying, 1, (1, 2)), np.rot90(lying, 3, (1, 2)))
    mirrored = images[rng.choice(np.flatnonzero(np.isin(labels, MIRRORED)), n - half)][:, :, ::-1]
    return np.concatenate([lying, mirrored])


def overlaid(images, labels, n, rng) -> np.ndarray:
    """Two digits at once, each turned."""
    parts = [
        warp(
            images[rng.integers(0, len(images), n)].astype(np.float32) / 255,
            affine_maps(n, rng, rotation=180, shift=0.12, zoom=0.2, stretch=0.3, shear=0.5),
        )
        for _ in range(2)
    ]
    return np.uint8(255 * np.clip(np.maximum(*parts), 0, 1))


def side_by_side(images, labels, n, rng) -> np.ndarray:
    """Two to four digits in a row, close together or touching."""
    return np.stack([_row(images[rng.integers(0, len(images), rng.choice([2, 2, 2, 3, 4]))], rng) for _ in range(n)])


def _row(pictures, rng) -> np.ndarray:
    """28x28 pictures side by side, as one picture made as MNIST was made."""
    page = np.zeros((40, 28 * len(pictures) + 40), np.uint8)
    left = 4
    for picture in pictures:
        columns = np.flatnonzero(picture.max(axis=0) > 25)
        part = picture[:, columns[0] : columns[-1] + 1]
        top = rng.integers(3, 10)
        place = page[top : top + 28, left : left + part.shape[1]]
        np.maximum(place, part, out=place)
        left = max(2, left + part.shape[1] + rng.integers(-3, 5))
    return pen.boxed(page)


# --- printed -----------------------------------------------------------------------------------------------------


def letters(images, labels, n, rng) -> np.ndarray:
    """Letters of ``TRAINING_FONTS`` that look like no digit, one in three of ``CLOSE``."""
    pixels, close = glyphs(OTHERS), glyphs(CLOSE)
    third = n // 3
    return np.concatenate([close[rng.integers(0, len(close), third)], pixels[rng.integers(0, len(pixels), n - third)]])


def syllables(images, labels, n, rng) -> np.ndarray:
    """Two to six letters of one font side by side."""
    pixels = glyphs(string.ascii_letters).reshape(-1, len(string.ascii_letters), 28, 28)
    rows = rng.integers(0, len(pixels), n)
    return np.stack([_row(pixels[row][rng.integers(0, pixels.shape[1], rng.integers(2, 7))], rng) for row in rows])


# --- by pen ------------------------------------------------------------------------------------------------------


def by_pen(images, labels, n, rng) -> np.ndarray:
    """Drawings of the ``SHAPES``."""
    made = rng.integers(0, len(SHAPES), n)
    return np.stack([SHAPES[shape](rng) for shape in made])


def _wandering(rng) -> np.ndarray:
    """A long line that turns a little at every step, one or two of them."""
    strokes = []
    for _ in range(rng.choice([1, 1, 2])):
        turns = rng.normal(rng.normal(0, 0.15), rng.uniform(0.2, 0.9), 60)
        heading = np.cumsum(turns) + rng.uniform(0, 2 * np.pi)
        steps = np.stack([np.cos(heading), np.sin(heading)], axis=1)
        strokes.append(np.cumsum(steps, axis=0) + rng.uniform(-8, 8, 2))
    return pen.drawn(strokes, rng, rng.uniform(1.0, 3.0))


def _zigzag(rng) -> np.ndarray:
    """Up and down or round and round, from side to side: what crosses a word out."""
    swings = rng.uniform(2.5, 6)
    t = np.linspace(0, 1, 80)
    phase = 2 * np.pi * swings * t
    across = t * rng.uniform(0.5, 1.5) + rng.choice([0, 1]) * 0.25 * np.cos(phase)
    height = rng.uniform(0.3, 1) * (1 - rng.uniform(0, 0.6) * t) * np.sin(phase) + rng.uniform(-0.5, 0.5) * t
    return pen.drawn([_turned(np.stack([across, height], axis=1), rng)], rng, rng.uniform(1.0, 3.0))


def _strokes_beside(rng) -> np.ndarray:
    """Three or more strokes side by side, crossed by others or not: combs, grids, fences, hash marks."""
    count = rng.integers(3, 6)
    strokes = [
        pen.stroke(
            [(x + rng.normal(0, 0.04), rng.uniform(-0.2, 0.2)), (x + rng.normal(0, 0.04), rng.uniform(0.8, 1.2))], rng
        )
        for x in np.linspace(0, rng.uniform(0.7, 1.3), count)
    ]
    strokes += [
        pen.stroke([(rng.uniform(-0.3, 0.1), y), (rng.uniform(0.8, 1.4), y + rng.normal(0, 0.05))], rng)
        for y in rng.uniform(0, 1, rng.integers(0, 4))
    ]
    quarter = rng.choice([0, np.pi / 2])
    return pen.drawn([_turned(one, rng, quarter) for one in strokes], rng, rng.uniform(1.0, 2.5))


def _angular(rng) -> np.ndarray:
    """What letters without curves are made of: three to six straight strokes between points of a 3x3 grid."""
    grid = np.stack(np.meshgrid((0, 0.5, 1), (0, 0.5, 1)), axis=-1).reshape(-1, 2) * (rng.uniform(0.5, 1), 1)
    strokes = []
    for _ in range(rng.integers(4, 7)):
        ends = grid[rng.choice(9, 2, replace=False)] + rng.normal(0, 0.04, (2, 2))
        strokes.append(pen.stroke(ends, rng))
    return pen.drawn(strokes, rng, rng.uniform(*WIDTHS))


def _star(rng) -> np.ndarray:
    """A closed line with three to nine lobes or spikes, filled or not."""
    angle = np.linspace(0, 2 * np.pi, 120)
    lobes, depth, sharp = rng.integers(3, 10), rng.uniform(0.25, 0.7), rng.uniform(0.4, 2)
    wave = np.abs(np.sin(lobes * angle / 2)) ** sharp
    uneven = 1 + 0.2 * np.interp(angle, np.linspace(0, 2 * np.pi, 8), rng.standard_normal(8))
    radius = np.maximum(0.1, (1 - depth * wave) * uneven)
    points = np.stack([rng.uniform(0.6, 1.3) * radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return pen.drawn([_turned(points, rng)], rng, rng.uniform(1.0, 2.5), filled=rng.random() < 0.5)


def _blob(rng) -> np.ndarray:
    """A filled shape, round or angular, no narrower than half its length."""
    angle = np.linspace(0, 2 * np.pi, rng.choice([4, 5, 7, 40]))
    points = np.stack([rng.uniform(0.55, 1.6) * np.cos(angle), np.sin(angle)], axis=1)
    points *= 1 + 0.15 * rng.standard_normal((len(points), 1)) * (len(points) < 10)
    return pen.drawn([_turned(points, rng)], rng, rng.uniform(1.0, 3.0), filled=True)


def _full_outline(rng) -> np.ndarray:
    """A ring or a frame with two to five small things inside, and now and then something outside."""
    angle = np.linspace(0, 2 * np.pi, 60) if rng.random() < 0.7 else np.linspace(0, 2 * np.pi, 5) + np.pi / 4
    outline = np.stack([rng.uniform(0.7, 1.2) * np.cos(angle), np.sin(angle)], axis=1)
    strokes = [outline]
    for _ in range(rng.integers(2, 6)):
        place, size = rng.uniform(-0.5, 0.5, 2), rng.uniform(0.02, 0.35)
        strokes.append(pen.stroke(place + rng.uniform(-size, size, (rng.integers(2, 5), 2)), rng))
    if rng.random() < 0.3:
        place = rng.choice([-1.1, 1.1], 2)
        strokes.append(pen.stroke(place + rng.uniform(-0.4, 0.4, (3, 2)), rng))
    return pen.drawn(strokes, rng, rng.uniform(0.8, 2.2))


def _spread(rng) -> np.ndarray:
    """Four to seven strokes that leave one point: asterisks, plants, crosses with more arms."""
    heading = np.sort(rng.uniform(0, 2 * np.pi if rng.random() < 0.6 else np.pi, rng.integers(4, 8)))
    strokes = []
    for angle in heading:
        out = np.array([np.cos(angle), np.sin(angle)])
        length = rng.uniform(0.5, 1)
        strokes.append(pen.stroke([0.15 * length * out, length * out + rng.normal(0, 0.08, 2)], rng))
    return pen.drawn(strokes, rng, rng.uniform(1.2, 4.0))


def _turned(points: np.ndarray, rng, angle=None) -> np.ndarray:
    """The points turned about the origin, by any angle where none is given."""
    angle = rng.uniform(0, 2 * np.pi) if angle is None else angle
    return points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


SHAPES = (_wandering, _zigzag, _strokes_beside, _angular, _star, _blob, _full_outline, _spread)
KINDS = (turned, overlaid, side_by_side, letters, letters, syllables, by_pen, by_pen)  # twice what matters most
