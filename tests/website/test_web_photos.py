"""The browser's reading of photos (web/photos.js) against Python's: the same digits, boxes and 28x28 images."""

import base64
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from mnist_study import paths
from mnist_study.data import MissingDataError, augment, load, load_photos, stress
from mnist_study.data.pages import hard
from mnist_study.reader import PhotoError, finder, photos
from mnist_study.reader import reading as reader
from mnist_study.website.interactive import PHOTO_SCRIPTS

SCRIPTS = [paths.project_root() / "web" / f"{name}.js" for name in PHOTO_SCRIPTS]
BRIDGE = """
function bytesOf(text) {
  const characters = atob(text), bytes = new Uint8ClampedArray(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
const textOf = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
async function unpacked(text) {
  const unzipped = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8ClampedArray(await new Response(unzipped).arrayBuffer());
}
const floatsOf = (text) => new Float32Array(bytesOf(text).buffer);
async function openedDifferently({ rgba, width, height, levels }) {
  const { data, ...rest } = MnistPhotos.openPhoto(await unpacked(rgba), width, height);
  const expected = bytesOf(levels);
  let differing = Math.abs(data.length - expected.length);
  data.forEach((value, i) => (differing += value !== Math.fround(expected[i] / 255)));
  return { ...rest, differing };
}
async function readPhoto({ rgba, width, height, several }) {
  const bytes = await unpacked(rgba);
  const start = performance.now();
  try {
    const picture = MnistPhotos.openPhoto(bytes, width, height);
    const network = async (tile) => floatsOf(await finderNetwork(textOf(new Uint8Array(tile.buffer))));
    const certainty = async (image) => readersCertainty(textOf(new Uint8Array(image.buffer)));
    const { digits, unread } = await MnistPhotos.digitsOn(picture, network, several ? certainty : null);
    const found = digits.map(({ image, box }) => ({ image: [...image], box }));
    return { found, unread, milliseconds: performance.now() - start };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}
"""
GLYPHS = {
    0: [[(50, 5), (20, 20), (12, 55), (25, 90), (55, 96), (80, 75), (84, 35), (68, 9), (46, 6)]],
    1: [[(35, 20), (55, 4), (50, 96)]],
    2: [[(15, 25), (35, 5), (65, 8), (72, 32), (45, 62), (14, 93), (80, 90)]],
    3: [[(18, 10), (60, 6), (70, 25), (40, 46), (74, 62), (66, 90), (20, 95)]],
    4: [[(45, 5), (14, 60), (85, 57)], [(64, 30), (60, 97)]],
    5: [[(30, 8), (24, 45), (60, 43), (76, 68), (58, 94), (18, 90)], [(30, 8), (78, 5)]],
    6: [[(66, 4), (30, 38), (18, 76), (44, 97), (72, 80), (62, 56), (24, 66)]],
    7: [[(14, 8), (80, 6), (40, 96)]],
    8: [[(52, 48), (24, 28), (46, 5), (72, 22), (50, 48), (22, 76), (48, 97), (78, 76), (52, 48)]],
    9: [[(74, 28), (48, 44), (26, 24), (48, 5), (74, 16), (70, 60), (52, 96)]],
}  # strokes in a box of 100x100
INKS = (("black", "white"), ("white", "black"), ("#1a3c8c", "#fffdf0"), ("#f0d000", "#1d4a35"), ("#777777", "white"))
SUPERSAMPLED = 4


@pytest.fixture
def photos_js(page):
    """The page with photos.js and what it builds on in it."""
    page.set_content("<!doctype html><title>test</title>")
    for script in SCRIPTS:
        page.add_script_tag(path=script)
    page.add_script_tag(content=BRIDGE)
    page.expose_function("finderNetwork", answer_of_the_finder)
    page.expose_function("readersCertainty", certainty_of_the_reader)
    return page


def answer_of_the_finder(text: str) -> str:
    """What the finder's network says of one tile; LiteRT.js itself is tried in test_drawing_page.py."""
    tile = np.frombuffer(base64.b64decode(text), np.float32).reshape(1, finder.TILE, finder.TILE)
    return as_text(finder.shipped()(tile))


def certainty_of_the_reader(text: str) -> float:
    """How sure the shipped reader is of one image."""
    image = np.frombuffer(base64.b64decode(text), np.float32).reshape(1, 28, 28)
    return float(reader.shipped().certainty(image)[0])


def as_text(array) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def pixels_of(image: Image.Image) -> dict:
    packed = base64.b64encode(zlib.compress(image.convert("RGBA").tobytes(), 1)).decode()  # the way there is slow
    return {"rgba": packed, "width": image.width, "height": image.height}


def in_the_browser(page, image: Image.Image, several: bool) -> dict:
    """What photos.js makes of the picture: ``found``, ``unread`` and ``milliseconds``, or ``error`` and ``message``."""
    return page.evaluate("readPhoto", pixels_of(image) | {"several": several})


def in_python(image: Image.Image, several: bool) -> list:
    certainty = reader.shipped().certainty if several else None
    return photos.digits_on(*photos.open_photo(image), certainty).digits


