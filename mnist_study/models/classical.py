"""Classical models, unfitted, as scikit-learn pipelines that take raw pixels (n, 28, 28) in [0, 255]."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

NO_ANSWER = 10  # what a one-hot forest says where none of its ten yes-or-no questions gets a yes, or more than one does


def flat_unit_pixels(images):
    """Images (n, height, width) in [0, 255] as float64 rows (n, height * width) in [0, 1]."""
    return images.reshape(len(images), -1) / 255


def knn(k: int = 3) -> Pipeline:
    """K nearest neighbours on raw pixels, Euclidean distance, majority vote.

    Args:
        k: how many neighbours vote.

    Source: report sharpies, "K-Neighbors Model Outcome" (k = 3).
    """
    # brute force: in 784 dimensions a tree only adds bookkeeping, and the neighbours are the same
    return make_pipeline(FunctionTransformer(flat_unit_pixels), KNeighborsClassifier(k, algorithm="brute", n_jobs=-1))


def svm(scaled: bool = True) -> Pipeline:
    """Support vector machine with RBF kernel and ``gamma="scale"``.

    Args:
        scaled: whether every pixel is first brought to mean 0 and deviation 1 over the training images, as the report did.

    Source: report sharpies, "Support Vector Model Outcome".
    """
    steps = [FunctionTransformer(flat_unit_pixels)] + [StandardScaler()] * scaled
    return make_pipeline(*steps, SVC(gamma="scale", cache_size=2000))


class OneHotForest(ClassifierMixin, BaseEstimator):
    """A random forest on one-hot labels: scikit-learn takes them for ten questions, "is it a 0?" to "is it a 9?".

    Args:
        trees: how many.
        seed: ``random_state``.

    Attributes:
        forest_: the fitted ``RandomForestClassifier``.

    Source: report inf283, section "Random Forest": "one needs to use One Hot Encoding on the labels".
    """

    def __init__(self, trees: int = 50, seed: int = 42):
        self.trees, self.seed = trees, seed

    def fit(self, x, y):
        """Fit to rows (n, pixels) and digits (n,), of which it makes the one-hot labels."""
        self.forest_ = RandomForestClassifier(self.trees, random_state=self.seed, n_jobs=-1)
        self.forest_.fit(x, np.eye(10, dtype=np.uint8)[y])
        return self

    def predict(self, x):
        """The digit whose question alone is answered with yes, else ``NO_ANSWER``; wrong for scikit-learn's score too."""
        yes = self.forest_.predict(x)
        return np.where(yes.sum(axis=1) == 1, yes.argmax(axis=1), NO_ANSWER).astype(np.uint8)

    def predict_proba(self, x):
        """Share of the trees that say yes to each digit, (n, 11); the last column, of ``NO_ANSWER``, is 0."""
        shares = [answer[:, 1] for answer in self.forest_.predict_proba(x)]
        return np.stack([*shares, np.zeros(len(x))], axis=1)


def random_forest(trees: int = 100, one_hot: bool = False, seed: int = 42) -> Pipeline:
    """Random forest on raw pixels, scikit-learn's defaults but for the number of trees.

    Args:
        trees: how many.
        one_hot: whether the labels are one-hot, as in report inf283 (``OneHotForest``).
        seed: ``random_state``.

    Source: report inf283, section "Random Forest" (50 trees, ``random_state`` 42); report asher, its table of models.
    """
    forest = OneHotForest(trees, seed) if one_hot else RandomForestClassifier(trees, random_state=seed, n_jobs=-1)
    return make_pipeline(FunctionTransformer(flat_unit_pixels), forest)
