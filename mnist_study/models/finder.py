"""The network that finds digits on a page, and what it is trained by.

Source: Zhou, Wang, Krähenbühl 2019, "Objects as Points" (a peak for every centre, its size beside it); Li and others 2020,
"Generalized Focal Loss" (for targets between 0 and 1); Yu and Koltun 2016, "Multi-Scale Context Aggregation by Dilated
Convolutions".
"""

import numpy as np

from .backend import keras, layers

STRIDE = 4  # pixels of the page for one position of the answer
CHANNELS = 15  # centre, ten digits, and of the box: height, width, and where its middle lies
TYPICAL = 32.0  # pixels: heights and widths are given as the logarithm of their ratio to it
LAST = 0.3  # times what has mean 0 and standard deviation 1 is what the last layer sees
NEAR = 0.5  # of a peak: where digit and box are asked for


def finder_cnn(filters=(16, 64), dilations=(1, 2, 4, 6, 1), side: int = 192) -> keras.Model:
    """Convolutions 3x3 with batch normalisation, most of them on positions of 4x4 pixels, dilated and residual.

    Args:
        filters: at two pixels a position, and at four.
        dilations: of the convolutions at four; by default the network has 196,943 parameters.
        side: of the page, a multiple of 4.

    Returns:
        An uncompiled model: (n, side, side) pixels in [0, 255] -> (n, side / 4, side / 4, 15): the logit of a digit's centre
        here, logits of the ten digits, log(height / 32), log(width / 32), and by how many positions the middle of its box
        lies to the right of and below the middle of this one.

    Source: our choice, made on pages rendered from validation images.
    """
    pixels = keras.Input((side, side), name="pixels")
    half = side // 2
    # pages differ more in brightness than ink from paper: without this the first layers see little else
    even = layers.LayerNormalization(axis=(1, 2), epsilon=1.0, center=False, scale=False)(pixels)
    hidden = layers.Reshape((half, 2, half, 2))(even)
    hidden = layers.Reshape((half, half, 4))(layers.Permute((1, 3, 2, 4))(hidden))
    hidden = layers.ReLU()(_normalised(hidden, filters[0]))
    hidden = layers.ReLU()(_normalised(hidden, filters[1], strides=2))
    for dilation in dilations:
        hidden = layers.Add()([hidden, layers.ReLU()(_normalised(hidden, filters[1], dilation_rate=dilation))])
    # the sum grows with every convolution: unless it is made small, the first steps of the last layer are too large
    hidden = layers.Rescaling(LAST)(layers.ReLU()(layers.BatchNormalization(momentum=0.95)(hidden)))
    prior = keras.initializers.Constant([-4.0] + (CHANNELS - 1) * [0.0])  # most positions are no centre
    found = layers.Conv2D(CHANNELS, 1, bias_initializer=prior, dtype="float32", name="found")(hidden)
    return keras.Model(pixels, found, name="finder_cnn")


def _normalised(hidden, filters, **options):
    hidden = layers.Conv2D(filters, 3, padding="same", use_bias=False, **options)(hidden)
    return layers.BatchNormalization(momentum=0.95)(hidden)


def finding_targets(boxes: np.ndarray, side: int = 192) -> np.ndarray:
    """What is wanted of ``finder_cnn`` at every position.

    Args:
        boxes: float32 (n, k, 6), as ``data.pages.training_pages`` gives them.
        side: of the pages, in pixels.

    Returns:
        float16 (n, side / 4, side / 4, 7): the peak in [0, 1], which is 1 at the middle of a digit and falls to nothing
        within its box; whether anything is asked here; the digit of the nearest peak; the four numbers of its box.
    """
    size = side // STRIDE
    targets = np.zeros((len(boxes), size, size, 7), np.float16)
    targets[..., 1] = 1
    for target, rows in zip(targets, boxes, strict=True):
        for left, top, right, bottom, _, kind in rows:
            if kind == 2:
                a, b, c, d = (max(0, int(np.ceil(edge / STRIDE - 0.5))) for edge in (left, top, right, bottom))
                target[b:d, a:c, 1] = 0
        for left, top, right, bottom, digit, kind in rows:
            if kind != 1:
                continue
            wide, high = right - left, bottom - top
            x, y = (left + right) / 2 / STRIDE, (top + bottom) / 2 / STRIDE
            spread = (2 + 0.1 * high) / STRIDE, (2 + 0.1 * wide) / STRIDE
            part = tuple(
                slice(max(0, int(middle - 3 * reach)), int(middle + 3 * reach) + 1)
                for middle, reach in zip((y, x), spread, strict=True)
            )
            view = target[part]
            down, across = np.ogrid[
                part[0].start : part[0].start + view.shape[0], part[1].start : part[1].start + view.shape[1]
            ]
            down, across = y - down - 0.5, x - across - 0.5
            holds = (np.floor(down + 0.5) == 0) & (np.floor(across + 0.5) == 0)  # the middle
            peak = np.where(holds, 1, np.exp(-((down / spread[0]) ** 2 + (across / spread[1]) ** 2) / 2))
            higher = peak > view[..., 0]
            view[..., 0] = np.where(higher, peak, view[..., 0])
            view[..., 1] = np.where(peak > NEAR, 1, view[..., 1])
            numbers = np.broadcast_arrays(digit, np.log(high / TYPICAL), np.log(wide / TYPICAL), across, down)
            for k, values in enumerate(numbers, 2):
                view[..., k] = np.where(higher, values, view[..., k])
    return targets


def finding_loss(targets, found):
    """Focal loss of the peaks, cross-entropy of the digits and distance of the boxes near them.

    Args:
        targets: (n, size, size, 7), of ``finding_targets``.
        found: (n, size, size, 15), as ``finder_cnn`` answers.

    Returns:
        (n,); the mean over a batch is what counts.
    """
    ops = keras.ops
    targets = ops.cast(targets, "float32")
    peak, asked, logit = targets[..., 0], targets[..., 1], found[..., 0]
    off = ops.abs(peak - ops.sigmoid(logit))
    focal = ops.sum(asked * off**2 * (ops.softplus(logit) - peak * logit), axis=(1, 2))
    near = peak * ops.cast(peak > NEAR, "float32")
    names = ops.one_hot(ops.cast(targets[..., 2], "int32"), 10)
    naming = -ops.sum(names * ops.log_softmax(found[..., 1:11], axis=-1), axis=-1)
    distance = ops.sum(ops.abs(found[..., 11:] - targets[..., 3:]), axis=-1)
    beside = ops.sum(near * (naming + 0.5 * distance), axis=(1, 2))
    return (4 * focal + beside) / (ops.mean(ops.sum(near, axis=(1, 2))) + 1.0)


def right_and_asked(targets, found):
    """How many digits of each page have a centre where theirs is (a logit above -1) with the right name; how many it has.

    Args:
        targets, found: as for ``finding_loss``.

    Returns:
        Two of (n,).
    """
    ops = keras.ops
    targets = ops.cast(targets, "float32")
    centre = ops.cast(targets[..., 0] == 1, "float32")
    named = ops.cast(ops.argmax(found[..., 1:11], axis=-1), "float32") == targets[..., 2]
    right = centre * ops.cast(named & (found[..., 0] > -1), "float32")
    return ops.sum(right, axis=(1, 2)), ops.sum(centre, axis=(1, 2))


def accuracy(targets, found):
    """The share of a batch's digits that are found and named right; (n,), whose mean it is.

    Args:
        targets, found: as for ``finding_loss``.
    """
    right, asked = right_and_asked(targets, found)
    return right / keras.ops.maximum(keras.ops.mean(asked), 1.0)
