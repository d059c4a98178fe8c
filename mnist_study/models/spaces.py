"""Search spaces: Keras Tuner's own convention, a function of ``hp`` that returns a compiled model.

``tuning.search(spaces.asher, x_train, y_train)`` searches one; a space of your own is such a function, in a notebook cell or
in a file: ``python -m mnist_study tune FILE.py:FUNCTION``.
"""

import keras_tuner

from .backend import keras
from .networks import pooled_cnn


def asher(hp) -> keras.Model:
    """Report asher's: filters, dense units and learning rate, 27 settings.

    Source: report asher, "Training & Hyperparameter Tuning"; two convolutions of 3x3 are our reading.
    """
    filters = hp.Choice("filters", [32, 64, 128])
    model = pooled_cnn([filters, filters], kernel_size=3, dropout=0.0, units=hp.Choice("units", [32, 64, 128]))
    optimizer = keras.optimizers.Adam(hp.Choice("learning_rate", [1e-2, 1e-3, 1e-4]))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class DropoutAndBatch(keras_tuner.HyperModel):
    """How much dropout, and how many images in a batch: a ``HyperModel``, since its ``fit`` takes the batch from ``hp``.

    Source: our choice, as an example.
    """

    def build(self, hp) -> keras.Model:
        """The compiled network: one convolution, dropout between 0 and 0.6, a dense layer."""
        model = pooled_cnn(filters=[32], dropout=hp.Float("dropout", 0.0, 0.6, step=0.1))
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def fit(self, hp, model, *args, **kwargs):
        """Keras's ``fit`` with the batch size that is searched."""
        return model.fit(*args, **kwargs | {"batch_size": hp.Choice("batch_size", [32, 64, 128, 256])})


SPACES = {"asher": asher, "dropout_and_batch": DropoutAndBatch()}  # for ``python -m mnist_study tune NAME``
