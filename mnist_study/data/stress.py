"""The stress set: test digits rendered as photos, by kind and strength of what goes wrong; European forms; strings.

Source: our choice; nothing here was used in training, and no real photo was looked at for it.
"""

import io

import numpy as np
from PIL import Image, ImageDraw
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
    # what goes wrong, and how badly: 0 where all is well
    wrong = {name: strength * (kind == name or (kind == "all" and rng.random() < 0.4)) for name in KINDS}
    side = int(rng.integers(*RESOLUTIONS[strength])) if wrong["resolution"] else SIDE
    ink = _placed(_strokes(digit, rng, wrong["width"]), side, rng, wrong["position"])
    if wrong["perspective"]:
        ink = _tilted(ink, rng, strength)
    photo = _inked(ink, rng, wrong["ink"], wrong["paper"], wrong["lines"])
    if wrong["shadow"]:
        photo = photo * _light(side, rng, strength)[..., None]
    if wrong["blur"]:
        photo = ndimage.gaussian_filter(photo, (side / 400 * 2.0 * strength,) * 2 + (0,))
    photo = np.uint8(np.clip(photo + rng.normal(0, 1.5, photo.shape), 0, 255))
    return _as_jpeg(photo, (60, 25, 10)[strength - 1]) if wrong["jpeg"] else photo


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
    box = ink[ndimage.find_objects(ink > 0, 1)[0]]
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


# --- European digits ---------------------------------------------------------------------------------------------

EUROPEAN = {
    "0 slashed": 0,
    "1 with a flag": 1,
    "1 with a long flag": 1,
    "1 with a flag and a foot": 1,
    "4 closed": 4,
    "4 open": 4,
    "7 crossed": 7,
}  # form -> digit


def european(form: str, digit: np.ndarray, rng) -> np.ndarray:
    """A European form as a photo: lines of one width added to a test digit, or a 4 of such lines alone.

    The reader is trained with strokes of another pen, added to training images on their 28x28 pixels (``data.drawn``).

    Args:
        form: one of ``EUROPEAN``.
        digit: uint8 (28, 28), white on black: the 0, 1 or 7 that gets the lines; of a 4, only the pen's width is taken.
        rng: ``numpy.random.Generator``; the same state gives the same photo.

    Returns:
        uint8 (SIDE, SIDE, 3).

    Raises:
        ValueError: for another form.
    """
    if form not in EUROPEAN:
        raise ValueError(f"There is no European form {form!r}; expected one of {', '.join(EUROPEAN)}.")
    ink = _smooth(digit, 336)
    # the distance to the edge falls evenly from the middle of a stroke: on average it is a quarter of the width
    width = 4 * ndimage.distance_transform_edt(ink > 0.5)[ink > 0.5].mean()
    ink = np.pad(ink, 168)
    rows, columns = np.nonzero(ink > 0.5)
    box = np.array((columns.min(), rows.min(), columns.max(), rows.max()), float)
    if form[0] == "1":
        ends = [(columns[rows == row].mean(), row) for row in (box[1], box[3])]
        lines = _lines_of_a_one(form, ends, rng)
    else:
        lines = _lines_of_another(form, box, rows, columns, rng)
    page = Image.fromarray(np.uint8(255 * ink * (form[0] != "4")))
    draw = ImageDraw.Draw(page)
    for start, bend, end in lines:
        t = np.linspace(0, 1, 60)[:, None]
        curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
        for x, y in curve:
            draw.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    placed = _placed(ndimage.gaussian_filter(np.asarray(page) / 255, 1), SIDE, rng, 1)
    return np.uint8(np.clip(_inked(placed, rng, 0, 1, 0) + rng.normal(0, 1.5, (SIDE, SIDE, 3)), 0, 255))


def _curve(start, end, rng) -> tuple:
    """Start, control point and end of a quadratic curve that leaves the straight line by a share of its length."""
    start, end = np.array(start, float), np.array(end, float)
    across = (end - start)[::-1] * (1, -1)
    return start, (start + end) / 2 + 2 * rng.uniform(-0.06, 0.06) * across, end


def _lines_of_a_one(form, ends, rng) -> list:
    (x, y), (foot_x, foot_y) = ends
    height = foot_y - y
    length = height * (rng.uniform(0.55, 0.8) if "long" in form else rng.uniform(0.25, 0.55))
    angle = np.deg2rad(rng.uniform(25, 50))
    lines = [_curve((x - length * np.sin(angle), y + length * np.cos(angle)), (x, y), rng)]
    if "foot" in form:
        left, right = height * rng.uniform(0.15, 0.35, 2)
        lines.append(_curve((foot_x - left, foot_y), (foot_x + right, foot_y), rng))
    return lines


