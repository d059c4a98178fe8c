"""Keras, imported without the lines that TensorFlow writes when it starts, which no variable silences."""

import contextlib
import os
import sys


@contextlib.contextmanager
def quiet():
    """Send what libraries write to the process's standard error away while the block runs; errors are raised all the same."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except OSError:  # a process without standard error has nothing to silence
        yield
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


with quiet():
    import keras
    from keras import layers

    keras.distribution.list_devices()  # the first look for a GPU is what most of the lines are about

__all__ = ["keras", "layers", "quiet"]
