"""The networks, uncompiled. Each takes images as their data set has them and scales them itself: no caller can forget it."""

import numpy as np

from .backend import keras, layers

MNIST_MEAN_AND_STD = 0.13066047627384286, 0.3081078038564627  # of the 60,000 training images, scaled to [0, 1]
INK = 0.2  # of an image's brightest pixel: what is darker than this does not count for the box of the ink


def pixel_mean_and_std(images: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of all pixels, uint8 (n, height, width), scaled to [0, 1].

    Example:
        >>> pixel_mean_and_std(np.array([[[0, 255]]], np.uint8))
        (0.5, 0.5)
    """
    share = np.bincount(images.ravel(), minlength=256) / images.size  # of each grey level: exact and small
    levels = np.arange(256) / 255
    mean = float(share @ levels)
    return mean, float(np.sqrt(share @ (levels - mean) ** 2))


def _standardised_input(images: np.ndarray | None):
    """An input of raw (28, 28) pixels, and the same standardised by mean and deviation of ``images``."""
    mean, std = MNIST_MEAN_AND_STD if images is None else pixel_mean_and_std(images)
    pixels = keras.Input((28, 28), name="pixels")
    return pixels, layers.Rescaling(1 / (255 * std), offset=-mean / std, name="standardise")(pixels)


def _regularizer(l2: float):
    return keras.regularizers.L2(l2) if l2 else None


def mlp(hidden_units=(64, 16), l2: float = 1e-5, pixels=None) -> keras.Model:
    """Multilayer perceptron: flatten, dense ReLU layers, softmax over 10 digits.

    Args:
        hidden_units: units of each hidden layer; (64, 16) has 51,450 parameters, (64, 32) has 52,650.
        l2: weight of the L2 penalty on every kernel.
        pixels: training images, uint8 (n, 28, 28), whose mean and deviation the model's first layer keeps and standardises
            by; MNIST's when left out.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: report sharpies, "Multilayer Perceptron (MLP)" and its listing ``NN_classifier``.
    """
    pixels, hidden = _standardised_input(pixels)
    hidden = layers.Flatten()(hidden)
    for units in hidden_units:
        hidden = layers.Dense(units, activation="relu", kernel_regularizer=_regularizer(l2))(hidden)
    digits = layers.Dense(10, activation="softmax", kernel_regularizer=_regularizer(l2), name="digits")(hidden)
    return keras.Model(pixels, digits, name="mlp_" + "_".join(map(str, hidden_units)))


def cnn(filters=(32,), l2: float = 1e-5, pixels=None) -> keras.Model:
    """Convolutions 3x3 without padding, ReLU; one max-pool 2x2 after the last; softmax over 10 digits.

    Args:
        filters: filters of each convolution; (32,) has 54,410 parameters, (32, 16) has 27,994, (32, 16, 16, 16) has 25,594.
        l2: weight of the L2 penalty on every kernel.
        pixels: training images, uint8 (n, 28, 28), whose mean and deviation the model's first layer keeps and standardises
            by; MNIST's when left out.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: report sharpies, "Convolutional Neural Network (CNN)" and its listing ``CNN_classifier``.
    """
    pixels, hidden = _standardised_input(pixels)
    hidden = layers.Reshape((28, 28, 1))(hidden)
    for count in filters:
        hidden = layers.Conv2D(count, 3, activation="relu", kernel_regularizer=_regularizer(l2))(hidden)
    hidden = layers.Flatten()(layers.MaxPooling2D(2)(hidden))
    digits = layers.Dense(10, activation="softmax", kernel_regularizer=_regularizer(l2), name="digits")(hidden)
    return keras.Model(pixels, digits, name="cnn_" + "_".join(map(str, filters)))


def lenet(filters=(20, 50), units: int | None = 500) -> keras.Model:
    """LeNet as report nust describes it: two convolutions 5x5, each with ReLU and max-pool 2x2, dense ReLU, softmax.

    Args:
        filters: of the two convolutions. The report gives the first (its feature maps are 28x28x20, so the padding keeps
            the size); the second is our choice.
        units: of the dense layer, our choice; with (20, 50) and 500 the network has 1,256,080 parameters. None leaves the
            layer out, for the simpler network that the report wishes for.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: report nust, section IV; 20, 50 and 500 as in LeCun, Bottou, Bengio, Haffner 1998 as Caffe and many tutorials
        have it.
    """
    pixels = keras.Input((28, 28), name="pixels")
    hidden = layers.Reshape((28, 28, 1))(layers.Rescaling(1 / 255)(pixels))
    for count in filters:
        hidden = layers.MaxPooling2D(2)(layers.Conv2D(count, 5, padding="same", activation="relu")(hidden))
    hidden = layers.Flatten()(hidden)
    if units is not None:
        hidden = layers.Dense(units, activation="relu")(hidden)
    return keras.Model(pixels, layers.Dense(10, activation="softmax", name="digits")(hidden), name="lenet")


def plain_mlp(hidden_units=(256, 128, 60), l2: float = 0.01) -> keras.Model:
    """Multilayer perceptron on pixels scaled to [0, 1], with an L2 penalty on the kernels of the hidden layers.

    Args:
        hidden_units: units of each hidden layer; (256, 128, 60) has 242,206 parameters.
        l2: weight of the penalty.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: report inf283, section "General Neural Network".
    """
    pixels = keras.Input((28, 28), name="pixels")
    hidden = layers.Flatten()(layers.Rescaling(1 / 255)(pixels))
    for units in hidden_units:
        hidden = layers.Dense(units, activation="relu", kernel_regularizer=_regularizer(l2))(hidden)
    return keras.Model(pixels, layers.Dense(10, activation="softmax", name="digits")(hidden), name="plain_mlp")


def pooled_cnn(
    filters=(32,), kernel_size: int = 5, pool_size: int = 2, dropout: float = 0.5, units: int = 128
) -> keras.Model:
    """Convolutions without padding, each with ReLU and max-pool; dropout, dense ReLU, softmax over 10 digits.

    Args:
        filters: of each convolution; with the defaults the network has 592,074 parameters.
        kernel_size, pool_size: of every convolution and pooling, squares.
        dropout: share of the pooled values that is dropped in training; 0 leaves the layer out.
        units: of the dense layer.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: report inf283, listing ``get_cnn_model`` (one convolution 5x5); report asher, "CNN Model Architecture", which
        gives neither the number of convolutions nor their size.
    """
    pixels = keras.Input((28, 28), name="pixels")
    hidden = layers.Reshape((28, 28, 1))(layers.Rescaling(1 / 255)(pixels))
    for count in filters:
        hidden = layers.MaxPooling2D(pool_size)(layers.Conv2D(count, kernel_size, activation="relu")(hidden))
    hidden = layers.Dropout(dropout)(hidden) if dropout else hidden
    hidden = layers.Dense(units, activation="relu")(layers.Flatten()(hidden))
    digits = layers.Dense(10, activation="softmax", dtype="float32", name="digits")(hidden)  # in any precision
    return keras.Model(pixels, digits, name="pooled_cnn")


def zip_cnn(
    filters=(32, 64), units: int = 128, dropout: float = 0.5, negative_slope: float = 0.3, noise: float = 0.0
) -> keras.Model:
    """Report usps's network of seven layers: input, twice convolution 5x5 and max-pool 2x2, dense with dropout, softmax.

    Args:
        filters, units, dropout, negative_slope: our choice; the report gives none of them. 0.3 is Keras's LeakyReLU.
        noise: standard deviation of the noise that training adds to the greys, scaled to [0, 1].

    Returns:
        An uncompiled model: (n, 16, 16) grey values in [-1, 1] -> (n, 10) probabilities; 184,586 parameters by default.

    Source: report usps, section 2.2. It names one convolution, "the convolution layer 1", and counts five hidden layers;
        its reference [1] (Siddique et al. 2018), whose words it follows, has convolution, pooling, convolution, pooling
        and a dense layer.
    """
    greys = keras.Input((16, 16), name="greys")
    hidden = layers.Reshape((16, 16, 1))(layers.Rescaling(0.5, offset=0.5)(greys))
    if noise:
        hidden = layers.GaussianNoise(noise)(hidden)
    for count in filters:
        hidden = layers.Conv2D(count, 5, padding="same")(hidden)
        hidden = layers.MaxPooling2D(2)(layers.LeakyReLU(negative_slope)(hidden))
    hidden = layers.LeakyReLU(negative_slope)(layers.Dense(units)(layers.Flatten()(hidden)))
    hidden = layers.Dropout(dropout)(hidden)
    return keras.Model(greys, layers.Dense(10, activation="softmax", name="digits")(hidden), name="zip_cnn")


@keras.saving.register_keras_serializable("mnist_study")
class Boxed(layers.Layer):
    """Bring the ink of each image to where MNIST has it: its box 20 pixels long, its centre of mass in the middle.

    A shift, a zoom and a dimmed or brightened image are undone before any weight sees them; the layer has none itself.
    (n, 28, 28) pixels in [0, 255] -> (n, 28, 28) in [0, 1], the brightest being 1; a blank image stays blank.

    Source: LeCun, Cortes, Burges, "The MNIST database", which was made in this way; compare ``photos.digit_image``.
    """

    def call(self, images):
        """Bilinear interpolation, as a product with one matrix for the rows and one for the columns."""
        ops = keras.ops
        ink = ops.cast(images, "float32")
        ink = ink / ops.maximum(ops.max(ink, axis=(1, 2), keepdims=True), 1.0)
        sides, middles = zip(*(self._side_and_middle(ink, axis) for axis in (2, 1)), strict=True)
        scale = ops.maximum(*sides) / 20.0
        rows, columns = (self._looked_up(middle, scale) for middle in middles)
        return ops.matmul(ops.matmul(rows, ink), ops.transpose(columns, (0, 2, 1)))

    @staticmethod
    def _side_and_middle(ink, axis):
        """Length of the ink and its centre of mass along the other axis, in pixels, (n,) each."""
        ops = keras.ops
        place = ops.arange(28, dtype="float32")
        there = ops.max(ink, axis=axis) > INK
        first = ops.min(ops.where(there, place, 27.0), axis=1)
        last = ops.max(ops.where(there, place, 0.0), axis=1)
        mass = ops.sum(ink, axis=axis)
        middle = ops.sum(mass * place, axis=1) / ops.maximum(ops.sum(mass, axis=1), 1e-3)
        return ops.maximum(last - first + 1.0, 4.0), middle

    @staticmethod
    def _looked_up(middle, scale):
        """(n, 28, 28): how much each pixel of the image counts at each pixel of the result."""
        ops = keras.ops
        place = ops.arange(28, dtype="float32")
        position = middle[:, None] + (place[None] - 13.5) * scale[:, None]
        return ops.maximum(0.0, 1.0 - ops.abs(place[None, None] - position[:, :, None]))


def reader_cnn(filters: int = 32, boxed: bool = False) -> keras.Model:
    """The reader: six convolutions 3x3 with batch normalisation, on 14x14 positions of 2x2 pixels each.

    Folding 2x2 pixels into four channels first cost no accuracy on MNIST and makes the convolutions four times cheaper.

    Args:
        filters: of the first two convolutions; 32 has 174,602 parameters.
        boxed: whether ``Boxed`` comes first; without it the images must be boxed already.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: our choice, made on validation data.
    """
    pixels = keras.Input((28, 28), name="pixels")
    scaled = Boxed()(pixels) if boxed else layers.Rescaling(1 / 255)(pixels)
    hidden = layers.Reshape((14, 2, 14, 2))(scaled)
    hidden = layers.Reshape((14, 14, 4))(layers.Permute((1, 3, 2, 4))(hidden))
    for count, padding in ((filters, "same"), (filters, "same"), (2 * filters, "valid")):
        hidden = _normalised_convolution(hidden, count, padding)
    hidden = layers.MaxPooling2D(2)(hidden)
    for count, padding in ((2 * filters, "same"), (2 * filters, "same"), (3 * filters, "valid")):
        hidden = _normalised_convolution(hidden, count, padding)
    hidden = layers.Dropout(0.3)(layers.Flatten()(hidden))
    digits = layers.Dense(10, activation="softmax", dtype="float32", name="digits")(hidden)  # in any precision
    return keras.Model(pixels, digits, name="reader_cnn")


def _normalised_convolution(hidden, count: int, padding: str = "same"):
    hidden = layers.Conv2D(count, 3, padding=padding, use_bias=False)(hidden)
    return layers.ReLU()(layers.BatchNormalization()(hidden))


def strided_cnn(filters=(16, 32, 64)) -> keras.Model:
    """Three convolutions with batch normalisation, two of them with strides instead of pooling; softmax over 10 digits.

    It is made to be trained in seconds: ``benchmarks/ninety_nine.py`` has how.

    Args:
        filters: of the convolutions 4x4 with stride 2, 3x3 with stride 2, and 3x3; (16, 32, 64) has 33,994 parameters.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: our choice, made on validation images cut from MNIST's training images.
    """
    pixels = keras.Input((28, 28), name="pixels")
    hidden = layers.Reshape((28, 28, 1))(layers.Rescaling(1 / 255)(pixels))
    for count, kernel_size, strides in zip(filters, (4, 3, 3), (2, 2, 1), strict=True):
        hidden = layers.Conv2D(count, kernel_size, strides=strides, use_bias=False)(hidden)
        hidden = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(hidden))
    digits = layers.Dense(10, activation="softmax", name="digits")(layers.Flatten()(hidden))
    return keras.Model(pixels, digits, name="strided_cnn")


def three_stages(filters: int = 32, side: int = 16) -> keras.Model:
    """Three stages of two convolutions 3x3 with batch normalisation, max-pool 2x2 between them, dropout, softmax.

    Args:
        filters: of the first stage; the second has twice and the third three times as many.
        side: of the images, a multiple of 4; with 32 filters, 16 makes 208,426 parameters.

    Returns:
        An uncompiled model: (n, side, side) pixels in [0, 255] -> (n, 10) probabilities.

    Source: our choice, by cross-validation on USPS's training images.
    """
    pixels = keras.Input((side, side), name="pixels")
    hidden = layers.Reshape((side, side, 1))(layers.Rescaling(1 / 255)(pixels))
    for count in (filters, 2 * filters):
        hidden = _normalised_convolution(_normalised_convolution(hidden, count), count)
        hidden = layers.MaxPooling2D(2)(hidden)
    hidden = _normalised_convolution(_normalised_convolution(hidden, 3 * filters), 3 * filters, "valid")
    hidden = layers.Dropout(0.3)(layers.Flatten()(hidden))
    digits = layers.Dense(10, activation="softmax", dtype="float32", name="digits")(hidden)  # in any precision
    return keras.Model(pixels, digits, name="three_stages")


def load(path) -> keras.Model:
    """A network saved by this project, uncompiled, with the layers of ``networks`` known to Keras.

    Args:
        path: of a ``.keras`` file.
    """
    return keras.saving.load_model(path, compile=False)


def layer_table(model: keras.Model) -> list[dict]:
    """One row a layer: ``layer`` (its kind), ``name``, ``shape`` (of its output, without the batch), ``parameters``."""
    return [
        {
            "layer": type(layer).__name__,
            "name": layer.name,
            "shape": list(layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
    ]


def same_network(first: keras.Model, second: keras.Model) -> bool:
    """Whether two models are the same network: the same layers with the same settings, names and weights apart.

    Example:
        >>> same_network(mlp((64, 16)), mlp((64, 16))), same_network(mlp((64, 16)), mlp((64, 32)))
        (True, False)
    """
    return _settings(first) == _settings(second)


def _settings(model: keras.Model) -> list:
    """Kind and settings of every layer that computes something; an input and a ``Reshape`` only say how pixels lie."""
    tables = []
    for layer in model.layers:
        if not isinstance(layer, (layers.InputLayer, layers.Reshape)):
            config = {name: value for name, value in layer.get_config().items() if name != "name"}
            tables.append((type(layer).__name__, _rounded(config), tuple(layer.output.shape[1:])))
    return tables


def _rounded(value):
    """Settings that can be compared: numbers to six digits, initialisers without their seeds."""
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items() if name not in ("seed", "shared_object_id")}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
