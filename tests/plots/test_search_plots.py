import numpy as np
import pandas as pd
import pytest

from mnist_study import plots

TRIALS = pd.DataFrame(
    {
        "trial": [2, 0, 1, 3],  # best first, as a search gives them
        "status": ["COMPLETED"] * 3 + ["FAILED"],
        "score": [0.98, 0.97, 0.95, None],
        "epochs": [2, 2, 2, None],
        "history": [{}] * 4,
        "filters": [64, 16, 16, 32],
        "optimizer": ["adam", "sgd", "adam", "sgd"],
        "momentum": [None, 0.9, None, 0.5],
        "error": [None] * 3 + ["Traceback"],
    }
)


def names_and_ticks(figure) -> tuple[list, list]:
    texts = figure.axes[0].texts
    names = [text.get_text() for text in texts if text.get_weight() == "bold"]
    return names, [text.get_text() for text in texts if text.get_weight() != "bold"]


def test_trials_stand_in_the_order_they_ran_with_the_best_so_far():
    best, each = plots.trials(TRIALS).axes[0].get_lines()
    np.testing.assert_allclose(each.get_ydata(), [97, 95, 98])
    np.testing.assert_allclose(best.get_ydata(), [97, 97, 98])


def test_a_claim_stands_at_its_trial():
    line = plots.trials(TRIALS, claimed={2: 0.99}).axes[0].get_lines()[-1]
    assert (line.get_xdata().tolist(), list(line.get_ydata())) == ([2], [99])


def test_each_hyperparameter_has_an_axis_and_each_trial_with_a_score_a_line():
    figure = plots.parallel_coordinates(TRIALS)
    names, ticks = names_and_ticks(figure)
    assert names == ["filters", "optimizer", "momentum", "validation accuracy, %"]
    assert ticks[:6] == ["16", "64", "adam", "sgd", "0.9", "–"]
    widths = [line.get_linewidth() for line in figure.axes[0].get_lines() if len(line.get_xdata()) == 4]
    assert sorted(widths) == [1.2, 1.2, 3.2]


def test_effects_have_the_mean_of_each_value():
    filters, optimizer, momentum = plots.effects(TRIALS).axes
    assert [text.get_text() for text in filters.texts] == ["96.00", "98.00"]
    assert [tick.get_text() for tick in optimizer.get_xticklabels()] == ["adam", "sgd"]
    assert [tick.get_text() for tick in momentum.get_xticklabels()] == ["0.9", "–"]


def test_many_numbers_stand_on_a_scale_by_their_order_of_magnitude_where_they_were_drawn_so():
    place = np.linspace(0, 1, 20)
    table = pd.DataFrame(
        {"trial": range(20), "score": place, "rate": 10 ** (-4 + 2 * place), "dropout": 0.001 + 0.4 * place}
    )
    table.loc[5, "dropout"] = None
    rate, dropout = plots.effects(table).axes
    assert (rate.get_xscale(), dropout.get_xscale()) == ("log", "linear")
    _, ticks = names_and_ticks(plots.parallel_coordinates(table))
    assert ticks[:5] == ["0.0001", "0.000316", "0.001", "0.00316", "0.01"]
    assert ticks[5:10] == ["0.001", "0.101", "0.201", "0.301", "0.401"]


def test_a_few_numbers_of_a_range_stand_on_a_scale_and_listed_ones_do_not():
    table = pd.DataFrame({"trial": range(3), "score": [0.9, 0.92, 0.91], "drawn": [0.271428, 0.136024, 0.573621],
                          "stepped": 0.1 * np.arange(1, 4)})  # fmt: skip
    drawn, stepped = plots.effects(table).axes
    assert not drawn.texts and len(stepped.texts) == 3


def test_equal_scores_and_one_trial_can_be_drawn():
    for table in (TRIALS.assign(score=0.9), TRIALS.head(1)):
        for plot in (plots.trials, plots.parallel_coordinates, plots.effects):
            assert plot(table).axes


def test_without_scores_or_hyperparameters_an_error_says_so():
    with pytest.raises(ValueError, match="None of the 1 trials has a score"):
        plots.trials(TRIALS.tail(1))
    with pytest.raises(ValueError, match="No hyperparameter has a column among trial, score"):
        plots.effects(TRIALS[["trial", "score"]])
