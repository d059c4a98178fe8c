"""The networks, uncompiled. Each takes raw pixels (0-255) and standardises them itself, so that no caller can forget it."""

import keras
from keras import layers


def _standardised_input(mean: float, std: float):
    """An input of raw (28, 28) pixels and the same pixels scaled to [0, 1], minus ``mean``, over ``std``."""
    pixels = keras.Input((28, 28), name="pixels")
    return pixels, layers.Rescaling(1 / (255 * std), offset=-mean / std, name="standardise")(pixels)


def _regularizer(l2: float):
    return keras.regularizers.L2(l2) if l2 else None


def mlp(mean: float, std: float, hidden_units=(64, 16), l2: float = 1e-5) -> keras.Model:
    """Multilayer perceptron: flatten, dense ReLU layers, softmax over 10 digits.

    Args:
        mean, std: of the training pixels scaled to [0, 1]; kept in the model's first layer.
        hidden_units: units of each hidden layer; (64, 16) has 51,450 parameters, (64, 32) has 52,650.
        l2: weight of the L2 penalty on every kernel.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: report sharpies, "Multilayer Perceptron (MLP)" and its listing ``NN_classifier``.
    """
    pixels, hidden = _standardised_input(mean, std)
    hidden = layers.Flatten()(hidden)
    for units in hidden_units:
        hidden = layers.Dense(units, activation="relu", kernel_regularizer=_regularizer(l2))(hidden)
    digits = layers.Dense(10, activation="softmax", kernel_regularizer=_regularizer(l2), name="digits")(hidden)
    return keras.Model(pixels, digits, name="mlp_" + "_".join(map(str, hidden_units)))


def cnn(mean: float, std: float, filters=(32,), l2: float = 1e-5) -> keras.Model:
    """Convolutions 3x3 without padding, ReLU; one max-pool 2x2 after the last; softmax over 10 digits.

    Args:
        mean, std: of the training pixels scaled to [0, 1]; kept in the model's first layer.
        filters: filters of each convolution; (32,) has 54,410 parameters, (32, 16) has 27,994, (32, 16, 16, 16) has 25,594.
        l2: weight of the L2 penalty on every kernel.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: report sharpies, "Convolutional Neural Network (CNN)" and its listing ``CNN_classifier``.
    """
    pixels, hidden = _standardised_input(mean, std)
    hidden = layers.Reshape((28, 28, 1))(hidden)
    for count in filters:
        hidden = layers.Conv2D(count, 3, activation="relu", kernel_regularizer=_regularizer(l2))(hidden)
    hidden = layers.Flatten()(layers.MaxPooling2D(2)(hidden))
    digits = layers.Dense(10, activation="softmax", kernel_regularizer=_regularizer(l2), name="digits")(hidden)
    return keras.Model(pixels, digits, name="cnn_" + "_".join(map(str, filters)))


def reader_cnn(filters: int = 32) -> keras.Model:
    """The reader: six convolutions 3x3 with batch normalisation on 14x14 positions of 2x2 pixels each.

    Folding 2x2 pixels into four channels first costs no accuracy and makes the convolutions four times cheaper.

    Args:
        filters: of the first two convolutions; 32 has 174,602 parameters.

    Returns:
        An uncompiled model: (n, 28, 28) pixels in [0, 255] -> (n, 10) probabilities.

    Source: our choice, made on validation data.
    """

    def convolution(hidden, count, padding):
        hidden = layers.Conv2D(count, 3, padding=padding, use_bias=False)(hidden)
        return layers.ReLU()(layers.BatchNormalization()(hidden))

    pixels = keras.Input((28, 28), name="pixels")
    hidden = layers.Reshape((14, 2, 14, 2))(layers.Rescaling(1 / 255)(pixels))
    hidden = layers.Reshape((14, 14, 4))(layers.Permute((1, 3, 2, 4))(hidden))
    for count, padding in ((filters, "same"), (filters, "same"), (2 * filters, "valid")):
        hidden = convolution(hidden, count, padding)
    hidden = layers.MaxPooling2D(2)(hidden)
    for count, padding in ((2 * filters, "same"), (2 * filters, "same"), (3 * filters, "valid")):
        hidden = convolution(hidden, count, padding)
    hidden = layers.Dropout(0.3)(layers.Flatten()(hidden))
    return keras.Model(pixels, layers.Dense(10, activation="softmax", name="digits")(hidden), name="reader_cnn")


BUILDERS = {"mlp": mlp, "cnn": cnn, "reader_cnn": reader_cnn}
