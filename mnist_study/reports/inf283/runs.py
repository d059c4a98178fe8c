"""Report inf283: XGBoost by an experiment's settings, and what scaled pixels do for its forest.

The runners of the kinds "boosting-grid", "boosting" and "pixel-scale".
"""

import time
from itertools import product

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from tqdm.auto import tqdm

from ... import evaluation, models, paths
from ...data import named_split
from ...records import Record
from ...training import classical
from ...training.run import Run

SEARCHED = ("gamma", "subsample", "colsample_bytree", "max_depth", "n_estimators")
# XGBoost's default when the report was written; 0.3 since version 1.0. It is none of the experiment's settings, and a change
# here would not be seen in a record's name: move the records of ``inf283/xgboost-report`` away with it.
OLD_LEARNING_RATE = 0.1


def _classifier(seed: int, **options):
    from xgboost import XGBClassifier

    return XGBClassifier(random_state=seed, n_jobs=-1, **options)


def run_boosting_grid(run: Run) -> Record:
    """Every setting of the report's grid by cross-validation on the training part; the best fitted to all of it.

    Stopped, it goes on with the setting it was at. Arrays: ``grid_score`` (settings, folds), the accuracies; ``grid_seconds``
    (settings,), to fit and try a setting's folds; settings in the order of ``grid``.

    Source: report inf283, section "XGBoost".
    """
    settings = run.settings
    (x, y), _, _ = named_split(run.dataset, settings)
    rows = models.flat_unit_pixels(x).astype(np.float32)
    folds = list(StratifiedKFold(settings["folds"]).split(rows, y))
    settings_tried = grid(settings)
    common = {"tree_method": settings["tree_method"], "learning_rate": OLD_LEARNING_RATE}
    score, seconds = [], []
    if run.checkpoint.exists():
        with np.load(run.checkpoint, allow_pickle=False) as stored:
            score, seconds = stored["score"].tolist(), stored["seconds"].tolist()
    for options in tqdm(settings_tried[len(score) :], desc=run.experiment.title, unit="setting"):
        began = time.perf_counter()
        fits = [_classifier(run.seed, **common, **options).fit(rows[train], y[train]).score(rows[held], y[held])
                for train, held in folds]  # fmt: skip
        score, seconds = [*score, fits], [*seconds, time.perf_counter() - began]
        with paths.whole_file(run.checkpoint) as temporary:
            np.savez(temporary, score=score, seconds=seconds)
    best = int(np.mean(score, axis=1).argmax())
    began = time.perf_counter()
    model = _on_images(_classifier(run.seed, **common, **settings_tried[best]).fit(rows, y))
    spent = {"search": round(float(np.sum(seconds)), 3), "fit": round(time.perf_counter() - began, 3)}
    record = classical.evaluate(run, model, spent)
    record.metrics |= {"best": settings_tried[best], "cross_validation": float(np.mean(score[best]))}
    record.arrays |= {"grid_score": np.array(score), "grid_seconds": np.array(seconds)}
    return record


def grid(settings: dict) -> list[dict]:
    """Every combination of the values that ``settings`` lists for the options ``SEARCHED``, in order."""
    return [dict(zip(SEARCHED, values, strict=True)) for values in product(*(settings[name] for name in SEARCHED))]


def _on_images(classifier):
    """The fitted classifier behind what brings images to its rows."""
    return make_pipeline(FunctionTransformer(lambda images: models.flat_unit_pixels(images).astype(np.float32)),
                         classifier)  # fmt: skip


def run_boosting(run: Run) -> Record:
    """Trees on histograms of the pixels, added until the cross-entropy on the validation part stops falling.

    The history holds ``loss`` and ``val_loss`` after every round of ten trees, one a digit.

    Source: our choice, on validation data; Chen and Guestrin 2016, "XGBoost: A Scalable Tree Boosting System".
    """
    settings = run.settings
    (x, y), (x_val, y_val), _ = named_split(run.dataset, settings)
    options = {name: value for name, value in settings.items() if name not in ("dataset", "split")}
    rows, rows_val = (models.flat_unit_pixels(images).astype(np.float32) for images in (x, x_val))
    classifier = _classifier(run.seed, eval_metric="mlogloss", **options)
    print(f"{run.experiment.title}: up to {settings['n_estimators']:,} rounds", flush=True)
    began = time.perf_counter()
    classifier.fit(rows, y, eval_set=[(rows, y), (rows_val, y_val)], verbose=False)
    seconds = {"fit": round(time.perf_counter() - began, 3)}
    record = classical.evaluate(run, _on_images(classifier), seconds)
    losses = [classifier.evals_result()[part]["mlogloss"] for part in ("validation_0", "validation_1")]
    record.history = {name: [round(loss, 7) for loss in part]
                      for name, part in zip(("loss", "val_loss"), losses, strict=True)}  # fmt: skip
    record.metrics |= {"rounds": classifier.best_iteration + 1}
    record.metrics |= {"cross_entropy": evaluation.cross_entropy(y_val, classifier.predict_proba(rows_val))}
    return record


def run_pixel_scale(run: Run) -> Record:
    """The seconds that a forest's fit takes of the processor, with pixels divided by 255 and as they came.

    Arrays ``divided`` and ``raw`` (fits,), the fits in turn; all cores together, so other programs hardly count. The metrics
    are those of the last divided one, and ``same_answers`` the share of test images that the raw one answers alike.
    """
    settings = run.settings
    (x, y), _, (x_test, y_test) = named_split(run.dataset, settings)
    options = {name: value for name, value in settings["model"].items() if name != "builder"}
    forest = models.CLASSICAL[settings["model"]["builder"]](**options, seed=run.seed)[-1]
    rows = {
        "divided": (models.flat_unit_pixels(x), models.flat_unit_pixels(x_test)),
        "raw": tuple(images.reshape(len(images), -1).astype(float) for images in (x, x_test)),
    }
    seconds, answers = {name: [] for name in rows}, {}
    for _ in range(settings["fits"]):
        for name, (shown, unseen) in rows.items():
            began = time.process_time()
            fitted = clone(forest).fit(shown, y)
            seconds[name].append(time.process_time() - began)
            answers[name] = fitted.predict(unseen)
    metrics = evaluation.counts(y_test, answers["divided"])
    metrics["same_answers"] = float(np.mean(answers["divided"] == answers["raw"]))
    return run.record(metrics, {name: np.array(taken) for name, taken in seconds.items()})


RUNNERS = {
    "boosting-grid": run_boosting_grid,
    "boosting": run_boosting,
    "pixel-scale": run_pixel_scale,
}
