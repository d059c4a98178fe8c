"""What the reports claim beside what the records say: the join behind every table."""

from pathlib import Path

import pandas as pd
from scipy import stats

from . import evaluation, experiments, paths
from .records import Record

AVERAGES = ("precision", "recall", "f1-score")


def claims(path: Path | None = None) -> pd.DataFrame:
    """What the reports claim, at the precision they print; percentages as fractions (97.12 % is 0.9712).

    Returns:
        One row a number: experiment, metric, label (a digit or average in a classification report, else ""), claimed
        (text, so that the printed precision is kept), source.
    """
    return pd.read_csv(path or paths.project_root() / "results" / "reported.csv", dtype=str, keep_default_na=False)


def claimed(experiment: str, metric: str, label: str = "") -> str | None:
    """One claimed number as printed, or None where the report gives none."""
    table = claims()
    rows = table[(table.experiment == experiment) & (table.metric == metric) & (table.label == label)]
    return rows.claimed.iloc[0] if len(rows) else None


def published_usps() -> pd.DataFrame:
    """Published results on USPS's 7291/2007 split: method, error (%), kind ("published", "people" or "MNIST alone"), source."""
    return pd.read_csv(paths.project_root() / "results" / "published.csv")


def reported_figures() -> pd.DataFrame:
    """Every figure and table of the five reports, typed once, and what stands for it here.

    Returns:
        One row a figure or table, text: report, number (as printed, or where it stands), shows, ours (names: a key of
        ``gallery.FIGURES``, ``table:NAME`` or ``notebook:NAME``, separated by spaces; "" where there is none), records
        (experiments that ours is drawn from), note (why ours differs or is missing, else "").
    """
    path = paths.project_root() / "results" / "reported_figures.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def decimals(printed: str) -> int:
    """Decimals of a printed number: 2 for "97.12"."""
    return len(printed.partition(".")[2])


def classification_tables(record: Record):
    """The claimed and our classification report at the report's two decimals.

    Returns:
        ``(claimed, ours)``, each with rows "0".."9", "macro avg", "weighted avg" and columns precision, recall, f1-score;
        ``claimed`` is None where the report has none.
    """
    ours = evaluation.classification_table(record.arrays["y_true"], record.arrays["y_pred"])[list(AVERAGES)]
    ours = ours.map(lambda value: float(f"{value:.2f}"))  # as scikit-learn prints; .round(2) turns 0.97499… into 0.98
    table = claims()
    rows = table[(table.experiment == record.experiment) & table.metric.isin(AVERAGES)]
    if rows.empty:
        return None, ours
    stated = rows.pivot(index="label", columns="metric", values="claimed").astype(float)
    return stated.loc[ours.index, list(AVERAGES)], ours


def accuracy_rows(found, names) -> list[dict]:
    """Accuracies of all seeds beside the claim, for figures.

    Args:
        found: a ``gallery.Records``.
        names: experiments.

    Returns:
        One dict an experiment: title, parameters, accuracies in [0, 1], claimed in % or None.
    """
    rows = []
    for name in names:
        runs = found.all(name)
        stated = claimed(name, "accuracy")
        rows.append(
            {
                "title": experiments.get(name).title,
                "parameters": runs[0].metrics.get("parameters"),
                "accuracies": [run.metrics["accuracy"] for run in runs],
                "claimed": None if stated is None else 100 * float(stated),
            }
        )
    return rows


def table(found, names) -> pd.DataFrame:
    """Claimed beside ours: one row an experiment, text ready to be shown.

    Columns: model, parameters, claimed, ours (%, mean ± std over n seeds), n, misses, loss claimed, loss ours, verdict.
    """
    return pd.DataFrame([_row(name, found.all(name)) for name in names])


