"""Every network against what its report says of it: layers, shapes, parameters."""

import keras
import numpy as np
import pytest

from mnist_study import models, paths, records
from mnist_study.training import epochs


def layers_of(model, without=("InputLayer", "Rescaling", "Reshape")):
    """``(kind, shape of the output, parameters)`` of each layer, without those that only prepare the images."""
    rows = models.layer_table(model)
    return [(row["layer"], tuple(row["shape"]), row["parameters"]) for row in rows if row["layer"] not in without]


@pytest.mark.parametrize("name", models.NETWORKS)
def test_a_network_is_uncompiled_and_answers_with_probabilities(name):
    model = models.NETWORKS[name]()
    assert getattr(model, "optimizer", None) is None
    assert model.output_shape == (None, 10) and model.layers[-1].activation is keras.activations.softmax
    low, high = (-1, 1) if name == "zip_cnn" else (0, 255)
    images = np.random.default_rng(0).uniform(low, high, (3, *model.input_shape[1:])).astype(np.float32)
    y_prob = epochs.predict(model, images)
    assert y_prob.shape == (3, 10) and y_prob.min() >= 0
    np.testing.assert_allclose(y_prob.sum(axis=1), 1, atol=1e-5)


def test_scaling_is_part_of_every_network():
    for name, build in models.NETWORKS.items():
        second = type(build().layers[1]).__name__
        assert second == "Rescaling", name
    assert type(models.reader_cnn(boxed=True).layers[1]) is models.Boxed


# --- report sharpies ---------------------------------------------------------------------------------------------

SHARPIES = {
    "mlp-64-16": (lambda: models.mlp((64, 16)), 51450),
    "mlp-64-32": (lambda: models.mlp((64, 32)), 52650),
    "cnn-32f": (lambda: models.cnn((32,)), 54410),
    "cnn-32-16f": (lambda: models.cnn((32, 16)), 27994),
    "cnn-32-16fx3": (lambda: models.cnn((32, 16, 16, 16)), 25594),
}


@pytest.mark.parametrize("name", SHARPIES)
def test_networks_have_the_report_s_parameters(name):
    build, parameters = SHARPIES[name]
    model = build()
    assert model.count_params() == parameters == int(records.claimed(f"sharpies/{name}", "parameters"))
    kernels = [layer for layer in model.layers if hasattr(layer, "kernel_regularizer")]
    assert len(kernels) >= 2 and all(float(layer.kernel_regularizer.l2) == pytest.approx(1e-5) for layer in kernels)
    assert len(models.mlp(l2=0).losses) == 0


def test_layers_of_sharpies_networks():
    assert layers_of(models.mlp((64, 16))) == [
        ("Flatten", (784,), 0),
        ("Dense", (64,), 50240),
        ("Dense", (16,), 1040),
        ("Dense", (10,), 170),
    ]
    assert layers_of(models.cnn((32, 16))) == [
        ("Conv2D", (26, 26, 32), 320),
        ("Conv2D", (24, 24, 16), 4624),
        ("MaxPooling2D", (12, 12, 16), 0),
        ("Flatten", (2304,), 0),
        ("Dense", (10,), 23050),
    ]


def test_pixel_mean_and_std_are_numpys(small_dataset):
    mean, std = models.pixel_mean_and_std(small_dataset.x_train)
    unit = small_dataset.x_train / 255
    assert mean == pytest.approx(unit.mean(), abs=1e-9) and std == pytest.approx(unit.std(), abs=1e-9)


def test_without_images_mnist_s_own_mean_and_deviation_are_taken(real_mnist):
    scaled = models.mlp().get_layer("standardise")
    mean, std = models.pixel_mean_and_std(real_mnist.x_train)
    assert scaled.scale == pytest.approx(1 / (255 * std)) and scaled.offset == pytest.approx(-mean / std)


@pytest.mark.parametrize("build", [models.mlp, models.cnn])
def test_standardisation_is_fitted_on_training_data_and_travels_with_the_model(build, small_dataset, tmp_path):
    x = small_dataset.x_train
    model = build(pixels=x)
    inside = keras.Model(model.input, model.get_layer("standardise").output)
    standardised = np.asarray(inside(x))
    assert standardised.mean() == pytest.approx(0, abs=1e-4)
    assert standardised.std() == pytest.approx(1, abs=1e-4)
    model.save(tmp_path / "model.keras")
    again = models.load(tmp_path / "model.keras")
    np.testing.assert_array_equal(epochs.predict(again, x), epochs.predict(model, x))


# --- the other reports -------------------------------------------------------------------------------------------


def test_lenet_is_as_described():
    model = models.lenet()
    assert model.count_params() == 1_256_080
    assert layers_of(model) == [
        ("Conv2D", (28, 28, 20), 520),  # "feature maps 28x28x20"
        ("MaxPooling2D", (14, 14, 20), 0),
        ("Conv2D", (14, 14, 50), 25050),
        ("MaxPooling2D", (7, 7, 50), 0),
        ("Flatten", (2450,), 0),
        ("Dense", (500,), 1225500),
        ("Dense", (10,), 5010),
    ]


