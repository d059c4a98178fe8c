"""LiteRT files of a small network and of the shipped reader; what the committed record says of them."""

import keras
import numpy as np
import pytest

from mnist_study import gallery
from mnist_study.__main__ import main
from mnist_study.reader import litert as export
from mnist_study.reader import reading as reader
from mnist_study.reports.reader import edge

draw = np.random.default_rng(0)
IMAGES = draw.integers(0, 256, (40, 28, 28)).astype(np.float32)


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(1)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Rescaling(1 / 255),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(8, 5, strides=3, activation="relu"),
            layers.Flatten(),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


@pytest.mark.parametrize(("number_format", "difference"), [("float32", 1e-5), ("float16", 2e-3), ("int8", 3e-2)])
def test_a_litert_file_reads_as_keras_does(network, tmp_path, number_format, difference):
    path = export.to_litert(network, tmp_path / "small.tflite", number_format, IMAGES)
    found = export.LiteRTModel(path)(IMAGES)
    assert found.shape == (40, 10) and found.dtype == np.float32
    assert np.abs(found - network.predict(IMAGES, verbose=0)).max() < difference
    assert [file.name for file in tmp_path.iterdir()] == ["small.tflite"]


def test_smaller_formats_are_smaller(network, tmp_path):
    sizes = [export.to_litert(network, tmp_path / "x.tflite", name, IMAGES).stat().st_size for name in export.FORMATS]
    assert sizes[0] > sizes[1] > sizes[2]


def test_wrong_options_get_one_clear_error_and_leave_what_is_there(network, tmp_path):
    path = tmp_path / "kept.tflite"
    path.write_bytes(b"mine")
    with pytest.raises(ValueError, match="no format 'int4'; expected one of: float32, float16, int8"):
        export.to_litert(network, path, "int4")
    with pytest.raises(ValueError, match="int8 needs representative training images"):
        export.to_litert(network, path, "int8")
    with pytest.raises(ValueError, match=r"does not end in \.tflite"):
        export.to_litert(network, tmp_path / "x.keras", "float32")
    assert path.read_bytes() == b"mine"
    with pytest.raises(ValueError, match="is no LiteRT file"):
        export.LiteRTModel(path)
    with pytest.raises(FileNotFoundError, match=r"Write it with export\.to_litert"):
        export.LiteRTModel(tmp_path / "none.tflite")


def test_the_reader_reads_with_any_forward_pass():
    shipped = reader.shipped()
    other = reader.Reader(lambda pixels: shipped.forward(pixels), shipped.temperature, shipped.threshold)
    np.testing.assert_array_equal(other.probabilities(IMAGES[:3] / 255), shipped.probabilities(IMAGES[:3] / 255))


def test_time_is_taken_in_a_process_of_its_own(network, tmp_path):
    path = export.to_litert(network, tmp_path / "small.tflite", "float32")
    assert 0 < edge.milliseconds_on_one_core(path, IMAGES) < 50


def test_export_command_writes_three_files(tmp_path, capsys, small_dataset, monkeypatch):
    monkeypatch.setattr("mnist_study.datasets.for_profile", lambda profile: small_dataset)
    monkeypatch.setattr(export, "REPRESENTATIVE", 20)
    assert main(["export", str(tmp_path / "new")]) == 0
    files = {path.name: path.stat().st_size for path in (tmp_path / "new").iterdir()}
    assert sorted(files) == ["reader-float16.tflite", "reader-float32.tflite", "reader-int8.tflite"]
    assert files["reader-int8.tflite"] <= files["reader-float32.tflite"] / 3
    assert capsys.readouterr().out.count("kB") == 3


# --- the committed record ----------------------------------------------------------------------------------------


def test_int8_is_small_and_reads_as_well():
    record = gallery.Records().one("reader/edge")
    metrics = record.metrics
    assert metrics["n_mnist_int8"] == 10000 and metrics["n_sharpies_int8"] == 29
    assert metrics["accuracy_mnist_int8"] >= metrics["accuracy_mnist_keras"] - 0.001
    assert metrics["bytes_int8"] <= metrics["bytes_float32"] / 3
    assert metrics["largest_difference_float32"] < 1e-4
    assert metrics["milliseconds_int8"] < metrics["milliseconds_keras compiled"] < metrics["milliseconds_keras predict"]
    assert metrics["weights_sha256"] == gallery.Records().one("reader/shipped").metrics["weights_sha256"]
    assert record.provenance["dirty"] is False
