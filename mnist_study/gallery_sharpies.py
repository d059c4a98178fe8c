"""How each figure of notebooks 01 to 03 is drawn from its records."""

from collections.abc import Callable

from . import comparison, evaluation, experiments, figures, network_figures
from .datasets import MISLABELLED_TEST_IMAGES, MNIST_DIGEST
from .experiments import Records

CLASSICAL = ("sharpies/knn", "sharpies/svm")
NETWORKS = tuple(f"sharpies/{name}" for name in ("mlp-64-16", "mlp-64-32", "cnn-32f", "cnn-32-16f", "cnn-32-16fx3"))


def from_arrays(name: str, draw, *arrays) -> Callable:
    """A drawer: ``draw`` with these arrays of the first record of the experiment ``name``."""

    def make(found: Records):
        stored = found.one(name).arrays
        return draw(*(stored[array] for array in arrays))

    return make


def _umap(name: str) -> Callable:
    def make(found: Records):
        record = found.one(name)
        labels = record.arrays["y_true"]
        whole = "whole data set" if record.settings["images"] == "all" else "test set"
        return figures.fig_umap(record.arrays["points"], labels, f"UMAP of the {whole}, {len(labels):,} images")

    return make


def _umap_3d(found: Records):
    arrays = found.one("sharpies/umap-3d").arrays
    return figures.fig_umap_3d(arrays["points"], arrays["y_true"])


def _odd_points(found: Records):
    arrays = found.one("sharpies/umap-2d").arrays
    shown = arrays["odd_index"][: len(arrays["odd_image"])]
    return figures.fig_odd_points(arrays["odd_image"], shown, arrays["y_true"][shown], arrays["odd_votes"])


def report_of(name: str, tolerance: float = 0.0) -> Callable:
    """A drawer: claimed and our classification report of the first record of the experiment.

    Args:
        tolerance: what a cell may differ by without a frame; a network trained anew cannot repeat every hundredth.
    """

    def make(found: Records):
        claimed, ours = comparison.classification_tables(found.one(name))
        title = f"{experiments.get(name).title}: classification report"
        title += f" (framed: differs by more than {tolerance:g})" if tolerance else ""
        return figures.fig_classification_report(claimed, ours, title, tolerance)

    return make


def confusion_of(*names: str) -> Callable:
    """A drawer: the confusion matrices of the first records of these experiments."""

    def make(found: Records):
        runs = {experiments.get(name).title: found.one(name).arrays for name in names}
        return figures.fig_confusion({t: evaluation.confusion(a["y_true"], a["y_pred"]) for t, a in runs.items()})

    return make


def _mistakes(name: str) -> Callable:
    def make(found: Records):
        record = found.one(name)
        arrays = record.arrays
        shown = arrays["mistake_index"]
        title = f"{experiments.get(name).title}: the most confident of its {record.metrics['misses']:,} mistakes"
        labels = arrays["y_true"][shown], arrays["y_pred"][shown]
        on_test_set = record.settings["split"] == "60000/10000"  # elsewhere the numbers are not those of the test set
        disputed = MISLABELLED_TEST_IMAGES if on_test_set and record.data_digest == MNIST_DIGEST else ()
        return figures.fig_mistakes(arrays["mistake_image"], shown, *labels, title, disputed)

    return make


def _grey_values(found: Records):
    return figures.fig_grey_values(found.one("sharpies/explore").arrays["sample_image"][5, 0])


def _training_curves(found: Records):
    return network_figures.fig_training_curves(
        {experiments.get(name).title: [run.history for run in found.all(name)] for name in NETWORKS}
    )


def _accuracy_by_parameters(found: Records):
    return network_figures.fig_accuracy_by_parameters(comparison.accuracy_rows(found, NETWORKS))


def _claimed_and_ours(found: Records):
    names = (*CLASSICAL, "sharpies/svm-unscaled", *NETWORKS)
    return figures.fig_claimed_and_ours(comparison.accuracy_rows(found, names))


FIGURES = {
    "01_samples": from_arrays("sharpies/explore", figures.fig_samples, "sample_image"),
    "01_grey_values": _grey_values,
    "01_class_counts": from_arrays("sharpies/explore", figures.fig_class_counts, "count_train", "count_test"),
    "01_digit_images": from_arrays("sharpies/explore", figures.fig_digit_images, "mean_image", "std_image"),
    "01_pixel_statistics": from_arrays(
        "sharpies/explore", figures.fig_pixel_statistics, "grey_level_count", "ink_per_image", "label", "pixel_used"
    ),
    "01_umap_2d": _umap("sharpies/umap-2d"),
    "01_umap_2d_test": _umap("sharpies/umap-2d-test"),
    "01_umap_3d": _umap_3d,
    "01_odd_points": _odd_points,
    "02_report_knn": report_of("sharpies/knn"),
    "02_report_svm": report_of("sharpies/svm"),
    "02_confusion": confusion_of(*CLASSICAL),
    "02_mistakes_knn": _mistakes("sharpies/knn"),
    "02_mistakes_svm": _mistakes("sharpies/svm"),
    "03_training_curves": _training_curves,
    "03_accuracy_by_parameters": _accuracy_by_parameters,
    "03_confusion": confusion_of("sharpies/mlp-64-16", "sharpies/cnn-32-16fx3"),
    "03_mistakes": _mistakes("sharpies/cnn-32-16fx3"),
    "03_claimed_and_ours": _claimed_and_ours,
}
