"""Search spaces: each a function from Keras Tuner's hyperparameters to the settings of an ordinary network.

What a space leaves out is taken from ``DEFAULTS``. A new space is a function here, or in a file of your own:
``python -m mnist_study tune FILE.py:FUNCTION``.
"""

from . import own, rows_asher

DEFAULTS = {
    "dataset": "mnist",
    "split": "60000/10000",
    "validation_split": 1 / 6,
    "optimizer": "adam",
    "learning_rate": 1e-3,
    "epochs": 5,
    "batch_size": 64,
}


def asher(hp) -> dict:
    """Report asher's: filters, dense units and learning rate, 27 settings."""
    return rows_asher.searched(**{name: hp.Choice(name, list(values)) for name, values in rows_asher.SEARCHED.items()})


def dropout_and_batch(hp) -> dict:
    """The worked example of the README: how much dropout, and how many images in a batch."""
    return {
        "model": {
            "builder": "pooled_cnn",
            "filters": [32],
            "dropout": hp.Float("dropout", 0.0, 0.6, step=0.1),
        },
        "batch_size": hp.Choice("batch_size", [32, 64, 128, 256]),
    }


SPACES = {"asher": asher, "dropout_and_batch": dropout_and_batch}


class SpaceError(ValueError):
    """There is no such search space."""


def find(name: str):
    """The space of that name, or the function ``FUNCTION`` of ``FILE.py`` for the name ``FILE.py:FUNCTION``.

    Raises:
        SpaceError: with the names there are, or that the file has no such function.
        own.OwnFileError: with what is wrong with the file.
    """
    if name in SPACES:
        return SPACES[name]
    if own.split(name) is None:
        raise SpaceError(
            f"There is no search space {name!r}; expected one of {', '.join(SPACES)}, or FILE.py:FUNCTION for your own."
        )
    file, function = own.split(name)
    found = getattr(own.imported(file, f"the space {function!r}"), function, None)
    if not callable(found):
        raise SpaceError(
            f"{file} has no function {function!r}; expected a space: def {function}(hp) returning settings."
        )
    return found
