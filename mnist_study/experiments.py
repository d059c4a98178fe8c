"""Every row of every report as data, and the one function that runs it: ``run(experiment, seed)``.

An experiment says what was done (data, split, model, settings) and where the report says it; what the report claims
stands in ``results/reported.csv`` under the same name.
"""

import importlib
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import augment, evaluation, paths, records
from .datasets import MISLABELLED_TEST_IMAGES, Dataset, sharpies_split
from .records import Record
from .sharpies import SHARPIES_DIGEST

FIVE_SEEDS, THREE_SEEDS = (1, 2, 3, 4, 5), (1, 2, 3)
MISTAKES_KEPT = 24
ODD_POINTS_KEPT = 24


@dataclass(frozen=True)
class Experiment:
    """One row of a report.

    Attributes:
        name: ``report/row``.
        title: how tables and figures call it.
        kind: "explore", "umap", "classical" (scikit-learn, deterministic), "network" (Keras), "photos" (a trained model
            on the report's photos), "reader" or "shipped" (``reader_training``).
        settings: everything that decides the result, as plain JSON types.
        source: where the report speaks of it.
        seeds: the runs that the full profile makes.
        quick: settings that the quick profile changes.
    """

    name: str
    title: str
    kind: str
    settings: dict
    source: str
    seeds: tuple = (0,)
    quick: dict = field(default_factory=dict)


def _classical(name, title, source, **model):
    settings = {"dataset": "mnist", "split": "sharpies, 56000/14000", "model": model}
    return Experiment(f"sharpies/{name}", title, "classical", settings, source)


def _network(name, title, **model):
    settings = {
        "dataset": "mnist",
        "split": "60000/10000",
        "model": model,
        "optimizer": "sgd",
        "learning_rate": 3e-3,
        "epochs": 100,
        "batch_size": 32,
        "validation_split": 0.1,
    }
    return Experiment(
        f"sharpies/{name}",
        title,
        "network",
        settings,
        "slide 'Neural Network Results on MNIST'",
        FIVE_SEEDS if name.startswith("mlp") else THREE_SEEDS,
        {"epochs": 2},
    )


def _photos(trained, title, source="slide 'Custom Data Set Results'", seeds=(0,)):
    settings = {"trained": trained, "threshold": 127, "photos": SHARPIES_DIGEST}
    name = trained.removeprefix("sharpies/").replace("reader/cnn", "reader")
    return Experiment(f"sharpies/photos/{name}", title, "photos", settings, source, seeds)


def _umap(name, title, source, images, n_components):
    settings = {"dataset": "mnist", "images": images, "n_components": n_components, "n_neighbors": 15, "min_dist": 0.1}
    return Experiment(f"sharpies/{name}", title, "umap", settings, source, (42,))


EXPLORE = Experiment(
    "sharpies/explore",
    "Counts, checks, mean and deviation images",
    "explore",
    {"dataset": "mnist", "samples_per_digit": 12},
    "slide 'Exploratory Data Analysis'",
)

READER = Experiment(
    "reader/cnn",
    "Reader",
    "reader",
    {
        "dataset": "mnist",
        "split": "55000/5000/10000",
        "model": {"builder": "reader_cnn", "filters": 32},
        "optimizer": "adamw",
        "learning_rate": 2e-3,
        "weight_decay": 1e-3,
        "epochs": 16,
        "batch_size": 128,
        "light": augment.LIGHT,
        "strong": augment.STRONG,
        "not_digit_share": 0.1,
        "views": 5,
    },
    "not in the report",
    FIVE_SEEDS,
    {"epochs": 1},
)
SHIPPED = Experiment(
    "reader/shipped",
    "Reader, as shipped",
    "shipped",
    {"trained": "reader/cnn", "chosen_by": "cross-entropy on validation images", "stress": "every kind and strength"},
    "not in the report",
)

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        EXPLORE,
        _classical("knn", "KNN, k = 3", "slide 'K-Neighbors Model Outcome'", builder="knn", k=3),
        _classical("svm", "SVM, per-pixel scaling", "slide 'Support Vector Model Outcome'", builder="svm", scaled=True),
        _classical("svm-unscaled", "SVM, no scaling", "not in the report", builder="svm", scaled=False),
        _network("mlp-64-16", "64-16 MLP", builder="mlp", hidden_units=[64, 16], l2=1e-5),
        _network("mlp-64-32", "64-32 MLP", builder="mlp", hidden_units=[64, 32], l2=1e-5),
        _network("cnn-32f", "32f CNN", builder="cnn", filters=[32], l2=1e-5),
        _network("cnn-32-16f", "32-16f CNN", builder="cnn", filters=[32, 16], l2=1e-5),
        _network("cnn-32-16fx3", "32-16fx3 CNN", builder="cnn", filters=[32, 16, 16, 16], l2=1e-5),
        _umap("umap-2d", "UMAP, 2-D, all images", "slide 'Peeking into The Data Set'", "all", 2),
        _umap("umap-2d-test", "UMAP, 2-D, test images", "slide 'Peeking into The Data Set'", "test", 2),
        _umap("umap-3d", "UMAP, 3-D, test images", "slide 'Three Dimensional U-Map'", "test", 3),
        READER,
        SHIPPED,
        _photos("sharpies/knn", "KNN, k = 3"),
        _photos("sharpies/svm", "SVM, per-pixel scaling"),
        _photos("sharpies/mlp-64-16", "64-16 MLP", seeds=FIVE_SEEDS),
        _photos("sharpies/mlp-64-32", "64-32 MLP", seeds=FIVE_SEEDS),
        _photos("sharpies/cnn-32f", "32f CNN", seeds=THREE_SEEDS),
        _photos("sharpies/cnn-32-16f", "32-16f CNN", seeds=THREE_SEEDS),
        _photos("sharpies/cnn-32-16fx3", "32-16fx3 CNN", seeds=THREE_SEEDS),
        _photos("reader/cnn", "Reader", "not in the report", FIVE_SEEDS),
    )
}


