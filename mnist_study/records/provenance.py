"""Who made a record: commit, versions, device, time."""

import importlib.metadata
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from .. import paths

VERSIONED = (
    "mnist_study",
    "tensorflow",
    "keras",
    "jax",
    "numpy",
    "scipy",
    "scikit-learn",
    "xgboost",
    "keras-tuner",
    "umap-learn",
    "numba",
)
CODE = ("mnist_study", "requirements.txt", "pyproject.toml")  # what "dirty" speaks of


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=paths.project_root(), capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _installed_commit() -> str | None:
    """The commit pip installed this package from (``pip install git+https://…``), if it did."""
    try:
        text = importlib.metadata.distribution("mnist_study").read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return None
    return json.loads(text).get("vcs_info", {}).get("commit_id") if text else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def versions() -> dict:
    """Installed versions of the libraries a result may depend on."""
    found = {"python": platform.python_version()}
    for name in VERSIONED:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def code_version() -> dict:
    """The commit of the code that runs now, and ``dirty``: whether it differs from that commit (None where that is unknown)."""
    commit = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--", *CODE)
    return {"commit": commit or _installed_commit(), "dirty": bool(changed) if commit else None}


def now() -> str:
    """This moment in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def provenance(device: str = "") -> dict:
    """Who makes a record: the commit, whether the code differs from it, versions, device, threads, time (UTC).

    Args:
        device: the accelerator, where one was used; the processor and its usable cores are added.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    processor = f"{_processor()}, {cores} cores"
    return code_version() | {
        "versions": versions(),
        "device": f"{device}; {processor}" if device else processor,
        "threads": int(os.environ.get("TF_NUM_INTRAOP_THREADS") or cores),
        "time": now(),
    }
