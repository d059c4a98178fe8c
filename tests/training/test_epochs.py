"""Epochs: the very same training as Keras's own, and the very same result after a stop at any moment."""

import json
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

from mnist_study import models, records
from mnist_study.training import epochs


@pytest.mark.parametrize("build", [models.mlp, models.cnn])
def test_fast_training_is_plain_training(build, small_dataset):
    """Same weights as Keras's own ``fit`` on the same batches, the last and smaller one included."""
    x, y = small_dataset.x_train, small_dataset.y_train  # 300: not a multiple of 16 batches of 9, nor of 9

    def built():
        keras.utils.set_random_seed(1)
        return build(pixels=x)

    plain = built()
    plain.compile(
        keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False
    )
    expected = {}
    for epoch in range(2):
        order = epochs.batch_order(1, epoch, len(x))
        logs = plain.fit(x[order], y[order], batch_size=9, shuffle=False, verbose=0).history
        expected = {name: values[0] for name, values in logs.items()}
    fast = epochs.compiled(built(), "sgd", 0.01)
    history = epochs.fit(fast, (x, y), (x[:50], y[:50]), epochs=2, batch_size=9, seed=1)
    for ours, theirs in zip(fast.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert history["loss"][-1] == pytest.approx(expected["loss"], abs=1e-4)
    assert history["accuracy"][-1] == pytest.approx(expected["accuracy"], abs=1e-4)


@pytest.mark.parametrize(
    ("flags", "precision", "xla"),
    [
        ("avx2 fma", "mixed_bfloat16", True),
        ("avx2 fma", "float32", False),
        ("avx2 avx512f", "mixed_bfloat16", False),
        ("asimd bf16", "mixed_bfloat16", False),
        (None, "mixed_bfloat16", True),
    ],
)
def test_a_processor_without_bfloat16_is_helped_by_xla(flags, precision, xla, tmp_path, monkeypatch):
    monkeypatch.setattr(epochs, "ABOUT_THE_CPU", tmp_path / "cpuinfo")
    monkeypatch.setattr(epochs, "_gpus", lambda: "")
    if flags:
        epochs.ABOUT_THE_CPU.write_text(f"flags : {flags}")
    try:
        epochs.prepare_device(precision)
        built = models.lenet((2, 2), 8), models.reader_cnn(4)
        assert epochs.compiled(built[0], "sgd", 0.1).jit_compile is xla
        assert epochs.compiled_adamw(built[1], 0.1, 0.1, 10).jit_compile is xla
    finally:
        epochs.prepare_device()


def test_batch_order_depends_on_seed_and_epoch_alone():
    first = epochs.batch_order(1, 0, 100)
    np.testing.assert_array_equal(first, epochs.batch_order(1, 0, 100))
    assert sorted(first) == list(range(100))
    assert (first != epochs.batch_order(1, 1, 100)).any() and (first != epochs.batch_order(2, 0, 100)).any()


def test_the_best_epoch_is_kept_even_across_a_stop(small_dataset, tmp_path):
    x, y = small_dataset.x_train, small_dataset.y_train
    validation = small_dataset.x_test, small_dataset.y_test

    def trained(count, checkpoint=None):
        keras.utils.set_random_seed(1)
        model = epochs.compiled(models.lenet((2, 2), 8), "rmsprop", 0.02)
        history = epochs.fit(
            model, (x, y), validation, epochs=count, batch_size=20, seed=1, checkpoint=checkpoint, keep_best=True
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


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_a_damaged_checkpoint_is_named(content, tmp_path):
    checkpoint = tmp_path / "seed-1.npz"
    if content is None:
        np.savez(checkpoint, history="{}", v0=np.zeros(3))  # of another network
    else:
        checkpoint.write_bytes(content)
    model = epochs.compiled(models.mlp(), "sgd", 0.01)
    x, y = np.zeros((8, 28, 28), np.uint8), np.zeros(8, np.uint8)
    with pytest.raises(ValueError, match=r"seed-1\.npz.*Delete it"):
        epochs.fit(model, (x, y), (x, y), epochs=1, batch_size=8, seed=1, checkpoint=checkpoint)


# --- killed ------------------------------------------------------------------------------------------------------

SCRIPT = """
import dataclasses, pathlib, sys
from mnist_study import data, paths, study
root = pathlib.Path(sys.argv[1])
paths.project_root = lambda: root
(x, y), (x_test, y_test) = data.embedded_digits()
dataset = data.from_arrays("digits", x[:300], y[:300], x_test[:100], y_test[:100])
report = study.EXPERIMENTS[sys.argv[2]]
longer = dataclasses.replace(report, name="mine/longer", quick=report.quick | {"epochs": int(sys.argv[3])})
(record,) = study.runs(longer, seeds=[1], dataset=dataset, quick=True)
print("DONE", record.metrics["misses"])
"""


def _run(root, name, count):
    command = [sys.executable, "-c", SCRIPT, str(root), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


@pytest.mark.parametrize(("name", "count"), [("sharpies/mlp-64-16", 60), ("sharpies/cnn-32-16f", 20)])
def test_a_killed_training_goes_on_to_the_very_same_result(name, count, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    uninterrupted = _run(whole, name, count)
    process = _run(killed, name, count)
    checkpoints = killed / "build" / "checkpoints"
    for _ in range(2400):
        found = list(checkpoints.rglob("[!.]*.npz"))
        if found and _epochs(found[0]) >= 2:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    done = _epochs(next(checkpoints.rglob("[!.]*.npz")))
    assert 2 <= done < count, "the run must have been killed on its way"
    assert not list(killed.rglob("results/**/*.json"))
    for running in (_run(killed, name, count), uninterrupted):
        assert running.communicate(timeout=300)[0].startswith("DONE")
    assert not list(killed.rglob("checkpoints/**/*.npz"))
    one, other = (records.read(next(root.rglob("results/**/*.json"))) for root in (whole, killed))
    for quantity in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert one.history[quantity] == other.history[quantity]
    assert one.metrics == other.metrics
    for array, value in one.arrays.items():
        np.testing.assert_array_equal(value, other.arrays[array])


def _epochs(checkpoint) -> int:
    with np.load(checkpoint) as stored:
        return len(json.loads(str(stored["history"]))["loss"])
