"""Photos and drawings: opening, errors, ink, and MNIST's format."""

import importlib.util
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_study.data import stress
from mnist_study.reader import photo_files, photos

ROOT = Path(__file__).resolve().parents[1]
SEVEN = [(90, 60), (200, 60), (130, 210)]


def page_of(strokes=(SEVEN,), ink="black", paper="white", size=(300, 280), width=14, mode="RGB"):
    page = Image.new(mode, size, paper)
    for stroke in strokes:
        ImageDraw.Draw(page).line(stroke, ink, width, joint="curve")
    return page


def likeness(a, b):
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]


@pytest.fixture(scope="module")
def seven():
    return photos.digit_image(page_of())


def test_an_image_is_made_as_mnist_was_made(seven):
    assert seven.dtype == np.float32
    assert seven.shape == (28, 28)
    assert seven.min() == 0
    assert 0.9 < seven.max() <= 1
    rows, columns = (np.flatnonzero((seven > 0.2).any(axis=axis)) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20, 21)
    centre = [(np.arange(28) * seven.sum(axis=1 - axis)).sum() / seven.sum() for axis in (0, 1)]
    assert np.abs(np.array(centre) - 14).max() <= 1


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("white", "black"),
        ("red", "white"),
        ("blue", "white"),
        ("#f0d000", "white"),
        ("white", "#1d4a35"),
        ("#b8b8b8", "white"),
    ],
)
def test_any_ink_on_any_paper_is_the_same_digit(seven, ink, paper):
    assert likeness(photos.digit_image(page_of(ink=ink, paper=paper)), seven) > 0.98


def test_drawings_of_mnists_size_come_back_the_same_both_ways_round(small_dataset):
    for image in small_dataset.x_test[:30]:
        assert likeness(photos.digit_image(image), image / 255) > 0.7
        assert likeness(photos.digit_image(255 - image), image / 255) > 0.7


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_comes_from_exif(tmp_path, seven, orientation):
    undo = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    stored = page_of()
    way = photo_files.TRANSPOSED.get(orientation)
    if way is not None:
        stored = stored.transpose(undo.get(orientation, way))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "photo.jpg", exif=exif.tobytes(), quality=95)
    found = photos.largest_digit(tmp_path / "photo.jpg")
    assert likeness(found.image, seven) > 0.98
    assert np.abs(np.array(found.box) - (84, 53, 207, 214)).max() < 8


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_boxes_are_in_pixels_of_the_photo(tmp_path, suffix):
    page_of().resize((3000, 2800)).save(tmp_path / f"large.{suffix}")
    box = photos.largest_digit(tmp_path / f"large.{suffix}").box
    assert np.abs(np.array(box) - (840, 530, 2070, 2140)).max() < 80


def test_every_kind_of_pixel_is_read(tmp_path, seven):
    page, grey = page_of(), page_of().convert("L")
    clear = Image.merge("LA", (Image.new("L", page.size, 0), Image.eval(grey, lambda level: 255 - level)))
    white_on_clear = Image.merge("LA", (Image.new("L", page.size, 255), Image.eval(grey, lambda level: 255 - level)))
    levels = np.asarray(grey)
    shown = (
        page.convert("CMYK"), page.convert("1"), page.quantize(8), clear, white_on_clear, levels, levels / 255,
        levels > 128, levels.astype(np.uint16) * 257, levels[..., None], np.dstack([levels] * 4),
    )  # fmt: skip
    for photo in shown:
        assert likeness(photos.digit_image(photo), seven) > 0.97
    Image.fromarray(levels.astype(np.uint16) * 257).save(tmp_path / "wide.png")
    assert likeness(photos.digit_image(tmp_path / "wide.png"), seven) > 0.97


def test_specks_ruled_lines_shadows_and_dark_edges_are_no_ink(seven):
    page = page_of()
    draw = ImageDraw.Draw(page)
    for height in range(20, 280, 40):
        draw.line([(0, height), (300, height)], (120, 150, 210), 1)
    draw.point([(20, 30), (250, 200), (270, 40)], 0)
    assert likeness(photos.digit_image(page), seven) > 0.93
    table = np.asarray(page_of()).copy()
    table[:25], table[:, :12] = 50, 60
    assert likeness(photos.digit_image(table), seven) > 0.97
    shadow = np.where(np.mgrid[:280, :300][1] > 150, 0.6, 1.0)[..., None]
    assert likeness(photos.digit_image(np.uint8(np.asarray(page_of()) * shadow)), seven) > 0.9


def test_a_tight_crop_is_still_a_digit(seven):
    assert likeness(photos.digit_image(page_of().crop((86, 54, 206, 212))), seven) > 0.9


