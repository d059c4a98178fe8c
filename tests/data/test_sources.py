"""The files of MNIST, USPS and report sharpies' photos: found, fetched, refused where they are wrong."""

import gzip
import multiprocessing
import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from mnist_study.data import sources
from mnist_study.data.files import CorruptDataError, MissingDataError, digest


def assert_is(loaded, arrays):
    """The loaded nested pairs hold exactly these arrays, as uint8."""
    flat = [array for pair in loaded for array in pair]
    for found, expected in zip(flat, arrays.values(), strict=True):
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, expected)


# --- containers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [True, False])
def test_idx_files(home, tiny_mnist, write_idx, zipped):
    write_idx(home / "data" / "mnist", tiny_mnist, zipped)
    assert_is(sources.load_mnist(), tiny_mnist)


def test_keras_npz_in_keras_cache(home, tiny_mnist):
    (home / "no-keras" / "datasets").mkdir(parents=True)
    names = ("x_train", "y_train", "x_test", "y_test")
    np.savez(home / "no-keras" / "datasets" / "mnist.npz", **dict(zip(names, tiny_mnist.values(), strict=True)))
    assert_is(sources.load_mnist(), tiny_mnist)
    assert_is(sources.load_mnist(home / "no-keras" / "datasets" / "mnist.npz"), tiny_mnist)


@pytest.mark.parametrize("header", [False, ["names"], None])
def test_csv_pair_with_and_without_header(home, tiny_mnist, header):
    x_train, y_train, x_test, y_test = tiny_mnist.values()
    images = pd.DataFrame(np.concatenate([x_train, x_test]).reshape(70, 784))
    labels = pd.DataFrame({"label": np.concatenate([y_train, y_test])})
    if header is None:  # pandas's own column names: numbers, of which the first 256 could be pixels
        labels.columns = [0]
    elif header:
        images.columns = [f"pixel{i}" for i in range(784)]
    pair = home / "handwritten_digits_images.csv", home / "handwritten_digits_labels.csv"
    for table, path in zip((images, labels), pair, strict=True):
        table.to_csv(path, index=False, header=header is not False)
    assert_is(sources.load_mnist(home), tiny_mnist)
    assert_is(sources.load_mnist(pair), tiny_mnist)


# --- where they are looked for -----------------------------------------------------------------------------------


def test_explicit_path_then_environment_then_data_folder(home, tiny_mnist, write_idx, monkeypatch):
    write_idx(home / "data" / "mnist", tiny_mnist)
    assert_is(sources.load_mnist(), tiny_mnist)
    bad = {name: np.zeros_like(array) for name, array in tiny_mnist.items()}
    write_idx(home / "elsewhere" / "mnist", bad)
    monkeypatch.setenv("MNIST_STUDY_DATA", "elsewhere")  # relative to the project, not to the working folder
    with pytest.raises(CorruptDataError, match="elsewhere"):
        sources.load_mnist()
    assert_is(sources.load_mnist(home / "data"), tiny_mnist)
    with pytest.raises(MissingDataError, match="nowhere"):
        sources.load_mnist(home / "nowhere")


def test_missing_says_where_it_looked_and_how_to_mend_it(home):
    with pytest.raises(MissingDataError, match=r"not on this machine.*MNIST_STUDY_DATA"):
        sources.load_mnist()
    with pytest.raises(MissingDataError, match=r"was not found.*MNIST_STUDY_DATA"):
        sources.load_mnist(download=False)


def test_a_data_folder_that_does_not_exist_is_told(home, monkeypatch):
    monkeypatch.setenv("MNIST_STUDY_DATA", "/no/such/folder")
    with pytest.warns(UserWarning, match="/no/such/folder, which is no folder"), pytest.raises(MissingDataError):
        sources.load_mnist(download=False)


def test_download_tries_the_next_mirror_and_keeps_what_is_there(home, tiny_mnist, write_idx, monkeypatch):
    import pooch

    write_idx(home / "server", tiny_mnist)
    asked = []

    def serve(self, url, output_file, pooch_object):
        asked.append(url)
        if url.startswith("https://down/"):
            raise ConnectionError("down")
        content = (home / "server" / url.rpartition("/")[2]).read_bytes()
        with open(output_file, "wb") as stream:
            stream.write(content[:-9] if url.startswith("https://cut/") else content)

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", serve)
    monkeypatch.setattr(sources, "MNIST_MIRRORS", ("https://down/", "https://cut/", "https://good/"))
    assert_is(sources.load_mnist(), tiny_mnist)
    assert asked[:3] == [f"https://{mirror}/train-images-idx3-ubyte.gz" for mirror in ("down", "cut", "good")]
    folder = home / "data" / "mnist"
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.gz" for name in tiny_mnist)
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setattr(sources, "_mnist_in", lambda folder: None)  # as if the other three had just arrived
    asked.clear()
    with pytest.raises(MissingDataError):
        sources.load_mnist()
    assert {url.rpartition("/")[2] for url in asked} == {"t10k-labels-idx1-ubyte.gz"}


