"""Where things live, and which profile runs. Nothing is created or read when this module is imported.

Two environment variables steer it:

- ``MNIST_STUDY_PROFILE``: ``quick`` (default: small runs into ``build/quick/``) or ``full`` (the records in ``results/``).
- ``MNIST_STUDY_DATA``: a folder to look for the data sets in before any other; relative to the project's root.
"""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

PROFILES = ("quick", "full")


def project_root() -> Path:
    """The checkout this package runs from; where it was installed without one, the checkout around the working folder.

    With neither, it is the working folder.
    """
    for folder in (Path(__file__).resolve().parents[1], Path.cwd(), *Path.cwd().parents):
        if (folder / "pyproject.toml").exists() and (folder / "mnist_study").is_dir():
            return folder
    return Path.cwd()


def profile() -> str:
    """The profile named by ``MNIST_STUDY_PROFILE``: ``"quick"`` or ``"full"``.

    Raises:
        ValueError: if the variable holds anything else.
    """
    name = os.environ.get("MNIST_STUDY_PROFILE", "quick")
    if name not in PROFILES:
        raise ValueError(
            f"MNIST_STUDY_PROFILE is {name!r}; expected one of {', '.join(PROFILES)}. Unset it for 'quick'."
        )
    return name


def output_root(profile_name: str) -> Path:
    """The folder that holds ``results/`` and ``figures/``: the project itself for ``full``, ``build/quick`` for ``quick``."""
    return project_root() if profile_name == "full" else project_root() / "build" / "quick"


def results_dir(profile_name: str) -> Path:
    """Where the records of a profile live."""
    return output_root(profile_name) / "results"


def figures_dir(profile_name: str) -> Path:
    """Where the figures of a profile are written."""
    return output_root(profile_name) / "figures"


def checkpoints_dir() -> Path:
    """Where unfinished trainings keep their last finished epoch."""
    return project_root() / "build" / "checkpoints"


def tuning_dir(profile_name: str) -> Path:
    """Where searches for settings live, each in a folder of its own."""
    return project_root() / "build" / ("tuning" if profile_name == "full" else "quick/tuning")


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
