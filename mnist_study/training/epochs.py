"""Training a network: seed, compile, fit epoch by epoch with a checkpoint after each, so that it can be stopped anywhere.

Only ``keras`` is used, so that the same training runs on any of its backends (``KERAS_BACKEND=jax`` on a GPU).
"""

import contextlib
import json
import time
import zipfile
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from .. import paths
from ..models.backend import keras

EVALUATION_BATCH = 1000
ABOUT_THE_CPU = Path("/proc/cpuinfo")  # on Linux
OPTIMIZERS = {"sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam}
STEPS_TOGETHER = 16  # gradient steps of a dense network in one compiled call; 32 compile twice as long for little


def prepare_device(precision: str = "float32") -> str:
    """Let a GPU's memory grow with need, set the precision that layers compute in, and name the device.

    Args:
        precision: "float32", or "mixed_bfloat16", which halves the time of convolutions on processors that know it, and
            costs a half more on others; weights and sums stay in float32.

    Returns:
        For example ``"gpu:0"``, or ``""`` where there is only the processor.
    """
    keras.config.set_dtype_policy(precision)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):
            with contextlib.suppress(RuntimeError):  # already in use: growth was decided before
                tf.config.experimental.set_memory_growth(gpu, True)
    return _gpus()


def _gpus() -> str:
    return ", ".join(name for name in keras.distribution.list_devices() if not name.startswith("cpu"))


def _in_unknown_bfloat16() -> bool:
    """Whether layers compute in bfloat16 on a processor that does not know it: XLA then takes a sixth of the time."""
    known = ABOUT_THE_CPU.exists() and any(word in ABOUT_THE_CPU.read_text() for word in ("avx512", "bf16"))
    return keras.config.dtype_policy().compute_dtype == "bfloat16" and not known and not _gpus()


class ManySteps(keras.Model):
    """The same network with several gradient steps compiled into one call: its data come as (1, steps, batch, ...).

    A dense network's step is so short that calling it costs more than computing it. Weights are shared with the network
    it is made from, and the mathematics are Keras's own step, applied to one batch after another.
    """

    def train_step(self, data):
        """Take the steps in order and return the last one's logs, which Keras accumulates over the epoch."""
        x, y = data[:2]  # no sample weights here
        for step in range(x.shape[1]):
            logs = super().train_step((x[0, step], y[0, step]))
        return logs


def compiled(model: keras.Model, optimizer: str, learning_rate: float, on_gpu: bool = False) -> keras.Model:
    """Compile for a constant learning rate on the cross-entropy of integer labels, scheduled for the device.

    On the CPU XLA speeds a dense network up and slows a convolutional one down, but for a bfloat16 that the processor does
    not know, and many steps in one call help both;
    ``benchmarks/training_speed.py`` measures it. The mathematics and the order of the batches stay the same.

    Args:
        optimizer: a key of ``OPTIMIZERS``, with Keras's own defaults.
        learning_rate: the same at every step.
        on_gpu: whether the network is trained on one (``prepare_device``).

    Returns:
        What ``fit`` takes: ``model`` itself, or a ``ManySteps`` that shares its weights.
    """
    convolutional = any(isinstance(layer, keras.layers.Conv2D) for layer in model.layers)
    schedule = {"steps_per_execution": 64}
    if not on_gpu and keras.backend.backend() == "tensorflow":
        schedule = {"jit_compile": True}
        if convolutional:
            schedule = {"jit_compile": _in_unknown_bfloat16(), "steps_per_execution": 32}
        model = model if convolutional else ManySteps(model.inputs, model.outputs, name=model.name)
    chosen = OPTIMIZERS[optimizer](learning_rate)
    chosen.build(model.trainable_variables)  # so that a checkpoint finds its moments to restore
    model.compile(chosen, "sparse_categorical_crossentropy", metrics=["accuracy"], **schedule)
    return model


def compiled_adamw(
    model: keras.Model,
    learning_rate: float,
    weight_decay: float,
    steps: int,
    loss="categorical_crossentropy",
    accuracy="accuracy",
) -> keras.Model:
    """Compile for AdamW, as the reader and the finder are trained.

    The learning rate warms up over a twentieth of the ``steps`` and falls to nothing along a cosine; the optimizer keeps a
    moving average of the weights, which ``take_averaged_weights`` puts into the model at the end.

    Args:
        learning_rate: the largest.
        weight_decay: decoupled, as Keras's AdamW has it.
        steps: of the whole training, all epochs.
        loss: as Keras takes it; the cross-entropy of target distributions when left out.
        accuracy: a metric as Keras takes it, called "accuracy".

    Returns:
        ``model`` itself.

    Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization"; the schedule is our choice.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        learning_rate / 20, steps - steps // 20, warmup_target=learning_rate, warmup_steps=steps // 20
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=weight_decay, use_ema=True, ema_momentum=0.998)
    optimizer.build(model.trainable_variables)  # so that a checkpoint finds its moments and averages to restore
    schedule = {"steps_per_execution": 32}
    if keras.backend.backend() == "tensorflow":
        schedule["jit_compile"] = _in_unknown_bfloat16()
    model.compile(optimizer, loss, metrics=[accuracy], **schedule)
    return model


def take_averaged_weights(model: keras.Model) -> None:
    """Put the optimizer's moving average of the weights into the model; nothing is trained afterwards."""
    model.optimizer.finalize_variable_values(model.trainable_variables)


