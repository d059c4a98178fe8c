"""Searches for better hyperparameters: Keras Tuner chooses, workers try, rows on disk remember.

from mnist_study import tuning

trials = tuning.search(build_model, x_train, y_train, strategy="bayesian", trials=8, epochs=2, workers=2)
"""

from ..models import backend  # noqa: F401 (first, in a worker too: it loads Keras without TensorFlow's start-up lines)
from .engine import COLUMNS, search
from .trials import STRATEGIES, TuningError

__all__ = ["COLUMNS", "STRATEGIES", "TuningError", "search"]
