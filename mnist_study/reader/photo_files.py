"""Opening a photo: any usual image file, Pillow image or array -> the upright picture, small enough to work on."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF")  # HEIF where its plugin pillow-heif is installed
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif")
MOST_PIXELS = 50_000_000
LEAST_SIDE = 8
LONGEST_STRIP = 20  # times the shorter side
WORKING_SIDE = 1000  # pixels of the longer side on which ink is looked for
LEAST_CONTRAST = 0.06  # of the range from black to white; below it a page counts as blank


class PhotoError(ValueError):
    """A photo that cannot be read; the message says what happened, what was expected and how to mend it."""


class NotAnImageError(PhotoError):
    """The file is no image, or damaged, or of a format that is not read."""


class ImageSizeError(PhotoError):
    """The image has too many pixels (``MOST_PIXELS``) or too few (``LEAST_SIDE`` a side)."""


class BlankImageError(PhotoError):
    """There is nothing on the page that stands out like ink."""


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
        return _reduced(_from_array(photo), max(photo.shape[:2]))
    if isinstance(photo, Image.Image):
        return _reduced(_upright(photo, "The image"), max(photo.size))
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
                return _reduced(_upright(opened, path), original)
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


def photos_in(folder) -> list[Path]:
    """The image files in a folder and its subfolders, by their endings, in order of their paths."""
    return sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def _readable_formats() -> tuple:
    try:
        import pillow_heif
    except ImportError:
        return FORMATS[:-1]
    pillow_heif.register_heif_opener()
    return FORMATS


def _size_message(name, found) -> str:
    return (
        f"{name} has {found} pixels. Expected {LEAST_SIDE}x{LEAST_SIDE} up to {MOST_PIXELS // 10**6} million pixels, and no "
        f"side longer than {LONGEST_STRIP} times the other; crop it around the digit or save it at another size."
    )


def _check_size(size, name) -> None:
    width, height = size
    if min(size) < LEAST_SIDE or width * height > MOST_PIXELS or max(size) > LONGEST_STRIP * min(size):
        raise ImageSizeError(_size_message(name, f"{width}x{height}"))


def _from_array(array: np.ndarray) -> Image.Image:
    shape = array.shape[:2] if array.shape[2:] == (1,) else array.shape
    if len(shape) not in (2, 3) or shape[2:] not in ((), (3,), (4,)):
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
    orientation = image.getexif().get(0x0112, 1)
    factor = max(1, max(image.size) // (2 * WORKING_SIDE))
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image, factor)
    elif image.mode in ("RGB", "L", "RGBA") and factor > 1:
        image = image.reduce(factor)  # before anything else touches twelve million pixels
    image = _on_white(image)
    return image.transpose(TRANSPOSED[orientation]) if orientation in TRANSPOSED else image


def _eight_bits(image: Image.Image, factor: int) -> Image.Image:
    """Every ``factor``-th pixel; 16 bits over their whole range, 32 bits and floats over the range that occurs."""
    levels = np.nan_to_num(np.asarray(image)[::factor, ::factor].astype(np.float32))
    low, high = (0, 65535) if image.mode.startswith("I;16") else (levels.min(), levels.max())
    return Image.fromarray(np.uint8(np.clip((levels - low) / max(high - low, 1e-9), 0, 1) * 255))


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


def _reduced(image: Image.Image, original: int) -> tuple[np.ndarray, float]:
    longest = max(image.size)
    if longest > WORKING_SIDE:
        size = [max(LEAST_SIDE, round(side * WORKING_SIDE / longest)) for side in image.size]
        image = image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(image, np.float32) / 255, original / max(image.size)
