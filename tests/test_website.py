"""The static site: complete, light, asking no other machine for anything, and read as Python reads, in a real browser."""

import base64
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_study import datasets, files, gallery, paths, photos, reader, report, website
from mnist_study.__main__ import main


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return website.build(tmp_path_factory.mktemp("built") / "site")


class Links(HTMLParser):
    """Everything that a page links to or loads, and the places that can be linked to."""

    def __init__(self, text):
        super().__init__()
        self.linked, self.loaded, self.places, self.untold = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.places.add(values.get("id"))
        if tag == "a" and "href" in values:
            self.linked.append(values["href"])
        elif tag == "link":
            self.loaded.append(values["href"])
        if "src" in values:
            self.loaded.append(values["src"])
        if tag == "img" and not values.get("alt"):
            self.untold.append(values.get("src", "")[:60])


def pages_of(site):
    return {page.relative_to(site).as_posix(): page for page in sorted(site.rglob("*.html"))}


def test_every_page_is_there_and_light(site):
    names = {path.stem for path in (paths.project_root() / "notebooks").glob("*.ipynb")}
    assert set(pages_of(site)) == {"index.html", "draw.html", "map.html"} | {f"notebooks/{name}.html" for name in names}
    for name, page in pages_of(site).items():
        assert page.stat().st_size < 2_000_000, name
    parts = ("map.html", "assets/style.css", "assets/points.js", "assets/map.js", "assets/icon.svg")
    assert sum((site / part).stat().st_size for part in parts) < 2_000_000
    drawing = ("litert", "litert-runtime", "network", *website.PHOTO_SCRIPTS, "reader", "draw")
    assert sum((site / f"assets/{name}.js").stat().st_size for name in drawing) < 6_000_000


def test_no_link_is_broken_and_nothing_comes_from_elsewhere(site):
    found = {name: Links(page.read_text()) for name, page in pages_of(site).items()}
    for name, links in found.items():
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
                there = found[target.resolve().relative_to(site.resolve()).as_posix()].places
                assert unquote(parts.fragment) in there, f"{name}: {address}"


def test_the_front_page_tells_claims_and_findings(site):
    text = (site / "index.html").read_text()
    found = gallery.Records()
    for verdict, count in report.counted(found).items():
        assert f"<b>{count}</b>{verdict}" in text
    assert text.count('class="number"') + text.count("class='number'") >= 4 * len(report.accuracies(found))
    assert (
        "&lt;" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.S) and "{{" not in text and "nan" not in text.split()
    )
    for path in pages_of(site).values():
        assert "/tmp/" not in path.read_text() and str(paths.project_root()) not in path.read_text()


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
        (folder / website.WRITTEN).write_text("index.html\n")

    monkeypatch.setattr(website, "_write_pages", quickly)
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
    monkeypatch.setattr(website, "_write_pages", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        website.build(old_site)
    assert (old_site / "index.html").read_text() == "old"
    assert [path.name for path in old_site.parent.iterdir()] == ["site"]


def test_the_map_needs_no_data(tmp_path, monkeypatch):
    def missing():
        raise files.MissingDataError("not here")

    monkeypatch.setattr(datasets, "mnist", missing)
    pages = website.Pages(paths.project_root() / "web", tmp_path)
    (tmp_path / "assets").mkdir()
    website._map_page(pages)
    assert '"sheet": ""' in (tmp_path / "assets" / "points.js").read_text()


# --- in a browser ------------------------------------------------------------------------------------------------

SIZES = {"phone": (390, 844), "desktop": (1280, 850)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_fit_the_screen(site, page, size, scheme):
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    for name, path in pages_of(site).items():
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        for text, paper, words in page.evaluate(COLOURS):
            assert contrast(text, paper) >= 4.5, (name, words, text, paper)
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
    found.set(text + paper, [text, paper, words.slice(0, 40)]);
  }
  return [...found.values()];
}"""  # every pair of a text's colour and the one under it, once, with some of its words


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours as CSS writes them."""

    def luminance(colour):
        parts = np.array([int(part) for part in re.findall(r"\d+", colour)[:3]]) / 255
        return np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


