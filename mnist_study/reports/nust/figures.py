"""How each figure of notebook 05, the modified test set, is drawn from its records."""

from collections.abc import Callable

import numpy as np

from ... import evaluation
from ...data import augment
from ...plots import figures
from ...records import Records, claimed, claimed_report
from ..drawing import architecture_of
from . import modified_figures
from .experiments import ROWS

TWO_SETS = ("nust/lenet", "nust/lenet-augmented", "nust/robust")
FRAGILE = tuple(row.name for row in ROWS if row.name.startswith("nust/fragility/"))
FAILURES_SHOWN = 6


def _pairs(found: Records):
    arrays = found.one("nust/lenet-modified").arrays
    return modified_figures.fig_pairs(arrays["sample_clean"], arrays["sample_modified"])


def _training_graph(found: Records):
    histories = [run.history for run in found.all("nust/lenet")]
    stated = {metric: float(claimed("nust/lenet", metric)) for metric in ("best_epoch", "val_accuracy")}
    return modified_figures.fig_training_graph(histories, int(stated["best_epoch"]), stated["val_accuracy"])


def _report(name: str) -> Callable:
    def make(found: Records):
        runs = found.all(name)
        claimed, _ = claimed_report(runs[0])
        tables = [evaluation.classification_table(run.arrays["y_true"], run.arrays["y_pred"]) for run in runs]
        ours = sum(table.loc[claimed.index, claimed.columns] for table in tables) / len(runs)
        title = f"{found.title(name)}: mean of {len(runs)} seeds; framed where it differs by more than 0.02"
        return figures.fig_classification_report(claimed, ours.round(2), title, tolerance=0.02)

    return make


def _confusion(found: Records):
    titles = {"nust/lenet": "clean", "nust/lenet-modified": "modified", "nust/lenet-augmented": "trained on modified"}
    runs = {title: found.one(name).arrays for name, title in titles.items()}
    matrices = {title: evaluation.confusion(a["y_true"], a["y_pred"]) for title, a in runs.items()}
    return figures.fig_confusion(matrices, one_scale=False)


def _calibration(found: Records):
    runs = found.all("nust/calibration")
    settings = runs[0].settings
    diagonal, grid = (np.stack([run.arrays[name] for run in runs]) for name in ("diagonal", "grid"))
    return modified_figures.fig_calibration(
        settings["diagonal"],
        diagonal,
        settings["claimed"],
        settings["rotation"],
        settings["shift"],
        grid,
        augment.MODIFICATION["zoom"],
    )


def _two_test_sets(found: Records):
    names = ("nust/lenet", "nust/lenet-modified", "nust/lenet-augmented")
    plain, modified, augmented = (float(claimed(name, "accuracy")) for name in names)
    claims = {"nust/lenet": (plain, modified), "nust/lenet-augmented": (None, augmented)}
    rows = []
    for name in TWO_SETS:
        runs = found.all("nust/lenet-modified" if name == "nust/lenet" else name)
        claimed_clean, claimed_modified = claims.get(name, (None, None))
        rows.append(
            {
                "title": found.title(name),
                "clean": [run.metrics["accuracy_clean"] for run in runs],
                "modified": [run.metrics["accuracy"] for run in runs],
                "claimed_clean": claimed_clean,
                "claimed_modified": claimed_modified,
            }
        )
    return modified_figures.fig_two_test_sets(rows)


INK_EDGES = (0.0, 0.7, 0.85, 0.95, 0.99, 1.0)


def ink_table(found: Records):
    """``(counts, network -> accuracy by bin of ink kept, (seeds, bins))`` on the modified test set."""
    kept = found.one("nust/lenet-modified").arrays["ink_kept"]
    place = np.clip(np.digitize(kept, INK_EDGES) - 1, 0, len(INK_EDGES) - 2)
    bins = range(len(INK_EDGES) - 1)
    tables = {}
    for name in ("nust/lenet-modified", "nust/lenet-augmented", "nust/robust"):
        right = np.stack([run.arrays["y_true"] == run.arrays["y_pred"] for run in found.all(name)])
        tables[name] = np.stack([right[:, place == k].mean(axis=1) for k in bins], axis=1)
    return np.bincount(place, minlength=len(bins)), tables


def _ink_kept(found: Records):
    counts, tables = ink_table(found)
    rows = [
        {
            "title": found.title(name),
            "accuracy": table,
            "clean": [run.metrics["accuracy_clean"] for run in found.all(name)],
        }
        for name, table in tables.items()
    ]
    return modified_figures.fig_ink_kept(INK_EDGES, counts, rows)


def _fragility(found: Records):
    rows, strengths = [], {}
    for name in FRAGILE:
        runs = found.all(name)
        strengths = runs[0].settings["strengths"]
        rows.append(
            {
                "title": found.title(name),
                "plain": [run.metrics["accuracy_plain"] for run in runs],
                "accuracy": np.stack([run.arrays["accuracy"] for run in runs]),
                "n": runs[0].metrics["n"],
            }
        )
    return modified_figures.fig_fragility(strengths, rows)


def _failures(found: Records):
    plain = found.one("nust/lenet-modified").arrays
    kept = plain["mistake_index"]
    _, first = np.unique(plain["y_true"][kept], return_index=True)  # the surest mistake of each digit
    shown = np.sort(first)[:FAILURES_SHOWN]
    answers = {}
    names = {"nust/lenet-modified": "LeNet", "nust/lenet-augmented": "augmented", "nust/robust": "robust"}
    for name, title in names.items():
        arrays = found.one(name).arrays
        answers[title] = arrays["score_clean"][kept[shown]], arrays["score"][kept[shown]]
    images = plain["mistake_clean"][shown], plain["mistake_image"][shown]
    return modified_figures.fig_failures(*images, plain["y_true"][kept[shown]], answers)


FIGURES = {
    "05_pairs": _pairs,
    "05_architecture": architecture_of("nust/lenet", "LeNet, as report nust describes it"),
    "05_training_graph": _training_graph,
    "05_calibration": _calibration,
    "05_report_clean": _report("nust/lenet"),
    "05_report_modified": _report("nust/lenet-modified"),
    "05_report_augmented": _report("nust/lenet-augmented"),
    "05_confusion": _confusion,
    "05_two_test_sets": _two_test_sets,
    "05_ink_kept": _ink_kept,
    "05_fragility": _fragility,
    "05_failures": _failures,
}
