"""The reader on small machines: in LiteRT's number formats, and how long an image takes; the runner of the kind "edge"."""

import hashlib
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from ... import evaluation
from ...reader import litert
from ...reader import reading as reader
from ...records import Record
from ...training.run import Run
from .runs import other_sets

KERAS = ("keras predict", "keras compiled")  # a user's model.predict, and one forward pass compiled once
WARM_UP = 20  # images before the clock starts


def representative_images(dataset, seed: int) -> np.ndarray:
    """Training images, as they are, float32 (n, 28, 28) in [0, 255]: what int8 takes its ranges from."""
    chosen = np.random.default_rng(seed).choice(len(dataset.x_train), litert.REPRESENTATIVE, replace=False)
    return dataset.x_train[chosen].astype(np.float32)


def write_all(folder: Path, dataset, seed: int = 0) -> dict:
    """The shipped reader's network in every format of ``litert.FORMATS``.

    Args:
        folder: where ``reader-FORMAT.tflite`` are written.
        dataset: MNIST, whose training images int8 needs.
        seed: draws those.

    Returns:
        Format -> path.
    """
    model, images = reader.shipped_network(), representative_images(dataset, seed)
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
        y_prob = read.probabilities(images)
        counts = evaluation.counts(labels, y_prob.argmax(axis=1).astype(np.uint8))
        metrics |= {f"{key}_{name}": value for key, value in counts.items()}
        metrics[f"not_sure_{name}"] = int((y_prob.max(axis=1) < read.threshold).sum())
        probabilities[name] = y_prob
    images, labels = sets["mnist"]
    one_view = np.concatenate([forward(255 * part) for part in np.array_split(images, max(1, len(images) // 1000))])
    metrics["misses_one_view"] = evaluation.counts(labels, one_view.argmax(axis=1).astype(np.uint8))["misses"]
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


RUNNERS = {"edge": run_edge}
