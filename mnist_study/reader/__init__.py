"""Photos of digits in, digits and honest confidences out. Works offline, with the weights in this package.

from mnist_study import reader

reader.read("photo.jpg")            # in a notebook: the photo, what the network saw, and ten probabilities
reader.digit_image("photo.jpg")     # the digit alone, 28x28, made as MNIST was made
"""

from .photo_files import SUFFIXES, BlankImageError, ImageSizeError, NotAnImageError, PhotoError, open_photo, photos_in
from .photos import FoundDigit, digit_image, find_digits, mnist_image
from .reading import Page, Reader, Reading, read, shipped

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
    "digit_image",
    "find_digits",
    "mnist_image",
    "open_photo",
    "photos_in",
    "read",
    "shipped",
]
