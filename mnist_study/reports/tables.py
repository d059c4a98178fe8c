"""Claimed beside ours: the tables of the README and the notebooks, each from records."""

import pandas as pd
from scipy import stats

from .. import evaluation
from ..records import Record, claimed, decimals, mean_in_words
from .asher import figures as asher
from .inf283 import figures as inf283
from .reader import figures as reader
from .sharpies import figures as sharpies
from .usps import figures as usps


def table(found, names) -> pd.DataFrame:
    """Claimed beside ours: one row an experiment, text ready to be shown.

    Columns: model, parameters, claimed, ours (%, mean ± std over n seeds), n, misses, loss claimed, loss ours, verdict.
    """
    return pd.DataFrame([_row(name, found.title(name), found.all(name)) for name in names])


def _row(name: str, title: str, runs: list[Record]) -> dict:
    accuracies = [100 * run.metrics["accuracy"] for run in runs]
    losses = [run.metrics["loss"] for run in runs if run.metrics.get("loss") is not None]
    misses = [run.metrics["misses"] for run in runs]
    parameters = runs[0].metrics.get("parameters")
    stated, stated_loss = claimed(name, "accuracy"), claimed(name, "loss")
    return {
        "model": title,
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
        found: the records.
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
        row = {"model": found.title(name)}
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
            "our s": mean_in_words([run.fitting_seconds for run in runs], 0),
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


def reader_table(found) -> pd.DataFrame:
    """The reader on every set, mean ± standard deviation over its seeds, and the shipped one."""
    runs, shipped = found.all("reader/cnn"), found.one("reader/shipped").metrics
    rows = []
    for key, title in reader.READER_SETS.items():
        if f"accuracy{key}" in shipped:
            mean, std = evaluation.mean_and_std([100 * run.metrics[f"accuracy{key}"] for run in runs])
            misses, spread = evaluation.mean_and_std([run.metrics[f"misses{key}"] for run in runs])
            rows.append(
                {
                    "set": title,
                    "images": f"{shipped[f'n{key}']:,}",
                    "read right %": f"{mean:.2f} ± {std:.2f}",
                    "misses": f"{misses:.1f} ± {spread:.1f}",
                    "n": len(runs),
                    "shipped %": f"{100 * shipped[f'accuracy{key}']:.2f}",
                    "shipped misses": shipped[f"misses{key}"],
                    "shipped: not sure": shipped[f"not_sure{key}"],
                }
            )
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    """A table of text in Markdown."""
    lines = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


TABLES = {
    "sharpies": lambda found: table(found, (*sharpies.CLASSICAL, "sharpies/svm-unscaled", *sharpies.NETWORKS)),
    "photos": lambda found: table(found, (*sharpies.PHOTOS, "sharpies/photos/reader")),
    "nust": lambda found: table(found, ("nust/lenet", "nust/lenet-modified", "nust/lenet-augmented", "nust/robust")),
    "usps": lambda found: table(found, usps.OURS),
    "inf283": lambda found: timed_table(found, (*inf283.MODELS, *inf283.BESIDE), "val_"),
    "grid": lambda found: timed_table(found, (inf283.OUTSIDE, "inf283/cnn-best")),
    "asher": lambda found: timed_table(found, asher.MODELS, with_settings=True),
    "reader": reader_table,
    "edge": lambda found: pd.DataFrame(reader.edge_rows(found)),
}  # name -> a function from the records to the table
