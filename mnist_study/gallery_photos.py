"""How each figure of notebook 04, the photos and the reader, is drawn from its records."""

import numpy as np

from . import comparison, evaluation, experiments, photo_experiments, photo_figures, stress
from .experiments import Records
from .gallery_sharpies import CLASSICAL, NETWORKS

PHOTOS = tuple(f"sharpies/photos/{name.split('/')[1]}" for name in (*CLASSICAL, *NETWORKS))
READER_SETS = {
    "": "MNIST test",
    "_usps": "USPS test, never trained on",
    "_digits": "scikit-learn's digits",
    "_sharpies": "the report's photos",
}


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
    published = comparison.published_usps().set_index("kind").error
    others = [
        ("trained on USPS,\nreport usps", 100 * (1 - float(comparison.claimed("usps/cnn7", "accuracy")))),
        ("human readers", published["people"].mean()),
        ("best published,\nMNIST-trained", published["MNIST alone"]),
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
    "04_recipe_accuracies": _recipe_accuracies,
    "04_misread": _misread,
    "04_ladder_images": _ladder_images,
    "04_ladder": _ladder,
    "04_reader_sets": _reader_sets,
    "04_reliability": _reliability,
    "04_not_sure": _not_sure,
    "04_stress": _stress,
}
