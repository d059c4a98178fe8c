"""Finding ink on a page: under uneven light, dark or light or coloured, without specks, ruled lines and dark edges."""

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu

from .photo_files import LEAST_CONTRAST, BlankImageError

SMOOTH, STRONGEST = 0.03, 0.9  # of the reach; of the strongest ink: shadows sharper or darker than this pass for ink
WINDOW_SIDE = 160  # of the longer side of a part of a page, when its light is evened out
DARKEST = 0.05  # of the range from black to white: paper in the deepest shadow
THUMBNAIL_SIDE = 100  # pixels of the longer side on which the light on the paper is measured
REACH = 0.3  # of the shorter side of a page: no stroke is wider
PAPER = 0.4  # of a page: so much of it is paper, at least
STANDING_OUT = 0.5  # of what differs most from the paper: from there on it tells the colour of the ink
USUAL = 0.8  # of a digit's pixels have at most the usual strength of its ink
GRAIN = 7  # standard deviations of the paper's texture: fainter ink is its grain
UNDER_SPLIT, UNDER_USUAL = 0.85, 0.45  # of what parts faint from strong ink best, and of the usual strong ink
LINE_ACROSS, LINE_THICKEST = 0.85, 0.03  # of the page's width and height: a ruled line is as long, and no thicker
RIM, WITHIN_RIM = 0.12, 0.7  # of a side of the page; of ink that is its frame
SMALLEST_PART, SMALLEST_SIDE = 0.025, 0.2  # of the page's longer side, and of the largest part's: smaller is a speck


def find_ink(colours: np.ndarray) -> tuple[np.ndarray, float]:
    """How much each pixel differs from the paper around it, in the direction in which the ink differs.

    The direction in colour space comes from the pixels that stand out of a smooth paper, so that dark on light, light on
    dark and coloured ink are one case. Uneven light is then what a morphological opening wider than any stroke leaves.

    Args:
        colours: float32 (height, width, 3) in [0, 1].

    Returns:
        Ink, float32 (height, width), about 0 on paper; and the standard deviation of the paper's own texture.

    Example:
        >>> page = np.full((100, 100, 3), 0.8, np.float32)
        >>> page[20:80, 45:55] = 0.2  # a stroke of dark ink on grey paper
        >>> ink, _ = find_ink(page)
        >>> bool(ink[50, 50] > 0.5), abs(float(ink[50, 20])) < 0.01
        (True, True)
    """
    height, width = colours.shape[:2]
    factor = max(1, round(max(height, width) / THUMBNAIL_SIDE))
    small = _block_means(colours, factor)
    surface = _smooth_paper(small)
    axis = _towards_ink(small - surface)
    if axis is None:
        return np.zeros((height, width), np.float32), 0.0
    level = (colours @ axis).astype(np.float32)  # ink is the brighter
    small, surface = small @ axis, surface @ axis
    reach = max(5, round(REACH * min(small.shape)))
    bumps = ndimage.grey_opening(small - surface, (reach, reach), mode="nearest")
    bumps = ndimage.gaussian_filter(bumps, SMOOTH * reach, mode="nearest")
    # strokes wider than the reach would pass for paper, were it not for a shadow's being fainter than ink
    peak = np.quantile((level - _enlarged(surface, level.shape, factor))[::2, ::2], 0.999)
    paper = surface + np.minimum(bumps, STRONGEST * max(peak, 0))
    ink = level - _enlarged(paper, (height, width), factor)
    ink -= np.quantile(ink, PAPER)  # paper: most of the page, though not always more than a half of a small drawing
    if axis.sum() < -0.5:  # dark ink: in a shadow paper and ink are both darker, and so is their difference
        light = np.abs(paper) + 0.1
        ink *= _enlarged(np.minimum(light.max() / light, 3), (height, width), factor)
    return ink, float(np.quantile(np.abs(ink), 0.3) / 0.385)  # 30 % of a normal distribution: 0.385 deviations


