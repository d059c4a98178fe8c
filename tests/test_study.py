"""What is one's own: data sets from arrays, rows from a file, and what is said where something is wrong with them."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mnist_study import study as experiments
from mnist_study.__main__ import main
from mnist_study.data import datasets, own
from mnist_study.models import classical as baselines
from mnist_study.models import networks
from mnist_study.reports import comparison
from mnist_study.training import networks as network_training

ROWS = """
from dataclasses import replace
import beside
from mnist_study import experiments

knn = experiments.get("asher/knn")
ONE = replace(knn, name=beside.NAME, title="Mine")
TWICE = [ONE, ONE]
TAKEN = knn
KIND = replace(ONE, kind="magic")
SEEDS = replace(ONE, seeds=())
SET = replace(ONE, settings=knn.settings | {"dataset": "none"})
BUILDER = replace(ONE, settings=knn.settings | {"model": {"builder": "none"}})
cnn = experiments.get("asher/cnn")
NETWORK = replace(cnn, name="mine/none", settings=cnn.settings | {"model": {"builder": "none"}})
PLAIN = replace(ONE, settings=knn.settings | {"k": {3}})
NUMBER = 3
NOTHING = []
"""


@pytest.fixture
def rows(home, monkeypatch):
    """The path of a file of rows, in a folder that is not the working folder; what it adds is forgotten afterwards."""
    monkeypatch.setattr(experiments, "OWN", {})
    monkeypatch.setattr(experiments, "FOUND_IN", {})
    folder = home / "mine"
    folder.mkdir()
    (folder / "beside.py").write_text('NAME = "mine/row"')
    (folder / "rows.py").write_text(ROWS)
    (folder / "broken.py").write_text("import nothing_of_this_name")
    monkeypatch.chdir(home)
    return "mine/rows.py"


# --- rows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mine/none.py:ONE", "There is no file mine/none.py; expected the Python file that holds the experiment 'ONE'"),
        ("mine/broken.py:ONE", "mine/broken.py cannot be imported: ModuleNotFoundError"),
        ("mine/rows.py:OTHER", "mine/rows.py has no 'OTHER'; expected an Experiment"),
        ("mine/rows.py:NOTHING", "mine/rows.py has no 'NOTHING'; expected an Experiment"),
        ("mine/rows.py:NUMBER", "Expected an Experiment (mnist_study.row), found 3"),
        ("mine/rows.py:TWICE", "has two rows of the name 'mine/row'"),
        ("mine/rows.py:TAKEN", "asher/knn is a report's row; give yours another name, such as mine/knn"),
        ("mine/rows.py:KIND", "mine/row is of kind 'magic'; expected one of: explore, umap, classical"),
        ("mine/rows.py:SEEDS", "mine/row has no seeds"),
        ("mine/rows.py:PLAIN", "The settings of mine/row cannot be written into a record"),
        ("mine/rows.py:SET", "There is no data set 'none'; expected one of: mnist, usps"),
        ("mine/rows.py:BUILDER", "There is no model 'none'; expected one of: knn, svm"),
        ("mine/rows.py:NETWORK", "There is no network 'none'; expected one of: mlp, cnn"),
        ("mine/rows.py", "There is no experiment 'mine/rows.py'"),
    ],
)
def test_a_wrong_row_gets_one_clear_error(rows, name, message, capsys):
    assert main(["train", name, "--profile", "quick"]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count("error:") == 1


def test_a_row_is_found_beside_its_file_and_compared_once_it_is_there(rows, capsys):
    assert main(["compare", f"{rows}:ONE", "--profile", "quick"]) == 1
    assert f"Make it with `python -m mnist_study train {rows}:ONE --profile quick`" in capsys.readouterr().err
    assert main(["train", f"{rows}:ONE", "--profile", "quick"]) == 0
    names = [one.name for one in experiments.find(f"{rows}:ONE")]
    assert names == ["mine/row"] and experiments.get("mine/row").title == "Mine"
    found = experiments.Records("quick")
    assert found.one("mine/row").metrics["accuracy"] > 0.9 and "embedded digits" in found.notices[0]
    assert found.there(["mine/row", "sharpies/knn"]) == ["mine/row"]


def test_what_has_no_accuracy_is_not_compared(rows, capsys):
    assert main(["train", "sharpies/explore", "--profile", "quick"]) == 0
    assert main(["compare", "sharpies/explore", "--profile", "quick"]) == 1
    assert "sharpies/explore has no accuracy to compare" in capsys.readouterr().err


def test_compare_prints_the_committed_records_without_data_or_network(capsys, monkeypatch):
    monkeypatch.setattr(datasets, "SETS", {})
    assert main(["compare", "sharpies/knn", "sharpies/mlp-64-16", "--profile", "full"]) == 0
    printed = capsys.readouterr().out
    table = comparison.table(experiments.Records(), ["sharpies/knn", "sharpies/mlp-64-16"])
    assert all(str(cell) in printed for cell in table.to_numpy().ravel())


def test_the_reports_rows_stay_as_they_are(rows):
    before = dict(experiments.EXPERIMENTS)
    experiments.find(f"{rows}:ONE")
    assert before == experiments.EXPERIMENTS


# --- models ------------------------------------------------------------------------------------------------------


def test_a_model_of_scikit_learn(rows, home, small_dataset, monkeypatch):
    def logistic():
        return make_pipeline(FunctionTransformer(baselines.flat_unit_pixels), LogisticRegression())

    monkeypatch.setattr(baselines, "BUILDERS", baselines.BUILDERS | {"logistic": logistic})
    settings = experiments.get("asher/knn").settings | {"model": {"builder": "logistic"}}
    experiments.add(replace(experiments.get("asher/knn"), name="mine/logistic", settings=settings))
    assert experiments.run("mine/logistic", 0, small_dataset, "quick").metrics["accuracy"] > 0.8


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10)]),  # without an input
        lambda: keras.Sequential([keras.layers.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(1)]),
        lambda: None,
    ],
)
def test_a_builder_that_builds_something_else_is_told(wrong, small_dataset, monkeypatch):
    monkeypatch.setattr(networks, "BUILDERS", networks.BUILDERS | {"wrong": wrong})
    with pytest.raises(ValueError, match=r"The network 'wrong' is .*; expected a functional or sequential Keras model"):
        network_training.build_network({"model": {"builder": "wrong"}}, small_dataset.x_train)


# --- data --------------------------------------------------------------------------------------------------------

IMAGES, LABELS = np.zeros((20, 28, 28), np.uint8), np.arange(20) % 10


def test_floats_and_bytes_make_the_same_data_set():
    images = np.random.default_rng(0).integers(0, 255, (20, 28, 28)).astype(np.uint8) // 2
    of_bytes = own.dataset("mine", images, LABELS, images[:10], list(range(10)))
    of_floats = own.dataset("mine", images / 255, LABELS, images[:10] / 255, np.arange(10, dtype=np.uint8))
    assert of_bytes.digest == of_floats.digest and of_floats.x_test.dtype == of_floats.y_test.dtype == np.uint8
    assert of_bytes.digest != own.dataset("mine", images, LABELS, images[:10], np.arange(10)[::-1]).digest


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES.reshape(20, 784), LABELS, r"x_train has the shape \(20, 784\); expected \(n, 28, 28\)"),
        (IMAGES[..., None], LABELS, r"expected \(n, 28, 28\)"),
        (IMAGES.astype(float) + 255, LABELS, r"x_train is float64 from 255 to 255; expected uint8"),
        (IMAGES.astype(float) * np.nan, LABELS, "expected uint8"),
        (IMAGES.astype(int), LABELS, r"x_train is int64 from 0 to 0; expected uint8"),
        (255 - IMAGES, LABELS, "x_train is dark ink on white; expected white ink on black"),
        (IMAGES, LABELS.astype(str), r"y_train is of the shape \(20,\) and holds \['0', '1'"),
        (IMAGES, LABELS + 1, r"9, 10\]; expected whole numbers 0 to 9, one an image"),
        (IMAGES, np.eye(10)[LABELS], "expected whole numbers 0 to 9"),
        (IMAGES, LABELS[:19], "x_train has 20 images and y_train 19 labels"),
        (IMAGES[:0], LABELS[:0], r"x_train has the shape \(0, 28, 28\); expected \(n, 28, 28\), n at least 1"),
    ],
)
def test_arrays_that_are_no_data_set_are_told(images, labels, message):
    with pytest.raises(ValueError, match=message):
        own.dataset("mine", images, labels, IMAGES, LABELS)


def test_ones_own_missing_data_is_not_replaced_by_the_embedded_digits(monkeypatch):
    def missing():
        raise datasets.MissingDataError("nowhere")

    monkeypatch.setattr(datasets, "SETS", {"mine": missing})
    with pytest.raises(datasets.MissingDataError, match="nowhere"):
        datasets.for_profile("quick", "mine")
