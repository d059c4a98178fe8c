"""Report nust: the modification, the networks it is tried on, and the committed records."""

import keras
import numpy as np
import pytest

from mnist_study import evaluation
from mnist_study import study as experiments
from mnist_study.data import augment, datasets
from mnist_study.data.datasets import MNIST_DIGEST
from mnist_study.data.files import CorruptDataError, digest
from mnist_study.models import networks
from mnist_study.reports import comparison
from mnist_study.reports.nust import runs as modified_test_set
from mnist_study.training import epochs as training

FOUND = experiments.Records()
NOTHING = dict.fromkeys(augment.MODIFICATION, 0)


def test_the_modified_test_set_has_the_same_bytes_everywhere(real_mnist):
    images = modified_test_set.modified_test_images(real_mnist)
    assert digest(images) == modified_test_set.MODIFIED_DIGEST
    assert len(modified_test_set.never_seen(real_mnist)) == 1965


def test_ink_kept_is_whole_where_nothing_leaves_the_frame(small_dataset, monkeypatch):
    monkeypatch.setattr(augment, "MODIFICATION", NOTHING)
    np.testing.assert_allclose(modified_test_set.ink_kept(small_dataset), 1, atol=1e-5)
    monkeypatch.setattr(augment, "MODIFICATION", NOTHING | {"zoom": 0.3, "rotation": 30})
    kept = modified_test_set.ink_kept(small_dataset)
    assert np.abs(np.median(kept) - 1) < 0.02  # a 20x20 digit stays within 28x28 at 1.3 times its size, mostly
    monkeypatch.setattr(augment, "MODIFICATION", NOTHING | {"shift": 0.5})
    assert modified_test_set.ink_kept(small_dataset).min() < 0.6


def test_another_modified_test_set_is_refused(small_dataset, monkeypatch):
    claimed_to_be_mnist = datasets.Dataset(
        "mnist", small_dataset.x_train, small_dataset.y_train, small_dataset.x_test, small_dataset.y_test, MNIST_DIGEST
    )
    with pytest.raises(CorruptDataError, match="cannot be compared"):
        modified_test_set.modified_test_images(claimed_to_be_mnist)


def test_an_epoch_is_modified_in_the_share_asked_for(small_dataset):
    x, y = small_dataset.x_train, small_dataset.y_train
    settings = {"modification": NOTHING, "modified_share": 1.0}
    pixels, labels = modified_test_set.augmented_epoch(x, y, np.random.default_rng(1), settings)
    order = np.random.default_rng(1).permutation(len(x))
    np.testing.assert_array_equal(pixels, x[order])
    np.testing.assert_array_equal(labels, y[order])
    settings["modified_share"] = 0.5
    pixels, _ = modified_test_set.augmented_epoch(x, y, np.random.default_rng(1), settings)
    unchanged = (pixels == x[order]).all(axis=(1, 2)).mean()
    assert 0.35 < unchanged < 0.65


def test_lenet_is_as_described():
    model = networks.lenet()
    assert model.count_params() == 1_256_080
    shapes = {row["layer"]: row["shape"] for row in reversed(networks.layer_table(model))}
    assert shapes["Conv2D"] == [28, 28, 20]  # "feature maps 28x28x20"


def test_boxing_undoes_shift_zoom_and_dimming(small_dataset):
    images = small_dataset.x_test[:50]
    boxed = np.asarray(networks.Boxed()(images))
    assert boxed.shape == (50, 28, 28) and boxed.min() >= 0 and boxed.max() <= 1.001
    moved = np.zeros_like(images)
    moved[:, 3:, :26] = images[:, :25, 2:] // 2
    whole = (images[:, 25:].max(axis=(1, 2)) == 0) & (images[:, :, :2].max(axis=(1, 2)) == 0)  # nothing moved out
    assert whole.sum() > 20
    assert np.abs(np.asarray(networks.Boxed()(moved)) - boxed)[whole].max() < 0.02
    assert not np.asarray(networks.Boxed()(np.zeros((1, 28, 28)))).any()


