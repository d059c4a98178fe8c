"""What the reports left for later: each experiment that they wish for, and what happened when it was made.

``results/future_work.csv`` holds what was typed from the reports: key, report, place, hoped, tried, and the experiments
whose records it takes. What happened is computed here, by the function of each key.
"""

import numpy as np
import pandas as pd

from .. import evaluation
from ..data import MISLABELLED_TEST_IMAGES, inf283_split
from ..records import Records, keeper, listed, mean_in_words, percent, typed, values
from .inf283.experiments import OUTSIDE, grid_name

TRIED = {}  # key -> a function from the records to what happened, one or two sentences
_tried = keeper(TRIED)


def later(records: Records, report: str | None = None) -> pd.DataFrame:
    """What the reports left for later and what happened, a row for each wish.

    Args:
        records: of all experiments.
        report: a key of ``verdicts.REPORTS``; all when left out.

    Returns:
        Text: hoped, tried, happened (with the number of runs, n), report, place.
    """
    table = typed("future_work")
    table = table[table.report == report] if report else table
    table["happened"] = [TRIED[key](records) for key in table.key]
    return table[["hoped", "tried", "happened", "report", "place"]].reset_index(drop=True)


def _misses(records: Records, name: str) -> str:
    misses = values(records, name, "misses")
    return f"{mean_in_words(misses, 1)} of {records.one(name).metrics['n']:,} (n = {len(misses)})"


def _verdict(records: Records, name: str, before: str) -> str:
    """Whether the change made a difference that shuffling the seeds of both seldom makes."""
    difference, chance = evaluation.difference_between(values(records, name), values(records, before))
    if chance > 0.05:
        return f"Chance alone makes such a difference in {percent(chance, 0)} of shuffles, so none was shown."
    return f"It is {'better' if difference > 0 else 'worse'} by {abs(difference):.2f} points."


@_tried("nust-sparse", "nust/later/no-dense-layer", "nust/lenet")
@_tried("usps-units", "usps/later/units-512", "usps/cnn7")
@_tried("usps-batch", "usps/later/batch-32", "usps/cnn7")
@_tried("sharpies-penalty-16", "sharpies/later/mlp-64-16", "sharpies/mlp-64-16")
@_tried("sharpies-penalty-32", "sharpies/later/mlp-64-32", "sharpies/mlp-64-32")
@_tried("sharpies-penalty-cnn", "sharpies/later/cnn-32f", "sharpies/cnn-32f")
@_tried("inf283-dropout", "inf283/later/dropout-0.2", grid_name(OUTSIDE))
@_tried("inf283-rate", "inf283/later/rate-0.003", grid_name(OUTSIDE))
@_tried("inf283-layers", "inf283/later/two-convolutions", grid_name(OUTSIDE))
@_tried("inf283-forest", "inf283/later/forest-200", "inf283/random-forest")
def _changed(records: Records, name: str, before: str) -> str:
    parameters = [records.one(one).metrics.get("parameters") for one in (name, before)]
    size = f" with {parameters[0]:,} parameters instead of {parameters[1]:,}" if parameters[0] != parameters[1] else ""
    difference = _verdict(records, name, before)
    return f"It misses {_misses(records, name)}{size}; before, {_misses(records, before)}. {difference}"


@_tried("sharpies-last-layer")
def _last_layer(records: Records) -> str:
    pixels, last = records.one("sharpies/umap-2d-test").metrics, records.one("sharpies/later/umap-last-layer").metrics
    return (
        f"Embedded by what the last layer of the deepest CNN is given, {percent(last['accuracy'], 1)} of the {last['n']:,} "
        f"test images sit among their own digit; embedded by their pixels {percent(pixels['accuracy'], 1)} (n = 1 each)."
    )


@_tried("usps-noise")
def _noise(records: Records) -> str:
    plain, noisy = (records.all(f"usps/later/noisy-images/{name}") for name in ("cnn7", "noise"))
    clean = (
        f"On clean images it misses {_misses(records, 'usps/later/noise')} instead of {_misses(records, 'usps/cnn7')}."
    )
    strengths = plain[0].settings["strengths"]
    read = [100 * np.mean([run.arrays["accuracy"] for run in runs], axis=0) for runs in (plain, noisy)]
    each = listed(
        f"{before:.1f} → {after:.1f} % (± {strength:g})"
        for strength, before, after in zip(strengths, *read, strict=True)
    )
    return f"Trained with noise, it reads more of the noisy images, n = {len(plain)} each: {each}. {clean}"


@_tried("usps-ensemble")
def _ensemble(records: Records) -> str:
    runs = records.all("usps/cnn7")
    y_true = runs[0].arrays["y_true"]
    half = len(runs) // 2
    committees = [
        evaluation.counts(y_true, np.mean([run.arrays["score"] for run in members], axis=0).argmax(axis=1))["misses"]
        for members in (runs[:half], runs[half:], runs)
    ]
    return (
        f"One network misses {_misses(records, 'usps/cnn7')}. Two committees of {half} that share no member miss "
        f"{committees[0]} and {committees[1]}, and all {len(runs)} together {committees[2]}."
    )


@_tried("inf283-cleaned")
def _cleaned(records: Records) -> str:
    labels = records.one("sharpies/explore").arrays["label"]  # of all 70,000 images
    rows, cut = np.arange(len(labels)), len(labels) - 10_000
    _, _, (tested, _) = inf283_split((rows[:cut], labels[:cut]), (rows[cut:], labels[cut:]))
    disputed = np.isin(tested, cut + np.array(sorted(MISLABELLED_TEST_IMAGES)))
    runs = records.all(grid_name(OUTSIDE))
    missed = [run.arrays["y_true"] != run.arrays["y_pred"] for run in runs]
    before, after = ([one[kept].mean() for one in missed] for kept in (slice(None), ~disputed))
    return (
        f"{disputed.sum()} of the {len(disputed):,} test images carry a label that human reviewers call wrong, and a run counts "
        f"{mean_in_words([one[disputed].sum() for one in missed], 1)} of them as missed. Without them the misses are "
        f"{100 * np.mean(after):.2f} % instead of {100 * np.mean(before):.2f} % (n = {len(runs)})."
    )


@_tried("asher-noise")
def _noise_robustness(records: Records) -> str:
    first = records.one("asher/later/noise/cnn")
    strengths = first.settings["strengths"]["noise"]
    parts = []
    for name in ("knn", "random-forest", "cnn", "cnn-augmented"):
        runs = records.all(f"asher/later/noise/{name}")
        accuracy = 100 * np.mean([run.arrays["accuracy"][0] for run in runs], axis=0)
        parts.append(f"{records.title(f'asher/{name}')}: {accuracy[2]:.1f} and {accuracy[4]:.1f} % (n = {len(runs)})")
    return (
        f"Of {first.metrics['n']:,} test images with noise of ± {strengths[2]:g} and ± {strengths[4]:g} of the grey range these "
        f"shares are read. {'; '.join(parts)}."
    )


@_tried("asher-strings")
def _strings(records: Records) -> str:
    runs = records.all("asher/cnn")
    right = np.array([run.arrays["y_true"] == run.arrays["y_pred"] for run in runs])
    codes = right.reshape(len(runs), -1, 5).all(axis=2)
    return (
        f"The test images, five at a time, are {codes.shape[1]:,} codes; cut apart already, "
        f"{mean_in_words(100 * codes.mean(axis=1), 2)} % of them are read whole where {mean_in_words(100 * right.mean(axis=1), 2)} % "
        f"of the digits are (n = {len(runs)}): one digit misread in a hundred is one code in twenty."
    )
