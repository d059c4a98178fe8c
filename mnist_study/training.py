"""Training a network: seed, compile, fit epoch by epoch with a checkpoint after each, so that it can be stopped anywhere.

Only ``keras`` is used, so that the same training runs on any of its backends (``KERAS_BACKEND=jax`` on a GPU).
"""

import json
import time
from pathlib import Path

import keras
import numpy as np
from tqdm.auto import tqdm

from . import paths

EVALUATION_BATCH = 1000


def prepare_device() -> str:
    """Let a GPU's memory grow with need, keep float32, and name the device.

    Returns:
        For example ``"gpu:0"``, or ``""`` where there is only the processor.
    """
    keras.config.set_dtype_policy("float32")
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):
            try:
                tf.config.experimental.set_memory_growth(gpu, True)
            except RuntimeError:  # already in use: growth was decided before
                pass
    return ", ".join(name for name in keras.distribution.list_devices() if not name.startswith("cpu"))


def execution(model: keras.Model, on_gpu: bool) -> dict:
    """How to run a training step fastest on this device: the mathematics stay the same, only their scheduling changes.

    On the CPU, XLA doubles a dense network's speed and halves a convolutional one's; running many steps in one call
    helps both. Measured by ``benchmarks/training_speed.py``.

    Returns:
        Arguments for ``model.compile``.
    """
    convolutional = any(isinstance(layer, keras.layers.Conv2D) for layer in model.layers)
    if on_gpu:
        return {"steps_per_execution": 64}
    return {"jit_compile": not convolutional, "steps_per_execution": 32 if convolutional else 256}


def compile_model(model: keras.Model, learning_rate: float, on_gpu: bool = False) -> None:
    """Compile for plain stochastic gradient descent on the cross-entropy of integer labels."""
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        **execution(model, on_gpu),
    )


def batch_order(seed: int, epoch: int, n: int) -> np.ndarray:
    """The order in which an epoch visits its images: a function of seed and epoch alone, so that a resumed run repeats it."""
    return np.random.default_rng([seed, epoch]).permutation(n)


def fit(model, train, validation, *, epochs: int, batch_size: int, seed: int, checkpoint: Path | None = None, title=""):
    """Train a compiled model, or go on where an interrupted training stopped; both end in the very same weights.

    Args:
        model: compiled, freshly built under ``seed``.
        train, validation: ``(images, labels)``; images (n, 28, 28) in [0, 255], integer labels (n,).
        epochs, batch_size: as in Keras.
        seed: decides the order of the images in every epoch.
        checkpoint: file that holds the last finished epoch; the caller removes it once the result is safe.
        title: shown in front of the progress bar.

    Returns:
        The history: ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy`` and ``seconds``, one entry per epoch.
    """
    (x, y), (x_val, y_val) = train, validation
    history = _restore(model, checkpoint)
    start = len(history.get("loss", []))
    with tqdm(total=epochs, initial=start, desc=title, unit="epoch") as bar:
        for epoch in range(start, epochs):
            began = time.perf_counter()
            order = batch_order(seed, epoch, len(x))
            logs = model.fit(x[order], y[order], batch_size=batch_size, shuffle=False, verbose=0).history
            row = {name: values[0] for name, values in logs.items()}
            val_loss, val_accuracy = model.evaluate(x_val, y_val, batch_size=EVALUATION_BATCH, verbose=0)
            row |= {"val_loss": val_loss, "val_accuracy": val_accuracy, "seconds": time.perf_counter() - began}
            for name, value in row.items():
                history.setdefault(name, []).append(round(float(value), 7))
            _store(model, history, checkpoint)
            bar.set_postfix(val_accuracy=f"{val_accuracy:.4f}")
            bar.update()
    return history


def _state(model):
    return [*model.variables, *model.optimizer.variables]  # weights, random states, optimizer


def _store(model, history: dict, checkpoint: Path | None) -> None:
    if checkpoint is None:
        return
    arrays = {f"v{i}": keras.ops.convert_to_numpy(variable) for i, variable in enumerate(_state(model))}
    with paths.whole_file(checkpoint) as temporary:
        np.savez(temporary, history=json.dumps(history), **arrays)


def _restore(model, checkpoint: Path | None) -> dict:
    """Put the checkpoint's weights into the model and return its history; {} where there is none."""
    if checkpoint is None or not checkpoint.exists():
        return {}
    with np.load(checkpoint, allow_pickle=False) as stored:
        for i, variable in enumerate(_state(model)):
            variable.assign(stored[f"v{i}"])
        return json.loads(str(stored["history"]))


def predict(model, images) -> np.ndarray:
    """Probabilities, float32 (n, 10), of images (n, 28, 28) in [0, 255]."""
    return np.asarray(model.predict(images, batch_size=EVALUATION_BATCH, verbose=0))
