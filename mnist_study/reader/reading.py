"""The reader: a photo in, a ``Page`` of ``Reading``s out. Works offline, with the weights in this package."""

import functools
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from ..data import augment
from . import finder, joining, litert, photos, sheets

WEIGHTS = Path(__file__).parent / "weights"
VIEWS = augment.turned_maps((0, 8, -8, 0, 0), np.array((0, 0, 0, 0.15, -0.15)))  # as it is, turned, slanted
SOLID = 7.75  # pixels of 28: ink that is thicker somewhere is no stroke of a pen
SURE, NOT_SURE, UNREAD = (0, 120, 60), (200, 90, 0), (150, 0, 160)  # colours of the boxes on a marked photo


@dataclass(frozen=True)
class Reading:
    """One digit as read.

    Attributes:
        digit: the most probable digit, 0-9.
        sure: whether the confidence reaches the reader's threshold; where it does not, "not sure" is the honest answer.
        confidence: calibrated probability of ``digit``, in [0, 1]; less where most ink on the photo was not read,
            or most of the digits, or of the word that this one stands in, are not surely read.
        box: (left, top, right, bottom) in pixels of the upright photo.
        image: what the network saw, float32 (28, 28) in [0, 1].
        probabilities: float32 (10,), calibrated.

    Example:
        >>> from mnist_study import reader
        >>> photo = np.full((100, 100), 230, np.uint8)
        >>> photo[20:80, 45:55] = 30  # a 1
        >>> one = reader.read(photo)[0]
        >>> one.digit, one.sure, one.answer, one.box, int(one.probabilities.argmax())
        (1, True, '1', (45, 20, 55, 80), 1)
    """

    digit: int
    sure: bool
    confidence: float
    box: tuple
    image: np.ndarray
    probabilities: np.ndarray

    @property
    def answer(self) -> str:
        """The digit, or "not sure"."""
        return str(self.digit) if self.sure else "not sure"

    @property
    def doubt(self) -> str:
        """Of what the reader is not sure: "which" digit it is, or "whether" it is one; empty where it is sure.

        Of no digit the probabilities are spread evenly. Where the second best digit has more than half of what the best
        lacks, the doubt is between the two.
        """
        if self.sure:
            return ""
        second = float(np.sort(self.probabilities)[-2])
        return "which" if second > (1 - self.confidence) / 2 else "whether"


@dataclass(frozen=True)
class Page:
    """A photo with its readings, in reading order; a notebook shows it as a picture. ``read`` makes one.

    It is a sequence: ``len(page)`` digits, ``page[0]`` the first, ``for one in page`` all.

    Attributes:
        name: the path, or what kind of object was read.
        picture: the upright photo, float32 (height, width, 3) in [0, 1], made smaller if large.
        scale: pixels of the photo for one pixel of ``picture``.
        readings: one for every digit found.
        unread: an ``Unread`` for each piece of ink that was not read, with ``box`` and ``reason``.

    Example:
        >>> from mnist_study import reader
        >>> photo = np.full((160, 200), 230, np.uint8)
        >>> photo[20:80, 40:50] = photo[20:80, 140:150] = photo[110:130, 90:96] = 30  # a 1, a 1, and a short stroke
        >>> page = reader.read(photo)
        >>> page
        Page(ndarray: 1 (100%), 1 (100%))
        >>> page.text
        '1 1'
        >>> [ink.box for ink in page.unread]
        [(90, 110, 96, 130)]
    """

    name: str
    picture: np.ndarray
    scale: float
    readings: tuple
    unread: tuple

    def __iter__(self):
        return iter(self.readings)

    def __len__(self):
        return len(self.readings)

    def __getitem__(self, index):
        return self.readings[index]

    def __repr__(self):
        return f"Page({self.name}: {', '.join(f'{one.answer} ({one.confidence:.0%})' for one in self)})"

    @property
    def text(self) -> str:
        """The digits as lines of text, with "?" for one that is not sure.

        A digit begins a new line where it lies to the left of the one before, or wholly below it. A space stands for a gap
        that is wider than the tallest digit before it on the line is high.
        """
        text, height = "", 0
        for number, one in enumerate(self.readings):
            left, top, _, bottom = one.box
            if number:
                before = self.readings[number - 1].box
                if left < before[0] or top >= before[3]:
                    text, height = text + "\n", 0
                elif left - before[2] > height:
                    text += " "
            text, height = text + (str(one.digit) if one.sure else "?"), max(height, bottom - top)
        return text

    def marked(self) -> Image.Image:
        """The photo, made smaller if large, with a green box round each sure digit, an orange one where it is not sure.

        Ink that was not read has a purple box.
        """
        picture = Image.fromarray(np.uint8(np.rint(255 * self.picture)))
        draw = ImageDraw.Draw(picture)
        side = max(picture.size)
        font, width = ImageFont.load_default(size=max(10, side / 40)), max(1, round(side / 400))
        marks = [(one.box, SURE if one.sure else NOT_SURE, str(one.digit) + "?" * (not one.sure)) for one in self]
        marks += [(one.box, UNREAD, "") for one in self.unread]
        for box, colour, words in marks:
            left, top, right, bottom = (edge / self.scale for edge in box)
            draw.rectangle((left - width, top - width, right + width, bottom + width), outline=colour, width=width)
            draw.text(
                (max(0, left), max(0, top - width)), words, colour, font, anchor="ls" if top > font.size else "la"
            )
        return picture

    def figure(self):
        """The photo with its boxes, each 28x28 image and its ten probabilities; it needs matplotlib."""
        from .. import plots

        return plots.page(self)

    def _repr_png_(self):
        buffer = io.BytesIO()
        try:
            self.figure().savefig(buffer, format="png", dpi=100, bbox_inches="tight")
        except ModuleNotFoundError:  # the reader alone is installed
            self.marked().save(buffer, format="PNG")
        return buffer.getvalue()


