"""A run: what names it, what it hands to a runner, and the networks of others that it asks for."""

import numpy as np
import pytest

from mnist_study import data, paths, records, study
from mnist_study.training import epochs, run
from mnist_study.training.run import Run


def a_run(dataset, name="nust/choices/batch-64", seed=3, make=study.make):
    return Run(study.EXPERIMENTS[name], seed, dataset, quick=True, experiments=study.EXPERIMENTS, make=make)


def test_a_record_stands_where_its_run_says(home, small_dataset):
    asked = a_run(small_dataset)
    record = asked.record({"n": 1})
    assert records.save(record, paths.results_dir(quick=True)) == asked.path
    assert record.settings["epochs"] == 2 and record.data_digest == small_dataset.digest


def test_only_a_smoke_run_changes_the_settings(home, small_dataset):
    experiment = study.EXPERIMENTS["nust/choices/batch-64"]
    assert Run(experiment, 3, small_dataset).settings == experiment.settings
    assert a_run(small_dataset).settings == experiment.settings | experiment.quick != experiment.settings
    assert Run(experiment, 3, small_dataset).path.is_relative_to(home / "results")
    assert a_run(small_dataset).path.is_relative_to(home / "build" / "quick" / "results")


def test_no_two_runs_share_a_checkpoint(home, small_dataset):
    places = {a_run(small_dataset, name, seed).checkpoint for name in study.EXPERIMENTS for seed in (1, 2)}
    assert len(places) == 2 * len(study.EXPERIMENTS)


def test_another_run_has_the_same_seed_and_the_data_set_that_is_its_own(home, small_dataset):
    asked = a_run(small_dataset, "usps/best-with-mnist", 2)
    same, other = asked.other("usps/best"), asked.other("reader/cnn", seed=5)
    assert (same.experiment.name, same.seed, same.dataset) == ("usps/best", 2, small_dataset) and same.quick
    assert (other.seed, other.dataset.name, other.dataset.x_train.shape) == (5, "digits", (1497, 28, 28))


def test_the_network_of_another_is_asked_of_who_makes_records(home, small_dataset):
    asked = []

    def make(other):
        asked.append((other.experiment.name, other.seed))
        return other.record({"n": 1})

    with pytest.raises(
        FileNotFoundError, match=r"nust/lenet, seed 2, are not on this machine.*train nust/lenet --seed 2"
    ):
        a_run(small_dataset, "nust/lenet-modified", 2, make).trained("nust/lenet")
    assert asked == [("nust/lenet", 2)]


def test_predictions_keep_the_most_confident_mistakes(small_dataset):
    labels = small_dataset.y_test
    score = np.full((100, 10), 0.01, np.float32)
    read = labels.copy()
    for place, (wrong, sure) in {3: (1, 0.7), 40: (2, 0.9), 80: (3, 0.8)}.items():
        read[place] = (labels[place] + wrong) % 10
        score[place, read[place]] = sure
    arrays = run.predictions(small_dataset.x_test, labels, read, score, mistakes_kept=2)
    assert arrays["mistake_index"].tolist() == [40, 80]
    np.testing.assert_array_equal(arrays["mistake_image"], small_dataset.x_test[[40, 80]])
    assert arrays["score"].dtype == np.float16 and arrays["y_pred"].dtype == arrays["y_true"].dtype == np.uint8


# --- committed networks ------------------------------------------------------------------------------------------

KEPT = sorted(path.relative_to(paths.project_root() / "results") for path in
              (paths.project_root() / "results").rglob("seed-1-*.keras") if "finder" not in path.parts)  # fmt: skip


@pytest.mark.parametrize("place", KEPT, ids=lambda place: place.parent.as_posix())
def test_a_committed_network_answers_as_its_record_says(place, real_mnist):
    """The first 200 test images; measured on the machine of the records and on another: every answer the same."""
    path = paths.project_root() / "results" / place.with_suffix(".json")
    record = records.read(path)
    if "usps" in record.experiment:
        try:
            images = data.sources.load_usps(download=False)[1][0][:200]
        except data.MissingDataError:
            pytest.skip("USPS is not on this machine")
        images = as_its_runner_shows_them(record.experiment, images)
    else:
        images = real_mnist.x_test[:200]
    network = run.load_network(record, path)
    assert network.count_params() == record.metrics["parameters"]
    expected = record.arrays.get("y_pred_clean", record.arrays["y_pred"])[:200]
    assert (epochs.predict(network, images).argmax(axis=1) != expected).sum() <= 1


def as_its_runner_shows_them(experiment, images):
    from mnist_study.reports.usps import runs

    if experiment == "usps/best-with-mnist":
        return runs.as_mnist(images)
    return runs.as_pixels(images) if experiment == "usps/best" else images
