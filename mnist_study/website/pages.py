"""The static site: front page, notebooks, the drawing page and the 3-D map, from notebooks and records, for any web server.

nbconvert renders the notebooks, because it comes with Jupyter and needs nothing more; Quarto would be a program of 100 MB to
install beside Python. Every page also opens from a folder by a double click, so nothing is fetched when it runs: what a page
needs beyond images stands in a script.
"""

import base64
import gzip
import json
import re
import shutil
import tempfile
from html import escape
from pathlib import Path

import jinja2
import nbformat
import numpy as np
from nbconvert.filters import markdown2html
from pygments.formatters import HtmlFormatter

from .. import paths, reader, study
from ..data import MissingDataError, load
from ..plots import interactive
from ..plots.style import DIGIT_COLOURS
from ..records import provenance
from ..reports import story, verdicts
from .notebooks import REPOSITORY, notebook_as_html

PAGES = (
    ("The study", "index.html"),
    ("Draw a digit", "draw.html"),
    ("3-D map", "map.html"),
    ("Report", "notebooks/09_report.html"),
)
WRITTEN = ".built-by-mnist-study"  # names what else a build writes: only such a folder is ever replaced
POINTS_SHOWN = 3000  # of the map: each with its image, in half a megabyte
PHOTO_SCRIPTS = (
    "numbers",
    "filters",
    "photo_files",
    "ink",
    "photos",
    "views",
)  # in the order in which they build on each other
LITERT = ("core.js", "wasm-utils.js", "runtime.js", "runtime.wasm.gz")
VERDICT_CLASSES = {
    verdicts.EXACT: "exact",
    verdicts.WITHIN: "within",
    verdicts.NOT_REPRODUCED: "not",
    verdicts.NOT_REPRODUCIBLE: "",
}


def build(folder: Path | None = None) -> Path:
    """Write the whole site; an older one is replaced only when the new one is complete.

    Args:
        folder: where; ``site/`` of the project when left out.

    Returns:
        The folder.

    Raises:
        FileNotFoundError: the sources of the pages or the reader's weights are missing.
        MissingRecordError: if a record is missing.
        FileExistsError: the folder holds something that is not a site built here.
    """
    folder = Path(folder or paths.project_root() / "site")
    if folder.exists() and any(folder.iterdir()) and not _is_ours(folder):
        raise FileExistsError(
            f"{folder} holds something else than a site built here, and was left as it is. Name an empty or a new folder."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".site-") as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        new.mkdir(mode=0o755)
        _write_pages(new)
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except BaseException:
            if old.exists():
                old.rename(folder)
            raise
    return folder


def _is_ours(folder: Path) -> bool:
    """Whether nothing stands in the folder but what a build has put there."""
    try:
        written = (folder / WRITTEN).read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return False
    return {path.name for path in folder.iterdir()} <= {*written, WRITTEN}


def _write_pages(folder: Path) -> None:
    """All pages into an empty folder."""
    source = paths.project_root() / "web"
    if not source.is_dir():
        raise FileNotFoundError(f"There is no {source}: the site is built from a checkout. Clone {REPOSITORY}.")
    (folder / "assets").mkdir()
    for name in ("icon.svg", *(f"{script}.js" for script in (*PHOTO_SCRIPTS, "reader", "draw", "map"))):
        shutil.copy(source / name, folder / "assets" / name)
    style = (source / "style.css").read_text(encoding="utf-8")
    paths.write_text(folder / "assets" / "style.css", style + _code_colours())
    shutil.copytree(paths.figures_dir(), folder / "figures")
    notebooks = sorted((paths.project_root() / "notebooks").glob("[0-9]*.ipynb"))
    pages = Pages(source, folder)
    _front_page(pages, notebooks)
    _drawing_page(pages, source / "vendor" / "litert")
    _map_page(pages)
    (folder / "notebooks").mkdir()
    for notebook in notebooks:
        title, body = notebook_as_html(notebook)
        pages.write(f"notebooks/{notebook.stem}.html", title, body, kind="notebook")
    names = sorted(path.name for path in folder.iterdir())
    paths.write_text(folder / WRITTEN, "\n".join(names) + "\n")


class Pages:
    """Writes pages: the frame that they share, filled."""

    def __init__(self, source: Path, folder: Path):
        self.folder = folder
        # pages are put together from trusted files and from text that was escaped where it was made
        self._templates = jinja2.Environment(loader=jinja2.FileSystemLoader(source), autoescape=False)
        made_by = provenance()
        self._commit = (made_by["commit"] or "unknown")[:12] + (", changed since" if made_by["dirty"] else "")

    def filled(self, template: str, **values) -> str:
        """A template of ``web/`` with its values."""
        return self._templates.get_template(template).render(**values)

    def write(self, address: str, title: str, body: str, kind: str = "", head: str = "", scripts: str = "") -> None:
        """Write one page at ``address`` below the site's folder."""
        root = "../" * address.count("/")
        values = {"title": escape(title), "body": body, "kind": kind, "head": head, "scripts": scripts, "root": root}
        described = "Five student reports on handwritten digits, reproduced: what they claim, what comes out, and why."
        values |= {"pages": PAGES, "here": address, "commit": self._commit, "repository": REPOSITORY}
        text = self.filled("page.html", description=described, **values)
        paths.write_text(self.folder / address, text)


def _code_colours() -> str:
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    plain = ".highlight { background: none; }\n"
    return f"\n/* code, by Pygments */\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{plain}"


# --- the front page ----------------------------------------------------------------------------------------------


