"""The shipped reader: its weights, its confidence, its answers."""

import io
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_study import data, evaluation, paths, reader
from mnist_study.data import not_digits
from mnist_study.reader import photos, reading

from .pages import page_of

FIVE = paths.project_root() / "notebooks" / "images" / "five.jpg"


@pytest.fixture(scope="module")
def shipped():
    return reader.shipped()


@pytest.fixture(scope="module")
def digits():
    return data.embedded_digits()[1]


def test_the_weights_are_small_and_part_of_the_package(shipped):
    assert reader.shipped_network().count_params() <= 200_000
    assert all((reading.WEIGHTS / f"reader.{kind}").stat().st_size <= 1_000_000 for kind in ("keras", "tflite"))
    assert 0.3 <= shipped.threshold < 1
    record = json.loads((reading.WEIGHTS / "reader.json").read_text())
    assert record["experiment"] == "reader/cnn" and record["provenance"]["commit"]


def test_probabilities_are_calibrated_distributions(shipped, digits):
    images, labels = digits
    y_prob = shipped.probabilities(images / 255)
    assert y_prob.shape == (300, 10)
    assert np.allclose(y_prob.sum(axis=1), 1, atol=1e-5)
    assert evaluation.counts(labels, y_prob.argmax(axis=1))["accuracy"] > 0.95
    with pytest.raises(ValueError, match=r"shape \(n, 28, 28\)"):
        shipped.probabilities(images[0] / 255)


def test_an_incomplete_installation_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "WEIGHTS", tmp_path)
    for part in (reader.shipped.__wrapped__, reader.shipped_network):
        with pytest.raises(FileNotFoundError, match=r"is missing: the installation is incomplete. Install the package"):
            part()


def test_the_shipped_file_reads_as_its_keras_network_does(shipped, digits):
    network = reader.Reader(reader.shipped_network(), shipped.temperature, shipped.threshold)
    photo = reader.read(FIVE)
    assert photo[0].answer == "5"
    images = np.concatenate([digits[0] / 255, [photo[0].image]])
    np.testing.assert_allclose(shipped.probabilities(images), network.probabilities(images), atol=1e-3)


def test_every_photo_of_report_sharpies_is_read_as_by_keras(shipped):
    try:
        sharpies = data.load_photos(download=False)
    except data.MissingDataError:
        pytest.skip("the photos are not on this machine")
    pages = [shipped.read(picture) for picture in sharpies.pictures]
    assert [page.text for page in pages] == [str(label) for label in sharpies.labels]
    network = reader.Reader(reader.shipped_network(), shipped.temperature, shipped.threshold)
    expected = network.probabilities(np.stack([page[0].image for page in pages]))
    np.testing.assert_allclose([page[0].probabilities for page in pages], expected, atol=1e-3)


def test_several_threads_may_read_at_once(shipped, digits):
    images = digits[0][:60] / 255
    expected = shipped.probabilities(images)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(shipped.probabilities, [images] * 8):
            np.testing.assert_array_equal(found, expected)


# --- a page ------------------------------------------------------------------------------------------------------


def page_with(*digits, unread=()):
    """A page of a grey photo, twice as large as its picture, with readings of ``(digit, sure, box)``."""
    readings = tuple(reader.Reading(digit, sure, 0.5, box, None, None) for digit, sure, box in digits)
    return reader.Page("photo", np.full((100, 150, 3), 0.8, np.float32), 2.0, readings, unread)


def test_text_has_a_line_for_each_line_and_a_mark_where_it_is_not_sure():
    first = [(1, True, (10, 10, 20, 50)), (2, False, (30, 5, 60, 45)), (3, True, (110, 20, 130, 60))]
    second = [(4, True, (15, 70, 30, 110)), (5, True, (35, 75, 60, 105))]
    assert page_with(*first, *second).text == "1? 3\n45"
    assert page_with(first[0], (7, True, (30, 60, 50, 100))).text == "1\n7"  # below, though it is further to the right
    assert page_with().text == ""


def test_a_marked_photo_shows_what_is_sure_what_is_not_and_what_was_not_read():
    ink = reader.Unread((200, 100, 260, 160), "a line")
    marked = page_with((1, True, (20, 60, 60, 140)), (2, False, (100, 60, 140, 140)), unread=(ink,)).marked()
    assert marked.size == (150, 100)
    pixels = np.asarray(marked)
    for box, colour in (
        ((10, 30, 30, 70), reading.SURE),
        ((50, 30, 70, 70), reading.NOT_SURE),
        ((100, 50, 130, 80), reading.UNREAD),
    ):
        left, top, right, bottom = box
        for column, row in ((left - 1, top + 9), (right + 1, top + 9), (left + 9, bottom + 1)):
            assert tuple(pixels[row, column]) == colour
        assert (pixels[top + 2 : bottom - 2, left + 2 : right - 2] == 204).all()  # the ink stays as it is


def test_a_figure_has_a_dashed_box_at_unread_ink():
    photo = np.full((160, 200), 230, np.uint8)
    photo[20:80, 40:50] = photo[110:130, 90:96] = 30
    page = reader.read(photo)
    boxes = {box.get_linestyle(): box.get_bbox().extents.round().tolist() for box in page.figure().axes[0].patches}
    assert boxes == {"solid": list(page[0].box), "--": list(page.unread[0].box)}


def test_a_page_is_shown_where_matplotlib_is_missing(digits, monkeypatch):
    page = reader.read(digits[0][0])
    monkeypatch.setitem(sys.modules, "mnist_study.plots", None)
    monkeypatch.delattr("mnist_study.plots", raising=False)
    with Image.open(io.BytesIO(page._repr_png_())) as picture:
        assert picture.size == (28, 28)


