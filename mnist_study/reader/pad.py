"""A pad to draw a digit on in Jupyter or Colab, with what the reader sees and its ten probabilities beside it, live."""

import base64
import binascii
import sys
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from . import photos
from .reading import Reader, shipped

HERE = Path(__file__).parent
SIDE = 140  # pixels of the drawing that the page sends: half of the canvas


class DrawingPad(anywidget.AnyWidget):
    """The widget; ``drawing_pad`` makes one.

    The pad itself is ``pad.js``, which the site's drawing page has too; ``pad_widget.js`` joins it to this class.

    Attributes:
        drawing: what the page sends: base64 of SIDE x SIDE grey levels, dark on white.
        probabilities: ten numbers, or none where nothing was read.
        image: base64 of the 28x28 levels that the network saw.
        answer: for a reader: the digit and its confidence, "not sure", or why nothing was read.
    """

    _esm = "".join((HERE / name).read_text(encoding="utf-8") for name in ("pad.js", "pad_widget.js"))
    _css = (HERE / "pad.css").read_text(encoding="utf-8")
    drawing = traitlets.Unicode("").tag(sync=True)
    probabilities = traitlets.List(traitlets.Float()).tag(sync=True)
    image = traitlets.Unicode("").tag(sync=True)
    answer = traitlets.Unicode("draw a digit").tag(sync=True)

    def __init__(self, read_with, **options):
        super().__init__(**options)
        self._read_with = read_with

    @traitlets.observe("drawing")
    def _read(self, change) -> None:
        try:
            levels = np.frombuffer(base64.b64decode(change["new"], validate=True), np.uint8).reshape(SIDE, SIDE)
        except (binascii.Error, ValueError):
            self._nothing(f"no drawing: expected {SIDE} x {SIDE} grey levels")
            return
        try:
            image = photos.digit_image(levels)
        except photos.BlankImageError:
            self._nothing("draw a digit")
            return
        probabilities = self._read_with.probabilities(image[None])[0]
        digit = int(probabilities.argmax())
        confidence = probabilities[digit]
        percent = ">99 %" if confidence > 0.995 else f"{100 * confidence:.0f} %"  # as pad.js writes it
        sure = confidence >= self._read_with.threshold
        with self.hold_sync():
            self.probabilities = [round(float(share), 4) for share in probabilities]
            self.image = base64.b64encode(np.uint8(255 * image).tobytes()).decode()
            self.answer = f"{digit}, {percent}" if sure else f"not sure (perhaps {digit})"

    def _nothing(self, why: str) -> None:
        with self.hold_sync():
            self.probabilities, self.image, self.answer = [], "", why


def drawing_pad(read_with: Reader | None = None) -> DrawingPad:
    """A drawing pad that reads while one draws.

    Args:
        read_with: the reader; the shipped one when left out.

    Returns:
        A widget for the last line of a notebook cell.
    """
    if "google.colab" in sys.modules:
        from google.colab import output

        output.enable_custom_widget_manager()
    return DrawingPad(read_with or shipped())
