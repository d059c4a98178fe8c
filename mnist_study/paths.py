"""Where things live, and files that are whole or absent. Nothing is created or read when this module is imported.

``MNIST_STUDY_DATA`` names a folder to look for the data sets in before any other; relative to the project's root.
"""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path


def project_root() -> Path:
    """The checkout this package runs from; where it was installed without one, the checkout around the working folder.

    With neither, it is the working folder.
    """
    for folder in (Path(__file__).resolve().parents[1], Path.cwd(), *Path.cwd().parents):
        if (folder / "pyproject.toml").exists() and (folder / "mnist_study").is_dir():
            return folder
    return Path.cwd()


def results_dir(quick: bool = False) -> Path:
    """Where records live: ``results/``, or ``build/quick/results/`` for those of a smoke run."""
    return project_root() / ("build/quick/results" if quick else "results")


def figures_dir() -> Path:
    """Where figures are written."""
    return project_root() / "figures"


def checkpoints_dir() -> Path:
    """Where unfinished trainings keep their last finished epoch."""
    return project_root() / "build" / "checkpoints"


def data_dir() -> Path:
    """The project's own ``data/`` folder, where downloads go."""
    return project_root() / "data"


def environment_data_dir() -> Path | None:
    """The folder named by ``MNIST_STUDY_DATA``, or None where it is not set.

    A relative path counts from the project's root, so that it means the same in a shell and in a notebook.
    """
    value = os.environ.get("MNIST_STUDY_DATA")
    return project_root() / Path(value).expanduser() if value else None


@contextmanager
def whole_file(path: Path):
    """Yield a temporary path beside ``path`` that replaces it on success and vanishes on failure.

    A reader sees the old file or the new one, never a part of one.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
