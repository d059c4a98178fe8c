"""What the study is about in words and tables: the front page of README and site, and the index of the reports' figures."""

import os
import re

import numpy as np
import pandas as pd

from ..records import Records, claimed, percent, reported_figures, span, values
from . import tables
from .verdicts import (
    AGAIN,
    EXACT,
    FINDINGS,
    KINDS,
    MATCHED,
    NOT_REPRODUCED,
    NOT_REPRODUCIBLE,
    RESULT,
    SPREAD,
    WITHIN,
    accuracies,
    counted,
    counted_in_words,
    rule,
)


def story(records: Records) -> str:
    """What this study is about, in a few sentences of Markdown, its numbers from the records."""
    results = counted(records).loc[KINDS[RESULT]]
    names = [name for name in records.experiments if re.fullmatch("sharpies/photos/(?!reader).*", name)]
    best = max(float(claimed(name, "accuracy")) for name in names)
    shrunk, prepared = (
        np.mean([np.mean([1 - run.metrics[f"misses_{step}"] / run.metrics[f"n_{step}"] for run in records.all(name)])
                 for name in names])
        for step in ("shrunk", "stroke-width")
    )  # fmt: skip
    readers, shipped = records.all("reader/cnn"), records.one("reader/shipped").metrics
    photos = [run.metrics["n_sharpies"] - run.metrics["misses_sharpies"] for run in readers]
    return (
        "Because of what happens to a photo before the model sees it. Five student reports on handwritten digits are "
        f"reproduced here number by number, on the same data and splits. Of the {results.sum()} results of models that they "
        f"print, {results[EXACT]} are repeated exactly and {results[WITHIN]} within a margin too small to matter; "
        f"{results[SPREAD]} are neither confirmed nor refuted, {results[NOT_REPRODUCED]} are not reproduced, and "
        f"{results[NOT_REPRODUCIBLE]} cannot be, because the report leaves out what a comparison needs. Where one does not hold, "
        "the reason is seldom the model: labels compared with the wrong type, a test set that moved, a winner picked by luck, "
        "a setting left out.\n\n"
        f"One report's models read at most {100 * best:.0f} % of {records.one(names[0]).metrics['n']} photos of its authors' "
        f"own digits, and it concludes that none of them generalises. Shrunk whole, as most people do it, {100 * shrunk:.0f} % "
        "of the photos are read; prepared as MNIST was (the ink boxed, centred, and as thick as there), "
        f"{100 * prepared:.0f} %, by the very same trained models. The reader of this study, trained on MNIST's "
        "digits and on strokes drawn by code, reads "
        f"{span(photos)} of {shipped['n_sharpies']} photos and {percent(values(records, 'reader/cnn'))} of MNIST's test set, "
        f"the mean of {len(readers)} trainings; the one that is shipped, the best of them on validation images, reads "
        f"{percent(shipped['accuracy'])}."
    )


# title and authors as their first pages have them, the lesson, and the finding that says what was found in one sentence
AUTHORS = {
    "sharpies": (
        "From Pixels to Sharpies: Evaluating MNIST Models Against Real Handwritten Digits",
        "Parker Christenson, Philip Felizarta, Gabriel Emanuel Colón (University of San Diego)",
        "04_sharpies",
        "photos-preparation",
    ),
    "nust": (
        "MNIST Digit Classification Machine Learning Project",
        "Aizaz Omer, Muhammad Qaisar, Muhammad Salman Akhtar (SEECS, NUST Islamabad)",
        "05_modified_test_set",
        "shift-breaks-models",
    ),
    "usps": (
        "Handwritten Digit Recognition By Use Of Convolutional Neural Network In Python With Keras Tensorflow",
        "Nazmul Karim, Navsangeet Kaur",
        "06_usps",
        "usps-best",
    ),
    "inf283": (
        "Recognizing handwritten digits, INF283 Project 2",
        "Sindre Eik de Lange",
        "07_forest_boosting_grid",
        "one-hot-forest",
    ),
    "asher": (
        "Digit Classification using Deep Learning on MNIST Dataset",
        "Md Asher, Rupesh Kumar, Md Abdullah, Fariya Rafat",
        "08_tuning",
        "tuned-against-untuned",
    ),
}


def reports_table() -> pd.DataFrame:
    """The five reports: short name with its lesson, title, authors, and what was found in one sentence."""
    findings = {finding.key: finding.title for finding in FINDINGS}
    rows = [
        (f"[{name}](notebooks/{lesson}.ipynb)", f"*{title}*, {authors}", f"{findings[key]}.")
        for name, (title, authors, lesson, key) in AUTHORS.items()
    ]
    return pd.DataFrame(rows, columns=["short name", "report", "what was found"])


def readme_parts(records: Records) -> dict:
    """Everything in README and docs that comes from records, by name, in Markdown."""
    table = accuracies(records)
    apart = table.kind.where(table.kind.isin([MATCHED, AGAIN]), "")
    verdict = [
        row.verdict + (f", {kind}" if kind else "") + (f": {row.why.strip()}" if row.why else "")
        for row, kind in zip(table.itertuples(), apart, strict=True)
    ]
    shown = table.assign(verdict=verdict).rename(columns={"claimed": "claimed %", "ours": "ours %"})
    claims = tables.markdown(shown[["report", "model", "claimed %", "ours %", "n", "misses", "verdict"]])
    return {
        "story": story(records) + "\n",
        "reports": tables.markdown(reports_table()),
        "claims": f"What the reports print, by kind: {counted_in_words(records)}\n\n{rule()}\nTheir accuracies:\n\n{claims}",
        "reader": tables.markdown(tables.reader_table(records)),
        "edge": tables.markdown(tables.TABLES["edge"](records)),
    }


# --- figures -----------------------------------------------------------------------------------------------------

SHOWN_IN = {  # where a table of ours is shown
    "sharpies": "03_networks",
    "photos": "04_sharpies",
    "nust": "05_modified_test_set",
    "usps": "06_usps",
    "inf283": "07_forest_boosting_grid",
    "grid": "07_forest_boosting_grid",
    "asher": "08_tuning",
}
MOST_RECORDS = 4  # named one by one in the index of figures


def figure_index(name: str) -> pd.DataFrame:
    """Every figure and table of one report beside ours.

    Args:
        name: a key of ``REPORTS``.

    Returns:
        Columns number, shows, ours (Markdown with small pictures, relative to ``notebooks/``), records, note: text, ready to
        be shown.
    """
    table = reported_figures().query("report == @name")
    shown = {
        "in the report": table.number,
        "shows": table.shows,
        "ours": ["<br>".join(map(_linked, ours.split())) for ours in table.ours],
        "records": [_named(names.split()) for names in table.records],
        "note": table.note,
    }
    return pd.DataFrame(shown).reset_index(drop=True)


def _linked(ours: str) -> str:
    kind, _, place = ours.rpartition(":")
    if kind == "table":
        return f"[table {place}]({SHOWN_IN[place]}.ipynb)"
    if kind == "notebook":
        return f"[notebook {place[:2]}]({place}.ipynb)"
    file = f"../figures/{place}.png"
    return f'<a href="{file}"><img src="{file}" alt="{place}" width="150" loading="lazy"><br>{place}</a>'


def _named(names: list[str]) -> str:
    """Experiment names as code; of a long list what they share, and how many."""
    if len(names) <= MOST_RECORDS:
        return "<br>".join(f"`{name}`" for name in names)
    return f"`{os.path.commonpath(names)}/…` ({len(names)})"
