"""scikit-learn's digits in the formats of MNIST and USPS: what runs where a data set is neither local nor reachable."""

import numpy as np


def embedded_digits():
    """scikit-learn's 1,797 real digits, made 28x28 as MNIST was made; needs neither files nor network.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: uint8 (1497, 28, 28) and (300, 28, 28) in [0, 255]; labels uint8.
        The split is stratified and fixed.

    Source: Alpaydin and Kaynak 1998, "Optical Recognition of Handwritten Digits", through ``sklearn.datasets.load_digits``.
    """
    from sklearn.datasets import load_digits

    small = load_digits()
    images = np.stack([mnist_format(image / 16) for image in small.images])
    return _split(images, small.target.astype(np.uint8))


def embedded_zip_digits():
    """scikit-learn's 1,797 real digits in the format of USPS; needs neither files nor network.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``: float32 (1497, 16, 16) and (300, 16, 16) in [-1, 1]; labels uint8; split
        as by ``embedded_digits``.
    """
    from sklearn.datasets import load_digits

    small = load_digits()
    images = np.repeat(np.repeat(small.images, 2, axis=1), 2, axis=2).astype(np.float32) / 8 - 1
    return _split(images, small.target.astype(np.uint8))


def _split(images, labels):
    from sklearn.model_selection import train_test_split

    x_train, x_test, y_train, y_test = train_test_split(images, labels, test_size=300, random_state=42, stratify=labels)
    return (x_train, y_train), (x_test, y_test)


def mnist_format(ink: np.ndarray) -> np.ndarray:
    """Bring a picture of one digit to 28x28 the way MNIST was made.

    The ink's box is scaled to fit 20x20 keeping its aspect, grey levels coming from the interpolation, and shifted by
    whole pixels so that the centre of mass lies at the centre of a 28x28 field.

    It is ``photos.mnist_image`` without what photos need: every pixel above 0 is ink, and no stroke is made thicker or
    thinner. It stands here once more because these digits are a data set, with a digest: a better recipe for photos must
    not change them. A test holds the two together.

    Args:
        ink: float (height, width) in [0, 1], 1 is ink.

    Returns:
        uint8 (28, 28) in [0, 255].

    Raises:
        ValueError: if there is no ink.

    Source: LeCun, Cortes, Burges, "The MNIST database"; checked on MNIST itself, where the longer side of the box is 20
    in 4,998 of 5,000 images and the centre of mass is spread evenly over [13.5, 14.5].
    """
    from PIL import Image
    from scipy import ndimage

    (place,) = ndimage.find_objects(ink > 0, 1)
    if place is None:
        raise ValueError("The picture is blank: expected at least one pixel of ink above 0.")
    box = ink[place]
    height, width = (max(1, round(20 * side / max(box.shape))) for side in box.shape)
    scaled = Image.fromarray(np.asarray(box, np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    scaled = np.clip(np.asarray(scaled), 0, 1)
    centre = [
        (np.arange(side) * scaled.sum(axis=1 - axis)).sum() / scaled.sum() for axis, side in enumerate(scaled.shape)
    ]
    top, left = (int(np.clip(round(14 - c), 0, 28 - side)) for c, side in zip(centre, scaled.shape, strict=True))
    field = np.zeros((28, 28), np.uint8)
    field[top : top + height, left : left + width] = np.round(scaled * 255)
    return field


def stand_in_photos(images, labels):
    """Photos drawn from digits, for a smoke run where the report's photos are neither local nor reachable.

    Args:
        images, labels: uint8 (n, 28, 28) and (n,), with two images of each digit at least.

    Returns:
        ``(pictures, labels, formatted)``: 20 pages, dark ink on grey paper, uint8 (300, 300); uint8 (20,); the same pages
        shrunk whole, ink white, uint8 (20, 28, 28).
    """
    from PIL import Image

    chosen = [np.flatnonzero(labels == digit)[k] for k in (0, 1) for digit in range(10)]
    pages = []
    for image in images[chosen]:
        ink = np.asarray(Image.fromarray(image).resize((120, 120), Image.Resampling.BICUBIC), float) / 255
        pages.append(np.uint8(np.pad(190 - 160 * ink, 90, constant_values=190)))
    formatted = np.stack([255 - np.asarray(Image.fromarray(page).resize((28, 28))) for page in pages])
    return tuple(pages), labels[chosen], formatted
