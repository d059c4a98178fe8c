"""The name that ``reader`` still imports; this module goes with it."""

from .reading import page as fig_page  # noqa: F401
