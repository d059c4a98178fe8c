"""The report's models on the report's photos: its own recipe, and the ladder from a shrunk photo to MNIST's format."""

import time

import numpy as np
from PIL import Image

from . import evaluation, experiments, paths, photos, sharpies
from .datasets import Dataset
from .files import MissingDataError, digest
from .records import Record
from .runs import Run

RUNGS = {
    "recipe": "the report's recipe: its images, threshold 127",
    "grey": "its images, paper's grey left in",
    "shrunk": "the photo, shrunk whole",
    "background": "background removed",
    "boxed": "boxed to 20x20",
    "centred": "centre of mass centred",
    "stroke-width": "stroke width as in MNIST",
}
LADDER = ("shrunk", "background", "boxed", "centred", "stroke-width")
STAND_IN_NOTICE = "NOT THE REPORT'S PHOTOS: none on this machine and none could be downloaded, so these are drawn from the data set at hand"


def photos_for_profile(profile: str, dataset: Dataset) -> tuple[sharpies.Photos, str]:
    """The report's photos, and a notice that is "" where they are the real ones.

    Where there are none, the quick profile draws stand-ins from the data set's test images.

    Raises:
        MissingDataError: in ``full``, where the photos are neither local nor reachable.
    """
    try:
        return sharpies.load_photos(), ""
    except MissingDataError:
        if profile == "full":
            raise
        return _stand_ins(dataset), STAND_IN_NOTICE


def _stand_ins(dataset: Dataset) -> sharpies.Photos:
    chosen = [np.flatnonzero(dataset.y_test == digit)[k] for k in (0, 1) for digit in range(10)]
    pages = []
    for image in dataset.x_test[chosen]:
        ink = np.asarray(Image.fromarray(image).resize((120, 120), Image.Resampling.BICUBIC), float) / 255
        pages.append(np.uint8(np.pad(190 - 160 * ink, 90, constant_values=190)))
    formatted = np.stack([255 - np.asarray(Image.fromarray(page).resize((28, 28))) for page in pages])
    labels = dataset.y_test[chosen]
    return sharpies.Photos(tuple(pages), labels, formatted, digest(formatted, labels))


def rung_images(found: sharpies.Photos, threshold: int) -> dict:
    """The images that the models are shown, rung by rung.

    Args:
        found: the photos.
        threshold: of the report's recipe: brighter is ink.

    Returns:
        rung -> ``(images, labels)``: uint8 (n, 28, 28) in [0, 255] and (n,); n is 20 for "recipe" and "grey", which need
        the report's own images, else all photos.
    """
    n = len(found.formatted)
    rungs = {
        "recipe": (np.uint8(255 * (found.formatted > threshold)), found.labels[:n]),
        "grey": (found.formatted, found.labels[:n]),
    }
    steps = [_steps(photo) for photo in found.pictures]
    for rung in LADDER:
        rungs[rung] = np.stack([np.uint8(np.rint(255 * step[rung])) for step in steps]), found.labels
    return rungs


def _steps(photo) -> dict:
    picture, scale = photos.open_photo(photo)
    ink, _ = photos.find_ink(picture)
    digit = photos.digits_on(picture, scale, several=False)[0]
    box = photos.boxed(digit.ink, 20)
    top, left = ((28 - side) // 2 for side in box.shape)
    boxed = np.zeros((28, 28), np.float32)
    boxed[top : top + box.shape[0], left : left + box.shape[1]] = box
    return {
        "shrunk": _shrunk(1 - picture.mean(axis=2)),
        "background": _shrunk(np.clip(ink / np.quantile(ink, 0.999), 0, 1)),
        "boxed": boxed,
        "centred": photos.centred(box),
        "stroke-width": digit.image,
    }


def _shrunk(picture) -> np.ndarray:
    image = Image.fromarray(np.asarray(picture, np.float32)).resize((28, 28), Image.Resampling.BOX)
    return np.clip(np.asarray(image), 0, 1)


def run_photos(run: Run) -> Record:
    """The runner of experiments of the kind "photos": one trained model, shown every rung.

    ``accuracy`` is that of the report's recipe; each rung has ``accuracy_…`` and ``misses_…`` besides. An SVM is fed
    globally standardised pixels in the recipe, as the report did, though it was trained on per-pixel scaled ones, and its
    own scale (raw pixels into its own pipeline) everywhere else; so is the KNN, whose training pixels lay in [0, 1].
    """
    found, _ = photos_for_profile(run.profile, run.dataset)
    rungs = rung_images(found, run.settings["threshold"])
    classify, classify_recipe, seconds = _classifier(run)
    arrays, metrics = {}, {}
    for rung, (images, labels) in rungs.items():
        y_pred = np.asarray((classify_recipe if rung == "recipe" else classify)(images)).astype(np.uint8)
        counted = evaluation.counts(labels, y_pred)
        metrics |= counted if rung == "recipe" else {}
        metrics |= {f"{name}_{rung}": value for name, value in counted.items()}
        arrays |= {f"y_pred_{rung}": y_pred}
    on_own_scale = classify(rungs["recipe"][0])
    counted = evaluation.counts(rungs["recipe"][1], np.asarray(on_own_scale).astype(np.uint8))
    metrics |= {f"{name}_own-scale": value for name, value in counted.items()}
    experiment = run.experiment
    if experiment.name == "sharpies/photos/reader" and run.seed == experiment.seeds[0]:  # kept once, for the figures
        arrays |= {f"image_{rung}": images for rung, (images, _) in rungs.items()}
    arrays["y_true"] = found.labels
    return run.record(metrics, arrays, seconds=seconds)


def standardised(images: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Pixels over 255, minus the mean and over the deviation of all training pixels; float64 (n, 784)."""
    from . import network_training

    mean, std = network_training.pixel_mean_and_std(dataset.x_train)
    return (images.reshape(len(images), -1) / 255 - mean) / std


def _classifier(run: Run):
    """``(classify, classify by the report's recipe, seconds)`` for uint8 images (n, 28, 28)."""
    from . import classical, network_training, training  # late: figures of photos do without Keras

    base = experiments.get(run.settings["trained"])
    if base.kind == "classical":
        model, seconds = classical.fit(base, run.dataset)
        return model.predict, lambda images: model[-1].predict(standardised(images, run.dataset)), seconds
    began = time.perf_counter()
    network = network_training.trained_network(base.name, run.seed, run.dataset, run.profile)

    def classify(images):
        return training.predict(network, images.astype(np.float32)).argmax(axis=1)

    return classify, classify, {"load": round(time.perf_counter() - began, 3)}


def own_folder():
    """``data/own``, where a visitor drops photos; made if it is not there."""
    folder = paths.data_dir() / "own"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
