"""Committed notebooks as pages of the site."""

import re
from html import escape
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from PIL import Image

from .. import paths

REPOSITORY = "https://github.com/mnist-study/mnist_study"
BADGE = re.compile(r"\[!\[[^\]]*\]\([^)]*colab-badge\.svg\)\]\(([^)]+)\)")


def notebook_as_html(path: Path) -> tuple[str, str]:
    """A committed notebook as ``(title, body)``, its figures as links into ``../figures``, nothing of another host in it."""
    notebook = nbformat.read(path, as_version=4)
    section = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#+ (.+)$", cell.source, re.MULTILINE)
            section = headings[-1] if headings else section
            cell.source = BADGE.sub(r"[Open in Colab](\1)", cell.source)
            cell.source = cell.source.replace("](../README.md)", f"]({REPOSITORY}#readme)")
        else:
            cell.outputs = [_for_a_page(output, cell.source, section) for output in cell.outputs]
    body, _ = HTMLExporter(template_name="basic", exclude_anchor_links=True).from_notebook_node(notebook)
    body = re.sub(r'href="(\d\d_\w+)\.ipynb"', r'href="\1.html"', body)
    body = body.replace("<table", "<div class='scroll' tabindex='0'><table").replace("</table>", "</table></div>")
    return re.search(r"^# (.+)$", notebook.cells[0].source, re.MULTILINE).group(1), body


def _for_a_page(output, source: str, section: str):
    """An output without what a static page cannot show, or would have to fetch."""
    if output.get("name") == "stderr":  # progress bars and libraries' remarks
        return nbformat.v4.new_output("display_data", {"text/html": ""})
    data = output.get("data", {})
    shown = re.search(r"study\.show\(\s*\"(\w+)\"", source)
    if "application/vnd.jupyter.widget-view+json" in data:
        drawn = "drawing" in source
        text = '<p><a href="../draw.html">Draw a digit on this site</a></p>' if drawn else ""
        return nbformat.v4.new_output("display_data", {"text/html": text})
    if "<style" in data.get("text/html", "") and "plotly" not in data["text/html"]:
        # a style of one output would hold for the whole page, in light and dark
        data["text/html"] = re.sub(r"<style.*?</style>", "", data["text/html"], flags=re.DOTALL)
    if "plotly" in data.get("text/html", ""):
        text = '<p><a href="../map.html">The map, to turn with the mouse or a finger</a></p>'
        return nbformat.v4.new_output("display_data", {"text/html": text})
    if "image/png" in data and shown and (paths.figures_dir() / f"{shown.group(1)}.png").is_file():
        name = shown.group(1)
        with Image.open(paths.figures_dir() / f"{name}.png") as picture:
            size = 'width="{}" height="{}"'.format(*picture.size)  # so that the page does not jump when it is loaded
        place = f'src="../figures/{name}.png" alt="Figure {name}: {escape(section)}"'
        text = f'<figure><img loading="lazy" {size} {place}></figure>'
        return nbformat.v4.new_output("display_data", {"text/html": text})
    if "image/png" in data:
        output.metadata.setdefault("image/png", {})["alt"] = f"Figure: {section}"
    return output
