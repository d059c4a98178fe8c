"""What did not hold in report nust, and why."""

import numpy as np

from ... import evaluation
from ...records import Records, claim, claimed, keeper_of_findings, listed, percent, span, values
from . import figures

FINDINGS = []
_finding = keeper_of_findings("nust", FINDINGS)


def recall_correlation(records: Records) -> float:
    """Of the ten digits on the modified test set: claimed recall against ours, the mean over the seeds."""
    runs = records.all("nust/lenet-modified")
    tables = [evaluation.classification_table(run.arrays["y_true"], run.arrays["y_pred"]) for run in runs]
    ours = np.mean([table["recall"][:10] for table in tables], axis=0)
    stated = [float(claimed("nust/lenet-modified", "recall", str(digit))) for digit in range(10)]
    return float(np.corrcoef(stated, ours)[0, 1])


@_finding(
    "The report gives no ranges for its modified test set, and its accuracy does not determine them",
    ("nust/calibration", "nust/lenet-modified"),
    "05_calibration",
)
def nust_ranges(records: Records) -> str:
    calibration = records.all("nust/calibration")
    strengths = calibration[0].settings["diagonal"]
    accuracy = np.mean([run.arrays["diagonal"] for run in calibration], axis=0)
    weak, strong = strengths.index(0.1), len(strengths) - 1
    bounds = records.one("nust/lenet-modified").settings["modification"]
    shares = " and ".join(f"±{100 * bounds[name]:g} %" for name in ("zoom", "brightness"))
    grid, stated = np.mean([run.arrays["grid"] for run in calibration], axis=0), calibration[0].settings["claimed"]
    shifts = [np.interp(stated, accuracies[::-1], calibration[0].settings["shift"][::-1]) for accuracies in grid]
    moved = [
        np.ptp(100 * np.array([run.arrays[name] for run in calibration]), axis=1).max()
        for name in ("zoom", "brightness")
    ]
    return (
        "It names rotation, shift, re-scaling and brightness, but no range. With "
        f"±{bounds['rotation']:g}°, ±{100 * bounds['shift']:g} %, {shares}, chosen to match the report, the plain LeNet "
        f"reads {percent(values(records, 'nust/lenet-modified'))} of the modified test images; the claim is "
        f"{claim('nust/lenet-modified')}. The ranges decide everything: on validation images the same network reads "
        f"{percent(accuracy[weak], 1)} at ±{100 * strengths[weak]:g}° and ±{100 * strengths[weak]:g} %, and "
        f"{percent(accuracy[strong], 1)} at ±{100 * strengths[strong]:g}° and ±{100 * strengths[strong]:g} %. "
        f"Scanned alone, on {len(calibration)} networks of other seeds, the zoom moves the accuracy by at most "
        f"{moved[0]:.1f} points, the brightness by {moved[1]:.1f}. So {percent(stated)} tells one thing: whatever the rotation, a shift of "
        f"±{100 * min(shifts):.0f} to ±{100 * max(shifts):.0f} %. What nothing was chosen to match is better evidence: the "
        f"recalls of the ten digits correlate with the claimed ones at {recall_correlation(records):.2f}."
    )


TRAINED_ON_CLEAN = tuple(name for name in figures.FRAGILE if not name.endswith(("lenet-augmented", "robust")))


@_finding(
    "Of the four changes, it is the shift that breaks the models",
    (*TRAINED_ON_CLEAN, "nust/lenet-modified", "nust/lenet-augmented", "nust/robust"),
    "05_fragility",
)
def shift_breaks_models(records: Records) -> str:
    strengths = records.one(TRAINED_ON_CLEAN[0]).settings["strengths"]
    bounds = records.one("nust/lenet-modified").settings["modification"]
    kinds = tuple(strengths)
    at = {kind: next(k for k, value in enumerate(strengths[kind]) if value >= bounds[kind]) for kind in kinds}

    def alone(name, kind):
        return np.mean([run.arrays["accuracy"][kinds.index(kind), at[kind]] for run in records.all(name)])

    lenet = {kind: percent(alone("nust/fragility/lenet", kind), 1) for kind in kinds}
    others = [100 * alone(name, "shift") for name in TRAINED_ON_CLEAN if name != "nust/fragility/lenet"]
    counts, tables = figures.ink_table(records)
    return (
        f"Alone, and as strong as in the modified test set, rotation leaves the plain LeNet at "
        f"{lenet['rotation']}, re-scaling at {lenet['zoom']}, "
        f"brightness (±{100 * strengths['brightness'][at['brightness']]:g} %, the next strength that was measured) at "
        f"{lenet['brightness']}, and the shift at {lenet['shift']}. Under the shift the models of report sharpies fall to "
        f"{span(others, 1, ' %')}. It also moves ink out of the frame: a network that boxes the ink "
        f"first reads {percent(tables['nust/robust'][:, -1].mean())} of the {counts[-1]:,} modified images that keep all of "
        f"theirs, {percent(np.mean(values(records, 'nust/robust', 'accuracy_clean')))} of the clean test set, and "
        f"{percent(tables['nust/robust'][:, 0].mean())} of the {counts[0]:,} that keep at most "
        f"{100 * figures.INK_EDGES[1]:.0f} %."
    )


