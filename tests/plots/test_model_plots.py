from types import SimpleNamespace

import numpy as np
import pytest

from mnist_study import evaluation, plots

draw = np.random.default_rng(0)
IMAGES = draw.integers(0, 256, (20, 28, 28)).astype(np.uint8)
LABELS = np.arange(20) % 10
HISTORY = {"loss": [0.9, 0.4], "accuracy": [0.7, 0.9], "val_loss": [0.5, 0.3], "val_accuracy": [0.8, 0.95]}
REPORT = evaluation.classification_table(LABELS, LABELS)[["precision", "recall", "f1-score"]]


def scores_of(labels, confidence=0.91) -> np.ndarray:
    """Scores (n, 10) that read these digits with that confidence."""
    scores = np.full((len(labels), 10), (1 - np.asarray(confidence)) / 9 if np.ndim(confidence) == 0 else 0.0)
    scores[np.arange(len(labels)), labels] = confidence
    return scores


# --- reports and confusion ---------------------------------------------------------------------------------------


def marked(figure) -> list[str]:
    """The numbers with something behind them."""
    return [text.get_text() for text in figure.axes[0].texts if text.get_bbox_patch() is not None]


def test_a_cell_that_differs_from_the_claim_by_more_than_the_tolerance_is_marked_and_counted():
    claimed = REPORT.copy()
    claimed.loc["3", "recall"] = 0.97
    strict = plots.classification_report(LABELS, LABELS, claimed, title="A")
    assert marked(strict) == ["1.00"] and strict.axes[0].get_title(loc="left") == "A: 35 of 36 cells as claimed"
    loose = plots.classification_report(LABELS, LABELS, claimed, title="A", tolerance=0.03)
    assert marked(loose) == []
    assert loose.axes[0].get_title(loc="left") == "A: 36 of 36 cells within 0.03 of the claim"


def test_a_report_has_supports_accuracy_and_averages_claimed_and_ours():
    claimed = REPORT.copy()
    claimed.loc["accuracy", "f1-score"] = 0.99
    texts = [text.get_text() for text in plots.classification_report(LABELS, LABELS, claimed).axes[0].texts]
    assert {"accuracy", "macro avg", "weighted avg", "claimed", "ours", "support", "0.99"} <= set(texts)
    alone = [text.get_text() for text in plots.classification_report(LABELS, LABELS).axes[0].texts]
    assert "claimed" not in alone and alone.count("20") == 3  # three rows of averages
    assert alone.count("2") == 10 + 1  # every digit stands twice in the labels; and the digit 2 itself


def test_the_rows_of_a_claim_may_come_in_any_order():
    assert not marked(plots.classification_report(LABELS, LABELS, REPORT.iloc[::-1, ::-1]))


def test_several_seeds_are_averaged():
    wrong = np.where(LABELS == 4, 9, LABELS)  # no 4 is read as one
    claimed = REPORT.copy()
    claimed.loc["4"], claimed.loc["9", ["precision", "f1-score"]] = 0.5, (0.75, 0.83)
    claimed.loc["macro avg"] = claimed.loc["weighted avg"] = claimed.iloc[:10].mean()
    assert not marked(plots.classification_report(LABELS, [LABELS, wrong], claimed))
    assert marked(plots.classification_report(LABELS, [LABELS, LABELS], claimed))


def test_labels_and_scores_give_the_same_confusion():
    read = np.where(LABELS == 4, 9, LABELS)
    for y_pred in (read, scores_of(read)):
        (ax,) = plots.confusion_matrix(LABELS, y_pred).axes
        assert ax.get_title() == "2 of 20 missed"
        assert [text.get_text() for text in ax.texts][49] == "2"  # row 4, column 9


def test_models_stand_side_by_side_on_one_scale_or_each_on_its_own():
    pairs = {"bad": (LABELS, (LABELS + 1) % 10), "good": (LABELS[:12], np.where(LABELS == 4, 9, LABELS)[:12])}
    for one_scale, largest in ((True, [2, 2]), (False, [2, 1])):
        axes = plots.confusion_matrix(pairs, one_scale=one_scale).axes
        assert [ax.get_title() for ax in axes] == ["bad: 20 of 20 missed", "good: 1 of 12 missed"]
        assert [ax.collections[0].get_clim()[1] for ax in axes] == largest


# --- mistakes ----------------------------------------------------------------------------------------------------


def test_without_scores_the_first_mistakes_are_shown():
    read = LABELS.copy()
    read[[2, 5, 11]] = 0
    figure = plots.mistakes(IMAGES, LABELS, read, count=2)
    assert [ax.get_title() for ax in figure.axes] == ["#2\nlabel 2, read 0", "#5\nlabel 5, read 0"]
    assert figure.get_suptitle() == "3 of 20 misread: the first 2"
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), IMAGES[5])


def test_with_scores_the_most_confident_come_first_and_equal_ones_in_order():
    read, confidence = LABELS.copy(), np.full(20, 0.8)
    read[[2, 5, 11, 13]] = 0
    confidence[11] = 0.9
    titles = [ax.get_title() for ax in plots.mistakes(IMAGES, LABELS, scores_of(read, confidence)).axes]
    assert [title.split("\n")[0] for title in titles] == ["#11", "#2", "#5", "#13"]
    assert titles[0] == "#11\nlabel 1 (0.00)\nread 0 (0.90)"


