import json
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

from mnist_study import gallery, paths
from mnist_study import study as experiments
from mnist_study.models import networks
from mnist_study.records import record as records
from mnist_study.reports import comparison
from mnist_study.training import epochs as training
from mnist_study.training import networks as network_training

KERAS_NETWORKS = [experiments.get(name) for name in gallery.NETWORKS]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("mlp-64-16", 51450), ("mlp-64-32", 52650), ("cnn-32f", 54410), ("cnn-32-16f", 27994), ("cnn-32-16fx3", 25594)],
)
def test_networks_have_the_reports_parameters(name, parameters, small_dataset):
    model = network_training.build_network(experiments.get(f"sharpies/{name}").settings, small_dataset.x_train)
    assert model.count_params() == parameters == int(comparison.claimed(f"sharpies/{name}", "parameters"))
    assert model.output_shape == (None, 10)
    assert not hasattr(model, "optimizer") or model.optimizer is None  # uncompiled


@pytest.mark.parametrize("experiment", KERAS_NETWORKS, ids=lambda e: e.name)
def test_settings_are_the_reports(experiment):
    settings = experiment.settings
    assert (settings["learning_rate"], settings["epochs"], settings["batch_size"]) == (3e-3, 100, 32)
    assert settings["model"]["l2"] == 1e-5 and settings["validation_split"] == 0.1
    assert len(experiment.seeds) >= 3


