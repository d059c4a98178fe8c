"""A photo or drawing of digits -> 28x28 images, made as MNIST was made.

    photo --open_photo--> colours --find_ink--> ink --find_digits--> boxes and strokes --mnist_image--> 28x28

scikit-image and SciPy do the image work: they come with scikit-learn's world, install everywhere beside any OpenCV that
may be there, and thin strokes to skeletons, which OpenCV can only do with its contributed modules.
"""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy import ndimage
from skimage.filters import threshold_otsu
from skimage.morphology import skeletonize

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF")  # HEIF where its plugin pillow-heif is installed
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif")
MOST_PIXELS = 50_000_000
LEAST_SIDE = 8
WORKING_SIDE = 1000  # pixels of the longer side on which ink is looked for
THUMBNAIL_SIDE = 100  # pixels of the longer side on which the light on the paper is measured
LEAST_CONTRAST = 0.06  # of the range from black to white; below it a page counts as blank
STROKE_WIDTHS = (1.5, 3.6)  # pixels at MNIST's size: 5 % of MNIST's training images are thinner, 5 % thicker


class PhotoError(ValueError):
    """A photo that cannot be read; the message says what happened, what was expected and how to mend it."""


class NotAnImageError(PhotoError):
    """The file is no image, or damaged, or of a format that is not read."""


class ImageSizeError(PhotoError):
    """The image has too many pixels (``MOST_PIXELS``) or too few (``LEAST_SIDE`` a side)."""


class BlankImageError(PhotoError):
    """There is nothing on the page that stands out like ink."""


@dataclass(frozen=True)
class FoundDigit:
    """One digit on a photo.

    Attributes:
        image: float32 (28, 28) in [0, 1], white ink on black.
        box: (left, top, right, bottom) in pixels of the upright photo.
        ink: this digit's ink alone, cut out of the photo; float32 (height, width) in [0, 1].
    """

    image: np.ndarray
    box: tuple
    ink: np.ndarray


# --- opening -----------------------------------------------------------------------------------------------------


def open_photo(photo) -> tuple[np.ndarray, float]:
    """The upright picture, at most ``WORKING_SIDE`` pixels a side.

    Args:
        photo: a path, a Pillow image, or an array (height, width) or (height, width, 1, 3 or 4): uint8, uint16, bool, or
            float in [0, 1].

    Returns:
        float32 (height, width, 3) in [0, 1], and the number of the photo's pixels that one of its pixels stands for.

    Raises:
        FileNotFoundError: there is no such file.
        NotAnImageError, ImageSizeError: as their names say.
    """
    if isinstance(photo, np.ndarray):
        return _reduced(_from_array(photo))
    if isinstance(photo, Image.Image):
        return _reduced(_upright(photo, "The image"))
    path = Path(photo)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}. Expected a photo or drawing of a digit; check the path.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is not worth a word; too many pixels are refused below
            opened = Image.open(path, formats=_readable_formats())
            with opened:
                _check_size(opened.size, path)
                original = max(opened.size)
                opened.draft("RGB", (WORKING_SIDE, WORKING_SIDE))  # a JPEG is decoded at a half, quarter or eighth
                picture, scale = _reduced(_upright(opened, path))
                return picture, scale * original / max(opened.size)
    except PhotoError:
        raise
    except UnidentifiedImageError:
        raise NotAnImageError(
            f"{path} is not an image that can be read. Expected {', '.join(FORMATS[:-1])} (HEIC needs `pip install "
            f"pillow-heif`) by contents, whatever its name. Save the picture as JPEG or PNG."
        ) from None
    except Image.DecompressionBombError:
        raise ImageSizeError(_size_message(path, "far too many")) from None
    except MemoryError:
        raise ImageSizeError(_size_message(path, "more pixels than fit into memory")) from None
    except Exception as error:  # Pillow's decoders raise OSError, SyntaxError, struct.error, ... on damaged files
        raise NotAnImageError(
            f"{path} is a damaged or truncated image ({type(error).__name__}: {error}). Expected a whole file; copy or "
            f"download it again, or save it afresh."
        ) from error


def _readable_formats() -> tuple:
    try:
        import pillow_heif
    except ImportError:
        return FORMATS[:-1]
    pillow_heif.register_heif_opener()
    return FORMATS


