"""The front door: runs, figures, tables and claims by name.

    from mnist_study import study

    study.runs("sharpies/mlp-64-16")     # the records of ten seeds; what is missing is trained now
    study.show("04_ladder")              # a figure of the reports, drawn from the records
    study.table("sharpies")              # claimed beside ours

An experiment of your own is an ``Experiment``, handed to ``runs`` and ``table`` in place of a name.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import json
import time

import pandas as pd

from . import paths, records
from .data import DIGESTS, Dataset, load
from .records import Experiment, MissingRecordError, Record, Records, named
from .reports.asher import experiments as asher
from .reports.inf283 import experiments as inf283
from .reports.nust import experiments as nust
from .reports.reader import experiments as reader
from .reports.sharpies import experiments as sharpies
from .reports.usps import experiments as usps
from .training.run import Run, load_network

EXPERIMENTS = {row.name: row for report in (sharpies, reader, nust, usps, inf283, asher) for row in report.ROWS}

__all__ = [
    "EXPERIMENTS",
    "Experiment",
    "MissingRecordError",
    "claims",
    "figures",
    "make",
    "network",
    "runs",
    "show",
    "table",
    "train",
]


def all_records() -> Records:
    """The committed records of every experiment."""
    return Records(EXPERIMENTS, DIGESTS)


# --- runs --------------------------------------------------------------------------------------------------------


def runs(
    experiment: str | Experiment, *, seeds=None, dataset: Dataset | None = None, quick: bool = False
) -> list[Record]:
    """The records of an experiment, one for each seed: loaded where they exist, else made and kept.

    What is missing is trained with a progress bar; interrupted, the same call goes on with the epoch after the last.

    Args:
        experiment: the name of a report's experiment, or an ``Experiment`` of your own.
        seeds: the seeds; the experiment's own when left out.
        dataset: what to run on; the experiment's own data set when left out, and loaded only if a run is missing.
        quick: whether to make a smoke run of the first seed instead, on a small sample and with few epochs, in ``build/quick/``.

    Returns:
        The records, in the order of the seeds.

    Raises:
        KeyError: if there is no such experiment, with what may have been meant.
        ValueError: if an ``Experiment`` of your own cannot be run, with how to mend it.
        MissingDataError: if a run is missing, and so is its data set.

    Example:
        >>> [run.metrics["misses"] for run in runs("sharpies/knn")]
        [402]
    """
    chosen = checked(experiment) if isinstance(experiment, Experiment) else named(EXPERIMENTS, experiment, "experiment")
    seeds = tuple(seeds or (chosen.seeds[:1] if quick else chosen.seeds))
    if dataset is None and not quick:
        made = [_committed(chosen, seed) for seed in seeds]
        if all(made):
            return made
    dataset = dataset or load(chosen.dataset, quick)
    known = EXPERIMENTS | {chosen.name: chosen}
    return [make(Run(chosen, seed, dataset, quick, experiments=known, make=make)) for seed in seeds]


def network(experiment: str, seed: int = 1):
    """The trained Keras network of one run of an experiment.

    Args:
        experiment: the name of a report's experiment that trains a network.
        seed: of the run.

    Returns:
        A Keras model, uncompiled, that takes images as their data set has them.

    Raises:
        KeyError: if there is no such experiment, with what may have been meant.
        FileNotFoundError: if its weights are not on this machine: large ones are not committed.

    Example:
        >>> network("sharpies/mlp-64-16").count_params()
        51450
    """
    [run] = runs(experiment, seeds=[seed])
    path = records.record_path(paths.results_dir(), run.experiment, run.seed, run.settings, run.data_digest)
    return load_network(run, path)


def _committed(experiment: Experiment, seed: int) -> Record | None:
    """The record of a seed on the experiment's own data set, which need not be there for it."""
    if experiment.dataset not in DIGESTS:
        return None
    return records.find(paths.results_dir(), experiment.name, seed, experiment.settings, DIGESTS[experiment.dataset])


def checked(experiment: Experiment) -> Experiment:
    """An experiment of your own, if it can be run.

    Raises:
        ValueError: if it has the name of a report's experiment, a kind that nothing runs, no seeds, or settings that a
            record cannot hold.
    """
    name, own = experiment.name, EXPERIMENTS.get(experiment.name)
    if own is not None and own != experiment:
        raise ValueError(f"{name} is a report's; give yours another name, such as mine/{name.split('/')[-1]}.")
    if experiment.kind not in runners():
        raise ValueError(f"{name} is of kind {experiment.kind!r}; expected one of: {', '.join(runners())}.")
    if not experiment.seeds:
        raise ValueError(f"{name} has no seeds; expected at least one, such as seeds=(1, 2, 3).")
    try:
        json.dumps(experiment.settings | experiment.quick)
    except TypeError as error:
        raise ValueError(
            f"The settings of {name} cannot be written into a record: {error}. Expected plain numbers, texts, lists and dicts."
        ) from None
    return experiment


