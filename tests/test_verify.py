"""Records made again and compared."""

import json

import pandas as pd
import pytest

from mnist_study import data, paths, study, verify
from mnist_study.training.run import Run


@pytest.fixture
def project(home, small_dataset, monkeypatch):
    """A project whose MNIST is a few digits, with records of a KNN and of a forest."""
    monkeypatch.setitem(data.DIGESTS, "mnist", small_dataset.digest)
    monkeypatch.setattr(verify, "load", lambda name: small_dataset)
    for name, seconds in (("sharpies/knn", 2.0), ("asher/knn", 500.0)):
        run = Run(study.EXPERIMENTS[name], 0, small_dataset, experiments=study.EXPERIMENTS, make=study.make)
        study.make(run)
        _change(run.path, "seconds", fit=seconds)
    return home


def _change(path, part, **values):
    content = json.loads(path.read_text())
    content[part] |= values
    path.write_text(json.dumps(content))


def the_record(home, name):
    (path,) = (home / "results" / name).glob("*.json")
    return path


def test_a_record_that_repeats_is_identical_and_stays_as_it_is(project, capsys):
    before = the_record(project, "sharpies/knn").read_bytes()
    table = verify.verified(["sharpies/knn"])
    assert table.verdict.tolist() == [verify.IDENTICAL] and table["because of"].tolist() == [""]
    assert capsys.readouterr().out.splitlines()[-1] == "sharpies/knn, seed 0: identical"
    assert the_record(project, "sharpies/knn").read_bytes() == before
    written = pd.read_csv(project / "results" / "verified.csv", keep_default_na=False)
    assert written.experiment.tolist() == ["sharpies/knn"] and list(written.columns) == list(verify.COLUMNS)


def test_a_difference_is_told_and_takes_the_place_of_an_earlier_row(project):
    verify.verified(["sharpies/knn"], say=lambda line: None)
    _change(the_record(project, "sharpies/knn"), "metrics", misses=99)
    table = verify.verified(["sharpies/knn"], say=lambda line: None)
    assert table.verdict.tolist() == [verify.DIFFERS] and table.differs[0].startswith("misses: 99, now ")
    written = pd.read_csv(project / "results" / "verified.csv", keep_default_na=False)
    assert written.verdict.tolist() == [verify.DIFFERS]


def test_without_the_record_s_commit_it_is_undecided_what_made_the_difference(project):
    path = the_record(project, "sharpies/knn")
    _change(path, "metrics", misses=99)
    _change(path, "provenance", commit="0" * 40)
    table = verify.verified(["sharpies/knn"], at_commit=True, say=lambda line: None)
    assert table["because of"][0].startswith(f"{verify.UNDECIDED}: the commit {'0' * 40} is not in this repository")


def test_the_cheapest_come_first_and_the_minutes_are_kept(project):
    found = verify.committed(["asher/knn", "sharpies/knn"])
    assert [one.run.experiment.name for one in found] == ["sharpies/knn", "asher/knn"]
    assert found[1].seconds >= 500
    table = verify.verified(["asher/knn", "sharpies/knn"], minutes=1, say=lambda line: None)
    assert table.experiment.tolist() == ["sharpies/knn"]
    assert len(verify.verified(["sharpies/knn"], minutes=0, say=lambda line: None)) == 0


def test_a_needed_network_counts_where_its_weights_are_not_committed(project, small_dataset):
    lenet = Run(study.EXPERIMENTS["nust/lenet"], 1, small_dataset, experiments=study.EXPERIMENTS, make=study.make)
    modified = verify._run(study.EXPERIMENTS["nust/lenet-modified"], 1, small_dataset)
    assert [one.experiment.name for one in study.needs(modified)] == ["nust/lenet"]
    assert verify._seconds(modified) == 2 * verify.UNKNOWN_SECONDS
    lenet.path.parent.mkdir(parents=True)
    lenet.path.with_suffix(".keras").write_bytes(b"weights")
    assert verify._seconds(modified) == verify.UNKNOWN_SECONDS


def test_an_unknown_name_is_told_before_anything_is_made(project):
    with pytest.raises(KeyError, match="There is no experiment 'sharpies/kn'; did you mean sharpies/knn"):
        verify.verified(["sharpies/knn", "sharpies/kn"])
    assert not (paths.project_root() / "build" / "verify").exists()
