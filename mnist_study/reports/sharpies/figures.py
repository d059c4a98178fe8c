"""The figures of notebooks 01 to 03, and of the photos in notebook 04, from records."""

from collections.abc import Callable

import numpy as np

from ...data.datasets import MISLABELLED_TEST_IMAGES, MNIST_DIGEST
from ...plots import figures, photo_figures
from ...plots import networks as network_figures
from ...records import Records, claimed, claims
from ..drawing import accuracy_rows, confusion_of, curves_of, from_arrays, report_of
from .experiments import LADDER, RUNGS

CLASSICAL = ("sharpies/knn", "sharpies/svm")
NETWORKS = tuple(f"sharpies/{name}" for name in ("mlp-64-16", "mlp-64-32", "cnn-32f", "cnn-32-16f", "cnn-32-16fx3"))


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


def _mistakes(name: str) -> Callable:
    def make(found: Records):
        record = found.one(name)
        arrays = record.arrays
        shown = arrays["mistake_index"]
        title = f"{found.title(name)}: the most confident of its {record.metrics['misses']:,} mistakes"
        labels = arrays["y_true"][shown], arrays["y_pred"][shown]
        on_test_set = record.settings["split"] == "60000/10000"  # elsewhere the numbers are not those of the test set
        disputed = MISLABELLED_TEST_IMAGES if on_test_set and record.data_digest == MNIST_DIGEST else ()
        return figures.fig_mistakes(arrays["mistake_image"], shown, *labels, title, disputed)

    return make


def _grey_values(found: Records):
    return figures.fig_grey_values(found.one("sharpies/explore").arrays["sample_image"][5, 0])


def _accuracy_by_parameters(found: Records):
    return network_figures.fig_accuracy_by_parameters(accuracy_rows(found, NETWORKS))


def _claimed_and_ours(found: Records):
    names = (*CLASSICAL, "sharpies/svm-unscaled", *NETWORKS)
    return figures.fig_claimed_and_ours(accuracy_rows(found, names))


PHOTOS = tuple(f"sharpies/photos/{name.split('/')[1]}" for name in (*CLASSICAL, *NETWORKS))


def _recipe_accuracies(found: Records):
    rows = []
    for name in (*PHOTOS, "sharpies/photos/reader"):
        runs = found.all(name)
        stated = claimed(name, "accuracy")
        rows.append(
            {
                "title": found.title(name),
                "right": [run.metrics["n"] - run.metrics["misses"] for run in runs],
                "claimed": None if stated is None else round(float(stated) * runs[0].metrics["n"]),
            }
        )
    return photo_figures.fig_recipe_accuracies(rows)


def _ladder(found: Records):
    steps = LADDER
    rows, n = [], 0
    for name in (*PHOTOS, "sharpies/photos/reader"):
        runs = found.all(name)
        n = runs[0].metrics[f"n_{steps[0]}"]
        right = [[n - run.metrics[f"misses_{step}"] for step in steps] for run in runs]
        rows.append({"title": found.title(name), "right": right})
    return photo_figures.fig_ladder([RUNGS[step] for step in steps], rows, n)


def _ladder_images(found: Records):
    arrays = found.one("sharpies/photos/reader").arrays
    shown = [index for index in (0, 5, 8, 12, 17, 19, 22, 25) if index < len(arrays["y_true"])]
    images = {RUNGS[step]: arrays[f"image_{step}"][shown] for step in LADDER}
    return photo_figures.fig_ladder_images(images, arrays["y_true"][shown])


def _misread(found: Records):
    runs = found.all("sharpies/photos/mlp-64-16")
    fed = found.one("sharpies/photos/reader").arrays["image_recipe"]
    table = claims()
    rows = table[(table.experiment == "sharpies/photos/mlp-64-16") & (table.metric == "misread_as")]
    reported = {int(row.label): int(row.claimed) for row in rows.itertuples()}
    readings = [run.arrays["y_pred_recipe"] for run in runs]
    return photo_figures.fig_misread(fed, runs[0].arrays["y_true"][: len(fed)], np.stack(readings), reported)


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
    "03_training_curves": curves_of(*NETWORKS),
    "03_accuracy_by_parameters": _accuracy_by_parameters,
    "03_confusion": confusion_of("sharpies/mlp-64-16", "sharpies/cnn-32-16fx3"),
    "03_mistakes": _mistakes("sharpies/cnn-32-16fx3"),
    "03_claimed_and_ours": _claimed_and_ours,
    "04_recipe_accuracies": _recipe_accuracies,
    "04_misread": _misread,
    "04_ladder_images": _ladder_images,
    "04_ladder": _ladder,
}
