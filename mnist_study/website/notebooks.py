"""Committed notebooks as pages of the site."""

import base64
import re
from html import escape
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

from .. import paths
from .markup import figure_words, picture

REPOSITORY = "https://github.com/mnist-study/mnist_study"
BADGE = re.compile(r"\[!\[[^\]]*\]\([^)]*colab-badge\.svg\)\]\(([^)]+)\)")
FROM_ELSEWHERE = re.compile(r"<script[^>]+src=.https?:")
CODE = re.compile(r'<div class="highlight hl-ipython3">.*?</pre></div>', re.DOTALL)
LONG = 2  # lines: longer code is folded on a phone
SMALL_PICTURE = re.compile(r'<img alt="(\w+)" loading="lazy" src="\.\./figures/\1\.png"')  # of the index of figures


def notebook_as_html(path: Path) -> tuple[str, str]:
    """A committed notebook as ``(title, body)``, its figures as links into ``../figures``, nothing of another host in it."""
    notebook = nbformat.read(path, as_version=4)
    figures = {figure.read_bytes(): figure.stem for figure in paths.figures_dir().glob("*.png")}
    shows = figure_words()
    section = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#+ (.+)$", cell.source, re.MULTILINE)
            section = headings[-1] if headings else section
            cell.source = BADGE.sub(r"[Open in Colab](\1)", cell.source)
            cell.source = cell.source.replace("](../README.md)", f"]({REPOSITORY}#readme)")
            cell.source = cell.source.replace("](../docs/", f"]({REPOSITORY}/blob/main/docs/")
        else:
            cell.outputs = [_for_a_page(output, section, figures, shows) for output in cell.outputs]
    body, _ = HTMLExporter(template_name="basic", exclude_anchor_links=True).from_notebook_node(notebook)
    body = re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="\1.html"', body)
    body = CODE.sub(_folded, body)
    body = SMALL_PICTURE.sub(lambda found: found[0].replace(f'"{found[1]}"', f'"{escape(shows[found[1]])}"'), body)
    return re.search(r"^# (.+)$", notebook.cells[0].source, re.MULTILINE).group(1), body


def _folded(code) -> str:
    """Code of a cell, folded on a phone if it is long."""
    lines = code[0].count("\n")
    if lines <= LONG:
        return code[0]
    return f'<details class="on-phone" open><summary>Code, {lines} lines</summary>{code[0]}</details>'


def _for_a_page(output, section: str, figures: dict[bytes, str], shows: dict[str, str]):
    """An output without what a static page cannot show, or would have to fetch.

    Args:
        output: of a code cell, as nbformat has it.
        section: the heading above the cell.
        figures: content of a committed figure -> its name.
        shows: name of a figure -> what it shows.
    """
    if output.get("name") == "stderr":  # progress bars and libraries' remarks
        return _html("")
    data = output.get("data", {})
    if "application/vnd.jupyter.widget-view+json" in data:
        pad = "DrawingPad" in data.get("text/plain", "")
        return _html('<p><a href="../draw.html">Draw a digit on this site</a></p>' if pad else "")
    if "text/html" in data:
        if FROM_ELSEWHERE.search(data["text/html"]):
            return _html("<p>What this cell shows needs a script from another host: run the notebook to see it.</p>")
        # a style of one output would hold for the whole page, in light and dark
        data["text/html"] = re.sub(r"<style.*?</style>", "", data["text/html"], flags=re.DOTALL)
        # and the colours of a model's summary are too pale on white, or too dark on black
        data["text/html"] = re.sub(r"color: #[0-9a-f]{6}; text-decoration-color: #[0-9a-f]{6}", "", data["text/html"])
    elif "image/png" in data:
        content = base64.b64decode(data["image/png"])
        if content in figures:
            name = figures[content]
            image = picture(name, shows.get(name, section))
            return _html(f'<figure><a href="../figures/{name}.png">{image}</a></figure>')
        output.metadata.setdefault("image/png", {})["alt"] = f"Figure: {section}"
    return output


def _html(text: str):
    return nbformat.v4.new_output("display_data", {"text/html": text})