def differences(page, image, several: bool) -> tuple[float, int]:
    """The largest differences of images and of boxes; the number of digits must be the same."""
    expected, answer = in_python(image, several), in_the_browser(page, image, several)
    assert "found" in answer, answer
    assert len(answer["found"]) == len(expected)
    images = [
        np.array(one["image"]).reshape(28, 28) - two.image for one, two in zip(answer["found"], expected, strict=True)
    ]
    boxes = [np.subtract(one["box"], two.box) for one, two in zip(answer["found"], expected, strict=True)]
    return np.abs(images).max(), np.abs(boxes).max()


def drawing(seed: int) -> Image.Image:
    """A page with one digit, or with a row of them where the seed is a multiple of 4."""
    rng = np.random.default_rng(seed)
    digits = rng.integers(0, 10, rng.integers(2, 6) if seed % 4 == 0 else 1)
    ink, paper = INKS[seed % len(INKS)]
    transparent = seed % 3 == 1
    width, height = (int(side) for side in rng.integers(64, 401, 2))
    if len(digits) > 1:
        width = int(min(900, 1.1 * height * len(digits)))
    field = width / len(digits)
    side = min(field, height) * rng.uniform(0.25 if max(width, height) > 120 else 0.5, 0.8)
    pen = max(2.0, side * rng.uniform(0.05, 0.16))
    room = [max(0, length - side - 2 * pen) for length in (field, height)]
    page = Image.new("L", (width * SUPERSAMPLED, height * SUPERSAMPLED))
    draw = ImageDraw.Draw(page)
    for k, digit in enumerate(digits):
        left, top = k * field + pen + rng.uniform(0, room[0]), pen + rng.uniform(0, room[1])
        for stroke in GLYPHS[int(digit)]:
            points = np.array(stroke) / 100 * side + rng.normal(0, 0.015 * side, (len(stroke), 2)) + (left, top)
            points = [tuple(point) for point in points * SUPERSAMPLED]
            draw.line(points, 255, round(pen * SUPERSAMPLED), joint="curve")
            for x, y in (points[0], points[-1]):
                reach = pen * SUPERSAMPLED / 2
                draw.ellipse((x - reach, y - reach, x + reach, y + reach), 255)
    page = page.resize((width, height), Image.Resampling.BOX)
    if transparent:
        coloured = Image.new("RGBA", page.size, ink)
        coloured.putalpha(page)
        return coloured
    return Image.composite(Image.new("RGB", page.size, ink), Image.new("RGB", page.size, paper), page)


@pytest.mark.parametrize("first", range(0, 48, 8))
def test_drawings_are_read_as_in_python(photos_js, first):
    """Largest difference measured, over 450 drawings: 1.3e-4 of an image's range, where light was evened out; boxes the same."""
    for seed in range(first, first + 8):
        image, box = differences(photos_js, drawing(seed), several=seed % 4 == 0)
        assert image < 1 / 255, seed
        assert box == 0, seed


def test_photos_are_read_as_in_python(photos_js):
    """Largest difference measured, over the 29 photos: 6e-8 of an image's range; boxes the same."""
    try:
        stored = load_photos(download=False)
    except MissingDataError as error:
        pytest.skip(f"the photos are not here: {error}")
    for path in stored.pictures:
        with Image.open(path) as picture:
            picture.draft("RGB", (1200, 1200))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        upright.thumbnail((1200, 1200))  # less to carry into the browser, where it is reduced to 1000
        image, box = differences(photos_js, upright, several=True)
        assert image < 1e-3, path
        assert box <= 2, path


def lined_page() -> Image.Image:
    """A drawing on ruled paper, half in the shadow, with a table along two sides."""
    page = drawing(9).resize((420, 420))
    draw = ImageDraw.Draw(page)
    for height in range(15, 420, 28):
        draw.line([(0, height), (420, height + 2)], (120, 150, 210), 1)
    shaded = np.asarray(page) * np.where(np.mgrid[:420, :420][1] > 230, 0.7, 1.0)[..., None]
    shaded[:25], shaded[:, :14] = 50, 60
    return Image.fromarray(np.uint8(shaded))


def crowded_page() -> Image.Image:
    """Two rows, digits that touch and must be cut apart, a 5 with a separate bar, and specks."""
    page = Image.new("RGB", (640, 500), "white")
    draw = ImageDraw.Draw(page)
    for line in ([(40, 40), (44, 200)], [(40, 120), (270, 126)], [(270, 42), (266, 200)]):
        draw.line(line, "black", 10)
    five = [(400, 90), (395, 150), (450, 150), (480, 190), (450, 240), (395, 235)]
    draw.line(five, "navy", 12, joint="curve")
    draw.line([(415, 66), (490, 62)], "navy", 12)
    draw.line([(100, 300), (200, 302), (130, 450)], "black", 12, joint="curve")
    draw.ellipse((300, 320, 560, 440), outline="black", width=12)  # a wide 0 is not cut
    draw.point([(20, 30), (600, 480), (300, 260)], "black")
    return page


