"""Every kind of runner once, as a smoke run: the cheapest experiment of its kind, in a project without data."""

import inspect

import pytest

from mnist_study import study
from mnist_study.records import Record
from mnist_study.training.run import Run

CHEAPEST = {
    "finder": "reader/finder",
    "pages": "reader/pages",
    "thresholds": "reader/thresholds",
    "strings": "reader/strings",
    "explore": "sharpies/explore",
    "classical": "sharpies/knn",
    "photos": "sharpies/photos/knn",
    "umap": "sharpies/umap-2d-test",
    "reader": "reader/cnn",
    "shipped": "reader/shipped",
    "edge": "reader/edge",
    "network": "nust/lenet",
    "calibration": "nust/calibration",
    "modified": "nust/lenet-modified",
    "augmented": "nust/lenet-augmented",
    "fragility": "nust/fragility/lenet",
    "pooling-noise": "nust/pooling-noise",
    "zip-explore": "usps/explore",
    "zip-folds": "usps/folds/light",
    "zip-sweep": "usps/sweep/00",
    "zip-noisy": "usps/later/noisy-images/cnn7",
    "zip-best": "usps/best",
    "zip-ensemble": "usps/best-ensemble",
    "zip-with-mnist": "usps/best-with-mnist",
    "boosting-grid": "inf283/xgboost-report",
    "pixel-scale": "inf283/pixel-scale",
    "boosting": "inf283/xgboost",
    "trial": "asher/search/f32-u32-lr0.01",
    "anatomy": "asher/anatomy",
}  # what they need of each other is made on the way


def test_every_kind_of_experiment_has_its_runner_which_takes_a_run():
    runners = study.runners()
    assert {experiment.kind for experiment in study.EXPERIMENTS.values()} == set(runners) == set(CHEAPEST)
    for kind, runner in runners.items():
        annotations = inspect.get_annotations(runner, eval_str=True)
        assert annotations == {"run": Run, "return": Record} and runner.__doc__, kind
    assert all(study.EXPERIMENTS[name].kind == kind for kind, name in CHEAPEST.items())


@pytest.fixture(scope="module")
def project(shared_home):
    """The project of these runs; what only takes time is left to the tests of report reader."""
    from mnist_study.reader import litert
    from mnist_study.reports.reader import runs

    images, labels = runs._digits()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(runs, "_digits", lambda: (images[:100], labels[:100]))
        monkeypatch.setattr(litert, "REPRESENTATIVE", 50)
        monkeypatch.setattr(runs, "milliseconds_on_one_core", lambda network, images: 1.0)
        yield shared_home


@pytest.mark.parametrize("kind", CHEAPEST)
def test_a_smoke_run_of_a_kind(kind, project, small_dataset, small_zip_dataset):
    experiment = study.EXPERIMENTS[CHEAPEST[kind]]
    dataset = {"mnist": small_dataset, "usps": small_zip_dataset}[experiment.dataset]
    if kind == "reader":
        dataset = None  # of the embedded digits, as zip-with-mnist will ask for it
    (record,) = study.runs(experiment.name, dataset=dataset, quick=True)
    assert (record.experiment, record.seed) == (experiment.name, experiment.seeds[0])
    assert record.settings == experiment.settings | experiment.quick and record.provenance["time"]
    if "accuracy" in record.metrics:
        n, misses = record.metrics["n"], record.metrics["misses"]
        assert 0 <= misses <= n and record.metrics["accuracy"] == pytest.approx((n - misses) / n)
    (again,) = study.runs(experiment.name, dataset=dataset, quick=True)
    assert again.provenance == record.provenance and set(again.arrays) == set(record.arrays)
    assert not (project / "results").exists()  # nothing beside the committed records
    assert not list((project / "build" / "checkpoints").rglob("*.npz"))
