"""How the reader was made, what it is worth on every set, and on small machines.

The runners of the kinds "reader", "shipped", "edge", "strings", "finder", "pages" and "thresholds".
"""

import contextlib
import functools
import hashlib
import inspect
import json
import multiprocessing
import os
import pickle
import string
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest.mock import patch

import keras
import numpy as np
from scipy.optimize import minimize_scalar
from tqdm.auto import tqdm

from ... import data, evaluation, models, paths, records
from ...data import MissingDataError, augment, drawn, not_digits, pages, stress
from ...data.pages import hard
from ...models import finder
from ...reader import PhotoError, ink, joining, litert, photos, sheets
from ...reader import finder as places
from ...reader import reading as reader
from ...records import Record
from ...training import epochs, networks
from ...training.run import MISTAKES_KEPT, Run, predictions
from .experiments import FINDER, READER, SHIPPED

VALIDATION_SHARE = 1 / 12  # the last 5,000 of MNIST's training images, never trained on
SHARES = ("european_share", "printed_share", "not_digit_share")  # what is added to MNIST's images in every epoch


def reader_epoch(images: np.ndarray, labels: np.ndarray, rng, settings: dict):
    """One epoch of the reader's training: MNIST's digits, European and printed ones, and some that are none.

    Half of all are distorted lightly, half strongly.

    Args:
        images, labels: uint8 (n, 28, 28) and (n,).
        rng: ``numpy.random.Generator``.
        settings: ``light`` and ``strong``, as ``augment.distorted`` takes them; each of ``SHARES``: how many images of the
            kind are added, as a share of n.

    Returns:
        ``(pixels, targets)``: float32 (m, 28, 28) in [0, 255], and float32 (m, 10): one-hot, or all 0.1 for no digit; in the
        order to be trained in.
    """
    counts = [round(settings[share] * len(images)) for share in SHARES]
    european, printed = drawn.european(images, labels, counts[0], rng), drawn.printed(counts[1], rng)
    pixels = np.concatenate([images, european[0], printed[0], drawn.not_digits(images, labels, counts[2], rng)])
    digits = np.concatenate([labels, european[1], printed[1]])
    targets = np.concatenate([np.eye(10)[digits], np.full((counts[2], 10), 0.1)]).astype(np.float32)
    strong = rng.random(len(pixels)) < 0.5
    pixels[strong] = augment.distorted(pixels[strong], rng, settings["strong"])
    pixels[~strong] = augment.distorted(pixels[~strong], rng, settings["light"])
    order = rng.permutation(len(targets))
    return pixels[order].astype(np.float32), targets[order]


def fit_reader(settings: dict, seed: int, dataset, checkpoint=None, title="reader"):
    """Train the reader on distorted images, new ones in every epoch.

    Args:
        settings: of an experiment of the kind "reader".
        seed: decides weights, order and distortions.
        dataset: whose training images are used.
        checkpoint: where an unfinished training is kept.

    Returns:
        ``(model, history, device)``; the model holds the averaged weights.
    """
    (x, y), (x_val, y_val) = data.validation_parts((dataset.x_train, dataset.y_train), VALIDATION_SHARE)
    n = len(x) + sum(round(settings[share] * len(x)) for share in SHARES)

    def epoch_images(epoch):
        return reader_epoch(x, y, epochs.epoch_generator(seed, epoch), settings)

    validation = x_val.astype(np.float32), np.eye(10, dtype=np.float32)[y_val]
    return networks.fit_network(settings, seed, x, epoch_images, validation, checkpoint, title, n)


# --- confidence --------------------------------------------------------------------------------------------------


