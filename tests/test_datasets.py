import numpy as np
import pytest
from conftest import write_idx

from mnist_study import paths
from mnist_study.data import datasets, mnist_files
from mnist_study.data.files import CorruptDataError, MissingDataError

# --- what a run works on -----------------------------------------------------------------------------------------


def test_quick_falls_back_to_digits_loudly_and_full_does_not(home, tiny_mnist):
    fallen = datasets.for_profile("quick")
    assert fallen.name == "digits" and "NOT MNIST" in fallen.notice
    with pytest.raises(MissingDataError):
        datasets.for_profile("full")


def test_quick_never_falls_back_from_a_corrupt_file(home, tiny_mnist):
    write_idx(paths.data_dir() / "mnist", tiny_mnist)
    (home / "data" / "mnist" / "t10k-labels-idx1-ubyte.gz").write_bytes(b"")
    with pytest.raises(CorruptDataError):
        datasets.for_profile("quick")


def test_quick_is_a_stamped_part_of_mnist(home, tiny_mnist):
    write_idx(paths.data_dir() / "mnist", tiny_mnist)
    part = datasets.for_profile("quick", train_size=20, test_size=5)
    assert (len(part.x_train), len(part.x_test)) == (20, 5)
    assert part.digest != mnist_files.DIGEST and "QUICK" in part.notice
    whole = datasets.for_profile("full")
    assert whole.digest == mnist_files.DIGEST and whole.notice == ""


# --- splits ------------------------------------------------------------------------------------------------------


def test_split_of_report_sharpies(real_mnist):
    (_, y_train), (_, y_test) = datasets.sharpies_split(real_mnist)
    assert len(y_train) == 56000
    assert np.bincount(y_test).tolist() == [1343, 1600, 1380, 1433, 1295, 1273, 1396, 1503, 1357, 1420]


def test_split_of_report_inf283(real_mnist):
    (_, y_train), (_, y_val), (_, y_test) = datasets.inf283_split(real_mnist)
    assert (len(y_train), len(y_val), len(y_test)) == (39199, 16800, 14000)
    assert np.bincount(y_test).tolist() == [1365, 1592, 1388, 1394, 1373, 1243, 1397, 1453, 1358, 1437]