def _front_page(pages: Pages, notebooks: list[Path]) -> None:
    found = study.all_records()
    body = pages.filled(
        "index.html",
        counted=verdicts.counted(found),
        table=_claims(found),
        findings=[
            {
                "title": escape(finding.title),
                "text": markdown2html(finding.text(found)),
                "experiments": ", ".join(f"<code>{name}</code>" for name in finding.experiments),
                "report": finding.report,
                "figure": finding.figure,
            }
            for finding in verdicts.FINDINGS
        ],
        notebooks=[{"address": f"notebooks/{path.stem}.html", **_question(path)} for path in notebooks],
        story=markdown2html(story.story(found)),
    )
    pages.write("index.html", "Why can't it read my handwriting?", body, kind="front")


def _claims(found) -> str:
    """The table of accuracies as HTML, in groups by verdicts."""
    lines = []
    table = verdicts.accuracies(found)
    for name, rows in table.groupby("report", sort=False):
        lines.append(f'<tr class="report"><th colspan="6">{name}: {escape(verdicts.REPORTS[name])}</th></tr>')
        for row in rows.itertuples():
            what = escape(row.model)
            if row.what != verdicts.ACCURACY.title:
                what += ", validation"
            why = f"<br><span class='quiet'>{_inline(row.why)}</span>" if row.why else ""
            lines.append(
                f"<tr><th>{what}</th><td class='number'>{row.claimed}</td><td class='number'>{row.ours}</td>"
                f"<td class='number'>{row.n}</td><td class='number'>{row.misses}</td>"
                f"<td class='{VERDICT_CLASSES[row.verdict]}'>{row.verdict}{why}</td></tr>"
            )
    names = ("claimed %", "ours %", "n", "misses")
    head = "<th>model</th>" + "".join(f"<th class='number'>{name}</th>" for name in names) + "<th>verdict</th>"
    return f"<div class='scroll' tabindex='0'><table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"


def _inline(markdown: str) -> str:
    return markdown2html(markdown).strip().removeprefix("<p>").removesuffix("</p>")


def _question(notebook: Path) -> dict:
    """Title and question of a notebook, from its first cell."""
    text = nbformat.read(notebook, as_version=4).cells[0].source
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    question = re.search(r"\*\*Question\.\*\*\s+(.+?)(?:\n\n|$)", text, re.DOTALL)
    if not (title and question):
        raise ValueError(
            f"{notebook} must begin with a line `# Title` and a paragraph `**Question.** …`, as the others do."
        )
    return {"title": escape(title.group(1)), "question": _inline(question.group(1))}


# --- drawing, and the map ----------------------------------------------------------------------------------------


def _text_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _drawing_page(pages: Pages, litert: Path) -> None:
    missing = [name for name in LITERT if not (litert / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{litert} lacks {', '.join(missing)}. Restore it from version control.")
    read, assets = reader.shipped(), pages.folder / "assets"
    shutil.copy(litert / "runtime.js", assets / "litert.js")
    runtime = _text_of((litert / "runtime.wasm.gz").read_bytes())
    paths.write_text(assets / "litert-runtime.js", f'globalThis.LITERT_RUNTIME = "{runtime}";\n')
    with tempfile.TemporaryDirectory() as folder:
        network = litert.to_litert(read.model, Path(folder) / "reader.tflite", "float32").read_bytes()
    packed = _text_of(gzip.compress(network, mtime=0))
    values = {"network": packed, "temperature": read.temperature, "threshold": read.threshold}
    paths.write_text(assets / "network.js", f"globalThis.READER = {json.dumps(values)};\n")
    modules = {"@litertjs/core": "core.js", "@litertjs/wasm-utils": "wasm-utils.js"}
    addresses = {
        name: f"data:text/javascript;base64,{_text_of((litert / file).read_bytes())}" for name, file in modules.items()
    }
    head = f'<script type="importmap">{json.dumps({"imports": addresses})}</script>'
    names = ("litert", "litert-runtime", "network", *PHOTO_SCRIPTS, "reader", "draw")
    scripts = "\n".join(f'<script defer src="assets/{name}.js"></script>' for name in names)
    body = pages.filled(
        "draw.html", parameters=f"{read.model.count_params():,}", threshold=f"{100 * read.threshold:.0f} %"
    )
    pages.write("draw.html", "Draw a digit", body, head=head, scripts=scripts)


def _map_page(pages: Pages) -> None:
    stored = study.all_records().one("sharpies/umap-3d").arrays
    points, labels = stored["points"].astype(np.float32), stored["y_true"]
    chosen = np.sort(np.random.default_rng(0).choice(len(points), POINTS_SHOWN, replace=False))
    try:
        sheet = interactive.sprite_sheet(load().x_test[chosen])
    except MissingDataError as error:
        print(f"The map is drawn without images of its points: {error}")
        sheet = ""
    centred = points - (points.max(axis=0) + points.min(axis=0)) / 2
    coordinates = np.rint(32767 * centred[chosen] / np.linalg.norm(centred, axis=1).max()).astype("<i2")
    values = {
        "coordinates": _text_of(coordinates.tobytes()),
        "labels": labels[chosen].tolist(),
        "index": chosen.tolist(),
        "columns": interactive.SPRITE_COLUMNS,
        "colours": ["#" + "".join(f"{round(255 * part):02x}" for part in colour[:3]) for colour in DIGIT_COLOURS],
        "sheet": sheet,
    }
    paths.write_text(pages.folder / "assets" / "points.js", f"globalThis.POINTS = {json.dumps(values)};\n")
    scripts = '<script defer src="assets/points.js"></script>\n<script defer src="assets/map.js"></script>'
    body = pages.filled("map.html", shown=f"{POINTS_SHOWN:,}", total=f"{len(points):,}")
    pages.write("map.html", "MNIST in three dimensions", body, scripts=scripts)
