"""Report asher: the trials of its search, and what a convolutional network does to one digit, step by step.

The runners of the kinds "trial" and "anatomy".
"""

import keras
import numpy as np
from PIL import Image

from ... import records
from ...data import augment, named_split, stress
from ...records import Record
from ...training import epochs, networks
from ...training.run import Run

SHOWN = 40  # test images with the label read
EXAMPLE_SEED = 5  # of the photo and of its distortions


def run_trial(run: Run) -> Record:
    """One setting of the search, scored on the validation part as Keras Tuner does: by its best epoch.

    ``accuracy``, ``misses`` and ``loss`` are that epoch's, ``val_accuracy`` is the last one's. No weights are kept.

    Source: report asher, "Training & Hyperparameter Tuning".
    """
    train, validation, _ = named_split(run.dataset, run.settings)
    model, history, device = networks.fit_network(
        run.settings, run.seed, run.dataset.x_train, train, validation, run.checkpoint, run.title
    )
    best, n = int(np.argmax(history["val_accuracy"])), len(validation[1])
    metrics = {
        "accuracy": history["val_accuracy"][best],
        "misses": round((1 - history["val_accuracy"][best]) * n),
        "n": n,
        "loss": history["val_loss"][best],
        "val_accuracy": history["val_accuracy"][-1],
        "best_epoch": best + 1,
        "parameters": model.count_params(),
    }
    made_by = records.provenance(device) | {"backend": keras.backend.backend()}
    return run.record(metrics, history=history, seconds={"fit": round(sum(history["seconds"]), 3)}, provenance=made_by)


def run_anatomy(run: Run) -> Record:
    """One digit through the preparation that report asher lists, and through a trained network.

    Arrays: ``photo`` uint8 (100, 100, 3), ``grey``, ``scaled`` float32 in [0, 1], ``small`` uint8 (28, 28), then ``turned``,
    ``shifted`` and ``zoomed``, three each; ``digit`` (28, 28), and of the network's layers on it: ``kernels`` (3, 3, filters),
    ``bias``, ``maps``, ``pooled``, ``last_pooled``, ``flat``, ``probability``;
    ``test_image``, ``test_label``, ``test_read`` of the first test images.
    """
    dataset = run.dataset
    network = run.trained(run.settings["trained"])
    arrays = _prepared(dataset.x_test[0]) | _inside(network, dataset.x_test[0])
    shown = slice(0, SHOWN)
    arrays |= {
        "test_image": dataset.x_test[shown],
        "test_label": dataset.y_test[shown],
        "test_read": epochs.predict(network, dataset.x_test[shown]).argmax(axis=1).astype(np.uint8),
    }
    metrics = {"n": 1, "label": int(dataset.y_test[0]), "parameters": network.count_params()}
    return run.record(metrics, arrays)


def _prepared(digit: np.ndarray) -> dict:
    """A photo of the digit, rendered here because real ones have their owners, on its way to the network."""
    rng = np.random.default_rng(EXAMPLE_SEED)
    photo = Image.fromarray(stress.photograph(digit, rng, "paper", 1)).resize((100, 100), Image.Resampling.BOX)
    grey = np.asarray(photo.convert("L"))
    small = np.asarray(Image.fromarray(255 - grey).resize((28, 28), Image.Resampling.BOX))
    strength = {"turned": {"rotation": 30}, "shifted": {"shift": 0.15}, "zoomed": {"zoom": 0.3}}
    three = np.repeat(digit[None], 3, axis=0)
    return {
        "photo": np.asarray(photo),
        "grey": grey,
        "scaled": (255 - grey).astype(np.float32) / 255,
        "small": small,
        **{name: augment.modified(three, rng, **bounds) for name, bounds in strength.items()},
    }


def _inside(network: keras.Model, digit: np.ndarray) -> dict:
    """The outputs of the first convolution, its pooling and the flattening, and the answer."""
    of_kind = {}
    for layer in network.layers:
        of_kind.setdefault(type(layer).__name__, []).append(layer)
    convolution, pooling = of_kind["Conv2D"][0], of_kind["MaxPooling2D"]
    steps = {"maps": convolution, "pooled": pooling[0], "last_pooled": pooling[-1], "flat": of_kind["Flatten"][0]}
    probe = keras.Model(network.inputs, [layer.output for layer in steps.values()] + network.outputs)
    outputs = dict(zip((*steps, "probability"), probe(digit[None].astype(np.float32)), strict=True))
    kernels, bias = convolution.get_weights()
    return {"digit": digit, "kernels": kernels[:, :, 0], "bias": bias} | {
        name: keras.ops.convert_to_numpy(values)[0].astype(np.float32) for name, values in outputs.items()
    }


RUNNERS = {"trial": run_trial, "anatomy": run_anatomy}
