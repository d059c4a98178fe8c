"""The runners of the kinds "explore" and "umap": what the images of MNIST look like, before any model."""

import time

import numpy as np

from . import embedding, evaluation
from .datasets import MISLABELLED_TEST_IMAGES, Dataset
from .records import Record
from .runs import Run

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


def embedded_images(settings: dict, dataset: Dataset):
    """The images and labels that a UMAP experiment embeds, in order."""
    if settings["images"] == "test":
        return dataset.x_test, dataset.y_test
    return dataset.all_images, dataset.all_labels


def known_label_errors_found(record: Record, dataset: Dataset) -> str:
    """One sentence: how many of the test images known to be mislabelled are odd points of this embedding."""
    if dataset.name != "mnist":
        return ""
    first_test = len(dataset.x_train) if record.settings["images"] == "all" else 0
    known = {first_test + index for index in MISLABELLED_TEST_IMAGES if index < len(dataset.x_test)}
    found = known.intersection(record.arrays["odd_index"].tolist())
    return f"Among them are {len(found)} of the {len(known)} test images here that human reviewers call mislabelled."


def run_umap(run: Run) -> Record:
    """UMAP of the images, how well it keeps neighbours, and the points that sit among another digit."""
    images, labels = embedded_images(run.settings, run.dataset)
    options = {name: run.settings[name] for name in ("n_components", "n_neighbors", "min_dist")}
    print(
        f"{run.experiment.title}: embedding {len(images):,} images on one core (about 1 minute per 20,000)", flush=True
    )
    began = time.perf_counter()
    points = embedding.umap_embedding(images, seed=run.seed, **options)
    seconds = {"fit": round(time.perf_counter() - began, 3)}
    votes = embedding.neighbour_votes(points, labels)
    metrics = evaluation.counts(labels, votes.argmax(axis=1)) | {
        "loss": None,
        "trustworthiness": embedding.sampled_trustworthiness(images, points),
    }
    odd = embedding.odd_points(votes, labels)
    shown = odd[:ODD_POINTS_KEPT]
    arrays = {
        "points": points.astype(np.float16),
        "y_true": labels,
        "odd_index": odd.astype(np.int32),
        "odd_votes": votes[shown].astype(np.uint8),
        "odd_image": images[shown],
    }
    return run.record(metrics, arrays, seconds=seconds)
