"""The package as it is installed: built as a wheel, away from the checkout; and the reader alone in a fresh environment."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "from setuptools import build_meta; import sys; print(build_meta.build_wheel(sys.argv[1]))"
    source = folder / "source"  # setuptools leaves a build folder beside what it builds
    source.mkdir()
    for name in ("mnist_study", "pyproject.toml", "README.md", "LICENSE"):
        (source / name).symlink_to(ROOT / name)
    done = subprocess.run([sys.executable, "-c", build, str(folder)], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder into which the wheel was unpacked."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_every_file_of_the_package(installed):
    here = {path.relative_to(ROOT) for path in (ROOT / "mnist_study").rglob("*") if path.is_file()}
    here = {path for path in here if "__pycache__" not in path.parts}
    there = {path.relative_to(installed) for path in (installed / "mnist_study").rglob("*") if path.is_file()}
    assert here == there


def test_every_module_can_be_imported_from_the_wheel(installed):
    modules = [
        ".".join(path.relative_to(installed).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((installed / "mnist_study").rglob("*.py"))
    ]
    code = "import importlib, sys\nfor name in sys.argv[2:]: assert importlib.import_module(name).__file__.startswith(sys.argv[1]), name"
    environment = os.environ | {"PYTHONPATH": str(installed), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(installed), *modules],
        cwd=installed,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]


# --- the reader alone --------------------------------------------------------------------------------------------

STUDY_ONLY = ("tensorflow", "keras", "keras-tuner", "pandas", "scikit-learn", "matplotlib", "umap-learn", "xgboost")


def run(*command, cwd=None):
    """What a command gives, without this checkout on Python's path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def small(wheel, tmp_path_factory):
    """The Python of a fresh environment with the wheel and what it needs, nothing of the study."""
    asked = run(sys.executable, "-m", "pip", "index", "versions", "ai-edge-litert", "--retries", "0", "--timeout", "5")
    if asked.returncode:
        pytest.skip("no package index can be reached")
    folder = tmp_path_factory.mktemp("small")
    assert run(sys.executable, "-m", "venv", folder).returncode == 0
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
    assert done.returncode == 0, done.stderr
    return python


def test_the_small_installation_reads_a_photo(small, tmp_path):
    photo = ROOT / "notebooks" / "images" / "five.jpg"
    listed = json.loads(run(small, "-m", "pip", "list", "--format", "json").stdout)
    assert not {package["name"] for package in listed} & set(STUDY_ONLY)
    done = run(small, "-m", "mnist_study", "read", photo, "--json", "--show", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr.startswith("written: ") and done.stderr.count("\n") == 1, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["digit"] == 5 and row["sure"]
    assert (tmp_path / "read" / "five.png").is_file()
    shown = "import sys; from mnist_study import reader; print(reader.read(sys.argv[1])._repr_png_()[1:4])"
    assert run(small, "-c", shown, photo).stdout == "b'PNG'\n"


def test_the_small_installation_says_how_to_get_the_study(small):
    said = "This needs the study's packages (pandas is not installed): pip install 'mnist_study[study]'\n"
    done = run(small, "-m", "mnist_study", "train", "sharpies/knn")
    assert done.returncode == 1 and done.stderr == f"error: {said}"
    assert run(small, "-c", "from mnist_study import study").stderr.endswith(f"ModuleNotFoundError: {said}")
