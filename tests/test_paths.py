import pytest

from mnist_study import paths

ROOT = paths.project_root()


def test_an_installed_package_finds_the_checkout_around_it(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "site-packages" / "mnist_study" / "paths.py"))
    monkeypatch.chdir(ROOT / "notebooks")
    assert paths.project_root() == ROOT
    monkeypatch.chdir(tmp_path)
    assert paths.project_root() == tmp_path


def test_a_smoke_run_writes_beside_nothing_that_is_committed(home):
    assert paths.results_dir() == home / "results"
    assert paths.results_dir(quick=True) == home / "build" / "quick" / "results"
    assert paths.checkpoints_dir().is_relative_to(home / "build")
    assert paths.figures_dir() == home / "figures" and paths.data_dir() == home / "data"


def test_a_data_folder_counts_from_the_project_s_root(home, monkeypatch):
    assert paths.environment_data_dir() is None
    monkeypatch.setenv("MNIST_STUDY_DATA", "elsewhere")
    assert paths.environment_data_dir() == home / "elsewhere"
    monkeypatch.setenv("MNIST_STUDY_DATA", "/somewhere/else")
    assert str(paths.environment_data_dir()) == "/somewhere/else"


def test_a_file_is_whole_or_as_it_was(tmp_path):
    path = tmp_path / "new" / "file.txt"
    paths.write_text(path, "first ä")
    assert path.read_text(encoding="utf-8") == "first ä" and path.stat().st_mode & 0o777 == 0o644
    with pytest.raises(KeyboardInterrupt), paths.whole_file(path) as temporary:
        assert temporary.parent == path.parent and temporary.suffix == ".txt"
        temporary.write_text("half of the sec")
        raise KeyboardInterrupt
    assert path.read_text(encoding="utf-8") == "first ä"
    assert [file.name for file in path.parent.iterdir()] == ["file.txt"]


def test_nothing_is_left_where_nothing_was(tmp_path):
    with pytest.raises(ZeroDivisionError), paths.whole_file(tmp_path / "file.txt"):
        _ = 1 / 0
    assert not list(tmp_path.iterdir())
