"""What the reports and others claim, as it was typed once from their pages: the tables in ``results/*.csv``."""

import functools
from pathlib import Path

import pandas as pd

from .. import evaluation, paths
from .record import Record

AVERAGES = ("precision", "recall", "f1-score")
CELL_MARGIN = 0.01  # what does not matter yet, of a cell of a classification report and of an error or share of a digit


def typed(name: str) -> pd.DataFrame:
    """A table that was typed from the reports, ``results/NAME.csv``: all text, "" where nothing stands."""
    path = paths.project_root() / "results" / f"{name}.csv"
    return _table(path, path.stat().st_mtime_ns).copy()


@functools.lru_cache(maxsize=4)
def _table(path: Path, _changed: int) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def claims() -> pd.DataFrame:
    """What the reports claim, at the precision they print; percentages as fractions (97.12 % is 0.9712).

    Returns:
        One row a number: experiment, metric, label (a digit or average in a classification report, else ""), claimed
        (text, so that the printed precision is kept), judged_by (the experiment whose model was measured, where it is
        another, else ""), kind (as ``reports.verdicts`` names them), source.
    """
    return typed("reported")


def claimed(experiment: str, metric: str, label: str = "") -> str | None:
    """One claimed number as printed, or None where the report gives none."""
    table = claims()
    rows = table[(table.experiment == experiment) & (table.metric == metric) & (table.label == label)]
    return rows.claimed.iloc[0] if len(rows) else None


def claimed_share(experiment: str, metric: str = "accuracy") -> float | None:
    """One claimed number, or None where the report gives none."""
    stated = claimed(experiment, metric)
    return None if stated is None else float(stated)


def decimals(printed: str) -> int:
    """Decimals of a printed number.

    Example:
        >>> decimals("97.12")
        2
    """
    return len(printed.partition(".")[2])


def claimed_report(record: Record):
    """The claimed and our classification report at the report's two decimals.

    Returns:
        ``(claimed, ours)``, each with rows "0".."9", "accuracy", "macro avg", "weighted avg" and columns precision, recall,
        f1-score; of the accuracy, as scikit-learn prints it, there is only the last. ``claimed`` is None where the report has
        no such table.
    """
    y_true, y_pred = record.arrays["y_true"], record.arrays["y_pred"]
    ours = evaluation.classification_table(y_true, y_pred)[list(AVERAGES)]
    ours.loc["accuracy", "f1-score"] = evaluation.counts(y_true, y_pred)["accuracy"]
    ours = ours.loc[[*map(str, range(10)), "accuracy", "macro avg", "weighted avg"]]
    ours = ours.map(lambda value: float(f"{value:.2f}"))  # as scikit-learn prints; .round(2) turns 0.97499… into 0.98
    table = claims()
    rows = table[(table.experiment == record.experiment) & table.metric.isin(AVERAGES)]
    if rows.empty:
        return None, ours
    stated = rows.pivot(index="label", columns="metric", values="claimed").astype(float)
    accuracy = claimed(record.experiment, "accuracy_printed") or claimed(record.experiment, "accuracy")
    stated.loc["accuracy", "f1-score"] = float(f"{float(accuracy or 'nan'):.2f}")
    return stated.loc[ours.index, list(AVERAGES)], ours


def published_usps() -> pd.DataFrame:
    """Published results on USPS's 7291/2007 split: method, error (%), kind ("published", "people" or "MNIST alone"), source."""
    return pd.read_csv(paths.project_root() / "results" / "published.csv")


def reported_figures() -> pd.DataFrame:
    """Every figure and table of the five reports, typed once, and what stands for it here.

    Returns:
        One row a figure or table, text: report, number (as printed, or where it stands), shows, ours (names of figures,
        ``table:NAME`` or ``notebook:NAME``, separated by spaces; "" where there is none), records (experiments that ours is
        drawn from), note (why ours differs or is missing, else "").
    """
    return typed("reported_figures")