def test_a_boxed_network_survives_saving(tmp_path, small_dataset):
    model = networks.reader_cnn(4, boxed=True)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    images = small_dataset.x_test[:5]
    np.testing.assert_allclose(training.predict(again, images), training.predict(model, images), atol=1e-6)


def test_the_best_epoch_is_kept_even_across_a_stop(small_dataset, tmp_path):
    x, y = small_dataset.x_train, small_dataset.y_train
    validation = small_dataset.x_test, small_dataset.y_test

    def trained(epochs, checkpoint=None):
        keras.utils.set_random_seed(1)
        model = training.compiled(networks.lenet((2, 2), 8), "rmsprop", 0.02)
        history = training.fit(
            model, (x, y), validation, epochs=epochs, batch_size=20, seed=1, checkpoint=checkpoint, keep_best=True
        )
        return model, history

    model, history = trained(6)
    loss = model.evaluate(*validation, verbose=0)[0]
    assert loss == pytest.approx(min(history["val_loss"]), abs=1e-4)
    assert loss < history["val_loss"][-1] or np.argmin(history["val_loss"]) == 5
    trained(3, tmp_path / "last.npz")
    resumed, _ = trained(6, tmp_path / "last.npz")
    for one, other in zip(model.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


# --- records -----------------------------------------------------------------------------------------------------


def mean(name, metric):
    return evaluation.mean_and_std([run.metrics[metric] for run in FOUND.all(name)])[0]


@pytest.mark.parametrize("name", ["nust/lenet", "nust/lenet-modified", "nust/lenet-augmented", "nust/robust"])
def test_records_are_three_seeds_of_clean_code(name):
    runs = FOUND.all(name)
    assert [run.seed for run in runs] == [1, 2, 3]
    for run in runs:
        assert run.provenance["dirty"] is False and run.data_digest == MNIST_DIGEST
        missed = int((run.arrays["y_true"] != run.arrays["y_pred"]).sum())
        assert (run.metrics["misses"], run.metrics["n"]) == (missed, 10000)


def test_the_supports_are_mnist_s():
    supports = np.bincount(FOUND.one("nust/lenet").arrays["y_true"], minlength=10)
    for name in ("nust/lenet", "nust/lenet-modified", "nust/lenet-augmented"):
        assert supports.tolist() == [int(comparison.claimed(name, "support", str(digit))) for digit in range(10)]


def test_the_strength_is_the_one_that_calibration_names():
    for run in FOUND.all("nust/calibration"):
        strength = run.metrics["nearest_strength"]
        assert {
            "rotation": 100 * strength, "shift": strength, "zoom": strength, "brightness": run.settings["brightness"]
        } == augment.MODIFICATION  # fmt: skip


def test_the_report_s_pattern_comes_out():
    assert abs(mean("nust/lenet", "accuracy") - 0.9921) < 0.002
    assert abs(mean("nust/lenet-modified", "accuracy") - 0.2776) < 0.02
    assert mean("nust/lenet-augmented", "accuracy") > 0.937
    for run in FOUND.all("nust/lenet-modified"):  # the same networks
        clean = next(other for other in FOUND.all("nust/lenet") if other.seed == run.seed)
        assert run.metrics["misses_clean"] == clean.metrics["misses"]


def test_the_report_s_own_table_says_that_its_text_is_wrong():
    assert comparison.claimed("nust/lenet-augmented", "accuracy_printed") == "0.94"
    assert f"{float(comparison.claimed('nust/lenet-augmented', 'accuracy_text')):.2f}" == "0.93"


def test_every_model_is_fragile_and_shift_is_worst():
    names = [name for name in experiments.EXPERIMENTS if name.startswith("nust/fragility/")]
    assert len(names) == 10
    for name in names:
        for run in FOUND.all(name):
            assert run.arrays["accuracy"].shape == (4, 5) and run.metrics["n"] == 1965
            if not name.endswith(("robust", "augmented")):
                assert run.arrays["accuracy"][1, -1] < 0.5 < run.metrics["accuracy_plain"]
