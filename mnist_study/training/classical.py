"""scikit-learn's models by an experiment's settings, and the runner of the kind "classical"."""

import time

import numpy as np
from sklearn.pipeline import Pipeline

from .. import evaluation, models
from ..data import Dataset, named_split
from ..records import Record
from .run import Run, predictions


def fit(experiment, dataset: Dataset, seed: int = 0):
    """The experiment's model, fitted to the training part of its split.

    Args:
        seed: of a model that draws at random; the others take none.

    Returns:
        ``(model, seconds)``; seconds is ``{"fit": float}``.
    """
    (x_train, y_train), _, _ = named_split(dataset, experiment.settings)
    options = dict(experiment.settings["model"])
    name = options.pop("builder")
    if name not in models.CLASSICAL:
        raise KeyError(
            f"There is no model {name!r}; expected one of: {', '.join(models.CLASSICAL)}. One of your own is put into "
            f"models.CLASSICAL."
        )
    model = models.CLASSICAL[name](**options, **({"seed": seed} if name in models.SEEDED else {}))
    print(f"{experiment.title}: {len(x_train):,} images to fit (an SVM takes minutes)", flush=True)
    began = time.perf_counter()
    model.fit(x_train, y_train)
    return model, {"fit": round(time.perf_counter() - began, 3)}


def run_classical(run: Run) -> Record:
    """The runner: fitted to the training part of the experiment's split, tried on the test and the validation part."""
    model, seconds = fit(run.experiment, run.dataset, run.seed)
    return evaluate(run, model, seconds)


def evaluate(run: Run, model, seconds: dict) -> Record:
    """The record of a fitted model; what it is worth on the validation part, where there is one, begins with ``val_``.

    Args:
        model: fitted, takes images as they came.
        seconds: spent so far.
    """
    _, (x_val, y_val), (x_test, y_test) = named_split(run.dataset, run.settings)
    began = time.perf_counter()
    y_pred = model.predict(x_test)
    seconds = seconds | {"predict": round(time.perf_counter() - began, 3)}
    votes = model.decision_function(x_test) if hasattr(model, "decision_function") else model.predict_proba(x_test)
    metrics = evaluation.counts(y_test, y_pred) | {"loss": None}
    if len(y_val):
        metrics |= evaluation.validation_counts(y_val, model.predict(x_val))
    if votes.shape[1] > 10:  # of a one-hot forest: the same trees, asked for the digit with most votes
        metrics["accuracy_most_votes"] = evaluation.counts(y_test, votes.argmax(axis=1))["accuracy"]
        metrics["no_answer"] = int(np.sum(y_pred == models.NO_ANSWER))
    arrays = predictions(x_test, y_test, y_pred, votes, doubt=_distance(model, x_test, y_test != y_pred))
    return run.record(metrics, arrays, seconds=seconds)


def _distance(model, images, wrong) -> np.ndarray | None:
    """Of nearest neighbours, whose few votes are often unanimous: how far they lie on average, (n,); None of other models.

    ``wrong``: bool (n,), the mistakes; of all other images it is 0, which spares a third pass over the test part.
    """
    if not wrong.any() or not isinstance(model, Pipeline) or not hasattr(model[-1], "kneighbors"):
        return None
    distance = np.zeros(len(images))
    distance[wrong] = model[-1].kneighbors(model[:-1].transform(images[wrong]))[0].mean(axis=1)
    return distance