@_finding(
    "Trained on modified images, the network far exceeds the claim, on which text and figure disagree",
    ("nust/lenet", "nust/lenet-augmented"),
    "05_two_test_sets",
)
def trained_on_modified(records: Records) -> str:
    name, runs = "nust/lenet-augmented", records.all("nust/lenet-augmented")
    stated = float(claimed(name, "accuracy"))
    text = float(claimed(name, "accuracy_text"))
    passed = [next(k for k, value in enumerate(run.history["val_accuracy"], 1) if value > stated) for run in runs]
    return (
        f"The same LeNet, shown new modified images in every epoch, reads {percent(values(records, name))} of the modified test "
        f"set; on validation images it passes the report's {claim(name, places=1)} after epoch {span(passed)} of "
        f"{len(runs[0].history['loss'])}. The report does not say how it augmented, nor for how long. On the clean test set "
        f"this training costs a little: {percent(values(records, name, 'accuracy_clean'))} instead of "
        f"{percent(values(records, 'nust/lenet'))}. The report's figure says {claimed(name, 'accuracy')}, its text "
        f"{claim(name, 'accuracy_text')}; the figure's table prints {claimed(name, 'accuracy_printed')}, where the "
        f"text's would print as {text:.2f}, so the text most likely swaps two digits."
    )


CHOICES = tuple(f"nust/choices/{choice}" for choice in ("batch-64", "batch-512", "small"))


@_finding(
    "The network overfits sooner than after epoch 14, and the stated validation loss is hardly a mean per image",
    ("nust/lenet", *CHOICES),
    "05_training_graph",
)
def nust_best_epoch(records: Records) -> str:
    runs = records.all("nust/lenet")
    best = [run.metrics["best_epoch"] for run in runs]
    others = [records.one(name).metrics["best_epoch"] for name in CHOICES]
    loss = np.mean([run.history["val_loss"][epoch - 1] for run, epoch in zip(runs, best, strict=True)])
    accuracy = [run.history["val_accuracy"][epoch - 1] for run, epoch in zip(runs, best, strict=True)]
    stated = {metric: claimed("nust/lenet", metric) for metric in ("best_epoch", "val_loss", "val_accuracy")}
    return (
        f"The report finds its lowest validation loss, {stated['val_loss']} at an accuracy of {stated['val_accuracy']}, after "
        f"epoch {stated['best_epoch']}. Ours lies after epoch {listed(best)}, one number per seed, and after {listed(others)} "
        f"with other batch sizes or a smaller network. Our lowest loss is {loss:.3f}, {loss / float(stated['val_loss']):.1f} times the "
        f"report's, at an accuracy of {percent(accuracy)}; the report adds up the losses of its batches and does not say what "
        "it divides the sum by. The test accuracy is reproduced all the same."
    )


REASONS = {
    ("nust/lenet", "best_epoch"): (
        "The network overfits sooner with every seed, and with other batch sizes and widths too."
    ),
    ("nust/lenet", "val_accuracy"): "It belongs to another epoch, on validation images that the report does not name.",
    ("nust/lenet-augmented", "accuracy"): (
        "The report does not say how it augmented, nor for how many epochs; ours sees new images in every epoch."
    ),
    ("nust/lenet-augmented", "accuracy_text"): (
        "The report does not say how it augmented, nor for how many epochs; ours sees new images in every epoch."
    ),
    ("nust/lenet-modified", "precision"): (
        "The report does not state its ranges; ours were chosen for the accuracy alone, and single digits suffer otherwise."
    ),
    ("nust/lenet-augmented", "precision"): "As its accuracy: ours is trained on new modified images in every epoch.",
}  # why a claim is not reproduced, by experiment and metric
NOT_REPRODUCIBLE = {
    "ranges of the modification": "None are stated; ours were chosen to match its accuracy, and other ranges do as well.",
    "second convolution and dense layer": "Filters and units are not stated; LeNet's usual sizes are taken.",
    "augmentation": "Neither the ranges, the share of modified images nor the number of epochs is stated.",
    "validation loss": "It is a sum over batches, divided by a number that the report does not give.",
}  # what the report leaves out, and what follows
UNKNOWN = {("nust/lenet", "val_loss"): "validation loss"}  # claims that need what is left out
