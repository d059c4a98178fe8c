"""Networks by an experiment's settings."""

import json

import keras
import numpy as np
import pytest

from mnist_study import models, study
from mnist_study.reports.sharpies import figures as sharpies
from mnist_study.training import epochs, networks


@pytest.mark.parametrize("name", sharpies.NETWORKS)
def test_settings_are_the_report_s(name):
    experiment = study.EXPERIMENTS[name]
    settings = experiment.settings
    assert (settings["learning_rate"], settings["epochs"], settings["batch_size"]) == (3e-3, 100, 32)
    assert settings["model"]["l2"] == 1e-5 and settings["validation_split"] == 0.1
    assert len(experiment.seeds) >= 3


def test_a_network_is_built_as_its_settings_say_and_standardised_by_its_images(small_dataset):
    settings = study.EXPERIMENTS["sharpies/mlp-64-16"].settings
    model = networks.build_network(settings, small_dataset.x_train)
    assert model.count_params() == 51450 and settings["model"]["builder"] == "mlp"  # the settings stay whole
    inside = np.asarray(keras.Model(model.input, model.get_layer("standardise").output)(small_dataset.x_train))
    assert inside.mean() == pytest.approx(0, abs=1e-4) and inside.std() == pytest.approx(1, abs=1e-4)


def test_every_network_of_the_reports_can_be_built(small_dataset):
    named = {json.dumps(row.settings["model"]): row for row in study.EXPERIMENTS.values() if "model" in row.settings}
    asked = [row for row in named.values() if row.settings["model"]["builder"] in models.NETWORKS]
    assert len(asked) > 15
    for row in asked:
        assert networks.build_network(row.settings, small_dataset.x_train).output_shape == (None, 10), row.name


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)]),  # without an input
        lambda: keras.Sequential([keras.layers.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(1)]),
        lambda: None,
    ],
)
def test_a_builder_that_builds_something_else_is_told(wrong, small_dataset, monkeypatch):
    monkeypatch.setitem(models.NETWORKS, "wrong", wrong)
    with pytest.raises(ValueError, match=r"The network 'wrong' is .*; expected a functional or sequential Keras model"):
        networks.build_network({"model": {"builder": "wrong"}}, small_dataset.x_train)


def test_an_unknown_builder_is_told(small_dataset):
    with pytest.raises(KeyError, match=r"There is no network 'none'; expected one of: mlp, cnn.*models\.NETWORKS"):
        networks.build_network({"model": {"builder": "none"}}, small_dataset.x_train)


def test_lower_precision_is_for_training_only_and_a_start_is_gone_on_from(small_dataset):
    x, targets = small_dataset.x_train, np.eye(10, dtype=np.float32)[small_dataset.y_train]
    settings = {
        "model": {"builder": "reader_cnn", "filters": 4},
        "optimizer": "adamw",
        "learning_rate": 0.0,
        "weight_decay": 0.0,
        "precision": "mixed_bfloat16",
        "epochs": 1,
        "batch_size": 100,
    }
    start = [np.full_like(weights, 0.01) for weights in models.reader_cnn(4).get_weights()]
    model, _, _ = networks.fit_network(settings, 1, x, lambda epoch: (x, targets), (x, targets), n=len(x), start=start)
    assert keras.config.dtype_policy().name == "float32"
    with pytest.raises(ZeroDivisionError):
        networks.fit_network(settings, 1, x, lambda epoch: 1 / 0, (x, targets), n=len(x))
    assert keras.config.dtype_policy().name == "float32"  # also after one that was interrupted
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    for trained, given in zip(model.trainable_variables, models.reader_cnn(4).trainable_variables, strict=True):
        assert trained.shape == given.shape and np.allclose(trained, 0.01)  # a rate of 0 moves nothing


def test_the_loss_holds_the_penalty_that_cross_entropy_leaves_out(small_dataset):
    model = models.mlp((4,), l2=0.1, pixels=small_dataset.x_train)
    metrics, arrays = networks.evaluate(model, small_dataset.x_test, small_dataset.y_test, mistakes_kept=5)
    penalty = 0.1 * sum(float((layer.kernel.numpy() ** 2).sum()) for layer in model.layers if hasattr(layer, "kernel"))
    assert metrics["loss"] - metrics["cross_entropy"] == pytest.approx(penalty, rel=1e-4)
    missed = int((arrays["y_true"] != arrays["y_pred"]).sum())
    assert (metrics["misses"], metrics["n"], metrics["parameters"]) == (missed, 100, model.count_params())
    assert metrics["layers"] == models.layer_table(model)
    assert len(arrays["mistake_index"]) == len(arrays["mistake_image"]) == min(5, missed)


def test_images_are_modified_anew_in_every_epoch_and_the_same_again_by_seed(small_dataset):
    train = small_dataset.x_train, small_dataset.y_train
    assert networks.as_trained_on(train, {}, seed=1) is train
    of_epoch = networks.as_trained_on(train, {"augmentation": {"rotation": 10}}, seed=1)
    first, again, second = of_epoch(0), of_epoch(0), of_epoch(1)
    np.testing.assert_array_equal(first[0], again[0])
    assert (first[0] != second[0]).any() and sorted(first[1]) == sorted(train[1])


def test_predictions_come_in_the_order_of_the_images(small_dataset):
    model = models.mlp((4,), pixels=small_dataset.x_train)
    together = epochs.predict(model, small_dataset.x_test)
    alone = np.concatenate([epochs.predict(model, image[None]) for image in small_dataset.x_test[:5]])
    np.testing.assert_allclose(together[:5], alone, atol=1e-6)
