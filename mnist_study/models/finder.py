"""The network that finds digits on a page, and what it is trained by.

Source: Zhou, Wang, Krähenbühl 2019, "Objects as Points" (a peak for every centre, its size beside it); Yu and Koltun 2016,
"Multi-Scale Context Aggregation by Dilated Convolutions".
"""

from .backend import keras, layers

STRIDE = 4  # pixels of the page for one position of the answer
CHANNELS = 15  # centre, ten digits, and of the box: height, width, and where its middle lies
TYPICAL = 32.0  # pixels: heights and widths are given as the logarithm of their ratio to it


def finder_cnn(filters=(24, 64), dilations=(1, 2, 4, 8, 1, 2), side: int = 192) -> keras.Model:
    """Convolutions 3x3 with batch normalisation on positions of 4x4 pixels, most of them residual and dilated.

    Args:
        filters: at two pixels a position, and at four.
        dilations: of the residual convolutions; by default the network has 239,127 parameters.
        side: of the page, a multiple of 4.

    Returns:
        An uncompiled model: (n, side, side) pixels in [0, 255] -> (n, side / 4, side / 4, 15): the logit of a digit's centre
        here, logits of the ten digits, log(height / 32), log(width / 32), and by how many positions the middle of its box
        lies to the right of and below the middle of this one.

    Source: our choice, made on pages rendered from validation images.
    """
    pixels = keras.Input((side, side), name="pixels")
    half = side // 2
    hidden = layers.Reshape((half, 2, half, 2))(layers.Rescaling(1 / 255)(pixels))
    hidden = layers.Reshape((half, half, 4))(layers.Permute((1, 3, 2, 4))(hidden))
    hidden = layers.ReLU()(_normalised(hidden, filters[0]))
    hidden = layers.ReLU()(_normalised(hidden, filters[1], strides=2))
    for dilation in dilations:
        hidden = layers.ReLU()(layers.Add()([hidden, _normalised(hidden, filters[1], dilation_rate=dilation)]))
    prior = keras.initializers.Constant([-4.0] + (CHANNELS - 1) * [0.0])  # most positions are no centre
    found = layers.Conv2D(CHANNELS, 1, bias_initializer=prior, dtype="float32", name="found")(hidden)
    return keras.Model(pixels, found, name="finder_cnn")


def _normalised(hidden, filters, **options):
    hidden = layers.Conv2D(filters, 3, padding="same", use_bias=False, **options)(hidden)
    return layers.BatchNormalization()(hidden)


def _targets(boxes, size: int):
    """What is wanted at every position of a (size, size) answer.

    Args:
        boxes: float32 (n, k, 6), as ``data.pages.training_pages`` gives them.

    Returns:
        ``peak`` (n, p) in [0, 1], ``centre`` and ``allowed`` (n, p) of 0 and 1, and ``nearest`` (n, p, 6), the row of boxes
        whose peak is highest here; p = size * size.
    """
    ops = keras.ops
    left, top, right, bottom, _, kind = (boxes[:, None, :, k] for k in range(6))  # (n, 1, k) each
    place = (ops.arange(size, dtype="float32") + 0.5) * STRIDE
    x = ops.reshape(ops.tile(place[None, :], (size, 1)), (1, -1, 1))
    y = ops.reshape(ops.tile(place[:, None], (1, size)), (1, -1, 1))
    wanted = ops.cast(kind == 1, "float32")
    across = (x - (left + right) / 2) / (1.5 + 0.1 * (right - left))
    down = (y - (top + bottom) / 2) / (1.5 + 0.1 * (bottom - top))
    bumps = wanted * ops.exp(-(across**2 + down**2) / 2)
    near = (ops.abs(x - (left + right) / 2) <= STRIDE / 2) & (ops.abs(y - (top + bottom) / 2) <= STRIDE / 2)
    within = (x > left) & (x < right) & (y > top) & (y < bottom) & (kind == 2)
    peak, centre = ops.max(bumps, axis=2), ops.max(wanted * ops.cast(near, "float32"), axis=2)
    allowed = 1 - ops.max(ops.cast(within, "float32"), axis=2)
    nearest = ops.take_along_axis(boxes, ops.argmax(bumps, axis=2)[..., None], axis=1)
    return peak, centre, allowed, nearest


def finding_loss(boxes, found):
    """Focal loss of the centres, cross-entropy of the digits, and distance of the boxes, near the centres.

    Args:
        boxes: float32 (n, k, 6), as ``data.pages.training_pages`` gives them.
        found: (n, size, size, 15), as ``finder_cnn`` answers.

    Returns:
        (n,); the mean over a batch is what counts.
    """
    ops = keras.ops
    size = found.shape[1]
    peak, centre, allowed, nearest = _targets(boxes, size)
    found = ops.reshape(found, (-1, size * size, CHANNELS))
    logit = found[..., 0]
    here, share = ops.softplus(-logit), ops.sigmoid(logit)  # -log of the share, and the share
    focal = centre * (1 - share) ** 2 * here + (1 - centre) * allowed * (1 - peak) ** 4 * share**2 * ops.softplus(logit)
    digits = ops.mean(ops.sum(centre, axis=1)) + 1.0
    near = peak * ops.cast(peak > 0.5, "float32")
    around = ops.mean(ops.sum(near, axis=1)) + 1.0
    names = ops.one_hot(ops.cast(nearest[..., 4], "int32"), 10)
    naming = -ops.sum(names * ops.log_softmax(found[..., 1:11], axis=-1), axis=-1)
    distance = ops.sum(ops.abs(found[..., 11:] - _box_numbers(nearest, size)), axis=-1)
    return ops.sum(focal, axis=1) / digits + ops.sum(near * (0.3 * naming + 0.5 * distance), axis=1) / around


def _box_numbers(nearest, size: int):
    """The four numbers that say where a box is, as seen from every position; (n, p, 4)."""
    ops = keras.ops
    place = ops.arange(size, dtype="float32") + 0.5
    x = ops.reshape(ops.tile(place[None, :], (size, 1)), (1, -1))
    y = ops.reshape(ops.tile(place[:, None], (1, size)), (1, -1))
    left, top, right, bottom = (nearest[..., k] for k in range(4))
    return ops.stack(
        [
            ops.log(ops.maximum(bottom - top, 1.0) / TYPICAL),
            ops.log(ops.maximum(right - left, 1.0) / TYPICAL),
            (left + right) / 2 / STRIDE - x,
            (top + bottom) / 2 / STRIDE - y,
        ],
        axis=-1,
    )


def right_and_asked(boxes, found):
    """How many digits of each page have a centre where theirs is (a logit above -1) with the right name, and how many it has.

    Args:
        boxes, found: as for ``finding_loss``.

    Returns:
        Two of (n,).
    """
    ops = keras.ops
    size = found.shape[1]
    _, centre, _, nearest = _targets(boxes, size)
    found = ops.reshape(found, (-1, size * size, CHANNELS))
    named = ops.cast(ops.argmax(found[..., 1:11], axis=-1), "float32") == nearest[..., 4]
    right = centre * ops.cast(named & (found[..., 0] > -1), "float32")
    return ops.sum(right, axis=1), ops.sum(centre, axis=1)


def accuracy(boxes, found):
    """The share of a batch's digits that are found and named right; (n,), whose mean it is.

    Args:
        boxes, found: as for ``finding_loss``.
    """
    right, asked = right_and_asked(boxes, found)
    return right / keras.ops.maximum(keras.ops.mean(asked), 1.0)
