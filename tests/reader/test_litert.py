"""LiteRT files of a small network: they read as Keras does."""

import keras
import numpy as np
import pytest

from mnist_study.reader import litert

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
    path = litert.to_litert(network, tmp_path / "small.tflite", number_format, IMAGES)
    found = litert.LiteRTModel(path)(IMAGES)
    assert found.shape == (40, 10) and found.dtype == np.float32
    assert np.abs(found - network.predict(IMAGES, verbose=0)).max() < difference
    assert [file.name for file in tmp_path.iterdir()] == ["small.tflite"]


def test_smaller_formats_are_smaller(network, tmp_path):
    sizes = [litert.to_litert(network, tmp_path / "x.tflite", name, IMAGES).stat().st_size for name in litert.FORMATS]
    assert sizes[0] > sizes[1] > sizes[2]


def test_wrong_options_get_one_clear_error_and_leave_what_is_there(network, tmp_path):
    path = tmp_path / "kept.tflite"
    path.write_bytes(b"mine")
    with pytest.raises(ValueError, match="no format 'int4'; expected one of: float32, float16, int8"):
        litert.to_litert(network, path, "int4")
    with pytest.raises(ValueError, match="int8 needs representative training images"):
        litert.to_litert(network, path, "int8")
    with pytest.raises(ValueError, match=r"does not end in \.tflite"):
        litert.to_litert(network, tmp_path / "x.keras", "float32")
    assert path.read_bytes() == b"mine"
    with pytest.raises(ValueError, match="is no LiteRT file"):
        litert.LiteRTModel(path)
    with pytest.raises(FileNotFoundError, match=r"Write it with \w+\.to_litert"):
        litert.LiteRTModel(tmp_path / "none.tflite")
