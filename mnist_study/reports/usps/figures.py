"""How each figure of notebook 06, the zip codes, is drawn from its records."""

import numpy as np

from ... import evaluation
from ...plots import figures
from ...records import Records, claimed, published_usps
from ..drawing import architecture_of, confusion_of, from_arrays
from . import zip_figures
from .experiments import ROWS

FOLDS = tuple(row.name for row in ROWS if row.name.startswith("usps/folds/"))
OURS = ("usps/cnn7", "usps/best", "usps/best-ensemble", "usps/best-with-mnist")


def _curves(found: Records):
    return zip_figures.fig_test_curves([run.history for run in found.all("usps/cnn7")])


def class_errors(runs) -> np.ndarray:
    """Error of each digit, (runs, 10), in [0, 1]."""
    tables = [evaluation.confusion(run.arrays["y_true"], run.arrays["y_pred"]) for run in runs]
    return np.stack([1 - np.diag(table) / np.maximum(table.sum(axis=1), 1) for table in tables])


def _error_per_class(found: Records):
    runs = found.all("usps/cnn7")
    stated = np.array([float(claimed("usps/cnn7", "error", str(digit))) for digit in range(10)])
    counts = np.bincount(runs[0].arrays["y_true"], minlength=10)
    return zip_figures.fig_error_per_class(stated, class_errors(runs), counts)


def _misread(found: Records):
    record = found.one("usps/cnn7")
    arrays = record.arrays
    order = np.argsort(arrays["mistake_index"])[:120]
    index = arrays["mistake_index"][order]
    title = f"All {record.metrics['misses']} images that the 7-layer network misread (seed {record.seed})"
    labels = arrays["y_true"][index], arrays["y_pred"][index]
    return zip_figures.fig_zip_mistakes(arrays["mistake_image"][order], index, *labels, title)


def missed_by_all(runs) -> np.ndarray:
    """Indices of the test images that every run misread."""
    return np.flatnonzero(np.all([run.arrays["y_true"] != run.arrays["y_pred"] for run in runs], axis=0))


def _misread_by_all(found: Records):
    runs = found.all("usps/best")
    arrays = runs[0].arrays
    index = missed_by_all(runs)[:36]
    images = {int(i): image for i, image in zip(arrays["mistake_index"], arrays["mistake_image"], strict=True)}
    shown = np.array([i for i in index if int(i) in images], int)
    pictures = np.stack([images[int(i)] for i in shown]) / 127.5 - 1.0
    title = f"Misread by all {len(runs)} of the best networks: would you have read them?"
    labels = arrays["y_true"][shown], arrays["y_pred"][shown]
    return zip_figures.fig_zip_mistakes(pictures, shown, *labels, title, columns=6, size=1.7)


def _choice(found: Records):
    rows = [
        {
            "title": found.title(name),
            "loss": found.one(name).metrics["loss"],
            "misses": found.one(name).metrics["misses"],
            "n": found.one(name).metrics["n"],
        }
        for name in FOLDS
    ]
    return zip_figures.fig_misses_by_choice(rows, min(rows, key=lambda row: row["loss"])["title"])


def _published(found: Records):
    table, n = published_usps(), found.one("usps/cnn7").metrics["n"]
    table = table[table.kind != "MNIST alone"]
    rows = [{"title": row.method, "misses": [row.error * n / 100], "kind": row.kind} for row in table.itertuples()]
    stated = [int(claimed("usps/cnn7", "misses"))]
    rows.append({"title": "report usps, as claimed", "misses": stated, "kind": "published"})
    for name in OURS:
        kind = "more data" if name.endswith("mnist") else "ours"
        misses = [run.metrics["misses"] for run in found.all(name)]
        rows.append({"title": found.title(name), "misses": misses, "kind": kind})
    return zip_figures.fig_published(sorted(rows, key=lambda row: -np.mean(row["misses"])), n)


FIGURES = {
    "06_samples": from_arrays("usps/explore", figures.fig_samples, "sample_image"),
    "06_class_counts": from_arrays("usps/explore", figures.fig_class_counts, "count_train", "count_test"),
    "06_architecture": architecture_of("usps/cnn7", "The 7-layer network of report usps"),
    "06_training_curves": _curves,
    "06_confusion": confusion_of("usps/cnn7"),
    "06_error_per_class": _error_per_class,
    "06_misread": _misread,
    "06_choice": _choice,
    "06_published": _published,
    "06_misread_by_all": _misread_by_all,
}
