"""Report usps: its network on zip-code digits, and past it: better training on the same 7,291 images, and with MNIST's.

The runners of the kinds "zip-explore", "zip-folds", "zip-sweep", "zip-noisy", "zip-best", "zip-ensemble" and "zip-with-mnist".
"""

import time

import keras
import numpy as np
from sklearn.model_selection import StratifiedKFold

from ... import evaluation, records
from ...data import augment, load
from ...reader import photos
from ...records import Record
from ...training import epochs, networks
from ...training.run import ALL_MISTAKES, Run, predictions

VIEWS = augment.turned_maps((0, 6, -6, 0, 0), np.array((0, 0, 0, 0.1, -0.1)))  # as it is, turned, slanted


def as_pixels(images: np.ndarray) -> np.ndarray:
    """USPS's grey values, float in [-1, 1], as uint8 pixels 0-255 like MNIST's; what ``augment`` and the reader take."""
    return np.rint((images + 1) * 127.5).astype(np.uint8)


def as_mnist(images: np.ndarray) -> np.ndarray:
    """USPS's images, float (n, 16, 16) in [-1, 1], boxed and centred as MNIST was made: uint8 (n, 28, 28)."""
    return np.stack([np.uint8(np.rint(255 * photos.mnist_image((image + 1) / 2))) for image in images])


def run_explore(run: Run) -> Record:
    """Shape, null values, range, counts and first images of USPS."""
    dataset = run.dataset
    images, labels = dataset.all_images, dataset.all_labels
    seen = {image.tobytes() for image in dataset.x_train}
    counts = {"train": np.bincount(dataset.y_train, minlength=10), "test": np.bincount(dataset.y_test, minlength=10)}
    each = run.settings["samples_per_digit"]
    metrics = {
        "n": len(images),
        "n_train": len(dataset.x_train),
        "n_test": len(dataset.x_test),
        "shape": list(images.shape[1:]),
        "nulls": int(np.isnan(images).sum()),
        "smallest": float(images.min()),
        "largest": float(images.max()),
        "labels": sorted(int(label) for label in np.unique(labels)),
        "share_train": np.round(counts["train"] / len(dataset.y_train), 4).tolist(),
        "share_test": np.round(counts["test"] / len(dataset.y_test), 4).tolist(),
        "seen_in_both": sum(image.tobytes() in seen for image in dataset.x_test),
    }
    arrays = {
        "count_train": counts["train"],
        "count_test": counts["test"],
        "sample_image": np.stack([dataset.x_train[dataset.y_train == digit][:each] for digit in range(10)]),
    }
    return run.record(metrics, arrays)


def zip_epoch(pixels, labels, rng, settings: dict):
    """One epoch of training: each image distorted lightly or strongly.

    Args:
        pixels, labels: uint8 (n, side, side) and (n,).
        rng: ``numpy.random.Generator``.
        settings: ``light`` and ``strong``, as ``augment.distorted`` takes them; ``strong_share`` of the images.

    Returns:
        ``(pixels, targets)``: uint8 (n, side, side) and one-hot float32 (n, 10), in the order to be trained in.
    """
    order = rng.permutation(len(pixels))
    shown, labels = pixels[order], labels[order]
    strong = rng.random(len(shown)) < settings["strong_share"]
    for chosen, strength in ((strong, settings["strong"]), (~strong, settings["light"])):
        if chosen.any():
            shown[chosen] = augment.distorted(shown[chosen], rng, strength)
    return shown, np.eye(10, dtype=np.float32)[labels]


def _fit(settings, seed, pixels, labels, checkpoint=None, title=""):
    """A network fitted to distorted images; the history's ``val_`` columns are the same images undistorted."""

    def epoch_images(epoch):
        return zip_epoch(pixels, labels, epochs.epoch_generator(seed, epoch), settings)

    undistorted = pixels[:1000], np.eye(10, dtype=np.float32)[labels[:1000]]
    return networks.fit_network(settings, seed, pixels, epoch_images, undistorted, checkpoint, title, len(pixels))