def _towards_ink(residual: np.ndarray):
    """The direction in colour space in which ink differs from the paper, its parts adding up to 1; None on an even page."""
    spread = np.abs(residual).max(axis=2)
    strong = residual[spread >= max(STANDING_OUT * np.quantile(spread, 0.998), 1e-6)]
    if not len(strong):
        return None
    axis = np.linalg.eigh(strong.T @ strong)[1][:, -1]
    axis = axis * np.sign(((strong @ axis) ** 3).sum() or 1)
    return axis / np.abs(axis).sum()


def lightness_of_ink(colours: np.ndarray) -> float:
    """Between -1, where ink is darker than the paper in every colour, and 1, where it is lighter; 0 on an even page.

    Args:
        colours: float32 (height, width, 3) in [0, 1].
    """
    small = _block_means(colours, max(1, round(max(colours.shape[:2]) / THUMBNAIL_SIDE)))
    axis = _towards_ink(small - _smooth_paper(small))
    return 0.0 if axis is None else float(axis.sum())


def evenly_lit(colours: np.ndarray, reach: float, light_ink: bool) -> np.ndarray:
    """Paper equally light everywhere: the edge of a shadow or of a sheet is no ink.

    What is narrower than ``reach`` and darker, or lighter, than all around is taken for ink; the rest is the paper.

    Args:
        colours: float32 (height, width, 3) in [0, 1].
        reach: pixels, more than the width of any stroke.
        light_ink: whether ink is lighter than the paper.

    Returns:
        float32 (height, width, 3) in [0, 1]: paper is 1 where the ink is dark, and 0 where it is light.

    Example:
        >>> page = np.full((60, 80, 3), 0.8, np.float32)
        >>> page[:, 40:] = 0.3  # in a shadow
        >>> page[30, 20:60] *= 0.5  # half as dark as the paper around
        >>> [round(float(tone), 2) for tone in evenly_lit(page, 20, False)[[10, 10, 30, 30], [20, 50, 30, 50], 0]]
        [1.0, 1.0, 0.5, 0.5]
    """
    if light_ink:
        return 1 - evenly_lit(1 - colours, reach, False)
    factor = max(1, round(max(colours.shape[:2]) / WINDOW_SIDE))
    size = max(3, round(reach / factor))
    paper = ndimage.grey_closing(_block_means(colours, factor), (size, size, 1), mode="nearest")
    paper = np.stack([_enlarged(paper[..., k], colours.shape[:2], factor) for k in range(3)], axis=2)
    return np.minimum(colours / np.maximum(paper, DARKEST), 1).astype(np.float32)


def _block_means(image: np.ndarray, factor: int) -> np.ndarray:
    """Means over ``factor`` x ``factor`` blocks, the last ones smaller where the size does not divide."""
    if factor == 1:
        return image
    rows, columns = (np.arange(0, side, factor) for side in image.shape[:2])
    sums = np.add.reduceat(np.add.reduceat(image, rows, axis=0), columns, axis=1)
    counts = [np.diff(np.append(starts, side)) for starts, side in zip((rows, columns), image.shape[:2], strict=True)]
    return sums / (counts[0][:, None] * counts[1])[..., None]


def _enlarged(small: np.ndarray, shape, factor: int) -> np.ndarray:
    if factor == 1:
        return small
    rows, columns = ((np.arange(side, dtype=np.float32) + 0.5) / factor - 0.5 for side in shape)
    along = [np.clip(place, 0, side - 1) for place, side in zip((rows, columns), small.shape, strict=True)]
    low = [np.minimum(place.astype(int), max(side - 2, 0)) for place, side in zip(along, small.shape, strict=True)]
    high = [np.minimum(start + 1, side - 1) for start, side in zip(low, small.shape, strict=True)]
    part = [(place - start).astype(np.float32) for place, start in zip(along, low, strict=True)]
    across = small[:, low[1]] * (1 - part[1]) + small[:, high[1]] * part[1]
    return across[low[0]] * (1 - part[0])[:, None] + across[high[0]] * part[0][:, None]


