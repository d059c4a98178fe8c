"""What `make test` runs in every notebook's kernel before its first cell: training stops after a few epochs.

The number stands in MNIST_STUDY_TEST_EPOCHS. Nothing else about a notebook changes when it is tested.
"""

import os

if os.environ.get("MNIST_STUDY_TEST_EPOCHS"):
    from mnist_study.models.backend import keras

    _fit = keras.Model.fit

    def _fit_shortly(self, *args, epochs=1, **kwargs):
        return _fit(self, *args, epochs=min(epochs, int(os.environ["MNIST_STUDY_TEST_EPOCHS"])), **kwargs)

    keras.Model.fit = _fit_shortly
