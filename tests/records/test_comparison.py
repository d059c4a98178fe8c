"""Two records of one run compared: what may differ, and what may not."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_study.records import Record, differences, identical

ONE = Record(
    "mine/row",
    1,
    {},
    "digest",
    {"misses": 3, "loss": 0.5, "layers": [{"name": "dense_4", "shape": [10]}], "grid_seconds": 7.0},
    {"loss": [0.9, 0.5], "seconds": [1.0, 1.1]},
    {"fit": 2.1},
    arrays={"y_pred": np.array([1, 2, 3], np.uint8), "score": np.array([0.25, 0.75], np.float16)},
)


def changed(**parts):
    return replace(ONE, **{name: getattr(ONE, name) | value for name, value in parts.items()})


def test_a_record_equals_itself_and_seconds_do_not_count():
    other = changed(metrics={"grid_seconds": 9.0}, history={"seconds": [5.0, 5.0]}, seconds={"fit": 99.0})
    assert differences(ONE, other) == [] and identical(ONE, other)


def test_rounding_is_no_difference_but_not_identical():
    nearly = changed(metrics={"loss": 0.500001}, arrays={"score": np.array([0.251, 0.75], np.float16)})
    assert differences(ONE, nearly) == [] and not identical(ONE, nearly)


def test_the_number_that_keras_gives_a_layer_is_no_difference():
    later = changed(metrics={"layers": [{"name": "dense_17", "shape": [10]}]})
    assert differences(ONE, later) == [] and identical(ONE, later)


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({"metrics": {"misses": 4}}, "misses: 3, now 4"),
        ({"metrics": {"loss": 0.501}}, "loss: 0.5, now 0.501"),
        ({"metrics": {"layers": [{"name": "conv_4", "shape": [10]}]}}, "layers: "),
        ({"metrics": {"n": 7}}, "n: new"),
        ({"history": {"loss": [0.9, 0.6]}}, "history of loss: "),
        ({"arrays": {"y_pred": np.array([1, 2, 4], np.uint8)}}, "array y_pred: 1 of 3 values"),
        ({"arrays": {"y_pred": np.array([1, 2], np.uint8)}}, "array y_pred: shape (3,), now (2,)"),
        ({"arrays": {"score": np.array([0.26, 0.74], np.float16)}}, "array score: 2 of 2 values"),
        ({"arrays": {"more": np.zeros(2)}}, "array more: new"),
    ],
)
def test_a_difference_is_told_in_one_line(parts, line):
    (said,) = differences(ONE, changed(**parts))
    assert said.startswith(line) and not identical(ONE, changed(**parts))
    reverse = differences(changed(**parts), ONE)
    assert len(reverse) == 1 and ("missing now" in reverse[0]) == line.endswith("new")
