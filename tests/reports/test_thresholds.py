"""The thresholds of the reader: each is varied or excepted, set and put back, and what is remembered changes no answer."""

import contextlib

import numpy as np
import pytest
from matplotlib.figure import Figure

from mnist_study import data, study
from mnist_study.data.pages import hard
from mnist_study.reader import ink, photos, shipped
from mnist_study.records import Record, Records, save
from mnist_study.reports.reader import figures, runs
from mnist_study.reports.reader.experiments import THRESHOLDS, VARIED

EXCEPTED = {
    "finder.TILE": "the finder is trained for tiles of this size",
    "finder.CORE": "the finder is trained for tiles of this size",
    "finder.STRIDE": "what the finder's layers make of a tile",
    "finder.TYPICAL": "the finder is trained to name sizes as multiples of it",
    "photos.FINE": "a grid: pixels for one of MNIST's",
}
SMALL = VARIED.settings | VARIED.quick | {"strings": 1}


def test_every_number_that_reading_depends_on_is_varied_or_excepted():
    numbers = {
        f"{module}.{name}" + (f".{place}" if isinstance(value, tuple) else "")
        for module in ("finder", "sheets", "joining", "ink", "photos")
        for name, value in vars(runs.READERS_MODULES[module]).items()
        if name.isupper()
        for place, one in enumerate(value if isinstance(value, tuple) else (value,))
        if isinstance(one, (int, float))
    }
    assert numbers == set(THRESHOLDS) | set(EXCEPTED)
    assert not set(THRESHOLDS) & set(EXCEPTED) and all(THRESHOLDS.values())
    assert len(set(THRESHOLDS.values())) == len(THRESHOLDS)


def test_every_threshold_is_read_where_it_is_set():
    read = runs.thresholds_read(photos.digits_on) | runs.thresholds_read(runs.reader.Reader.read)
    assert {".".join(name.split(".")[:2]) for name in THRESHOLDS} <= read
    assert "ink.SMOOTH" in runs.thresholds_read(photos.find_ink) and "photos.PART" not in runs.thresholds_read(
        ink.find_ink
    )


def test_a_threshold_is_set_for_a_while():
    before = {name: runs.threshold(name) for name in THRESHOLDS}
    for name, value in before.items():
        with contextlib.suppress(KeyboardInterrupt), runs.threshold_set(name, 5):
            assert runs.threshold(name) == 5
            raise KeyboardInterrupt
        assert runs.threshold(name) == value
    with runs.threshold_set("photos.STROKE_WIDTHS.1", 4):
        assert photos.STROKE_WIDTHS == (1.5, 4)


def test_pages_are_of_validation_digits_and_none_is_of_the_kinds_that_are_kept(small_dataset):
    assert set(VARIED.settings["kinds"]) <= set(hard.KINDS)
    shown = runs.photos_of_validation_digits(SMALL, 0, small_dataset)
    assert len(shown) == 3 * (1 + 1 + 1) and all(photo.dtype == np.uint8 for photo, _ in shown)
    held_out = set(small_dataset.y_train[-25:].tolist())
    assert {int(digit) for _, text in shown for digit in text} <= held_out
    train = small_dataset.x_train.copy()
    train[:-25] = 0  # none of the others is used
    other = data.Dataset(
        "digits", train, small_dataset.y_train, small_dataset.x_test, small_dataset.y_test, "", "a test"
    )
    again = runs.photos_of_validation_digits(SMALL, 0, other)
    assert all((one == same).all() for (one, _), (same, _) in zip(shown, again, strict=True))


def test_what_is_remembered_changes_no_answer(small_dataset, monkeypatch):
    images, labels, rng = small_dataset.x_train, small_dataset.y_train, np.random.default_rng(1)
    shown = [hard.photograph(images, labels, rng, kind, 3) for kind in ("tight", "sharp shadow")]
    monkeypatch.setattr(runs, "photos_of_validation_digits", lambda *_: shown)
    run = study.Run(VARIED, 0, small_dataset, quick=True)
    metrics = runs.run_thresholds(run).metrics
    today = metrics["n"] - metrics["misses"]
    assert metrics["n"] == sum(len(text) for _, text in shown) and today == runs.digits_right(shipped(), shown)
    for name in run.settings["thresholds"]:
        (value,), (right,) = metrics[f"values_{name}"], metrics[f"right_{name}"]
        with runs.threshold_set(name, value):
            assert runs.digits_right(shipped(), shown) == right, name
    assert metrics["right_finder.LEAST_SCORE"][0] < today  # with 0.99 few digits are found


def test_a_function_that_remembers_computes_nothing_twice():
    asked = []
    double = runs.remembering(lambda array, factor: asked.append(factor) or factor * array)
    for factor in (2, 2, 3):
        assert (double(np.ones(3), factor) == factor).all()
    assert asked == [2, 3]


@pytest.mark.parametrize(
    ("today", "right", "said"),
    [
        (90, [90, 80], "Today's 0.4 reads most: 90 of 100"),
        (90, [80, 92], "within one standard error"),
        (80, [70, 92], "more than one standard error less"),
    ],
)
def test_the_verdict_says_which_value_reads_most(today, right, said):
    assert said in runs.verdict_on_threshold(0.4, today, [0.2, 0.8], right, 100)


def test_the_figure_has_a_row_for_each_threshold_with_what_costs_most_first(tmp_path):
    metrics = {"accuracy": 0.95, "misses": 5, "n": 100}
    for number, name in enumerate(THRESHOLDS):
        values = [runs.threshold(name) * factor for factor in (0.5, 2)]
        metrics |= {f"today_{name}": runs.threshold(name), f"values_{name}": values, f"right_{name}": [95 - number, 95]}
    save(Record(VARIED.name, 0, VARIED.settings, data.MNIST_DIGEST, metrics), tmp_path)
    figure = figures.FIGURES["04_thresholds"](Records(study.EXPERIMENTS, data.DIGESTS, tmp_path))
    assert isinstance(figure, Figure)
    (ax,) = figure.axes
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == len(THRESHOLDS) and labels[0].startswith(list(THRESHOLDS.values())[-1])
    assert [text.get_text().split()[0] for text in ax.get_legend().get_texts()] == ["one", "smaller", "larger"]
