"""Report usps: the data as described, what its networks are trained on, and the committed records."""

import numpy as np
import pytest

from mnist_study import data, evaluation, models, records, study
from mnist_study.data import augment
from mnist_study.reports.usps import figures, runs
from mnist_study.reports.usps.experiments import OPEN, SWEEP
from mnist_study.training.run import Run

WHOLE = [359, 264, 198, 166, 200, 160, 170, 147, 166, 177]  # zip.info of the data set


def test_the_data_are_as_the_report_describes_them(committed):
    metrics = committed.one("usps/explore").metrics
    assert [metrics["n_train"], metrics["n_test"]] == [
        int(records.claimed("usps/explore", name)) for name in ("n_train", "n_test")
    ]
    assert metrics["shape"] == [16, 16] and metrics["nulls"] == 0
    assert (metrics["smallest"], metrics["largest"]) == (-1, 1) and metrics["labels"] == list(range(10))


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_proportions_are_exactly_those_of_figure_3(part, committed):
    record = committed.one("usps/explore")
    counts = record.arrays[f"count_{part}"]
    for digit, share in enumerate(counts / counts.sum()):
        assert round(share, 2) == float(records.claimed("usps/explore", f"share_{part}", str(digit)))
    assert part == "train" or counts.tolist() == WHOLE


def test_the_report_s_errors_cannot_all_be_counts_of_misses():
    impossible, total = [], 0.0
    for digit, n in enumerate(WHOLE):
        printed = records.claimed("usps/cnn7", "error", str(digit))
        total += n * float(printed)
        if not any(f"{k / n:.3f}" == printed for k in range(n + 1)):
            impossible.append(digit)
    assert impossible == [1, 2, 3, 6, 7, 9]
    assert round(total) == 60 != int(records.claimed("usps/cnn7", "misses"))


# --- runners -----------------------------------------------------------------------------------------------------


def test_images_in_both_parts_are_counted(small_zip_dataset):
    parts = small_zip_dataset
    test = np.concatenate([parts.x_test, parts.x_train[:7]]), np.concatenate([parts.y_test, parts.y_train[:7]])
    dataset = data.Dataset("digits", parts.x_train, parts.y_train, *test, "", "a test")
    metrics = runs.run_explore(Run(study.EXPERIMENTS["usps/explore"], 0, dataset)).metrics
    assert (metrics["n_train"], metrics["n_test"], metrics["nulls"]) == (300, 107, 0)
    train, test = ({image.tobytes() for image in part} for part in (parts.x_train, parts.x_test))
    assert metrics["seen_in_both"] == 7 + sum(image.tobytes() in train for image in parts.x_test) >= 7
    assert sum(metrics["share_train"]) == pytest.approx(1, abs=1e-3)


def test_grey_values_become_pixels_and_mnist_images():
    (images, _), _ = data.embedded_zip_digits()
    assert images.shape == (1497, 16, 16) and images.min() == -1 and images.max() == 1
    pixels = runs.as_pixels(images[:3])
    assert pixels.dtype == np.uint8 and (pixels.min(), pixels.max()) == (0, 255)
    boxed = runs.as_mnist(images[:3])
    assert boxed.shape == (3, 28, 28) and boxed.dtype == np.uint8
    used = np.flatnonzero(boxed[0].max(axis=1))
    assert 18 <= used[-1] - used[0] + 1 <= 22


def test_an_epoch_holds_every_image_once_with_its_label():
    pixels = np.repeat(np.arange(60, dtype=np.uint8), 256).reshape(60, 16, 16)
    labels = (np.arange(60) % 10).astype(np.uint8)
    nothing = dict.fromkeys(augment.ZIP_LIGHT, 0) | {"gain": 1, "dim": 1}
    settings = {"light": nothing, "strong": nothing, "strong_share": 0.5}
    shown, targets = runs.zip_epoch(pixels, labels, np.random.default_rng(1), settings)
    middle = shown[:, 8, 8]
    assert sorted(middle) == list(range(60)) and list(middle) != list(range(60))
    assert np.array_equal(targets.argmax(axis=1), middle % 10)


