"""What did not hold in the five reports and why, and what was learnt; reasons by claim, and what cannot be repeated at all.

The findings stand in the ``findings_*`` module of their report.
"""

from collections.abc import Callable

from . import (
    comparison,
    findings_asher,
    findings_inf283,
    findings_nust,
    findings_reader,
    findings_sharpies,
    findings_usps,
)
from .experiments import Records
from .finding import Finding as Finding

REPORTS = (findings_sharpies, findings_nust, findings_usps, findings_inf283, findings_asher, findings_reader)
FINDINGS: tuple[Finding, ...] = tuple(finding for report in REPORTS for finding in report.FINDINGS)


def _knn_reason(found: Records) -> str:
    stated, ours = comparison.claimed("asher/knn", "accuracy"), found.one("asher/knn").metrics["accuracy"]
    places = comparison.decimals(stated)
    cut = f"{int(ours * 10**places) / 10**places:.{places}f}"
    same = "Cut off instead of rounded, ours prints as the report's; the" if cut == stated else "The"
    return f"{same} report states neither k nor scaling, and ours takes scikit-learn's default k."


REASONS: dict[str, str | Callable[[Records], str]] = {
    "sharpies/photos/knn": "The report compares strings with integers, which are never equal.",
    "nust/lenet-augmented": "The report does not say how it augmented, nor for how many epochs; ours sees new images in every epoch.",
    "usps/cnn7": (
        "The report states neither filters, units, rate nor optimizer, and its test set is also its validation set; "
        "ours is the last epoch, chosen by nothing."
    ),
    "inf283/xgboost-report": "The report prints seconds and a bar for XGBoost, but no accuracy.",
    "inf283/cnn-best": "The report's setting was chosen on the test set, ours of the same grid on validation images.",
    "asher/svm": (
        "The report states neither kernel, scaling nor the number of training images; scikit-learn's defaults on plain "
        "pixels do better."
    ),
    "asher/knn": _knn_reason,
    "asher/random-forest": "The report states neither the number of trees nor any other setting; ours has scikit-learn's defaults.",
}  # by experiment, for each claimed accuracy whose verdict is a difference, or that a table cannot compare


def reason(name: str, found: Records) -> str | None:
    """Why the claimed accuracy of an experiment does not come out, in one sentence; None where it does."""
    why = REASONS.get(name)
    return why(found) if callable(why) else why


NOT_REPRODUCIBLE: dict[tuple[str, str], str] = {
    (
        "sharpies",
        "the networks' runs",
    ): "One run of each network, its seed unknown: only a spread of seeds can be compared.",
    ("sharpies", "UMAP"): "No seed and no settings are stated, so the clusters lie elsewhere in the plane.",
    (
        "sharpies",
        "photos of the third writer",
    ): "They were left out because they could not be processed; no result is claimed.",
    (
        "nust",
        "ranges of the modification",
    ): "None are stated; ours were found by calibration, and other ranges do as well.",
    ("nust", "second convolution and dense layer"): "Filters and units are not stated; LeNet's usual sizes are taken.",
    ("nust", "augmentation"): "Neither the ranges, the share of modified images nor the number of epochs is stated.",
    ("nust", "validation loss"): "It is a sum over batches, divided by a number that the report does not give.",
    ("usps", "network"): "Filters, units, slope, dropout, optimizer and rate are not stated.",
    ("usps", "error of each digit"): "The rates fit no counts of the test set, so they are not those of the 58 misses.",
    ("inf283", "seconds"): "The hardware is not named, so only the order of the times can be compared.",
    ("inf283", "XGBoost's accuracy"): "It stands in a bar chart without a number.",
    ("inf283", "epochs and batch size of the first CNN"): "Not stated; those of the dense network are taken.",
    ("inf283", "the grid's best"): "Its dropout is not in the printed grid, so the printed loop cannot have found it.",
    ("asher", "SVM, KNN and random forest"): "Accuracies without a single setting, split or source.",
    ("asher", "architecture of the CNN"): "Number and size of the convolutions, pooling and dropout are not stated.",
    ("asher", "training"): "Epochs, batch size and validation images are not stated.",
    (
        "asher",
        "augmentation",
    ): "Rotation, shift and zoom are named without ranges, and not whether the search used them.",
    ("asher", "search"): "Two trials are printed; how many there were, and which won, is not.",
}  # by report and what cannot be repeated from its text: what the report leaves out
