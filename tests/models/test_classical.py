import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mnist_study import models


@pytest.mark.parametrize(
    ("build", "options", "least"),
    [
        (models.knn, {"k": 3}, 0.9),
        (models.svm, {"scaled": True}, 0.85),
        (models.svm, {"scaled": False}, 0.9),
        (models.random_forest, {"trees": 30}, 0.85),
    ],
)
def test_models_take_images_as_they_came_and_read_them(build, options, least, small_dataset):
    model = build(**options).fit(small_dataset.x_train, small_dataset.y_train)
    read = model.predict(small_dataset.x_test)
    assert read.shape == (100,) and read.dtype == np.uint8
    assert (read == small_dataset.y_test).mean() > least


def test_pixels_become_rows_in_the_unit_interval(small_dataset):
    rows = models.flat_unit_pixels(small_dataset.x_test)
    assert rows.shape == (100, 784) and rows.min() == 0 and rows.max() == 1


def test_settings_are_the_report_s():
    nearest = models.knn()[-1]
    assert isinstance(nearest, KNeighborsClassifier) and nearest.n_neighbors == 3
    assert (nearest.weights, nearest.metric, nearest.p) == ("uniform", "minkowski", 2)  # a majority, Euclidean
    for scaled in (True, False):
        model = models.svm(scaled)
        machine = model[-1]
        assert isinstance(machine, SVC) and (machine.kernel, machine.gamma, machine.C) == ("rbf", "scale", 1.0)
        assert any(isinstance(step, StandardScaler) for _, step in model.steps) == scaled
    forest = models.random_forest(50, one_hot=True)[-1]
    assert (forest.trees, forest.seed) == (50, 42)


def test_the_same_neighbours_as_by_hand(small_dataset):
    x_train, y_train, x_test = small_dataset.x_train, small_dataset.y_train, small_dataset.x_test[:20]
    distance = ((x_test[:, None].astype(float) - x_train[None]) ** 2).sum(axis=(2, 3))
    nearest = y_train[np.argsort(distance, axis=1)[:, :3]]
    votes = np.stack([(nearest == digit).sum(axis=1) for digit in range(10)], axis=1)
    np.testing.assert_array_equal(models.knn(3).fit(x_train, y_train).predict(x_test), votes.argmax(axis=1))


@pytest.mark.parametrize("one_hot", [False, True])
def test_a_forest_repeats_with_its_seed(one_hot, small_dataset):
    def read(seed):
        model = models.random_forest(5, one_hot, seed).fit(small_dataset.x_train, small_dataset.y_train)
        return model.predict_proba(small_dataset.x_test)

    assert np.array_equal(read(1), read(1)) and not np.array_equal(read(1), read(2))


def test_a_one_hot_forest_answers_only_with_a_majority(small_dataset):
    model = models.random_forest(10, one_hot=True, seed=1).fit(small_dataset.x_train, small_dataset.y_train)
    read, votes = model.predict(small_dataset.x_test), model.predict_proba(small_dataset.x_test)
    answered = (votes > 0.5).any(axis=1)
    assert (read[~answered] == models.NO_ANSWER).all() and 0 < answered.sum() < len(read)
    assert (read[answered] == votes[answered].argmax(axis=1)).all()


def test_models_that_draw_at_random_take_the_run_s_seed():
    for name, build in models.CLASSICAL.items():
        takes_seed = "seed" in build.__code__.co_varnames[: build.__code__.co_argcount]
        assert takes_seed == (name in models.SEEDED)