# --- files that are wrong ----------------------------------------------------------------------------------------


SPOILED = {
    "cut off": lambda content: gzip.compress(content)[:-200],
    "a pixel flipped": lambda content: gzip.compress(content[:-5] + bytes([content[-5] ^ 1]) + content[-4:]),
    "text": lambda content: b"<html>404 not found</html>",
    "empty": lambda content: b"",
    "labels": lambda content: gzip.compress(b"\0\0\x08\x01" + content[4:8] + content[-60:]),
    "too long": lambda content: gzip.compress(content + b"more"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_wrong_file_is_named_and_left_alone(home, tiny_mnist, write_idx, how):
    write_idx(home / "data" / "mnist", tiny_mnist)
    path = home / "data" / "mnist" / "train-images-idx3-ubyte.gz"
    path.write_bytes(SPOILED[how](gzip.decompress(path.read_bytes())))
    before = path.read_bytes()
    with pytest.raises(CorruptDataError, match=r"expected .* found .*It was left as it is") as caught:
        sources.load_mnist()
    assert str(path.parent) in str(caught.value)
    assert path.read_bytes() == before


def test_a_part_of_mnist_is_an_error_not_a_download(home, tiny_mnist, write_idx):
    write_idx(home / "data" / "mnist", tiny_mnist)
    (home / "data" / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(CorruptDataError, match="t10k-labels-idx1-ubyte"):
        sources.load_mnist()


def test_wrong_npz(home, tiny_mnist):
    path = home / "mnist.npz"
    path.write_text("no zip")
    with pytest.raises(CorruptDataError, match="broken file"):
        sources.load_mnist(path)
    np.savez(path, x_train=tiny_mnist["train-images-idx3-ubyte"])
    with pytest.raises(CorruptDataError, match="y_train"):
        sources.load_mnist(path)
    with pytest.raises(MissingDataError, match="no file"):
        sources.load_mnist(home / "other.npz")


@pytest.mark.parametrize("content", ["", "a,b\nc,d\n", "1,2\n3,4\n", "1\n300\n", "\x00\xff"])
def test_wrong_csv(home, tiny_mnist, content):
    pair = home / "images.csv", home / "labels.csv"
    for path in pair:
        path.write_text(content)
    with pytest.raises(CorruptDataError, match="70 rows of 784"):
        sources.load_mnist(pair)


# --- the real MNIST ----------------------------------------------------------------------------------------------


def test_mnist_loads_fast_and_lean(real_mnist):
    tracemalloc.start()
    began = time.perf_counter()
    (x_train, y_train), (x_test, y_test) = sources.load_mnist(download=False)
    seconds = time.perf_counter() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert x_train.shape == (60000, 28, 28) and x_test.shape == (10000, 28, 28)
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert peak - x_train.nbytes - x_test.nbytes < 150e6
    assert seconds < 3  # under 1 s on an idle machine; the bound leaves room for a busy one


def test_two_processes_load_at_once(real_mnist):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(_digest_of_mnist, [0, 1])
    assert found == [sources.MNIST_DIGEST] * 2


def _digest_of_mnist(_):
    return digest(*sum(sources.load_mnist(download=False), ()))


# --- USPS --------------------------------------------------------------------------------------------------------


def test_usps():
    try:
        (x_train, y_train), (x_test, y_test) = sources.load_usps(download=False)
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
    with pytest.raises(CorruptDataError, match=r"it lacks 1 of 2 files \(zip\.test\.gz\)"):
        sources.load_usps()
    (folder / "zip.test.gz").write_bytes(b"not gzip")
    with pytest.raises(CorruptDataError, match="7291 lines of 257"):
        sources.load_usps()


# --- the report's photos -----------------------------------------------------------------------------------------


def test_photos_that_are_nowhere_partly_there_or_foreign_are_told(home):
    for _ in range(2):  # a download that broke off leaves folders behind, and is simply tried again
        with pytest.raises(MissingDataError, match=r"0.JPG is not on this machine and no mirror served it"):
            sources.load_photos()
    with pytest.raises(MissingDataError, match="gabe, philip, sydney, formatted"):
        sources.load_photos(download=False)
    own = home / "mine"
    (own / "gabe").mkdir(parents=True)
    (own / "gabe" / "0.jpg").write_bytes(b"x")
    with pytest.raises(CorruptDataError, match=r"it lacks 48 of 49 files \(gabe/1, gabe/2, gabe/3, …\)"):
        sources.load_photos(own)
    for folder, (_, suffix, digits) in sources.PHOTO_FOLDERS.items():
        (own / folder).mkdir(parents=True, exist_ok=True)
        for digit in digits:
            (own / folder / f"{digit}.{suffix.lower()}").write_bytes(b"x")
    with pytest.raises(CorruptDataError, match="the report's 49 pictures"):
        sources.load_photos(own)
