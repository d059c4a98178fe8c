"""The benchmark of readers of photos: its sets, how it counts, and its table."""

import io

import numpy as np
import pytest
from PIL import Image

from mnist_study import data, evaluation


@pytest.mark.parametrize(
    ("expected", "answer", "count"),
    [
        ("405", "405", 0),
        ("405", "45", 1),
        ("405", "4505", 1),
        ("405", "905", 1),
        ("", "12", 2),
        ("12", "", 2),
        ("12", "21", 2),
    ],
)
def test_errors_are_what_is_left_out_changed_or_too_much(expected, answer, count):
    assert evaluation.edit_distance(expected, answer) == count


def test_a_folder_s_files_say_what_they_show(benchmark, tmp_path):
    for name in ("07_note.png", "none_desk.jpg"):
        Image.new("L", (20, 20)).save(tmp_path / name)
    assert [text for _, text in benchmark.photos_in(tmp_path)] == ["07", ""]
    Image.new("L", (20, 20)).save(tmp_path / "seven.png")
    with pytest.raises(ValueError, match="does not say what it shows; name it by its digits"):
        benchmark.photos_in(tmp_path)
    with pytest.raises(ValueError, match="holds no photos"):
        benchmark.photos_in(tmp_path / "nowhere")


def test_the_stress_set_has_every_kind_and_strength(benchmark, small_dataset, monkeypatch):
    monkeypatch.setattr(data.sources, "load_mnist", lambda: (None, (small_dataset.x_test, small_dataset.y_test)))
    photos = benchmark.stress_photos(per_cell=1)
    assert len(photos) == len(data.stress.KINDS) * len(data.stress.STRENGTHS)
    assert all(Image.open(file).mode == "RGB" and text in "0123456789" for file, text in photos)


def test_sets_that_cannot_be_had_are_left_out_and_nothing_takes_their_place(benchmark, monkeypatch, capsys):
    def missing(*_):
        raise data.MissingDataError("nothing here")

    monkeypatch.setattr(data.sources, "load_mnist", missing)
    monkeypatch.setattr(data, "load_photos", missing)
    assert benchmark.all_sets([], per_cell=1) == {}
    assert capsys.readouterr().out.count("left out") == 2


def test_others_are_given_upright_photos_neither_small_nor_large(benchmark, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    for size, expected in (((60, 40), (160, 240)), ((3200, 800), (400, 1600)), ((600, 300), (300, 600))):
        Image.new("L", size).save(tmp_path / "photo.jpg", exif=exif.tobytes())
        shown = benchmark.upright(tmp_path / "photo.jpg")
        assert shown.size == expected and shown.mode == "RGB"


def test_this_project_s_reader_and_a_reader_that_always_says_1(benchmark):
    images, labels = data.embedded_digits()[1]
    photos = []
    for image, label in zip(images[:8], labels[:8], strict=True):
        photos.append((io.BytesIO(), str(label)))
        Image.fromarray(np.uint8(255 - image)).resize((112, 112), Image.Resampling.BICUBIC).save(photos[-1][0], "PNG")
    readers = {benchmark.OURS: benchmark.this_project(), "one": {"always": lambda photo: "1"}}
    rows = benchmark.compared({"digits": photos}, readers)
    assert [row["way"] for row in rows] == ["best guess", "where it is sure", "always"]
    assert rows[0]["whole"] >= 7 and rows[0]["digits"] == rows[0]["whole"] >= rows[1]["whole"]
    assert rows[2]["whole"] == (labels[:8] == 1).sum() and rows[2]["answers"] == ["1"] * 8
    assert all(row["milliseconds"] >= 0 for row in rows)


def test_the_table_has_the_better_way_of_others_and_both_of_ours(benchmark):
    ways = ((benchmark.OURS, "best guess", 2, 3), (benchmark.OURS, "where it is sure", 1, 3))
    ways += (("other", "finding", 1, 1), ("other", "one line", 1, 2))
    rows = [
        {"set": "mine", "reader": reader, "way": way, "whole": whole, "digits": digits, "milliseconds": 12.3}
        for reader, way, whole, digits in ways
    ]
    result = {"device": "two cores", "load": 0.1, "time": "2026-11-26T00:00:00", "commit": "0123456789", "dirty": False}
    result |= {"cold_seconds": 0.5, "imports_seconds": 0.4, "sets": {"mine": ["12", "3"]}, "rows": rows}
    page = benchmark.report(result)
    assert "| mine | this project, best guess | 2 of 2 | 3 of 3 | 12 |" in page
    assert "| mine | this project, where it is sure | 1 of 2 | 3 of 3 | 12 |" in page
    assert "| mine | other, one line | 1 of 2 | 2 of 3 | 12 |" in page and "finding |" not in page
    assert "in 0.50 s, 1.25 times" in page
