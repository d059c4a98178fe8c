"""The reader: how it is trained and calibrated, its committed records, and what it is on small machines."""

import hashlib
import json

import keras
import numpy as np
import pytest

from mnist_study import data, models, study
from mnist_study.data import not_digits, stress
from mnist_study.reader import PhotoError, Reader, litert, reading, shipped, shipped_network
from mnist_study.reports.reader import runs

READER = study.EXPERIMENTS["reader/cnn"]

# --- training ----------------------------------------------------------------------------------------------------


def test_an_epoch_of_the_reader_holds_digits_and_what_is_none(small_dataset):
    images, labels = small_dataset.x_train, small_dataset.y_train
    pixels, targets = runs.reader_epoch(images, labels, np.random.default_rng(1), READER.settings)
    european, printed, others = (round(300 * READER.settings[share]) for share in runs.SHARES)
    assert min(european, printed, others) > 5
    n = 300 + european + printed + others
    assert pixels.shape == (n, 28, 28) and targets.shape == (n, 10)
    assert pixels.min() >= 0 and 100 < pixels.max() <= 255
    assert np.allclose(targets.sum(axis=1), 1)
    assert (targets.max(axis=1) < 0.2).sum() == others


def test_a_reader_stopped_between_epochs_ends_in_the_same_weights(small_dataset, tmp_path, monkeypatch):
    settings = READER.settings | {"epochs": 2, "model": {"builder": "reader_cnn", "filters": 4}}
    whole, history, _ = runs.fit_reader(settings, 1, small_dataset)
    assert len(history["loss"]) == 2
    make_epoch, calls = runs.reader_epoch, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return make_epoch(*arguments)

    monkeypatch.setattr(runs, "reader_epoch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runs.fit_reader(settings, 1, small_dataset, tmp_path / "last.npz")
    monkeypatch.setattr(runs, "reader_epoch", make_epoch)
    resumed, _, _ = runs.fit_reader(settings, 1, small_dataset, tmp_path / "last.npz")
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_settings_that_the_code_does_not_read_agree_with_it():
    settings = READER.settings
    assert settings["views"] == len(reading.VIEWS)
    share = runs.VALIDATION_SHARE
    assert settings["split"] == f"{round(60_000 * (1 - share))}/{round(60_000 * share)}/10000"
    edge = study.EXPERIMENTS["reader/edge"].settings
    assert edge["representative"] == litert.REPRESENTATIVE and edge["formats"] == ", ".join(litert.FORMATS)


def test_calibration_is_by_cross_entropy_and_by_how_many_plain_digits_stay_sure(small_dataset):
    images, labels = small_dataset.x_test, small_dataset.y_test
    found = runs.calibrate(shipped_network(), images, labels, np.random.default_rng(0), sure=0.97)
    assert 0.3 <= found["temperature"] <= 3 and 0.3 <= found["threshold"] < 1
    assert found["val_accuracy"] > 0.95 and 0 < found["val_cross_entropy"] < 0.5
    assert found["val_kept"] > 0.8 and found["val_refused"] > 0.5
    y_prob = Reader(shipped_network(), found["temperature"], 0).probabilities(images / np.float32(255))
    assert 0.97 <= (y_prob.max(axis=1) >= found["threshold"]).mean() < 1


def test_the_stress_table_counts_what_is_read_right(small_dataset):
    table = runs.stress_table(shipped(), small_dataset, np.random.default_rng(0), per_cell=1)
    assert table.shape == (len(stress.KINDS), len(stress.STRENGTHS)) and set(np.unique(table)) <= {0, 1}
    assert table[:, 0].sum() >= 10  # of 12 mild photos


def test_a_string_is_whole_when_its_digits_are_read_in_order_and_no_more(small_dataset, monkeypatch):
    class Known:
        """Reads what it is told to: the first string right, the second with a digit too many, then a blank."""

        def __init__(self):
            rng = np.random.default_rng([0, 1])
            chosen = rng.integers(0, len(small_dataset.x_test), (3, stress.LENGTH))
            self.answers = [small_dataset.y_test[row].tolist() for row in chosen]
            self.answers[1].append(7)

        def read(self, photo):
            if len(self.answers) < 2:
                raise PhotoError("blank")
            return [Sure(digit) for digit in self.answers.pop(0)]

    class Sure:
        sure = True

        def __init__(self, digit):
            self.digit = digit

    monkeypatch.setattr(runs.reader, "shipped", Known)
    run = study.Run(study.EXPERIMENTS["reader/strings"], 0, small_dataset, quick=True)
    metrics = runs.run_strings(run).metrics
    assert (metrics["n"], metrics["whole_1"], metrics["sure_1"], metrics["surely_wrong_1"]) == (3, 1, 1, 1)
    assert metrics["accuracy"] == pytest.approx(1 / 3) and metrics["misses"] == 2 and metrics["whole_3"] == 0


def test_the_shipped_reader_reads_mild_strings(small_dataset):
    run = study.Run(study.EXPERIMENTS["reader/strings"], 0, small_dataset, quick=True)
    assert runs.run_strings(run).metrics["whole_1"] >= 1  # of 3


# --- committed records -------------------------------------------------------------------------------------------


def test_every_reader_reads_every_photo(committed):
    made = [*committed.all("reader/cnn"), committed.one("reader/shipped")]
    assert len(made) == 6
    for run in made:
        assert (run.metrics["misses_sharpies"], run.metrics["n_sharpies"]) == (0, 29)
        assert run.metrics["parameters"] == 174_602 == models.reader_cnn().count_params()


def test_the_reader_s_accuracies(committed):
    made = committed.all("reader/cnn")
    mean = {key: sum(run.metrics[f"accuracy{key}"] for run in made) / len(made) for key in ("", "_usps", "_digits")}
    assert mean[""] >= 0.996
    assert mean["_digits"] >= 0.975
    assert mean["_usps"] >= 0.979


def test_the_shipped_reader_is_sure_of_digits_and_not_of_letters(committed):
    metrics = committed.one("reader/shipped").metrics
    assert metrics["n_letters"] - metrics["refused_letters"] <= 0.1 * metrics["n_letters"]
    assert metrics["not_sure"] <= 0.02 * metrics["n"]
    assert metrics["accuracy_european"] >= 0.97 and metrics["misses_printed"] <= 1


def test_the_record_of_the_shipped_reader_is_that_of_the_shipped_weights(committed):
    weights = reading.WEIGHTS / "reader.keras"
    metrics = committed.one("reader/shipped").metrics
    assert metrics["weights_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert metrics["bytes"] == weights.stat().st_size
    chosen = min(committed.all("reader/cnn"), key=lambda run: run.metrics["val_cross_entropy"])
    shipped = json.loads((reading.WEIGHTS / "reader.json").read_text())
    assert shipped["seed"] == chosen.seed
    assert metrics["threshold"] == shipped["shipped_threshold"] > chosen.metrics["threshold"]


def test_int8_is_small_and_reads_as_well(committed):
    metrics = committed.one("reader/edge").metrics
    assert metrics["n_mnist_int8"] == 10000 and metrics["n_sharpies_int8"] == 29
    assert metrics["accuracy_mnist_int8"] >= metrics["accuracy_mnist_keras"] - 0.001
    assert metrics["bytes_int8"] <= metrics["bytes_float32"] / 3
    assert metrics["largest_difference_float32"] < 1e-4
    assert metrics["milliseconds_int8"] < metrics["milliseconds_keras compiled"] < metrics["milliseconds_keras predict"]
    assert metrics["weights_sha256"] == committed.one("reader/shipped").metrics["weights_sha256"]


# --- on other sets, and on small machines ------------------------------------------------------------------------


def test_a_smoke_run_leaves_out_the_sets_that_are_missing(home, small_dataset):
    sets = runs.other_sets(small_dataset, quick=True)
    assert list(sets) == ["digits", "european", "printed"] and sets["digits"][0].shape == (1797, 28, 28)
    assert sets["european"][1].tolist() == [digit for digit in stress.EUROPEAN.values() for _ in range(2)]
    assert len(sets["printed"][0]) == 10 * len(not_digits.FONTS)
    with pytest.raises(data.MissingDataError):
        runs.other_sets(small_dataset, quick=False)


def test_misses_and_doubts_are_counted_set_by_set(small_dataset, monkeypatch):
    images, labels = small_dataset.x_test / np.float32(255), small_dataset.y_test
    monkeypatch.setattr(runs, "other_sets", lambda dataset, quick: {"mine": (images[:30], (labels[:30] + 1) % 10)})
    metrics, arrays = runs.evaluate(shipped(), small_dataset, quick=True)
    assert metrics["n"] == 100 and metrics["accuracy"] > 0.95 and metrics["n_mine"] == 30
    assert metrics["misses_mine"] == (arrays["y_pred_mine"] != arrays["y_true_mine"]).sum() >= 28
    assert len(arrays["mistake_index_mine"]) == len(arrays["mistake_image_mine"]) == 24
    sure = arrays["score"].astype(float).max(axis=1)
    assert metrics["not_sure"] == pytest.approx((sure < shipped().threshold).sum(), abs=1)


def test_time_is_taken_in_a_process_of_its_own(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28)).astype(np.float32)
    path = litert.to_litert(models.mlp((4,)), tmp_path / "small.tflite", "float32")
    assert 0 < runs.milliseconds_on_one_core(path, images) < 50


def test_every_format_is_written_from_the_shipped_network(tmp_path, small_dataset, monkeypatch):
    monkeypatch.setattr(litert, "REPRESENTATIVE", 20)
    files = runs.write_all(tmp_path, small_dataset)
    assert list(files) == list(litert.FORMATS)
    images = small_dataset.x_test[:20].astype(np.float32)
    expected = Reader(shipped_network(), 1.0, 0.5).forward(images)
    for name, tolerance in (("float32", 1e-4), ("float16", 5e-3), ("int8", 0.2)):
        assert np.abs(litert.LiteRTModel(files[name])(images) - expected).max() < tolerance


def test_nothing_is_shipped_where_nothing_was_trained(home):
    with pytest.raises(LookupError, match="Run `python -m mnist_study train reader/cnn` first"):
        runs.ship()


def test_the_best_reader_on_validation_is_shipped(home, small_dataset, monkeypatch):
    from mnist_study import paths, records
    from mnist_study.records import Record

    for seed, loss in ((1, 0.3), (2, 0.1), (3, 0.2)):
        metrics = {"val_cross_entropy": loss, "temperature": 1.0}
        record = Record(READER.name, seed, READER.settings, data.MNIST_DIGEST, metrics)
        path = records.save(record, paths.results_dir())
        keras.utils.set_random_seed(seed)
        models.mlp((seed,)).save(path.with_suffix(".keras"))
    monkeypatch.setattr(reading, "WEIGHTS", home / "weights")
    monkeypatch.setattr(data, "load", lambda name: small_dataset)
    assert runs.ship() == "reader/cnn, seed 2, of 3 seeds"
    shipped = json.loads((home / "weights" / "reader.json").read_text())
    assert shipped["seed"] == 2
    validation = small_dataset.x_train[-round(len(small_dataset.x_train) / 12) :] / np.float32(255)
    y_prob = Reader(models.load(home / "weights" / "reader.keras"), 1.0, 0.0).probabilities(validation)
    first, second = np.sort(y_prob.max(axis=1))[:2]  # of few images 98.5 % lie between all and all but one
    assert first - 0.001 < shipped["shipped_threshold"] < second
    network = models.load(home / "weights" / "reader.keras")
    assert network.name == "mlp_2"
    images = small_dataset.x_test[:3].astype(np.float32)
    read = litert.LiteRTModel(home / "weights" / "reader.tflite")(images)
    np.testing.assert_allclose(read, network.predict(images, verbose=0), atol=1e-5)
