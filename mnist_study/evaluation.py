"""What a prediction is worth: pure functions of true labels and predictions, nothing else."""

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import classification_report, confusion_matrix


def counts(y_true, y_pred) -> dict:
    """Accuracy with the counts behind it.

    Args:
        y_true, y_pred: integer labels, (n,).

    Returns:
        ``{"accuracy": in [0, 1], "misses": int, "n": int}``.

    Raises:
        ValueError: if lengths or kinds differ; comparing strings with integers would quietly count everything as missed,
            which is how report sharpies came to 0 % for its KNN.

    Example:
        >>> counts([1, 2, 3, 3], [1, 2, 0, 3])
        {'accuracy': 0.75, 'misses': 1, 'n': 4}
    """
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.shape != y_pred.shape or y_true.dtype.kind not in "iu" or y_pred.dtype.kind not in "iu":
        raise ValueError(
            f"Labels cannot be compared: expected two integer arrays of one length, found {y_true.dtype} {y_true.shape} "
            f"and {y_pred.dtype} {y_pred.shape}. Convert labels with .astype(int) first."
        )
    misses = int(np.sum(y_true != y_pred))
    return {"accuracy": (len(y_true) - misses) / len(y_true), "misses": misses, "n": len(y_true)}


def validation_counts(y_true, y_pred) -> dict:
    """``counts`` of the validation part, to stand beside those of the test: ``val_accuracy``, ``val_misses``, ``val_n``.

    Example:
        >>> validation_counts([1, 2], [1, 3])
        {'val_accuracy': 0.5, 'val_misses': 1, 'val_n': 2}
    """
    return {f"val_{name}": value for name, value in counts(y_true, y_pred).items()}


def cross_entropy(y_true, y_prob) -> float:
    """Mean negative log-probability of the true class; probabilities below 1e-7 count as 1e-7, as Keras has it.

    Args:
        y_true: integer labels, (n,).
        y_prob: (n, 10) in [0, 1], rows sum to 1.

    Example:
        >>> round(cross_entropy([3], np.full((1, 10), 0.1)), 4)  # log 10: a guess among ten
        2.3026
    """
    chosen = np.asarray(y_prob)[np.arange(len(y_true)), y_true]
    return float(-np.log(np.clip(chosen, 1e-7, 1)).mean())


def reliability(y_true, y_prob, bins: int = 10) -> pd.DataFrame:
    """Confidence against accuracy, in bins of equal width over [0, 1].

    Args:
        y_true: integer labels, (n,).
        y_prob: (n, 10) in [0, 1]; the confidence is the largest of a row.
        bins: how many.

    Returns:
        One row for each bin that is not empty: confidence (mean), accuracy, count.

    Source: Guo, Pleiss, Sun, Weinberger 2017, "On Calibration of Modern Neural Networks".

    Example:
        >>> reliability([0, 0, 1], np.array([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])).round(2).to_dict("records")
        [{'confidence': 0.6, 'accuracy': 1.0, 'count': 1}, {'confidence': 0.9, 'accuracy': 1.0, 'count': 2}]
    """
    confidence = np.asarray(y_prob, float).max(axis=1)
    table = pd.DataFrame({"confidence": confidence, "accuracy": np.argmax(y_prob, axis=1) == np.asarray(y_true)})
    groups = table.groupby(np.minimum((confidence * bins).astype(int), bins - 1))
    return groups.mean().assign(count=groups.size())


def calibration_error(y_true, y_prob, bins: int = 10) -> float:
    """Expected calibration error: the mean distance between confidence and accuracy over the bins, weighted by count.

    Args:
        y_true, y_prob, bins: as ``reliability`` takes them.

    Source: Guo, Pleiss, Sun, Weinberger 2017, "On Calibration of Modern Neural Networks", section 2.

    Example:
        >>> calibration_error([0, 0, 1, 1], np.eye(10)[[0, 0, 0, 0]])  # always sure, right half the time
        0.5
    """
    table = reliability(y_true, y_prob, bins)
    return float((table["count"] * (table.confidence - table.accuracy).abs()).sum() / table["count"].sum())


