"""Somebody's model as a function of arrays: from a file, of which nothing is executed, or from an object in Python."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

BATCH = 250  # images handed to a model at a time
PREDICT = "answers = model.predict({x})"
IN_PYTHON = "build or load it in Python and call diagnose.diagnose(model, photos)"


@dataclass(frozen=True)
class Model:
    """What ``load`` makes of a model.

    Attributes:
        name: how texts call it.
        kind: "keras", "litert", "onnx", "scikit-learn" or "function".
        predict: float32 images (n, ...) -> its raw answers, one for each image.
        shape: of one image as the model declares it, None for a side that it leaves open; None where it declares nothing.
        opened: lines of Python that load it as ``model``.
        asked: lines that define its ``answers`` to ``{x}``, a batch of one image.
        original: the object itself, for further training; None of a file that only runs.
    """

    name: str
    kind: str
    predict: Callable
    shape: tuple | None
    opened: tuple
    asked: tuple
    original: object = None


def load(model) -> Model:
    """A model that answers numpy arrays.

    Args:
        model: the path of a ``.keras``, ``.h5``, ``.tflite`` or ``.onnx`` file; a Keras model, a fitted scikit-learn
            estimator, or a function of float32 images (n, ...), in whatever shape it wants them.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no such model, damaged, holds code (a Lambda layer, a pickle), or its runtime is not installed.
    """
    if isinstance(model, Model):
        return model
    if isinstance(model, (str, Path)):
        return _from_file(Path(model))
    keras = sys.modules.get("keras")
    if keras and isinstance(model, keras.Model):
        return _keras_model(model, "your model", ())
    if hasattr(model, "predict"):
        features = getattr(model, "n_features_in_", None)
        shape = None if features in (None, 28, 32) else (features,)  # a pipeline that flattens images counts their rows
        return Model(type(model).__name__, "scikit-learn", model.predict, shape, (), (PREDICT,), model)
    if callable(model):
        name = getattr(model, "__name__", type(model).__name__)
        return Model(name, "function", model, None, (), ("answers = model({x})",), model)
    raise ValueError(
        f"{type(model).__name__} is no model. Expected a file, a Keras model, a fitted estimator, or a function of images."
    )


def _from_file(path: Path) -> Model:
    if path.is_dir():
        raise ValueError(
            f"{path} is a folder, not a model. Expected a file: save the model with model.save('model.keras')."
        )
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path}. Expected a model saved as .keras, .h5, .tflite or .onnx; check the path."
        )
    suffix = path.suffix.lower()
    if suffix in LOADERS:
        return LOADERS[suffix](path)
    if suffix in (".pkl", ".pickle", ".joblib", ".pt", ".pth"):
        raise ValueError(
            f"{path} is a pickle, which runs code when it is opened, so it is left closed. Expected .keras, .h5, .tflite or "
            f".onnx; export it to ONNX, or {IN_PYTHON}."
        )
    raise ValueError(f"{path} is no model that can be read. Expected a file .keras, .h5, .tflite or .onnx.")


# --- Keras -------------------------------------------------------------------------------------------------------


def _keras_file(path: Path) -> Model:
    from ..models.backend import keras, quiet

    try:
        with quiet():
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # zip, HDF5, JSON and every layer have errors of their own
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        if "Requested the deserialization" in str(error):  # how safe mode refuses
            raise ValueError(
                f"{path} holds code, such as a Lambda layer, and nothing in a file is executed. Replace the layer (by "
                f"Rescaling, for example), or, where you trust it, {IN_PYTHON}."
            ) from None
        raise ValueError(
            f"{path} cannot be loaded as a Keras model ({reason}). Expected a whole model saved by model.save('x.keras'). "
            f"Where it has layers of your own, {IN_PYTHON}."
        ) from None
    lines = ("import keras", f"model = keras.saving.load_model({str(path)!r}, compile=False)")
    return _keras_model(model, path.name, lines)


def _keras_model(model, name: str, lines: tuple) -> Model:
    shape = getattr(model, "input_shape", None) if model.built else None
    if isinstance(shape, (list, dict)):
        raise ValueError(f"{name} takes {len(shape)} inputs. Expected a model of one image.")
    shape, predict = shape and tuple(shape[1:]), _in_batches(model.predict_on_batch)
    return Model(name, "keras", predict, shape, lines, (PREDICT,), model)


def _in_batches(predict: Callable, size: int = BATCH) -> Callable:
    def whole(images):
        parts = [images[start : start + size] for start in range(0, len(images), size)]
        answers = [predict(part) for part in parts]
        if isinstance(answers[0], (list, tuple, dict)):
            raise ValueError("It gives several answers. Expected one of ten values for each image.")
        return np.concatenate([np.asarray(answer) for answer in answers])

    return whole


# --- files of other runtimes -------------------------------------------------------------------------------------


def _litert_file(path: Path) -> Model:
    from ai_edge_litert.interpreter import Interpreter

    from ..models.backend import quiet

    try:
        with quiet():
            interpreter = Interpreter(str(path))
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"{path} is no LiteRT file, or it needs operations that are not here ({error}).") from None
    (source, *others), target = interpreter.get_input_details(), interpreter.get_output_details()[0]
    if others:
        raise ValueError(f"{path} takes {1 + len(others)} inputs. Expected a model of one image.")

    def predict(images):
        interpreter.set_tensor(source["index"], _quantised(images, source))
        interpreter.invoke()
        return _real(interpreter.get_tensor(target["index"]), target)

    (scale, zero), number = source["quantization"], np.dtype(source["dtype"]).name
    x = "{x}" if number == "float32" else f"np.rint({{x}} / {scale or 1} + {zero}).astype('{number}')"
    opened = "from ai_edge_litert.interpreter import Interpreter", f"model = Interpreter({str(path)!r})"
    asked = (
        "model.allocate_tensors()",
        f"model.set_tensor(model.get_input_details()[0]['index'], {x}); model.invoke()",
        "answers = model.get_tensor(model.get_output_details()[0]['index'])",
    )
    shape = tuple(int(side) for side in source["shape"][1:])
    return Model(path.name, "litert", _in_batches(predict, 1), shape, opened, asked)


def _quantised(values, details):
    """float32 -> the type of a LiteRT input."""
    if details["dtype"] == np.float32:
        return values.astype(np.float32)
    scale, zero = details["quantization"]
    limits = np.iinfo(details["dtype"])
    return np.clip(np.rint(values / scale + zero if scale else values), limits.min, limits.max).astype(details["dtype"])


def _real(values, details):
    """The type of a LiteRT output -> float32."""
    scale, zero = details["quantization"]
    return (values.astype(np.float32) - zero) * scale if scale else values


def _onnx_file(path: Path) -> Model:
    try:
        import onnxruntime
    except ImportError:
        raise ValueError(
            f"{path} needs ONNX Runtime, which is not installed. Run `pip install onnxruntime`, or `pip install "
            f"mnist_study[diagnose]`."
        ) from None
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:
        reason = str(error).splitlines()[0][:200]
        raise ValueError(f"{path} is no ONNX file, or it needs operations that are not here ({reason}).") from None
    source, *others = session.get_inputs()
    if others:
        raise ValueError(f"{path} takes {1 + len(others)} inputs. Expected a model of one image.")
    numbers = {"tensor(double)": np.float64, "tensor(uint8)": np.uint8, "tensor(int64)": np.int64}
    number = numbers.get(source.type, np.float32)
    first, *shape = source.shape or [None]

    def predict(images):
        return session.run(None, {source.name: images.astype(number)})[0]

    whole = _in_batches(predict, 1 if isinstance(first, int) else BATCH)  # some are exported for one image at a time
    x = "{x}" if number == np.float32 else f"{{x}}.astype('{np.dtype(number).name}')"
    opened = "import onnxruntime", f"model = onnxruntime.InferenceSession({str(path)!r})"
    asked = (f"answers = model.run(None, {{{{{source.name!r}: {x}}}}})[0]",)
    declared = tuple(side if isinstance(side, int) else None for side in shape)
    return Model(path.name, "onnx", whole, declared or None, opened, asked)


LOADERS = {
    ".keras": _keras_file,
    ".h5": _keras_file,
    ".hdf5": _keras_file,
    ".tflite": _litert_file,
    ".onnx": _onnx_file,
}