def test_temperature_keeps_the_order_and_changes_the_confidence():
    y_prob = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], np.float32)
    cool, warm = reading.with_temperature(y_prob, 0.5), reading.with_temperature(y_prob, 2.0)
    assert (cool.argmax(axis=1) == warm.argmax(axis=1)).all()
    assert (cool.max(axis=1) > y_prob.max(axis=1)).all() and (warm.max(axis=1) < y_prob.max(axis=1)).all()
    assert np.allclose(reading.with_temperature(y_prob, 1.0), y_prob)


def test_drawings_are_read_both_ways_round(digits):
    images, labels = digits
    for way in (lambda image: image, lambda image: 255 - image):
        right = sum(
            reader.read(way(image))[0].digit == label for image, label in zip(images[:60], labels[:60], strict=True)
        )
        assert right >= 56


def test_a_small_drawing_takes_a_moment(digits):
    reader.read(digits[0][0])
    began = time.perf_counter()
    for image in digits[0][:20]:
        reader.read(image)
    assert (time.perf_counter() - began) / 20 < 0.05  # some 5 ms on a free core


def test_a_page_shows_itself(digits):
    page = reader.read(digits[0][0])
    assert page._repr_png_().startswith(b"\x89PNG")
    assert len(page) == 1 and page[0].image.shape == (28, 28) and len(page[0].box) == 4
    assert str(page[0].digit) in repr(page) or "not sure" in repr(page)


def test_a_scribble_is_not_sure():
    page = Image.new("L", (120, 120), 255)
    for shift in range(0, 90, 12):
        ImageDraw.Draw(page).line([(10, 15 + shift), (110, 15 + shift)], 0, 5)
        ImageDraw.Draw(page).line([(15 + shift, 10), (15 + shift, 110)], 0, 5)
    assert reader.shipped().probabilities(photos.digit_image(page)[None]).max() < reader.shipped().threshold


def test_the_reader_reads_with_any_forward_pass(shipped):
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.float32)
    other = reader.Reader(lambda pixels: shipped.forward(pixels), shipped.temperature, shipped.threshold)
    np.testing.assert_array_equal(other.probabilities(images / 255), shipped.probabilities(images / 255))


@pytest.mark.parametrize(
    ("best", "second", "doubt"), [(0.95, 0.04, ""), (0.6, 0.35, "which"), (0.6, 0.05, "whether"), (0.1, 0.1, "whether")]
)
def test_doubt_is_about_which_digit_or_whether_it_is_one(best, second, doubt):
    probabilities = np.full(10, (1 - best - second) / 8, np.float32)
    probabilities[[3, 5]] = best, second
    one = reading.Reading(3, best >= 0.93, best, (0, 0, 9, 9), np.zeros((28, 28)), probabilities)
    assert one.doubt == doubt and one.answer == ("not sure" if doubt else "3")


def test_confidence_falls_where_most_ink_is_not_read(shipped):
    page = np.full((300, 500), 235, np.uint8)
    page[100:180, 60:70] = 30  # a 1
    (alone,) = shipped.read(page)
    assert alone.sure
    page[60:240, 250:450:40] = page[60:240:60, 250:450] = 30  # a grid of thin strokes is lines
    page[100:220, 300:400] = 30  # a large blot is not
    found = shipped.read(page)
    assert [one.digit for one in found] == [1] and found.unread
    assert not found[0].sure and found[0].confidence < 0.5 * alone.confidence
    assert found[0].probabilities.max() == pytest.approx(alone.probabilities.max(), abs=0.02)


def test_ink_that_is_no_stroke_is_not_surely_a_digit(shipped):
    for hand in not_digits.hands(10, np.random.default_rng(3)):
        assert not any(one.sure for one in shipped.read(hand))
    bold = page_of(width=50)
    assert shipped.read(bold)[0].answer == "7"


def test_a_digit_among_letters_is_not_sure_and_one_among_digits_is(shipped):
    def answers(text):
        page = Image.new("L", (500, 100), 255)
        ImageDraw.Draw(page).text((250, 50), text, 0, not_digits.font("cmtt10", 48), anchor="mm")
        return [one.answer for one in shipped.read(page)]

    assert "0" not in answers("Fnbf0")
    assert answers("2305") == list("2305")


def test_digits_in_thick_cells_are_sure(shipped):
    page = Image.new("L", (330, 120), 240)
    draw = ImageDraw.Draw(page)
    draw.text((60, 60), "2", 30, not_digits.font("cmss10", 64), anchor="mm")
    draw.text((270, 60), "5", 30, not_digits.font("cmss10", 64), anchor="mm")
    for x in (10, 115, 220, 320):
        draw.line([(x, 10), (x, 110)], 30, 6)
    for y in (10, 110):
        draw.line([(10, y), (320, y)], 30, 6)
    found = shipped.read(page)
    assert [one.answer for one in found] == ["2", "5"] and [ink.reason for ink in found.unread] == ["a line or a frame"]


def test_where_most_that_is_named_is_not_sure_nothing_is(shipped):
    sure, others = [(0, 0, 20, 40)], [(200 * k, 0, 200 * k + 20, 40) for k in range(1, 5)]
    worth = reading._in_company(sure + others, sure, [])
    assert worth == {sure[0]: 2 / 5} | dict.fromkeys(others, 4 / 5)
    assert set(reading._in_company(sure + others[:1], sure, []).values()) == {1}
    page, rng = Image.new("L", (900, 700), 225), np.random.default_rng(5)
    for x in range(60, 860, 110):
        for y in range(60, 660, 90):
            letter = str(rng.choice(list("aegkmnrwxvAEKMRWXY")))
            ImageDraw.Draw(page).text((x, y), letter, 60, not_digits.font("STIXGeneral", 50), anchor="mm")
    assert not any(one.sure for one in shipped.read(page))