def test_disputed_labels_are_starred():
    starred = plots.mistakes(IMAGES[:2], LABELS[:2], LABELS[:2] + 1, index=[3, 947], disputed=(947,))
    assert [ax.get_title().split("\n")[0] for ax in starred.axes] == ["#3", "#947 *"]
    assert "reviewers" in starred.get_suptitle()
    assert "reviewers" not in plots.mistakes(IMAGES[:2], LABELS[:2], LABELS[:2] + 1, disputed=(947,)).get_suptitle()


def test_no_mistakes_are_said_and_unequal_numbers_refused():
    assert plots.mistakes(IMAGES, LABELS, LABELS).get_suptitle() == "0 of 20 misread"
    with pytest.raises(ValueError, match="20 images, 19 labels and 20 predictions"):
        plots.mistakes(IMAGES, LABELS[:19], LABELS)


# --- probabilities -----------------------------------------------------------------------------------------------


def test_reliability_shows_accuracy_counts_and_error():
    sets = {"MNIST": (LABELS, scores_of(LABELS, 1.0)), "USPS": (LABELS, scores_of((LABELS + 1) % 10, 1.0))}
    axes = plots.reliability(sets, title="How sure?").axes
    assert [ax.get_title() for ax in axes[:2]] == ["MNIST\ncalibration error 0.0000", "USPS\ncalibration error 1.0000"]
    assert [bar.get_height() for bar in axes[2].patches] == [20]
    assert plots.reliability(*sets["USPS"]).axes[0].get_title() == "calibration error 1.0000"


def test_predictions_have_ten_bars_each_and_name_the_label_of_a_misread_digit():
    figure = plots.predictions(IMAGES[:7], scores_of(LABELS[:7]), labels=[0, 1, 2, 3, 4, 5, 9])
    titles = [ax.get_title() for ax in figure.axes if ax.images]
    assert titles == ["0: 91 %", "1: 91 %", "2: 91 %", "3: 91 %", "4: 91 %", "5: 91 %", "6: 91 %, label 9"]
    bars = [[bar.get_height() for bar in ax.patches] for ax in figure.axes if ax.patches]
    np.testing.assert_allclose(bars, scores_of(LABELS[:7]))
    with pytest.raises(ValueError, match=r"expected \(7, 10\)"):
        plots.predictions(IMAGES[:7], LABELS[:7])
    captioned = plots.predictions(IMAGES[:2], scores_of(LABELS[:2]), captions=["one step", "the next"])
    assert [ax.get_title() for ax in captioned.axes if ax.images] == ["one step\n0: 91 %", "the next\n1: 91 %"]
    with pytest.raises(ValueError, match="2 images and 1 captions"):
        plots.predictions(IMAGES[:2], scores_of(LABELS[:2]), captions=["one step"])


def test_a_page_shows_its_boxes_and_at_most_ten_digits():
    reading = SimpleNamespace(
        box=(10, 10, 40, 50),
        image=IMAGES[0] / 255,
        digit=4,
        probabilities=scores_of([4])[0],
        answer="4",
        confidence=0.91,
    )

    class Page(list):
        picture, scale, unread = np.zeros((60, 80, 3)), 2, ()

    photo, *rest = plots.page(Page([reading] * 12)).axes
    assert len(photo.patches) == 12
    assert photo.patches[0].get_bbox().bounds == (5, 5, 15, 20)  # pixels of the small picture
    assert len(rest) == 20 and rest[1].get_title(loc="left") == "4  (4: 91.0%)"


# --- networks ----------------------------------------------------------------------------------------------------


def test_a_keras_model_and_its_table_are_drawn_alike():
    import keras
    from keras import layers

    from mnist_study import models

    for model in (
        models.mlp(),
        models.lenet(),
        keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dropout(0.2), layers.Dense(10)]),
    ):
        figure = plots.architecture(model, model.name)
        assert figure.axes[0].get_title(loc="left") == f"{model.name}: {model.count_params():,} parameters"
        assert figure.axes[0].texts[0].get_text() == "input\n28 × 28"
    table = models.layer_table(models.mlp())
    drawn, of_table = (
        [text.get_text() for text in plots.architecture(one).axes[0].texts] for one in (models.mlp(), table)
    )
    assert drawn == of_table
    with pytest.raises(ValueError, match=r"keras\.Input"):
        plots.architecture(keras.Sequential([layers.Flatten(), layers.Dense(10)]))


def test_curves_of_a_history_of_seeds_and_of_several_models():
    for one in (HISTORY, SimpleNamespace(history=HISTORY), [HISTORY]):
        loss, misses = plots.training_curves(one).axes
        assert [line.get_ydata().tolist() for line in loss.get_lines()] == [HISTORY["loss"], HISTORY["val_loss"]]
        np.testing.assert_allclose(misses.get_lines()[1].get_ydata(), [20, 5])
    figure = plots.training_curves({"MLP": HISTORY, "CNN": [HISTORY, HISTORY]})
    assert [ax.get_title() for ax in figure.axes[:2]] == ["MLP", "CNN"]
    assert [len(ax.get_lines()) for ax in figure.axes] == [2, 4, 2, 4]


def test_curves_do_without_validation_and_accuracy():
    (ax,) = plots.training_curves({"loss": [0.9, 0.4]}).axes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training"]
    assert ax.get_xlabel() == "epoch"


def test_what_is_no_history_is_named():
    for other in (3, {"MLP": [3]}, {"accuracy": [0.9]}):
        with pytest.raises(ValueError, match=r"expected what model\.fit returns"):
            plots.training_curves(other)
