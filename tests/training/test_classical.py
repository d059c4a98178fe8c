"""Classical models by an experiment's settings."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mnist_study import models, study
from mnist_study.training import classical
from mnist_study.training.run import Run

KNN = study.EXPERIMENTS["asher/knn"]


def test_an_experiment_s_model_is_fitted_to_the_training_part_of_its_split(small_dataset):
    model, seconds = classical.fit(study.EXPERIMENTS["sharpies/knn"], small_dataset)
    assert model[-1].n_neighbors == 3 and model[-1].n_samples_fit_ == 320  # four fifths of 400
    assert set(seconds) == {"fit"} and seconds["fit"] >= 0


def test_the_record_holds_the_validation_part_where_there_is_one(small_dataset):
    experiment = study.EXPERIMENTS["inf283/random-forest-onehot"]
    settings = experiment.settings | {"model": experiment.settings["model"] | {"trees": 10}}
    record = classical.run_classical(Run(replace(experiment, settings=settings), 1, small_dataset))
    metrics, arrays = record.metrics, record.arrays
    missed = int((arrays["y_true"] != arrays["y_pred"]).sum())
    assert (metrics["misses"], metrics["n"], metrics["val_n"]) == (missed, 80, 96)
    assert metrics["no_answer"] == (arrays["y_pred"] == models.NO_ANSWER).sum()
    assert metrics["accuracy_most_votes"] >= metrics["accuracy"] and arrays["score"].shape == (80, 11)
    assert set(record.seconds) == {"fit", "predict"}


def test_a_forest_takes_the_seed_of_its_run(small_dataset):
    experiment = study.EXPERIMENTS["asher/random-forest"]
    assert [classical.fit(experiment, small_dataset, seed)[0][-1].random_state for seed in (1, 2)] == [1, 2]


def test_a_model_of_scikit_learn_of_ones_own(home, small_dataset, monkeypatch):
    def logistic():
        return make_pipeline(FunctionTransformer(models.flat_unit_pixels), LogisticRegression())

    monkeypatch.setitem(models.CLASSICAL, "logistic", logistic)
    mine = replace(KNN, name="mine/logistic", settings=KNN.settings | {"model": {"builder": "logistic"}})
    (record,) = study.runs(mine, dataset=small_dataset, quick=True)
    assert record.metrics["accuracy"] > 0.8


def test_an_unknown_model_is_told(small_dataset):
    mine = replace(KNN, settings=KNN.settings | {"model": {"builder": "none"}})
    with pytest.raises(KeyError, match=r"There is no model 'none'; expected one of: knn, svm.*models\.CLASSICAL"):
        classical.fit(mine, small_dataset)


def test_mistakes_come_with_their_images(small_dataset):
    record = classical.run_classical(Run(replace(KNN, settings=KNN.settings | {"model": {"builder": "knn", "k": 60}}),
                                         0, small_dataset))  # fmt: skip
    arrays = record.arrays
    assert len(arrays["mistake_index"]) == min(24, record.metrics["misses"]) > 0
    np.testing.assert_array_equal(arrays["mistake_image"], small_dataset.x_test[arrays["mistake_index"]])
    assert (arrays["y_true"] != arrays["y_pred"])[arrays["mistake_index"]].all()