def get(name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        KeyError: with the names there are.
    """
    try:
        return EXPERIMENTS[name]
    except KeyError:
        raise KeyError(f"There is no experiment {name!r}; expected one of: {', '.join(EXPERIMENTS)}.") from None


def settings_for(experiment: Experiment, profile: str) -> dict:
    """The experiment's settings in a profile: ``full`` as the report has them, ``quick`` with fewer epochs."""
    return experiment.settings | (experiment.quick if profile == "quick" else {})


def run(name: str, seed: int, dataset: Dataset, profile: str = "full") -> Record:
    """The record of one run: loaded where it exists (same experiment, settings, seed, data), else made and saved.

    Args:
        name: an experiment's name.
        seed: 1 or more for networks, 0 for what is deterministic.
        dataset: what it runs on (``datasets.for_profile``).
        profile: decides settings and folder.

    Returns:
        The complete record, as ``records.read`` returns it.
    """
    experiment = get(name)
    settings = settings_for(experiment, profile)
    folder = paths.results_dir(profile)
    found = records.find(folder, name, seed, settings, dataset.digest)
    if found is not None:
        return found
    record = RUNNERS[experiment.kind](experiment, settings, seed, dataset, profile)
    place = records.save(record, folder)
    checkpoint_path(place).unlink(missing_ok=True)
    return record


def run_all(name: str, dataset: Dataset, profile: str = "full") -> list[Record]:
    """``run`` for each of the experiment's seeds; the quick profile takes the first only."""
    seeds = get(name).seeds
    return [run(name, seed, dataset, profile) for seed in (seeds if profile == "full" else seeds[:1])]


def checkpoint_path(record_path: Path) -> Path:
    """Where an unfinished training keeps the last finished epoch of the record that will stand at ``record_path``."""
    return paths.checkpoints_dir() / record_path.parent.relative_to(record_path.parents[2]) / f"{record_path.stem}.npz"


def _run_classical(experiment, settings, seed, dataset, profile) -> Record:
    from . import baselines

    (x_train, y_train), (x_test, y_test) = sharpies_split(dataset)
    options = dict(settings["model"])
    model = baselines.BUILDERS[options.pop("builder")](**options)
    print(
        f"{experiment.title}: {len(x_train):,} images to fit, {len(x_test):,} to read (an SVM takes minutes)",
        flush=True,
    )
    began = time.perf_counter()
    model.fit(x_train, y_train)
    fitted = time.perf_counter()
    y_pred = model.predict(x_test)
    predicted = time.perf_counter()
    votes = model.decision_function(x_test) if hasattr(model, "decision_function") else model.predict_proba(x_test)
    seconds = {"fit": round(fitted - began, 3), "predict": round(predicted - fitted, 3)}
    metrics = evaluation.counts(y_test, y_pred) | {"loss": None}
    arrays = predictions(x_test, y_test, y_pred, votes)
    return Record(experiment.name, seed, settings, dataset.digest, metrics, {}, seconds, records.provenance(), arrays)


def pixel_mean_and_std(x_train: np.ndarray) -> tuple[float, float]:
    """Mean and deviation of all training pixels, uint8, scaled to [0, 1]."""
    share = np.bincount(x_train.ravel(), minlength=256) / x_train.size  # of each grey level: exact and small
    levels = np.arange(256) / 255
    mean = float(share @ levels)
    return mean, float(np.sqrt(share @ (levels - mean) ** 2))


def build_network(settings: dict, x_train: np.ndarray):
    """The experiment's uncompiled network, standardised by the mean and deviation of all training pixels."""
    from . import networks

    options = dict(settings["model"])
    builder = networks.BUILDERS[options.pop("builder")]
    return builder(*pixel_mean_and_std(x_train), **options)


def _run_network(experiment, settings, seed, dataset, profile) -> Record:
    import keras

    from . import training

    device = training.prepare_device()
    keras.utils.set_random_seed(seed)
    model = build_network(settings, dataset.x_train)
    trainer = training.compiled(model, settings["learning_rate"], on_gpu=bool(device))
    cut = round(
        len(dataset.x_train) * (1 - settings["validation_split"])
    )  # validation: the last rows, as Keras takes them
    train = dataset.x_train[:cut], dataset.y_train[:cut]
    validation = dataset.x_train[cut:], dataset.y_train[cut:]
    place = records.record_path(paths.results_dir(profile), experiment.name, seed, settings, dataset.digest)
    history = training.fit(
        trainer,
        train,
        validation,
        epochs=settings["epochs"],
        batch_size=settings["batch_size"],
        seed=seed,
        checkpoint=checkpoint_path(place),
        title=f"{experiment.title}, seed {seed}",
    )
    began = time.perf_counter()
    y_prob = training.predict(trainer, dataset.x_test)
    seconds = {"fit": round(sum(history["seconds"]), 3), "predict": round(time.perf_counter() - began, 3)}
    loss = trainer.evaluate(dataset.x_test, dataset.y_test, batch_size=training.EVALUATION_BATCH, verbose=0)[0]
    y_pred = y_prob.argmax(axis=1).astype(np.uint8)
    metrics = evaluation.counts(dataset.y_test, y_pred) | {
        "loss": float(loss),  # with the L2 penalty, as Keras and the report have it
        "cross_entropy": evaluation.cross_entropy(dataset.y_test, y_prob),
        "parameters": model.count_params(),
    }
    arrays = predictions(dataset.x_test, dataset.y_test, y_pred, y_prob)
    with paths.whole_file(place.with_suffix(".keras")) as temporary:
        model.save(temporary)
    made_by = records.provenance(device) | {"backend": keras.backend.backend()}
    return Record(experiment.name, seed, settings, dataset.digest, metrics, history, seconds, made_by, arrays)


def predictions(images, y_true, y_pred, score) -> dict:
    """What a record keeps of its predictions: all labels and scores, and the images of its most confident mistakes."""
    shown = evaluation.confident_mistakes(y_true, y_pred, score, MISTAKES_KEPT)
    return {
        "y_true": y_true.astype(np.uint8),
        "y_pred": y_pred.astype(np.uint8),
        "score": score.astype(np.float16),
        "mistake_index": shown.astype(np.int32),
        "mistake_image": images[shown],
    }


def load_network(record: Record, profile: str = "full"):
    """The fitted Keras model of a network's record, standardisation included: raw pixels in, probabilities out."""
    import keras

    folder = paths.results_dir(profile)
    path = records.record_path(folder, record.experiment, record.seed, record.settings, record.data_digest)
    return keras.saving.load_model(Path(path).with_suffix(".keras"), compile=False)


def _run_explore(experiment, settings, seed, dataset, profile) -> Record:
    began = time.perf_counter()
    images, labels = dataset.all_images, dataset.all_labels
    levels = np.bincount(images.ravel(), minlength=256)
    by_digit = [images[labels == digit] for digit in range(10)]
    mean = np.stack([group.mean(axis=0) for group in by_digit])
    samples = np.stack([group[: settings["samples_per_digit"]] for group in by_digit])
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
    return Record(experiment.name, seed, settings, dataset.digest, metrics, {}, seconds, records.provenance(), arrays)


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


def _run_umap(experiment, settings, seed, dataset, profile) -> Record:
    from . import embedding

    images, labels = embedded_images(settings, dataset)
    options = {name: settings[name] for name in ("n_components", "n_neighbors", "min_dist")}
    print(f"{experiment.title}: embedding {len(images):,} images on one core (about 1 minute per 20,000)", flush=True)
    began = time.perf_counter()
    points = embedding.umap_embedding(images, seed=seed, **options)
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
    return Record(experiment.name, seed, settings, dataset.digest, metrics, {}, seconds, records.provenance(), arrays)


def _run_elsewhere(module: str, function: str):
    """A runner of another module, imported when it is needed: those import this one."""

    def run_it(*arguments) -> Record:
        return getattr(importlib.import_module(f".{module}", __package__), function)(*arguments)

    return run_it


RUNNERS = {
    "explore": _run_explore,
    "umap": _run_umap,
    "classical": _run_classical,
    "network": _run_network,
    "photos": _run_elsewhere("photo_experiments", "run_photos"),
    "reader": _run_elsewhere("reader_training", "run_reader"),
    "shipped": _run_elsewhere("reader_training", "run_shipped"),
}
