import numpy as np
import pytest

from mnist_study import plots

draw = np.random.default_rng(0)
LABELS = np.arange(20) % 10


def test_two_dimensions_name_every_digit_that_is_there():
    for labels, digits in ((LABELS, "0123456789"), (LABELS % 3, "012")):
        ax = plots.embedding(draw.normal(size=(20, 2)), labels, "title").axes[0]
        assert sorted(text.get_text() for text in ax.texts) == list(digits)
        assert [text.get_text() for text in ax.get_legend().get_texts()] == list(digits)


def test_three_dimensions_are_seen_from_two_sides():
    left, right = plots.embedding(draw.normal(size=(20, 3)), LABELS, method="PCA").axes
    assert left.azim != right.azim and left.get_zlabel() == "PCA 3"


@pytest.mark.parametrize(("shape", "labels"), [((20, 4), 20), ((20, 2), 19), ((20,), 20)])
def test_other_points_are_refused(shape, labels):
    with pytest.raises(ValueError, match=r"expected \(n, 2\) or \(n, 3\)"):
        plots.embedding(np.zeros(shape), np.zeros(labels, int))
