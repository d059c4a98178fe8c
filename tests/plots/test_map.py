"""The map in three dimensions: light, self-contained, and alive in a browser."""

import re

import numpy as np
import pytest

from mnist_study.data import embedded_digits
from mnist_study.plots.map import map_3d

(X_TRAIN, Y_TRAIN), _ = embedded_digits()
IMAGES, LABELS = np.resize(X_TRAIN, (1400, 28, 28)), np.resize(Y_TRAIN, 1400)
POINTS = np.random.default_rng(0).normal(0, 0.3, (1400, 3)) + 4 * np.eye(3)[LABELS % 3]


def test_a_map_of_1400_points_with_pictures_is_light():
    text = map_3d(POINTS, LABELS, IMAGES, np.arange(1400)).data
    assert len(text) < 500_000
    assert not re.search(r"https?:|src=", text)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"points": POINTS[:, :2]}, r"points of shape \(n, 3\), found \(1400, 2\)"),
        ({"points": np.full((1400, 3), np.nan)}, "finite"),
        ({"labels": LABELS[:5]}, "1400 labels"),
        ({"labels": LABELS + 1}, "from 0 to 9"),
        ({"images": IMAGES / 255}, "uint8, found .* float64"),
        ({"index": np.arange(5)}, "1400 numbers of images"),
    ],
)
def test_what_is_no_map_gets_a_clear_error(wrong, message):
    with pytest.raises(ValueError, match=message):
        map_3d(**{"points": POINTS, "labels": LABELS, "images": IMAGES, "index": np.arange(1400)} | wrong)


# --- in a browser ------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(page):
    """A function that shows a map as the only output of a notebook's page and gives its frame."""

    def show(*arguments):
        page.set_viewport_size({"width": 800, "height": 700})
        page.set_content(f"<!doctype html><title>test</title>{map_3d(*arguments).data}")
        return page.frame_locator("iframe")

    return show


def card_under(page, frame) -> str:
    """The text beside the first point met on the way over the canvas."""
    box = frame.locator("#map").bounding_box()
    for step in range(400):
        page.mouse.move(box["x"] + box["width"] * (step % 20) / 20, box["y"] + box["height"] * (step // 20) / 20)
        if frame.locator("#card").is_visible():
            return frame.locator("#card span").inner_text()
    return ""


def test_it_turns_until_touched_and_shows_digits(page, shown):
    frame = shown(POINTS, LABELS, IMAGES, np.arange(1400))
    canvas = frame.locator("#map")
    first = canvas.screenshot()
    page.wait_for_timeout(300)
    assert canvas.screenshot() != first
    canvas.click(position={"x": 5, "y": 5})
    page.wait_for_timeout(200)
    first = canvas.screenshot()
    page.wait_for_timeout(300)
    assert canvas.screenshot() == first
    digit, index = re.fullmatch(r"digit (\d), test image (\d+)", card_under(page, frame)).groups()
    assert LABELS[int(index)] == int(digit)
    picture = "(one) => [...one.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
    levels = np.reshape(frame.locator("#card canvas").evaluate(picture), (28, 28))
    assert np.array_equal(levels, (255 - IMAGES[int(index)]) // 17 * 17)


def test_mouse_and_keys_turn_it(page, shown):
    frame = shown(POINTS, LABELS)
    canvas = frame.locator("#map")
    canvas.click(position={"x": 5, "y": 5})
    box = canvas.bounding_box()
    pictures = [canvas.screenshot()]
    page.mouse.move(box["x"] + 300, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 130, steps=4)
    page.mouse.up()
    page.mouse.move(0, 0)
    page.wait_for_timeout(200)
    pictures.append(canvas.screenshot())
    for key in ("ArrowLeft", "ArrowUp", "+"):
        canvas.press(key)
        page.wait_for_timeout(200)
        pictures.append(canvas.screenshot())
    assert len(set(pictures)) == len(pictures)


def test_without_pictures_and_numbers_it_shows_labels(page, shown):
    frame = shown(POINTS, LABELS)
    frame.locator("#map").click(position={"x": 5, "y": 5})
    assert re.fullmatch(r"digit \d", card_under(page, frame))
    assert frame.locator("#card canvas").is_hidden()
    assert frame.locator("#map").get_attribute("aria-label").startswith("Cloud of points")


@pytest.mark.parametrize("width", [320, 1200])
def test_it_fits_its_cell(page, shown, width):
    frame = shown(POINTS, LABELS)
    page.set_viewport_size({"width": width, "height": 700})
    sides = "(one) => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]"
    assert frame.locator("html").evaluate(sides) == [0, 0]
    assert frame.locator("#map").bounding_box()["height"] > 300
