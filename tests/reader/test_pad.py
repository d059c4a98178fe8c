"""The drawing pad of notebooks."""

import base64

import numpy as np
from PIL import Image

from mnist_study import data, reader
from mnist_study.reader import pad


def sent(image):
    return base64.b64encode(np.asarray(image.resize((pad.SIDE, pad.SIDE)).convert("L")).tobytes()).decode()


def test_the_pad_reads_what_is_drawn():
    _, (images, labels) = data.embedded_digits()
    widget = pad.drawing_pad(reader.shipped())
    widget.drawing = sent(Image.fromarray(255 - images[labels == 0][0]))
    assert np.argmax(widget.probabilities) == 0 and len(base64.b64decode(widget.image)) == 784
    assert widget.answer.startswith("0, ") or "perhaps 0" in widget.answer
    widget.drawing = sent(Image.new("L", (50, 50), 255))
    assert (widget.probabilities, widget.image, widget.answer) == ([], "", "draw a digit")
    widget.drawing = "nonsense"
    assert widget.probabilities == [] and "expected 140 x 140" in widget.answer
