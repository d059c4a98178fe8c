"""Keras, imported without the lines that TensorFlow writes when it starts, which no variable silences."""

from ..quiet import quiet

with quiet():
    import keras
    from keras import layers

    keras.distribution.list_devices()  # the first look for a GPU is what most of the lines are about

__all__ = ["keras", "layers"]
