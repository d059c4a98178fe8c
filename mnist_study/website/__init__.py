"""The static site."""

from .pages import build

__all__ = ["build"]
