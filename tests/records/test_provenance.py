import re
import subprocess

import pytest

from mnist_study import paths
from mnist_study.records import provenance


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one commit, as the project's root."""
    monkeypatch.setattr(paths, "project_root", lambda: tmp_path)
    (tmp_path / "mnist_study").mkdir()
    (tmp_path / "mnist_study" / "paths.py").write_text("")
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "one"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_who_made_a_record(repository):
    made_by = provenance()
    assert re.fullmatch("[0-9a-f]{40}", made_by["commit"]) and made_by["dirty"] is False
    assert {"python", "numpy", "keras", "tensorflow", "scikit-learn"} <= set(made_by["versions"])
    assert re.search(r", \d+ cores$", made_by["device"]) and made_by["time"].endswith("+00:00")
    assert provenance("gpu:0")["device"] == f"gpu:0; {made_by['device']}"


def test_only_changed_code_makes_a_record_dirty(repository):
    (repository / "results").mkdir()
    (repository / "results" / "new.json").write_text("{}")
    assert provenance()["dirty"] is False
    (repository / "mnist_study" / "paths.py").write_text("changed = True")
    assert provenance()["dirty"] is True


def test_without_a_repository_nothing_is_claimed(home):
    made_by = provenance()
    assert made_by["dirty"] is None and (made_by["commit"] is None or len(made_by["commit"]) == 40)
