"""Report nust: the modified test set, how its strength was found, what it costs, and networks that read it.

The runners of the kinds "calibration", "modified", "augmented", "fragility" and "pooling-noise".
"""

import time

import numpy as np

from ...data import MNIST_DIGEST, CorruptDataError, Dataset, augment, digest, named_split, sharpies_split
from ...models.backend import keras
from ...records import Record
from ...training import classical, epochs, networks
from ...training.run import Run

MODIFIED_SEED = 20
MODIFIED_DIGEST = "08b3056391595d35ed115da4af5007813d3c20f3a44ab6b9feb25481cc5924ef"


def modified_test_images(dataset: Dataset) -> np.ndarray:
    """The fixed modified test set: every test image, modified once by ``augment.MODIFICATION``.

    Returns:
        uint8, the shape of ``dataset.x_test``; for MNIST the same bytes on every machine.

    Raises:
        CorruptDataError: if MNIST's are other bytes, so that no result is compared with another test set.
    """
    images = augment.modified(dataset.x_test, np.random.default_rng(MODIFIED_SEED), **augment.MODIFICATION)
    if dataset.digest == MNIST_DIGEST and digest(images) != MODIFIED_DIGEST:
        raise CorruptDataError(
            f"The modified test set has the array digest {digest(images)}, expected {MODIFIED_DIGEST}: results on it cannot "
            f"be compared. Restore mnist_study/data/augment.py, or report the versions that `pip list` shows."
        )
    return images


def ink_kept(dataset: Dataset) -> np.ndarray:
    """How much of its ink each image of the modified test set still shows; the rest lies beyond the frame.

    Returns:
        float (n,), 1 where nothing was cut off; brightness is left out of account.
    """
    bounds = {name: bound for name, bound in augment.MODIFICATION.items() if name != "brightness"}
    n = len(dataset.x_test)
    maps = augment.affine_maps(n, np.random.default_rng(MODIFIED_SEED), **bounds)  # the first draws of the modification
    parts = [slice(start, start + augment.CHUNK) for start in range(0, n, augment.CHUNK)]
    shown = np.concatenate([augment.warp(dataset.x_test[part], maps[part]).sum(axis=(1, 2)) for part in parts])
    larger = 1 / np.abs(np.linalg.det(maps[:, :, :2]))  # area of an image against before
    return shown / (dataset.x_test.sum(axis=(1, 2), dtype=float) * larger)


def _accuracy(model, images, labels) -> float:
    return float(np.mean(epochs.predict(model, images).argmax(axis=1) == labels))


def run_calibration(run: Run) -> Record:
    """How the plain network reads validation images modified ever more strongly: where does the report's figure lie?

    Arrays of accuracies: ``diagonal``, one strength for rotation (in hundreds of degrees), shift and zoom; ``grid``, rotation
    by shift; ``zoom`` and ``brightness``, each scanned alone. What is not scanned is as in ``augment.MODIFICATION``.
    """
    settings = run.settings
    trained = run.experiments[settings["trained"]]
    model = run.trained(trained.name)
    _, (images, labels), _ = named_split(run.dataset, trained.settings)

    def accuracy(**scanned):
        rng = np.random.default_rng(MODIFIED_SEED)  # the same draws, scaled, at every strength
        return _accuracy(model, augment.modified(images, rng, **augment.MODIFICATION | scanned), labels)

    began = time.perf_counter()
    diagonal = [accuracy(rotation=100 * one, shift=one, zoom=one) for one in settings["diagonal"]]
    grid = [[accuracy(rotation=turn, shift=shift) for shift in settings["shift"]] for turn in settings["rotation"]]
    alone = {name: [accuracy(**{name: bound}) for bound in settings[name]] for name in ("zoom", "brightness")}
    seconds = {"predict": round(time.perf_counter() - began, 3)}
    nearest = int(np.argmin(np.abs(np.array(diagonal) - settings["claimed"])))
    metrics = {
        "n": len(labels),
        "accuracy_plain": _accuracy(model, images, labels),
        "nearest_strength": settings["diagonal"][nearest],
        "accuracy_nearest": diagonal[nearest],
    }
    arrays = {name: np.array(values) for name, values in ({"diagonal": diagonal, "grid": grid} | alone).items()}
    return run.record(metrics, arrays, seconds=seconds)


