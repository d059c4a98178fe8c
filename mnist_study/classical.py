"""scikit-learn's models by an experiment's settings, and the runner of the kind "classical"."""

import time

from . import baselines, datasets, evaluation, experiments, records


def fitted(experiment, dataset: datasets.Dataset):
    """The experiment's model, fitted to the training part of report sharpies' split.

    Returns:
        ``(model, seconds)``; seconds is ``{"fit": float}``.
    """
    (x_train, y_train), _ = datasets.sharpies_split(dataset)
    options = dict(experiment.settings["model"])
    model = baselines.BUILDERS[options.pop("builder")](**options)
    print(f"{experiment.title}: {len(x_train):,} images to fit (an SVM takes minutes)", flush=True)
    began = time.perf_counter()
    model.fit(x_train, y_train)
    return model, {"fit": round(time.perf_counter() - began, 3)}


def run_classical(experiment, settings, seed, dataset, profile) -> records.Record:
    """The runner: fitted and tried on report sharpies' split; nothing in it is random."""
    model, seconds = fitted(experiment, dataset)
    _, (x_test, y_test) = datasets.sharpies_split(dataset)
    began = time.perf_counter()
    y_pred = model.predict(x_test)
    seconds |= {"predict": round(time.perf_counter() - began, 3)}
    votes = model.decision_function(x_test) if hasattr(model, "decision_function") else model.predict_proba(x_test)
    metrics = evaluation.counts(y_test, y_pred) | {"loss": None}
    arrays = experiments.predictions(x_test, y_test, y_pred, votes)
    return records.Record(
        experiment.name, seed, settings, dataset.digest, metrics, {}, seconds, records.provenance(), arrays
    )
