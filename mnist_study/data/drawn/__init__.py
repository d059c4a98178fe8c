"""What the reader is trained with and MNIST does not hold: European and printed digits, and ink that is no digit.

Nothing here is measured on: ``data.not_digits`` and ``data.stress`` draw what the reader is tried on, in other ways, with
other fonts and from test images.
"""

from .digits import european, printed
from .others import not_digits

__all__ = ["european", "not_digits", "printed"]