def _size_message(name, found) -> str:
    return (
        f"{name} has {found} pixels. Expected {LEAST_SIDE}x{LEAST_SIDE} up to {MOST_PIXELS // 10**6} million pixels; "
        f"crop it around the digit or save it at another size."
    )


def _check_size(size, name) -> None:
    width, height = size
    if min(size) < LEAST_SIDE or width * height > MOST_PIXELS:
        raise ImageSizeError(_size_message(name, f"{width}x{height}"))


def _from_array(array: np.ndarray) -> Image.Image:
    shape = array.shape[:2] + tuple(side for side in array.shape[2:] if side != 1)
    if (
        array.ndim not in (2, 3)
        or (len(shape) != array.ndim and array.shape[2:] != (1,))
        or shape[2:] not in ((), (3,), (4,))
    ):
        raise NotAnImageError(
            f"An array of shape {array.shape} is no picture. Expected (height, width) or (height, width, 1, 3 or 4)."
        )
    _check_size(shape[1::-1], "The array")
    array = array.reshape(shape)
    if array.dtype == np.uint16:
        array = array / 65535
    elif array.dtype == np.bool_:
        array = array.astype(np.float32)
    if array.dtype.kind == "f":
        if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
            raise NotAnImageError(
                "An array of floats must lie in [0, 1] without gaps. Divide pixels by 255, or give them as uint8."
            )
        array = np.rint(array * 255).astype(np.uint8)
    if array.dtype != np.uint8:
        raise NotAnImageError(
            f"An array of {array.dtype} is no picture. Expected uint8, uint16, bool, or float in [0, 1]."
        )
    return _on_white(Image.fromarray(array))


