"""Trials a minute of a search with one process, with two workers, and with two that are given all cores each.

    python benchmarks/tuning_throughput.py [--trials 8] [--epochs 2] [--profile full]

Every search is the same: the space ``dropout_and_batch``, the same seed, from an empty folder. Counted from the start of the
command to its end, workers starting included, and from the first finished trial to the last.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from mnist_study import searches, tuning, tuning_workers


def measured(title: str, run, options, folder: Path) -> dict:
    """Trials a minute over all, and between the first end of a trial and the last."""
    search = searches.Search(
        "dropout_and_batch", "random", options.trials, epochs=options.epochs, profile=options.profile, folder=folder
    )
    began = time.perf_counter()
    found = run(search)
    whole = time.perf_counter() - began
    ends = [row["time"] for row in searches.rows(folder)]
    steady = (len(ends) - 1) / (max(ends) - min(ends)) * 60
    print(
        f"{title:>34}: {len(found)} trials in {whole:.0f} s, {60 * len(found) / whole:.2f} a minute; steady {steady:.2f}",
        flush=True,
    )
    return {"whole": whole, "steady": steady, "scores": sorted(found.score)}


def main() -> None:
    """Measure the three ways one after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--profile", default="full", choices=("quick", "full"))
    options = parser.parse_args()
    shared_out = tuning_workers.threads_per_worker

    def fighting(search):
        tuning_workers.threads_per_worker = lambda workers: shared_out(1)
        return tuning_workers.run(search, 2, say=lambda line: None)

    ways = {
        "one process, all cores": lambda search: tuning.run(search, say=lambda line: None),
        "two workers, cores shared out": lambda search: tuning_workers.run(search, 2, say=lambda line: None),
        "two workers, all cores each": fighting,
    }
    with tempfile.TemporaryDirectory() as root:
        found = [measured(title, run, options, Path(root) / str(i)) for i, (title, run) in enumerate(ways.items())]
    print(f"two workers against one process: {found[0]['whole'] / found[1]['whole']:.2f} times the trials a minute, "
          f"steady {found[1]['steady'] / found[0]['steady']:.2f} times")  # fmt: skip


if __name__ == "__main__":
    main()
