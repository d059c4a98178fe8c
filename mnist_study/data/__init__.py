"""What a model is shown: data sets found, checked by digest, split and distorted."""

from .datasets import (
    DIGESTS,
    MISLABELLED_TEST_IMAGES,
    MNIST_DIGEST,
    USPS_DIGEST,
    Dataset,
    from_arrays,
    load,
    mnist,
    photos_of,
    usps,
)
from .embedded import embedded_digits, embedded_zip_digits
from .files import CorruptDataError, DataError, MissingDataError, digest
from .sources import PHOTOS_DIGEST, Photos, load_photos
from .splits import inf283_split, named_split, sharpies_split, validation_parts

__all__ = [
    "DIGESTS",
    "MISLABELLED_TEST_IMAGES",
    "MNIST_DIGEST",
    "PHOTOS_DIGEST",
    "USPS_DIGEST",
    "CorruptDataError",
    "DataError",
    "Dataset",
    "MissingDataError",
    "Photos",
    "digest",
    "embedded_digits",
    "embedded_zip_digits",
    "from_arrays",
    "inf283_split",
    "load",
    "load_photos",
    "mnist",
    "named_split",
    "photos_of",
    "sharpies_split",
    "usps",
    "validation_parts",
]