def epoch_generator(seed: int, epoch: int) -> np.random.Generator:
    """What an epoch draws its order and its modified images from: seed and epoch alone, so that a resumed run repeats it."""
    return np.random.default_rng([seed, epoch])


def batch_order(seed: int, epoch: int, n: int) -> np.ndarray:
    """The order in which an epoch visits its n images as they are, int (n,)."""
    return epoch_generator(seed, epoch).permutation(n)


def train_epoch(model, x, y, batch_size: int) -> dict:
    """One pass over the images in the order given; loss and accuracy are Keras's running means over it."""
    if not isinstance(model, ManySteps):
        logs = model.fit(x, y, batch_size=batch_size, shuffle=False, verbose=0).history
        return {name: values[0] for name, values in logs.items()}
    together = STEPS_TOGETHER * batch_size
    whole = len(x) // together * together
    steps = (-1, STEPS_TOGETHER, batch_size)
    parts = []  # images, and Keras's mean loss and accuracy over them: every call starts its means afresh
    if whole:
        chunks = x[:whole].reshape(*steps, *x.shape[1:]), y[:whole].reshape(steps)
        logs = model.fit(*chunks, batch_size=1, shuffle=False, verbose=0).history
        parts.append((whole, {name: values[0] for name, values in logs.items()}))
    for start in range(whole, len(x), batch_size):
        batch = slice(start, start + batch_size)
        logs = model.train_on_batch(x[None, None, batch], y[None, None, batch], return_dict=True)
        parts.append((len(x[batch]), logs))
    return {name: sum(n * float(logs[name]) for n, logs in parts) / len(x) for name in parts[0][1]}


def fit(
    model,
    train,
    validation,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    checkpoint: Path | None = None,
    title="",
    keep_best: bool = False,
    evaluation_batch: int = EVALUATION_BATCH,
):
    """Train a compiled model, or go on where an interrupted training stopped; both end in the very same weights.

    Args:
        model: from ``compiled``, freshly built under ``seed``.
        train: ``(images, labels)``: images (n, 28, 28) in [0, 255], integer labels (n,); or a function of the epoch that
            returns what this epoch trains on, in order, the same at every call (``epoch_generator``).
        validation: ``(images, labels)``.
        epochs, batch_size: as in Keras.
        seed: decides the order of the images in every epoch.
        checkpoint: file that holds the last finished epoch; the caller removes it once the result is safe.
        title: shown in front of the progress bar.
        keep_best: end in the weights of the epoch of lowest validation loss, instead of the last one's.
        evaluation_batch: validation images at a time.

    Returns:
        The history: ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy`` and ``seconds``, one entry per epoch.
    """
    x_val, y_val = validation
    history, best = _restore(model, checkpoint)
    start = len(history.get("loss", []))
    with tqdm(total=epochs, initial=start, desc=title, unit="epoch") as bar:
        for epoch in range(start, epochs):
            began = time.perf_counter()
            if callable(train):
                x, y = train(epoch)
            else:
                order = batch_order(seed, epoch, len(train[0]))
                x, y = (array[order] for array in train)
            row = train_epoch(model, x, y, batch_size)
            val_loss, val_accuracy = model.evaluate(x_val, y_val, batch_size=evaluation_batch, verbose=0)
            row |= {"val_loss": val_loss, "val_accuracy": val_accuracy, "seconds": time.perf_counter() - began}
            for name, value in row.items():
                history.setdefault(name, []).append(round(float(value), 7))
            if keep_best and history["val_loss"][-1] == min(history["val_loss"]):
                best = model.get_weights()
            _store(model, history, best, checkpoint)
            bar.set_postfix(val_accuracy=f"{val_accuracy:.4f}")
            bar.update()
    if keep_best:
        model.set_weights(best)
    return history


def _state(model):
    return [*model.variables, *model.optimizer.variables]  # weights, random states, optimizer


def _store(model, history: dict, best: list, checkpoint: Path | None) -> None:
    if checkpoint is None:
        return
    arrays = {f"v{i}": keras.ops.convert_to_numpy(variable) for i, variable in enumerate(_state(model))}
    arrays |= {f"best{i}": weights for i, weights in enumerate(best)}
    with paths.whole_file(checkpoint) as temporary:
        np.savez(temporary, history=json.dumps(history), **arrays)


def _restore(model, checkpoint: Path | None) -> tuple[dict, list]:
    """Put the checkpoint's weights into the model; its history and best weights, both empty where there is none."""
    if checkpoint is None or not checkpoint.exists():
        return {}, []
    try:
        with np.load(checkpoint, allow_pickle=False) as stored:
            state = _state(model)
            if len(state) != sum(name.startswith("v") for name in stored.files):
                raise ValueError("another number of variables")
            for i, variable in enumerate(state):
                variable.assign(stored[f"v{i}"])
            best = [stored[f"best{i}"] for i in range(sum(name.startswith("best") for name in stored.files))]
            return json.loads(str(stored["history"])), best
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"The checkpoint {checkpoint} does not belong to this training or is damaged ({type(error).__name__}). "
            f"Delete it to start this training afresh."
        ) from error


def predict(model, images) -> np.ndarray:
    """Probabilities, float32 (n, 10), of images as the model's input takes them."""
    return np.asarray(model.predict(images, batch_size=EVALUATION_BATCH, verbose=0))
