import numpy as np
import pytest

from mnist_study import data, paths
from mnist_study.data import datasets

# --- arrays ------------------------------------------------------------------------------------------------------


def test_mnist_is_given_as_keras_gives_it(home, tiny_mnist, write_idx):
    write_idx(paths.data_dir() / "mnist", tiny_mnist)
    (x_train, y_train), (x_test, y_test) = data.mnist()
    for found, expected in zip((x_train, y_train, x_test, y_test), tiny_mnist.values(), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(("load", "side"), [(data.mnist, 28), (data.usps, 16)])
def test_without_files_arrays_are_the_embedded_digits_and_a_warning_says_so(home, load, side):
    with pytest.warns(UserWarning, match="1,797 embedded digits, not what the reports used.*not on this machine"):
        (x_train, y_train), (x_test, y_test) = load()
    assert x_train.shape == (1497, side, side) and x_test.shape == (300, side, side)
    assert len(y_train) == 1497 and len(y_test) == 300


@pytest.mark.parametrize("load", [data.mnist, data.usps])
def test_a_place_that_was_named_is_not_replaced_by_the_embedded_digits(home, load):
    with pytest.raises(data.MissingDataError, match="was not found"):
        load(home / "nowhere")


# --- what a run works on -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "side", "first"), [("mnist", 28, "train-images"), ("usps", 16, "zip.train.gz")])
def test_a_smoke_run_falls_back_to_digits_loudly_and_a_whole_run_does_not(home, name, side, first):
    fallen = data.load(name, quick=True)
    assert fallen.name == "digits" and fallen.x_test.shape == (300, side, side)
    assert f"NOT {name.upper()}" in fallen.notice
    with pytest.raises(data.MissingDataError, match=f"{first}.* is not on this machine"):
        data.load(name)


def test_a_smoke_run_never_falls_back_from_a_corrupt_file(home, tiny_mnist, write_idx):
    write_idx(paths.data_dir() / "mnist", tiny_mnist)
    (home / "data" / "mnist" / "t10k-labels-idx1-ubyte.gz").write_bytes(b"")
    with pytest.raises(data.CorruptDataError):
        data.load("mnist", quick=True)


def test_a_smoke_run_works_on_a_stamped_part_of_mnist(home, tiny_mnist, write_idx, monkeypatch):
    write_idx(paths.data_dir() / "mnist", tiny_mnist)
    monkeypatch.setattr(datasets, "QUICK_TRAIN", 20)
    monkeypatch.setattr(datasets, "QUICK_TEST", 5)
    part = data.load("mnist", quick=True)
    assert (len(part.x_train), len(part.x_test)) == (20, 5)
    assert part.digest != data.DIGESTS["mnist"] and "SMOKE RUN" in part.notice
    whole = data.load("mnist")
    assert whole.digest == data.DIGESTS["mnist"] and whole.notice == ""


def test_another_name_is_told():
    with pytest.raises(KeyError, match=r"There is no data set 'none'; expected one of: mnist, usps.*data\.from_arrays"):
        data.load("none")


def test_all_images_are_training_then_test(small_dataset):
    assert len(small_dataset.all_images) == len(small_dataset.all_labels) == 400
    np.testing.assert_array_equal(small_dataset.all_images[300:], small_dataset.x_test)
    np.testing.assert_array_equal(small_dataset.all_labels[:300], small_dataset.y_train)


# --- the report's photos -----------------------------------------------------------------------------------------


def test_photos_of_a_smoke_run_are_drawn_where_the_report_s_are_missing(home, small_dataset):
    with pytest.raises(data.MissingDataError):
        data.photos_of(small_dataset)
    drawn = data.photos_of(small_dataset, quick=True)
    assert len(drawn.pictures) == len(drawn.labels) == len(drawn.formatted) == 20
    assert drawn.labels.tolist() == [*range(10), *range(10)] and drawn.digest != data.PHOTOS_DIGEST
    assert drawn.pictures[0].shape == (300, 300) and drawn.formatted.shape[1:] == (28, 28)


# --- data of one's own -------------------------------------------------------------------------------------------

IMAGES, LABELS = np.zeros((20, 28, 28), np.uint8), np.arange(20) % 10


def test_floats_and_bytes_make_the_same_data_set():
    images = np.random.default_rng(0).integers(0, 255, (20, 28, 28)).astype(np.uint8) // 2
    of_bytes = data.from_arrays("mine", images, LABELS, images[:10], list(range(10)))
    of_floats = data.from_arrays("mine", images / 255, LABELS, images[:10] / 255, np.arange(10, dtype=np.uint8))
    assert of_bytes.digest == of_floats.digest and of_floats.x_test.dtype == of_floats.y_test.dtype == np.uint8
    assert of_bytes.digest != data.from_arrays("mine", images, LABELS, images[:10], np.arange(10)[::-1]).digest


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES.reshape(20, 784), LABELS, r"x_train has the shape \(20, 784\); expected \(n, 28, 28\)"),
        (IMAGES[..., None], LABELS, r"expected \(n, 28, 28\)"),
        (IMAGES.astype(float) + 255, LABELS, r"x_train is float64 from 255 to 255; expected uint8"),
        (IMAGES.astype(float) * np.nan, LABELS, "expected uint8"),
        (IMAGES.astype(int), LABELS, r"x_train is int64 from 0 to 0; expected uint8"),
        (255 - IMAGES, LABELS, "x_train is dark ink on white; expected white ink on black"),
        (IMAGES, LABELS.astype(str), r"y_train is of the shape \(20,\) and holds \['0', '1'"),
        (IMAGES, LABELS + 1, r"9, 10\]; expected whole numbers 0 to 9, one for each image"),
        (IMAGES, np.eye(10)[LABELS], "expected whole numbers 0 to 9"),
        (IMAGES, LABELS[:19], "x_train has 20 images and y_train 19 labels"),
        (IMAGES[:0], LABELS[:0], r"x_train has the shape \(0, 28, 28\); expected \(n, 28, 28\), n at least 1"),
    ],
)
def test_arrays_that_are_no_data_set_are_told(images, labels, message):
    with pytest.raises(ValueError, match=message):
        data.from_arrays("mine", images, labels, IMAGES, LABELS)