def test_standardisation_is_fitted_on_training_data_and_travels_with_the_model(small_dataset, tmp_path):
    x = small_dataset.x_train
    model = network_training.build_network(experiments.get("sharpies/mlp-64-16").settings, x)
    inside = keras.Model(model.input, model.get_layer("standardise").output)
    standardised = np.asarray(inside(x))
    assert standardised.mean() == pytest.approx(0, abs=1e-4)
    assert standardised.std() == pytest.approx(1, abs=1e-4)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(training.predict(again, x), training.predict(model, x))


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_fast_training_is_plain_training(kind, small_dataset):
    """Same weights as Keras's own ``fit`` on the same batches, the last and smaller one included."""
    x, y = small_dataset.x_train, small_dataset.y_train  # 300: not a multiple of 16 batches of 9, nor of 9
    builder = {"mlp": networks.mlp, "cnn": networks.cnn}[kind]

    def build():
        keras.utils.set_random_seed(1)
        return builder(0.13, 0.31)

    plain = build()
    plain.compile(
        keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False
    )
    expected = {}
    for epoch in range(2):
        order = training.batch_order(1, epoch, len(x))
        logs = plain.fit(x[order], y[order], batch_size=9, shuffle=False, verbose=0).history
        expected = {name: values[0] for name, values in logs.items()}
    fast = training.compiled(build(), "sgd", 0.01)
    history = training.fit(fast, (x, y), (x[:50], y[:50]), epochs=2, batch_size=9, seed=1)
    for ours, theirs in zip(fast.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert history["loss"][-1] == pytest.approx(expected["loss"], abs=1e-4)
    assert history["accuracy"][-1] == pytest.approx(expected["accuracy"], abs=1e-4)


def test_batch_order_depends_on_seed_and_epoch_alone():
    first = training.batch_order(1, 0, 100)
    np.testing.assert_array_equal(first, training.batch_order(1, 0, 100))
    assert sorted(first) == list(range(100))
    assert (first != training.batch_order(1, 1, 100)).any() and (first != training.batch_order(2, 0, 100)).any()


SCRIPT = """
import sys, pathlib
from mnist_study import datasets, experiments, paths
root = pathlib.Path(sys.argv[1])
paths.project_root = lambda: root
(x, y), (x_test, y_test) = datasets.embedded_digits()
parts = x[:300], y[:300], x_test[:100], y_test[:100]
dataset = datasets.Dataset("digits", *parts, datasets.digest(*parts), "a test")
experiments.EXPERIMENTS[sys.argv[2]].quick["epochs"] = 60
record = experiments.run(sys.argv[2], 1, dataset, "quick")
print("DONE", record.metrics["misses"])
"""


def _run(root, name):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(root), name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


@pytest.mark.parametrize("name", ["sharpies/mlp-64-16", "sharpies/cnn-32-16f"])
def test_a_killed_training_goes_on_to_the_very_same_result(name, tmp_path, small_dataset):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    uninterrupted = _run(whole, name)
    process = _run(killed, name)
    checkpoints = killed / "build" / "checkpoints"
    for _ in range(1200):
        found = list(checkpoints.rglob("[!.]*.npz"))
        if found and _epochs(found[0]) >= 2:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    done = _epochs(next(checkpoints.rglob("[!.]*.npz")))
    assert 2 <= done < 60, "the run must have been killed on its way"
    assert not list(killed.rglob("results/**/*.json"))
    for running in (_run(killed, name), uninterrupted):
        assert running.communicate(timeout=300)[0].startswith("DONE")
    assert not list(killed.rglob("checkpoints/**/*.npz"))
    one, other = (records.read(next(root.rglob("results/**/*.json"))) for root in (whole, killed))
    for quantity in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert one.history[quantity] == other.history[quantity]
    assert one.metrics == other.metrics
    for array, value in one.arrays.items():
        np.testing.assert_array_equal(value, other.arrays[array])


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_a_damaged_checkpoint_is_named(content, tmp_path):
    checkpoint = tmp_path / "seed-1.npz"
    if content is None:
        np.savez(checkpoint, history="{}", v0=np.zeros(3))  # of another network
    else:
        checkpoint.write_bytes(content)
    model = training.compiled(networks.mlp(0.13, 0.31), "sgd", 0.01)
    x, y = np.zeros((8, 28, 28), np.uint8), np.zeros(8, np.uint8)
    with pytest.raises(ValueError, match=r"seed-1\.npz.*Delete it"):
        training.fit(model, (x, y), (x, y), epochs=1, batch_size=8, seed=1, checkpoint=checkpoint)


def _epochs(checkpoint) -> int:
    with np.load(checkpoint) as stored:
        return len(json.loads(str(stored["history"]))["loss"])


def test_a_record_that_exists_is_loaded_not_made_again(home, small_dataset, monkeypatch):
    monkeypatch.setitem(experiments.get("sharpies/mlp-64-16").quick, "epochs", 1)
    first = experiments.run("sharpies/mlp-64-16", 1, small_dataset, "quick")
    monkeypatch.setattr(training, "fit", lambda *a, **k: pytest.fail("trained again"))
    again = experiments.run("sharpies/mlp-64-16", 1, small_dataset, "quick")
    assert again.provenance == first.provenance and again.metrics == first.metrics
    assert first.metrics["n"] == 100 and first.history["loss"]
    model = network_training.load_network(again, "quick")
    np.testing.assert_array_equal(training.predict(model, small_dataset.x_test).argmax(1), again.arrays["y_pred"])


def test_the_fallback_never_writes_beside_committed_results(home, small_dataset):
    experiments.run("sharpies/knn", 0, small_dataset, "quick")
    assert not (home / "results").exists() and list((home / "build" / "quick" / "results").rglob("*.json"))
    assert paths.figures_dir("quick") == home / "build" / "quick" / "figures"


def test_unknown_experiment():
    with pytest.raises(KeyError, match=r"sharpies/knn.*sharpies/svm"):
        experiments.get("sharpies/none")


def test_a_reader_stopped_between_epochs_ends_in_the_same_weights(small_dataset, tmp_path, monkeypatch):
    from mnist_study.reports.reader import runs as reader_training

    settings = experiments.get("reader/cnn").settings | {"epochs": 2, "model": {"builder": "reader_cnn", "filters": 4}}
    whole, history, _ = reader_training.fit_reader(settings, 1, small_dataset)
    assert len(history["loss"]) == 2
    make_epoch, calls = reader_training.reader_epoch, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return make_epoch(*arguments)

    monkeypatch.setattr(reader_training, "reader_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        reader_training.fit_reader(settings, 1, small_dataset, tmp_path / "last.npz")
    monkeypatch.setattr(reader_training, "reader_epoch", make_epoch)
    resumed, _, _ = reader_training.fit_reader(settings, 1, small_dataset, tmp_path / "last.npz")
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


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
    start = [np.full_like(weights, 0.01) for weights in networks.reader_cnn(4).get_weights()]
    model, _, _ = network_training.fit_network(
        settings, 1, x, lambda epoch: (x, targets), (x, targets), n=len(x), start=start
    )
    assert keras.config.dtype_policy().name == "float32"
    with pytest.raises(ZeroDivisionError):
        network_training.fit_network(settings, 1, x, lambda epoch: 1 / 0, (x, targets), n=len(x))
    assert keras.config.dtype_policy().name == "float32"  # also after one that was interrupted
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}
    for trained, given in zip(model.trainable_variables, networks.reader_cnn(4).trainable_variables, strict=True):
        assert trained.shape == given.shape and np.allclose(trained, 0.01)  # a rate of 0 moves nothing
