import gzip

import numpy as np
import pytest

from mnist_study.data.files import CorruptDataError, MissingDataError
from mnist_study.data.usps_files import load_usps


def test_usps():
    try:
        (x_train, y_train), (x_test, y_test) = load_usps(download=False)
    except MissingDataError:
        pytest.skip("USPS is not on this machine")
    assert x_train.shape == (7291, 16, 16) and x_test.shape == (2007, 16, 16)
    assert x_train.dtype == np.float32 and x_train.min() == -1 and x_train.max() == 1
    shares = np.round(np.bincount(y_train) / len(y_train), 2)  # report usps, figure 3
    np.testing.assert_array_equal(shares, [0.16, 0.14, 0.1, 0.09, 0.09, 0.08, 0.09, 0.09, 0.07, 0.09])
    assert len(y_test) == 2007


def test_usps_wrong_files(home):
    folder = home / "data" / "usps"
    folder.mkdir(parents=True)
    (folder / "zip.train.gz").write_bytes(gzip.compress(b"6.0 1.0 2.0\n"))
    with pytest.raises(CorruptDataError, match=r"zip\.test\.gz is missing"):
        load_usps()
    (folder / "zip.test.gz").write_bytes(b"not gzip")
    with pytest.raises(CorruptDataError, match="7291 lines of 257"):
        load_usps()
