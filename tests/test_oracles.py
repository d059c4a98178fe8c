"""What chooses the next trial: workers that die, a full disk, a space that runs out."""

import pytest

from mnist_study import searches, tuning


def test_a_worker_given_up_too_early_may_still_finish(small, small_dataset):
    search = small(trials=1)
    searches.open_folder(search, small_dataset.digest)
    oracle = tuning.StudyTuner(search, small_dataset).oracle
    trial = oracle.create_trial("slow")
    oracle.release("slow")
    assert oracle.create_trial("other").trial_id == trial.trial_id
    for name in ("slow", "other"):
        oracle.update_trial(trial.trial_id, {"val_accuracy": 0.5})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
        assert oracle.create_trial(name).status == "STOPPED"
    assert oracle.finished() and not oracle.broken and oracle.end_order == [trial.trial_id]


def test_a_full_disk_stops_the_search_and_hangs_nobody(small, small_dataset, monkeypatch):
    search = small()
    searches.open_folder(search, small_dataset.digest)
    oracle = tuning.StudyTuner(search, small_dataset).oracle
    trial = oracle.create_trial("one")
    monkeypatch.setattr(
        oracle, "_save_trial", lambda trial: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    oracle.update_trial(trial.trial_id, {"val_accuracy": 0.5})
    assert "No space left" in oracle.broken
    assert oracle.create_trial("two").status == "STOPPED"  # the lock is open


@pytest.mark.parametrize("strategy", ["bayesian", "hyperband"])
def test_strategies_reach_their_end_in_a_small_space(strategy, tmp_path):
    search = searches.Search(
        "dropout_and_batch", strategy, 12 if strategy == "bayesian" else None, epochs=30, folder=tmp_path
    )
    oracle = tuning.StudyTuner(search, None).oracle
    for number in range(search.total()):
        trial = oracle.create_trial("one")
        assert trial.status == "RUNNING"
        oracle.update_trial(trial.trial_id, {"val_accuracy": 0.9 + trial.hyperparameters.get("dropout") / 100})
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
        assert not oracle.broken and len(oracle.end_order) == number + 1
    assert oracle.create_trial("one").status == "STOPPED"
