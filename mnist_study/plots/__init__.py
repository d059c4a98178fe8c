"""Data in, matplotlib Figure out, in one style.

    from mnist_study import plots

    plots.training_curves(model.fit(x_train, y_train, validation_split=0.1, epochs=3))
    plots.mistakes(x_test, y_test, model.predict(x_test))

A plot takes arrays, a Keras history or model, or a table of trials: never a record. A notebook shows the figure that stands
on the last line of a cell; ``figure.savefig("name.png")`` keeps it.
"""

from .embeddings import embedding
from .evaluation import classification_report, confusion_matrix, mistakes, reliability
from .images import class_counts, digit_grid, grey_values, mean_images, pixel_statistics
from .map import map_3d
from .networks import architecture, training_curves
from .reading import page, predictions
from .search import effects, parallel_coordinates, trials
from .style import png

__all__ = [
    "architecture",
    "class_counts",
    "classification_report",
    "confusion_matrix",
    "digit_grid",
    "effects",
    "embedding",
    "grey_values",
    "map_3d",
    "mean_images",
    "mistakes",
    "page",
    "parallel_coordinates",
    "pixel_statistics",
    "png",
    "predictions",
    "reliability",
    "training_curves",
    "trials",
]
