"""How the finder was made: the runner of the kind "finder"."""

import functools

import keras
import numpy as np

from ... import data, models
from ...data import pages
from ...models import finder
from ...reader import finder as places
from ...reader import litert
from ...records import Record
from ...training import epochs, networks
from ...training.run import Run
from .experiments import FINDER
from .runs import VALIDATION_SHARE, best_trained


def fit_finder(settings: dict, seed: int, dataset, checkpoint=None, title="finder"):
    """Train the finder on pages rendered from training images, each shown ``showings`` times.

    Args:
        settings: of an experiment of the kind "finder".
        seed: decides weights and pages.
        dataset: whose training images are used; the last ``VALIDATION_SHARE`` of them make the validation pages.
        checkpoint: where an unfinished training is kept.

    Returns:
        ``(model, history, device)``; the model holds the averaged weights, and computes in float32.
    """
    train, _ = data.validation_parts((dataset.x_train, dataset.y_train), VALIDATION_SHARE)
    n, batch_size = settings["pages_per_epoch"], settings["batch_size"]
    validation = validation_pages(settings, seed, dataset)

    @functools.lru_cache(maxsize=1)
    def rendered(number):
        return with_targets(*train, n, epochs.epoch_generator(seed, number))

    device = epochs.prepare_device(settings["precision"])
    try:
        keras.utils.set_random_seed(seed)
        model = models.finder_cnn(**settings["finder"])
        trainer = epochs.compiled_adamw(
            model, settings["learning_rate"], settings["weight_decay"], settings["epochs"] * -(-n // batch_size),
            finder.finding_loss, finder.accuracy,
        )  # fmt: skip
        history = epochs.fit(
            trainer,
            lambda epoch: rendered(epoch // settings["showings"]),
            validation,
            epochs=settings["epochs"],
            batch_size=batch_size,
            seed=seed,
            checkpoint=checkpoint,
            title=title,
            evaluation_batch=64,
        )
        epochs.take_averaged_weights(model)
    finally:
        epochs.prepare_device()  # only training is done in lower precision, however it ends
    trained = model.get_weights()
    model = models.finder_cnn(**settings["finder"])
    model.set_weights(trained)
    return model, history, device


def validation_pages(settings: dict, seed: int, dataset):
    """Pages of the training images that the finder is not trained with, and their targets."""
    _, held_out = data.validation_parts((dataset.x_train, dataset.y_train), VALIDATION_SHARE)
    return with_targets(*held_out, settings["validation_pages"], np.random.default_rng([seed, 10**6]))


def with_targets(images, labels, n: int, rng):
    """Pages and what is wanted of the finder on them; arguments as of ``pages.training_pages``."""
    shown, boxes = pages.training_pages(images, labels, n, rng)
    return shown, finder.finding_targets(boxes, pages.SIDE)


def run_finder(run: Run) -> Record:
    """The runner of the kind "finder": trained on rendered pages; of validation pages, the digits found and named right."""
    model, history, device = fit_finder(run.settings, run.seed, run.dataset, run.checkpoint, run.title)
    shown, targets = validation_pages(run.settings, run.seed, run.dataset)
    counts = finder.right_and_asked(targets, model.predict(shown, batch_size=64, verbose=0))
    right, n = (int(keras.ops.convert_to_numpy(one).sum()) for one in counts)
    metrics = {"accuracy": right / n, "misses": n - right, "n": n, "parameters": model.count_params()}
    metrics["val_loss"] = history["val_loss"][-1]
    return networks.record_with_weights(run, model, history, device, metrics, {})


def ship_finder() -> str:
    """Put the trained finder into the package, as a LiteRT file with weights in float16; returns one line that says which.

    Raises:
        LookupError: if no finder was trained.
    """
    path, which = best_trained(FINDER, lambda record: record.metrics["accuracy"])
    litert.to_litert(models.load(path.with_suffix(".keras")), places.WEIGHTS, "float16")
    return which


RUNNERS = {"finder": run_finder}