def _smooth_paper(small: np.ndarray) -> np.ndarray:
    """A quadratic surface per colour through what most pixels agree on: three rounds, each without the outliers."""
    height, width, _ = small.shape
    y, x = (grid.ravel() for grid in np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j])
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=1).astype(np.float32)
    pixels = small.reshape(-1, 3)
    surface = np.broadcast_to(np.median(pixels, axis=0), pixels.shape)
    for _ in range(3):
        distance = np.abs(pixels - surface).max(axis=1)
        kept = distance <= max(2.5 * np.median(distance), 0.02)
        rows = terms[kept].astype(np.float64)  # six terms: their products are exact enough, and quick
        factors, *_ = np.linalg.lstsq(rows.T @ rows, rows.T @ pixels[kept], rcond=None)
        surface = terms @ factors.astype(pixels.dtype)
    return surface.reshape(small.shape)


def strength_within(ink: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, float]:
    """The ink of some strokes as shares of what is usual in them, and what that is.

    Args:
        ink: float (height, width), from ``find_ink``.
        mask: bool, the same shape, True somewhere: the strokes; one pixel around them counts too, the rest becomes 0.

    Returns:
        float (height, width) in [0, 1], and the contrast.
    """
    contrast = max(np.quantile(ink[mask], USUAL), 1e-6)
    return np.clip(ink / contrast, 0, 1) * ndimage.binary_dilation(mask, np.ones((3, 3))), contrast


def box_of(place) -> tuple:
    """(left, top, right, bottom) of a place that ``ndimage.find_objects`` names."""
    rows, columns = place
    return columns.start, rows.start, columns.stop, rows.stop


def with_paper(box) -> tuple:
    """The slices (rows, columns) of a box with two pixels of paper all round."""
    left, top, right, bottom = box
    return slice(max(0, top - 2), bottom + 2), slice(max(0, left - 2), right + 2)


