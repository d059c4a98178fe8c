"""Networks trained by an experiment's settings, and the runner of the kind "network"."""

import time

import numpy as np

from .. import evaluation, models, paths, records
from ..data import augment, named_split
from ..models.backend import keras
from ..records import Record
from . import epochs
from .run import ALL_MISTAKES, MISTAKES_KEPT, Run, predictions


def build_network(settings: dict, x_train: np.ndarray) -> keras.Model:
    """The experiment's uncompiled network; report sharpies' standardise by the mean and deviation of all training pixels."""
    options = dict(settings["model"])
    name = options.pop("builder")
    if name not in models.NETWORKS:
        raise KeyError(
            f"There is no network {name!r}; expected one of: {', '.join(models.NETWORKS)}. One of your own is put into "
            f"models.NETWORKS."
        )
    standardised = {"pixels": x_train} if name in models.STANDARDISED else {}
    model = models.NETWORKS[name](**options, **standardised)
    if not getattr(model, "inputs", None) or model.output_shape != (None, 10):
        raise ValueError(
            f"The network {name!r} is {model!r:.80}; expected a functional or sequential Keras model with an Input, from "
            f"images as they come to the probabilities of 10 digits."
        )
    return model


def fit_network(settings: dict, seed: int, x_train, train, validation, checkpoint=None, title="", n=None, start=None):
    """Build, compile and train an experiment's network.

    Args:
        settings: model, optimizer ("adamw" or one of ``epochs.OPTIMIZERS``), learning_rate, epochs, batch_size; for
            AdamW weight_decay; ``"keep": "lowest val_loss"`` where the best epoch's weights are kept; ``precision`` of
            the training (``epochs.prepare_device``).
        seed: decides weights, dropout and order.
        x_train: the training images as they came, for those networks that standardise by them.
        train, validation, checkpoint, title: as ``epochs.fit`` takes them; AdamW wants one-hot labels.
        n: images an epoch, where ``train`` is a function and the optimizer is AdamW.
        start: weights to go on from, as ``get_weights`` gives them.

    Returns:
        ``(model, history, device)``.
    """
    return fitted(
        lambda: build_network(settings, x_train), settings, seed, train, validation, checkpoint, title, n, start
    )


