"""The shipped reader: its weights, its confidence, its answers."""

import json
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_study import data, evaluation, reader
from mnist_study.reader import photos, reading


@pytest.fixture(scope="module")
def shipped():
    return reader.shipped()


@pytest.fixture(scope="module")
def digits():
    return data.embedded_digits()[1]


def test_the_weights_are_small_and_part_of_the_package(shipped):
    assert shipped.model.count_params() <= 200_000
    assert (reading.WEIGHTS / "reader.keras").stat().st_size <= 1_000_000
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
