import pytest

from mnist_study import records
from mnist_study.records import Experiment, MissingRecordError, Record, Records

ROW = Experiment("mine/row", "Mine", "network", {"k": 3}, seeds=(2, 1))
OTHER = Experiment("mine/row-other", "Another", "network", {"k": 4})


@pytest.fixture
def collection(tmp_path):
    for seed, settings, digest in ((2, ROW.settings, "right"), (1, ROW.settings, "right"), (3, ROW.settings, "wrong")):
        records.save(Record(ROW.name, seed, settings, digest, {"accuracy": seed / 10}), tmp_path)
    records.save(Record(ROW.name, 4, {"k": 5}, "right", {}), tmp_path)
    return Records({row.name: row for row in (ROW, OTHER)}, {"mnist": "right"}, tmp_path)


def test_records_are_those_of_the_settings_and_the_data_ordered_by_seed(collection):
    assert [run.seed for run in collection.all("mine/row")] == [1, 2]
    assert collection.one("mine/row").seed == 1
    assert records.values(collection, "mine/row") == [0.1, 0.2]
    assert collection.title("mine/row") == "Mine" and collection.names("mine/row-") == ("mine/row-other",)


def test_a_missing_record_says_how_to_make_it(collection):
    with pytest.raises(MissingRecordError, match="Make it with `python -m mnist_study train mine/row-other`"):
        collection.one("mine/row-other")
    with pytest.raises(KeyError, match="did you mean mine/row"):
        collection.all("mine/rwo")
    with pytest.raises(KeyError, match="There is no experiment 'mine/none'"):
        collection.title("mine/none")


def test_without_a_folder_they_are_the_project_s(home):
    assert Records({}, {}).folder == home / "results"
