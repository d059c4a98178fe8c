"""The front page's ladder and the look inside the reader, in a real browser: the same arrays and answers as Python's."""

import base64

import numpy as np
import pytest
from PIL import Image

from mnist_study import study
from mnist_study.reader import reading
from mnist_study.reports.sharpies.experiments import LADDER
from mnist_study.reports.sharpies.runs import ladder
from mnist_study.website.examples import SHEETS, examples, lit
from mnist_study.website.interactive import REPORT_MODELS
from mnist_study.website.models import described

from .test_drawing_page import draw

ANSWERS = """async () => {
  const levels = Object.fromEntries(Object.entries(shown).map(([name, image]) => [name, levelsOf(image)]));
  const answers = {};
  for (const [name, image] of Object.entries(levels))
    answers[name] = {
      mlp: [...networks.mlp.probabilities(image)],
      cnn: [...networks.cnn.probabilities(image)],
      reader: [...(await reader.probabilities(image.map((level) => Math.fround(level / 255))))],
    };
  return { levels: Object.fromEntries(Object.entries(levels).map(([name, image]) => [name, [...image]])), answers };
}"""
DRAWN = """() => {
  small.drawImage(pen.canvas, 0, 0, 140, 140);
  const { data } = small.getImageData(0, 0, 140, 140);
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
}"""
STEPS = dict(zip(LADDER, ("shrunk", "background", "boxed", "centred", "strokeWidth"), strict=True))


@pytest.fixture
def front_page(site, page):
    page.goto((site / "index.html").as_uri())
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    return page


def settled(page) -> None:
    page.wait_for_function("!waiting && document.querySelectorAll('.said .agrees, .said .differs').length === 15")


def drawn_on(page) -> np.ndarray:
    """What stands on the pad of the front page, uint8 (140, 140, 4)."""
    return np.frombuffer(base64.b64decode(page.evaluate(DRAWN)), np.uint8).reshape(140, 140, 4)


def assert_as_python(page, photo) -> None:
    """The five images and the fifteen answers on the page are those of Python for the same photo."""
    found, expected = page.evaluate(ANSWERS), ladder(photo)
    models = {name: study.network(f"sharpies/{row}") for name, row in REPORT_MODELS.items()}
    for rung, name in STEPS.items():
        levels = np.reshape(found["levels"][name], (28, 28))
        assert np.abs(levels - np.rint(255 * expected[rung])).max() <= 1, rung
        for model, keras_model in models.items():
            shares = keras_model.predict(levels[None].astype(np.uint8), verbose=0)[0]
            np.testing.assert_allclose(found["answers"][name][model], shares, atol=0.01)
        shares = reading.shipped().probabilities(np.float32(levels[None] / 255))[0]
        np.testing.assert_allclose(found["answers"][name]["reader"], shares, atol=0.01)


def test_an_example_climbs_before_anything_is_touched(front_page):
    settled(front_page)
    told = front_page.inner_text("#verdict")
    assert "Shrunk whole" in told and "all three models read it" in told
    read = front_page.locator(".steps > li:last-child .read").all_inner_texts()
    assert read == [str(SHEETS[0][0])] * 3
    assert front_page.get_attribute("#verdict", "aria-live") == "polite"


def test_a_drawing_climbs_as_in_python(front_page):
    draw(front_page, 4, size=90, left=20, top=90)
    settled(front_page)
    assert_as_python(front_page, drawn_on(front_page))


@pytest.mark.parametrize("sheet", SHEETS[1:3], ids=lambda sheet: str(sheet[0]))
def test_a_photo_climbs_as_in_python(front_page, sheet, tmp_path):
    settled(front_page)
    Image.fromarray(lit(*sheet)).convert("RGB").save(tmp_path / "photo.png")
    front_page.set_input_files("#file", tmp_path / "photo.png")
    front_page.wait_for_function(f"document.querySelector('.steps > li:last-child .read').textContent === '{sheet[0]}'")
    settled(front_page)
    assert_as_python(front_page, tmp_path / "photo.png")


def test_what_cannot_be_read_gets_one_line(front_page, tmp_path):
    settled(front_page)
    (tmp_path / "letter.txt").write_text("no picture")
    front_page.set_input_files("#file", tmp_path / "letter.txt")
    front_page.wait_for_function(
        "document.querySelector('#verdict').textContent.includes('letter.txt is not an image')"
    )
    front_page.click("#clear")
    assert front_page.inner_text("#verdict") == "Draw one digit."
    assert not any(front_page.locator(".read").all_inner_texts())


def test_the_examples_are_the_same_on_every_machine_and_no_two_alike():
    first, again = examples(), examples()
    assert first == again and len({one["address"] for one in first}) == len(SHEETS)
    assert all(one["address"].startswith("data:image/jpeg;base64,") and len(one["address"]) < 20_000 for one in first)


def test_the_layers_run_in_the_browser_as_in_keras(site, page):
    page.goto((site / "draw.html").as_uri())
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    levels = np.uint8(np.random.default_rng(1).integers(0, 256, (1, 28, 28)) * (np.arange(28) > 9))
    script = "(levels) => [...MnistModels.network(READER_LAYERS).probabilities(levels)]"
    found = page.evaluate(script, levels.ravel().tolist())
    np.testing.assert_allclose(found, reading.shipped_network().predict(levels, verbose=0)[0], atol=0.01)
    sizes = page.evaluate(
        "(levels) => MnistModels.network(READER_LAYERS).stages(levels).map((one) => [one.height, one.width, one.channels])",
        levels.ravel().tolist(),
    )
    shapes = [
        list(layer.output.shape[1:]) for layer in reading.shipped_network().layers if layer.name.startswith("conv")
    ]
    assert sizes == shapes


def test_the_inside_of_the_reader_is_shown_for_the_digit_at_hand(site, page):
    page.goto((site / "draw.html").as_uri())
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    assert page.locator("#inside").is_hidden()
    draw(page, 7)
    page.wait_for_selector("#inside[data-shown='7']")
    assert page.locator("#stages figure").count() == 6 and page.locator("#stages canvas").count() == 48
    pixels = np.reshape(
        page.evaluate("[...document.querySelector('#decides').getContext('2d').getImageData(0, 0, 28, 28).data]"),
        (28, 28, 4),
    )
    assert pixels[..., 0].max() > 200 and (pixels[..., 0] - pixels[..., 2]).max() > 100  # ink, and some of it orange
    page.click("#clear")
    assert page.locator("#inside").is_hidden()


def test_an_unknown_layer_is_told():
    from mnist_study.models.backend import keras, layers

    with pytest.raises(ValueError, match="knows no layer LayerNormalization"):
        described(keras.Sequential([keras.Input((28, 28)), layers.LayerNormalization()]))