def _row(name: str, runs: list[Record]) -> dict:
    accuracies = [100 * run.metrics["accuracy"] for run in runs]
    losses = [run.metrics["loss"] for run in runs if run.metrics.get("loss") is not None]
    misses = [run.metrics["misses"] for run in runs]
    parameters = runs[0].metrics.get("parameters")
    stated, stated_loss = claimed(name, "accuracy"), claimed(name, "loss")
    return {
        "model": experiments.get(name).title,
        "parameters": f"{parameters:,}" if parameters else "",
        "claimed %": "–" if stated is None else f"{100 * float(stated):.2f}",
        "ours %": mean_in_words(accuracies, 2),
        "n": len(runs),
        "misses": f"{mean_in_words(misses, 0)} of {runs[0].metrics['n']:,}",
        "claimed loss": "" if stated_loss is None else f"{float(stated_loss):.4f}",
        "our loss": mean_in_words(losses, 4) if losses else "",
        "verdict": verdict(stated, [accuracy / 100 for accuracy in accuracies]),
    }


SHOWN_SETTINGS = ("k", "trees", "filters", "units", "learning_rate", "epochs", "batch_size")


def timed_table(found, names, part: str = "", with_settings: bool = False) -> pd.DataFrame:
    """Claimed beside ours, with the seconds of both: one row an experiment, text ready to be shown.

    Args:
        found: a ``gallery.Records``.
        names: experiments.
        part: "val_" where the report's accuracies are those of its validation part; the test's then stand beside them.
        with_settings: whether to say what each was run with, where a report does not.

    Columns: model, [settings,] claimed %, ours %, [test %,] n, misses (of the test part), claimed s, our s (to fit), verdict.
    """
    rows = []
    for name in names:
        runs = found.all(name)
        stated, seconds = claimed(name, f"{part}accuracy"), claimed(name, "seconds")
        accuracies = [run.metrics[f"{part}accuracy"] for run in runs]
        row = {"model": experiments.get(name).title}
        if with_settings:
            row["settings"] = _settings_in_words(runs[0].settings)
        row |= {
            "claimed %": "–" if stated is None else f"{100 * float(stated):.2f}",
            "ours %": mean_in_words([100 * accuracy for accuracy in accuracies], 2),
        }
        if part:
            row["ours, test %"] = mean_in_words([100 * run.metrics["accuracy"] for run in runs], 2)
        row |= {
            "n": len(runs),
            "test misses": f"{mean_in_words([run.metrics['misses'] for run in runs], 0)} of {runs[0].metrics['n']:,}",
            "claimed s": "–" if seconds is None else f"{float(seconds):,.0f}",
            "our s": mean_in_words([fitting_seconds(run) for run in runs], 0),
            "verdict": "no accuracy stated" if stated is None and seconds else verdict(stated, accuracies),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _settings_in_words(settings: dict) -> str:
    known = settings["model"] | settings
    words = []
    for name in SHOWN_SETTINGS:
        if name in known:
            value = known[name]
            words.append(f"{name.replace('_', ' ')} {', '.join(map(str, value)) if isinstance(value, list) else value}")
    return "; ".join(words) or "scikit-learn's defaults"


def fitting_seconds(run: Record) -> float:
    """Seconds until a model is fitted, a search before it included."""
    return run.seconds["fit"] + run.seconds.get("search", 0.0)


def mean_in_words(values, places: int) -> str:
    """Mean ± standard deviation as text; the mean alone of one value."""
    mean, deviation = evaluation.mean_and_std(values)
    return f"{mean:,.{places}f}" + (f" ± {deviation:,.{places}f}" if len(values) > 1 else "")


def verdict(stated: str | None, accuracies: list[float]) -> str:
    """What a claim is worth against our runs.

    Args:
        stated: the claimed accuracy in [0, 1] as printed, or None.
        accuracies: ours, one a seed.

    Returns:
        "exact" (equal at the printed precision, one deterministic run); "within the spread" (inside the 95 % prediction
        interval for one more seed: Student's t, n - 1 degrees of freedom, times std * sqrt(1 + 1/n)); else the difference
        of our mean in points.
    """
    if stated is None:
        return "not in the report"
    mean, deviation = evaluation.mean_and_std(accuracies)
    n, difference = len(accuracies), mean - float(stated)
    if n == 1 and round(mean, decimals(stated)) == float(stated):
        return "exact"
    if n > 1 and abs(difference) <= stats.t.ppf(0.975, n - 1) * deviation * (1 + 1 / n) ** 0.5:
        return "within the spread"
    return f"ours is {abs(100 * difference):.2f} points {'higher' if difference > 0 else 'lower'}"