def classification_table(y_true, y_pred) -> pd.DataFrame:
    """Precision, recall, F1 and support per digit, with scikit-learn's averages.

    Args:
        y_true, y_pred: integer labels, (n,).

    Returns:
        A table with rows "0".."9", "macro avg", "weighted avg" and columns precision, recall, f1-score, support.

    Source: ``sklearn.metrics.classification_report``; a digit that is never predicted has the precision 0.

    Example:
        >>> classification_table([0, 0, 1, 9], [0, 1, 1, 9]).loc["0"].to_dict()
        {'precision': 1.0, 'recall': 0.5, 'f1-score': 0.6666666666666666, 'support': 2.0}
    """
    labels = list(range(10))
    report = classification_report(y_true, y_pred, labels=labels, output_dict=True, zero_division=0)
    rows = [str(label) for label in labels] + ["macro avg", "weighted avg"]
    return pd.DataFrame({row: report[row] for row in rows}).T.astype({"support": int})


def confusion(y_true, y_pred) -> np.ndarray:
    """Counts, int (10, 10), of integer labels (n,): row = true digit, column = predicted digit.

    Example:
        >>> int(confusion([4, 4, 9], [4, 9, 9])[4, 9])  # a 4 taken for a 9
        1
    """
    return confusion_matrix(y_true, y_pred, labels=range(10))


def confident_mistakes(y_true, y_pred, score, count: int = 24, doubt=None) -> np.ndarray:
    """Indices of the mistakes whose predicted class stands furthest above the true one, most confident first.

    Args:
        y_true, y_pred: integer labels, (n,).
        score: (n, 10), larger is surer; probabilities, votes or decision values.
        count: at most this many.
        doubt: (n,), orders those that are equally confident, the smallest first; the order of the images when left out.

    Returns:
        int (at most ``count``,).

    Example:
        >>> scores = np.array([[0.4, 0.6], [0.8, 0.2], [0.1, 0.9]])
        >>> confident_mistakes(np.array([0, 0, 0]), scores.argmax(axis=1), scores).tolist()
        [2, 0]
    """
    wrong = np.flatnonzero(np.asarray(y_true) != np.asarray(y_pred))
    lead = score[wrong, y_pred[wrong]].astype(float) - score[wrong, y_true[wrong]]
    doubt = np.zeros(len(wrong)) if doubt is None else np.asarray(doubt)[wrong]
    return wrong[np.lexsort((doubt, -lead))][:count]


def mean_and_std(values) -> tuple[float, float]:
    """Mean and sample standard deviation (n - 1); the deviation of one value is 0.

    Example:
        >>> mean_and_std([1.0, 2.0, 3.0])
        (2.0, 1.0)
    """
    values = np.asarray(values, float)
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else 0.0


def difference_between(first, second) -> tuple[float, float]:
    """Difference of the means, in points, and how often chance alone makes one at least as large.

    An exact permutation test over the seeds of both, two-sided (``scipy.stats.permutation_test``).

    Args:
        first, second: accuracies in [0, 1], one for each seed.

    Returns:
        ``(difference, p)``: first less second in percentage points, and the share of all splits of the seeds, in [0, 1];
        p is 1 where there is one seed of either, which tells nothing.

    Source: our choice. Five seeds against five can be split in 252 ways, so that p is 0.008 at the least.

    Example:
        >>> difference, chance = difference_between([0.99, 0.991, 0.992, 0.993], [0.98, 0.981, 0.982, 0.983])
        >>> round(difference, 2), round(chance, 3)  # two of 70 splits
        (1.0, 0.029)
    """
    samples = 100 * np.asarray(first), 100 * np.asarray(second)

    def difference(one, other, axis):
        return one.mean(axis=axis) - other.mean(axis=axis)

    if min(map(len, samples)) == 1:
        return float(difference(*samples, axis=0)), 1.0
    tested = stats.permutation_test(samples, difference, n_resamples=100_000)  # exact up to so many splits
    return float(tested.statistic), float(tested.pvalue)


def edit_distance(expected: str, answer: str) -> int:
    """How many digits must be put in, left out or changed to make one of the other (Levenshtein's distance).

    Example:
        >>> edit_distance("405", "45"), edit_distance("7", "7"), edit_distance("", "1")
        (1, 0, 1)
    """
    costs = list(range(len(answer) + 1))
    for row, digit in enumerate(expected, 1):
        before, costs[0] = costs[0], row
        for column, other in enumerate(answer, 1):
            cost = min(before + (digit != other), costs[column] + 1, costs[column - 1] + 1)
            before, costs[column] = costs[column], cost
    return costs[-1]
