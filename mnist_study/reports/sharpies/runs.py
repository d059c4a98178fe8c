"""What the images of MNIST look like before any model, and the report's models on the report's photos.

The runners of the kinds "explore", "umap" and "photos".
"""

import time

import numpy as np
from PIL import Image

from ... import data, embedding, evaluation, models
from ...data import Dataset
from ...models.backend import keras
from ...reader import photos
from ...records import Record
from ...training import classical, epochs
from ...training.run import Run
from .experiments import LADDER

ODD_POINTS_KEPT = 24


def run_explore(run: Run) -> Record:
    """Counts, checks, mean and deviation images, grey levels, and the first images of each digit."""
    began = time.perf_counter()
    dataset = run.dataset
    images, labels = dataset.all_images, dataset.all_labels
    levels = np.bincount(images.ravel(), minlength=256)
    by_digit = [images[labels == digit] for digit in range(10)]
    mean = np.stack([group.mean(axis=0) for group in by_digit])
    samples = np.stack([group[: run.settings["samples_per_digit"]] for group in by_digit])
    used = images.max(axis=0) > 0
    share = levels / levels.sum()
    unit_mean = float(share @ np.arange(256)) / 255
    metrics = {
        "n": len(images),
        "nulls": int(np.isnan(images).sum()),
        "smallest": int(np.flatnonzero(levels)[0]),
        "largest": int(np.flatnonzero(levels)[-1]),
        "labels": sorted(int(label) for label in np.unique(labels)),
        "pixel_mean": unit_mean,
        "pixel_std": float(np.sqrt(share @ (np.arange(256) / 255 - unit_mean) ** 2)),
        "share_black": float(share[0]),
        "share_between": float(share[1:255].sum()),
        "pixels_never_used": int((~used).sum()),
    }
    arrays = {
        "count_train": np.bincount(dataset.y_train, minlength=10),
        "count_test": np.bincount(dataset.y_test, minlength=10),
        "mean_image": mean.astype(np.float32),
        "std_image": np.stack([group.std(axis=0) for group in by_digit]).astype(np.float32),
        "sample_image": samples,
        "grey_level_count": levels,
        "ink_per_image": (images.reshape(len(images), -1).mean(axis=1) / 255).astype(np.float16),
        "label": labels,
        "pixel_used": used,
    }
    seconds = {"fit": round(time.perf_counter() - began, 3)}
    return run.record(metrics, arrays, seconds=seconds)


def run_umap(run: Run) -> Record:
    """UMAP of the images, how well it keeps neighbours, and the points that sit among another digit.

    Where ``trained`` names a network, what its last layer is given is embedded in place of the pixels.
    """
    dataset = run.dataset
    images, labels = dataset.all_images, dataset.all_labels
    if run.settings["images"] == "test":
        images, labels = dataset.x_test, dataset.y_test
    vectors = images
    if "trained" in run.settings:
        network = run.trained(run.settings["trained"])
        before_last = keras.Model(network.inputs, network.layers[-1].input)
        vectors = before_last.predict(images, batch_size=500, verbose=0)
    options = {name: run.settings[name] for name in ("n_components", "n_neighbors", "min_dist")}
    minutes = "about 1 minute per 20,000"
    print(f"{run.experiment.title}: embedding {len(images):,} images on one core ({minutes})", flush=True)
    began = time.perf_counter()
    points = embedding.umap_embedding(vectors, seed=run.seed, **options)
    seconds = {"fit": round(time.perf_counter() - began, 3)}
    votes = embedding.neighbour_votes(points, labels)
    metrics = evaluation.counts(labels, votes.argmax(axis=1)) | {
        "loss": None,
        "trustworthiness": embedding.sampled_trustworthiness(vectors, points),
    }
    odd = embedding.odd_points(points, votes, labels)
    shown = odd[:ODD_POINTS_KEPT]
    arrays = {
        "points": points.astype(np.float16),
        "y_true": labels,
        "odd_index": odd.astype(np.int32),
        "odd_votes": votes[shown].astype(np.uint8),
        "odd_image": images[shown],
    }
    return run.record(metrics, arrays, seconds=seconds)


# --- photos ------------------------------------------------------------------------------------------------------


def rung_images(found: data.Photos, threshold: int) -> dict:
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
    steps = [ladder(photo) for photo in found.pictures]
    for rung in LADDER:
        rungs[rung] = np.stack([np.uint8(np.rint(255 * step[rung])) for step in steps]), found.labels
    return rungs


def ladder(photo) -> dict:
    """One photo at every step of its preparation: a rung of ``LADDER`` -> float (28, 28) in [0, 1], white ink on black.

    Args:
        photo: as ``photos.open_photo`` takes it.

    Raises:
        FileNotFoundError, PhotoError: as ``photos.digit_image``.
    """
    picture, scale = photos.open_photo(photo)
    ink, _ = photos.find_ink(picture)
    digit = photos.digits_on(picture, scale).digits[0]
    box = photos.boxed(digit.ink, 20)
    rim = [((28 - side) // 2, (29 - side) // 2) for side in box.shape]
    return {
        "shrunk": _shrunk(1 - picture.mean(axis=2)),
        "background": _shrunk(np.clip(ink / np.quantile(ink, 0.999), 0, 1)),
        "boxed": np.pad(box, rim),
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
    found = data.photos_of(run.dataset, run.quick)
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
    mean, std = models.pixel_mean_and_std(dataset.x_train)
    return (images.reshape(len(images), -1) / 255 - mean) / std


def _classifier(run: Run):
    """``(classify, classify by the report's recipe, seconds)`` for uint8 images (n, 28, 28)."""
    base = run.experiments[run.settings["trained"]]
    if base.kind == "classical":
        model, seconds = classical.fit(base, run.dataset)
        return model.predict, lambda images: model[-1].predict(standardised(images, run.dataset)), seconds
    began = time.perf_counter()
    network = run.trained(base.name)

    def classify(images):
        return epochs.predict(network, images.astype(np.float32)).argmax(axis=1)

    return classify, classify, {"load": round(time.perf_counter() - began, 3)}


RUNNERS = {"explore": run_explore, "umap": run_umap, "photos": run_photos}
