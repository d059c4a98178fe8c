"""Training again what the records say, and comparing: ``python -m mnist_study verify [NAME…] [--minutes N] [--at-commit]``.

A record is made again from the same settings, seed, data and number of threads, into ``build/verify/``; every metric, history
and array but seconds must be the same within the tolerances of ``records.differences``. The outcome is a row of
``results/verified.csv``.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from . import paths, records, study
from .data import Dataset, load
from .records import Record
from .training.run import Run

UNKNOWN_SECONDS = 60.0  # of a record that does not say what it took
IDENTICAL, SAME, DIFFERS = "identical", "within tolerance", "differs"
MACHINE, CODE, UNDECIDED = "the machine", "the code", "undecided"
COLUMNS = (
    "experiment",
    "seed",
    "verdict",
    "differs",
    "because of",
    "record of",
    "at commit",
    "machine",
    "seconds",
    "time",
)


@dataclass(frozen=True)
class Recorded:
    """A committed record that can be made again.

    Attributes:
        run: that makes it, into ``build/verify/``.
        path: of the committed .json.
        seconds: that it took, with those of other runs whose weights it needs and version control leaves out.
    """

    run: Run
    path: Path
    seconds: float


def verified(names=(), *, minutes: float | None = None, at_commit: bool = False, say=print) -> pd.DataFrame:
    """Make records again, the cheapest first, and compare. Interrupted, the same call goes on: what was verified with the
    very code that runs now, and not found to differ, is not made again.

    Args:
        names: experiments; all when left out.
        minutes: stop before the first record that would end later than this, judged by the seconds it took.
        at_commit: whether to train what differs once more with the code of the record's own commit, on this machine: if that
            differs too, it is the machine, else the code.
        say: takes a line for each record.

    Returns:
        The rows of this call; ``results/verified.csv`` holds them and those of earlier calls.

    Raises:
        KeyError: if there is no such experiment, with what may have been meant.
        MissingDataError: if a data set is neither local nor reachable.
    """
    chosen = [study.named(study.EXPERIMENTS, name, "experiment").name for name in names] or list(study.EXPERIMENTS)
    began, rows, done = time.monotonic(), [], _done()
    for recorded in committed(chosen):
        if (recorded.run.experiment.name, recorded.run.seed) in done:
            continue
        left = None if minutes is None else 60 * minutes - (time.monotonic() - began)
        if left is not None and recorded.seconds > left:
            break
        row = _verified(recorded, at_commit)
        rows.append(row)
        _write(row)
        say(
            f"{row['experiment']}, seed {row['seed']}: {row['verdict']}{': ' if row['differs'] else ''}{row['differs'][:160]}"
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _done() -> set:
    """Experiment and seed of what was verified with the code that runs now, and did not differ."""
    path, version = paths.results_dir() / "verified.csv", records.code_version()
    if not path.exists() or version["dirty"] is not False:
        return set()
    table = pd.read_csv(path, keep_default_na=False, dtype={"seed": int})
    table = table[(table["at commit"] == version["commit"][:10]) & (table.verdict != DIFFERS)]
    return set(zip(table.experiment, table.seed, strict=True))


def committed(names) -> list[Recorded]:
    """The committed records of experiments, the cheapest first."""
    datasets = {}
    found = []
    for name in names:
        experiment = study.EXPERIMENTS[name]
        if experiment.dataset not in datasets:
            datasets[experiment.dataset] = load(experiment.dataset)
        for seed in experiment.seeds:
            run = _run(experiment, seed, datasets[experiment.dataset])
            path = _committed_path(run)
            if path.exists():
                found.append(Recorded(run, path, _seconds(run)))
    return sorted(found, key=lambda recorded: recorded.seconds)


def _run(experiment, seed: int, dataset: Dataset) -> Run:
    folder = paths.project_root() / "build" / "verify" / "results"
    return Run(experiment, seed, dataset, folder=folder, experiments=study.EXPERIMENTS, make=_needed)


def _committed_path(run: Run) -> Path:
    return replace(run, folder=None).path


def _needed(run: Run) -> Record:
    """What a run needs of another: its committed record where its weights are committed too, else trained again."""
    source = _committed_path(run)
    if source.with_suffix(".keras").exists() and not run.path.exists():
        run.path.parent.mkdir(parents=True, exist_ok=True)
        for suffix in (".npz", ".keras", ".json"):
            shutil.copy(source.with_suffix(suffix), run.path.with_suffix(suffix))
    return study.make(run)


def _seconds(run: Run) -> float:
    """The seconds that a record took, with those of the networks it needs whose weights are not committed."""
    path = _committed_path(run)
    seconds = records.read(path).seconds if path.exists() else {}
    spent = sum(seconds.values()) if seconds else UNKNOWN_SECONDS
    missing = [one for one in study.needs(run) if not _committed_path(one).with_suffix(".keras").exists()]
    return spent + sum(map(_seconds, missing))


def _verified(recorded: Recorded, at_commit: bool) -> dict:
    run, before = recorded.run, records.read(recorded.path)
    for suffix in (".json", ".npz", ".keras"):  # of an earlier call
        run.path.with_suffix(suffix).unlink(missing_ok=True)
    began = time.monotonic()
    again = study.make(run)
    seconds = time.monotonic() - began
    differences = records.differences(before, again)
    verdict = DIFFERS if differences else IDENTICAL if records.identical(before, again) else SAME
    because = ""
    if verdict == DIFFERS and at_commit:
        because = _because(recorded, before)
    made = records.provenance()
    return {
        "experiment": run.experiment.name,
        "seed": run.seed,
        "verdict": verdict,
        "differs": "; ".join(differences),
        "because of": because,
        "record of": f"{str(before.provenance.get('commit'))[:10]}, {before.provenance.get('device', '')}",
        "at commit": f"{str(made['commit'])[:10]}{' and changes' if made['dirty'] else ''}",
        "machine": made["device"],
        "seconds": round(seconds, 1),
        "time": made["time"],
    }


def _write(row: dict) -> None:
    """Put a row into ``results/verified.csv``, in place of an earlier one of the same run."""
    path = paths.results_dir() / "verified.csv"
    table = pd.DataFrame([row], columns=COLUMNS)
    if path.exists():
        old = pd.read_csv(path, keep_default_na=False, dtype={"seed": int})
        old = old[(old.experiment != row["experiment"]) | (old.seed != row["seed"])]
        table = pd.concat([old, table], ignore_index=True)
    table = table.sort_values(["experiment", "seed"])
    with paths.whole_file(path) as temporary:
        table.to_csv(temporary, index=False)


# --- at the record's own commit ----------------------------------------------------------------------------------


def _because(recorded: Recorded, before: Record) -> str:
    """What a difference is due to: the same training with the code of the record's own commit, on this machine, decides."""
    commit = before.provenance.get("commit")
    folder = paths.project_root() / "build" / "verify" / "commits" / str(commit)
    if not folder.exists():
        made = subprocess.run(
            ["git", "worktree", "add", "--detach", str(folder), str(commit)],
            cwd=paths.project_root(),
            capture_output=True,
            text=True,
        )
        if made.returncode:
            return f"{UNDECIDED}: the commit {commit} is not in this repository's history"
    there = folder / recorded.path.relative_to(paths.project_root())
    for suffix in (".json", ".npz", ".keras"):
        there.with_suffix(suffix).unlink(missing_ok=True)
    run = recorded.run
    command = [sys.executable, "-m", "mnist_study", "train", run.experiment.name, "--seed", str(run.seed)]
    if not (folder / "mnist_study" / "study.py").exists():  # before there was a front door, there were profiles
        command += ["--profile", "full"]
    environment = os.environ | {"PYTHONPATH": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
    if "MNIST_STUDY_DATA" in os.environ:
        environment["MNIST_STUDY_DATA"] = str(paths.environment_data_dir().resolve())
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode or not there.exists():
        return f"{UNDECIDED}: the code of {commit[:10]} does not run here ({done.stderr.strip().splitlines()[-1:]})"
    return MACHINE if records.differences(before, records.read(there)) else CODE
