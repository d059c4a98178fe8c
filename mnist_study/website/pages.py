"""The static site: front page, reports, notebooks, the drawing page and the 3-D map, from notebooks and records.

nbconvert renders the notebooks, because it comes with Jupyter and needs nothing more; Quarto would be a program of 100 MB to
install beside Python. Any web server can hold the site. Every page also opens from a folder by a double click, so nothing is
fetched when it runs: what a page needs beyond images stands in a script.
"""

import re
import shutil
import tempfile
from pathlib import Path

import jinja2
import nbformat
from nbconvert.filters import markdown2html
from pygments.formatters import HtmlFormatter

from .. import paths, study
from ..records import Records, provenance
from ..reports import story, verdicts
from .examples import examples
from .interactive import LADDER_SCRIPTS, drawing_page, map_page, reader_assets
from .markup import contents, legible_tables, picture
from .notebooks import REPOSITORY, notebook_as_html
from .reports import VERDICT_CLASSES, report_cards, report_pages

WRITTEN = ".built-by-mnist-study"  # names what else a build writes: only such a folder is ever replaced


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
    shutil.copy(source / "icon.svg", folder / "assets")
    style = (source / "style.css").read_text(encoding="utf-8")
    paths.write_text(folder / "assets" / "style.css", style + _code_colours())
    shutil.copytree(paths.figures_dir(), folder / "figures")
    shutil.copy(source / "page.js", folder / "assets")
    records = study.all_records()
    pages, cards = Pages(source, folder), report_cards(records)
    assets = reader_assets(pages)
    _front_page(pages, records, cards, assets["head"])
    drawing_page(pages, **assets)
    map_page(pages)
    report_pages(pages, records, cards)
    for notebook in _notebooks():
        title, body = notebook_as_html(notebook)
        pages.write(f"notebooks/{notebook.stem}.html", title, body, kind="notebook")
    names = sorted(path.name for path in folder.iterdir())
    paths.write_text(folder / WRITTEN, "\n".join(names) + "\n")


def _notebooks() -> list[Path]:
    return sorted((paths.project_root() / "notebooks").glob("[0-9]*.ipynb"))


class Pages:
    """Writes pages: the frame that they share, filled.

    Attributes:
        source: the folder of templates and scripts, ``web/``.
        folder: where the site is written.
        lessons: address, title and question of each, in their order.
    """

    def __init__(self, source: Path, folder: Path):
        self.source, self.folder = source, folder
        self.lessons = [{"address": f"notebooks/{path.stem}.html", **_question(path)} for path in _notebooks()]
        reports = [(f"reports/{name}.html", title) for name, title in verdicts.REPORTS.items()]
        self._menus = {"Reports": reports, "Lessons": [(one["address"], one["title"]) for one in self.lessons]}
        # the templates escape what is plain text
        self._templates = jinja2.Environment(loader=jinja2.FileSystemLoader(source), autoescape=False)
        self._templates.filters |= {"markdown": markdown2html, "inline": _inline}
        made_by = provenance()
        self._commit = (made_by["commit"] or "unknown")[:12] + (", changed since" if made_by["dirty"] else "")

    def filled(self, template: str, **values) -> str:
        """A template of ``web/`` with its values."""
        return self._templates.get_template(template).render(**values)

    def write(self, address: str, title: str, body: str, kind: str = "", head: str = "", scripts: tuple = ()) -> None:
        """Write one page; one of a menu of the site's head gets its contents, and links to those before and after it.

        Args:
            address: below the site's folder, such as ``notebooks/01_explore.html``.
            title: of the page, plain text.
            body: HTML.
            kind: the class by which ``style.css`` knows the page.
            head: HTML for the page's head.
            scripts: names of scripts in ``assets/``, in the order in which they run.
        """
        body, sections = contents(legible_tables(body))
        around = {}
        for menu, entries in self._menus.items():
            places = [place for place, _ in entries]
            if address in places:
                at = places.index(address)
                around = {
                    "menu": menu,
                    "before": entries[at - 1] if at else None,
                    "after": next(iter(entries[at + 1 :]), None),
                }
        values = {"title": title, "body": body, "kind": kind, "head": head, "scripts": ("page", *scripts)}
        values |= {"menus": self._menus, "here": address, "around": around, "sections": sections if around else []}
        values |= {"root": "../" * address.count("/"), "commit": self._commit, "repository": REPOSITORY}
        (self.folder / address).parent.mkdir(exist_ok=True)
        paths.write_text(self.folder / address, self.filled("page.html", **values))


def _inline(markdown: str) -> str:
    """One paragraph of Markdown, for use inside another."""
    return markdown2html(markdown).strip().removeprefix("<p>").removesuffix("</p>")


def _code_colours() -> str:
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    plain = ".highlight { background: none; }\n"
    return f"\n/* code, by Pygments */\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{plain}"


# --- the front page ----------------------------------------------------------------------------------------------


def _front_page(pages: Pages, records: Records, cards: list[dict], head: str) -> None:
    lead, told = story.story(records).split(". ", 1)
    beyond = [finding for finding in verdicts.FINDINGS if finding.report == "reader"]
    body = pages.filled(
        "index.html",
        examples=examples(),
        lead=lead,
        told=told,
        counted=verdicts.counted(records),
        rule=verdicts.rule(),
        verdict_classes=VERDICT_CLASSES,
        reports=cards,
        lessons=pages.lessons,
        beyond=[(one.title, one.text(records), picture(one.figure, one.title, root="")) for one in beyond],
        repository=REPOSITORY,
    )
    title = "Why can't it read my handwriting?"
    pages.write("index.html", title, body, kind="front", head=head, scripts=LADDER_SCRIPTS)


def _question(notebook: Path) -> dict:
    """Title and question of a notebook, from its first cell."""
    text = nbformat.read(notebook, as_version=4).cells[0].source
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    question = re.search(r"\*\*Question\.\*\*\s+(.+?)(?:\n\n|$)", text, re.DOTALL)
    if not (title and question):
        raise ValueError(
            f"{notebook} must begin with a line `# Title` and a paragraph `**Question.** …`, as the others do."
        )
    return {"title": title.group(1), "question": question.group(1)}
