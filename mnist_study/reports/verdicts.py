"""The five reports as a whole: every number beside ours with its verdict and, where it does not hold, why.

A verdict is carried by a margin that matters, stated for each quantity (``Quantity.margin``). The 95 % prediction interval
for one more run stands beside it: few runs make it so wide that it refutes little (``power``), so a claim that lies inside
it, but further from our mean than the margin, is neither confirmed nor refuted.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np
import pandas as pd
from scipy import stats

from .. import evaluation
from ..records import AVERAGES, CELL_MARGIN, Record, Records, claims, decimals, mean_in_words
from .asher import findings as asher
from .inf283 import findings as inf283
from .nust import findings as nust
from .reader import findings as reader
from .sharpies import findings as sharpies
from .usps import findings as usps

BY_NAME = {"sharpies": sharpies, "nust": nust, "usps": usps, "inf283": inf283, "asher": asher}
REPORTS = {
    "sharpies": "From Pixels to Sharpies",
    "nust": "LeNet on a modified test set",
    "usps": "Zip codes",
    "inf283": "Forest, boosting, networks, grid search",
    "asher": "A CNN tuned with Keras Tuner",
}
EXACT, WITHIN, SPREAD = "exact", "within the margin", "within the spread only"
NOT_REPRODUCED, NOT_REPRODUCIBLE = "not reproduced", "not reproducible from the text"
VERDICTS = (EXACT, WITHIN, SPREAD, NOT_REPRODUCED, NOT_REPRODUCIBLE)
RESULT, MATCHED, FACT, AGAIN = "model result", "chosen to match", "fact of data or architecture", "printed again"
KINDS = {
    RESULT: "results of models",
    MATCHED: "results that a setting of ours was chosen to match",
    FACT: "facts of data or architecture",
}  # of claims, as they are counted; what is printed again of one measurement is judged, but counted once
FINDINGS = tuple(finding for report in (sharpies, nust, usps, inf283, asher, reader) for finding in report.FINDINGS)


@dataclass(frozen=True)
class Quantity:
    """How a claimed number is called, found in a record, judged and written.

    Attributes:
        title: what it is called.
        ours: a record -> our number, in the claim's own unit.
        places: decimals shown.
        factor: what claim and ours are multiplied by for showing: 100 for per cent. A claim keeps its printed precision.
        misses: the metrics that hold misses and n, or None where there are none.
        margin: the difference between claim and our mean that does not matter yet, in the claim's unit.
        relative: whether the margin is a share of the claim.
        spreads: whether a claim may lie where one more run would fall; else, as for an epoch among twenty, it must lie
            among our runs.
        beyond: experiments whose mean is subtracted from ours, where a claim is a difference.
        fastest: whether the smallest of our numbers counts alone: what else runs on a machine only adds to its seconds.
    """

    title: str
    ours: Callable[[Record], float]
    places: int = 2
    factor: float = 1
    misses: tuple | None = None
    margin: float = 0.0
    relative: bool = False
    spreads: bool = True
    beyond: tuple = ()
    fastest: bool = False

    @property
    def margin_in_words(self) -> str:
        """Such as "± 0.2 points"; empty where the claim must be met exactly."""
        if not self.margin:
            return ""
        if self.relative:
            return f"± {100 * self.margin:g} %"
        return f"± {self.factor * self.margin:g}" + " points" * (self.factor == 100)


def _at_best_epoch(name: str) -> Callable:
    return lambda run: run.history[name][run.metrics["best_epoch"] - 1]


def _metric(name: str) -> Callable:
    return lambda run: run.metrics[name]


ACCURACY = Quantity("accuracy, %", _metric("accuracy"), 2, 100, ("misses", "n"), margin=0.002)
VALIDATION = Quantity("validation accuracy, %", _metric("val_accuracy"), 2, 100, ("val_misses", "val_n"), margin=0.002)
SECONDS = Quantity("seconds to fit", attrgetter("fitting_seconds"), 0, margin=0.1, relative=True, fastest=True)
QUANTITIES = {
    "accuracy": ACCURACY,
    "accuracy_text": replace(ACCURACY, title="accuracy as its text has it, %"),
    "accuracy_printed": replace(ACCURACY, title="accuracy as its table has it, %"),
    "accuracy_deployed": replace(ACCURACY, title="accuracy when deployed, %"),
    "val_accuracy": VALIDATION,
    "parameters": Quantity("parameters", _metric("parameters"), 0),
    "loss": Quantity("loss", _metric("loss"), 4, margin=0.1, relative=True),
    "val_loss": Quantity("lowest validation loss", _at_best_epoch("val_loss"), 3, margin=0.1, relative=True),
    "best_epoch": Quantity("epoch of the lowest validation loss", _metric("best_epoch"), 0, margin=1, spreads=False),
    "misses": Quantity("misses", _metric("misses"), 0, margin=4),  # 0.2 % of USPS's test images
    "n_train": Quantity("training images", _metric("n_train"), 0),
    "n_test": Quantity("test images", _metric("n_test"), 0),
    "seconds": SECONDS,
    "seconds_longer": replace(
        SECONDS,
        title="seconds longer than the other models",
        beyond=("inf283/random-forest-onehot", "inf283/nn", "inf283/cnn"),
    ),
}
OF_EXPERIMENT = {  # where a metric means something else in one experiment
    ("nust/lenet", "val_accuracy"): replace(
        VALIDATION, title="validation accuracy after that epoch, %", ours=_at_best_epoch("val_accuracy"), misses=None
    ),
}
ON_PHOTOS = replace(ACCURACY, margin=1 / 20)  # one photo


def quantity(name: str, metric: str) -> Quantity:
    """How a claimed number of an experiment is judged.

    Example:
        >>> quantity("sharpies/mlp-64-16", "accuracy").margin_in_words
        '± 0.2 points'
    """
    if name.startswith("sharpies/photos/") and metric == "accuracy":
        return ON_PHOTOS
    return OF_EXPERIMENT.get((name, metric)) or QUANTITIES[metric]


def judged_by(name: str, metric: str = "accuracy") -> str:
    """The experiment by whose runs a claim is judged: that of its row, but where it was measured on another's model.

    Example:
        >>> judged_by("sharpies/photos/cnn-32f")
        'sharpies/photos/mlp-64-32'
    """
    table = claims()
    others = table.judged_by[(table.experiment == name) & (table.metric == metric)]
    return next(filter(None, others), name)


def power(n: int, shift: float = 2.0) -> float:
    """How often the prediction interval of n runs leaves out a claim that is shifted so far.

    Args:
        n: runs.
        shift: of the mean that the claim was drawn from, in standard deviations of one run.

    Returns:
        The chance in [0, 1], by the noncentral t distribution with n - 1 degrees of freedom.

    Example:
        >>> [round(power(n), 2) for n in (3, 5, 10, 10**6)]
        [0.18, 0.29, 0.4, 0.52]
    """
    t, moved = stats.t.ppf(0.975, n - 1), shift / (1 + 1 / n) ** 0.5
    return float(stats.nct.sf(t, n - 1, moved) + stats.nct.cdf(-t, n - 1, moved))


def rule() -> str:
    """How a claim is judged, as a list in Markdown."""
    noticed = ", ".join(f"{100 * power(n):.0f} % with {n} runs" for n in (3, 5, 10))
    return (
        "- **exact**: every run of ours is the same and equals what is printed, at the printed precision;\n"
        f"- **{WITHIN}**: our mean differs from the claim by too little to matter, at most {ACCURACY.margin_in_words} of accuracy "
        f"(on the photos {ON_PHOTOS.margin_in_words}, one photo), {QUANTITIES['loss'].margin_in_words} of a loss, "
        f"± {CELL_MARGIN:g} in every cell of a classification report, and half a unit of the last printed place;\n"
        f"- **{SPREAD}**: further away than that, but inside the 95 % prediction interval for one more run of ours "
        "(Student's t with n - 1 degrees of freedom; of the cells of a classification report nine in ten). The claim is not "
        "refuted, and no more: of claims that are off by two standard deviations the interval leaves out "
        f"{noticed}, and {100 * power(10**6):.0f} % with any number of them;\n"
        "- **not reproduced**: anything else, with the reason as far as it could be found;\n"
        "- **not reproducible from the text**: the report leaves out what a comparison needs.\n"
    )


def rows(records: Records, name: str) -> pd.DataFrame:
    """Every claim of one report, a row each; the cells of a classification report are counted in one row.

    Args:
        records: of all experiments.
        name: a key of ``REPORTS``.

    Returns:
        Columns experiment, model, what, kind (``RESULT``, ``MATCHED``, ``FACT`` or ``AGAIN``), claimed, ours (mean ± standard
        deviation), n (runs), misses, difference, margin, verdict, why: text, ready to be shown.
    """
    stated = claims()
    stated = stated[stated.experiment.str.startswith(f"{name}/")]
    lines = []
    for (experiment, other), of_one in stated.groupby(["experiment", "judged_by"], sort=False):
        runs = records.all(other or experiment)
        plain = of_one[of_one.label == ""].itertuples()
        of_experiment = [_number(experiment, claim, runs, records) for claim in plain]
        of_experiment += _many(of_one[of_one.label != ""], runs)
        for line in of_experiment:
            if line["verdict"] == NOT_REPRODUCED:
                line |= _why(experiment, line["metric"], records, line.get("why", ""))
            elif other:
                line["why"] = reason(experiment, records, line["metric"])
            elif line["verdict"] == SPREAD:
                line["why"] = f"{len(runs)} runs are too few to refute it or to confirm it." + line.get("why", "")
            lines.append({"experiment": experiment, "model": _title(experiment, records)} | line)
    return pd.DataFrame(lines).drop(columns="metric").fillna("")


def _why(experiment: str, metric: str, records: Records, more: str) -> dict:
    """Verdict and reason of a claim that is not reproduced; ``more`` is said after the reason."""
    report = BY_NAME[experiment.split("/")[0]]
    missing = report.UNKNOWN.get((experiment, metric)) or report.UNKNOWN.get(("", metric))
    if missing and metric != "accuracy":
        return {"verdict": NOT_REPRODUCIBLE, "why": report.NOT_REPRODUCIBLE[missing]}
    why = (reason(experiment, records, metric) or "") + more
    return {"verdict": NOT_REPRODUCIBLE if missing else NOT_REPRODUCED, "why": why}


def reason(experiment: str, records: Records, metric: str = "accuracy") -> str | None:
    """Why a claim is not reproduced, in one sentence; None where it is."""
    reasons = BY_NAME[experiment.split("/")[0]].REASONS
    why = reasons.get((experiment, metric)) or reasons.get((experiment, "accuracy"))
    return why(records) if callable(why) else why


def _title(name: str, records: Records) -> str:
    experiment = records.experiments[name]
    return experiment.title + {"photos": ", on the photos", "trial": ", validation"}.get(experiment.kind, "")


def accuracies(records: Records) -> pd.DataFrame:
    """The accuracies that the reports claim, a row each, with the column ``report``: the table of the front page."""
    named = {ACCURACY.title: "", VALIDATION.title: ", validation"}
    named[QUANTITIES["accuracy_deployed"].title] = ", when deployed"
    parts = []
    for name in REPORTS:
        table = rows(records, name)
        table = table[table.what.isin(named)]
        parts.append(table.assign(model=table.model + table.what.map(named), what=ACCURACY.title, report=name))
    return pd.concat(parts, ignore_index=True)


def counted(records: Records) -> pd.DataFrame:
    """How many claims of all five reports end with which verdict, the kinds of claims apart.

    What is printed again of the same measurement (58 misses are 97.11 %; one network's 45 % in four rows) counts once.

    Returns:
        One row for each of ``KINDS``, named as there, one column for each of ``VERDICTS``; ``.sum(axis=1)`` is all of a kind.
    """
    table = pd.concat([rows(records, name) for name in REPORTS])
    counts = pd.crosstab(table.kind, table.verdict).reindex(index=list(KINDS), columns=list(VERDICTS), fill_value=0)
    return counts.rename(index=KINDS).rename_axis(index=None, columns=None)


def counted_in_words(records: Records) -> str:
    """The counts as one paragraph in Markdown, the results of models first."""
    sentences = []
    for kind, counts in counted(records).iterrows():
        tally = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
        sentences.append(f"{counts.sum()} {kind}: {tally}.")
    return " ".join(sentences).replace(f" {KINDS[RESULT]}:", f" **{KINDS[RESULT]}**:")


def _number(name: str, claim, runs: list[Record], records: Records) -> dict:
    asked = quantity(name, claim.metric)
    typical = min if asked.fastest else np.mean
    others = [typical([asked.ours(run) for run in records.all(other)]) for other in asked.beyond]
    ours = [asked.ours(run) - (np.mean(others) if others else 0) for run in runs]
    ours = [min(ours)] if asked.fastest else ours
    stated, places = float(claim.claimed), asked.places
    verdict = judged(claim.claimed, ours, asked.margin * (stated if asked.relative else 1), asked.spreads)
    shown = [asked.factor * value for value in ours]
    misses = ""
    if asked.misses and asked.misses[0] in runs[0].metrics:
        missed = mean_in_words([run.metrics[asked.misses[0]] for run in runs], 0)
        misses = f"{missed} of {runs[0].metrics[asked.misses[1]]:,}"
    return {
        "metric": claim.metric,
        "what": asked.title,
        "kind": claim.kind,
        "claimed": f"{asked.factor * stated:,.{_places(claim.claimed, asked)}f}",
        "ours": mean_in_words(shown if len(set(shown)) > 1 else shown[:1], places),
        "n": str(len(runs)),
        "misses": misses,
        "difference": f"{np.mean(shown) - asked.factor * stated:+,.{places}f}" if verdict != EXACT else "",
        "margin": asked.margin_in_words,
        "verdict": verdict,
    }


def judged(claimed: str, ours: list[float], margin: float = 0.0, spreads: bool = True) -> str:
    """The verdict on a number: ``EXACT``, ``WITHIN``, ``SPREAD`` or ``NOT_REPRODUCED``, as ``rule`` has them.

    Args:
        claimed: as printed; half a unit of its last place is added to margin and interval.
        ours: one number a run, in the unit of the claim.
        margin: what our mean may differ by, in that unit.
        spreads: whether the claim may lie where one more run would fall; else it must lie among ours.

    Example:
        >>> judged("0.9712", [0.9712, 0.9724, 0.9700], margin=0.002)
        'within the margin'
        >>> judged("0.9860", [0.9889, 0.9878, 0.9907], margin=0.002)  # three runs; ten might refute it
        'within the spread only'
    """
    digits, value = decimals(claimed), float(claimed)
    if all(one == ours[0] for one in ours) and round(ours[0], digits) == value:
        return EXACT
    if abs(np.mean(ours) - value) <= margin + _rounding(digits):
        return WITHIN
    if not spreads:
        return SPREAD if min(ours) <= value <= max(ours) else NOT_REPRODUCED
    return SPREAD if len(ours) > 1 and _inside(value, digits, np.array(ours)[:, None])[0] else NOT_REPRODUCED


def _places(claimed: str, asked: Quantity) -> int:
    printed = decimals(claimed) - (2 if asked.factor == 100 else 0)
    return max(0, min(asked.places, printed))


def _rounding(digits: int) -> float:
    return 0.5000001 * 10.0**-digits


def _inside(claimed, digits: int, ours: np.ndarray) -> np.ndarray:
    """Which claims lie within the spread of our runs: bool (claims,); ours is (runs, claims)."""
    n = len(ours)
    reach = stats.t.ppf(0.975, n - 1) * ours.std(axis=0, ddof=1) * (1 + 1 / n) ** 0.5 if n > 1 else 0.0
    return np.abs(ours.mean(axis=0) - claimed) <= reach + _rounding(digits)


# --- claims that come in tens ------------------------------------------------------------------------------------


def _many(stated: pd.DataFrame, runs: list[Record]) -> list[dict]:
    parts = {
        "classification report, cells": stated.metric.isin(AVERAGES),
        "supports of the test part": (stated.metric == "support") & stated.label.str.isdigit(),
        "error of each digit": stated.metric == "error",
        "share of each digit, training": stated.metric == "share_train",
        "share of each digit, test": stated.metric == "share_test",
    }
    parts = {title: stated[chosen] for title, chosen in parts.items() if chosen.any()}
    tables = [_table(run) for run in runs] if parts else []
    lines = [_cells(title, part, tables) for title, part in parts.items()]
    misread = stated[stated.metric == "misread_as"]
    return lines + ([_misread(misread, runs)] if len(misread) else [])


def _table(run: Record) -> pd.DataFrame:
    """The classification report of a run, with errors; its micro averages are the accuracy, three times. Of a data set the shares."""
    if "y_true" not in run.arrays:
        shares = {metric: run.metrics[metric] for metric in ("share_train", "share_test")}
        return pd.DataFrame(shares, index=[str(digit) for digit in range(10)])
    labels = run.arrays["y_true"], run.arrays["y_pred"]
    table = evaluation.classification_table(*labels)
    table.loc["micro avg", list(AVERAGES)] = np.mean(labels[0] == labels[1])
    return table.assign(error=1 - table.recall)


def _misread(stated: pd.DataFrame, runs: list[Record]) -> dict:
    """How many of the photos that the report shows misread are misread alike, by most of our seeds."""
    photos, claimed = stated.label.astype(int).to_numpy(), stated.claimed.astype(int).to_numpy()
    alike = np.array([run.arrays["y_pred_recipe"][photos] == claimed for run in runs])
    by_most = int((alike.mean(axis=0) > 0.5).sum())
    return {
        "metric": "misread_as",
        "what": "photos misread, and as what",
        "kind": stated.kind.iloc[0],
        "claimed": f"{len(stated)} photos",
        "ours": f"{by_most} by most seeds, {int(alike.any(axis=0).sum())} by some",
        "n": str(len(runs)),
        "verdict": EXACT if alike.all() else SPREAD if alike.any(axis=0).all() else NOT_REPRODUCED,
    }


def _cells(what: str, stated: pd.DataFrame, tables: list[pd.DataFrame]) -> dict:
    """One row for many cells: how many are equal, within the margin and within the spread over our runs."""
    claimed = stated.claimed.astype(float).to_numpy()
    digits = stated.claimed.map(decimals).max()
    values = np.array([[table.loc[c.label, c.metric] for c in stated.itertuples()] for table in tables], float)
    mean, total, same = values.mean(axis=0), len(stated), bool((values == values[0]).all())
    exact = int((np.abs(values - claimed) <= _rounding(digits)).all(axis=0).sum())
    near = int((np.abs(mean - claimed) <= CELL_MARGIN + _rounding(digits)).sum())
    inside = int(_inside(claimed, digits, values).sum())
    if same and exact == total:
        verdict = EXACT
    elif near == total:
        verdict = WITHIN
    else:  # of 95 % intervals, one in twenty fails by chance
        verdict = SPREAD if len(tables) > 1 and inside >= 0.9 * total else NOT_REPRODUCED
    line = {
        "metric": stated.metric.iloc[0],
        "what": what,
        "kind": stated.kind.iloc[0],
        "claimed": f"{total} cells",
        "ours": f"{exact} equal" if same else f"{near} within the margin, {inside} within the spread",
        "n": str(len(tables)),
        "difference": "" if verdict == EXACT else f"largest {np.abs(mean - claimed).max():.{digits}f}",
        "margin": f"± {CELL_MARGIN:g}" if stated.kind.iloc[0] != FACT else "",
        "verdict": verdict,
    }
    recall = ((stated.metric == "recall") & stated.label.str.isdigit()).to_numpy()
    if stated.kind.iloc[0] == MATCHED and recall.any():
        alike = np.corrcoef(claimed[recall], mean[recall])[0, 1]
        line["why"] = f" The recall of the ten digits, which nothing was chosen to match, correlates at {alike:.2f}."
    return line
