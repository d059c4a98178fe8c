"""The static site: complete, light, whole or not at all; its pages and the map in a real browser."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import numpy as np
import pytest

from mnist_study import paths, website
from mnist_study.__main__ import main
from mnist_study.data import MissingDataError
from mnist_study.plots.map import map_3d
from mnist_study.reports import story, verdicts
from mnist_study.website import interactive, notebooks, pages


class Links(HTMLParser):
    """Everything that a page links to or loads, and the places that can be linked to."""

    def __init__(self, text):
        super().__init__()
        self.linked, self.loaded, self.places, self.untold, self.told, self.frames = [], [], set(), [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.places.add(values.get("id"))
        if tag == "a" and "href" in values:
            self.linked.append(values["href"])
        elif tag == "link":
            self.loaded.append(values["href"])
        if "srcdoc" in values:
            self.frames.append(values["srcdoc"])
        if "src" in values:
            self.loaded.append(values["src"])
        if tag == "img" and not values.get("alt"):
            self.untold.append(values.get("src", "")[:60])
        elif tag == "img":
            self.told.append(values["alt"])


def pages_of(site):
    return {page.relative_to(site).as_posix(): page for page in sorted(site.rglob("*.html"))}


def test_every_page_is_there_and_light(site):
    names = {path.stem for path in (paths.project_root() / "notebooks").glob("*.ipynb")}
    expected = {f"notebooks/{name}.html" for name in names} | {f"reports/{name}.html" for name in verdicts.REPORTS}
    assert set(pages_of(site)) == {"index.html", "draw.html", "map.html"} | expected
    for name, page in pages_of(site).items():
        assert page.stat().st_size < 2_000_000, name
    parts = ("map.html", *(f"assets/{name}" for name in ("style.css", "map.css", "points.js", "map.js", "icon.svg")))
    assert sum((site / part).stat().st_size for part in parts) < 2_000_000
    scripts = {*interactive.LADDER_SCRIPTS, *interactive.DRAWING_SCRIPTS}
    assert sum((site / f"assets/{name}.js").stat().st_size for name in scripts) < 6_000_000


def test_no_link_is_broken_and_nothing_comes_from_elsewhere(site):
    links_of = {name: Links(page.read_text()) for name, page in pages_of(site).items()}
    for name, links in links_of.items():
        assert not links.untold, f"{name}: pictures without words: {links.untold}"
        for address in links.loaded:
            assert urlsplit(address).scheme in ("", "data"), f"{name} loads {address[:80]}"
        for address in links.linked + links.loaded:
            parts = urlsplit(address)
            if parts.scheme:
                continue
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            assert target.is_file(), f"{name}: {address}"
            if parts.fragment:
                there = links_of[target.resolve().relative_to(site.resolve()).as_posix()].places
                assert unquote(parts.fragment) in there, f"{name}: {address}"


def test_the_front_page_counts_and_shows_the_reports(site, committed):
    text = (site / "index.html").read_text()
    for kind, counts in verdicts.counted(committed).iterrows():
        assert f"{counts.sum()} {kind}" in text
        assert all(re.search(rf"\b{count}(</b>| ){verdict}", text) for verdict, count in counts.items() if count)
    for name, (title, authors, *_) in story.AUTHORS.items():
        assert f'<a href="reports/{name}.html">{title}</a>' in text and authors in text
    assert all(f"<summary>{one.title}</summary>" in text for one in verdicts.FINDINGS if one.report == "reader")


def test_nothing_on_a_page_is_left_of_its_making(site):
    for name, path in pages_of(site).items():
        text = path.read_text()
        assert "/tmp/" not in text and str(paths.project_root()) not in text, name
        words = re.sub(r"<(script|pre|svg).*?</\1>", "", text, flags=re.S)
        assert "{{" not in words and "{%" not in words and "nan" not in re.sub("<[^>]+>", " ", words).split(), name


def test_a_folder_with_something_else_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["report", "--folder", str(tmp_path)]) == 1
    assert "holds something else than a site" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.fixture
def old_site(tmp_path, monkeypatch):
    """A site of one page, as a build leaves it, and a build that is quick."""

    def quickly(folder):
        (folder / "index.html").write_text("new")
        (folder / pages.WRITTEN).write_text("index.html\n")

    monkeypatch.setattr(pages, "_write_pages", quickly)
    folder = website.build(tmp_path / "site")
    (folder / "index.html").write_text("old")
    return folder


def test_an_older_site_is_replaced_whole(old_site):
    assert (website.build(old_site) / "index.html").read_text() == "new"
    assert [path.name for path in old_site.parent.iterdir()] == ["site"]


@pytest.mark.parametrize("name", ["mine.txt", ".git", "CNAME"])
def test_what_somebody_put_into_a_site_is_not_lost(old_site, name):
    (old_site / name).write_text("mine")
    with pytest.raises(FileExistsError, match="left as it is"):
        website.build(old_site)
    assert (old_site / name).read_text() == "mine" and (old_site / "index.html").read_text() == "old"


def test_a_failed_build_leaves_the_old_site(old_site, monkeypatch):
    def rename(self, target, real=Path.rename):
        if self.name == "new":
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        with pytest.raises(KeyboardInterrupt):
            website.build(old_site)
    monkeypatch.setattr(pages, "_write_pages", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        website.build(old_site)
    assert (old_site / "index.html").read_text() == "old"
    assert [path.name for path in old_site.parent.iterdir()] == ["site"]


def test_the_map_needs_no_data(tmp_path, monkeypatch):
    def missing():
        raise MissingDataError("not here")

    monkeypatch.setattr(interactive, "load", missing)
    (tmp_path / "assets").mkdir()
    interactive.map_page(pages.Pages(paths.project_root() / "web", tmp_path))
    assert '"sheet": ""' in (tmp_path / "assets" / "points.js").read_text()


@pytest.mark.parametrize("name", ["pad.js", "map.js"])
def test_pad_and_map_are_those_of_the_package(site, name):
    (script,) = (paths.project_root() / "mnist_study").rglob(name)
    assert (site / "assets" / name).read_bytes() == script.read_bytes()


# --- notebooks ---------------------------------------------------------------------------------------------------


@pytest.fixture
def page_of(tmp_path):
    """A function from the output of a cell, as data by type, to the body of its notebook's page."""

    def make(data: dict) -> str:
        cells = [
            nbformat.v4.new_markdown_cell("# 01 · A notebook"),
            nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("display_data", data)]),
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "one.ipynb")
        title, body = notebooks.notebook_as_html(tmp_path / "one.ipynb")
        assert title == "01 · A notebook"
        return body

    return make


