"""Report usps: the data as described, the networks, and the committed records."""

import numpy as np
import pytest

from mnist_study import evaluation
from mnist_study import study as experiments
from mnist_study.data import augment, datasets
from mnist_study.models import networks
from mnist_study.reports import comparison
from mnist_study.reports.usps import figures as gallery_usps
from mnist_study.reports.usps import runs as zip_codes

FOUND = experiments.Records()
WHOLE = [359, 264, 198, 166, 200, 160, 170, 147, 166, 177]  # zip.info of the data set


def test_the_data_are_as_the_report_describes_them():
    metrics = FOUND.one("usps/explore").metrics
    assert [metrics["n_train"], metrics["n_test"]] == [
        int(comparison.claimed("usps/explore", name)) for name in ("n_train", "n_test")
    ]
    assert metrics["shape"] == [16, 16] and metrics["nulls"] == 0
    assert (metrics["smallest"], metrics["largest"]) == (-1, 1) and metrics["labels"] == list(range(10))


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_proportions_are_exactly_those_of_figure_3(part):
    record = FOUND.one("usps/explore")
    counts = record.arrays[f"count_{part}"]
    for digit, share in enumerate(counts / counts.sum()):
        assert round(share, 2) == float(comparison.claimed("usps/explore", f"share_{part}", str(digit)))
    assert part == "train" or counts.tolist() == WHOLE


def test_the_report_s_errors_cannot_all_be_counts_of_misses():
    impossible, total = [], 0.0
    for digit, n in enumerate(WHOLE):
        printed = comparison.claimed("usps/cnn7", "error", str(digit))
        total += n * float(printed)
        if not any(f"{k / n:.3f}" == printed for k in range(n + 1)):
            impossible.append(digit)
    assert impossible == [1, 2, 3, 6, 7, 9]
    assert round(total) == 60 != int(comparison.claimed("usps/cnn7", "misses"))


def test_zip_cnn_has_seven_layers():
    model = networks.zip_cnn()
    table = networks.layer_table(model)
    counted = [row["layer"] for row in table if row["layer"] in ("InputLayer", "Conv2D", "MaxPooling2D", "Dense")]
    assert counted == ["InputLayer", "Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Dense", "Dense"]
    assert model.count_params() == sum(row["parameters"] for row in table) == 184_586
    assert model.input_shape == (None, 16, 16) and model.output_shape == (None, 10)


def test_grey_values_become_pixels_and_mnist_images():
    (images, _), _ = datasets.embedded_zip_digits()
    assert images.shape == (1497, 16, 16) and images.min() == -1 and images.max() == 1
    pixels = zip_codes.as_pixels(images[:3])
    assert pixels.dtype == np.uint8 and (pixels.min(), pixels.max()) == (0, 255)
    boxed = zip_codes.as_mnist(images[:3])
    assert boxed.shape == (3, 28, 28) and boxed.dtype == np.uint8
    used = np.flatnonzero(boxed[0].max(axis=1))
    assert 18 <= used[-1] - used[0] + 1 <= 22


def test_an_epoch_holds_every_image_once_with_its_label():
    pixels = np.repeat(np.arange(60, dtype=np.uint8), 256).reshape(60, 16, 16)
    labels = (np.arange(60) % 10).astype(np.uint8)
    nothing = dict.fromkeys(augment.ZIP_LIGHT, 0) | {"gain": 1, "dim": 1}
    settings = {"light": nothing, "strong": nothing, "strong_share": 0.5}
    shown, targets = zip_codes.zip_epoch(pixels, labels, np.random.default_rng(1), settings)
    middle = shown[:, 8, 8]
    assert sorted(middle) == list(range(60)) and list(middle) != list(range(60))
    assert np.array_equal(targets.argmax(axis=1), middle % 10)


def test_views_of_a_network_that_answers_alike_are_its_answer():
    model = networks.three_stages(4, side=16)
    blank = np.zeros((2, 16, 16), np.uint8)
    np.testing.assert_allclose(zip_codes.in_views(model, blank), model.predict(blank, verbose=0), atol=1e-6)


def test_quick_profile_without_usps_runs_on_embedded_digits(home):
    fallen = datasets.for_profile("quick", "usps")
    assert fallen.name == "digits" and "NOT USPS" in fallen.notice and fallen.x_test.shape == (300, 16, 16)
    with pytest.raises(datasets.MissingDataError, match=r"zip\.train\.gz is not on this machine"):
        datasets.for_profile("full", "usps")


# --- records -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "seeds"),
    [("usps/cnn7", 5), ("usps/best", 5), ("usps/best-ensemble", 5), ("usps/best-with-mnist", 3)],
)
def test_records_are_all_seeds_of_clean_code(name, seeds):
    runs = FOUND.all(name)
    assert [run.seed for run in runs] == list(range(1, seeds + 1))
    for run in runs:
        assert run.provenance["dirty"] is False and run.data_digest == datasets.USPS_DIGEST
        missed = int((run.arrays["y_true"] != run.arrays["y_pred"]).sum())
        assert (run.metrics["misses"], run.metrics["n"]) == (missed, 2007)
        assert len(run.arrays["mistake_index"]) == missed  # every one is kept
        assert np.bincount(run.arrays["y_true"], minlength=10).tolist() == WHOLE


def test_the_candidate_taken_is_the_one_that_cross_validation_names():
    loss = {name: FOUND.one(name).metrics["loss"] for name in gallery_usps.FOLDS}
    chosen = experiments.get(min(loss, key=loss.get)).settings
    taken = experiments.get("usps/best").settings
    for name in ("model", "light", "strong", "strong_share", "learning_rate", "batch_size"):
        assert chosen[name] == taken[name]
    assert all(FOUND.one(name).metrics["n"] == 7291 for name in loss)


def test_misses_past_the_report():
    misses = {
        name: evaluation.mean_and_std([run.metrics["misses"] for run in FOUND.all(f"usps/{name}")])[0]
        for name in ("cnn7", "best", "best-ensemble", "best-with-mnist")
    }
    assert misses["best-with-mnist"] < misses["best-ensemble"] <= misses["best"] < misses["cnn7"]