def test_zip_cnn_has_seven_layers():
    model = models.zip_cnn()
    table = models.layer_table(model)
    counted = [row["layer"] for row in table if row["layer"] in ("InputLayer", "Conv2D", "MaxPooling2D", "Dense")]
    assert counted == ["InputLayer", "Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Dense", "Dense"]
    assert model.count_params() == sum(row["parameters"] for row in table) == 184_586
    assert model.input_shape == (None, 16, 16) and model.output_shape == (None, 10)
    slopes = [layer.negative_slope for layer in model.layers if isinstance(layer, keras.layers.LeakyReLU)]
    assert slopes == [pytest.approx(0.3)] * 3


def test_inf283_s_networks():
    dense = models.plain_mlp()
    assert dense.count_params() == 200960 + 32896 + 7740 + 610
    assert [float(layer.kernel_regularizer.l2) for layer in dense.layers[3:-1]] == [pytest.approx(0.01)] * 3
    assert dense.layers[-1].kernel_regularizer is None
    assert models.pooled_cnn().count_params() == 832 + 589952 + 1290
    assert models.pooled_cnn([32], 5, 3, 0.5, 128).count_params() == 832 + 262272 + 1290
    assert layers_of(models.pooled_cnn()) == [
        ("Conv2D", (24, 24, 32), 832),
        ("MaxPooling2D", (12, 12, 32), 0),
        ("Dropout", (12, 12, 32), 0),
        ("Flatten", (4608,), 0),
        ("Dense", (128,), 589952),
        ("Dense", (10,), 1290),
    ]


def test_asher_s_network():
    outputs = [tuple(row["shape"]) for row in models.layer_table(models.pooled_cnn([8, 8], 3, 2, 0.0, 32))]
    assert outputs == [
        (28, 28),
        (28, 28),
        (28, 28, 1),
        (26, 26, 8),
        (13, 13, 8),
        (11, 11, 8),
        (5, 5, 8),
        (200,),
        (32,),
        (10,),
    ]
    assert models.pooled_cnn([64, 64], 3, 2, 0.0, 32).count_params() == 37568 + 51232 + 330


# --- our own -----------------------------------------------------------------------------------------------------


def test_the_reader_s_network_folds_2x2_pixels_into_four_channels():
    model = models.reader_cnn()
    assert model.count_params() == 174_602
    convolutions = [shape for kind, shape, _ in layers_of(model) if kind == "Conv2D"]
    assert convolutions == [(14, 14, 32), (14, 14, 32), (12, 12, 64), (6, 6, 64), (6, 6, 64), (4, 4, 96)]
    place = np.arange(784, dtype=np.float32).reshape(1, 28, 28)
    folded = np.asarray(keras.Model(model.input, model.layers[4].output)(255 * place))[0]
    np.testing.assert_allclose(folded[0, 0], [0, 1, 28, 29], atol=1e-3)
    np.testing.assert_allclose(folded[13, 13], [754, 755, 782, 783], atol=1e-3)


@pytest.mark.parametrize(("side", "parameters"), [(16, 208_426), (28, 228_586)])
def test_three_stages_take_any_side_of_a_multiple_of_four(side, parameters):
    model = models.three_stages(32, side)
    assert model.input_shape == (None, side, side) and model.count_params() == parameters
    convolutions = [shape for kind, shape, _ in layers_of(model) if kind == "Conv2D"]
    quarter = side // 4
    assert convolutions == [
        *[(side, side, 32)] * 2,
        *[(side // 2, side // 2, 64)] * 2,
        (quarter, quarter, 96),
        (quarter - 2, quarter - 2, 96),
    ]


def test_boxing_undoes_shift_zoom_and_dimming(small_dataset):
    images = small_dataset.x_test[:50]
    boxed = np.asarray(models.Boxed()(images))
    assert boxed.shape == (50, 28, 28) and boxed.min() >= 0 and boxed.max() <= 1.001
    moved = np.zeros_like(images)
    moved[:, 3:, :26] = images[:, :25, 2:] // 2
    whole = (images[:, 25:].max(axis=(1, 2)) == 0) & (images[:, :, :2].max(axis=(1, 2)) == 0)  # nothing moved out
    assert whole.sum() > 20
    assert np.abs(np.asarray(models.Boxed()(moved)) - boxed)[whole].max() < 0.02
    assert not np.asarray(models.Boxed()(np.zeros((1, 28, 28)))).any()


def test_a_boxed_network_survives_saving(tmp_path, small_dataset):
    model = models.reader_cnn(4, boxed=True)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    images = small_dataset.x_test[:5]
    np.testing.assert_allclose(epochs.predict(again, images), epochs.predict(model, images), atol=1e-6)


def test_a_boxed_network_saved_before_the_rooms_is_loaded():
    """Its file names a module that is no more, ``mnist_study.networks``; the name that ``Boxed`` is registered by counts."""
    (path,) = (paths.project_root() / "results" / "nust" / "robust").glob("seed-1-*.keras")
    model = models.load(path)
    assert type(model.layers[1]) is models.Boxed and model.count_params() == 174_602