def calibrate(model, images, labels, rng, sure: float) -> dict:
    """Temperature and threshold from validation images, half of them distorted lightly and half strongly.

    The temperature minimises their cross-entropy. The threshold is the confidence that the share ``sure`` of the validation
    images reach as they are: more would refuse digits, less would let pass what is none.

    Args:
        model: the fitted network.
        images, labels: validation data, uint8 (n, 28, 28) and (n,).
        rng: ``numpy.random.Generator``.
        sure: share of the plain images, in (0, 1).

    Returns:
        ``temperature``, ``threshold`` and what they do on validation: ``val_accuracy``, ``val_cross_entropy`` (plain
        images), ``val_kept`` (distorted ones) and ``val_refused`` (``drawn.not_digits``, made from validation images).
    """
    half = np.arange(len(images)) % 2 == 0
    shown = images.copy()
    shown[half] = augment.distorted(images[half], rng, augment.LIGHT)
    shown[~half] = augment.distorted(images[~half], rng, augment.STRONG)
    others = augment.distorted(drawn.not_digits(images, labels, len(images), rng), rng, augment.STRONG)
    uncalibrated = reader.Reader(model, temperature=1.0, threshold=0.0)
    raw = uncalibrated.probabilities(shown / np.float32(255))
    temperature = minimize_scalar(
        lambda t: evaluation.cross_entropy(labels, reader.with_temperature(raw, t)), bounds=(0.3, 3), method="bounded"
    ).x
    temperature = round(float(temperature), 4)
    kept = reader.with_temperature(raw, temperature).max(axis=1)
    refused = reader.with_temperature(uncalibrated.probabilities(others / np.float32(255)), temperature).max(axis=1)
    plain = reader.with_temperature(uncalibrated.probabilities(images / np.float32(255)), temperature)
    threshold = threshold_reached(plain, sure)
    return {
        "temperature": temperature,
        "threshold": threshold,
        "val_accuracy": evaluation.counts(labels, plain.argmax(axis=1))["accuracy"],
        "val_cross_entropy": evaluation.cross_entropy(labels, plain),
        "val_kept": float((kept >= threshold).mean()),
        "val_refused": float((refused < threshold).mean()),
    }


def threshold_reached(y_prob: np.ndarray, sure: float) -> float:
    """The confidence, rounded down to three digits, that the share ``sure`` of images reach; y_prob: (n, 10), calibrated.

    Example:
        >>> threshold_reached(np.array([[0.9123, 0.0877], [0.2, 0.8]]), 1.0)
        0.8
    """
    return float(np.floor(1000 * np.quantile(y_prob.max(axis=1).astype(np.float64), 1 - sure)) / 1000)


# --- records -----------------------------------------------------------------------------------------------------


def other_sets(dataset, quick: bool) -> dict:
    """The sets that the reader is tried on besides MNIST's test images: name -> ``(images, labels)``.

    Images are float32 (n, 28, 28) in [0, 1], made by ``photos``. A set that is not on this machine is left out of the
    smoke run.
    """
    sets = {"digits": _digits()}
    try:
        x, y = data.sources.load_usps()[1]
        x, y = (x[:200], y[:200]) if quick else (x, y)
        sets["usps"] = np.stack([photos.mnist_image((image + 1) / 2) for image in x]), y
    except MissingDataError:
        if not quick:
            raise
    sets["european"] = european_digits(dataset, 100 if not quick else 2)
    drawings, names = not_digits.printed(string.digits)
    sets["printed"] = np.stack([photos.digit_image(drawing) for drawing in drawings]), np.array(names, np.uint8)
    found = data.photos_of(dataset, quick)
    if found.digest == data.PHOTOS_DIGEST:
        sets["sharpies"] = np.stack([photos.digit_image(picture) for picture in found.pictures]), found.labels
    return sets


def european_digits(dataset, n: int):
    """``(images, labels)`` of n photos of each of ``stress.EUROPEAN``, form by form, made from test digits; as in ``other_sets``."""
    rng = np.random.default_rng(0)
    images, labels = [], []
    for form, digit in stress.EUROPEAN.items():
        for chosen in rng.choice(np.flatnonzero(dataset.y_test == digit), n):
            images.append(photos.digit_image(stress.european(form, dataset.x_test[chosen], rng)))
            labels.append(digit)
    return np.stack(images), np.array(labels, np.uint8)


def _digits():
    from sklearn.datasets import load_digits

    small = load_digits()
    return np.stack([photos.mnist_image(image / 16) for image in small.images]), small.target.astype(np.uint8)


