import numpy as np
import pytest

from mnist_study import data


def test_split_of_report_sharpies(real_mnist):
    train, test = (real_mnist.x_train, real_mnist.y_train), (real_mnist.x_test, real_mnist.y_test)
    (_, y_train), (_, y_test) = data.sharpies_split(train, test)
    assert len(y_train) == 56000
    assert np.bincount(y_test).tolist() == [1343, 1600, 1380, 1433, 1295, 1273, 1396, 1503, 1357, 1420]


def test_split_of_report_inf283(real_mnist):
    train, test = (real_mnist.x_train, real_mnist.y_train), (real_mnist.x_test, real_mnist.y_test)
    (_, y_train), (_, y_val), (_, y_test) = data.inf283_split(train, test)
    assert (len(y_train), len(y_val), len(y_test)) == (39199, 16800, 14000)
    assert np.bincount(y_test).tolist() == [1365, 1592, 1388, 1394, 1373, 1243, 1397, 1453, 1358, 1437]


@pytest.mark.parametrize(
    ("split", "sizes"),
    [
        ("inf283, 39199/16800/14000", (39199, 16800, 14000)),
        ("inf283, 55999/14000", (55999, 0, 14000)),
        ("sharpies, 56000/14000", (56000, 0, 14000)),
        ("60000/10000", (54000, 6000, 10000)),
    ],
)
def test_named_splits(split, sizes):
    rows = np.arange(70000)
    labels = rows % 10
    whole = data.Dataset("rows", rows[:60000], labels[:60000], rows[60000:], labels[60000:], "")
    parts = data.named_split(whole, {"split": split, "validation_split": 0.1})
    assert tuple(len(images) for images, _ in parts) == sizes
    assert len(np.unique(np.concatenate([images for images, _ in parts]))) == sum(sizes)
    assert all((images % 10 == label).all() for images, label in parts)


def test_validation_images_are_the_last_as_keras_takes_them():
    rows = np.arange(60)
    train, validation = data.validation_parts((rows, rows % 10), 1 / 6)
    assert train[0].tolist() == list(range(50)) and validation[0].tolist() == list(range(50, 60))
    assert (validation[1] == validation[0] % 10).all()
    assert len(data.validation_parts((rows, rows), 0.0)[1][0]) == 0
