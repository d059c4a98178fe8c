"""Images per second of a training epoch: plain ``model.fit``, this project's training, and a hand-written PyTorch loop.

All three do the same: the report's network, plain SGD at 3e-3, L2 1e-5, batches of 32 in the same order for a seed.
The first epoch (tracing, compiling) is left out; the best of the others counts, so that a busy machine disturbs less.

    python benchmarks/training_speed.py [--images 54000] [--epochs 5] [--networks mlp-64-16 cnn-32f ...]

Measured output stands in ``benchmarks/README.md``.
"""

import argparse
import os
import time
from itertools import pairwise

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from mnist_study import data, records, study
from mnist_study.training import networks

NETWORKS = ("mlp-64-16", "mlp-64-32", "cnn-32f", "cnn-32-16f", "cnn-32-16fx3")
SEED = 1


def best_rate(epoch, n: int, epochs: int) -> float:
    """Images per second of the fastest epoch after the first."""
    seconds = []
    for number in range(epochs):
        began = time.perf_counter()
        epoch(number)
        seconds.append(time.perf_counter() - began)
    return n / min(seconds[1:])


def plain_fit(settings, x_train, x, y, epochs: int):
    """What the report wrote: standardised float32 arrays into ``compile`` and ``fit`` with their defaults."""
    keras.utils.set_random_seed(SEED)
    model = networks.build_network(settings, x_train)
    model.compile(
        keras.optimizers.SGD(settings["learning_rate"]), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    x = x.astype(np.float32)

    def epoch(number: int) -> None:
        order = epochs.batch_order(SEED, number, len(x))
        model.fit(x[order], y[order], batch_size=settings["batch_size"], shuffle=False, verbose=0)

    return best_rate(epoch, len(x), epochs), model


def project_fit(settings, x_train, x, y, epochs: int):
    """The project's own training."""
    keras.utils.set_random_seed(SEED)
    model = networks.build_network(settings, x_train)
    trainer = epochs.compiled(model, settings["optimizer"], settings["learning_rate"])

    def epoch(number: int) -> None:
        order = epochs.batch_order(SEED, number, len(x))
        epochs.train_epoch(trainer, x[order], y[order], settings["batch_size"])

    return best_rate(epoch, len(x), epochs), model


def torch_loop(settings, x_train, x, y, epochs: int):
    """The same by hand in PyTorch, or None where it is not installed."""
    try:
        import torch
        from torch import nn
    except ImportError:
        return None
    torch.manual_seed(SEED)
    options = settings["model"]
    if options["builder"] == "mlp":
        sizes = [784, *options["hidden_units"]]
        body = [nn.Flatten()]
        for before, after in pairwise(sizes):
            body += [nn.Linear(before, after), nn.ReLU()]
        net = nn.Sequential(*body, nn.Linear(sizes[-1], 10))
    else:
        filters = [1, *options["filters"]]
        body = []
        for before, after in pairwise(filters):
            body += [nn.Conv2d(before, after, 3), nn.ReLU()]
        side = (28 - 2 * (len(filters) - 1)) // 2
        net = nn.Sequential(*body, nn.MaxPool2d(2), nn.Flatten(), nn.Linear(side * side * filters[-1], 10))
    kernels = [weight for weight in net.parameters() if weight.ndim > 1]
    biases = [weight for weight in net.parameters() if weight.ndim == 1]
    groups = [{"params": kernels, "weight_decay": 2 * options["l2"]}, {"params": biases}]  # the gradient of l2 * w^2
    optimizer = torch.optim.SGD(groups, lr=settings["learning_rate"])
    mean, std = x_train.mean() / 255, x_train.std() / 255
    images = (torch.from_numpy(x.copy()).float()[:, None] / 255 - mean) / std
    labels = torch.from_numpy(y.astype(np.int64))

    def epoch(number: int) -> None:
        order = torch.from_numpy(epochs.batch_order(SEED, number, len(x)))
        for batch in order.split(settings["batch_size"]):
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()

    return best_rate(epoch, len(x), epochs)


def main() -> None:
    """Print one line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=54000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--networks", nargs="+", default=NETWORKS, choices=NETWORKS)
    options = parser.parse_args()
    dataset = data.load()
    x, y = dataset.x_train[: options.images], dataset.y_train[: options.images]
    print(
        f"{records.provenance()['device']}; {len(x):,} images an epoch, best of {options.epochs - 1} epochs; images/s"
    )
    print(
        f"{'network':14} {'model.fit':>10} {'ours':>10} {'ratio':>6} {'PyTorch':>10} {'largest difference of weights':>32}"
    )
    for name in options.networks:
        settings = study.EXPERIMENTS[f"sharpies/{name}"].settings
        plain, plain_model = plain_fit(settings, dataset.x_train, x, y, options.epochs)
        ours, our_model = project_fit(settings, dataset.x_train, x, y, options.epochs)
        by_hand = torch_loop(settings, dataset.x_train, x, y, options.epochs)
        pairs = zip(plain_model.get_weights(), our_model.get_weights(), strict=True)
        apart = max(float(np.abs(a - b).max()) for a, b in pairs)
        torch_text = f"{by_hand:10,.0f}" if by_hand else "  not here"
        print(f"{name:14} {plain:10,.0f} {ours:10,.0f} {ours / plain:6.2f} {torch_text} {apart:32.1e}", flush=True)


if __name__ == "__main__":
    main()
