"""What training on modified images costs: seconds of a LeNet epoch on images as they are, and on new ones every epoch.

Run alone on the machine: python benchmarks/augment_speed.py
"""

import argparse
import time

import numpy as np

from mnist_study import study as experiments
from mnist_study.data import augment, datasets
from mnist_study.reports.nust import runs as modified_test_set
from mnist_study.training import epochs as training
from mnist_study.training import networks as network_training


def main() -> None:
    """Time the three in turn and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=4, help="timed epochs of each kind, alternating")
    options = parser.parse_args()
    settings = experiments.get("nust/lenet-augmented").settings
    (x, y), _ = datasets.validation_parts(datasets.mnist(), settings["validation_split"])
    model = network_training.build_network(settings, x)
    training.compiled(model, settings["optimizer"], settings["learning_rate"])
    seconds = {"as they are": [], "modified": [], "making them alone": []}
    for epoch in range(options.epochs + 1):  # the first of each compiles
        rng = np.random.default_rng(epoch)
        began = time.perf_counter()
        order = rng.permutation(len(x))
        training.train_epoch(model, x[order], y[order], settings["batch_size"])
        plain = time.perf_counter()
        pixels, labels = modified_test_set.augmented_epoch(x, y, rng, settings)
        made = time.perf_counter()
        training.train_epoch(model, pixels, labels, settings["batch_size"])
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
