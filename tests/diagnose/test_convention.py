"""Conventions: applied and printed alike, and found for functions that know only one."""

import numpy as np
import pytest
from PIL import Image

from mnist_study.diagnose import convention
from mnist_study.diagnose.convention import SCALES, SHAPES, Convention
from mnist_study.diagnose.loading import load

EVERY = [
    *(Convention(shape, "0 to 255") for shape in SHAPES),
    *(Convention((28, 28, 1), scale, dark) for scale in SCALES for dark in (False, True)),
    Convention((784,), transposed=True),
    Convention((32, 32), dark_ink=True),
    Convention((3, 32, 32), "standardised", enlarged=True),
]


@pytest.mark.parametrize("one", EVERY, ids=str)
def test_its_code_makes_what_it_makes(one, small_dataset):
    image = small_dataset.x_train[3] / np.float32(255)
    names = {"np": np, "Image": Image, "image": image}
    exec("\n".join(one.code()), names)
    expected = one.apply(image[None])
    assert names["x"].shape == expected.shape == (1, *one.shape) and names["x"].dtype == expected.dtype == np.float32
    np.testing.assert_allclose(names["x"], expected, atol=2e-3 if one.scale == "standardised" else 1e-5)


@pytest.mark.parametrize("one", EVERY, ids=str)
def test_a_model_that_knows_only_one_convention_is_found_out(one, small_dataset):
    images, labels = small_dataset.x_train / np.float32(255), small_dataset.y_train.astype(int)
    known = one.apply(images).reshape(len(images), -1)

    def nearest(shown):
        if shown.shape[1:] != one.shape:
            raise ValueError("another shape")
        distance = ((shown.reshape(len(shown), 1, -1)[:, :, ::7] - known[None, :, ::7]) ** 2).sum(axis=2)
        return np.where(distance.min(axis=1) < 1e-3, labels[distance.argmin(axis=1)], (labels[: len(shown)] + 1) % 10)

    found = convention.find(load(nearest), images[:60], labels[:60])
    assert found.convention == one and found.accuracy == 1 and found.kind == "numbers"
    assert all(accuracy < 0.5 for accuracy, _, _ in found.wrong.values())


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (np.eye(10)[[3, 5]], "one-hot"),
        (np.full((2, 10), 0.05) + 0.5 * np.eye(10)[[3, 5]], "probabilities"),
        (np.full((2, 10), 0.5) + 0.4 * np.eye(10)[[3, 5]], "scores"),
        (7 * np.eye(10)[[3, 5]] - 2, "logits"),
        (np.log(np.full((2, 10), 0.05) + 0.5 * np.eye(10)[[3, 5]]), "log-probabilities"),
        (np.array([3, 5]), "numbers"),
        (np.array([[3.0], [5.0]]), "numbers"),
        (np.array(["3", "5"]), "texts"),
        (np.array(["three", "Five"], object), "texts"),
        (np.array([b"3", b"5"]), "texts"),
    ],
)
def test_answers_of_every_kind_are_understood(answers, kind):
    found = convention.understood(answers, 2)
    assert found.digits.tolist() == [3, 5] and found.kind == kind
    if found.log_prob is not None:
        np.testing.assert_allclose(np.exp(found.log_prob).sum(axis=1), 1, atol=0.01)
