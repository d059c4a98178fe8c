"""The drawing pad of a notebook: what Python answers, and the widget's own script in a browser."""

import base64

import numpy as np
import pytest
from PIL import Image

from mnist_study import reader
from mnist_study.data import embedded_digits
from mnist_study.reader import pad


@pytest.fixture(scope="module")
def widget():
    return pad.drawing_pad(reader.shipped())


def sent(image):
    return base64.b64encode(np.asarray(image.resize((pad.SIDE, pad.SIDE)).convert("L")).tobytes()).decode()


def test_the_pad_reads_what_is_drawn(widget):
    _, (images, labels) = embedded_digits()
    widget.drawing = sent(Image.fromarray(255 - images[labels == 0][0]))
    assert np.argmax(widget.probabilities) == 0 and len(base64.b64decode(widget.image)) == 784
    assert widget.answer.startswith("0, ") or "perhaps 0" in widget.answer
    widget.drawing = sent(Image.new("L", (50, 50), 255))
    assert (widget.probabilities, widget.image, widget.answer) == ([], "", "draw a digit")
    widget.drawing = "nonsense"
    assert widget.probabilities == [] and "expected 140 x 140" in widget.answer


# --- in a browser ------------------------------------------------------------------------------------------------

NOTEBOOK = """async (script) => {
  const { default: widget } = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  const listeners = {};
  globalThis.values = { drawing: "", probabilities: [], image: "", answer: "draw a digit" };
  globalThis.receive = (changed) => {
    Object.assign(values, changed);
    for (const name of Object.keys(changed)) listeners[`change:${name}`]?.();
  };
  const model = {
    get: (name) => values[name],
    set: (name, value) => (values[name] = value),
    save_changes: () => (globalThis.saved = (globalThis.saved ?? 0) + 1),
    on: (event, listener) => (listeners[event] = listener),
  };
  widget.render({ model, el: document.body });
}"""  # what anywidget does with the script, with a model that keeps its values


@pytest.fixture
def opened(page):
    """The widget on a page of its own, as a notebook shows it."""
    page.set_content(f"<!doctype html><title>test</title><style>{pad.DrawingPad._css}</style>")
    page.evaluate(NOTEBOOK, pad.DrawingPad._esm)
    return page


def draw_a_one(page) -> None:
    box = page.locator(".paper").bounding_box()
    page.mouse.move(box["x"] + 145, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 135, box["y"] + 240, steps=5)
    page.mouse.up()
    page.evaluate("new Promise((done) => setTimeout(done, 150))")  # longer than the pad waits before it sends the rest
    page.wait_for_function("globalThis.saved > 0")


def test_a_drawing_is_sent_and_its_answer_shown(opened, widget):
    draw_a_one(opened)
    widget.drawing = opened.evaluate("values.drawing")
    assert widget.answer.startswith("1, ")
    opened.evaluate("receive", {name: getattr(widget, name) for name in ("probabilities", "image", "answer")})
    assert opened.inner_text(".answer") == widget.answer
    shares = opened.locator(".bar .share").all_inner_texts()
    assert len(shares) == 10 and int(shares[1].strip(">% ")) == max(int(share.strip(">% ")) for share in shares)
    shown = opened.evaluate(
        "[...document.querySelector('.seen').getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
    )
    assert shown == list(base64.b64decode(widget.image))


def test_clear_sends_an_empty_drawing(opened, widget):
    draw_a_one(opened)
    opened.evaluate("saved = 0")
    opened.click("button")
    opened.wait_for_function("globalThis.saved > 0")
    widget.drawing = opened.evaluate("values.drawing")
    assert widget.answer == "draw a digit"


def test_what_cannot_be_seen_is_said(opened):
    assert opened.get_attribute(".paper", "role") == "img"
    assert opened.get_attribute(".paper", "aria-label").startswith("Drawing area")
    assert opened.get_attribute(".answer", "aria-live") == "polite"
    assert opened.inner_text(".answer") == "draw a digit"
