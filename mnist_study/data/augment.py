"""Seeded distortions of whole arrays of images: geometry, stroke width, resolution, ink, paper and light.

Everything works on many images at once and takes its randomness from the generator it is given, so that the same seed
makes the same images. ``modified`` is report nust's modification, ``distorted`` what the reader is trained with. What an
epoch of training is made of stands beside the runner of each network.
"""

import numpy as np
from scipy import ndimage

CHUNK = 500  # images worked on at a time: their float arrays stay in the processor's cache
EXACT = 2**14  # maps are rounded to this fraction of a pixel, so that positions are exact in float32 on every machine


def affine_maps(n: int, rng, rotation=0.0, shift=0.0, zoom=0.0, stretch=0.0, shear=0.0) -> np.ndarray:
    """Random affine maps about the centre of an image, each parameter uniform within plus or minus its bound.

    Args:
        n: how many.
        rng: ``numpy.random.Generator``.
        rotation: degrees.
        shift: share of the image's side, up and left independently, after everything else.
        zoom: relative size; 0.3 draws factors in [0.7, 1.3].
        stretch: relative size of the height against the width, as ``zoom``.
        shear: pixels to the right for one pixel up.

    Returns:
        float32 (n, 2, 3): each takes an output position (row, column, 1), from the centre and in units of half the
        side, to the input position that is shown there.
    """
    angle = rng.uniform(-rotation, rotation, n)
    scale = rng.uniform(1 - zoom, 1 + zoom, n)
    aspect = np.sqrt(rng.uniform(1 - stretch, 1 + stretch, n))
    slant = rng.uniform(-shear, shear, n)
    maps = turned_maps(angle, slant)
    maps[:, 0, :2] /= (scale * aspect)[:, None]
    maps[:, 1, :2] /= (scale / aspect)[:, None]
    maps[:, :, 2] = (maps[:, :, :2] @ (2 * rng.uniform(-shift, shift, (n, 2, 1))))[:, :, 0]
    return maps


def turned_maps(angle, slant) -> np.ndarray:
    """Maps that turn by ``angle`` (degrees) and slant by ``slant`` (pixels aside for one pixel up), (n,) each.

    Returns:
        float32 (n, 2, 3), as from ``affine_maps``.
    """
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    maps = np.zeros((len(cos), 2, 3), np.float32)
    maps[:, 0, 0], maps[:, 0, 1] = cos, -sin
    maps[:, 1, 0], maps[:, 1, 1] = sin + slant * cos, cos - slant * sin
    return maps


def smooth_fields(n: int, size: int, rng, amplitude: float, knots: int = 4) -> np.ndarray:
    """Random smooth displacements: values at ``knots`` x ``knots`` points, interpolated in between by cosines.

    Args:
        n, size: how many, and pixels a side.
        rng: ``numpy.random.Generator``.
        amplitude: standard deviation of the displacement at a knot, in pixels; one strength per image is drawn up to it.

    Returns:
        float32 (n, 2, size, size): rows down and columns right, in units of half the side.
    """
    strength = rng.uniform(0, amplitude, (n, 1, 1, 1)) * 2 / size
    values = (rng.standard_normal((n, 2, knots, knots)) * strength).astype(np.float32)
    ramp = _blend_matrix(knots, size)
    return ramp @ values @ ramp.T


def _blend_matrix(knots: int, size: int) -> np.ndarray:
    """float32 (size, knots): how much each knot counts at each pixel; rows sum to one."""
    position = np.linspace(0, knots - 1, size)
    distance = np.clip(np.abs(position[:, None] - np.arange(knots)), 0, 1)
    return ((1 + np.cos(np.pi * distance)) / 2).astype(np.float32)


def warp(images: np.ndarray, maps: np.ndarray, fields: np.ndarray | None = None) -> np.ndarray:
    """Look every output pixel up where its map says, by bilinear interpolation; outside an image is 0.

    Args:
        images: float32 (n, size, size), or integers where those are fewer bytes to fetch.
        maps: from ``affine_maps``, (n, 2, 3).
        fields: from ``smooth_fields``, added to the positions looked up.

    Returns:
        float32 (n, size, size). Without fields the same on every machine: positions are exact, the rest is elementwise.
    """
    n, size = images.shape[:2]
    half = np.float32(size / 2)
    axis = np.arange(size, dtype=np.float32) + np.float32(0.5) - half
    place = np.stack([np.repeat(axis, size), np.tile(axis, size), np.ones(size * size, np.float32)])
    in_pixels = np.rint(maps * np.array([1, 1, half]) * EXACT) / EXACT
    where = in_pixels.astype(np.float32) @ place  # (n, 2, size * size)
    if fields is not None:
        where += fields.reshape(n, 2, -1) * half
    where += half + np.float32(0.5)  # one dark pixel all round
    np.clip(where, 0, size + 1, out=where)
    whole = np.minimum(where.astype(np.int32), size)
    where -= whole
    side = size + 2
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1))).ravel()
    corner = whole[:, 0] * side + whole[:, 1] + (np.arange(n, dtype=np.int32) * side * side)[:, None]
    top = _between(framed, corner, where[:, 1])
    corner += side
    bottom = _between(framed, corner, where[:, 1])
    bottom -= top
    bottom *= where[:, 0]
    bottom += top
    return bottom.reshape(n, size, size)