def _counts(read: "reader.Reader", labels, y_prob: np.ndarray, suffix: str = "") -> dict:
    """``accuracy``, ``misses``, ``n`` and how many answers are ``not_sure``, with the suffix."""
    counts = evaluation.counts(labels, y_prob.argmax(axis=1))
    counts["not_sure"] = int((y_prob.max(axis=1) < read.threshold).sum())
    return {f"{name}{suffix}": value for name, value in counts.items()}


def evaluate(read: "reader.Reader", dataset, quick: bool) -> tuple[dict, dict]:
    """Accuracy, misses and n of MNIST's test set and of every other set; and arrays of the predictions.

    Returns:
        ``(metrics, arrays)``: ``accuracy``, ``misses``, ``n`` of MNIST; ``accuracy_usps``, ``misses_usps``, … of the others.
    """
    y_prob = read.probabilities(dataset.x_test / np.float32(255))
    metrics = _counts(read, dataset.y_test, y_prob) | {
        "loss": evaluation.cross_entropy(dataset.y_test, y_prob),
        "calibration_error": evaluation.calibration_error(dataset.y_test, y_prob),
    }
    arrays = predictions(dataset.x_test, dataset.y_test, y_prob.argmax(axis=1).astype(np.uint8), y_prob)
    for name, (images, labels) in other_sets(dataset, quick).items():
        y_prob = read.probabilities(images)
        y_pred = y_prob.argmax(axis=1).astype(np.uint8)
        metrics |= _counts(read, labels, y_prob, f"_{name}")
        wrong = np.flatnonzero(y_pred != labels)[:MISTAKES_KEPT]
        arrays |= {f"y_true_{name}": labels, f"y_pred_{name}": y_pred, f"score_{name}": y_prob.astype(np.float16)}
        arrays |= {f"mistake_index_{name}": wrong.astype(np.int32)}
        arrays |= {f"mistake_image_{name}": np.uint8(255 * images[wrong])}
    return metrics, arrays


def run_reader(run: Run) -> Record:
    """The runner of the kind "reader": train, calibrate on validation data, then try every set once."""
    model, history, device = fit_reader(run.settings, run.seed, run.dataset, run.checkpoint, run.title)
    _, (x_val, y_val) = data.validation_parts((run.dataset.x_train, run.dataset.y_train), VALIDATION_SHARE)
    rng = np.random.default_rng([run.seed, 10**6])
    confidence = calibrate(model, x_val, y_val, rng, run.settings["sure_of_validation"])
    calibrated = reader.Reader(model, confidence["temperature"], confidence["threshold"])
    metrics, arrays = evaluate(calibrated, run.dataset, run.quick)
    metrics |= {"parameters": model.count_params()} | confidence
    return networks.record_with_weights(run, model, history, device, metrics, arrays)


def _best_trained(experiment, worth):
    """The path of the record of an experiment's best seed, by what ``worth`` makes of a record, and which that is, in words."""
    folder = paths.results_dir()
    found = records.find_seeds(folder, experiment.name, experiment.settings, data.MNIST_DIGEST)
    if not found:
        kind = experiment.kind
        raise LookupError(
            f"No {kind} was trained in {folder}. Run `python -m mnist_study train {experiment.name}` first."
        )
    best = max(found, key=worth)
    path = records.record_path(folder, best.experiment, best.seed, best.settings, best.data_digest)
    return path, f"{best.experiment}, seed {best.seed}, of {len(found)} seeds"


def ship() -> str:
    """Put the seed with the lowest cross-entropy on validation images into the package: weights, LiteRT file, record.

    The shipped reader's threshold is what the share ``SHIPPED.settings["sure_of_validation"]`` of validation images reach.

    Returns:
        One line that says which.

    Raises:
        LookupError: if no reader was trained.
        MissingDataError: if MNIST is not to be had.
    """
    path, which = _best_trained(READER, lambda record: -record.metrics["val_cross_entropy"])
    model = keras.saving.load_model(path.with_suffix(".keras"), compile=False)
    reader.WEIGHTS.mkdir(exist_ok=True)
    with paths.whole_file(reader.WEIGHTS / "reader.keras") as temporary:
        model.save(temporary)
    litert.to_litert(model, reader.WEIGHTS / "reader.tflite", "float32")
    record = json.loads(path.read_text(encoding="utf-8"))
    dataset = data.load("mnist")
    _, (images, _) = data.validation_parts((dataset.x_train, dataset.y_train), VALIDATION_SHARE)
    calibrated = reader.Reader(model, record["metrics"]["temperature"], threshold=0.0)
    y_prob = calibrated.probabilities(images / np.float32(255))
    record["shipped_threshold"] = threshold_reached(y_prob, SHIPPED.settings["sure_of_validation"])
    paths.write_text(reader.WEIGHTS / "reader.json", json.dumps(record, indent=1) + "\n")
    return which


