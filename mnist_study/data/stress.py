"""The stress set: test digits rendered as photos, by kind and strength of what goes wrong with photos.

Source: our choice; nothing here was used in training, and no real photo was looked at for it.
"""

import io

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

KINDS = (
    "plain",
    "paper",
    "shadow",
    "blur",
    "jpeg",
    "perspective",
    "ink",
    "width",
    "resolution",
    "position",
    "lines",
    "all",
)
STRENGTHS = (1, 2, 3)
SIDE = 400  # pixels of a photo, unless its kind says otherwise
INKS = (
    (30, 30, 34),
    (20, 40, 150),
    (180, 30, 40),
    (20, 110, 60),
    (230, 140, 20),
    (110, 110, 115),
)  # from dark to faint
RESOLUTIONS = {1: (160, 1200), 2: (60, 100), 3: (24, 40)}


def photograph(digit: np.ndarray, rng, kind: str, strength: int) -> np.ndarray:
    """One digit as a photo.

    Args:
        digit: uint8 (28, 28), white ink on black, as MNIST has it.
        rng: ``numpy.random.Generator``; the same state gives the same photo.
        kind: one of ``KINDS``; "all" puts every other one together, each drawn at random.
        strength: 1 mild, 2 medium, 3 hard.

    Returns:
        uint8 (height, width, 3).

    Raises:
        ValueError: for another kind or strength.
    """
    if kind not in KINDS or strength not in STRENGTHS:
        raise ValueError(f"There is no stress {kind!r} of strength {strength!r}; expected {KINDS} and {STRENGTHS}.")
    active = {name for name in KINDS if kind == name or (kind == "all" and rng.random() < 0.4)}
    side = SIDE
    if "resolution" in active:
        side = int(rng.integers(*RESOLUTIONS[strength]))
    ink = _placed(
        _strokes(digit, rng, strength if "width" in active else 0), side, rng, strength * ("position" in active)
    )
    if "perspective" in active:
        ink = _tilted(ink, rng, strength)
    photo = _inked(
        ink, rng, strength * ("ink" in active), strength * ("paper" in active), strength * ("lines" in active)
    )
    if "shadow" in active:
        photo = photo * _light(side, rng, strength)[..., None]
    if "blur" in active:
        photo = ndimage.gaussian_filter(photo, (side / 400 * 2.0 * strength,) * 2 + (0,))
    photo = np.uint8(np.clip(photo + rng.normal(0, 1.5, photo.shape), 0, 255))
    return _as_jpeg(photo, (60, 25, 10)[strength - 1]) if "jpeg" in active else photo


def _strokes(digit, rng, strength) -> np.ndarray:
    """The digit at 12 times the size with soft edges, its strokes made thinner or thicker; float (336, 336) in [0, 1]."""
    large = Image.fromarray(digit).resize((336, 336), Image.Resampling.BICUBIC)
    solid = ndimage.gaussian_filter(np.asarray(large, float) / 255, 4) > 0.45
    change = rng.choice((-1, 1)) * strength * 5  # pixels of 12 to one of MNIST's
    inside, outside = ndimage.distance_transform_edt(solid), ndimage.distance_transform_edt(~solid)
    thin = 4.5 - ndimage.distance_transform_edt(~skeletonize(solid))  # a pen's line stays where a stroke would vanish
    return np.clip(np.maximum(inside - outside + change + 0.5, thin), 0, 1)


def _placed(ink, side, rng, strength) -> np.ndarray:
    """The digit somewhere on an empty page; float (side, side)."""
    share = {0: 0.6, 1: rng.uniform(0.45, 0.8), 2: rng.uniform(0.25, 0.4), 3: rng.choice((0.14, 1.0))}[strength]
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(2, round(share * side * length / max(box.shape))) for length in box.shape)
    box = np.asarray(Image.fromarray(np.float32(box)).resize((width, height), Image.Resampling.BOX))
    page = np.zeros((side, side))
    free = side - height, side - width
    margin = 0.04 * side if share < 1 else 0
    top, left = (int(rng.uniform(min(margin, f / 2), max(f - margin, f / 2))) if strength else f // 2 for f in free)
    page[top : top + height, left : left + width] = box
    return page


def _tilted(ink, rng, strength) -> np.ndarray:
    side = len(ink)
    corners = np.array([(0, 0), (side, 0), (side, side), (0, side)], float)
    moved = corners + rng.uniform(-1, 1, (4, 2)) * 0.06 * strength * side
    angle = np.deg2rad(rng.uniform(-5, 5) * strength)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (moved - side / 2) @ turn + side / 2
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, moved, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    numbers = np.linalg.solve(np.array(rows), np.array(values))
    image = Image.fromarray(np.float32(ink)).transform(
        (side, side), Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR
    )
    return np.asarray(image)


def _inked(ink, rng, ink_strength, paper_strength, line_strength) -> np.ndarray:
    """Colours: float (side, side, 3) in [0, 255]."""
    side = len(ink)
    paper = np.array((250.0, 250.0, 248.0)) - rng.uniform(0, 25, 3) * paper_strength
    colour = np.array(INKS[rng.integers(0, 2 * ink_strength)] if ink_strength else INKS[0], float)
    if ink_strength and rng.random() < 0.3:  # chalk
        paper, colour = np.array((40.0, 60.0, 50.0)), np.array((235.0, 235.0, 225.0)) - 40 * (ink_strength - 1)
    page = np.broadcast_to(paper, (side, side, 3)).copy()
    if line_strength:
        step = side / rng.integers(6, 12)
        places = np.arange(rng.uniform(0, step), side, step).astype(int)
        thick = max(1, side // 250)
        shade = np.array((200.0, 210.0, 235.0)) - 40 * (line_strength - 1)
        for place in places:
            page[place : place + thick] = shade
            if line_strength > 1 and rng.random() < 0.7:
                page[:, place : place + thick] = shade
    if paper_strength:
        grain = ndimage.gaussian_filter(rng.standard_normal((side, side)), side / 300)
        page += (grain / grain.std() * 3 * paper_strength)[..., None]
    return page + ink[..., None] * (colour - page)


def _light(side, rng, strength) -> np.ndarray:
    """Brightness: a gradient, and from strength 2 on the edge of a shadow; float (side, side) up to 1."""
    rows, columns = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    across = np.cos(angle) * rows + np.sin(angle) * columns
    light = 1 - 0.15 * strength * (across + 1) / 2
    if strength > 1:
        angle, softness = rng.uniform(0, 2 * np.pi), rng.uniform(0.02, 0.15)
        edge = np.cos(angle) * rows + np.sin(angle) * columns - rng.uniform(-0.5, 0.5)
        light = light * (1 - 0.15 * strength / (1 + np.exp(-edge / softness)))
    return light


def _as_jpeg(photo, quality) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(photo).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))
