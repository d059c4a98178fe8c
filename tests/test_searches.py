"""What a search is: its space, its options, its folder."""

import keras_tuner
import numpy as np
import pytest

from mnist_study import paths, searches
from mnist_study.__main__ import main
from mnist_study.models import networks, spaces
from mnist_study.reports.asher import experiments as rows_asher
from mnist_study.training import networks as network_training


@pytest.mark.parametrize("name", spaces.SPACES)
def test_a_space_builds_a_network_by_default(name):
    settings = spaces.DEFAULTS | spaces.find(name)(keras_tuner.HyperParameters())
    model = network_training.build_network(settings, np.zeros((2, 28, 28), np.uint8))
    assert model.output_shape == (None, 10) and settings["epochs"] >= 1


def test_report_ashers_space_is_its_27_settings():
    grid = searches.Search("asher", "grid").grid()
    assert [tuple(values.values()) for values in grid] == list(rows_asher.SEARCH) and len(grid) == 27
    assert networks.pooled_cnn([64, 64], 3, 2, 0.0, 32).count_params() == 37568 + 51232 + 330


def test_a_grid_leaves_out_what_does_not_count(small):
    grid = small(function="conditional").grid()
    assert grid == [{"deep": True, "units": 8}, {"deep": True, "units": 16}, {"deep": False}]


def test_progress_knows_how_many_trials_come(small):
    assert small().total() == 6 and small(trials=2).total() == 2
    assert small("random").total() == searches.TRIALS
    assert small("hyperband").total() == 6  # 3 of 1 epoch, 1 of 3 epochs; 2 of 3 epochs


def test_a_folder_that_cannot_be_written_is_told(small, small_dataset, monkeypatch):
    monkeypatch.setattr(
        paths, "whole_file", lambda path: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    with pytest.raises(searches.TuningError, match=r"Permission denied.*--folder"):
        searches.open_folder(small(), small_dataset.digest)


def test_a_folder_of_another_search_is_left_as_it_is(small, small_dataset):
    searches.open_folder(small(), small_dataset.digest)
    before = (small().path / "project.json").read_bytes()
    for other in (small(function="failing"), small("random"), small(seed=2), small(epochs=1)):
        with pytest.raises(searches.TuningError, match="holds another search"):
            searches.open_folder(other, small_dataset.digest)
    with pytest.raises(searches.TuningError, match="holds another search: there data"):
        searches.open_folder(small(), "other data")
    assert (small().path / "project.json").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nonsense"], "There is no search space 'nonsense'; expected one of asher, dropout_and_batch, or FILE.py"),
        (["nowhere.py:space"], "There is no file nowhere.py"),
        (["{file}:other"], "has no function 'other'"),
        (["{file}:small", "--strategy", "luck"], "There is no strategy 'luck'; expected one of random, bayesian"),
        (["{file}:small", "--workers", "0"], "workers is 0; expected 1 or more"),
        (["{file}:small", "--trials", "0"], "trials is 0; expected 1 or more"),
        (["{file}:small", "--seed", "0"], "seed is 0; expected 1 or more"),
        (["{file}:small", "--chief", "here"], "The chief's address is 'here'; expected HOST:PORT"),
        (["{file}:small", "--folder", "{file}"], "cannot be used for a search"),
        (["{file}:unlisted", "--strategy", "grid"], "'learning_rate' is a Float without one"),
        (["{file}:dependent", "--strategy", "grid"], "A grid cannot know when the space"),
        (["{file}:nothing"], "has no hyperparameters: there is nothing to search"),
        (["{file}:forgetful"], "cannot be used: TypeError"),
        (["{file}:small", "--workers", "2", "--patience", "1"], "patience is 1 s; expected 5 or more"),
    ],
)
def test_options_that_make_no_sense_get_one_error(options, message, small, capsys):
    file = small().space.rpartition(":")[0]
    assert main(["tune", *(option.format(file=file) for option in options), "--profile", "quick"]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count("error:") == 1


def test_half_written_rows_are_not_read(tmp_path):
    searches.write_row(tmp_path, {"trial": "0", "time": 1.0})
    (tmp_path / "trials" / ".part-x.json").write_text('{"trial')
    assert [row["trial"] for row in searches.rows(tmp_path)] == ["0"]