STROKES = {
    0: [[(50, 10), (25, 30), (20, 55), (30, 85), (52, 92), (75, 80), (82, 50), (72, 20), (50, 10)]],
    1: [[(52, 8), (48, 92)]],
    2: [[(22, 28), (40, 10), (66, 14), (72, 34), (50, 62), (20, 90), (82, 88)]],
    3: [[(24, 12), (60, 8), (72, 26), (44, 46), (74, 64), (66, 88), (22, 92)]],
    4: [[(44, 8), (16, 60), (84, 58)], [(64, 30), (60, 94)]],
    5: [[(32, 10), (26, 46), (60, 44), (76, 66), (60, 92), (20, 90)], [(32, 10), (78, 8)]],
    7: [[(16, 12), (80, 10), (42, 94)]],
}  # in a box of 100x100


@pytest.fixture
def drawing_page(site, page):
    page.goto((site / "draw.html").as_uri())
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    return page


def draw(page, digit: int, size: float = 200, left: float = 40, top: float = 40) -> None:
    """Draw a digit with the mouse."""
    page.click("#clear")
    box = page.locator("#pad").bounding_box()
    for stroke in STROKES[digit]:
        places = [(box["x"] + left + size * x / 100, box["y"] + top + size * y / 100) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()


def settled(page) -> None:
    """Wait until the last stroke has been read."""
    page.wait_for_function("!reading && !changed")


def test_strokes_are_read(drawing_page):
    for digit in STROKES:
        draw(drawing_page, digit)
        settled(drawing_page)
        assert drawing_page.inner_text("#answer") == str(digit)
        assert re.fullmatch(rf"read as {digit}, >?\d+ %", drawing_page.inner_text("#words"))
        shares = drawing_page.locator(".bar .share").all_inner_texts()
        assert abs(sum(int(share.strip(">% ")) for share in shares) - 100) <= 5


@pytest.mark.parametrize(
    ("digit", "size", "left", "top"), [(3, 200, 40, 40), (2, 80, 10, 150), (4, 240, 20, 15), (7, 60, 200, 20)]
)
def test_a_drawing_is_prepared_and_read_as_python_does(drawing_page, digit, size, left, top):
    draw(drawing_page, digit, size, left, top)
    settled(drawing_page)
    answer = drawing_page.evaluate(
        """async () => {
          const { data, width, height } = pen.getImageData(0, 0, pad.width, pad.height);
          const [found] = await reader.read(data, width, height, false);
          const text = btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
          return { pixels: text, width, height, box: found.box, image: [...found.image], shares: [...found.probabilities] };
        }"""
    )
    pixels = np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(answer["height"], answer["width"], 4)
    expected = photos.largest_digit(pixels)
    assert tuple(answer["box"]) == expected.box
    assert np.abs(np.reshape(answer["image"], (28, 28)) - expected.image).max() < 0.005
    shares = reader.shipped().probabilities(expected.image[None])[0]
    assert np.abs(answer["shares"] - shares).max() < 0.005
    assert shares.argmax() == digit


def test_a_finger_draws_too(site, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened = context.new_page()
    opened.goto((site / "draw.html").as_uri())
    opened.wait_for_selector("body[data-ready]", timeout=60_000)
    touch = context.new_cdp_session(opened)
    box = opened.locator("#pad").bounding_box()
    (stroke,) = STROKES[7]
    places = [
        {"x": box["x"] + 0.2 * box["width"] + 1.8 * x, "y": box["y"] + 0.2 * box["height"] + 1.8 * y} for x, y in stroke
    ]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": places[:1]})
    for before, after in itertools.pairwise(places):
        for part in np.linspace(0.2, 1, 5):
            place = {axis: before[axis] + part * (after[axis] - before[axis]) for axis in "xy"}
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settled(opened)
    assert opened.inner_text("#answer") == "7"
    assert opened.evaluate("scrollY") == 0
    context.close()


def test_only_one_finger_and_the_first_button_draw(drawing_page):
    box = drawing_page.locator("#pad").bounding_box()
    drawing_page.mouse.move(box["x"] + 50, box["y"] + 50)
    drawing_page.mouse.down(button="right")
    drawing_page.mouse.move(box["x"] + 200, box["y"] + 200, steps=3)
    drawing_page.mouse.up(button="right")
    drawing_page.evaluate(
        """() => {
          for (const [type, x] of [["pointerdown", 20], ["pointermove", 200], ["pointerup", 200]])
            pad.dispatchEvent(new PointerEvent(type, { pointerId: 7, isPrimary: false, clientX: x, clientY: 200 }));
        }"""
    )
    assert drawing_page.evaluate("pen.getImageData(0, 0, pad.width, pad.height).data.every((level) => level === 255)")


def test_an_answer_to_what_came_before_is_not_shown(drawing_page, photo_of_three):
    drawing_page.set_input_files("#file", photo_of_three)
    drawing_page.click("#clear")
    drawing_page.wait_for_timeout(1500)
    assert drawing_page.inner_text("#answer") == "" and drawing_page.locator("#photo").is_hidden()


def test_clear_and_an_empty_pad(drawing_page):
    draw(drawing_page, 3)
    settled(drawing_page)
    drawing_page.click("#clear")
    assert drawing_page.inner_text("#answer") == "" and drawing_page.inner_text("#status") == "Draw one digit."


@pytest.fixture
def photo_of_three(tmp_path):
    """A page with 2, 4 and 7, written with a pen."""
    page = Image.new("RGB", (900, 400), "#f4f1e8")
    pencil = ImageDraw.Draw(page)
    for place, digit in enumerate((2, 4, 7)):
        for stroke in STROKES[digit]:
            points = [(60 + 280 * place + 2.2 * x, 90 + 2.2 * y) for x, y in stroke]
            pencil.line(points, "#203a70", 16, joint="curve")
    path = tmp_path / "three.png"
    page.save(path)
    return path


def test_a_photo_is_read_as_python_does(drawing_page, photo_of_three):
    drawing_page.set_input_files("#file", photo_of_three)
    drawing_page.wait_for_selector("#photo:not([hidden])")
    expected = reader.read(photo_of_three)
    assert [one.digit for one in expected] == [2, 4, 7]
    assert drawing_page.locator("#found button").all_inner_texts() == [
        one.answer.replace("not sure", "?") for one in expected
    ]
    drawing_page.click("#found button:nth-child(2)")
    assert drawing_page.inner_text("#words").startswith("read as 4")


def test_a_dropped_photo_is_read(drawing_page, photo_of_three):
    content = base64.b64encode(photo_of_three.read_bytes()).decode()
    drawing_page.evaluate(
        """(text) => {
          const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], "dropped.png", { type: "image/png" }));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
        }""",
        content,
    )
    drawing_page.wait_for_selector("#photo:not([hidden])")
    assert drawing_page.inner_text("#status").startswith("dropped.png: 2 4 7")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("text.png", "text.png is not an image that this browser can read"),
        ("huge.png", "huge.png has 7200x7000 pixels, more than 50 million"),
        ("blank.png", "No ink was found"),
        ("tiny.png", "5x5 pixels"),
    ],
)
def test_a_bad_photo_gets_one_clear_line(drawing_page, tmp_path, name, message):
    path = tmp_path / name
    if name == "text.png":
        path.write_text("no picture")
    else:
        size = {"huge.png": (7200, 7000), "blank.png": (300, 300), "tiny.png": (5, 5)}[name]
        Image.new("1", size, 1).save(path)
    drawing_page.set_input_files("#file", path)
    drawing_page.wait_for_selector("#status.error")
    assert message in drawing_page.inner_text("#status")
    assert drawing_page.locator("#photo").is_hidden()
    draw(drawing_page, 3)
    settled(drawing_page)
    assert drawing_page.inner_text("#answer") == "3" and drawing_page.inner_text("#status") == ""


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