def _upright(image: Image.Image, name) -> Image.Image:
    """Orientation from EXIF, the first frame, 8 bits, RGB; transparency onto white."""
    _check_size(image.size, name)
    if image.mode.startswith(("I", "F")):  # 16 bits or more a pixel
        levels = np.asarray(image, np.float32)
        low, high = np.nan_to_num(levels).min(), np.nan_to_num(levels).max()
        if image.mode.startswith("I;16"):
            low, high = 0, 65535
        image_8 = Image.fromarray(np.uint8(np.clip((np.nan_to_num(levels) - low) / max(high - low, 1e-9), 0, 1) * 255))
        return ImageOps.exif_transpose(image_8)
    factor = max(1, max(image.size) // (2 * WORKING_SIDE))
    orientation = image.getexif().get(0x0112, 1)
    if image.mode in ("RGB", "L", "RGBA") and factor > 1:
        image = image.reduce(factor)  # before anything else touches twelve million pixels
    image = _on_white(image)
    return image.transpose(TRANSPOSED[orientation]) if orientation in TRANSPOSED else image


TRANSPOSED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # EXIF orientation -> what makes the picture upright


def _on_white(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white, or black where white would hide a drawing in white ink."""
    if not (image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info):
        return image.convert("RGB")
    image = image.convert("RGBA")
    for paper in ("white", "black"):
        page = Image.new("RGBA", image.size, paper)
        page.alpha_composite(image)
        page = page.convert("RGB")
        if any(high - low > 255 * LEAST_CONTRAST for low, high in page.getextrema()):
            return page
    return page


def _reduced(image: Image.Image) -> tuple[np.ndarray, float]:
    longest = max(image.size)
    if longest > WORKING_SIDE:
        size = [max(LEAST_SIDE, round(side * WORKING_SIDE / longest)) for side in image.size]
        image = image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    if image.mode != "RGB":
        image = image.convert("RGB")
    return np.asarray(image, np.float32) / 255, longest / max(image.size)


# --- ink ---------------------------------------------------------------------------------------------------------


def find_ink(colours: np.ndarray) -> tuple[np.ndarray, float]:
    """How much each pixel differs from the paper around it, in the direction in which the ink differs.

    The direction in colour space comes from the pixels that stand out of a smooth paper, so that dark on light, light on
    dark and coloured ink are one case. Uneven light is then what a morphological opening wider than any stroke leaves.

    Args:
        colours: float32 (height, width, 3) in [0, 1].

    Returns:
        Ink, float32 (height, width), about 0 on paper; and the standard deviation of the paper's own texture.
    """
    height, width = colours.shape[:2]
    factor = max(1, round(max(height, width) / THUMBNAIL_SIDE))
    small = _block_means(colours, factor)
    surface = _smooth_paper(small)
    residual = small - surface
    spread = np.abs(residual).max(axis=2)
    strong = residual[spread >= max(0.5 * np.quantile(spread, 0.998), 1e-6)]
    if not len(strong):
        return np.zeros((height, width), np.float32), 0.0
    axis = np.linalg.eigh(strong.T @ strong)[1][:, -1]
    axis = axis * np.sign(((strong @ axis) ** 3).sum() or 1)
    axis = axis / np.abs(axis).sum()
    level = (colours @ axis).astype(np.float32)  # ink is the brighter
    small, surface = small @ axis, surface @ axis
    reach = max(5, round(0.3 * min(small.shape)))
    bumps = ndimage.grey_opening(small - surface, (reach, reach), mode="nearest")
    bumps = ndimage.gaussian_filter(bumps, 0.1 * reach, mode="nearest")
    # strokes wider than the reach would pass for paper: a shadow is seldom half as dark as the ink
    peak = np.quantile((level - _enlarged(surface, level.shape, factor))[::2, ::2], 0.999)
    paper = surface + np.minimum(bumps, 0.5 * max(peak, 0))
    ink = level - _enlarged(paper, (height, width), factor)
    ink -= np.median(ink)
    if (
        abs(axis.sum()) > 0.5
    ):  # ink and paper differ in brightness: in a shadow both are darker, and so is the difference
        light = np.abs(paper) + 0.1
        ink *= _enlarged(np.minimum(light.max() / light, 3), (height, width), factor)
    return ink, float(1.4826 * np.median(np.abs(ink)))


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
        surface = terms @ np.linalg.lstsq(terms[kept], pixels[kept], rcond=None)[0]
    return surface.reshape(small.shape)


# --- strokes and digits ------------------------------------------------------------------------------------------


def find_strokes(ink: np.ndarray, texture: float) -> np.ndarray:
    """Which pixels are ink: bool (height, width), without specks, ruled lines and dark edges of the frame.

    Args:
        ink, texture: from ``find_ink``.

    Raises:
        BlankImageError: nothing stands out.
    """
    floor = max(LEAST_CONTRAST, 6 * texture)
    smooth = ndimage.gaussian_filter(ink, max(ink.shape) / 600)
    allowed = np.ones(ink.shape, bool)
    for _ in range(3):  # what is not a digit may outshine the digit: put it aside and look again
        values = smooth[allowed & (smooth > floor / 2)]
        if not len(values) or values.max() < floor:
            break
        threshold = max(floor / 2, _between_paper_and_ink(values))
        mask = _without_ruled_lines(allowed & (smooth > threshold))
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


def _between_paper_and_ink(values: np.ndarray) -> float:
    """A little under half the usual strength of ink: printed lines stay below, uneven strokes above."""
    if np.ptp(values) == 0:
        return 0.0
    split = threshold_otsu(values)
    return max(0.85 * split, 0.45 * float(np.median(values[values > split])))


def _without_ruled_lines(mask: np.ndarray) -> np.ndarray:
    """Remove lines that cross nearly the whole page, but not the strokes that cross them."""
    for _ in range(2):
        mask = _without_level_lines(mask).T
    return mask


def _without_level_lines(mask: np.ndarray) -> np.ndarray:
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
        if place[1].stop - place[1].start < 0.85 * width or thickness > max(2, 0.03 * height):
            continue
        run = int(np.ceil(2 * thickness)) + 2
        strokes = ndimage.maximum_filter1d(ndimage.minimum_filter1d(mask, run, axis=0), run, axis=0)
        result[place] &= ~line | strokes[place]
    return result


def _sorted_parts(labels, n: int, ink):
    """For each connected part (0 is the paper): is it part of a digit, is it part of the frame."""
    kept, frame = np.zeros(n + 1, bool), np.zeros(n + 1, bool)
    if n == 0:
        return kept, frame
    height, width = labels.shape
    rim = np.ones(labels.shape, bool)
    margin = [max(1, round(0.12 * side)) for side in labels.shape]
    rim[margin[0] : -margin[0], margin[1] : -margin[1]] = False
    area = np.maximum(np.bincount(labels.ravel(), minlength=n + 1), 1)
    weight = np.bincount(labels.ravel(), np.maximum(ink, 0).ravel(), minlength=n + 1)
    sides = np.array([[0, 0]] + [[s.stop - s.start for s in box] for box in ndimage.find_objects(labels)])
    touching, cornered = np.zeros(n + 1, bool), np.zeros(n + 1, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        touching[edge] = True
    cornered[labels[[0, 0, -1, -1], [0, -1, 0, -1]]] = True
    in_rim = np.bincount(labels[rim], minlength=n + 1) / area
    big = sides.max(axis=1) >= max(6, 0.025 * max(height, width))
    big &= ~touching | (sides.max(axis=1) >= 0.1 * max(height, width))  # shreds at the edge are no digits
    big[0] = False
    free = big & ~touching
    # the table round the paper, the shadow of the phone: it holds a corner of the picture and lies along its rim
    frame = touching & cornered & ((in_rim > 0.7) | (area > 0.15 * labels.size) & free.any())
    if free.any():  # beside a digit that stands free, ink that runs out of the picture belongs to something else
        frame |= touching & (weight < 0.5 * weight[free].max())
    frame[0] = False
    candidates = big & ~frame
    if candidates.any():
        main_area = area[candidates].max()
        main_side = sides[candidates].max()
        kept = (
            ~frame & (area >= 0.02 * main_area) & ((sides.max(axis=1) >= 0.2 * main_side) | (area >= 0.08 * main_area))
        )
        kept[0] = False
    return kept, frame


def find_digits(photo) -> list[FoundDigit]:
    """The digits on a photo, in reading order: rows from the top, each from the left.

    Separate strokes of one digit are joined; digits that touch are cut apart where a thin bridge allows it.

    Args:
        photo: as for ``open_photo``.

    Returns:
        At least one digit.

    Raises:
        FileNotFoundError, NotAnImageError, ImageSizeError, BlankImageError: as their names say.
    """
    return digits_on(*open_photo(photo))


def digit_image(photo) -> np.ndarray:
    """The one digit of a photo, made as MNIST was made; of several, the one with the most ink.

    Args:
        photo: as for ``open_photo``.

    Returns:
        float32 (28, 28) in [0, 1], white ink on black.

    Raises:
        FileNotFoundError, NotAnImageError, ImageSizeError, BlankImageError: as their names say.
    """
    return largest_digit(photo).image


def largest_digit(photo) -> FoundDigit:
    """As ``digit_image``, with the box."""
    return digits_on(*open_photo(photo), several=False)[0]


def digits_on(picture: np.ndarray, scale: float, several: bool = True) -> list[FoundDigit]:
    """The digits of an opened photo: all of them, or only the one with the most ink.

    Args:
        picture, scale: from ``open_photo``.
        several: whether there may be more than one.

    Raises:
        BlankImageError: nothing stands out of the page.
    """
    ink, texture = find_ink(picture)
    try:
        strokes = find_strokes(ink, texture)
    except BlankImageError:
        margin = _paper_round_a_tight_crop(picture)
        if margin is None:
            raise
        padded, width = margin
        found = digits_on(padded, scale, several)
        shift = round(scale * width)
        return [replace(one, box=tuple(side - shift for side in one.box)) for one in found]
    labels, boxes, groups = _groups(strokes)
    if not several:
        weight = np.bincount(labels.ravel(), np.maximum(ink, 0).ravel())
        groups = [max(groups, key=lambda group: weight[group].sum())]
    found = []
    for group in groups:
        place = _union([boxes[label - 1] for label in group])
        mask = np.isin(labels[place], group)
        found += _cut(mask, place) if several else [(mask, place)]
    tallest = max(place[0].stop - place[0].start for _, place in found)
    found = [one for one in found if one[1][0].stop - one[1][0].start >= 0.4 * tallest]
    return [_found_digit(mask, place, ink, scale) for mask, place in _reading_order(found)]


def _paper_round_a_tight_crop(picture: np.ndarray):
    """The picture with a margin of its own paper, and the margin's width; None where it is not of two tones.

    A digit cut out so close that it runs into the edges cannot be told from the frame of a page otherwise.
    """
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    tone, edge_tone = picture.mean(axis=2), edge.mean(axis=1)
    dark, light = np.quantile(tone, (0.02, 0.98))
    on_edge = edge_tone > (dark + light) / 2
    outside = edge[on_edge] if on_edge.mean() > 0.3 else edge[~on_edge]
    paper = np.median(outside, axis=0)
    width = round(0.4 * max(tone.shape))
    padded = np.pad(picture, ((width, width), (width, width), (0, 0)), constant_values=np.nan)
    padded[np.isnan(padded[..., 0])] = paper
    between = np.mean(np.abs(tone - (dark + light) / 2) < (light - dark) / 6)  # much of it: a shadow, not a stroke
    return None if light - dark < 0.35 or between > 0.2 or not np.ptp(edge_tone) else (padded, width)


def _found_digit(mask, place, ink, scale) -> FoundDigit:
    top, left = (max(0, side.start - 2) for side in place)
    around = tuple(slice(max(0, side.start - 2), side.stop + 2) for side in place)
    window = ink[around]
    full = np.zeros(window.shape, bool)
    rows, columns = place[0].start - top, place[1].start - left
    full[rows : rows + mask.shape[0], columns : columns + mask.shape[1]] = mask
    strength = np.clip(window / max(np.quantile(window[full], 0.8), 1e-6), 0, 1)
    strength = strength * ndimage.binary_dilation(full, np.ones((3, 3)), iterations=1)
    box = tuple(round(scale * side) for side in (place[1].start, place[0].start, place[1].stop, place[0].stop))
    return FoundDigit(mnist_image(strength), box, strength)


def _groups(strokes: np.ndarray):
    """Labels of the connected strokes, and lists of labels that make one digit each."""
    thickness = 2 * np.quantile(ndimage.distance_transform_edt(strokes)[strokes], 0.8)
    near = ndimage.distance_transform_edt(~strokes) <= 0.4 * thickness  # a stroke that broke is one stroke
    labels, n = ndimage.label(near, np.ones((3, 3)))
    labels *= strokes
    boxes = ndimage.find_objects(labels)
    groups = [[label] for label in range(1, n + 1)]
    merged = True
    while merged:
        merged = False
        places = [_union([boxes[label - 1] for label in group]) for group in groups]
        for i in range(len(groups)):
            for j in range(i):
                if _one_digit(places[i], places[j]):
                    groups[j] += groups.pop(i)
                    merged = True
                    break
            if merged:
                break
    return labels, boxes, groups


def _one_digit(a, b) -> bool:
    """Whether two boxes belong to one digit: they overlap well, or the smaller one is a short stroke close by."""
    sizes = [[side.stop - side.start for side in box] for box in (a, b)]
    (small, large) = sorted(sizes, key=lambda size: size[0] * size[1])
    overlap = [min(s.stop, t.stop) - max(s.start, t.start) for s, t in zip(a, b, strict=True)]
    if min(overlap) > 0 and overlap[0] * overlap[1] >= 0.25 * small[0] * small[1]:
        return True
    tallest = max(size[0] for size in sizes)
    gap = [max(0, -one) for one in overlap]
    if small[0] <= 0.45 * large[0]:  # the bar of a 5, the foot of a 2
        return gap[0] <= 0.25 * tallest and (overlap[1] >= 0.3 * small[1] or gap[1] <= 0.08 * tallest)
    return (
        gap[0] <= 0.08 * tallest
        and overlap[1] >= 0.5 * small[1]
        and sum(s[0] for s in sizes) <= 1.6 * max(s[1] for s in sizes)
    )  # halves of one digit that lost its waist


def _union(places):
    return tuple(
        slice(min(place[axis].start for place in places), max(place[axis].stop for place in places)) for axis in (0, 1)
    )


def _cut(mask: np.ndarray, place) -> list:
    """One digit, or several where a group is so wide that its digits must touch and thin bridges join them."""
    height, width = mask.shape
    pieces = round(width / (0.7 * height))
    if pieces < 2 or width < 1.35 * height:
        return [(mask, place)]
    column_ink = mask.sum(axis=0)
    bridges = (np.diff(np.pad(mask, ((1, 0), (0, 0))).astype(np.int8), axis=0) > 0).sum(axis=0)  # runs of ink a column
    width_of_stroke = 2 * ndimage.distance_transform_edt(np.pad(mask, 1)).max()
    edges = [0]
    for k in range(1, pieces):
        middle, reach = k * width / pieces, 0.25 * width / pieces
        window = np.arange(int(middle - reach), int(np.ceil(middle + reach)))
        window = window[bridges[window] <= 1]
        if not len(window):  # a wide 0 has two
            return [(mask, place)]
        best = window[column_ink[window].argmin()]
        if column_ink[best] > 1.2 * width_of_stroke:
            return [(mask, place)]
        edges.append(int(best))
    parts = []
    for left, right in zip(edges, [*edges[1:], width], strict=True):
        part = mask[:, left:right]
        rows = np.flatnonzero(part.any(axis=1))
        if not len(rows) or rows[-1] + 1 - rows[0] < 0.5 * height:
            return [(mask, place)]
        top, bottom = rows[0], rows[-1] + 1
        parts.append(
            (
                part[top:bottom],
                (
                    slice(place[0].start + top, place[0].start + bottom),
                    slice(place[1].start + left, place[1].start + right),
                ),
            )
        )
    return parts


def _reading_order(found: list) -> list:
    rows = []
    for one in sorted(found, key=lambda one: one[1][0].start + one[1][0].stop):
        middle = (one[1][0].start + one[1][0].stop) / 2
        if rows and middle < max(other[1][0].stop for other in rows[-1]) - 0.2 * (one[1][0].stop - one[1][0].start):
            rows[-1].append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda one: one[1][1].start)]


# --- as MNIST was made -------------------------------------------------------------------------------------------

FINE = 4  # pixels of the fine grid for one of MNIST's


def mnist_image(ink: np.ndarray) -> np.ndarray:
    """Bring the ink of one digit to 28x28 as MNIST was made: box, 20x20, stroke width, centre of mass.

    Args:
        ink: float (height, width) in [0, 1], 1 is ink; what lies outside the digit is 0.

    Returns:
        float32 (28, 28) in [0, 1].

    Raises:
        BlankImageError: if there is no ink.

    Source: LeCun, Cortes, Burges, "The MNIST database"; stroke width is our addition.
    """
    fine = boxed(ink, 20 * FINE)
    width = stroke_width(fine)
    low, high = STROKE_WIDTHS
    if low <= width <= high:
        return centred(boxed(ink, 20))
    return centred(boxed(with_stroke_width(fine, width, low + 0.4 if width < low else high - 0.4), 20))


def boxed(ink: np.ndarray, side: int) -> np.ndarray:
    """The box around the ink, scaled so that its longer side is ``side`` pixels; float32 in [0, 1]."""
    rows, columns = (np.flatnonzero((ink > 0.2).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise BlankImageError("The picture is blank: expected ink, a pixel above 0.2.")
    box = np.asarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.float32)
    height, width = (max(1, round(side * length / max(box.shape))) for length in box.shape)
    scaled = Image.fromarray(box).resize((width, height), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(scaled), 0, 1)


def stroke_width(fine: np.ndarray) -> float:
    """Mean width of the strokes in pixels of MNIST, from the distance to the paper along the strokes' middle."""
    solid = np.pad(fine >= 0.5, 1)
    middle = skeletonize(solid)
    if not middle.any():
        return 0.0
    return float((2 * ndimage.distance_transform_edt(solid)[middle] - 1).mean() / FINE)


def with_stroke_width(fine: np.ndarray, width: float, wanted: float) -> np.ndarray:
    """Strokes made thicker or thinner all round; where thinning would break one, its middle stays."""
    change = FINE * (wanted - width) / 2
    margin = int(np.ceil(max(change, 0))) + 2
    solid = np.pad(fine >= 0.5, margin)
    if change > 0:
        return np.clip(change + 0.5 - ndimage.distance_transform_edt(~solid), 0, 1)
    inside = np.clip(ndimage.distance_transform_edt(solid) + change, 0, 1)
    to_middle = ndimage.distance_transform_edt(~skeletonize(solid))
    middle = np.clip(FINE * wanted / 2 + 0.5 - to_middle, 0, 1) * solid
    return np.maximum(inside, middle * (to_middle <= FINE * wanted / 2))


def centred(scaled: np.ndarray) -> np.ndarray:
    """Shift by whole pixels so that the centre of mass lies at the centre of a 28x28 field; float32 in [0, 1]."""
    height, width = scaled.shape
    centre = [
        (np.arange(side) * scaled.sum(axis=1 - axis)).sum() / scaled.sum() for axis, side in enumerate(scaled.shape)
    ]
    top, left = (int(np.clip(round(14 - c), 0, 28 - side)) for c, side in zip(centre, scaled.shape, strict=True))
    field = np.zeros((28, 28), np.float32)
    field[top : top + height, left : left + width] = scaled
    return field
