"""Where on a picture digits are: a small network looks at tiles of it at several sizes, each half the one before.

What is found is a box with the network's certainty that a digit is there; which digit it is, the reader says.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from . import litert
from .ink import rim

WEIGHTS = Path(__file__).parent / "weights" / "finder.tflite"
TILE, CORE = 192, 128  # pixels: what the network is shown, and its middle, in which centres count
STRIDE, TYPICAL = 4, 32.0  # as models.finder has them
SMALLEST, LARGEST = 11.0, 68.0  # heights in pixels of a tile; other digits are found at another size
LEAST_SCORE = 0.5  # of the network's certainty
DOUBTFUL = 0.6  # of it: below, there is rather no digit
CROWD = 40  # places: of so many, most of them doubtful, the doubtful ones are text or the grain of the paper
SMALL = 62  # a picture whose longer side is no longer than this is not halved again
FLAT, FLAT_BESIDE = 0.03, 0.3  # of the range from black to white, and of the picture's: a tile with less holds nothing
OVERLAP, WITHIN = 0.4, 0.75  # of two boxes for one digit: intersection over union, and over the smaller one


@dataclass(frozen=True)
class Place:
    """Where a digit was found.

    Attributes:
        box: (left, top, right, bottom) in pixels of the picture, floats.
        score: how certain the finder is that there is a digit, in [0, 1].
    """

    box: tuple
    score: float


def find_places(picture: np.ndarray, lowest: float = 0.0, network=None) -> list[Place]:
    """The digits on a picture, the surest first, each once.

    Args:
        picture: float32 (height, width, 3) in [0, 1], upright.
        lowest: pixels; the picture is not looked at in sizes at which only digits lower than that are found.
        network: a function of tiles, float32 (n, TILE, TILE) in [0, 255] -> (n, TILE / 4, TILE / 4, 15) as
            ``models.finder_cnn`` answers; the shipped one when left out.
    """
    network = network or shipped()
    level, size = most_uneven_channel(picture), 1
    flat = max(FLAT, FLAT_BESIDE * float(np.ptp(level)))
    places = []
    while True:
        tiles, corners = _tiles(level, flat) if size * LARGEST > lowest else ((), ())
        if len(tiles):
            places += _places(network(255 * tiles), corners, level.shape, size)
        if max(level.shape) <= SMALL:
            break
        level, size = halved(level), 2 * size
    places = _each_once(places)
    certain = [place for place in places if place.score >= DOUBTFUL]
    return certain if len(places) > CROWD and 0 < len(certain) < len(places) / 2 else places


@functools.cache
def shipped():
    """The shipped network, as a function of tiles."""
    return litert.LiteRTModel(WEIGHTS, cores=2)


def most_uneven_channel(picture: np.ndarray) -> np.ndarray:
    """Red, green or blue, whichever shows most: coloured ink is dark in one of them. Float32 (height, width)."""
    channels = np.ascontiguousarray(np.moveaxis(picture, 2, 0))
    return channels[int(np.argmax(channels.reshape(3, -1).astype(np.float64).std(axis=1).round(6)))]


def halved(level: np.ndarray) -> np.ndarray:
    """Half as large: of each 2x2 pixels the mean, but those that stand out of the paper around count for more.

    A line of one pixel is then half as dark as before only after several halvings; a plain mean would do that at once.

    Args:
        level: float32 (height, width) in [0, 1].

    Returns:
        float32, each side halved and rounded up.

    Example:
        >>> page = np.ones((64, 64), np.float32)
        >>> page[:, 20] = 0
        >>> bool(halved(page)[:, 10].max() < 0.2)
        True
    """
    height, width = level.shape
    level = np.pad(level, ((0, height % 2), (0, width % 2)), mode="edge")
    paper = ndimage.uniform_filter(level, 15, mode="nearest")
    above = (level - paper).reshape(level.shape[0] // 2, 2, -1, 2)
    strength = np.abs(above) + np.float32(1e-3)
    change = (above * strength).sum(axis=(1, 3)) / strength.sum(axis=(1, 3))
    return np.clip(paper.reshape(above.shape).mean(axis=(1, 3)) + change, 0, 1)


def _tiles(level: np.ndarray, flat: float):
    """Tiles whose cores cover the picture, float32 (n, TILE, TILE), and the corners (top, left) of each; flat ones left out."""
    margin = (TILE - CORE) // 2
    around = [(margin, -side % CORE + margin) for side in level.shape]
    field = np.pad(level, around, constant_values=np.median(rim(level)))
    tiles = np.lib.stride_tricks.sliding_window_view(field, (TILE, TILE))[::CORE, ::CORE]
    uneven = np.ptp(tiles[..., margin:-margin, margin:-margin], axis=(2, 3)) >= flat
    return tiles[uneven], CORE * np.argwhere(uneven) - margin


def _places(answers: np.ndarray, corners, shape, size: int) -> list[Place]:
    """The peaks of the network's answers as boxes on the picture."""
    margin = (TILE - CORE) // 2 // STRIDE
    core = slice(margin, margin + CORE // STRIDE)
    places = []
    for answer, (top, left) in zip(answers, corners, strict=True):
        logit = answer[..., 0]
        peaks = logit >= ndimage.maximum_filter(logit, 3, mode="nearest")
        peaks[core, core] &= logit[core, core] > np.log(LEAST_SCORE / (1 - LEAST_SCORE))
        for row, column in np.argwhere(peaks[core, core]) + margin:
            high, wide, right, down = answer[row, column, 11:].astype(float)
            high, wide = TYPICAL * np.exp(np.clip((high, wide), -4, 2))
            x, y = left + STRIDE * (column + 0.5 + right), top + STRIDE * (row + 0.5 + down)
            if SMALLEST <= high <= LARGEST and 0 <= x < shape[1] and 0 <= y < shape[0]:
                box = tuple(float(size * side) for side in (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))
                places.append(Place(box, float(1 / (1 + np.exp(-float(logit[row, column]))))))
    return places


def _each_once(places: list[Place]) -> list[Place]:
    """Of boxes that lie on each other, the surest."""
    kept = []
    for place in sorted(places, key=lambda place: -place.score):
        if not any(same(place.box, other.box) for other in kept):
            kept.append(place)
    return kept


def same(a, b) -> bool:
    """Whether two boxes, (left, top, right, bottom), are of one digit: they overlap well, or one lies within the other."""
    common = common_area(a, b)
    if not common:  # as most pairs on a page
        return False
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return common > OVERLAP * (sum(areas) - common) or common > WITHIN * min(areas)


def common_area(a, b) -> float:
    """What two boxes, (left, top, right, bottom), have in common, in pixels."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return across * down if across > 0 and down > 0 else 0.0


def union(*boxes) -> tuple:
    """The box round several boxes, (left, top, right, bottom)."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)
