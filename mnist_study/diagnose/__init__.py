"""Somebody's own model: how it wants its images, where it loses their photos, and what to do about it.

from mnist_study import diagnose

diagnose.diagnose("my_model.keras", "my_photos/")   # in a notebook: a page; print(... .text()) for words
"""

from .diagnosis import Diagnosis, diagnose
from .loading import load

__all__ = ["Diagnosis", "diagnose", "load"]