class Reader:
    """A fitted network with its temperature and threshold.

    Attributes:
        model: a Keras model, or any function of pixels, float32 (n, 28, 28) in [0, 255] -> (n, 10) probabilities.
        forward: the network as such a function.
        temperature: divides the network's log-probabilities; fitted on validation data.
        threshold: the confidence below which the answer is "not sure".
    """

    def __init__(self, model, temperature: float, threshold: float):
        self.model, self.temperature, self.threshold = model, temperature, threshold
        self.forward = _compiled_forward(model)

    def probabilities(self, images) -> np.ndarray:
        """Calibrated probabilities, float32 (n, 10).

        Args:
            images: (n, 28, 28), float in [0, 1], made as MNIST was made (``photos.mnist_image``).

        Raises:
            ValueError: if the shape is another.
        """
        images = np.asarray(images, np.float32)
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ValueError(f"Expected images of shape (n, 28, 28) in [0, 1], found {images.shape}.")
        parts = [self._of_all_views(images[start : start + 1000]) for start in range(0, len(images), 1000)]
        return with_temperature(np.concatenate(parts), self.temperature)

    def _of_all_views(self, images):
        """The geometric mean of the probabilities of ``VIEWS``, which helped a little on validation images."""
        shown = augment.warp(np.repeat(images, len(VIEWS), axis=0), np.tile(VIEWS, (len(images), 1, 1)))
        log = np.log(self.forward(255 * shown) + 1e-6)
        return np.exp(log.reshape(len(images), len(VIEWS), 10).mean(axis=1))

    def read(self, photo) -> Page:
        """Read every digit on a photo.

        Args:
            photo: a path, a Pillow image, or an array (see ``photos.open_photo``).

        Returns:
            A ``Page`` with at least one reading.

        Raises:
            FileNotFoundError: there is no such file.
            PhotoError: no image, damaged, too large, too small, or blank.
        """
        picture, scale = photos.open_photo(photo)
        several = max(picture.shape[:2]) > photos.DRAWING_SIDE
        found = photos.digits_on(picture, scale, self.certainty if several else None)
        rows = self.probabilities(np.stack([one.image for one in found.digits]))
        if several:  # of a small drawing bold strokes stay as thick as they are
            solid = np.array([is_solid(one.image) for one in found.digits])
            rows[solid] = (rows[solid] + 0.1) / 2  # half of it says that this is no digit
        digits = list(zip(found.digits, rows, strict=True))
        sure = [one.box for one, row in digits if row.max() >= self.threshold]

        def is_named(one):
            return (
                one.box in sure or one.score >= finder.DOUBTFUL or joining.stands_on_a_line(one.box, sure, joining.AWAY)
            )

        # where neither the finder nor the network is sure, it is rather no digit: that is said, not guessed
        named = [(one, row) for one, row in digits if is_named(one)] or digits
        boxes = [one.box for one, _ in named]
        unread = [photos.Unread(one.box, "hardly looks like a digit") for one, _ in digits if one.box not in boxes]
        unread = (*found.unread, *unread)
        left = [ink.box for ink in unread if ink.reason not in (sheets.LINE, sheets.CUT_OFF)]
        trust, in_company = _trust(boxes, left), _in_company(boxes, sure, left)
        readings = tuple(self._reading(one, row, trust * in_company[one.box]) for one, row in named)
        name = str(photo) if isinstance(photo, (str, Path)) else type(photo).__name__
        return Page(name, picture, scale, readings, unread)

    def certainty(self, images) -> np.ndarray:
        """The highest probability over the threshold, float (n,): 1 or more where the reader is sure; images as above."""
        return self.probabilities(images).max(axis=1) / self.threshold

    def _reading(self, found, row, trust) -> Reading:
        digit = int(row.argmax())
        confidence = trust * float(row[digit])
        return Reading(digit, confidence >= self.threshold, confidence, found.box, found.image, row)


