"""Pages drawn for the tests of this room."""

import numpy as np
from PIL import Image, ImageDraw

from mnist_study.reader import photos, shipped

SEVEN = [(90, 60), (200, 60), (130, 210)]


def page_of(strokes=(SEVEN,), ink="black", paper="white", size=(300, 280), width=14, mode="RGB"):
    """A page with strokes of a pen, a 7 when left out."""
    page = Image.new(mode, size, paper)
    for stroke in strokes:
        ImageDraw.Draw(page).line(stroke, ink, width, joint="curve")
    return page


def found_on(page):
    """The digits and the ink that is left on a page, as the shipped reader looks for them."""
    return photos.digits_on(*photos.open_photo(page), shipped().certainty)


def seven():
    """The 7 of ``page_of`` as MNIST was made, black on white."""
    return photos.digit_image(page_of())


def likeness(one, other):
    """Correlation of two pictures of one shape."""
    return np.corrcoef(one.ravel(), other.ravel())[0, 1]