def pale_hairlines() -> Image.Image:
    """So thin for its size that nothing of it is solid on the fine grid."""
    page = Image.new("RGB", (900, 900), "#c0c0c0")
    ImageDraw.Draw(page).line([(100, 100), (700, 90), (300, 820)], "black", 2)
    return page


def noisy_page(kind: str) -> Image.Image:
    digit = np.asarray(drawing(11).convert("L").resize((28, 28)))  # white on black
    return Image.fromarray(stress.photograph(digit, np.random.default_rng(2), kind, 1))


def hard_page(kind: str) -> Image.Image:
    small = load("mnist", quick=True)
    return Image.fromarray(hard.photograph(small.x_test, small.y_test, np.random.default_rng(3), kind, 2)[0])


def two_ones() -> Image.Image:
    """41160, whose 1s the finder takes for a word: each stroke is shown to the network."""
    small, rng = load("mnist", quick=True), np.random.default_rng(7)
    digits = [rng.choice(np.flatnonzero(small.y_test == digit)) for digit in (4, 1, 1, 6, 0)]
    return Image.fromarray(stress.string(small.x_test[digits], rng, 1))


SPECIAL = {
    "two 1s": two_ones,
    "lined": lined_page,
    "crowded": crowded_page,
    "hairlines": pale_hairlines,
    "tight crop": lambda: drawing(23).crop(ImageOps.invert(drawing(23).convert("L")).getbbox()),
    "MNIST's own size": lambda: drawing(2).resize((28, 28), Image.Resampling.BOX),
    "grey and transparent": lambda: drawing(25).convert("LA"),
} | {kind: lambda kind=kind: noisy_page(kind) for kind in stress.KINDS}
SPECIAL |= {f"hard: {kind}": lambda kind=kind: hard_page(kind) for kind in hard.KINDS}


@pytest.mark.parametrize("name", SPECIAL)
def test_difficult_pages_are_read_as_in_python(photos_js, name):
    """Largest difference measured: 6.4e-4 of an image's range, where light was evened out; boxes the same."""
    image, box = differences(photos_js, SPECIAL[name](), several=name != "MNIST's own size")
    assert image < 1 / 255
    assert box == 0


def test_photos_are_opened_as_by_pillow(photos_js):
    """Every level the same: at once, reduced in one step and in two, and with transparency of every degree."""
    levels = np.random.default_rng(0).integers(0, 256, (310, 4300, 4)).astype(np.uint8)
    levels[:, 2000:, 3] = 255
    for image in (
        Image.fromarray(levels[:90, :120]),
        Image.fromarray(levels[:, :1400]),
        Image.fromarray(levels),
        Image.fromarray(np.ascontiguousarray(levels[..., :3])),
    ):
        picture, scale = photos.open_photo(image)
        expected = np.uint8(np.rint(255 * picture))
        opened = photos_js.evaluate("openedDifferently", pixels_of(image) | {"levels": as_text(expected)})
        assert (opened["height"], opened["width"]) == picture.shape[:2]
        assert opened["scale"] == scale
        assert opened["differing"] == 0


def test_what_cannot_be_read_raises_the_same_error(photos_js):
    rows, columns = np.mgrid[-1:1:200j, -1:1:240j]
    noise = np.random.default_rng(1).normal(0, 4, rows.shape)
    uneven = np.uint8(np.clip(190 - 40 * rows + 20 * columns + noise, 0, 255))
    speck = Image.new("L", (200, 200), "white")
    speck.putpixel((90, 90), 0)
    for image in (
        Image.new("L", (50, 50), 200),
        Image.new("RGBA", (90, 60), (0, 0, 0, 0)),
        Image.fromarray(uneven),
        speck,
        Image.new("L", (7, 30), "white"),
        Image.new("L", (10, 201), "white"),
    ):
        with pytest.raises(PhotoError) as raised:
            in_python(image, several=True)
        answer = in_the_browser(photos_js, image, several=True)
        assert answer == {"error": type(raised.value).__name__, "message": str(raised.value)}


def test_views_are_those_of_python(photos_js):
    """Largest difference measured: none."""
    for seed in range(1, 8, 2):
        image = photos.digit_image(drawing(seed))
        shown = photos_js.evaluate("(text) => [...MnistPhotos.views(floatsOf(text))]", as_text(image))
        views = len(reader.VIEWS)
        expected = augment.warp(np.repeat(image[None], views, axis=0), reader.VIEWS)
        assert np.abs(np.reshape(shown, expected.shape) - expected).max() < 1e-5


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.5])
def test_the_views_answers_come_to_the_same_probabilities(photos_js, temperature):
    """Largest difference measured: 1.2e-7."""
    rng = np.random.default_rng(3)
    for concentration in (0.01, 0.1, 1):
        rows = rng.dirichlet(np.full(10, concentration), len(reader.VIEWS)).astype(np.float32)
        model = reader.Reader.__new__(reader.Reader)
        model.temperature, model.forward = temperature, lambda pixels, rows=rows: rows
        expected = model.probabilities(np.zeros((1, 28, 28)))[0]
        call = f"(text) => [...MnistPhotos.combine(floatsOf(text), {temperature})]"
        assert np.abs(np.array(photos_js.evaluate(call, as_text(rows))) - expected).max() < 1e-5