def is_solid(image) -> bool:
    """Whether ink is thicker somewhere than strokes are: a blot or a silhouette, no digit.

    Args:
        image: (28, 28), float in [0, 1], as from ``photos.mnist_image``, which makes bold strokes thinner.

    Example:
        >>> bar, disc = np.zeros((2, 28, 28))
        >>> bar[4:24, 11:17] = 1
        >>> disc[9:19, 9:19] = 1
        >>> is_solid(bar), is_solid(disc)
        (False, True)
    """
    return bool(2 * ndimage.distance_transform_edt(np.pad(image > 0.5, 1)).max() > SOLID)


def _words(boxes) -> list:
    """Lists of boxes that stand beside each other as the letters of a word do; each box is in one."""
    words = []
    for box in boxes:
        its = [word for word in words if any(sheets.as_in_a_word(box, other) for other in word)]
        words = [word for word in words if word not in its] + [sum(its, [box])]
    return words


def _in_company(boxes, sure, left) -> dict:
    """What confidence is worth in each box's word, and among all that are named: letters that look like digits stand among letters.

    1 where at least half of them are surely read; where less is, twice the share of the digit and what is. A box counts as
    many letters as it is wider than high.
    """

    def letters(part):
        return sum(max(1, (right - left) / (bottom - top)) for left, top, right, bottom in part)

    worth = dict.fromkeys([*boxes, *left], 1.0)
    for company in [boxes, *_words([*boxes, *left])]:
        read, whole = letters(box for box in company if box in sure), letters(company)
        for box in company:
            worth[box] = min(worth[box], 2 * (read + (0 if box in sure else letters([box]))) / whole)
    return worth


def _trust(boxes, left) -> float:
    """What confidence is worth on a page: 1 where most of its ink is read; where less is, twice the share that is read.

    Ink is measured by the boxes of what is read, and of what is left.
    """
    read, not_read = (sum((box[2] - box[0]) * (box[3] - box[1]) for box in part) for part in (boxes, left))
    return min(1.0, 2 * read / max(read + not_read, 1))


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax of the log-probabilities over ``temperature``; float32 (n, 10).

    Source: Guo, Pleiss, Sun, Weinberger 2017, "On Calibration of Modern Neural Networks".
    """
    log = np.log(np.maximum(probabilities, 1e-12)) / temperature
    powers = np.exp(log - log.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def _compiled_forward(model):
    """The network's forward pass without Keras's overhead of a batch pipeline: pixels in [0, 255] -> (n, 10)."""
    if not hasattr(model, "predict_on_batch"):  # not Keras's: nothing of Keras is imported
        return model
    from ..models.backend import keras

    if keras.backend.backend() != "tensorflow":
        return lambda pixels: np.asarray(model.predict_on_batch(pixels))
    import tensorflow as tf

    signature = tf.TensorSpec((None, 28, 28), tf.float32)
    forward = tf.function(lambda pixels: model(pixels, training=False), input_signature=[signature])
    return lambda pixels: forward(tf.constant(pixels, tf.float32)).numpy()


@functools.cache
def shipped() -> Reader:
    """The reader whose weights are part of this package, run by LiteRT; how they were made stands in ``weights/reader.json``.

    Raises:
        FileNotFoundError: the weights are not there: the installation is incomplete.
    """
    record = json.loads(_part_of_the_package("reader.json").read_text(encoding="utf-8"))
    model = litert.LiteRTModel(_part_of_the_package("reader.tflite"))
    return Reader(model, record["metrics"]["temperature"], record["shipped_threshold"])


def shipped_network():
    """The Keras model that the shipped reader's LiteRT file was written from; it needs the study's packages.

    Raises:
        FileNotFoundError: the weights are not there: the installation is incomplete.
    """
    from ..models.backend import keras

    return keras.saving.load_model(_part_of_the_package("reader.keras"), compile=False)


def _part_of_the_package(name: str) -> Path:
    if not (WEIGHTS / name).is_file():
        raise FileNotFoundError(
            f"{WEIGHTS / name} is missing: the installation is incomplete. Install the package again."
        )
    return WEIGHTS / name


def read(photo) -> Page:
    """Read every digit on a photo with the shipped reader.

    Args:
        photo: a path, a Pillow image, or an array (see ``open_photo``).

    Returns:
        A ``Page``: its readings, its text, and the ink that was not read.

    Raises:
        FileNotFoundError: there is no such file.
        PhotoError: no image, damaged, too large, too small, or blank; the message says which.

    Example:
        >>> from mnist_study import reader
        >>> photo = np.full((100, 200), 230, np.uint8)
        >>> photo[20:80, 45:55] = photo[20:80, 90:100] = 30
        >>> page = reader.read(photo)
        >>> page.text, [one.digit for one in page], page.unread
        ('11', [1, 1], ())
        >>> reader.read(photo[:, :20])
        Traceback (most recent call last):
        ...
        mnist_study.reader.photo_files.BlankImageError: No ink was found: ...
    """
    return shipped().read(photo)
