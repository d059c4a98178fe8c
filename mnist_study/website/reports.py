"""A page for each report: who wrote it, what it claims, what was found, its figures beside ours. Three minutes to read."""

import pandas as pd

from ..records import Records, listed, reported_figures
from ..reports import later, story, verdicts, words
from .markup import figure_words, picture

VERDICT_CLASSES = {
    verdicts.EXACT: "good",
    verdicts.WITHIN: "good",
    verdicts.NOT_REPRODUCED: "bad",
    words.HOLDS: "good",
    words.FAILS: "bad",
}  # what the style sheet colours


def report_cards(records: Records) -> list[dict]:
    """The reports as the front page shows them: name, address, title, authors, what was found and its picture, claims, counts.

    ``claims`` is ``verdicts.rows``; ``counts`` holds the verdicts on results of models alone, by verdict in their order, those that occur.
    """
    findings = {one.key: one for one in verdicts.FINDINGS}
    cards = []
    for name, (title, authors, lesson, key) in story.AUTHORS.items():
        table = verdicts.rows(records, name)
        card = {"claims": table, "name": name, "address": f"reports/{name}.html", "title": title, "authors": authors}
        found = findings[key]
        card |= {"found": f"{found.title}.", "lesson": f"notebooks/{lesson}.html"}
        card["picture"] = picture(found.figure, found.title, root="")
        cards.append(card | {"counts": _counts(table[table.kind == verdicts.RESULT])})
    return cards


def report_pages(pages, records: Records, cards: list[dict]) -> None:
    """Write the page of each report.

    Args:
        pages: the ``Pages`` that they become some of.
        records: of all experiments.
        cards: as ``report_cards`` has them.

    Raises:
        MissingRecordError: if a record is missing.
    """
    said, shows = words.words(records), figure_words()
    accuracies = verdicts.accuracies(records)
    for card in cards:
        name = card["name"]
        body = pages.filled(
            "report.html",
            report=card,
            kinds=_kinds(card["claims"]),
            accuracies=accuracies[accuracies.report == name],
            statements=said[said.report == name],
            findings=_findings(records, name),
            figures=_figures(name, shows),
            later=later.later(records, name),
            left_out=verdicts.BY_NAME[name].NOT_REPRODUCIBLE,
            rule=verdicts.rule(),
            verdict_classes=VERDICT_CLASSES,
        )
        pages.write(card["address"], card["title"], body, kind="report")


def _counts(table: pd.DataFrame) -> dict:
    counts = table.verdict.value_counts()
    return {verdict: int(counts[verdict]) for verdict in verdicts.VERDICTS if verdict in counts}


def _kinds(table: pd.DataFrame) -> str:
    """How many claims there are of each kind, such as "14 results of models and 1 fact of data or architecture"."""
    counts = table.kind.value_counts()
    named = [(counts[kind], title) for kind, title in verdicts.KINDS.items() if kind in counts]
    return listed(f"{count} {title.replace('s ', ' ', 1) if count == 1 else title}" for count, title in named)


def _findings(records: Records, name: str) -> list[dict]:
    """The findings of one report; each figure is shown with the first that it belongs to."""
    shown, found = set(), []
    for one in verdicts.FINDINGS:
        if one.report == name:
            figure = one.figure if one.figure not in shown else None
            image = (f"../figures/{figure}.png", picture(figure, one.title)) if figure else None
            found.append({"title": one.title, "text": one.text(records), "picture": image, "records": one.experiments})
            shown.add(figure)
    return found


def _figures(name: str, shows: dict[str, str]) -> list[dict]:
    """Figures and tables of one report, those beside the same of ours together.

    Returns:
        Dicts with ``theirs`` (number and what it shows, of each), ``pictures`` (of ours, HTML), ``links`` (to ours that are
        no pictures: address and words), ``notes``.
    """
    table = reported_figures()
    cards = []
    for ours, rows in table[table.report == name].groupby("ours", sort=False):
        parts = ours.split()
        figures = [part for part in parts if ":" not in part]
        cards.append(
            {
                "theirs": list(zip(rows.number, rows.shows, strict=True)),
                "pictures": [(f"../figures/{part}.png", picture(part, shows[part])) for part in figures],
                "links": [_link(part) for part in parts if ":" in part],
                "notes": [note for note in dict.fromkeys(rows.note) if note],
            }
        )
    return cards


def _link(ours: str) -> tuple[str, str]:
    kind, _, place = ours.partition(":")
    lesson = story.SHOWN_IN[place] if kind == "table" else place
    return f"../notebooks/{lesson}.html", f"{'our table' if kind == 'table' else 'ours'} in lesson {lesson[:2]}"
