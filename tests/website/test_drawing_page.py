"""The drawing page in a real browser: strokes and photos are read as Python reads them, and mishaps get one clear line."""

import base64
import itertools
import re

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_study.data import not_digits
from mnist_study.reader import photos
from mnist_study.reader import reading as reader

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


def draw(page, digit: int, size: float = 200, left: float = 40, top: float = 40, clear: bool = True) -> None:
    """Draw a digit with the mouse, alone on the pad or beside what is there."""
    if clear:
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


def test_a_number_is_read(drawing_page):
    for place, digit in enumerate((3, 4, 5)):
        draw(drawing_page, digit, 75, 15 + 88 * place, 90, clear=not place)
    settled(drawing_page)
    assert drawing_page.inner_text("#status").startswith("Read as 3 4 5")


@pytest.mark.parametrize(
    ("digit", "size", "left", "top"), [(3, 200, 40, 40), (2, 80, 10, 150), (4, 240, 20, 15), (7, 60, 200, 20)]
)
def test_a_drawing_is_prepared_and_read_as_python_does(drawing_page, digit, size, left, top):
    draw(drawing_page, digit, size, left, top)
    settled(drawing_page)
    answer = drawing_page.evaluate(
        """async () => {
          const { data, width, height } = pen.getImageData(0, 0, pad.width, pad.height);
          const { readings: [found] } = await reader.read(data, width, height, false);
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


def test_what_is_no_digit_is_as_unsure_as_in_python(drawing_page):
    rng = np.random.default_rng(3)
    letters = np.concatenate(
        [np.concatenate(list(row), axis=1) for row in not_digits.letters()[0][:32].reshape(4, 8, 96, 96)]
    )
    for drawing in (*not_digits.hands(2, rng), *not_digits.words(3, rng), letters):
        pixels = np.dstack([drawing] * 3 + [np.full_like(drawing, 255)])
        answer = drawing_page.evaluate(
            """async ({ text, width, height }) => {
              const rgba = Uint8ClampedArray.from(atob(text), (letter) => letter.charCodeAt(0));
              const { readings } = await reader.read(rgba, width, height, true);
              return readings.map(({ digit, sure, confidence, box }) => ({ digit, sure, confidence, box }));
            }""",
            {"text": base64.b64encode(pixels).decode(), "width": drawing.shape[1], "height": drawing.shape[0]},
        )
        expected = reader.read(drawing)
        assert [tuple(one["box"]) for one in answer] == [one.box for one in expected]
        assert [one["sure"] for one in answer] == [one.sure for one in expected]
        for one, other in zip(answer, expected, strict=True):
            assert one["confidence"] == pytest.approx(other.confidence, abs=0.01)


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
    assert (
        drawing_page.inner_text("#answer") == "" and drawing_page.inner_text("#status") == "Draw a digit or a number."
    )


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
