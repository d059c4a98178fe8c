"""What pages share: tables that a phone can show, contents from headings, figures with words that say what they show."""

import re
from html import escape, unescape

from PIL import Image

from .. import paths
from ..records import reported_figures
from ..reports import verdicts

TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
ROW = re.compile(r"<tr.*?</tr>", re.DOTALL)
CELL = re.compile(r"<(th|td)([^>]*)>(.*?)</\1>", re.DOTALL)
EMPTY_HEADING = re.compile(r"<th([^>]*)>(?:\s|&nbsp;)*</th>")
TAG = re.compile(r"<[^>]+>")
SHORT = 16  # characters: a table of words no longer than this can be moved sideways on a phone and still be read
LONG = 12  # cells: cards with more of them are folded on a phone
SECTION = re.compile(r"<h2(?: id=\"([^\"]+)\")?>(.*?)</h2>", re.DOTALL)


def text_of(html: str) -> str:
    """The words of a piece of HTML, their entities kept."""
    return " ".join(TAG.sub("", html).split())


def legible_tables(html: str) -> str:
    """Every table in a frame that scrolls; on a phone the rows of one that holds words become cards (``style.css``).

    Args:
        html: with tables as pandas, Markdown and the templates write them: a ``thead``, and no table inside another.

    Returns:
        The same; each cell of a table that becomes cards carries the heading of its column as ``data-label``, and a long one
        is folded on a phone, but where it stands in a fold already.
    """

    def framed(found):
        table, before = found[0].replace(" ± ", "&nbsp;±&nbsp;"), html[: found.start()]
        head, end, body = table.partition("</thead>")
        head = EMPTY_HEADING.sub(r"<td\1></td>", head)
        labels = [text_of(cell[2]) for cell in CELL.findall(head)]
        words = [*labels, *(text_of(cell[2]) for cell in CELL.findall(body))]
        if head.count("<tr") != 1 or len(labels) < 3 or max(map(len, words)) <= SHORT:
            return f'<div class="scroll">{head}{end}{body}</div>'
        rows = ROW.findall(body)
        labelled = ROW.sub(lambda row: _labelled(row[0], labels), body)
        framed = f'<div class="scroll cards-on-phone">{head}{end}{labelled}</div>'
        if len(labels) * len(rows) <= LONG or before.count("<details") > before.count("</details"):
            return framed
        return f'<details class="on-phone" open><summary>Table of {len(rows)} rows</summary>{framed}</details>'

    return TABLE.sub(framed, html)


def _labelled(row: str, labels: list[str]) -> str:
    names = iter(labels)

    def cell(found):
        kind, attributes, content = found.groups()
        label = next(names, "").replace('"', "&quot;")
        return (
            f'<{kind}{attributes} data-label="{label}"><div>{content}</div></{kind}>' if content.strip() else found[0]
        )

    return CELL.sub(cell, row)


def contents(html: str) -> tuple[str, list[tuple[str, str]]]:
    """A page's body whose sections can be linked to, and the place and heading of each: ``(html, [(place, heading), …])``."""
    found = []

    def section(heading):
        words = text_of(heading[2])
        place = heading[1] or re.sub(r"\W+", "-", unescape(words).lower()).strip("-")
        found.append((place, words))
        return f'<h2 id="{place}">{heading[2]}</h2>'

    return SECTION.sub(section, html), found


def figure_words() -> dict[str, str]:
    """Name of a figure -> what it shows: the finding that it stands for, else what the reports' own figure shows."""
    table = reported_figures()
    shows = table.assign(ours=table.ours.str.split()).explode("ours").groupby("ours").shows.unique()
    shown = {name: "; ".join(parts) for name, parts in shows.items() if ":" not in name}
    return shown | {one.figure: one.title for one in reversed(verdicts.FINDINGS) if one.figure}


def picture(name: str, words: str, root: str = "../") -> str:
    """A committed figure as an ``img`` of known size, so that the page does not jump when it is loaded.

    Args:
        name: of the figure, without its ending.
        words: that stand for it where it is not seen.
        root: the way to the site's folder.
    """
    with Image.open(paths.figures_dir() / f"{name}.png") as image:
        width, height = image.size
    place = f'src="{root}figures/{name}.png" width="{width}" height="{height}"'
    return f'<img loading="lazy" {place} alt="{escape(words)}">'
