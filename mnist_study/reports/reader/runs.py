"""How the reader was made, and what it is worth on every set, on strings and on hard pages.

The runners of the kinds "reader", "shipped", "strings" and "pages"; the others of this folder have theirs.
"""

import contextlib
import hashlib
import json
import string
import time

import keras
import numpy as np
from scipy.optimize import minimize_scalar
from tqdm.auto import tqdm

from ... import data, evaluation, paths, records
from ...data import MissingDataError, augment, drawn, not_digits, stress
from ...data.pages import hard
from ...reader import litert, photos
from ...reader import reading as reader
from ...records import Record
from ...training import epochs, networks
from ...training.run import MISTAKES_KEPT, Run, predictions
from .experiments import READER, SHIPPED

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


def evaluate(read: "reader.Reader", dataset, quick: bool) -> tuple[dict, dict]:
    """Accuracy, misses and n of MNIST's test set and of every other set; and arrays of the predictions.

    Returns:
        ``(metrics, arrays)``: ``accuracy``, ``misses``, ``n`` of MNIST; ``accuracy_usps``, ``misses_usps``, … of the others.
    """
    y_prob = read.probabilities(dataset.x_test / np.float32(255))
    metrics = evaluation.counts(dataset.y_test, y_prob.argmax(axis=1).astype(np.uint8))
    metrics |= {
        "loss": evaluation.cross_entropy(dataset.y_test, y_prob),
        "calibration_error": evaluation.calibration_error(dataset.y_test, y_prob),
        "not_sure": int((y_prob.max(axis=1) < read.threshold).sum()),
    }
    arrays = predictions(dataset.x_test, dataset.y_test, y_prob.argmax(axis=1).astype(np.uint8), y_prob)
    for name, (images, labels) in other_sets(dataset, quick).items():
        y_prob = read.probabilities(images)
        y_pred = y_prob.argmax(axis=1).astype(np.uint8)
        metrics |= {f"{key}_{name}": value for key, value in evaluation.counts(labels, y_pred).items()}
        metrics[f"not_sure_{name}"] = int((y_prob.max(axis=1) < read.threshold).sum())
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


def best_trained(experiment, worth):
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
    path, which = best_trained(READER, lambda record: -record.metrics["val_cross_entropy"])
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
    except photos.PhotoError:
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
                    with contextlib.suppress(photos.PhotoError):  # refusing is missing it
                        image = photos.digit_image(photo)
                        right[row, column] += int(read.probabilities(image[None]).argmax() == label)
                bar.update()
    return right


# --- strings and hard pages ----------------------------------------------------------------------------------------


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
            found = []
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
    metrics |= {
        f"{name}_{strength}": int(count)
        for name, found in {"n": counts, "whole": whole, "sure": sure, "surely_wrong": surely_wrong}.items()
        for strength, count in zip(stress.STRENGTHS, found, strict=True)
    }
    return run.record(metrics)


RUNNERS = {"reader": run_reader, "shipped": run_shipped, "strings": run_strings, "pages": run_pages}
