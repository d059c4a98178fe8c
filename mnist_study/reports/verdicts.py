"""The five reports as a whole: every number beside ours with its verdict and, where it does not hold, why."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from .. import evaluation
from ..records import AVERAGES, Record, Records, claims, decimals, mean_in_words
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
EXACT, WITHIN = "exact", "within the spread"
NOT_REPRODUCED, NOT_REPRODUCIBLE = "not reproduced", "not reproducible from the text"
FINDINGS = tuple(finding for report in (sharpies, nust, usps, inf283, asher, reader) for finding in report.FINDINGS)


@dataclass(frozen=True)
class Quantity:
    """How a claimed number is called, found in a record, and written.

    Attributes:
        title: what it is called.
        ours: a record -> our number, in the claim's own unit.
        places: decimals shown.
        factor: what claim and ours are multiplied by for showing: 100 for per cent. A claim keeps its printed precision.
        misses: the metrics that hold misses and n, or None where there are none.
        spreads: whether the runs' spread says how far one more may lie; not of the one epoch among some twenty.
    """

    title: str
    ours: Callable[[Record], float]
    places: int = 2
    factor: float = 1
    misses: tuple | None = None
    spreads: bool = True  # whether a claim may lie where one more run would fall; else it must lie among our runs


def _at_best_epoch(name: str) -> Callable:
    return lambda run: run.history[name][run.metrics["best_epoch"] - 1]


def _metric(name: str) -> Callable:
    return lambda run: run.metrics[name]


ACCURACY = Quantity("accuracy, %", _metric("accuracy"), 2, 100, ("misses", "n"))
QUANTITIES = {
    "accuracy": ACCURACY,
    "accuracy_text": Quantity("accuracy as its text has it, %", _metric("accuracy"), 2, 100, ("misses", "n")),
    "val_accuracy": Quantity("validation accuracy, %", _metric("val_accuracy"), 2, 100, ("val_misses", "val_n")),
    "parameters": Quantity("parameters", _metric("parameters"), 0),
    "loss": Quantity("loss", _metric("loss"), 4),
    "val_loss": Quantity("lowest validation loss", _at_best_epoch("val_loss"), 3),
    "best_epoch": Quantity("epoch of the lowest validation loss", _metric("best_epoch"), 0, spreads=False),
    "misses": Quantity("misses", _metric("misses"), 0),
    "n_train": Quantity("training images", _metric("n_train"), 0),
    "n_test": Quantity("test images", _metric("n_test"), 0),
    "seconds": Quantity("seconds to fit", lambda run: run.fitting_seconds, 0),
}
OF_EXPERIMENT = {  # where a metric means something else in one experiment
    ("nust/lenet", "val_accuracy"): Quantity(
        "validation accuracy after that epoch, %", _at_best_epoch("val_accuracy"), 2, 100
    ),
}


def rows(found: Records, name: str) -> pd.DataFrame:
    """Every claim of one report, a row each; the cells of a classification report are counted in one row.

    Args:
        found: the records.
        name: a key of ``REPORTS``.

    Returns:
        Columns experiment, model, what, claimed, ours (mean ± standard deviation), n (runs), misses, difference, verdict,
        why: text, ready to be shown.
    """
    stated = claims()
    stated = stated[stated.experiment.str.startswith(f"{name}/") & (stated.metric != "accuracy_printed")]
    lines = []
    for experiment, of_one in stated.groupby("experiment", sort=False):
        runs = found.all(experiment)
        of_experiment = [
            _number(experiment, row.metric, row.claimed, runs) for row in of_one[of_one.label == ""].itertuples()
        ]
        of_experiment += _many(of_one[of_one.label != ""], runs)
        for line in of_experiment:
            if line["verdict"] == NOT_REPRODUCED:
                line |= _why(experiment, line["metric"], found)
            lines.append({"experiment": experiment, "model": _title(experiment, found)} | line)
    return pd.DataFrame(lines).drop(columns="metric").fillna("")


def _why(experiment: str, metric: str, found: Records) -> dict:
    """Verdict and reason of a claim that is not reproduced."""
    report = BY_NAME[experiment.split("/")[0]]
    missing = report.UNKNOWN.get((experiment, metric)) or report.UNKNOWN.get(("", metric))
    if missing and metric != "accuracy":
        return {"verdict": NOT_REPRODUCIBLE, "why": report.NOT_REPRODUCIBLE[missing]}
    return {"verdict": NOT_REPRODUCIBLE if missing else NOT_REPRODUCED, "why": reason(experiment, found, metric)}


def reason(experiment: str, found: Records, metric: str = "accuracy") -> str | None:
    """Why a claim is not reproduced, in one sentence; None where it is."""
    reasons = BY_NAME[experiment.split("/")[0]].REASONS
    why = reasons.get((experiment, metric)) or reasons.get((experiment, "accuracy"))
    return why(found) if callable(why) else why


def _title(experiment: str, found: Records) -> str:
    row = found.experiments[experiment]
    return row.title + {"photos": ", on the photos", "trial": ", validation"}.get(row.kind, "")


def accuracies(found: Records) -> pd.DataFrame:
    """The accuracies that the reports claim, a row each, with the column ``report``: the table of the front page."""
    parts = []
    for name in REPORTS:
        table = rows(found, name)
        chosen = table.what.isin([ACCURACY.title, QUANTITIES["val_accuracy"].title])
        parts.append(table[chosen].assign(report=name))
    return pd.concat(parts, ignore_index=True)


def counted(found: Records) -> dict:
    """How many claims of all five reports end with which verdict: verdict -> count."""
    verdicts = pd.concat([rows(found, name).verdict for name in REPORTS])
    return {verdict: int((verdicts == verdict).sum()) for verdict in (EXACT, WITHIN, NOT_REPRODUCED, NOT_REPRODUCIBLE)}


def _number(name: str, metric: str, claimed: str, runs: list[Record]) -> dict:
    quantity = OF_EXPERIMENT.get((name, metric)) or QUANTITIES[metric]
    ours = [quantity.ours(run) for run in runs]
    verdict = judged(claimed, ours) if quantity.spreads else _among(float(claimed), ours)
    shown = [quantity.factor * value for value in ours]
    difference = np.mean(shown) - quantity.factor * float(claimed)
    misses = ""
    if quantity.misses and quantity.misses[0] in runs[0].metrics:
        missed = mean_in_words([run.metrics[quantity.misses[0]] for run in runs], 0)
        misses = f"{missed} of {runs[0].metrics[quantity.misses[1]]:,}"
    places = quantity.places
    return {
        "metric": metric,
        "what": quantity.title,
        "claimed": f"{quantity.factor * float(claimed):,.{_places(claimed, quantity)}f}",
        "ours": mean_in_words(shown if len(set(shown)) > 1 else shown[:1], places),
        "n": str(len(runs)),
        "misses": misses,
        "difference": f"{difference:+,.{places}f}" if verdict != EXACT else "",
        "verdict": verdict,
    }


def judged(claimed: str, ours: list[float]) -> str:
    """``EXACT``, ``WITHIN`` or ``NOT_REPRODUCED``.

    Exact: every run is the same and rounds to what is printed. Within the spread: inside the 95 % prediction interval for
    one more run (``tables.verdict``), widened by half a unit of the last printed place.
    """
    digits, value = decimals(claimed), float(claimed)
    if all(one == ours[0] for one in ours) and round(ours[0], digits) == value:
        return EXACT
    return WITHIN if len(ours) > 1 and _inside(value, digits, np.array(ours)[:, None])[0] else NOT_REPRODUCED


def _among(claimed: float, ours: list[float]) -> str:
    return EXACT if set(ours) == {claimed} else WITHIN if min(ours) <= claimed <= max(ours) else NOT_REPRODUCED


def _places(claimed: str, quantity: Quantity) -> int:
    printed = decimals(claimed) - (2 if quantity.factor == 100 else 0)
    return max(0, min(quantity.places, printed))


def _inside(claimed, digits: int, ours: np.ndarray) -> np.ndarray:
    """Which claims lie within the spread of our runs: bool (claims,); ours is (runs, claims)."""
    n = len(ours)
    reach = stats.t.ppf(0.975, n - 1) * ours.std(axis=0, ddof=1) * (1 + 1 / n) ** 0.5 if n > 1 else 0.0
    return np.abs(ours.mean(axis=0) - claimed) <= reach + 0.5000001 * 10.0**-digits


# --- claims that come in tens ------------------------------------------------------------------------------------


def _many(stated: pd.DataFrame, runs: list[Record]) -> list[dict]:
    lines = []
    cells = stated[stated.metric.isin(AVERAGES)]
    supports = stated[(stated.metric == "support") & stated.label.str.isdigit()]
    if len(cells):
        ours = [evaluation.classification_table(run.arrays["y_true"], run.arrays["y_pred"]) for run in runs]
        lines.append(_cells("classification report, cells", cells, ours))
        if len(supports):
            lines.append(_cells("supports of the test part", supports, ours))
    for metric, title, table in (
        ("error", "error of each digit", _errors),
        ("share_train", "share of each digit, training", _shares),
        ("share_test", "share of each digit, test", _shares),
    ):
        chosen = stated[stated.metric == metric]
        if len(chosen):
            lines.append(_cells(title, chosen, [table(run, metric) for run in runs]))
    misread = stated[stated.metric == "misread_as"]
    if len(misread):
        lines.append(_misread(misread, runs))
    return lines


def _errors(run: Record, metric: str) -> pd.DataFrame:
    right = evaluation.classification_table(run.arrays["y_true"], run.arrays["y_pred"])["recall"]
    return pd.DataFrame({metric: 1 - right})


def _shares(run: Record, metric: str) -> pd.DataFrame:
    return pd.DataFrame({metric: run.metrics[metric]}, index=[str(digit) for digit in range(10)])


def _misread(stated: pd.DataFrame, runs: list[Record]) -> dict:
    """How many of the photos that the report shows misread are misread alike, by most of our seeds."""
    photos, claimed = stated.label.astype(int).to_numpy(), stated.claimed.astype(int).to_numpy()
    alike = np.array([run.arrays["y_pred_recipe"][photos] == claimed for run in runs])
    by_most = int((alike.mean(axis=0) > 0.5).sum())
    verdict = EXACT if alike.all() else WITHIN if alike.any(axis=0).all() else NOT_REPRODUCED
    return {
        "metric": "misread_as",
        "what": "photos misread, and as what",
        "claimed": f"{len(stated)} photos",
        "ours": f"{by_most} by most seeds, {int(alike.any(axis=0).sum())} by some",
        "n": str(len(runs)),
        "difference": "",
        "verdict": verdict,
    }


def _cells(what: str, stated: pd.DataFrame, ours: list[pd.DataFrame]) -> dict:
    """One row for many cells: how many come out exactly, and how many within the spread over our runs."""
    claimed = stated.claimed.astype(float).to_numpy()
    digits = stated.claimed.map(decimals).max()
    values = np.array([[table.loc[c.label, c.metric] for c in stated.itertuples()] for table in ours], float)
    exact = int((np.abs(values - claimed) <= 0.5000001 * 10.0**-digits).all(axis=0).sum())
    inside = int(_inside(claimed, digits, values).sum())
    total, same = len(stated), bool((values == values[0]).all())
    verdict = EXACT if same and exact == total else WITHIN if inside == total else NOT_REPRODUCED
    if len(ours) > 1 and inside >= 0.9 * total:  # of 95 % intervals, one in twenty fails by chance
        verdict = EXACT if verdict == EXACT else WITHIN
    return {
        "metric": stated.metric.iloc[0],
        "what": what,
        "claimed": f"{total} cells",
        "ours": f"{exact} equal" if same else f"{inside} within the spread",
        "n": str(len(ours)),
        "difference": "" if verdict == EXACT else f"largest {np.abs(values.mean(axis=0) - claimed).max():.{digits}f}",
        "verdict": verdict,
    }
