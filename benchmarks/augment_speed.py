"""What training on modified images costs: seconds of a LeNet epoch on images as they are, and on new ones every epoch.

Run alone on the machine: python benchmarks/augment_speed.py
"""

import argparse
import time

import numpy as np

from mnist_study import data, study
from mnist_study.data import augment
from mnist_study.reports.nust import runs
from mnist_study.training import epochs, networks


def main() -> None:
    """Time the three in turn and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=4, help="timed epochs of each kind, alternating")
    options = parser.parse_args()
    settings = study.EXPERIMENTS["nust/lenet-augmented"].settings
    (x, y), _ = data.validation_parts(data.mnist()[0], settings["validation_split"])
    model = networks.build_network(settings, x)
    epochs.compiled(model, settings["optimizer"], settings["learning_rate"])
    seconds = {"as they are": [], "modified": [], "making them alone": []}
    for epoch in range(options.epochs + 1):  # the first of each compiles
        rng = np.random.default_rng(epoch)
        began = time.perf_counter()
        order = rng.permutation(len(x))
        epochs.train_epoch(model, x[order], y[order], settings["batch_size"])
        plain = time.perf_counter()
        pixels, labels = runs.augmented_epoch(x, y, rng, settings)
        made = time.perf_counter()
        epochs.train_epoch(model, pixels, labels, settings["batch_size"])
        done = time.perf_counter()
        if epoch:
            for name, value in zip(seconds, (plain - began, done - plain, made - plain), strict=True):
                seconds[name].append(value)
    for name, values in seconds.items():
        print(f"{name:>18}: {np.median(values):6.2f} s an epoch of {len(x):,} images (median of {len(values)})")
    slower = np.median(seconds["modified"]) / np.median(seconds["as they are"]) - 1
    print(f"training on modified images is {100 * slower:.1f} % slower; {augment.MODIFICATION}")


if __name__ == "__main__":
    main()