def fitted(
    build, settings: dict, seed: int, train, validation, checkpoint=None, title="", n=None, start=None,
    evaluation_batch: int = epochs.EVALUATION_BATCH, **judged,
):  # fmt: skip
    """As ``fit_network``, of what a function builds.

    Args:
        build: a function that returns an uncompiled model.
        evaluation_batch: as ``epochs.fit`` takes it.
        judged: ``loss`` and ``accuracy``, as ``epochs.compiled_adamw`` takes them.
    """
    precision, with_adamw = settings.get("precision", "float32"), settings.get("optimizer", "adamw") == "adamw"
    device = epochs.prepare_device(precision)
    try:
        keras.utils.set_random_seed(seed)
        model = build()
        if start is not None:
            model.set_weights(start)
        if with_adamw:
            steps = settings["epochs"] * -(-n // settings["batch_size"])
            trainer = epochs.compiled_adamw(model, settings["learning_rate"], settings["weight_decay"], steps, **judged)
        else:
            trainer = epochs.compiled(model, settings["optimizer"], settings["learning_rate"], on_gpu=bool(device))
        history = epochs.fit(
            trainer,
            train,
            validation,
            epochs=settings["epochs"],
            batch_size=settings["batch_size"],
            seed=seed,
            checkpoint=checkpoint,
            title=title,
            keep_best=settings.get("keep") == "lowest val_loss",
            evaluation_batch=evaluation_batch,
        )
        if with_adamw:
            epochs.take_averaged_weights(model)
    finally:
        epochs.prepare_device()  # only training is done in lower precision, however it ends
    if precision != "float32":
        trained = model.get_weights()
        model = build()
        model.set_weights(trained)
    return model, history, device


def evaluate(model, images, labels, mistakes_kept: int = MISTAKES_KEPT) -> tuple[dict, dict]:
    """Metrics, and the arrays that a record keeps of a network's predictions.

    Args:
        model: fitted, with its L2 penalties.
        images: (n, height, width), as the model's input takes them.
        labels: uint8 (n,).
        mistakes_kept: how many images of mistakes the arrays hold at most.

    Returns:
        ``(metrics, arrays)``: ``accuracy``, ``misses``, ``n``, ``loss`` (with the penalties), ``cross_entropy``,
        ``parameters`` and ``layers``; and what ``run.predictions`` returns.
    """
    y_prob = epochs.predict(model, images)
    y_pred = y_prob.argmax(axis=1).astype(np.uint8)
    cross_entropy = evaluation.cross_entropy(labels, y_prob)
    penalty = float(sum(keras.ops.convert_to_numpy(loss) for loss in model.losses))
    metrics = evaluation.counts(labels, y_pred) | {
        "loss": cross_entropy + penalty,  # with the L2 penalty, as Keras and the reports have it
        "cross_entropy": cross_entropy,
        "parameters": model.count_params(),
        "layers": models.layer_table(model),
    }
    return metrics, predictions(images, labels, y_pred, y_prob, mistakes_kept)


def record_with_weights(run: Run, model, history: dict, device: str, metrics: dict, arrays: dict, **seconds) -> Record:
    """The record of a trained network, whose weights are kept beside where it will stand.

    Args:
        model, history, device: as ``fit_network`` returns them.
        metrics, arrays: as ``evaluate`` returns them.
        seconds: of other stages than ``fit``, which is the sum over the history.
    """
    model.compile()  # the optimizer's state would multiply the file
    with paths.whole_file(run.path.with_suffix(".keras")) as temporary:
        model.save(temporary)
    made_by = records.provenance(device) | {"backend": keras.backend.backend()}
    seconds = {"fit": round(sum(history["seconds"]), 3)} | seconds
    return run.record(metrics, arrays, history=history, seconds=seconds, provenance=made_by)


def run_network(run: Run) -> Record:
    """The runner of the kind "network": trained on the training part of its split, tried on the test part.

    With ``"measured_on": "validation"`` the test part is left alone. Where a split has no validation part the curves show
    the test set, as report usps has them; nothing is chosen by them.
    """
    settings, dataset = run.settings, run.dataset
    train, validation, test = named_split(dataset, settings)
    has_validation = bool(len(validation[0]))
    model, history, device = fit_network(
        settings, run.seed, dataset.x_train, as_trained_on(train, settings, run.seed),
        validation if has_validation else test, run.checkpoint, run.title,
    )  # fmt: skip
    began = time.perf_counter()
    mistakes_kept = ALL_MISTAKES if dataset.name == "usps" else MISTAKES_KEPT
    on_test = settings.get("measured_on") != "validation"
    metrics, arrays = evaluate(model, *(test if on_test else validation), mistakes_kept)
    predict = round(time.perf_counter() - began, 3)
    metrics["best_epoch"] = int(np.argmin(history["val_loss"])) + 1
    if "measured_on" in settings:
        y_pred = epochs.predict(model, validation[0]).argmax(axis=1)
        metrics |= evaluation.validation_counts(validation[1], y_pred)
    return record_with_weights(run, model, history, device, metrics, arrays, predict=predict)


def as_trained_on(train, settings: dict, seed: int):
    """What ``epochs.fit`` takes: the images themselves, or a function that modifies them anew in every epoch.

    Args:
        train: ``(images, labels)``.
        settings: ``augmentation``, as ``augment.modified`` takes it, where there is any.
        seed: decides order and modification.
    """
    if "augmentation" not in settings:
        return train
    images, labels = train

    def epoch_images(epoch):
        rng = epochs.epoch_generator(seed, epoch)
        order = rng.permutation(len(images))
        return augment.modified(images[order], rng, **settings["augmentation"]), labels[order]

    return epoch_images
