"""How each figure of notebook 07, forests, boosting and the grid search, is drawn from its records."""

import numpy as np

from ... import evaluation
from ...records import Records, claimed
from ..drawing import architecture_of, confusion_of, curves_of, report_of
from . import experiments, grid_figures

MODELS = ("inf283/random-forest-onehot", "inf283/xgboost-report", "inf283/nn", "inf283/cnn")
BESIDE = ("inf283/random-forest", "inf283/xgboost")  # the same two, done well
GRID = tuple(experiments.grid_name(setting) for setting in experiments.GRID_SETTINGS)
OUTSIDE = experiments.grid_name(experiments.OUTSIDE)
SHORT = {
    "inf283/random-forest-onehot": "random\nforest",
    "inf283/xgboost-report": "XGBoost",
    "inf283/nn": "NN",
    "inf283/cnn": "CNN",
}


def _accuracy_and_time(names, subject):
    def make(found: Records):
        rows = []
        for name in names:
            runs = found.all(name)
            stated = [claimed(name, metric) for metric in ("val_accuracy", "seconds")]
            rows.append(
                {
                    "title": SHORT[name],
                    "claimed": tuple(None if value is None else float(value) for value in stated),
                    "ours": (
                        float(np.mean([run.metrics["val_accuracy"] for run in runs])),
                        float(np.mean([run.fitting_seconds for run in runs])),
                    ),
                }
            )
        return grid_figures.fig_accuracy_and_time(rows, subject)

    return make


def _votes(found: Records):
    record = found.all("inf283/random-forest-onehot")[-1]  # the report's seed
    arrays = record.arrays
    share = arrays["score"].astype(float)
    trees = record.settings["model"]["trees"]
    return grid_figures.fig_votes(share.max(axis=1), share.argmax(axis=1) == arrays["y_true"], trees)


def _boosting(found: Records):
    report, ours = found.one("inf283/xgboost-report"), found.one("inf283/xgboost")
    models = [
        {"title": title, "seconds": record.fitting_seconds, "accuracy": record.metrics["val_accuracy"]}
        for title, record in (("the whole search, and its best on all training images", report), ("ours", ours))
    ]
    score = report.arrays["grid_score"].mean(axis=1)
    return grid_figures.fig_boosting(report.arrays["grid_seconds"], score, models)


def grid_rows(found: Records) -> list[dict]:
    """The grid's settings and the one outside it: title, accuracies on the validation part by seed, inside."""
    return [
        {
            "title": found.title(name),
            "accuracies": [run.metrics["val_accuracy"] for run in found.all(name)],
            "inside": name != OUTSIDE,
        }
        for name in ((*GRID, OUTSIDE))
    ]


def _grid(found: Records):
    return grid_figures.fig_grid(grid_rows(found), found.one(GRID[0]).metrics["val_n"])


def beaten_by_luck(found: Records) -> list[dict]:
    """The settings with several seeds, each against the winner on the validation part.

    Returns:
        One dict a setting, text ready to be shown: setting, validation %, n, winner ahead by (points), and chance, the share
        of permutations of the seeds that set the two at least as far apart.
    """
    runs = {name: [run.metrics["val_accuracy"] for run in found.all(name)] for name in (*experiments.TOP_FOUR, OUTSIDE)}
    best = runs[experiments.TOP_FOUR[0]]
    rows = []
    for name, accuracies in runs.items():
        mean, deviation = evaluation.mean_and_std([100 * accuracy for accuracy in accuracies])
        difference, chance = evaluation.difference_between(best, accuracies)
        rows.append(
            {
                "setting": found.title(name),
                "validation %": f"{mean:.2f} ± {deviation:.2f}",
                "n": len(accuracies),
                "winner ahead by": "" if accuracies is best else f"{difference:+.2f}",
                "by chance": "" if accuracies is best else f"{100 * chance:.0f} %",
            }
        )
    return rows


FIGURES = {
    "07_accuracy_and_time": _accuracy_and_time(MODELS, "all four models"),
    "07_accuracy_and_time_without_xgboost": _accuracy_and_time(
        tuple(name for name in MODELS if "xgboost" not in name), "without XGBoost"
    ),
    "07_votes": _votes,
    "07_boosting": _boosting,
    "07_network": architecture_of("inf283/nn", "The dense network of report inf283"),
    "07_architecture": architecture_of("inf283/cnn", "The CNN of report inf283"),
    "07_training_curves": curves_of("inf283/nn", "inf283/cnn"),
    "07_grid": _grid,
    "07_best_curves": curves_of("inf283/cnn-best"),
    "07_best_confusion": confusion_of("inf283/cnn-best"),
    "07_best_report": report_of("inf283/cnn-best", 0.01),
}
