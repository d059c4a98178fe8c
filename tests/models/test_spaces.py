from itertools import product

import keras_tuner
import pytest

from mnist_study.models import spaces
from mnist_study.reports.asher import experiments as asher


@pytest.mark.parametrize("name", spaces.SPACES)
def test_a_space_builds_a_compiled_network_by_default(name):
    space = spaces.SPACES[name]
    hp = keras_tuner.HyperParameters()
    model = space.build(hp) if isinstance(space, keras_tuner.HyperModel) else space(hp)
    assert model.output_shape == (None, 10) and model.optimizer is not None
    assert hp.space and space.__doc__


def test_report_ashers_space_is_its_27_settings():
    hp = keras_tuner.HyperParameters()
    spaces.asher(hp)
    grid = list(product(*(parameter.values for parameter in hp.space)))
    assert [parameter.name for parameter in hp.space] == list(asher.SEARCHED)
    assert grid == list(asher.SEARCH) and len(grid) == 27


def test_the_batch_size_is_searched_too():
    hp = keras_tuner.HyperParameters()
    space, asked = spaces.DropoutAndBatch(), []

    class Model:
        def fit(self, *images, **options):
            asked.append(options)

    space.fit(hp, Model(), 1, 2, epochs=3, batch_size=7)
    assert asked == [{"epochs": 3, "batch_size": 32}] and hp.values == {"batch_size": 32}
