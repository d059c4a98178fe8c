"""The package as Colab installs it: built as a wheel, away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder into which a wheel of this checkout was unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "from setuptools import build_meta; import sys; print(build_meta.build_wheel(sys.argv[1]))"
    source = folder / "source"  # setuptools leaves a build folder beside what it builds
    source.mkdir()
    for name in ("mnist_study", "pyproject.toml", "README.md", "LICENSE"):
        (source / name).symlink_to(ROOT / name)
    done = subprocess.run([sys.executable, "-c", build, str(folder)], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


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
