"""Searches in one process: strategies, resuming, failures."""

import dataclasses

import pytest
from conftest import quietly

from mnist_study import searches, tuning
from mnist_study.data import datasets
from mnist_study.training import epochs as training
from mnist_study.training import networks as network_training


@pytest.mark.parametrize("strategy", searches.STRATEGIES)
def test_a_search_killed_in_a_trial_ends_as_if_it_was_not(strategy, small, small_dataset, tmp_path, monkeypatch):
    search = small(strategy, trials=4, epochs=3) if strategy == "hyperband" else small(strategy, trials=3, epochs=2)
    undisturbed = tuning.run(dataclasses.replace(search, folder=tmp_path / "undisturbed"), small_dataset, quietly)
    epochs, train_epoch = [], training.train_epoch

    def killed(*arguments):
        epochs.append(1)
        if len(epochs) == 4:
            raise KeyboardInterrupt
        return train_epoch(*arguments)

    monkeypatch.setattr(training, "train_epoch", killed)
    with pytest.raises(KeyboardInterrupt):
        tuning.run(search, small_dataset, quietly)
    kept = {path: path.read_bytes() for path in (search.path / "trials").glob("*.json")}
    assert kept
    found = tuning.run(search, small_dataset, quietly)
    assert all(path.read_bytes() == content for path, content in kept.items())
    columns = ["trial", "status", "score", "val_accuracy", "epochs", "filters", "learning_rate"]
    assert found[columns].equals(undisturbed[columns]) and len(found) == search.trials
    assert len(epochs) == 1 + undisturbed.history.map(lambda history: len(history["loss"])).sum()  # none trained twice
    assert not list((search.path / "checkpoints").iterdir())
    assert found.loc[0, "score"] == max(found.loc[0, "history"]["val_accuracy"])
    assert len(tuning.run(search, small_dataset, quietly)) == search.trials


def test_a_trial_whose_end_keras_tuner_did_not_hear_of_is_not_trained_again(small, small_dataset, monkeypatch):
    search = small(trials=2)
    with monkeypatch.context() as patch:
        patch.setattr(tuning.StudyTuner, "on_trial_end", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            tuning.run(search, small_dataset, quietly)
    fits, fit_network = [], network_training.fit_network
    monkeypatch.setattr(
        network_training, "fit_network", lambda *args, **options: fits.append(1) or fit_network(*args, **options)
    )
    assert len(tuning.run(search, small_dataset, quietly)) == 2 and len(fits) == 1


def test_a_grid_is_extended_where_it_stopped(small, small_dataset):
    tuning.run(small(trials=1), small_dataset, quietly)
    found = tuning.run(small(trials=3), small_dataset, quietly)
    assert len(found) == 3 and not found.duplicated(["filters", "learning_rate"]).any()


def test_a_trial_equals_the_same_settings_trained_by_hand(small, small_dataset):
    tuning.run(small(trials=1), small_dataset, quietly)
    (row,) = searches.rows(small().path)
    train, validation, _ = datasets.named_split(small_dataset, row["settings"])
    _, history, _ = network_training.fit_network(row["settings"], row["seed"], small_dataset.x_train, train, validation)
    assert history["val_accuracy"] == row["history"]["val_accuracy"] and history["loss"] == row["history"]["loss"]


def test_failed_trials_surface_and_are_tried_again(small, small_dataset, capsys):
    search = small(
        function="failing", only=[{"filters": 2, "learning_rate": 1e-2, "good": good} for good in (False, True)]
    )
    found = tuning.run(search, small_dataset, quietly)
    assert list(found.status) == ["COMPLETED", "FAILED"]
    assert "KeyError: 'madam'" in found.loc[1, "error"] and "fit_network" in found.loc[1, "error"]
    assert "KeyError: 'madam'" in capsys.readouterr().err
    tuning.run(search, small_dataset, quietly)
    assert "KeyError: 'madam'" in capsys.readouterr().err


def test_three_failures_in_a_row_stop_the_search(small, small_dataset):
    values = [{"filters": filters, "learning_rate": rate, "good": False} for filters in (2, 3) for rate in (1e-2, 1e-3)]
    with pytest.raises(searches.TuningError, match=r"The last 3 trials failed(.|\n)*KeyError: 'madam'"):
        tuning.run(small(function="failing", only=values), small_dataset, quietly)
    assert len(searches.rows(small().path)) == 3


def test_tensorboard_gets_curves_and_hyperparameters(small, small_dataset):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    search = small(trials=1)
    tuning.run(search, small_dataset, quietly)
    logs = EventAccumulator(str(search.path / "tensorboard" / "0")).Reload()
    assert logs.SummaryMetadata("_hparams_/session_start_info").plugin_data.plugin_name == "hparams"
    assert [event.step for event in logs.Tensors("val_accuracy")] == [1, 2, 3]


def test_two_searches_in_one_folder_are_kept_apart(small, small_dataset):
    searches.open_folder(small(), small_dataset.digest)
    with searches.alone_in(small().path), pytest.raises(searches.TuningError, match="Another search is at work"):
        tuning.run(small(), small_dataset, quietly)