def rim(picture: np.ndarray) -> np.ndarray:
    """The pixels along the four edges of a picture, one after another; those of the corners twice."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def find_strokes(ink: np.ndarray, texture: float) -> np.ndarray:
    """Which pixels are ink: bool (height, width), without specks, ruled lines and dark edges of the frame.

    Args:
        ink, texture: from ``find_ink``.

    Raises:
        BlankImageError: nothing stands out.
    """
    floor = faintest_ink(texture)
    smooth = ndimage.gaussian_filter(ink, max(ink.shape) / 600)
    allowed = np.ones(ink.shape, bool)
    for _ in range(3):  # what is not a digit may outshine the digit: put it aside and look again
        values = smooth[allowed & (smooth > floor / 2)]
        if not len(values) or values.max() < floor:
            break
        threshold = max(floor / 2, between_paper_and_ink(values))
        mask = without_ruled_lines(allowed & (smooth > threshold), LINE_THICKEST)
        labels, n = ndimage.label(mask, np.ones((3, 3)))
        kept, frame = _sorted_parts(labels, n, ink)
        if kept.any():
            return kept[labels]
        if not frame.any():
            break
        allowed &= ~ndimage.binary_dilation(frame[labels], iterations=3)
    raise BlankImageError(
        f"No ink was found: nothing stands out of the page by more than {LEAST_CONTRAST:.0%} of the range from black to "
        f"white, or what does is only specks, lines or the frame. Expected a digit; use a darker pen or more light."
    )


def faintest_ink(texture: float) -> float:
    """The contrast, of the range from black to white, below which nothing counts as ink on paper of such a texture."""
    return max(LEAST_CONTRAST, GRAIN * texture)


def between_paper_and_ink(values: np.ndarray) -> float:
    """A little under half the usual strength of ink: printed lines stay below, uneven strokes above."""
    if np.ptp(values) < 1e-3:
        return 0.0
    split = threshold_otsu(values)
    return max(UNDER_SPLIT * split, UNDER_USUAL * float(np.median(values[values > split])))


def without_ruled_lines(mask: np.ndarray, thickest: float) -> np.ndarray:
    """Remove lines that cross nearly the whole page, but not the strokes that cross them.

    Args:
        mask: bool (height, width).
        thickest: a line may be, as a share of the page's height.
    """
    for _ in range(2):
        mask = _without_level_lines(mask, thickest).T
    return mask


def _without_level_lines(mask: np.ndarray, thickest: float) -> np.ndarray:
    height, width = mask.shape
    if (mask.mean(axis=1) + np.roll(mask.mean(axis=1), 1)).max() < 0.35:  # no row is inked far enough
        return mask
    slack = max(1, height // 300)  # a line may lean a little
    thick = ndimage.maximum_filter1d(mask, 2 * slack + 1, axis=0)
    length = max(3, round(0.3 * width))
    pieces = ndimage.maximum_filter1d(ndimage.minimum_filter1d(thick, length, axis=1), length, axis=1) & mask
    labels, _ = ndimage.label(ndimage.maximum_filter1d(pieces, 2 * slack + 1, axis=0), np.ones((3, 3)))
    result = mask.copy()
    for label, place in enumerate(ndimage.find_objects(labels), 1):
        line = (labels[place] == label) & mask[place]
        thickness = line.sum() / max(1, line.any(axis=0).sum())
        if place[1].stop - place[1].start < LINE_ACROSS * width or thickness > max(2, thickest * height):
            continue
        run = int(np.ceil(2 * thickness)) + 2
        strokes = ndimage.maximum_filter1d(ndimage.minimum_filter1d(mask, run, axis=0), run, axis=0)
        result[place] &= ~line | strokes[place]
    return result


def _sorted_parts(labels, n: int, ink):
    """For each connected part (0 is the paper): is it part of a digit, is it part of the frame."""
    kept, longest = np.zeros(n + 1, bool), max(labels.shape)
    near_rim = np.ones(labels.shape, bool)
    high, wide = (max(1, round(RIM * side)) for side in labels.shape)
    near_rim[high:-high, wide:-wide] = False
    area = np.maximum(np.bincount(labels.ravel(), minlength=n + 1), 1)
    weight = np.bincount(labels.ravel(), np.maximum(ink, 0).ravel(), minlength=n + 1)
    side = np.array([0] + [max(s.stop - s.start for s in place) for place in ndimage.find_objects(labels)])
    touching, cornered = np.zeros(n + 1, bool), np.zeros(n + 1, bool)
    touching[rim(labels)] = True
    cornered[labels[[0, 0, -1, -1], [0, -1, 0, -1]]] = True
    in_rim = np.bincount(labels[near_rim], minlength=n + 1) / area
    big = side >= max(6, SMALLEST_PART * longest)
    big &= ~touching | (side >= 0.1 * longest)  # shreds at the edge are no digits
    big[0] = False
    free = big & ~touching
    # the table round the paper, the shadow of the phone: it holds a corner of the picture and lies along its rim
    frame = touching & cornered & ((in_rim > WITHIN_RIM) | (area > 0.15 * labels.size) & free.any())
    if free.any():  # beside a digit that stands free, ink that runs out of the picture belongs to something else
        frame |= touching & (weight < 0.5 * weight[free].max())
    frame[0] = False
    candidates = big & ~frame
    if candidates.any():
        main_area, main_side = area[candidates].max(), side[candidates].max()
        kept = (side >= SMALLEST_SIDE * main_side) | (area >= 0.08 * main_area)
        kept &= ~frame & (area >= 0.02 * main_area)
        kept[0] = False
    return kept, frame