def test_a_committed_figure_is_a_link_and_another_picture_stays(page_of, tmp_path):
    committed = (paths.figures_dir() / "04_ladder.png").read_bytes()
    body = page_of({"image/png": base64.b64encode(committed).decode()})
    assert 'src="../figures/04_ladder.png"' in body and 'alt="The photos failed because they were shrunk whole"' in body
    assert "base64" not in body
    body = page_of({"image/png": base64.b64encode(committed[:-1]).decode()})
    assert "data:image/png;base64," in body and 'alt="Figure: 01 · A notebook"' in body


def test_the_pad_becomes_a_link_to_the_drawing_page(page_of):
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "<reader.pad.DrawingPad>"}
    assert 'href="../draw.html"' in page_of(widget)
    assert "draw.html" not in page_of(widget | {"text/plain": "a progress bar"})


def test_a_map_stays_on_its_page_and_a_script_from_elsewhere_does_not(page_of):
    shown = map_3d(np.eye(3), [1, 2, 3]).data
    assert Links(page_of({"text/html": shown})).frames == Links(shown).frames != []
    body = page_of({"text/html": '<div><script src="https://example.org/plot.js"></script></div>'})
    assert "example.org" not in body and "another host" in body


# --- in a browser ------------------------------------------------------------------------------------------------

SIZES = {"phone": (390, 844), "desktop": (1440, 900)}
UNFOLD = "document.querySelectorAll('main details').forEach((fold) => (fold.open = true))"


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_pages_fit_the_screen(site, page, size, scheme):
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    for name, path in pages_of(site).items():
        page.goto(path.as_uri())
        assert size == "desktop" or page.evaluate("document.documentElement.scrollHeight") < 20_000, name
        page.evaluate(UNFOLD)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        for text, paper, pixels, words in page.evaluate(COLOURS):
            assert contrast(text, paper) >= 4.5, (name, words, text, paper)
            assert size == "desktop" or pixels >= 16, (name, words, pixels)
        assert page.evaluate("[...document.images].every((one) => one.loading === 'lazy' || one.naturalWidth > 0)"), (
            name
        )


COLOURS = """() => {
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const [node, words] = [walker.currentNode.parentElement, walker.currentNode.data.trim()];
    if (!words || !node.checkVisibility() || ["SCRIPT", "STYLE"].includes(node.tagName)) continue;
    let under = node;
    while (under && getComputedStyle(under).backgroundColor === "rgba(0, 0, 0, 0)") under = under.parentElement;
    const paper = getComputedStyle(under || document.body).backgroundColor;
    const text = getComputedStyle(node).color;
    const pixels = parseFloat(getComputedStyle(node).fontSize);
    found.set(text + paper + pixels, [text, paper, pixels, words.slice(0, 40)]);
  }
  return [...found.values()];
}"""  # of every text its colour, the one under it, and its size, each combination once, with some of its words


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours as CSS writes them."""

    def luminance(colour):
        parts = np.array([int(part) for part in re.findall(r"\d+", colour)[:3]]) / 255
        return np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_map_turns_and_shows_digits(site, page):
    page.goto((site / "map.html").as_uri())
    page.wait_for_function("document.querySelectorAll('#legend button').length === 10")
    box = page.locator("#map").bounding_box()
    inked = "[...document.getElementById('map').getContext('2d').getImageData(0, 0, 2000, 2000).data].filter((x) => x).length"
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(200)
    first = page.locator("#map").screenshot()
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 230, steps=4)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert page.locator("#map").screenshot() != first
    whole = page.evaluate(inked)
    page.locator("#legend button").nth(1).click()
    page.wait_for_timeout(200)
    assert 0.8 * whole < page.evaluate(inked) < 0.97 * whole
    for step in range(60):  # somewhere under this line lies a point
        page.mouse.move(box["x"] + box["width"] * step / 60, box["y"] + box["height"] / 2)
        if page.locator("#card").is_visible():
            break
    assert re.fullmatch(r"digit \d, test image \d+", page.inner_text("#card span"))