def test_views_of_a_network_that_answers_alike_are_its_answer():
    model = models.three_stages(4, side=16)
    blank = np.zeros((2, 16, 16), np.uint8)
    np.testing.assert_allclose(runs.in_views(model, blank), model.predict(blank, verbose=0), atol=1e-6)


# --- records -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["usps/cnn7", "usps/best", "usps/best-ensemble", "usps/best-with-mnist"])
def test_every_mistake_on_the_test_images_is_kept(name, committed):
    for run in committed.all(name):
        assert len(run.arrays["mistake_index"]) == run.metrics["misses"]
        assert np.bincount(run.arrays["y_true"], minlength=10).tolist() == WHOLE


def test_the_candidate_taken_is_the_one_that_cross_validation_names(committed):
    loss = {name: committed.one(name).metrics["loss"] for name in committed.names("usps/folds/")}
    assert len(loss) == 2
    chosen = study.EXPERIMENTS[min(loss, key=loss.get)].settings
    taken = study.EXPERIMENTS["usps/best"].settings
    for name in ("model", "light", "strong", "strong_share", "learning_rate", "batch_size"):
        assert chosen[name] == taken[name]
    assert all(committed.one(name).metrics["n"] == 7291 for name in loss)


def test_committees_share_no_member(committed):
    settings = study.EXPERIMENTS["usps/best-ensemble"].settings
    members = [seed for committee in settings["members"] for seed in committee]
    assert len(members) == len(set(members)) and {len(committee) for committee in settings["members"]} == {4}
    best = {run.seed: run for run in committed.all("usps/best")}
    for run in committed.all("usps/best-ensemble"):
        asked = study.needs(Run(study.EXPERIMENTS[run.experiment], run.seed, None, experiments=study.EXPERIMENTS))
        assert [(other.experiment.name, other.seed) for other in asked] == [
            ("usps/best", seed) for seed in settings["members"][run.seed - 1]
        ]
        in_views = dict(zip(settings["members"][run.seed - 1], run.metrics["misses_one_in_views"], strict=True))
        assert all(abs(misses - best[seed].metrics["misses"]) < 12 for seed, misses in in_views.items())


def test_the_sweep_draws_from_what_is_open_and_reads_the_test_images_for_no_choice(committed):
    drawn = [row.settings for row in SWEEP]
    assert len({str(settings) for settings in drawn}) == len(drawn) == len(committed.names("usps/sweep/"))
    guessed = study.EXPERIMENTS["usps/cnn7"].settings
    assert drawn[0]["model"] == guessed["model"] | {"negative_slope": 0.3}
    for settings in drawn:
        assert (settings["optimizer"], settings["learning_rate"]) in OPEN["trained_by"]
        assert all(settings["model"][name] in OPEN[name] for name in ("filters", "units", "negative_slope", "dropout"))
        assert all(settings[name] == guessed[name] for name in ("epochs", "batch_size", "split"))
    table = figures.swept(committed)
    for name, row in table.iterrows():
        run = committed.one(name)
        assert row.misses_test == round((1 - run.history["val_accuracy"][-1]) * 2007) and run.metrics["n"] == 7291


def test_misses_past_the_report(committed):
    misses = {
        name: evaluation.mean_and_std([run.metrics["misses"] for run in committed.all(f"usps/{name}")])[0]
        for name in ("cnn7", "best", "best-ensemble", "best-with-mnist")
    }
    assert misses["best-with-mnist"] < misses["best"] < misses["cnn7"] and misses["best-ensemble"] < misses["cnn7"]
    assert misses["best-ensemble"] == pytest.approx(
        misses["best"], abs=3
    )  # committees that share no member gain nothing here
