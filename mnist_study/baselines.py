"""Classical models, unfitted, as scikit-learn pipelines that take raw pixels (n, 28, 28) in [0, 255]."""

from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC


def flat_unit_pixels(images):
    """Images (n, height, width) in [0, 255] as float64 rows (n, height * width) in [0, 1]."""
    return images.reshape(len(images), -1) / 255


def knn(k: int = 3) -> Pipeline:
    """K nearest neighbours on raw pixels, Euclidean distance, majority vote.

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


BUILDERS = {"knn": knn, "svm": svm}
