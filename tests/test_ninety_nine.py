"""The benchmark of seconds to 99 %: both networks are what they are said to be, both trainings run, the table counts right."""

import keras

from mnist_study import models
from mnist_study.data import embedded_digits


def test_both_networks_have_some_34_000_parameters(benchmark):
    assert models.strided_cnn().count_params() == 33_994
    assert benchmark.example_network().count_params() == 34_826  # as keras.io prints it


def test_a_strided_network_halves_the_image_twice():
    shapes = [layer.output.shape[1:] for layer in models.strided_cnn().layers if isinstance(layer, keras.layers.Conv2D)]
    assert shapes == [(13, 13, 16), (6, 6, 32), (4, 4, 64)]


def test_both_trainings_run(benchmark, monkeypatch):
    train, test = embedded_digits()
    monkeypatch.setitem(benchmark.RECIPE, "batch_size", 32)
    recipe = benchmark.run_recipe(1, train, test)
    assert recipe["misses"] < 0.2 * len(test[1])  # of scikit-learn's digits; by chance it would be 0.9
    assert recipe["seconds"] > 0 and recipe["cpu_seconds"] > 0
    monkeypatch.setitem(benchmark.EXAMPLE, "epochs", 2)
    example = benchmark.run_example(1, train, test)
    assert len(example["misses"]) == 2 and example["misses"][1] < example["misses"][0]


def test_the_table_is_made_from_the_seeds(benchmark):
    result = {"device": "two cores", "load": 0.1, "time": "2026-11-26T00:00:00", "commit": "0123456789", "n": 10_000}
    result["recipe"] = [
        {"seed": 101, "misses": 90, "seconds": 5.0, "cpu_seconds": 8.0},
        {"seed": 102, "misses": 92, "seconds": 6.0, "cpu_seconds": 8.0},
    ]
    result["example"] = [{"seed": 1, "misses": [200, 120, 99], "seconds": 66.0, "cpu_seconds": 120.0}]
    page = benchmark.report(result)
    assert "| this project's recipe | 2 | 2 | 99.09 ± 0.01 | 5.5 ± 0.7 | 8.0 |" in page
    assert "| 1 | 3 | 99.01 | 66.0 | 120.0 |" in page
    assert "12.0 times as fast (15.0 times by CPU seconds)" in page
