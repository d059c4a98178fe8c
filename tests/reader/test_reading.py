"""The shipped reader, its confidence, the read command and the drawing pad."""

import base64
import json
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_study import evaluation
from mnist_study import study as experiments
from mnist_study.__main__ import main
from mnist_study.data import datasets
from mnist_study.reader import litert as export
from mnist_study.reader import pad, photos
from mnist_study.reader import reading as reader
from mnist_study.reports.reader import runs as reader_training


@pytest.fixture(scope="module")
def shipped():
    return reader.shipped()


@pytest.fixture(scope="module")
def digits():
    _, (x_test, y_test) = datasets.embedded_digits()
    return x_test, y_test


@pytest.fixture
def folder(tmp_path, digits, monkeypatch):
    """Two drawings of digits and a text file that calls itself an image; the working folder."""
    monkeypatch.chdir(tmp_path)
    images, labels = digits
    for digit in (0, 3):
        drawing = Image.fromarray(255 - images[labels == digit][0]).resize((200, 200), Image.Resampling.BICUBIC)
        drawing.save(tmp_path / f"{digit}.png")
    (tmp_path / "bad.png").write_text("no image")
    return tmp_path


def test_the_weights_are_small_and_part_of_the_package(shipped):
    assert shipped.model.count_params() <= 200_000
    assert (reader.WEIGHTS / "reader.keras").stat().st_size <= 1_000_000
    assert 0.3 <= shipped.threshold < 1
    record = json.loads((reader.WEIGHTS / "reader.json").read_text())
    assert record["experiment"] == "reader/cnn" and record["provenance"]["commit"]


def test_settings_that_the_code_does_not_read_agree_with_it():
    settings = experiments.get("reader/cnn").settings
    assert settings["views"] == len(reader.VIEWS)
    share = reader_training.VALIDATION_SHARE
    assert settings["split"] == f"{round(60_000 * (1 - share))}/{round(60_000 * share)}/10000"
    edge = experiments.get("reader/edge").settings
    assert edge["representative"] == export.REPRESENTATIVE and edge["formats"] == ", ".join(export.FORMATS)


def test_probabilities_are_calibrated_distributions(shipped, digits):
    images, labels = digits
    y_prob = shipped.probabilities(images / 255)
    assert y_prob.shape == (300, 10)
    assert np.allclose(y_prob.sum(axis=1), 1, atol=1e-5)
    assert evaluation.counts(labels, y_prob.argmax(axis=1))["accuracy"] > 0.95
    with pytest.raises(ValueError, match=r"shape \(n, 28, 28\)"):
        shipped.probabilities(images[0] / 255)


def test_temperature_keeps_the_order_and_changes_the_confidence():
    y_prob = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], np.float32)
    cool, warm = reader.with_temperature(y_prob, 0.5), reader.with_temperature(y_prob, 2.0)
    assert (cool.argmax(axis=1) == warm.argmax(axis=1)).all()
    assert (cool.max(axis=1) > y_prob.max(axis=1)).all() and (warm.max(axis=1) < y_prob.max(axis=1)).all()
    assert np.allclose(reader.with_temperature(y_prob, 1.0), y_prob)


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


# --- the command -------------------------------------------------------------------------------------------------


def test_read_prints_a_line_a_digit_and_goes_on_after_a_bad_file(folder, capsys):
    assert main(["read", "0.png", "bad.png", "3.png"]) == 1
    out, err = capsys.readouterr()
    assert [line.split("\t")[:2] for line in out.splitlines()] == [["0.png", "0"], ["3.png", "3"]]
    assert err.count("error: ") == 1 and "bad.png is not an image" in err
    assert main(["read", "0.png"]) == 0


def test_read_prints_json(folder, capsys):
    assert main(["read", str(folder), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [one["digit"] for one in found] == [0, 3]
    for one in found:
        assert set(one) == {"path", "digit", "confidence", "box"}
        assert 0 < one["confidence"] <= 1 and len(one["box"]) == 4


def test_show_writes_a_picture_and_overwrites_nothing(folder, capsys):
    assert main(["read", "0.png", "--show"]) == 0
    assert main(["read", "0.png", "--show"]) == 0
    assert sorted(path.name for path in (folder / "read").iterdir()) == ["0-2.png", "0.png"]
    assert Image.open(folder / "read" / "0.png").size[0] > 300


def test_an_empty_folder_and_a_missing_file_are_told(tmp_path, capsys):
    assert main(["read", str(tmp_path), str(tmp_path / "none.jpg")]) == 1
    err = capsys.readouterr().err
    assert "holds no photos; expected files that end in .jpg" in err and "There is no file" in err


# --- training data -----------------------------------------------------------------------------------------------


def test_an_epoch_of_the_reader_holds_digits_and_what_is_none(small_dataset):
    settings = experiments.get("reader/cnn").settings
    images, labels = small_dataset.x_train, small_dataset.y_train
    pixels, targets = reader_training.reader_epoch(images, labels, np.random.default_rng(1), settings)
    assert pixels.shape == (330, 28, 28) and targets.shape == (330, 10)
    assert pixels.min() >= 0 and 100 < pixels.max() <= 255
    assert np.allclose(targets.sum(axis=1), 1)
    assert (targets.max(axis=1) < 0.2).sum() == 30


# --- the pad -----------------------------------------------------------------------------------------------------


def sent(image):
    return base64.b64encode(np.asarray(image.resize((pad.SIDE, pad.SIDE)).convert("L")).tobytes()).decode()


def test_the_pad_reads_what_is_drawn(shipped, digits):
    images, labels = digits
    widget = pad.drawing_pad(shipped)
    widget.drawing = sent(Image.fromarray(255 - images[labels == 0][0]))
    assert np.argmax(widget.probabilities) == 0 and len(base64.b64decode(widget.image)) == 784
    assert widget.answer.startswith("0, ") or "perhaps 0" in widget.answer
    widget.drawing = sent(Image.new("L", (50, 50), 255))
    assert (widget.probabilities, widget.image, widget.answer) == ([], "", "draw a digit")
    widget.drawing = "nonsense"
    assert widget.probabilities == [] and "expected 140 x 140" in widget.answer
