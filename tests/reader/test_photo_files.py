"""Opening a photo: whatever the file or array, the upright picture; whatever is wrong with it, one clear error."""

import io

import numpy as np
import pytest
from PIL import Image

from conftest import load_benchmark
from mnist_study.reader import photo_files, photos, read

from .pages import likeness, page_of, seven


def test_every_error_says_what_was_expected(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    buffer = io.BytesIO()
    page_of().save(buffer, "PNG")
    (tmp_path / "half.png").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    Image.new("1", (9_000, 8_000)).save(tmp_path / "huge.png")
    cases = [
        (tmp_path / "none.png", FileNotFoundError, "There is no file .*check the path"),
        (tmp_path, FileNotFoundError, "There is no file"),
        (tmp_path / "text.png", photo_files.NotAnImageError, "is not an image that can be read. Expected JPEG, PNG"),
        (tmp_path / "half.png", photo_files.NotAnImageError, "damaged or truncated.*Expected a whole file"),
        (tmp_path / "huge.png", photo_files.ImageSizeError, "has 9000x8000 pixels. Expected 8x8 up to 50 million"),
        (np.zeros((3, 3), np.uint8), photo_files.ImageSizeError, "The array has 3x3 pixels"),
        (np.zeros((30, 30, 2), np.uint8), photo_files.NotAnImageError, r"shape \(30, 30, 2\) is no picture"),
        (np.full((30, 30), 7.0), photo_files.NotAnImageError, "must lie in \\[0, 1\\]"),
        (np.zeros((30, 30), np.int64), photo_files.NotAnImageError, "array of int64"),
    ]
    for photo, error, message in cases:
        with pytest.raises(error, match=message):
            photos.digit_image(photo)


def test_odd_and_damaged_files_raise_only_documented_errors(tmp_path):
    fuzz = load_benchmark("fuzz_photos")
    files, rng = fuzz.seed_files(), np.random.default_rng(3)
    read(page_of())  # loads the networks, once
    seen = set()
    for _ in range(200):
        name, data = fuzz.mutated(files, rng)
        (tmp_path / name).write_bytes(data)
        outcome, seconds = fuzz.try_file(read, tmp_path / name)
        seen.add(outcome)
        assert outcome in {"read", "NotAnImageError", "ImageSizeError", "BlankImageError"}, name
        assert seconds < fuzz.MOST_SECONDS, name
    assert {"read", "NotAnImageError", "ImageSizeError"} <= seen


def test_every_kind_of_pixel_is_read(tmp_path):
    page, grey = page_of(), page_of().convert("L")
    clear = Image.merge("LA", (Image.new("L", page.size, 0), Image.eval(grey, lambda level: 255 - level)))
    white_on_clear = Image.merge("LA", (Image.new("L", page.size, 255), Image.eval(grey, lambda level: 255 - level)))
    levels = np.asarray(grey)
    shown = (
        page.convert("CMYK"), page.convert("1"), page.quantize(8), clear, white_on_clear, levels, levels / 255,
        levels > 128, levels.astype(np.uint16) * 257, levels[..., None], np.dstack([levels] * 4),
    )  # fmt: skip
    for photo in shown:
        assert likeness(photos.digit_image(photo), seven()) > 0.97
    Image.fromarray(levels.astype(np.uint16) * 257).save(tmp_path / "wide.png")
    assert likeness(photos.digit_image(tmp_path / "wide.png"), seven()) > 0.97


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_comes_from_exif(tmp_path, orientation):
    undo = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    stored = page_of()
    way = photo_files.TRANSPOSED.get(orientation)
    if way is not None:
        stored = stored.transpose(undo.get(orientation, way))
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "photo.jpg", exif=exif.tobytes(), quality=95)
    found = photos.largest_digit(tmp_path / "photo.jpg")
    assert likeness(found.image, seven()) > 0.98
    assert np.abs(np.array(found.box) - (84, 53, 207, 214)).max() < 8


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_boxes_are_in_pixels_of_the_photo(tmp_path, suffix):
    page_of().resize((3000, 2800)).save(tmp_path / f"large.{suffix}")
    box = photos.largest_digit(tmp_path / f"large.{suffix}").box
    assert np.abs(np.array(box) - (840, 530, 2070, 2140)).max() < 80


@pytest.mark.parametrize(
    ("size", "expected", "scale"), [((300, 280), (280, 300), 1.0), ((3000, 2000), (667, 1000), 3.0)]
)
def test_a_picture_is_at_most_a_thousand_pixels_a_side(tmp_path, size, expected, scale):
    page_of().resize(size).save(tmp_path / "photo.png")
    for photo in (tmp_path / "photo.png", str(tmp_path / "photo.png"), np.asarray(page_of().resize(size))):
        picture, found = photo_files.open_photo(photo)
        assert picture.shape == (*expected, 3) and picture.dtype == np.float32 and found == scale
        assert picture.min() >= 0 and picture.max() <= 1


def test_what_is_transparent_is_white_unless_the_ink_is_white():
    black, white = (Image.new("RGBA", (40, 40), (*colour, 0)) for colour in ((0, 0, 0), (255, 255, 255)))
    for page, ink in ((black, (0, 0, 0, 255)), (white, (255, 255, 255, 255))):
        page.paste(ink, (10, 10, 20, 30))
    assert photo_files.open_photo(black)[0][0, 0].tolist() == [1, 1, 1]
    assert photo_files.open_photo(white)[0][0, 0].tolist() == [0, 0, 0]


def test_photos_of_a_folder_are_those_with_the_endings_of_pictures(tmp_path):
    (tmp_path / "inner").mkdir()
    for name in ("b.PNG", "a.jpg", "inner/c.heic", "notes.txt", "none"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in photo_files.photos_in(tmp_path)]
    assert found == ["a.jpg", "b.PNG", "inner/c.heic"]


def test_every_error_is_a_photo_error():
    for error in (photo_files.NotAnImageError, photo_files.ImageSizeError, photo_files.BlankImageError):
        assert issubclass(error, photo_files.PhotoError) and issubclass(error, ValueError)