def _between(framed, corner, share):
    """Between each pixel and its right neighbour, ``share`` of the way; in place, which is what makes it fast."""
    left = framed.take(corner).astype(np.float32, copy=False)
    right = framed.take(corner + 1).astype(np.float32, copy=False)
    right -= left
    right *= share
    right += left
    return right


def stroke_width(images: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Thicken (amount > 0) or thin (amount < 0) strokes: a blend with the brightest or darkest of the 3x3 neighbourhood.

    Args:
        images: float32 (n, size, size).
        amount: float (n,) in [-1, 1]; 1 is some two pixels wider.

    Returns:
        float32 (n, size, size).
    """
    blend = np.asarray(amount, np.float32)[:, None, None]
    thick, thin = _neighbourhood(images, np.maximum), _neighbourhood(images, np.minimum)
    return images + np.maximum(blend, 0) * (thick - images) + np.maximum(-blend, 0) * (thin - images)


def _neighbourhood(images, best):
    """``best`` over the pixel and its neighbours, the diagonal ones counted half: a round brush."""
    p = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    rows = best(best(p[:, :-2], p[:, 2:]), p[:, 1:-1])
    square = best(best(rows[:, :, :-2], rows[:, :, 2:]), rows[:, :, 1:-1])
    cross = best(rows[:, :, 1:-1], best(p[:, 1:-1, :-2], p[:, 1:-1, 2:]))
    return (square + cross) / 2


def coarsen(images: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Shrink each image to ``sizes`` pixels a side and back: what a low-resolution scan leaves of it.

    Args:
        images: float32 (n, size, size).
        sizes: int (n,); an image whose size is not smaller than its own stays as it is.

    Returns:
        float32 (n, size, size).
    """
    result = images.copy()
    size = images.shape[1]
    for small in np.unique(sizes[sizes < size]):
        chosen = sizes == small
        there_and_back = _resize_matrix(size, small) @ _resize_matrix(small, size)
        result[chosen] = there_and_back @ images[chosen] @ there_and_back.T
    return result


def _resize_matrix(output: int, input: int) -> np.ndarray:
    """float32 (output, input): linear interpolation, with a wider tent when shrinking; rows sum to one."""
    ratio = max(1.0, input / output)
    centre = (np.arange(output) + 0.5) * input / output - 0.5
    weight = np.maximum(0, 1 - np.abs(centre[:, None] - np.arange(input)) / ratio)
    return (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)


# --- report nust's modification ----------------------------------------------------------------------------------

MODIFICATION = {
    "rotation": 30,
    "shift": 0.3,
    "zoom": 0.3,
    "brightness": 0.5,
}  # chosen to match report nust; ``nust/calibration`` agrees


def modified(images: np.ndarray, rng, rotation=0.0, shift=0.0, zoom=0.0, brightness=0.0) -> np.ndarray:
    """Rotated, shifted, re-scaled and brightened or darkened images; each parameter uniform within plus or minus its bound.

    Args:
        images: uint8 (n, size, size).
        rng: ``numpy.random.Generator``; the same state gives the same bytes on every machine.
        rotation, shift, zoom: as in ``affine_maps``.
        brightness: 0.5 multiplies every grey by a factor in [0.5, 1.5]; what passes 255 is cut there.

    Returns:
        uint8, the shape of ``images``.

    Source: report nust, section VII, which names the four and gives no ranges.
    """
    maps = affine_maps(len(images), rng, rotation, shift, zoom)
    factors = np.rint(256 * rng.uniform(1 - brightness, 1 + brightness, len(images))).astype(np.float32) / 256
    result = np.empty_like(images)
    for start in range(0, len(images), CHUNK):
        part = slice(start, start + CHUNK)
        pixels = warp(images[part], maps[part])
        if brightness:
            pixels *= factors[part, None, None]
            np.minimum(pixels, 255, out=pixels)
        result[part] = np.rint(pixels, out=pixels)
    return result


def noisy(images: np.ndarray, rng, noise: float) -> np.ndarray:
    """Images with Gaussian noise on every pixel, cut at paper and ink.

    Args:
        images: uint8 (n, size, size).
        rng: ``numpy.random.Generator``.
        noise: its standard deviation, as a share of the range from paper to ink.

    Returns:
        uint8, the shape of ``images``.
    """
    grain = rng.normal(0, 255 * noise, images.shape).astype(np.float32)
    return np.rint(np.clip(images + grain, 0, 255)).astype(np.uint8)


def changed(images: np.ndarray, rng, change: str, strength: float) -> np.ndarray:
    """The images with one thing about them changed.

    Args:
        images: uint8 (n, size, size), white ink on black.
        rng: ``numpy.random.Generator``.
        change: "rotation", "shift", "zoom" or "brightness", up to the strength (see ``modified``); "thickness", up to the
            strength (see ``stroke_width``); "blur", a Gaussian of so many pixels; "coarseness", shrunk to so many pixels a
            side and back; "noise" (see ``noisy``).
        strength: of the change.

    Returns:
        uint8, the shape of ``images``.

    Raises:
        ValueError: for another change.

    Example:
        >>> image = np.zeros((1, 28, 28), np.uint8)
        >>> image[0, 4:24, 13:15] = 255
        >>> blurred = changed(image, np.random.default_rng(0), "blur", 1.0)
        >>> int(blurred.max()) < 255 and int(np.sum(blurred > 0)) > 40
        True
    """
    if change == "noise":
        return noisy(images, rng, strength)
    if change in MODIFICATION:
        return modified(images, rng, **{change: strength})
    pixels = images.astype(np.float32) / 255
    if change == "thickness":
        pixels = stroke_width(pixels, rng.uniform(-strength, strength, len(images)))
    elif change == "blur":
        pixels = ndimage.gaussian_filter(pixels, (0, strength, strength))
    elif change == "coarseness":
        pixels = coarsen(pixels, np.full(len(images), round(strength)))
    else:
        raise ValueError(
            f"There is no change {change!r}; expected {', '.join(MODIFICATION)}, thickness, blur, coarseness, noise."
        )
    return np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)