def make(run: Run) -> Record:
    """The record of one run: loaded where it exists (same experiment, settings, seed, data), else made and saved.

    Where another process is making it, this one waits for it. The commit of the code is read before anything is fitted and
    kept beside the checkpoint; a run that was interrupted names every commit that it was trained at.
    """
    if run.path.exists():
        return records.read(run.path)
    with _held(run, wait=True):
        return records.read(run.path) if run.path.exists() else _kept(run, _made(run))


def _made(run: Run) -> Record:
    """The record of a run, made now and not yet saved."""
    versions = _code_versions(run)
    record = runners()[run.experiment.kind](run)
    commits = list(dict.fromkeys(version["commit"] for version in versions))
    dirty = [version["dirty"] for version in versions]
    record.provenance |= {
        "commit": commits[-1],
        "dirty": None if None in dirty else any(dirty),
        "began": versions[0]["time"],
    }
    record.provenance |= {"commits": commits} if len(commits) > 1 else {}
    return record


def _kept(run: Run, record: Record) -> Record:
    """The record, after it was saved and its checkpoint removed."""
    records.save(record, run.folder or paths.results_dir(run.quick))
    for file in (run.checkpoint, _versions_path(run)):
        file.unlink(missing_ok=True)
    return record


def _versions_path(run: Run):
    return run.checkpoint.with_suffix(".json")


def _code_versions(run: Run) -> list[dict]:
    """The versions of the code that the run was trained at so far, now included; kept until the record is safe."""
    path = _versions_path(run)
    resumed = run.checkpoint.exists() and path.exists()
    versions = json.loads(path.read_text(encoding="utf-8")) if resumed else []
    versions.append(records.code_version() | {"time": records.now()})
    paths.write_text(path, json.dumps(versions))
    return versions


