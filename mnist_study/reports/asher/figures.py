"""How each figure of notebook 08, the tuned CNN, is drawn from its records."""

from ...records import Records, claimed, mean_in_words
from ..drawing import architecture_of, confusion_of, curves_of, from_arrays, report_of
from . import experiments, search_figures

MODELS = ("asher/svm", "asher/knn", "asher/random-forest", "asher/cnn", "asher/cnn-augmented", "asher/cnn-tuned")
SEARCH = tuple(experiments.trial_name(*values) for values in experiments.SEARCH)
PRINTED = tuple(experiments.trial_name(*values) for values in experiments.PRINTED)


def trials(found: Records) -> tuple[dict, list]:
    """Values by hyperparameter and scores of the search's trials that have a record, in their order."""
    runs = [found.one(name) for name in (SEARCH)]
    values = {name: [run.settings["values"][name] for run in runs] for name in experiments.SEARCHED}
    return values, [run.metrics["accuracy"] for run in runs]


def _liveliest(arrays) -> int:
    """The feature map with most variation."""
    return int(arrays["maps"].std(axis=(0, 1)).argmax())


def _pooling(found: Records):
    arrays = found.one("asher/anatomy").arrays
    liveliest = _liveliest(arrays)
    return search_figures.fig_pooling(arrays["maps"][:, :, liveliest], arrays["pooled"][:, :, liveliest])


def _padding(found: Records):
    arrays = found.one("asher/anatomy").arrays
    liveliest = _liveliest(arrays)
    kernel, bias = arrays["kernels"][:, :, liveliest], float(arrays["bias"][liveliest])
    return search_figures.fig_padding(arrays["digit"], kernel, bias)


def _trials(found: Records):
    there = SEARCH
    printed = {there.index(name): float(claimed(name, "accuracy")) for name in PRINTED if name in there}
    title = f"Accuracy against trials: all {len(there)}, in the order they ran"
    return search_figures.fig_trials(trials(found)[1], printed, title)


def _parallel(found: Records):
    return search_figures.fig_parallel(*trials(found))


def _effects(found: Records):
    return search_figures.fig_effects(*trials(found))


def optimism_rows(found: Records) -> list[dict]:
    """The winner by the search's own score, and by fresh seeds scored alike, after the last epoch, and on the test set."""
    _, scores = trials(found)
    runs = found.all("asher/cnn-tuned")
    return [
        {"title": f"best of the search's {len(scores)}", "accuracies": [max(scores)], "search": True},
        {
            "title": "fresh seeds, best epoch",
            "accuracies": [max(run.history["val_accuracy"]) for run in runs],
            "search": False,
        },
        {
            "title": "fresh seeds, last epoch",
            "accuracies": [run.metrics["val_accuracy"] for run in runs],
            "search": False,
        },
        {"title": "the same, test set", "accuracies": [run.metrics["accuracy"] for run in runs], "search": False},
    ]


def _optimism(found: Records):
    return search_figures.fig_optimism(optimism_rows(found))


def printed_trials(found: Records) -> list[dict]:
    """The two trials that the report prints beside ours, and beside other readings of what it leaves open.

    Returns:
        One dict a trial, text ready to be shown: validation accuracy of the best epoch in %, as Keras Tuner scores it; ours
        over its seeds, the other readings once each.
    """
    rows = []
    for name, values in zip(PRINTED, experiments.PRINTED, strict=True):
        row = {
            "trial": found.title(name),
            "claimed %": f"{100 * float(claimed(name, 'accuracy')):.2f}",
            "ours %": mean_in_words([100 * run.metrics["accuracy"] for run in found.all(name)], 2),
        }
        for choice, title in experiments.CHOICES.items():
            record = found.one(experiments.choice_name(choice, *values))
            row[f"{title}, %"] = f"{100 * max(record.history['val_accuracy']):.2f}"
        rows.append(row)
    return rows


FIGURES = {
    "08_preparation": from_arrays(
        "asher/anatomy",
        search_figures.fig_preparation,
        *("photo", "grey", "scaled", "small", "turned", "shifted", "zoomed"),
    ),
    "08_convolution": from_arrays("asher/anatomy", search_figures.fig_convolution, "digit", "kernels", "maps"),
    "08_pooling": _pooling,
    "08_padding": _padding,
    "08_flatten": from_arrays("asher/anatomy", search_figures.fig_flatten, "last_pooled", "flat", "probability"),
    "08_structure": architecture_of("asher/cnn-tuned", "The tuned CNN"),
    "08_trials": _trials,
    "08_parallel": _parallel,
    "08_effects": _effects,
    "08_optimism": _optimism,
    "08_curves": curves_of("asher/cnn-tuned"),
    "08_confusion": confusion_of("asher/cnn-tuned"),
    "08_report": report_of("asher/cnn-tuned", 0.01),
    "08_read": from_arrays("asher/anatomy", search_figures.fig_read, "test_image", "test_label", "test_read"),
}
