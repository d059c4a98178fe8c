"""Claimed beside ours, in tables of text."""

import numpy as np
import pandas as pd
import pytest

from mnist_study import records
from mnist_study.reports import tables


@pytest.mark.parametrize(
    ("name", "accuracies", "verdict"),
    [
        ("sharpies/svm-unscaled", [0.9], "not in the report"),
        ("sharpies/svm", [0.9630001], "exact"),
        ("sharpies/svm", [0.9640001], "within the margin"),
        ("sharpies/svm", [0.9730001], "ours is 1.00 points higher"),
        ("asher/cnn-tuned", [0.97, 0.99], "within the spread only"),
        ("asher/cnn-tuned", [0.97, 0.9702], "ours is 1.79 points lower"),
    ],
)
def test_verdict(name, accuracies, verdict):
    assert tables.verdict(name, accuracies) == verdict


@pytest.mark.parametrize("name", tables.TABLES)
def test_every_table_is_text_from_the_records(name, committed):
    table = tables.TABLES[name](committed)
    assert len(table) >= 2 and len(set(table.iloc[:, 0])) == len(table)
    for line in tables.markdown(table).splitlines():
        assert line.count("|") == table.shape[1] + 1 and "nan" not in line and "None" not in line


def test_a_row_shows_mean_spread_runs_and_misses(committed):
    table = tables.table(committed, ["sharpies/mlp-64-16", "sharpies/svm-unscaled"]).set_index("model")
    mlp, svm = table.loc["64-16 MLP"], table.loc["SVM, no scaling"]
    accuracies, misses = (
        np.array(records.values(committed, "sharpies/mlp-64-16", name)) for name in ("accuracy", "misses")
    )
    assert mlp["ours %"] == f"{100 * accuracies.mean():.2f} ± {100 * accuracies.std(ddof=1):.2f}" and mlp["n"] == 10
    assert mlp["misses"] == f"{misses.mean():.0f} ± {misses.std(ddof=1):.0f} of 10,000"
    assert (mlp["parameters"], mlp["claimed %"], mlp["claimed loss"]) == ("51,450", "97.12", "0.1059")
    assert (svm["claimed %"], svm["ours %"], svm["n"], svm["verdict"]) == ("–", "97.64", 1, "not in the report")


def test_seconds_and_settings_stand_beside_where_a_report_gives_them(committed):
    forest = tables.TABLES["inf283"](committed).set_index("model").loc["Random forest, one-hot labels"]
    assert (forest["claimed %"], forest["claimed s"]) == ("88.00", "12")
    test = records.mean_in_words(100 * np.array(records.values(committed, "inf283/random-forest-onehot")), 2)
    assert forest["ours, test %"] == test != forest["ours %"]
    cnn = tables.TABLES["asher"](committed).set_index("model").loc["CNN, tuned"]
    assert cnn["settings"] == "filters 128, 128; units 128; learning rate 0.001; epochs 5; batch size 64"


def test_a_table_in_markdown():
    assert tables.markdown(pd.DataFrame({"a": [1], "b": ["x"]})) == "| a | b |\n| --- | --- |\n| 1 | x |\n"