def run_shipped(run: Run) -> Record:
    """The runner of the kind "shipped": every set, the stress set, and drawings without a digit, with the shipped reader."""
    read = reader.shipped()
    metrics, arrays = evaluate(read, run.dataset, run.quick)
    rng = np.random.default_rng(run.seed)
    per_cell = 100 if not run.quick else 2
    stressed = stress_table(read, run.dataset, rng, per_cell)
    arrays |= {"stress_right": stressed}
    metrics |= {"stress_accuracy": float(stressed.mean() / per_cell), "stress_n": int(stressed.size * per_cell)}
    n = 300 if not run.quick else 10
    drawings = {
        "letters": not_digits.letters()[0],
        "lookalikes": not_digits.letters(lookalikes=True)[0],
        "scribbles": not_digits.scribbles(n, rng),
        "faces": not_digits.faces(n, rng),
        "words": not_digits.words(n, rng, not_digits.OTHERS),
        "any_words": not_digits.words(n, rng),
        "hands": not_digits.hands(n, rng),
    }
    for name, shown in drawings.items():
        shown = shown if not run.quick else shown[:10]
        refused = [
            not any(one.sure for one in answers(read, drawing)) for drawing in tqdm(shown, desc=name, unit="drawing")
        ]
        metrics |= {f"refused_{name}": sum(refused), f"n_{name}": len(shown)}
    weights = reader.WEIGHTS / "reader.keras"
    metrics |= {
        "parameters": reader.shipped_network().count_params(),
        "temperature": read.temperature,
        "threshold": read.threshold,
        "bytes": weights.stat().st_size,
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
    }
    return run.record(metrics, arrays)


def answers(read: "reader.Reader", photo) -> list:
    """Every reading of a photo; none where it is refused as a whole."""
    try:
        return list(read.read(photo))
    except PhotoError:
        return []


def digits_read(page: list, text: str) -> int:
    """How many digits of a text the readings of its photo have right."""
    return max(0, len(text) - evaluation.edit_distance(text, "".join(str(one.digit) for one in page)))


def is_sure(page: list) -> bool:
    """Whether every reading of a photo is sure, and there is one."""
    return bool(page) and all(one.sure for one in page)


def stress_table(read: "reader.Reader", dataset, rng, per_cell: int) -> np.ndarray:
    """How many of ``per_cell`` test digits, rendered as photos, are read right: int (kinds, strengths)."""
    right = np.zeros((len(stress.KINDS), len(stress.STRENGTHS)), int)
    with tqdm(total=right.size, desc="stress set", unit="cell") as bar:
        for row, kind in enumerate(stress.KINDS):
            for column, strength in enumerate(stress.STRENGTHS):
                chosen = rng.choice(len(dataset.x_test), per_cell)
                for digit, label in zip(dataset.x_test[chosen], dataset.y_test[chosen], strict=True):
                    photo = stress.photograph(digit, rng, kind, strength)
                    with contextlib.suppress(PhotoError):  # refusing is missing it
                        image = photos.digit_image(photo)
                        right[row, column] += int(read.probabilities(image[None]).argmax() == label)
                bar.update()
    return right


