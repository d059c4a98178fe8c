import json
import re
import subprocess
from datetime import datetime

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


def _committed_at(commit):
    done = subprocess.run(
        ["git", "show", "-s", "--format=%cI", commit], cwd=paths.project_root(), capture_output=True, text=True
    )
    return datetime.fromisoformat(done.stdout.strip()) if done.returncode == 0 else None


def is_younger_than_its_fit(made_by: dict, committed_at: datetime) -> bool:
    """Whether a record names a commit that was made after its fitting had begun: its weights come from other code."""
    return (
        "began" in made_by
        and len(made_by.get("commits", [1])) == 1
        and committed_at > datetime.fromisoformat(made_by["began"])
    )


def test_no_new_record_was_fitted_before_its_commit_was_made():
    """Records say when their fitting began since the commit is read before it; older ones cannot be judged."""
    for path in (paths.project_root() / "results").rglob("seed-*.json"):
        made_by = json.loads(path.read_text(encoding="utf-8"))["provenance"]
        committed_at = _committed_at(made_by["commit"]) if "began" in made_by else None
        assert committed_at is None or not is_younger_than_its_fit(made_by, committed_at), path


def test_a_record_fitted_before_its_commit_is_refused():
    began = {"began": "2026-11-26T01:00:00+00:00"}
    assert is_younger_than_its_fit(began, datetime.fromisoformat("2026-11-26T02:00:00+00:00"))
    assert not is_younger_than_its_fit(began, datetime.fromisoformat("2026-11-26T00:59:00+00:00"))
    assert not is_younger_than_its_fit({}, datetime.fromisoformat("2026-11-26T02:00:00+00:00"))