def _lines_of_another(form, box, rows, columns, rng) -> list:
    left, top, right, bottom = box
    height, middle = bottom - top, (left + right) / 2
    if form == "7 crossed":
        row = rows[np.abs(rows - int(top + height * rng.uniform(0.45, 0.62))).argmin()]  # there, or the next with ink
        x, reach, rise = columns[rows == row].mean(), height * rng.uniform(0.15, 0.3), height * rng.uniform(-0.03, 0.06)
        return [_curve((x - reach, row + rise), (x + reach, row - rise), rng)]
    if form == "0 slashed":
        reach, half = rng.uniform(0.8, 1.3), (right - left) / 2 * rng.uniform(0.6, 0.9)
        across, up, centre = half * reach, height / 2 * reach, (top + bottom) / 2
        return [_curve((middle - across, centre + up), (middle + across, centre - up), rng)]
    left, height = middle - 70, 200.0  # a 4 of its own size
    bar, stem = top + height * rng.uniform(0.55, 0.7), left + rng.uniform(80, 120)
    begins = top + height * (0 if form == "4 closed" else rng.uniform(0.1, 0.35))
    apex = stem if form == "4 closed" else left + rng.uniform(15, 45)
    return [
        _curve((apex, top), (left, bar), rng),
        _curve((left, bar), (stem + rng.uniform(15, 45), bar), rng),
        _curve((stem, begins), (stem - rng.uniform(-5, 15), top + height), rng),
    ]


# --- strings -----------------------------------------------------------------------------------------------------

LENGTH = 5  # digits of a string


def string(digits: np.ndarray, rng, strength: int) -> np.ndarray:
    """Digits written in a row by one hand, as a photo.

    Args:
        digits: uint8 (n, 28, 28), white ink on black, from left to right.
        rng: ``numpy.random.Generator``; the same state gives the same photo.
        strength: 1, clear gaps and an even line; 2, narrow gaps, slanted, the line turned a little, light from one side;
            3, boxes that may overlap, uneven sizes, ruled paper and a shadow.

    Returns:
        uint8 (height, width, 3).

    Raises:
        ValueError: for another strength.
    """
    if strength not in STRENGTHS:
        raise ValueError(f"There is no strength {strength!r} of strings; expected one of {STRENGTHS}.")
    scale, slant = 4, rng.uniform(-0.12, 0.12) * (strength - 1)
    uneven, unruly = (0.05, 0.12, 0.2)[strength - 1], (0.03, 0.06, 0.1)[strength - 1]
    gaps = ((0.2, 0.5), (0.1, 0.3), (0.02, 0.2))[strength - 1]  # between the ink of neighbours, in heights of a digit
    tall = 28 * scale
    page = np.zeros((3 * tall, len(digits) * 2 * tall))
    filled = np.full(3 * tall, tall // 2)  # right edge of the ink so far, row by row
    for digit in digits:
        ink = _leaning(_smooth(digit, round(28 * scale * rng.uniform(1 - uneven, 1 + uneven))), slant)
        ink = ink[ndimage.find_objects(ink > 0.3, 1)[0]]
        top = round(2 * tall - len(ink) + rng.uniform(-unruly, unruly) * tall)
        around = [filled[max(0, row - tall // 8) : row + tall // 8].max() for row in range(top, top + len(ink))]
        nearest = np.max(np.array(around) - np.argmax(ink > 0.3, axis=1))  # where it would touch what is there
        left = max(int(nearest + tall * 0.7 * rng.uniform(*gaps)), 0)
        part = page[top : top + len(ink), left : left + ink.shape[1]]
        np.maximum(part, ink, out=part)
        edges = left + ink.shape[1] - np.argmax(ink[:, ::-1] > 0.3, axis=1)
        filled[top : top + len(ink)] = np.maximum(filled[top : top + len(ink)], edges)
    page = page[tall // 2 : 5 * tall // 2, : int(filled.max()) + tall // 2]
    page = ndimage.rotate(page, rng.uniform(-2, 2) * (strength - 1), reshape=False, order=1)
    photo = _page(page.shape, rng, strength)
    photo = photo + page[..., None] * (np.array(INKS[rng.integers(0, 2)], float) - photo)
    photo = photo * _light(max(page.shape), rng, strength - 1 or 0.5)[: page.shape[0], : page.shape[1], None]
    photo = ndimage.gaussian_filter(photo, (0.8 * strength, 0.8 * strength, 0))
    return np.uint8(np.clip(photo + rng.normal(0, 1.5, photo.shape), 0, 255))


def _smooth(digit, side) -> np.ndarray:
    """The digit at ``side`` pixels with clear edges, float (side, side) in [0, 1]."""
    large = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC), float) / 255
    return np.clip((ndimage.gaussian_filter(large, side / 112) - 0.45) * 4 + 0.5, 0, 1)


def _leaning(ink, slant) -> np.ndarray:
    """Slanted by so many pixels aside for one pixel up, on a wider page."""
    wide = np.pad(ink, ((0, 0), (len(ink) // 2, len(ink) // 2)))
    return ndimage.affine_transform(wide, [[1, 0], [slant, 1]], (0, -slant * len(ink) / 2), order=1)


def _page(shape, rng, strength) -> np.ndarray:
    """Paper with grain, ruled from strength 3 on; float (height, width, 3)."""
    page = np.broadcast_to(np.array((250.0, 250.0, 248.0)) - rng.uniform(0, 20, 3) * strength, (*shape, 3)).copy()
    page += 3 * ndimage.gaussian_filter(rng.standard_normal(shape), 1)[..., None] * strength
    if strength > 2:
        for row in np.arange(rng.uniform(20, 60), shape[0], rng.uniform(60, 110)).astype(int):
            page[row : row + 2] -= rng.uniform(20, 60)
    return page
