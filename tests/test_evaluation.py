import numpy as np
import pytest

from mnist_study import evaluation


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
    tied = np.array([[0, 1], [1, 0], [0, 1]])
    assert evaluation.confident_mistakes(y_true, y_pred, tied).tolist() == [0, 2]
    assert evaluation.confident_mistakes(y_true, y_pred, tied, doubt=[5.0, 0, 4.0]).tolist() == [2, 0]


def test_mean_and_std():
    assert evaluation.mean_and_std([1, 3]) == (2.0, pytest.approx(2**0.5))
    assert evaluation.mean_and_std([5]) == (5.0, 0.0)


def test_calibration_error_of_known_cases():
    sure = np.array([[1.0, 0.0]] * 4)
    assert evaluation.calibration_error([0, 0, 0, 0], sure) == 0
    assert evaluation.calibration_error([0, 0, 1, 1], sure) == pytest.approx(0.5)


def test_a_permutation_test_knows_luck_from_skill():
    same, higher = [0.98, 0.981, 0.982, 0.983], [0.99, 0.991, 0.992, 0.993]
    assert evaluation.difference_between(same, same) == (0.0, 1.0)
    assert evaluation.difference_between([0.98], [0.97]) == (pytest.approx(1.0), 1.0)
    difference, chance = evaluation.difference_between(higher, same)
    assert difference == pytest.approx(1.0) and chance == pytest.approx(2 / 70)
