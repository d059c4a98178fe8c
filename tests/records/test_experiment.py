import pytest

from mnist_study.records import Experiment, named


def test_an_experiment_runs_on_mnist_unless_its_settings_name_another():
    plain, usps = (Experiment("mine/row", "Mine", "network", settings) for settings in ({}, {"dataset": "usps"}))
    assert (plain.dataset, usps.dataset) == ("mnist", "usps")
    assert plain.source == "not in the report" and plain.seeds == (0,) and plain.quick == {}


def test_a_wrong_name_is_told_what_may_have_been_meant():
    things = dict.fromkeys(("sharpies/knn", "sharpies/svm", "nust/lenet"))
    with pytest.raises(KeyError, match=r"There is no experiment 'sharpies/kn'; did you mean sharpies/knn"):
        named(things, "sharpies/kn", "experiment")
    with pytest.raises(KeyError, match=r"no figure 'zzz'; expected one of: sharpies/knn, sharpies/svm, nust/lenet\."):
        named(things, "zzz", "figure")
    assert named({"a": 1}, "a", "thing") == 1