# --- what the reader is trained with -----------------------------------------------------------------------------

LIGHT = {
    "rotation": 10, "shift": 0.06, "zoom": 0.1, "stretch": 0.12, "shear": 0.15, "elastic": 0.6, "thinner": 0.2,
    "thicker": 0.3, "coarse": 0.1, "gamma": 0.2, "gain": 1.3, "dim": 0.9,
}  # other handwriting of the kind that MNIST holds  # fmt: skip
STRONG = {
    "rotation": 15, "shift": 0.08, "zoom": 0.12, "stretch": 0.25, "shear": 0.25, "elastic": 1.0, "thinner": 0.5,
    "thicker": 1.0, "coarse": 0.4, "gamma": 0.5, "gain": 2.5, "dim": 0.7,
}  # other pens, scans and writers  # fmt: skip
ZIP_LIGHT = LIGHT | {"elastic": 0.35, "thinner": 0.12, "thicker": 0.18, "coarse": 0}  # the same on 16x16 pixels
ZIP_STRONG = STRONG | {"elastic": 0.6, "thinner": 0.3, "thicker": 0.6, "coarse": 0}
COARSEST = 8  # pixels a side, of the 28


def distorted(images: np.ndarray, rng, strength: dict) -> np.ndarray:
    """The same digits as another pen, hand and camera would have made them.

    Args:
        images: uint8 (n, size, size), white ink on black.
        rng: ``numpy.random.Generator``; the same state gives the same images.
        strength: ``LIGHT``, ``STRONG`` or another dict with their keys: bounds of ``affine_maps``; ``elastic`` of
            ``smooth_fields`` in pixels; ``thinner`` and ``thicker`` of ``stroke_width``; ``coarse``, the share of images
            shrunk and enlarged again; ``gamma``, ``gain`` and ``dim``, the curve from grey to grey.

    Returns:
        uint8, the shape of ``images``.

    Source: our choice, made on validation data (experiment ``reader/cnn``).
    """
    result = np.empty_like(images)
    for start in range(0, len(images), CHUNK):
        part = slice(start, start + CHUNK)
        pixels = _distorted_chunk(images[part].astype(np.float32) / 255, rng, strength)
        result[part] = np.rint(pixels * 255)
    return result


def _distorted_chunk(pixels, rng, strength):
    n, size = pixels.shape[:2]
    pixels = stroke_width(pixels, rng.uniform(-strength["thinner"], strength["thicker"], n) * (rng.random(n) < 0.6))
    bounds = {name: strength[name] for name in ("rotation", "shift", "zoom", "stretch", "shear")}
    pixels = warp(pixels, affine_maps(n, rng, **bounds), smooth_fields(n, size, rng, strength["elastic"]))
    pixels = coarsen(pixels, np.where(rng.random(n) < strength["coarse"], rng.integers(COARSEST, 20, n), size))
    gamma, gain, dim, middle = (
        np.asarray(values, np.float32)[:, None, None]
        for values in (
            np.exp(rng.uniform(-strength["gamma"], strength["gamma"], n)),
            rng.uniform(1, strength["gain"], n),
            rng.uniform(strength["dim"], 1, n),
            rng.random(n) < 0.5,
        )
    )
    pixels = np.clip(pixels, 0, 1) ** gamma
    return dim * np.clip((pixels - middle * (1 - 1 / gain) / 2) * gain, 0, 1)
