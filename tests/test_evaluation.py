import numpy as np
import pytest

from mnist_study import embedding, evaluation


def test_counts():
    assert evaluation.counts([1, 2, 3, 3], [1, 2, 0, 3]) == {"accuracy": 0.75, "misses": 1, "n": 4}


def test_strings_are_not_compared_with_integers():
    """The bug behind report sharpies' 0 % for its KNN."""
    with pytest.raises(ValueError, match="two integer arrays"):
        evaluation.counts(np.array([1, 2]), np.array(["1", "2"]))
    with pytest.raises(ValueError, match="one length"):
        evaluation.counts([1, 2], [1])


def test_cross_entropy():
    assert evaluation.cross_entropy([0, 1], np.array([[0.5, 0.5], [0.75, 0.25]])) == pytest.approx(np.log(8) / 2)
    assert np.isfinite(evaluation.cross_entropy([0], np.array([[0.0, 1.0]])))


def test_classification_table_and_confusion():
    y_true, y_pred = np.array([0, 0, 1, 9]), np.array([0, 1, 1, 9])
    table = evaluation.classification_table(y_true, y_pred)
    assert table.loc["0", "recall"] == 0.5 and table.loc["1", "precision"] == 0.5
    assert table.loc["macro avg", "support"] == 4 and list(table.index[-2:]) == ["macro avg", "weighted avg"]
    matrix = evaluation.confusion(y_true, y_pred)
    assert matrix.shape == (10, 10) and matrix[0, 1] == 1 and matrix.sum() == 4


def test_confident_mistakes_come_surest_first():
    y_true, y_pred = np.array([0, 0, 0]), np.array([1, 0, 1])
    score = np.array([[0.4, 0.6], [1, 0], [0.1, 0.9]])
    assert evaluation.confident_mistakes(y_true, y_pred, score).tolist() == [2, 0]
    assert evaluation.confident_mistakes(y_true, y_pred, score, 1).tolist() == [2]


def test_mean_and_std():
    assert evaluation.mean_and_std([1, 3]) == (2.0, pytest.approx(2**0.5))
    assert evaluation.mean_and_std([5]) == (5.0, 0.0)


def test_odd_points_are_those_among_strangers():
    draw = np.random.default_rng(0)
    points = np.concatenate([draw.normal(0, 0.1, (40, 2)), draw.normal(5, 0.1, (40, 2))])
    labels = np.repeat([3, 8], 40)
    labels[7] = 8
    votes = embedding.neighbour_votes(points, labels)
    assert votes.shape == (80, 10) and (votes.sum(axis=1) == 10).all()
    assert embedding.odd_points(votes, labels).tolist() == [7]


def test_neighbour_votes_survive_equal_points():
    votes = embedding.neighbour_votes(np.zeros((30, 2)), np.zeros(30, int))
    assert (votes[:, 0] == 10).all()


def test_umap_separates_digits_and_repeats(small_dataset):
    images, labels = small_dataset.x_train, small_dataset.y_train
    points = embedding.umap_embedding(images, 2, seed=1)
    assert points.shape == (300, 2) and points.dtype == np.float32
    np.testing.assert_array_equal(points, embedding.umap_embedding(images, 2, seed=1))
    assert embedding.sampled_trustworthiness(images, points) > 0.9
    agreement = embedding.neighbour_votes(points, labels).argmax(axis=1) == labels
    assert agreement.mean() > 0.8
