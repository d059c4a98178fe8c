"""How much two workers gain over one process: the same search of eight trials, from its first to its last end.

python benchmarks/tuning_throughput.py [--trials 8] [--epochs 2] [--images 20000]
"""

import argparse
import tempfile
import time
from pathlib import Path

from mnist_study import data, tuning
from mnist_study.models import spaces


def seconds(options, workers: int) -> float:
    """Wall-clock seconds of one search in a folder of its own, the start of the workers included."""
    (x_train, y_train), _ = data.mnist()
    x, y = x_train[: options.images], y_train[: options.images]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        tuning.search(
            spaces.asher,
            x,
            y,
            trials=options.trials,
            epochs=options.epochs,
            workers=workers,
            folder=Path(folder) / "search",
        )
        return time.perf_counter() - began


def main() -> None:
    """Print the seconds of one and of two workers, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--images", type=int, default=20_000)
    options = parser.parse_args()
    one, two = seconds(options, 1), seconds(options, 2)
    print(f"{options.trials} trials: one process {one:.0f} s, two workers {two:.0f} s, ratio {one / two:.2f}")


if __name__ == "__main__":
    main()
