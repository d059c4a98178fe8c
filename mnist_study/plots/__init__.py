"""Arrays in, matplotlib Figure out, in one style."""

from .style import png

__all__ = ["png"]
