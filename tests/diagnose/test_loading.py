"""Models from files and from Python: nothing in a file is executed, and what cannot be used gets one clear error."""

import pickle
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from mnist_study import diagnose
from mnist_study.__main__ import main
from mnist_study.reader import litert


def dense(units=10, shape=(28, 28), **options):
    """A small network with its first weights."""
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(units, **options)])


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_lambda_in_a_file_is_not_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trace, code = tmp_path / "ran", layers.Lambda(lambda x: (Path("ran").touch(), x)[1])
    model = keras.Sequential([keras.Input((28, 28)), code, layers.Flatten(), layers.Dense(10)])
    model.save(tmp_path / name)
    trace.unlink()
    with pytest.raises(ValueError, match="holds code, such as a Lambda layer, and nothing in a file is executed"):
        diagnose.load(tmp_path / name)
    assert not trace.exists()
    assert diagnose.load(model).kind == "keras"  # from Python it is taken as it is


def test_a_pickle_is_left_closed(tmp_path):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "ran",)

    for name in ("model.pkl", "model.joblib", "mnist_cnn.pt"):
        (tmp_path / name).write_bytes(pickle.dumps(Trap()))
        with pytest.raises(ValueError, match="runs code when it is opened, so it is left closed"):
            diagnose.load(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_a_layer_of_ones_own_is_told_to_come_from_python(tmp_path):
    class Twice(layers.Layer):
        def call(self, x):
            return 2 * x

    model = keras.Sequential([keras.Input((28, 28)), Twice(), layers.Flatten(), layers.Dense(10)])
    model.save(tmp_path / "own.keras")
    with pytest.raises(ValueError, match="Where it has layers of your own, build or load it in Python"):
        diagnose.load(tmp_path / "own.keras")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.keras", None, "There is no file"),
        ("notes.txt", b"hello", "is no model that can be read. Expected a file .keras, .h5, .tflite or .onnx"),
        ("torn.keras", b"PK\x03\x04", "cannot be loaded as a Keras model"),
        ("torn.h5", b"not HDF5", "cannot be loaded as a Keras model"),
        ("torn.tflite", b"not a flatbuffer", "is no LiteRT file"),
        ("torn.onnx", b"not a graph", "is no ONNX file|needs ONNX Runtime"),
    ],
)
def test_what_is_no_model_gets_one_clear_error(name, content, message, tmp_path, capsys):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        diagnose.load(tmp_path / name)
    assert main(["diagnose", str(tmp_path / name)]) == 1
    assert capsys.readouterr().err.count("error:") == 1


def test_a_folder_and_an_object_that_is_no_model_are_told(tmp_path):
    with pytest.raises(ValueError, match="is a folder, not a model"):
        diagnose.load(tmp_path)
    with pytest.raises(ValueError, match="int is no model"):
        diagnose.load(7)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (dense(26, activation="softmax"), "it has 26 classes. Expected ten"),
        (dense(1), "one fraction for each image"),
        (dense(shape=(64, 64, 3)), r"takes images of shape \(64, 64, 3\)"),
        (lambda images: np.full(len(images), "k"), "classes such as k. Expected the ten digits"),
        (lambda images: np.zeros(3 * len(images) + 1), "answers to 3 images; expected one for each"),
        (lambda images: 3, "gives 1 answers to 3 images; expected one for each"),
        (lambda images: 1 / 0, "cannot be asked. division by zero"),
    ],
)
def test_what_does_not_answer_with_digits_is_told(model, message, home):
    with pytest.warns(UserWarning, match="embedded digits"), pytest.raises(ValueError, match=message):
        diagnose.diagnose(model)


def test_a_network_of_two_inputs_is_told(tmp_path):
    left, right = keras.Input((28, 28)), keras.Input((28, 28))
    model = keras.Model([left, right], layers.Dense(10)(layers.Flatten()(layers.Add()([left, right]))))
    with pytest.raises(ValueError, match="takes 2 inputs"):
        diagnose.load(model)


@pytest.mark.parametrize("number_format", ["float32", "int8"])
def test_a_litert_file_answers_as_its_network(number_format, tmp_path, small_dataset):
    model, images = dense(activation="softmax"), small_dataset.x_train[:20] / np.float32(255)
    path = litert.to_litert(model, tmp_path / "model.tflite", number_format, images)
    loaded = diagnose.load(path)
    assert loaded.shape == (28, 28) and loaded.kind == "litert"
    np.testing.assert_allclose(loaded.predict(images), model.predict(images, verbose=0), atol=0.1)


def test_integers_of_a_quantised_file_are_scaled():
    from mnist_study.diagnose.loading import _quantised, _real

    details = {"dtype": np.int8, "quantization": (1 / 255, -128)}
    numbers = _quantised(np.array([0, 0.5, 1, 2]), details)
    assert numbers.dtype == np.int8 and numbers.tolist() == [-128, 0, 127, 127]
    np.testing.assert_allclose(_real(numbers[:3], details), [0, 0.5, 1], atol=0.003)


def test_a_keras_file_is_a_zip_and_no_program_in_it_is_looked_at(tmp_path):
    model = dense()
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras", "a") as archive:
        archive.writestr("evil.py", "raise SystemExit")
    assert diagnose.load(tmp_path / "model.keras").shape == (28, 28)