def test_digits_come_in_reading_order():
    one, zero = [(50, 20), (50, 100)], [(20, 20), (80, 20), (80, 100), (20, 100), (20, 14)]
    places = [(30, 20), (200, 30), (370, 15), (40, 200), (220, 210)]
    strokes = [
        [(x + left, y + top) for x, y in stroke]
        for (left, top), stroke in zip(places, (one, zero, one, zero, one), strict=True)
    ]
    found = photos.find_digits(page_of(strokes, size=(520, 360)))
    assert [round(digit.box[0], -1) for digit in found] == [70, 210, 410, 50, 260]


def test_a_five_with_a_separate_bar_is_one_digit():
    body = [(100, 90), (95, 150), (150, 150), (180, 190), (150, 240), (95, 235)]
    assert len(photos.find_digits(page_of([body, [(115, 66), (190, 62)]]))) == 1


def test_touching_digits_are_cut_apart_and_a_wide_zero_is_not():
    ones = [[(40, 60), (40, 220)], [(40, 140), (270, 140)], [(270, 60), (270, 220)]]
    assert len(photos.find_digits(page_of(ones, width=10))) == 2
    zero = page_of(())
    ImageDraw.Draw(zero).ellipse((30, 90, 270, 190), outline="black", width=12)
    assert len(photos.find_digits(zero)) == 1


def test_blank_pages_are_told():
    rows, columns = np.mgrid[-1:1:300j, -1:1:400j]
    noise = np.random.default_rng(1).normal(0, 4, rows.shape)
    for page in (np.full((50, 50), 200, np.uint8), np.uint8(np.clip(190 - 40 * rows + 20 * columns + noise, 0, 255))):
        with pytest.raises(photos.BlankImageError, match=r"No ink was found.*use a darker pen"):
            photos.digit_image(page)


def test_every_error_says_what_was_expected(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    buffer = io.BytesIO()
    page_of().save(buffer, "PNG")
    (tmp_path / "half.png").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    Image.new("1", (9_000, 8_000)).save(tmp_path / "huge.png")
    cases = [
        (tmp_path / "none.png", FileNotFoundError, "There is no file .*check the path"),
        (tmp_path, FileNotFoundError, "There is no file"),
        (tmp_path / "text.png", photos.NotAnImageError, "is not an image that can be read. Expected JPEG, PNG"),
        (tmp_path / "half.png", photos.NotAnImageError, "damaged or truncated.*Expected a whole file"),
        (tmp_path / "huge.png", photos.ImageSizeError, "has 9000x8000 pixels. Expected 8x8 up to 50 million"),
        (np.zeros((3, 3), np.uint8), photos.ImageSizeError, "The array has 3x3 pixels"),
        (np.zeros((30, 30, 2), np.uint8), photos.NotAnImageError, r"shape \(30, 30, 2\) is no picture"),
        (np.full((30, 30), 7.0), photos.NotAnImageError, "must lie in \\[0, 1\\]"),
        (np.zeros((30, 30), np.int64), photos.NotAnImageError, "array of int64"),
    ]
    for photo, error, message in cases:
        with pytest.raises(error, match=message):
            photos.digit_image(photo)


def test_odd_and_damaged_files_raise_only_documented_errors(tmp_path):
    spec = importlib.util.spec_from_file_location("fuzz_photos", ROOT / "benchmarks" / "fuzz_photos.py")
    fuzz = importlib.util.module_from_spec(spec)
    sys.modules["fuzz_photos"] = fuzz
    spec.loader.exec_module(fuzz)
    files, rng = fuzz.seed_files(), np.random.default_rng(3)
    seen = set()
    for _ in range(200):
        name, data = fuzz.mutated(files, rng)
        (tmp_path / name).write_bytes(data)
        outcome, seconds = fuzz.try_file(photos.find_digits, tmp_path / name)
        seen.add(outcome)
        assert outcome in {"read", "NotAnImageError", "ImageSizeError", "BlankImageError"}, name
        assert seconds < fuzz.MOST_SECONDS, name
    assert {"read", "NotAnImageError", "ImageSizeError"} <= seen


@pytest.mark.parametrize("kind", stress.KINDS)
def test_stress_photos_repeat_and_keep_their_digit(small_dataset, kind):
    digit = small_dataset.x_test[0]
    one, two = (stress.photograph(digit, np.random.default_rng(5), kind, 1) for _ in range(2))
    assert one.dtype == np.uint8
    assert one.shape[2] == 3
    assert np.array_equal(one, two)
    assert likeness(photos.digit_image(one), digit / 255) > 0.5


def test_unknown_stress_is_told():
    with pytest.raises(ValueError, match="There is no stress 'rain'"):
        stress.photograph(np.zeros((28, 28), np.uint8), np.random.default_rng(0), "rain", 1)