def _on_both_sets(model, dataset, images) -> tuple[dict, dict]:
    """Metrics and arrays on the modified test set, ``images``; those on the clean one end in ``_clean``.

    The kept mistakes are on the modified set; ``mistake_clean`` are the same images before.
    """
    metrics, arrays = networks.evaluate(model, images, dataset.y_test)
    clean, clean_arrays = networks.evaluate(model, dataset.x_test, dataset.y_test)
    metrics |= {f"{name}_clean": clean[name] for name in ("accuracy", "misses", "n", "loss", "cross_entropy")}
    arrays |= {f"{name}_clean": clean_arrays[name] for name in ("y_pred", "score")}
    return metrics, arrays | {"mistake_clean": dataset.x_test[arrays["mistake_index"]]}


def run_modified(run: Run) -> Record:
    """A network trained on clean images, shown the modified test set."""
    dataset = run.dataset
    model = run.trained(run.settings["trained"])
    images = modified_test_images(dataset)
    metrics, arrays = _on_both_sets(model, dataset, images)
    arrays |= {"sample_clean": dataset.x_test[:24], "sample_modified": images[:24]}
    arrays |= {"ink_kept": ink_kept(dataset).astype(np.float32)}
    return run.record(metrics, arrays)


def augmented_epoch(images, labels, rng, settings: dict):
    """One epoch of training on modified images, in the order to be trained in.

    Args:
        images, labels: uint8 (n, 28, 28) and (n,).
        rng: ``numpy.random.Generator``.
        settings: ``modification``, as ``augment.modified`` takes it; ``modified_share`` of the images, the rest being
            distorted by ``augment.LIGHT``.

    Returns:
        ``(pixels, labels)``: uint8 (n, 28, 28) and (n,).
    """
    order = rng.permutation(len(images))
    pixels, labels = images[order], labels[order]
    chosen = rng.random(len(images)) < settings["modified_share"]
    pixels[chosen] = augment.modified(pixels[chosen], rng, **settings["modification"])
    if not chosen.all():
        pixels[~chosen] = augment.distorted(pixels[~chosen], rng, augment.LIGHT)
    return pixels, labels


def run_augmented(run: Run) -> Record:
    """A network trained on modified images, new ones in every epoch, and tried on both test sets.

    Its validation images are modified once; with AdamW the labels are one-hot. It goes on from the network of the same
    seed that ``start`` names, where there is one.
    """
    settings, dataset, seed = run.settings, run.dataset, run.seed
    (x, y), (x_val, y_val), _ = named_split(dataset, settings)
    x_val_modified = augment.modified(x_val, np.random.default_rng(MODIFIED_SEED), **settings["modification"])
    one_hot = np.eye(10, dtype=np.float32)
    adamw = settings["optimizer"] == "adamw"

    def epoch_images(epoch):
        pixels, labels = augmented_epoch(x, y, epochs.epoch_generator(seed, epoch), settings)
        return pixels, one_hot[labels] if adamw else labels

    validation = x_val_modified, one_hot[y_val] if adamw else y_val
    start = run.trained(settings["start"]).get_weights() if "start" in settings else None
    model, history, device = networks.fit_network(
        settings, seed, x, epoch_images, validation, run.checkpoint, run.title, len(x), start
    )
    metrics, arrays = _on_both_sets(model, dataset, modified_test_images(dataset))
    metrics |= {
        "best_epoch": int(np.argmin(history["val_loss"])) + 1,
        "val_accuracy": _accuracy(model, x_val_modified, y_val),
        "val_accuracy_clean": _accuracy(model, x_val, y_val),
    }
    return networks.record_with_weights(run, model, history, device, metrics, arrays)