# --- the finder --------------------------------------------------------------------------------------------------


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
    n, validation = settings["pages_per_epoch"], validation_pages(settings, seed, dataset)

    @functools.lru_cache(maxsize=1)
    def rendered(number):
        return with_targets(*train, n, epochs.epoch_generator(seed, number))

    return networks.fitted(
        lambda: models.finder_cnn(**settings["finder"]),
        settings,
        seed,
        lambda epoch: rendered(epoch // settings["showings"]),
        validation,
        checkpoint,
        title,
        n,
        evaluation_batch=64,
        loss=finder.finding_loss,
        accuracy=finder.accuracy,
    )


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
    path, which = _best_trained(FINDER, lambda record: record.metrics["accuracy"])
    litert.to_litert(models.load(path.with_suffix(".keras")), places.WEIGHTS, "float16")
    return which


def run_pages(run: Run) -> Record:
    """The runner of the kind "pages": hard pages of test digits, read by the shipped reader; by kind and strength.

    ``whole_KIND`` are pages whose digits are all read, in order, and nothing else; ``right_KIND`` of ``digits_KIND`` are digits
    read right, ``sure_wrong_KIND`` pages on which every answer is sure and one is wrong, each three numbers, one a strength.
    """
    settings, metrics, slowest = run.settings, {"accuracy": 0.0, "misses": 0, "n": 0}, 0.0
    read = reader.shipped()
    for number, kind in enumerate(tqdm(settings["kinds"], desc="hard pages", unit="kind")):
        counts = {name: [] for name in ("whole", "right", "digits", "sure_wrong")}
        for strength in stress.STRENGTHS:
            rng = np.random.default_rng([run.seed, number, strength])
            found = []  # of each page: what ``counts`` counts
            for _ in range(settings["pages"]):
                photo, text = hard.photograph(run.dataset.x_test, run.dataset.y_test, rng, kind, strength)
                began = time.perf_counter()
                page = answers(read, photo)
                slowest = max(slowest, time.perf_counter() - began)
                wanted = text.replace("\n", "")
                whole = [str(one.digit) for one in page] == list(wanted)
                found.append((whole, digits_read(page, wanted), len(wanted), is_sure(page) and not whole))
            for name, values in zip(counts, np.array(found, int).sum(axis=0), strict=True):
                counts[name].append(int(values))
        metrics |= {f"{name}_{kind}": values for name, values in counts.items()}
        metrics["n"] += sum(counts["digits"])
        metrics["misses"] += sum(counts["digits"]) - sum(counts["right"])
    metrics["accuracy"] = 1 - metrics["misses"] / metrics["n"]
    return run.record(metrics, seconds={"slowest_page": round(slowest, 3)})


def run_strings(run: Run) -> Record:
    """The runner of the kind "strings": five test digits in a row, as photos of every strength, read by the shipped reader.

    A string is whole where exactly its digits are found, in order; sure, where each also reaches the threshold.
    """
    counts, read = run.settings["strings"], reader.shipped()
    whole, sure, surely_wrong = np.zeros((3, len(stress.STRENGTHS)), int)
    for column, (strength, n) in enumerate(zip(stress.STRENGTHS, counts, strict=True)):
        rng = np.random.default_rng([run.seed, strength])
        for chosen in tqdm(rng.integers(0, len(run.dataset.x_test), (n, stress.LENGTH)), desc=f"strings of {strength}"):
            photo = stress.string(run.dataset.x_test[chosen], rng, strength)
            page = answers(read, photo)
            right = [one.digit for one in page] == run.dataset.y_test[chosen].tolist()
            whole[column] += right
            sure[column] += right and is_sure(page)
            surely_wrong[column] += is_sure(page) and not right
    metrics = {"accuracy": float(whole[0] / counts[0]), "misses": int(counts[0] - whole[0]), "n": counts[0]}
    for name, found in {"n": counts, "whole": whole, "sure": sure, "surely_wrong": surely_wrong}.items():
        metrics |= {f"{name}_{strength}": int(one) for strength, one in zip(stress.STRENGTHS, found, strict=True)}
    return run.record(metrics)


# --- thresholds --------------------------------------------------------------------------------------------------

READERS_MODULES = {"finder": places, "sheets": sheets, "joining": joining, "ink": ink, "photos": photos}
STEPS = (
    (photos, "find_places"),
    (photos, "find_ink"),
    (photos, "mnist_image"),
    (photos, "_heaviest"),
    (sheets, "inks_of"),
    (sheets, "ink_of"),
    (sheets, "find_ink"),
    (sheets, "lightness_of_ink"),
    (sheets, "connected_ink"),
    (sheets, "ink_left"),
)  # of reading a photo: module and function, which is called by that name and has no other effect than what it returns


def threshold(name: str):
    """The value of one of ``experiments.THRESHOLDS``, int or float."""
    module, constant, *place = name.split(".")
    value = getattr(READERS_MODULES[module], constant)
    return value[int(place[0])] if place else value


@contextlib.contextmanager
def threshold_set(name: str, value):
    """One of ``experiments.THRESHOLDS`` has another value for a while."""
    module, constant, *place = name.split(".")
    today = getattr(READERS_MODULES[module], constant)
    if place:
        value = tuple(value if number == int(place[0]) else one for number, one in enumerate(today))
    with patch.object(READERS_MODULES[module], constant, value):
        yield


def other_values(today, factors: list) -> list:
    """What is tried instead of a threshold, each value once: whole where it is, and below 1 where it is.

    Example:
        >>> other_values(0.6, [0.5, 2.0, 3.0]), other_values(3, [0.5, 0.9, 1.5])
        ([0.3, 0.99], [2, 4])
    """
    values = [round(today * factor) if isinstance(today, int) else round(today * factor, 6) for factor in factors]
    below = [min(value, 0.99) if today < 1 else value for value in values]
    return [value for value in dict.fromkeys(below) if value != today]


def photos_of_validation_digits(settings: dict, seed: int, dataset) -> list:
    """Hard pages, stressed digits and strings, made from the digits that the networks were not trained with.

    Args:
        settings: of an experiment of the kind "thresholds": of each of ``kinds`` and each strength as many ``pages``, of each
            of ``stress`` as many ``digits``, and of each strength as many ``strings``.
        seed: decides what is drawn.
        dataset: the last ``VALIDATION_SHARE`` of its training images are used.

    Returns:
        ``(photo, text)`` each: uint8 (height, width, 3), and its digits in reading order.
    """
    _, (images, labels) = data.validation_parts((dataset.x_train, dataset.y_train), VALIDATION_SHARE)
    rng, drawn_photos = np.random.default_rng([seed, 2 * 10**6]), []
    for strength in stress.STRENGTHS:
        for kind in settings["kinds"] * settings["pages"]:
            photo, text = hard.photograph(images, labels, rng, kind, strength)
            drawn_photos.append((photo, text.replace("\n", "")))
        for kind in settings["stress"] * settings["digits"]:
            chosen = rng.integers(len(images))
            drawn_photos.append((stress.photograph(images[chosen], rng, kind, strength), str(labels[chosen])))
        for chosen in rng.integers(0, len(images), (settings["strings"], stress.LENGTH)):
            drawn_photos.append((stress.string(images[chosen], rng, strength), "".join(map(str, labels[chosen]))))
    return drawn_photos


def digits_right(read: "reader.Reader", shown: list) -> int:
    """Digits read right on photos, as ``photos_of_validation_digits`` gives them; a photo that is refused has none."""
    return sum(digits_read(answers(read, photo), text) for photo, text in shown)


def remembering(function):
    """The same function of arrays and plain values, which computes nothing twice."""
    known = {}

    def called(*arguments):
        key = hashlib.sha256(pickle.dumps(arguments)).digest()
        if key not in known:
            known[key] = function(*arguments)
        return known[key]

    return called


def thresholds_read(function) -> set:
    """What of the reader's modules a function reads, itself or through the functions that it calls: "ink.SMOOTH", …

    A name that is read as an attribute counts in every module that the function names, so rather too much is found.
    """
    found, waiting = set(), [(function.__code__, function.__globals__)]
    modules = {module.__name__: name for name, module in READERS_MODULES.items()}
    while waiting:
        code, names = waiting.pop()
        waiting += [(part, names) for part in code.co_consts if inspect.iscode(part)]
        named = [vars(names[name]) for name in code.co_names if inspect.ismodule(names.get(name))]
        for place in (names, *named):
            module = modules.get(place["__name__"])
            for name in code.co_names if module else ():
                if name in place and f"{module}.{name}" not in found:
                    found.add(f"{module}.{name}")
                    if inspect.isfunction(place[name]):
                        waiting.append((place[name].__code__, place[name].__globals__))
    return found


def _remembering_network(network):
    of_one = remembering(lambda image: network(image[None])[0])
    return lambda images: np.stack([of_one(image) for image in images])


def run_thresholds(run: Run) -> Record:
    """The runner of the kind "thresholds": photos of validation digits, read with one threshold after another changed.

    ``right_NAME`` are digits read right with each of ``values_NAME``; ``verdict_NAME`` says which value reads most, and
    whether today's is within one standard error of it. No step of reading is repeated that the change cannot reach.
    """
    settings, shipped = run.settings, reader.shipped()
    shown = photos_of_validation_digits(settings, run.seed, run.dataset)
    n = sum(len(text) for _, text in shown)
    tried = {name: other_values(threshold(name), settings["factors"]) for name in settings["thresholds"]}
    read = reader.Reader(_remembering_network(shipped.model), shipped.temperature, shipped.threshold)
    finder_network, bar = _remembering_network(places.shipped()), tqdm(desc=run.title, unit="value")
    bar.total = 1 + sum(map(len, tried.values()))
    steps = [(module, name, getattr(module, name)) for module, name in STEPS]
    steps = [(module, name, remembering(step), thresholds_read(step)) for module, name, step in steps]
    with bar, patch.object(places, "shipped", lambda: finder_network):

        def right_with(changed: str) -> int:
            with contextlib.ExitStack() as stack:
                for module, name, step, read_in_it in steps:
                    if ".".join(changed.split(".")[:2]) not in read_in_it:
                        stack.enter_context(patch.object(module, name, step))
                right = digits_right(read, shown)
            bar.update()
            return right

        today = right_with("")
        metrics = {"accuracy": today / n, "misses": n - today, "n": n}
        for name, values in tried.items():
            right = []
            for value in values:
                with threshold_set(name, value):
                    right.append(right_with(name))
            metrics |= {f"today_{name}": threshold(name), f"values_{name}": values, f"right_{name}": right}
            metrics[f"verdict_{name}"] = verdict_on_threshold(threshold(name), today, values, right, n)
    return run.record(metrics)


def verdict_on_threshold(value, today: int, values: list, right: list, n: int) -> str:
    """Which value of a threshold reads most of n digits, and whether today's is as good, in one sentence.

    Args:
        value, today: today's value, and the digits read right with it.
        values, right: the others, and the digits read right with each.

    Example:
        >>> verdict_on_threshold(0.4, 90, [0.2, 0.8], [80, 92], 100)
        '0.8 reads most: 92 of 100 digits, where 0.4 reads 90, within one standard error.'
        >>> verdict_on_threshold(0.4, 92, [0.2, 0.8], [80, 92], 100)
        "Today's 0.4 reads most: 92 of 100 digits."
    """
    most = max(right, default=0)
    if today >= most:
        return f"Today's {value} reads most: {today} of {n} digits."
    error = np.sqrt(most * (n - most) / n)
    near = "within one standard error" if most - today <= error else "more than one standard error less"
    return f"{values[right.index(most)]} reads most: {most} of {n} digits, where {value} reads {today}, {near}."


# --- on small machines -------------------------------------------------------------------------------------------

KERAS = ("keras predict", "keras compiled")  # a user's model.predict, and one forward pass compiled once
WARM_UP = 20  # images before the clock starts


def write_all(folder: Path, dataset, seed: int = 0) -> dict:
    """The shipped reader's network in every format of ``litert.FORMATS``.

    Args:
        folder: where ``reader-FORMAT.tflite`` are written.
        dataset: MNIST, whose training images int8 needs.
        seed: draws those.

    Returns:
        Format -> path.
    """
    model = reader.shipped_network()
    chosen = np.random.default_rng(seed).choice(len(dataset.x_train), litert.REPRESENTATIVE, replace=False)
    images = dataset.x_train[chosen].astype(np.float32)  # in [0, 255]: what int8 takes its ranges from
    return {
        name: litert.to_litert(model, Path(folder) / f"reader-{name}.tflite", name, images) for name in litert.FORMATS
    }


def run_edge(run: Run) -> Record:
    """The runner of the kind "edge": every format on every set, and milliseconds an image on one core."""
    shipped, dataset = reader.shipped(), run.dataset
    compiled = reader.Reader(reader.shipped_network(), shipped.temperature, shipped.threshold).forward
    sets = {"mnist": (dataset.x_test / np.float32(255), dataset.y_test)}
    sets |= other_sets(dataset, run.quick)
    metrics, arrays = {}, {f"y_true_{name}": labels for name, (_, labels) in sets.items()}
    with tempfile.TemporaryDirectory() as folder:
        files = write_all(Path(folder), dataset, run.seed)
        networks = {"keras": compiled} | {name: litert.LiteRTModel(path) for name, path in files.items()}
        for name, forward in networks.items():
            found, probabilities = _measured(forward, shipped, sets)
            metrics |= {f"{key}_{name}": value for key, value in found.items()}
            arrays |= {f"score_{part}_{name}": y_prob for part, y_prob in probabilities.items()}
        for name, path in files.items():
            metrics[f"bytes_{name}"] = path.stat().st_size
            metrics[f"largest_difference_{name}"] = float(
                np.abs(arrays[f"score_mnist_{name}"] - arrays["score_mnist_keras"]).max()
            )
        images = (255 * sets["mnist"][0][: run.settings["timed_images"]]).astype(np.float32)
        for name in (*KERAS, *files):
            metrics[f"milliseconds_{name}"] = milliseconds_on_one_core(files.get(name, name), images)
    weights = (reader.WEIGHTS / "reader.keras").read_bytes()
    metrics |= {"bytes_keras": len(weights), "weights_sha256": hashlib.sha256(weights).hexdigest()}
    metrics |= {"accuracy": metrics["accuracy_mnist_keras"], "misses": metrics["misses_mnist_keras"]}
    metrics["n"] = metrics["n_mnist_keras"]
    small = {name: value.astype(np.float16) if value.dtype.kind == "f" else value for name, value in arrays.items()}
    return run.record(metrics, small)


def _measured(forward, shipped, sets: dict) -> tuple[dict, dict]:
    """Counts on every set as the reader reads (five views, calibrated), and on MNIST with one view."""
    read = reader.Reader(forward, shipped.temperature, shipped.threshold)
    metrics, probabilities = {}, {}
    for name, (images, labels) in sets.items():
        probabilities[name] = read.probabilities(images)
        metrics |= _counts(read, labels, probabilities[name], f"_{name}")
    images, labels = sets["mnist"]
    one_view = np.concatenate([forward(255 * part) for part in np.array_split(images, max(1, len(images) // 1000))])
    metrics["misses_one_view"] = int(np.sum(one_view.argmax(axis=1) != labels))
    return metrics, probabilities


# --- speed -------------------------------------------------------------------------------------------------------


def milliseconds_on_one_core(network, images: np.ndarray) -> float:
    """Median time of one image at a time, in a process of its own that has one core.

    Args:
        network: a LiteRT file, or one of ``KERAS`` for the shipped reader's network.
        images: float32 (n, 28, 28) in [0, 255].
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_keep_to_one_core) as process:
        return process.submit(_median_milliseconds, network, images).result()


def _keep_to_one_core() -> None:
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    if hasattr(os, "sched_setaffinity"):  # not on macOS and Windows: there the number of threads has to do
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _median_milliseconds(network, images) -> float:
    forward = _keras_forward(network) if network in KERAS else litert.LiteRTModel(network)
    seconds = []
    for image in images:
        began = time.perf_counter()
        forward(image[None])
        seconds.append(time.perf_counter() - began)
    return float(1000 * np.median(seconds[WARM_UP:]))


def _keras_forward(name: str):
    model = reader.shipped_network()
    if name == "keras compiled":
        return reader.Reader(model, temperature=1.0, threshold=0.0).forward
    return lambda images: model.predict(images, verbose=0)


RUNNERS = {
    "reader": run_reader,
    "shipped": run_shipped,
    "edge": run_edge,
    "strings": run_strings,
    "finder": run_finder,
    "pages": run_pages,
    "thresholds": run_thresholds,
}