def run_folds(run: Run) -> Record:
    """Cross-validation of one candidate on the training images alone; the test images are not looked at."""
    settings = run.settings
    pixels, labels = as_pixels(run.dataset.x_train), run.dataset.y_train
    y_prob = np.zeros((len(labels), 10), np.float32)
    folds = StratifiedKFold(settings["folds"], shuffle=True, random_state=42).split(pixels, labels)
    began = time.perf_counter()
    for fold, (train, held_out) in enumerate(folds, 1):
        title = f"{run.experiment.title}, fold {fold}"
        model, _, _ = _fit(settings, run.seed + fold, pixels[train], labels[train], title=title)
        y_prob[held_out] = epochs.predict(model, pixels[held_out])
    seconds = {"fit": round(time.perf_counter() - began, 3)}
    metrics = evaluation.counts(labels, y_prob.argmax(axis=1).astype(np.uint8))
    metrics |= {"loss": evaluation.cross_entropy(labels, y_prob), "parameters": model.count_params()}
    arrays = {"y_true": labels, "score": y_prob.astype(np.float16)}
    return run.record(metrics, arrays, seconds=seconds)


def run_sweep(run: Run) -> Record:
    """One setting of what the report leaves open: cross-validated on the training images, then trained on all of them.

    ``misses`` of ``n`` are those of the held-out folds, after ``fold_epochs``. The network trained on all images reads the
    test images after its last epoch (``misses_test``) and, for the history, after every epoch: to say where the report's
    misses lie among such settings. No setting is chosen by that.
    """
    settings, dataset = run.settings, run.dataset
    x, y = dataset.x_train, dataset.y_train
    y_prob = np.zeros((len(y), 10), np.float32)
    in_folds = settings | {"epochs": settings["fold_epochs"]}
    began = time.perf_counter()
    folds = StratifiedKFold(settings["folds"], shuffle=True, random_state=42).split(x, y)
    for fold, (train, held_out) in enumerate(folds, 1):
        title = f"{run.experiment.title}, fold {fold}"
        shown, unseen = (x[train], y[train]), (x[held_out], y[held_out])
        model, _, _ = networks.fit_network(in_folds, run.seed + fold, x, shown, unseen, title=title)
        y_prob[held_out] = epochs.predict(model, x[held_out])
    test = dataset.x_test, dataset.y_test
    model, history, device = networks.fit_network(settings, run.seed, x, (x, y), test, title=run.title)
    seconds = {"fit": round(time.perf_counter() - began, 3)}
    y_pred = y_prob.argmax(axis=1).astype(np.uint8)
    metrics = evaluation.counts(y, y_pred)
    metrics |= {"loss": evaluation.cross_entropy(y, y_prob), "parameters": model.count_params()}
    y_pred_test = epochs.predict(model, dataset.x_test).argmax(axis=1).astype(np.uint8)
    metrics |= {f"{name}_test": value for name, value in evaluation.counts(dataset.y_test, y_pred_test).items()}
    arrays = {"y_true": y, "y_pred": y_pred, "y_pred_test": y_pred_test}
    provenance = records.provenance(device)
    return run.record(metrics, arrays, history=history, seconds=seconds, provenance=provenance)


def run_noisy(run: Run) -> Record:
    """How many noisy test images a network reads, by the strength of the noise: ``accuracy`` (strengths,)."""
    dataset, model = run.dataset, run.trained(run.settings["trained"])
    pixels = as_pixels(dataset.x_test)

    def accuracy(strength):
        noisy = augment.noisy(pixels, np.random.default_rng(20), strength).astype(np.float32) / 127.5 - 1
        return float(np.mean(epochs.predict(model, noisy).argmax(axis=1) == dataset.y_test))

    table = np.array([accuracy(strength) for strength in run.settings["strengths"]])
    return run.record({"n": len(pixels), "accuracy_plain": accuracy(0.0)}, {"accuracy": table})