def never_seen(dataset: Dataset) -> np.ndarray:
    """Indices of the test images that report sharpies' split holds out too: no model of either report was fitted to them."""
    n = len(dataset.x_train)
    rows = np.arange(n + len(dataset.x_test))
    _, (held_out, _) = sharpies_split((rows[:n], rows[:n]), (rows[n:], rows[n:]))
    return np.sort(held_out[held_out >= n]) - n


def run_fragility(run: Run) -> Record:
    """What each change of ``augment.changed`` costs one model alone, by strength. Classical models are fitted again.

    ``accuracy`` (changes, strengths) holds the ``strengths`` of the settings; ``accuracy_plain`` is the metric without any. All on the
    test images of ``never_seen``, so that classical models and networks are compared on images new to both.
    """
    dataset, strengths = run.dataset, run.settings["strengths"]
    images, labels = (part[never_seen(dataset)] for part in (dataset.x_test, dataset.y_test))
    trained = run.experiments[run.settings["trained"]]
    is_classical = trained.kind == "classical"
    model, seconds = classical.fit(trained, dataset, run.seed) if is_classical else (run.trained(trained.name), {})

    def predict(images):
        return model.predict(images) if is_classical else epochs.predict(model, images).argmax(axis=1)

    def accuracy(name, strength):
        shown = augment.changed(images, np.random.default_rng(MODIFIED_SEED), name, strength)
        return float(np.mean(predict(shown) == labels))

    table = np.array([[accuracy(name, strength) for strength in bounds] for name, bounds in strengths.items()])
    metrics = {"n": len(labels), "accuracy_plain": float(np.mean(predict(images) == labels))}
    return run.record(metrics, {"accuracy": table}, seconds=seconds)


def run_pooling_noise(run: Run) -> Record:
    """How large the noise is before and after each max-pooling of a network, against what the clean images give there.

    Arrays ``before`` and ``after`` (poolings, strengths): length of the difference that noise on the test images makes, over
    the length of what clean images give, mean over the images; ``every_second`` is ``after`` with one value of each square
    taken in place of the largest.
    """
    network, images = run.trained(run.settings["trained"]), run.dataset.x_test[:1000]
    poolings = [k for k, layer in enumerate(network.layers) if isinstance(layer, keras.layers.MaxPooling2D)]
    ends = [network.layers[k + side].output for k in poolings for side in (-1, 0)]
    looked_into = keras.Model(network.inputs, ends)
    clean = looked_into.predict(images, batch_size=500, verbose=0)
    before, after, every_second = (np.zeros((len(poolings), len(run.settings["strengths"]))) for _ in range(3))
    for column, strength in enumerate(run.settings["strengths"]):
        shown = augment.noisy(images, np.random.default_rng(MODIFIED_SEED), strength)
        given = looked_into.predict(shown, batch_size=500, verbose=0)
        for row in range(len(poolings)):
            before[row, column] = _relative(given[2 * row], clean[2 * row])
            after[row, column] = _relative(given[2 * row + 1], clean[2 * row + 1])
            every_second[row, column] = _relative(given[2 * row][:, ::2, ::2], clean[2 * row][:, ::2, ::2])
    return run.record({"n": len(images)}, {"before": before, "after": after, "every_second": every_second})


def _relative(noisy, clean) -> float:
    """Length of the difference over the length of the clean one, mean over the images, (n, ...) each."""
    noisy, clean = (values.reshape(len(values), -1) for values in (noisy, clean))
    return float(np.mean(np.linalg.norm(noisy - clean, axis=1) / np.linalg.norm(clean, axis=1)))


RUNNERS = {
    "calibration": run_calibration,
    "modified": run_modified,
    "augmented": run_augmented,
    "fragility": run_fragility,
    "pooling-noise": run_pooling_noise,
}
