"""Every figure of the README and the notebooks by name, drawn from records alone.

A notebook cell and ``make figures`` go through the same table, so that the same name is the same picture.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from . import comparison, evaluation, experiments, figures, paths, photo_experiments, photo_figures, records, stress
from .datasets import MISLABELLED_TEST_IMAGES, MNIST_DIGEST

CLASSICAL = ("sharpies/knn", "sharpies/svm")
NETWORKS = tuple(f"sharpies/{name}" for name in ("mlp-64-16", "mlp-64-32", "cnn-32f", "cnn-32-16f", "cnn-32-16fx3"))


PHOTOS = tuple(f"sharpies/photos/{name.split('/')[1]}" for name in (*CLASSICAL, *NETWORKS))


class MissingRecordError(LookupError):
    """A figure or table needs a run that was not made yet."""


class Records:
    """The records of one profile on one data set, by experiment name."""

    def __init__(self, profile: str = "full", data_digest: str = MNIST_DIGEST):
        self.profile, self.data_digest = profile, data_digest

    def all(self, name: str) -> list[records.Record]:
        """All seeds of an experiment, at least one.

        Raises:
            MissingRecordError: if there is none, with the command that makes it.
        """
        settings = experiments.settings_for(experiments.get(name), self.profile)
        found = records.find_seeds(paths.results_dir(self.profile), name, settings, self.data_digest)
        if not found:
            raise MissingRecordError(
                f"There is no record of {name} in {paths.results_dir(self.profile)}. "
                f"Make it with `python -m mnist_study train {name} --profile {self.profile}`."
            )
        return found

    def one(self, name: str) -> records.Record:
        """The first seed of an experiment."""
        return self.all(name)[0]


def _explore(draw, *arrays) -> Callable:
    def make(found: Records):
        stored = found.one("sharpies/explore").arrays
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


def _report(name: str) -> Callable:
    def make(found: Records):
        claimed, ours = comparison.classification_tables(found.one(name))
        return figures.fig_classification_report(claimed, ours, f"{experiments.get(name).title}: classification report")

    return make


def _confusion(*names: str) -> Callable:
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


def _training_curves(found: Records):
    return figures.fig_training_curves(
        {experiments.get(name).title: [run.history for run in found.all(name)] for name in NETWORKS}
    )


def _accuracy_by_parameters(found: Records):
    return figures.fig_accuracy_by_parameters(comparison.accuracy_rows(found, NETWORKS))


def _claimed_and_ours(found: Records):
    names = (*CLASSICAL, "sharpies/svm-unscaled", *NETWORKS)
    return figures.fig_claimed_and_ours(comparison.accuracy_rows(found, names))


def _recipe_accuracies(found: Records):
    rows = []
    for name in (*PHOTOS, "sharpies/photos/reader"):
        runs = found.all(name)
        stated = comparison.claimed(name, "accuracy")
        rows.append(
            {
                "title": experiments.get(name).title,
                "right": [run.metrics["n"] - run.metrics["misses"] for run in runs],
                "claimed": None if stated is None else round(float(stated) * runs[0].metrics["n"]),
            }
        )
    return photo_figures.fig_recipe_accuracies(rows)


def _ladder(found: Records):
    steps = photo_experiments.LADDER
    rows, n = [], 0
    for name in (*PHOTOS, "sharpies/photos/reader"):
        runs = found.all(name)
        n = runs[0].metrics[f"n_{steps[0]}"]
        right = [[n - run.metrics[f"misses_{step}"] for step in steps] for run in runs]
        rows.append({"title": experiments.get(name).title, "right": right})
    return photo_figures.fig_ladder([photo_experiments.RUNGS[step] for step in steps], rows, n)


def _ladder_images(found: Records):
    arrays = found.one("sharpies/photos/reader").arrays
    shown = [index for index in (0, 5, 8, 12, 17, 19, 22, 25) if index < len(arrays["y_true"])]
    images = {photo_experiments.RUNGS[step]: arrays[f"image_{step}"][shown] for step in photo_experiments.LADDER}
    return photo_figures.fig_ladder_images(images, arrays["y_true"][shown])


def _misread(found: Records):
    runs = found.all("sharpies/photos/mlp-64-16")
    fed = found.one("sharpies/photos/reader").arrays["image_recipe"]
    table = comparison.claims()
    rows = table[(table.experiment == "sharpies/photos/mlp-64-16") & (table.metric == "misread_as")]
    reported = {int(row.label): int(row.claimed) for row in rows.itertuples()}
    readings = [run.arrays["y_pred_recipe"] for run in runs]
    return photo_figures.fig_misread(fed, runs[0].arrays["y_true"][: len(fed)], np.stack(readings), reported)


def _reader_sets(found: Records):
    runs, shipped = found.all("reader/cnn"), found.one("reader/shipped")
    # error in %: report usps; Dahmen, Keysers, Ney 2001; Pro-RandConv, CVPR 2023 (10,000 MNIST images)
    others = [
        ("trained on USPS,\nreport usps", 2.89),
        ("human readers", 2.45),
        ("best published,\nMNIST-trained", 6.33),
    ]
    anchors = {"_usps": others}
    rows = [
        {
            "title": title,
            "error": [100 * (1 - run.metrics[f"accuracy{key}"]) for run in runs],
            "shipped": 100 * (1 - shipped.metrics[f"accuracy{key}"]),
            "n": shipped.metrics[f"n{key}"],
            "others": anchors.get(key, []),
        }
        for key, title in READER_SETS.items()
        if f"accuracy{key}" in shipped.metrics and f"accuracy{key}" in runs[0].metrics
    ]
    return photo_figures.fig_reader_sets(rows)


def _reliability(found: Records):
    arrays = found.one("reader/shipped").arrays
    sets = {}
    for key, title in (("", "MNIST test"), ("_usps", "USPS test"), ("_digits", "scikit-learn's digits")):
        if f"y_true{key}" in arrays:
            labels, score = arrays[f"y_true{key}"], arrays[f"score{key}"].astype(np.float32)
            sets[title] = labels, score, evaluation.calibration_error(labels, score)
    return photo_figures.fig_reliability(sets)


def _stress(found: Records):
    record = found.one("reader/shipped")
    right = record.arrays["stress_right"]
    per_cell = record.metrics["stress_n"] // right.size
    return photo_figures.fig_stress(right, per_cell, stress.KINDS, ("mild", "medium", "hard"))


def _not_sure(found: Records):
    metrics = found.one("reader/shipped").metrics
    sets = (
        ("", "MNIST test"),
        ("_usps", "USPS test"),
        ("_digits", "scikit-learn's digits"),
        ("_sharpies", "the report's photos"),
    )
    rows = [
        (title, metrics[f"not_sure{key}"] / metrics[f"n{key}"], metrics[f"n{key}"], True)
        for key, title in sets
        if f"n{key}" in metrics
    ]
    others = (
        ("letters", "letters"),
        ("lookalikes", "letters like digits (O, l, S, …)"),
        ("scribbles", "scribbles"),
        ("faces", "faces"),
    )
    rows += [
        (title, metrics[f"refused_{key}"] / metrics[f"n_{key}"], metrics[f"n_{key}"], False) for key, title in others
    ]
    return photo_figures.fig_not_sure(rows)


FIGURES = {
    "01_samples": _explore(figures.fig_samples, "sample_image"),
    "01_class_counts": _explore(figures.fig_class_counts, "count_train", "count_test"),
    "01_digit_images": _explore(figures.fig_digit_images, "mean_image", "std_image"),
    "01_pixel_statistics": _explore(
        figures.fig_pixel_statistics, "grey_level_count", "ink_per_image", "label", "pixel_used"
    ),
    "01_umap_2d": _umap("sharpies/umap-2d"),
    "01_umap_2d_test": _umap("sharpies/umap-2d-test"),
    "01_umap_3d": _umap_3d,
    "01_odd_points": _odd_points,
    "02_report_knn": _report("sharpies/knn"),
    "02_report_svm": _report("sharpies/svm"),
    "02_confusion": _confusion(*CLASSICAL),
    "02_mistakes_knn": _mistakes("sharpies/knn"),
    "02_mistakes_svm": _mistakes("sharpies/svm"),
    "03_training_curves": _training_curves,
    "03_accuracy_by_parameters": _accuracy_by_parameters,
    "03_confusion": _confusion("sharpies/mlp-64-16", "sharpies/cnn-32-16fx3"),
    "03_mistakes": _mistakes("sharpies/cnn-32-16fx3"),
    "03_claimed_and_ours": _claimed_and_ours,
    "04_recipe_accuracies": _recipe_accuracies,
    "04_misread": _misread,
    "04_ladder_images": _ladder_images,
    "04_ladder": _ladder,
    "04_reader_sets": _reader_sets,
    "04_reliability": _reliability,
    "04_not_sure": _not_sure,
    "04_stress": _stress,
}


def draw(name: str, profile: str = "full", data_digest: str = MNIST_DIGEST, notice: str = "") -> Path:
    """Draw one figure from its records into the profile's ``figures/``.

    Args:
        name: a key of ``FIGURES``.
        profile, data_digest: whose records.
        notice: stamped on the figure where the data are not what the title says.

    Returns:
        The path of the PNG.

    Raises:
        KeyError: if there is no such figure.
        MissingRecordError: if a run it needs was not made.
    """
    if name not in FIGURES:
        raise KeyError(f"There is no figure {name!r}; expected one of: {', '.join(FIGURES)}.")
    figure = FIGURES[name](Records(profile, data_digest))
    return figures.save(figure, name, paths.figures_dir(profile), notice)


def show(name: str, profile: str = "full", data_digest: str = MNIST_DIGEST, notice: str = ""):
    """``draw``, shown in a notebook."""
    from IPython.display import Image

    return Image(str(draw(name, profile, data_digest, notice)), width=900)


TABLES = {
    "sharpies": (*CLASSICAL, "sharpies/svm-unscaled", *NETWORKS),
    "photos": (*PHOTOS, "sharpies/photos/reader"),
}
READER_SETS = {
    "": "MNIST test",
    "_usps": "USPS test, never trained on",
    "_digits": "scikit-learn's digits",
    "_sharpies": "the report's photos",
}


def markdown_table(names, profile: str = "full", data_digest: str = MNIST_DIGEST) -> str:
    """The claimed-against-ours table of some experiments, in Markdown."""
    return _markdown(comparison.table(Records(profile, data_digest), names))


def reader_table(profile: str = "full", data_digest: str = MNIST_DIGEST) -> str:
    """The reader on every set, in Markdown: mean ± standard deviation over its seeds, and the shipped one."""
    found = Records(profile, data_digest)
    runs, shipped = found.all("reader/cnn"), found.one("reader/shipped").metrics
    rows = []
    for key, title in READER_SETS.items():
        if f"accuracy{key}" in shipped:
            mean, std = evaluation.mean_and_std([100 * run.metrics[f"accuracy{key}"] for run in runs])
            misses, spread = evaluation.mean_and_std([run.metrics[f"misses{key}"] for run in runs])
            rows.append(
                {
                    "set": title,
                    "images": f"{shipped[f'n{key}']:,}",
                    "read right %": f"{mean:.2f} ± {std:.2f}",
                    "misses": f"{misses:.1f} ± {spread:.1f}",
                    "n": len(runs),
                    "shipped %": f"{100 * shipped[f'accuracy{key}']:.2f}",
                    "shipped misses": shipped[f"misses{key}"],
                    "shipped: not sure": shipped[f"not_sure{key}"],
                }
            )
    return _markdown(pd.DataFrame(rows))


def _markdown(table: pd.DataFrame) -> str:
    lines = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def readme_tables() -> dict:
    """Every table of the README, by name, from the committed records."""
    return {name: markdown_table(names) for name, names in TABLES.items()} | {"reader": reader_table()}
