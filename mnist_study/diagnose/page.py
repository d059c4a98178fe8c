"""A diagnosis as a page of its own: style, pictures and graphs inside, legible on a phone, light and dark."""

import base64
import io
from html import escape
from pathlib import Path
from string import Template

import numpy as np
from PIL import Image

from ..records import versions
from ..reports.sharpies.experiments import LADDER, RUNGS
from . import fragility, words

HERE = Path(__file__).parent


def page(found) -> str:
    """The whole page of a ``Diagnosis``, HTML."""
    drawn = {
        words.CONVENTION: _wrong_guesses if found.found.reads else _confusion,
        words.PHOTOS: _photos,
        words.HOME_MADE: _home_made,
        words.FRAGILITY: _panels,
        words.ADVICE: _code,
    }
    body = _summary(found)
    for heading, (paragraphs, _) in words.sections(found).items():
        body += f"<h2>{heading}</h2>\n{_paragraphs(paragraphs)}{drawn[heading](found)}"
    return Template((HERE / "page.html").read_text(encoding="utf-8")).substitute(
        title=f"Why does {escape(found.model.name)} not read your handwriting?",
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        body=body,
        versions=escape(", ".join(f"{name} {version}" for name, version in versions().items())),
    )


def frame(found) -> str:
    """The page within a notebook, HTML."""
    return (
        f'<div><iframe title="Diagnosis of {escape(found.model.name)}" style="width:100%;height:700px;border:0" '
        f'srcdoc="{escape(page(found))}">To see the page, trust this notebook or run its cell.</iframe></div>'
    )


def _paragraphs(paragraphs) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs)


def _summary(found) -> str:
    figures = [(words.percent(found.found.accuracy), "of MNIST's test images")]
    if found.n:
        figures += [
            (f"{found.right(found.ladder[LADDER[0]])} of {found.n}", "photos, shrunk whole"),
            (f"{found.right(found.ladder[LADDER[-1]])} of {found.n}", "photos, prepared as MNIST was"),
        ]
    items = "".join(f"<li><b>{value}</b> {what}</li>" for value, what in figures)
    return _paragraphs([found.notice] if found.notice else []) + f'<ul class="tally">{items}</ul>\n'


def _table(heads, rows, kind: str = "") -> str:
    """A table of cells of HTML."""
    head = "".join(f"<th>{cell}</th>" for cell in heads)
    body = ""
    for first, *cells in rows:
        body += f"<tr><th>{first}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n'
    )


def _wrong_guesses(found) -> str:
    rows = [tuple(map(escape, row)) for row in words.wrong_guesses(found)]
    return _table(("a wrong guess", "reads", "answers"), rows)


def _confusion(found) -> str:
    rows = [(str(digit), *map(str, row)) for digit, row in enumerate(found.found.confusion)]
    return "<p>Row: the digit; column: what the model reads.</p>" + _table(
        ("", *map(str, range(10))), rows, "confusion"
    )


def _address(image: np.ndarray, kind: str) -> str:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, quality=75, optimize=True)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _digit(image: np.ndarray, alt: str) -> str:
    pixels = np.uint8(np.rint(255 * image))
    return f'<img class="digit" alt="{escape(alt)}" src="{_address(pixels, "PNG")}">'


def _photos(found) -> str:
    rows = ""
    for rung in LADDER if found.n else ():
        count = found.right(found.ladder[rung])
        fill = f'<span class="track"><span class="fill" style="width:{100 * count / found.n:.0f}%"></span></span>'
        rows += f'<div class="rung"><span>{RUNGS[rung]}</span>{fill}<b>{count} of {found.n}</b></div>\n'
    titles = ("photo", *(RUNGS[rung].replace("background", "back&shy;ground") for rung in LADDER))
    heads = "".join(f"<span>{title}</span>" for title in titles)
    rows += f'<div class="heads">{heads}</div>\n'
    for index, one in enumerate(found.photos):
        label = "" if one.label is None else f", a {one.label}"
        photo = f'<img alt="{escape(one.name)}" src="{_address(one.thumbnail, "JPEG")}">'
        cells = f"<figure>{photo}<figcaption>{escape(one.name + label)}</figcaption></figure>"
        for rung in LADDER:
            read = int(found.ladder[rung][index])
            mark = "" if one.label is None else "good" if read == one.label else "bad"
            caption = f'<b class="{mark}">{read}{" ✗" if mark == "bad" else ""}</b>'
            shown = _digit(one.steps[rung], f"{one.name}: {RUNGS[rung]}")
            cells += f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"
        rows += f'<div class="steps">{cells}</div>\n'
    return rows


def _home_made(found) -> str:
    rows = ""
    for name, told, right, answers in words.home_made(found):
        shown = _digit(found.photos[0].home_made[name], told)
        rows += f'<div class="made">{shown}<span>{escape(told)}<br><b>{right}</b>, {answers}</span></div>\n'
    return rows


def _code(found) -> str:
    return f"<pre><code>{escape(found.code())}</code></pre>" if found.found.reads else ""


# --- fragility ---------------------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 230, 150, 34, 8, 22


def _panels(found) -> str:
    panels = "".join(_panel(change, values, found.band.get(change)) for change, values in found.fragility.items())
    band = "; grey: from the lowest to the highest of five networks of report sharpies" if found.band else ""
    return f'<p class="quiet">Accuracy in %. Line: {escape(found.model.name)}{band}.</p><div class="panels">{panels}</div>\n'


def _panel(change: str, values, band) -> str:
    unit = fragility.UNITS[change][1]
    strengths = ["none", *(fragility.written(change, strength) for strength in fragility.STRENGTHS[change])]
    across = np.linspace(LEFT + 12, WIDTH - 26, len(values))

    def points(heights):
        down = TOP + (HEIGHT - TOP - BOTTOM) * (1 - np.asarray(heights))
        return [f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True)]

    drawn = ""
    for share in (0, 0.5, 1):
        y = float(points([share] * len(values))[0].split(",")[1])
        drawn += f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y}" y2="{y}"/>'
        drawn += f'<text x="{LEFT - 5}" y="{y + 4}" text-anchor="end">{100 * share:.0f}</text>'
    if band:
        low, high = zip(*band, strict=True)
        drawn += f'<polygon class="band" points="{" ".join([*points(high), *points(low)[::-1]])}"/>'
    drawn += f'<polyline class="own" points="{" ".join(points(values))}"/>'
    for point, x, strength in zip(points(values), across, strengths, strict=True):
        cx, cy = point.split(",")
        drawn += f'<circle class="dot" cx="{cx}" cy="{cy}" r="3.5"/>'
        drawn += f'<text x="{x:.1f}" y="{HEIGHT - 5}" text-anchor="middle">{strength}</text>'
    told = ", ".join(f"{strength} {words.percent(value)}" for strength, value in zip(strengths, values, strict=True))
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{change}: {told}">{drawn}</svg>'
    return f"<figure><figcaption>{change}<span>{unit and f',{unit}'}</span></figcaption>{svg}</figure>"
