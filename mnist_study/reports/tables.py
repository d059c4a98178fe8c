"""Claimed beside ours: the tables of the README and the notebooks, each from records."""

import pandas as pd

from ..records import Record, Records, claimed, fastest, mean_in_words
from . import verdicts
from .asher import figures as asher
from .inf283 import figures as inf283
from .later import later
from .reader import figures as reader
from .sharpies import figures as sharpies
from .usps import figures as usps


def table(records: Records, names) -> pd.DataFrame:
    """Claimed beside ours: one row an experiment, text ready to be shown.

    Columns: model, parameters, claimed, ours (%, mean ± std over n seeds), n, misses, loss claimed, loss ours, verdict.
    """
    return pd.DataFrame([_row(name, records, records.all(name)) for name in names])


def _row(name: str, records: Records, runs: list[Record]) -> dict:
    if "accuracy" not in runs[0].metrics:
        raise ValueError(f"{name} has no accuracy to compare; leave it out.")
    accuracies = [100 * run.metrics["accuracy"] for run in runs]
    losses = [run.metrics["loss"] for run in runs if run.metrics.get("loss") is not None]
    misses = [run.metrics["misses"] for run in runs]
    parameters = runs[0].metrics.get("parameters")
    stated, stated_loss, other = claimed(name, "accuracy"), claimed(name, "loss"), verdicts.judged_by(name)
    elsewhere = f"not of this model: belongs to the {records.title(other)}"
    return {
        "model": records.title(name),
        "parameters": f"{parameters:,}" if parameters else "",
        "claimed %": "–" if stated is None else f"{100 * float(stated):.2f}",
        "ours %": mean_in_words(accuracies, 2),
        "n": len(runs),
        "misses": f"{mean_in_words(misses, 0)} of {runs[0].metrics['n']:,}",
        "claimed loss": "" if stated_loss is None else f"{float(stated_loss):.4f}",
        "our loss": mean_in_words(losses, 4) if losses else "",
        "verdict": verdict(name, [run.metrics["accuracy"] for run in runs]) if other == name else elsewhere,
    }


SHOWN_SETTINGS = ("k", "trees", "filters", "units", "learning_rate", "epochs", "batch_size")


def timed_table(records: Records, names, part: str = "", with_settings: bool = False) -> pd.DataFrame:
    """Claimed beside ours, with the seconds of both: one row an experiment, text ready to be shown.

    Args:
        records: of all experiments.
        names: experiments.
        part: "val_" where the report's accuracies are those of its validation part; the test's then stand beside them.
        with_settings: whether to say what each was run with, where a report does not.

    Columns: model, [settings,] claimed %, ours %, [test %,] n, misses (of the test part), claimed s ("+" where the report
    says how much longer than the other models it took), our s (to fit, the fastest run), verdict.
    """
    rows = []
    for name in names:
        runs = records.all(name)
        stated, seconds, longer = (claimed(name, metric) for metric in (f"{part}accuracy", "seconds", "seconds_longer"))
        row = {"model": records.title(name)}
        if with_settings:
            row["settings"] = _settings_in_words(runs[0].settings)
        row |= {
            "claimed %": "–" if stated is None else f"{100 * float(stated):.2f}",
            "ours %": mean_in_words([100 * run.metrics[f"{part}accuracy"] for run in runs], 2),
        }
        if part:
            row["ours, test %"] = mean_in_words([100 * run.metrics["accuracy"] for run in runs], 2)
        row |= {
            "n": len(runs),
            "test misses": f"{mean_in_words([run.metrics['misses'] for run in runs], 0)} of {runs[0].metrics['n']:,}",
            "claimed s": f"{float(seconds):,.0f}" if seconds else f"+ {float(longer):,.0f}" if longer else "–",
            "our s": f"{fastest(runs):,.0f}",
            "verdict": "no accuracy stated"
            if stated is None and (seconds or longer)
            else verdict(name, [run.metrics[f"{part}accuracy"] for run in runs], f"{part}accuracy"),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _settings_in_words(settings: dict) -> str:
    known = settings["model"] | settings
    words = []
    for name in SHOWN_SETTINGS:
        if name in known:
            values = known[name] if isinstance(known[name], list) else [known[name]]
            words.append(f"{name.replace('_', ' ')} {', '.join(map(str, values))}")
    return "; ".join(words) or "scikit-learn's defaults"


def verdict(name: str, ours: list[float], metric: str = "accuracy") -> str:
    """What a claimed accuracy is worth against our runs, as ``verdicts.judged`` has it.

    Args:
        name: of the experiment that the claim is made of.
        ours: our accuracies in [0, 1], one a seed.
        metric: as ``results/reported.csv`` calls it.

    Returns:
        ``verdicts.EXACT``, ``WITHIN`` or ``SPREAD``; else the difference of our mean in points.

    Example:
        >>> verdict("sharpies/svm", [0.9764])
        'ours is 1.34 points higher'
    """
    stated = claimed(name, metric)
    if stated is None:
        return "not in the report"
    judged = verdicts.judged(stated, ours, verdicts.quantity(name, metric).margin)
    if judged != verdicts.NOT_REPRODUCED:
        return judged
    difference = sum(ours) / len(ours) - float(stated)
    return f"ours is {abs(100 * difference):.2f} points {'higher' if difference > 0 else 'lower'}"


def reader_table(records: Records) -> pd.DataFrame:
    """The reader on every set: mean ± standard deviation over its seeds, the shipped one, and one without European forms."""
    runs, shipped = records.all("reader/cnn"), records.one("reader/shipped").metrics
    without = records.one("reader/choices/no-european").metrics
    rows = []
    for key, title in reader.READER_SETS.items():
        if f"accuracy{key}" in shipped:
            rows.append(
                {
                    "set": title,
                    "images": f"{shipped[f'n{key}']:,}",
                    "read right %": mean_in_words([100 * run.metrics[f"accuracy{key}"] for run in runs], 2),
                    "misses": mean_in_words([run.metrics[f"misses{key}"] for run in runs], 1),
                    "n": len(runs),
                    "shipped %": f"{100 * shipped[f'accuracy{key}']:.2f}",
                    "shipped misses": shipped[f"misses{key}"],
                    "shipped: not sure": shipped[f"not_sure{key}"],
                    "misses without European forms": without[f"misses{key}"],
                }
            )
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame) -> str:
    """A table of text in Markdown."""
    lines = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


TABLES = {
    "sharpies": lambda records: table(records, (*sharpies.CLASSICAL, "sharpies/svm-unscaled", *sharpies.NETWORKS)),
    "photos": lambda records: table(records, (*sharpies.PHOTOS, "sharpies/photos/reader")),
    "nust": lambda records: table(
        records, ("nust/lenet", "nust/lenet-modified", "nust/lenet-augmented", "nust/robust")
    ),
    "usps": lambda records: table(records, usps.NETWORKS),
    "inf283": lambda records: timed_table(records, (*inf283.MODELS, *inf283.BESIDE), "val_"),
    "grid": lambda records: timed_table(records, (inf283.OUTSIDE, "inf283/cnn-best")),
    "asher": lambda records: timed_table(records, asher.MODELS, with_settings=True),
    "reader": reader_table,
    "edge": lambda records: pd.DataFrame(reader.edge_rows(records)),
    "later": later,
}  # name -> a function from the records to the table
