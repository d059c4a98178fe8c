"""Photos of digits in, digits and honest confidences out. Works offline, with the weights in this package.

from mnist_study import reader

page = reader.read("photo.jpg")     # in a notebook: the photo, what the network saw, and ten probabilities
page.text, page[0].confidence       # the digits as lines of text; each is a Reading
page.unread                         # ink that was not read, where and why
reader.digit_image("photo.jpg")     # the digit alone, 28x28, made as MNIST was made

Each step of that can be called by itself: ``open_photo``, ``find_ink``, ``largest_digit``, ``boxed``, ``stroke_width`` with
``with_stroke_width``, ``centred``; the last four are what ``mnist_image`` does to the ink of one digit.
"""

from .ink import find_ink
from .photo_files import SUFFIXES, BlankImageError, ImageSizeError, NotAnImageError, PhotoError, open_photo, photos_in
from .photos import (
    FoundDigit,
    Unread,
    boxed,
    centred,
    digit_image,
    largest_digit,
    mnist_image,
    stroke_width,
    with_stroke_width,
)
from .reading import Page, Reader, Reading, read, shipped, shipped_network

__all__ = [
    "SUFFIXES",
    "BlankImageError",
    "FoundDigit",
    "ImageSizeError",
    "NotAnImageError",
    "Page",
    "PhotoError",
    "Reader",
    "Reading",
    "Unread",
    "boxed",
    "centred",
    "digit_image",
    "find_ink",
    "largest_digit",
    "mnist_image",
    "open_photo",
    "photos_in",
    "read",
    "shipped",
    "shipped_network",
    "stroke_width",
    "with_stroke_width",
]