def run_best(run: Run) -> Record:
    """The chosen candidate, trained on all training images for a fixed number of epochs and tried once on the test."""
    dataset = run.dataset
    pixels = as_pixels(dataset.x_train)
    model, history, device = _fit(run.settings, run.seed, pixels, dataset.y_train, run.checkpoint, run.title)
    metrics, arrays = networks.evaluate(model, as_pixels(dataset.x_test), dataset.y_test, ALL_MISTAKES)
    return networks.record_with_weights(run, model, history, device, metrics, arrays)


def in_views(model, pixels: np.ndarray) -> np.ndarray:
    """Mean probabilities over ``VIEWS`` of each image: float32 (n, 10)."""
    views = (augment.warp(pixels.astype(np.float32), np.repeat(view[None], len(pixels), axis=0)) for view in VIEWS)
    return np.mean([epochs.predict(model, view) for view in views], axis=0)


def run_ensemble(run: Run) -> Record:
    """A committee: each image read in five views by each of its members, probabilities averaged.

    A seed counts the committees; ``members`` lists the seeds of the networks in each. They share none, so the spread of the
    committees is that of independent trainings.
    """
    dataset, settings = run.dataset, run.settings
    members = settings["members"][run.seed - 1][: 1 if run.quick else None]
    pixels = as_pixels(dataset.x_test)
    scores = [in_views(run.trained(settings["trained"], member), pixels) for member in members]
    y_prob = np.mean(scores, axis=0)
    y_pred = y_prob.argmax(axis=1).astype(np.uint8)
    metrics = evaluation.counts(dataset.y_test, y_pred) | {"loss": evaluation.cross_entropy(dataset.y_test, y_prob)}
    metrics["misses_one_in_views"] = [int(np.sum(score.argmax(axis=1) != dataset.y_test)) for score in scores]
    arrays = predictions(dataset.x_test, dataset.y_test, y_pred, y_prob, ALL_MISTAKES)
    return run.record(metrics, arrays)


def run_with_mnist(run: Run) -> Record:
    """The reader of the same seed, trained on MNIST, trained on with USPS's training images and as many of MNIST's."""
    settings, dataset, seed = run.settings, run.dataset, run.seed
    mnist = load("mnist", run.quick)
    start = run.trained(settings["trained"])
    x, y = as_mnist(dataset.x_train), dataset.y_train
    added = min(len(x), len(mnist.x_train))

    def epoch_images(epoch):
        rng = epochs.epoch_generator(seed, epoch)
        chosen = rng.choice(len(mnist.x_train), added, replace=False)
        pixels, labels = np.concatenate([x, mnist.x_train[chosen]]), np.concatenate([y, mnist.y_train[chosen]])
        return zip_epoch(pixels, labels, rng, settings)

    # not by ``fit_network``, which builds its network afresh: this one goes on with the random state of its dropout as well
    device = epochs.prepare_device()
    keras.utils.set_random_seed(seed)
    steps = settings["epochs"] * -(-(len(x) + added) // settings["batch_size"])
    model = epochs.compiled_adamw(start, settings["learning_rate"], settings["weight_decay"], steps)
    history = epochs.fit(
        model,
        epoch_images,
        (x[:1000], np.eye(10, dtype=np.float32)[y[:1000]]),
        epochs=settings["epochs"],
        batch_size=settings["batch_size"],
        seed=seed,
        checkpoint=run.checkpoint,
        title=run.title,
    )
    epochs.take_averaged_weights(model)
    metrics, arrays = networks.evaluate(model, as_mnist(dataset.x_test), dataset.y_test, ALL_MISTAKES)
    arrays["mistake_image"] = dataset.x_test[arrays["mistake_index"]]
    return networks.record_with_weights(run, model, history, device, metrics, arrays)


RUNNERS = {
    "zip-explore": run_explore,
    "zip-folds": run_folds,
    "zip-sweep": run_sweep,
    "zip-noisy": run_noisy,
    "zip-best": run_best,
    "zip-ensemble": run_ensemble,
    "zip-with-mnist": run_with_mnist,
}
