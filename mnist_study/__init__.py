"""mnist_study: a reader for photos of digits, and five student reports reproduced side by side with what they claim.

Importing the package costs nothing: each room is imported when it is first used. ``reader`` and ``data`` are what
``pip install mnist_study`` brings; the other rooms need the study's packages, ``pip install 'mnist_study[study]'``.
"""

import importlib

__version__ = "0.1.0"


def __getattr__(name: str):
    """A room, imported on its first use.

    Raises:
        ModuleNotFoundError: it needs a package that is not installed.
    """
    try:
        return importlib.import_module("." + name, __name__)
    except ModuleNotFoundError as error:
        if error.name == __name__ + "." + name:
            raise AttributeError(f"mnist_study has no room {name!r}.") from None
        raise ModuleNotFoundError(needs_the_study(error), name=error.name) from error


def needs_the_study(error: ModuleNotFoundError) -> str:
    """What to tell somebody whose installation lacks a package of the study."""
    return f"This needs the study's packages ({error.name} is not installed): pip install 'mnist_study[study]'"