@contextlib.contextmanager
def _held(run: Run, wait: bool):
    """Hold a run for this process while the block runs; the system lets go with the process.

    Args:
        run: to be made.
        wait: whether to wait for another process that holds it.

    Yields:
        Whether it is held; always True where ``wait`` is.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        yield True
        return
    path = run.checkpoint.with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if not wait:
                yield False
                return
            print(f"{run.title}: another process is making this run; waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield True


def train(names=(), *, seeds=None, quick: bool = False, workers: int = 1, say=print) -> None:
    """Make the records that are missing, with what they need of other experiments; several at a time with several workers.

    Workers are processes of this machine, which share its cores evenly; this process alone writes records. A worker that
    dies is replaced, and its run goes on with the epoch after the last.

    Args:
        names: experiments; all of the reports' when left out.
        seeds: the seeds; each experiment's own when left out.
        quick: whether to make smoke runs, as ``runs`` does.
        workers: runs at a time.
        say: takes a ``Run`` and its record for each of the experiments' runs.

    Raises:
        KeyError: if there is no such experiment, with what may have been meant, before anything is trained.
    """
    chosen = [named(EXPERIMENTS, name, "experiment") for name in names or EXPERIMENTS]
    asked = [_run(one, seed, quick) for one in chosen for seed in seeds or (one.seeds[:1] if quick else one.seeds)]
    if workers > 1:
        _spread([run for run in asked if not run.path.exists()], workers)
    for run in asked:
        say(run, make(run))


@functools.lru_cache(maxsize=4)
def _dataset(name: str, quick: bool) -> Dataset:
    return load(name, quick)


def _run(experiment: Experiment, seed: int, quick: bool) -> Run:
    dataset = _dataset(experiment.dataset, quick)
    return Run(experiment, seed, dataset, quick, experiments=EXPERIMENTS, make=make)


def needs(run: Run) -> list[Run]:
    """The runs of other experiments whose trained networks a run uses."""
    names = [run.settings[key] for key in ("trained", "start") if key in run.settings]
    others = [run.experiments[name] for name in names if name in run.experiments]
    needed = [
        run.other(other.name, seed)
        for other in others
        if other.kind not in ("classical", "shipped") and run.experiment.kind not in ("shipped", "edge")
        for seed in _seeds_needed(run, other)
    ]
    return needed[:1] if run.quick else needed


def _seeds_needed(run: Run, other: Experiment):
    if "members" in run.settings:  # of a committee
        return run.settings["members"][run.seed - 1]
    return [run.seed] if run.seed in other.seeds else other.seeds


def _spread(missing: list[Run], workers: int) -> None:
    """Make runs in worker processes, each after those that it needs."""
    from .workers import pool

    for run in missing:  # grows while it is gone through: what is needed is made too
        known = {other.path for other in missing}
        missing += [one for one in needs(run) if not one.path.exists() and one.path not in known]
    with pool(workers) as client, contextlib.ExitStack() as locks:
        from distributed import wait

        waiting, running = list(missing), {}
        while waiting or running:
            ready = [run for run in waiting if all(one.path.exists() for one in needs(run))]
            for run in ready[: workers - len(running)]:
                waiting.remove(run)
                held = contextlib.ExitStack()
                if held.enter_context(_held(run, wait=False)):
                    asked = run.experiment.name, run.seed, run.quick
                    task = client.submit(_made_in_a_worker, *asked, pure=False, retries=0)
                    running[task] = run, locks.enter_context(held)
                else:
                    waiting.append(run)  # another process is making it
            if not running:
                time.sleep(1)
            for task in wait(list(running), return_when="FIRST_COMPLETED").done if running else ():
                run, held = running.pop(task)
                _kept(run, task.result())
                held.close()
            waiting = [run for run in waiting if not run.path.exists()]


def _made_in_a_worker(name: str, seed: int, quick: bool) -> Record:
    run = _run(EXPERIMENTS[name], seed, quick)
    return _made(dataclasses.replace(run, make=lambda needed: records.read(needed.path)))


def runners() -> dict:
    """Kind of experiment -> the function from a ``Run`` to its record. They load Keras, so they are imported when needed."""
    from .reports.asher import runs as asher_runs
    from .reports.inf283 import runs as inf283_runs
    from .reports.nust import runs as nust_runs
    from .reports.reader import runs as reader_runs
    from .reports.sharpies import runs as sharpies_runs
    from .reports.usps import runs as usps_runs
    from .training import classical, networks

    general = {"network": networks.run_network, "classical": classical.run_classical}
    for report in (sharpies_runs, reader_runs, nust_runs, usps_runs, inf283_runs, asher_runs):
        general |= report.RUNNERS
    return general


# --- figures, tables, claims -------------------------------------------------------------------------------------


def figures() -> dict:
    """Name of a figure -> the function from ``Records`` that draws it."""
    from .reports.asher import figures as asher_figures
    from .reports.inf283 import figures as inf283_figures
    from .reports.nust import figures as nust_figures
    from .reports.reader import figures as reader_figures
    from .reports.sharpies import figures as sharpies_figures
    from .reports.usps import figures as usps_figures

    reports = (sharpies_figures, reader_figures, nust_figures, usps_figures, inf283_figures, asher_figures)
    return dict(sorted(item for report in reports for item in report.FIGURES.items()))


def show(name: str):
    """A figure of the reports, drawn from the committed records, for a notebook.

    Args:
        name: of the figure, such as "04_ladder"; ``python -m mnist_study list`` names them all.

    Returns:
        An ``IPython.display.Image``.

    Raises:
        KeyError: if there is no such figure, with what may have been meant.
        MissingRecordError: if a run it needs was not made.
    """
    from IPython.display import Image
    from PIL import Image as Picture

    from .plots import png

    content = png(named(figures(), name, "figure")(all_records()))
    with Picture.open(io.BytesIO(content)) as picture:
        return Image(data=content, width=min(900, picture.width))


def table(which) -> pd.DataFrame:
    """Claimed beside ours, ready to be shown.

    Args:
        which: the name of a table ("sharpies", "photos", "nust", "usps", "inf283", "grid", "asher", "reader", "edge",
            "later" for what the reports left for later and what happened), or names of experiments and
            ``Experiment``s of your own.

    Returns:
        One row for each experiment, all text.

    Raises:
        KeyError: if there is no such table or experiment, with what may have been meant.
        MissingRecordError: if a run it needs was not made.

    Example:
        >>> table(["sharpies/knn"]).loc[0, ["claimed %", "ours %", "verdict"]].tolist()
        ['97.13', '97.13', 'exact']
    """
    from .reports import tables

    if isinstance(which, str):
        return named(tables.TABLES, which, "table")(all_records())
    own = {one.name: one for one in which if isinstance(one, Experiment)}
    found = Records(EXPERIMENTS | own, DIGESTS)
    return tables.table(found, [one.name if isinstance(one, Experiment) else one for one in which])


def claims(report: str) -> pd.DataFrame:
    """Every number and table that a report prints beside ours, with its verdict and, where it does not hold, why.

    Args:
        report: "sharpies", "nust", "usps", "inf283" or "asher".

    Returns:
        One row for each claim, all text: experiment, model, what, kind, claimed, ours (mean ± standard deviation), n (runs),
        misses, difference, margin, verdict, why.

    Raises:
        KeyError: if there is no such report.
    """
    from .reports import verdicts

    named(verdicts.REPORTS, report, "report")
    return verdicts.rows(all_records(), report)


def versions() -> str:
    """What this ran with, in one line, for the end of a notebook."""
    return ", ".join(f"{name} {version}" for name, version in records.versions().items())
