"""Keras -> LiteRT, for phones, boards and browsers: float32, float16 and int8, each checked against Keras.

Source: https://ai.google.dev/edge/litert; Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference" (int8).
"""

import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .. import paths
from ..quiet import quiet

FORMATS = ("float32", "float16", "int8")
REPRESENTATIVE = 500  # images from which int8 takes the ranges of its activations


def to_litert(model, path: Path, number_format: str, representative: np.ndarray | None = None) -> Path:
    """Write a network as a LiteRT file that reads one image at a time.

    Weights are float32, float16 (activations stay float32) or int8 (activations too); input and output are float32 in all.

    Args:
        model: a Keras model with one input (n, height, width) of pixels.
        path: ends in ``.tflite``; replaced whole.
        number_format: one of ``FORMATS``.
        representative: for int8: training images (n, height, width) as the model takes them, never of a test set.

    Returns:
        ``path``.

    Raises:
        ValueError: an unknown format, int8 without representative images, or another ending than ``.tflite``.
        RuntimeError: Keras runs on a backend that cannot export.
    """
    from ..models.backend import keras

    if number_format not in FORMATS:
        raise ValueError(f"There is no format {number_format!r}; expected one of: {', '.join(FORMATS)}.")
    if Path(path).suffix != ".tflite":
        raise ValueError(f"{path} does not end in .tflite, by which LiteRT's tools know its files; name it so.")
    if number_format == "int8" and (representative is None or not len(representative)):
        raise ValueError("int8 needs representative training images to find the ranges of its activations; give some.")
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Keras runs on {keras.backend.backend()}, which cannot export to LiteRT. Set KERAS_BACKEND=tensorflow."
        )
    import tensorflow as tf

    one_image = [tf.TensorSpec((1, *model.input_shape[1:]), tf.float32, name="pixels")]
    options = _options(number_format, representative)
    with paths.whole_file(Path(path)) as temporary, quiet(), _without_remarks(tf.get_logger()):
        model.export(str(temporary), format="litert", verbose=False, input_signature=one_image, **options)
    return Path(path)


@contextmanager
def _without_remarks(logger):
    """The converter tells where its temporary files are; nobody needs to know."""
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)


def _options(number_format: str, representative) -> dict:
    """What the converter is told, in Keras's ``model.export(..., format="litert")``."""
    import tensorflow as tf

    if number_format == "float32":
        return {}
    smaller = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    if number_format == "float16":
        return smaller | {"target_spec": {"supported_types": [tf.float16]}}
    return smaller | {
        "representative_dataset": lambda: ([image[None].astype(np.float32)] for image in representative),
        "target_spec": {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
    }


class LiteRTModel:
    """A LiteRT file as a function of images: (n, height, width) -> (n, classes).

    The images go through one by one: for the reader's network a batch, or a second core, was measured to be no faster.
    The finder's, with tiles of 192 pixels, takes half the time on two cores. Several threads may call it; they take turns.

    Example:
        >>> import tempfile
        >>> from mnist_study import models
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = to_litert(models.mlp(), Path(folder) / "mlp.tflite", "float32")
        ...     LiteRTModel(path)(np.zeros((3, 28, 28))).shape
        (3, 10)
    """

    def __init__(self, path: Path, cores: int = 1):
        """Open the file, to run on at most so many ``cores``.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is no LiteRT file.
        """
        from ai_edge_litert.interpreter import Interpreter

        if not Path(path).is_file():
            raise FileNotFoundError(f"There is no file {path}. Write it with litert.to_litert.")
        try:
            with quiet():
                self._interpreter = Interpreter(str(path), num_threads=cores)
                self._interpreter.allocate_tensors()
        except ValueError as error:
            raise ValueError(f"{path} is no LiteRT file ({error}). Write it with litert.to_litert.") from error
        self._one_at_a_time = threading.Lock()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes), of float32 images (n, height, width) as the exported model takes them."""
        with self._one_at_a_time:
            return np.concatenate([self._of_one(image[None]) for image in np.asarray(images, np.float32)])

    def _of_one(self, image):
        self._interpreter.set_tensor(self._input, image)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)
