"""The same network trained further on distorted digits: what that alone would gain."""

from .. import data, paths
from ..data import augment
from .convention import Found
from .loading import Model

EPOCHS, BATCH, LEARNING_RATE = 3, 128, 5e-4  # our choice


def trained(model: Model, found: Found, seed: int = 1):
    """A copy of a Keras model, trained on MNIST's training images, distorted afresh in every epoch.

    An interrupted training goes on after its last finished epoch, which lies in ``build/checkpoints/diagnose/``.

    Args:
        model, found: what is trained, and how it wants its images.
        seed: of the distortions.

    Returns:
        A Keras model that takes images as the original does and gives answers as it does.

    Raises:
        ValueError: it is no Keras model, or its answers are neither probabilities nor logits.
    """
    if model.kind != "keras" or found.kind not in ("probabilities", "logits", "log-probabilities"):
        raise ValueError(
            f"{model.name} cannot be trained further here. Expected a Keras model that answers with probabilities or "
            f"logits; leave --train out, and train it where it was made, with the distortions of data.augment."
        )
    from ..models.backend import keras
    from ..training import epochs

    network = keras.models.clone_model(model.original)
    network.set_weights(model.original.get_weights())
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    optimizer.build(network.trainable_variables)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=found.kind != "probabilities")
    network.compile(optimizer, loss, metrics=["accuracy"])
    (images, labels), _ = data.mnist()
    held_out = len(images) // 12  # 5,000 of MNIST's training images, for the progress bar's accuracy

    def shown(part):
        return found.convention.apply(part / 255)

    def epoch_images(epoch):
        rng = epochs.epoch_generator(seed, epoch)
        order = rng.permutation(len(images) - held_out)
        return shown(augment.distorted(images[order], rng, augment.STRONG)), labels[order]

    name = data.digest(*model.original.get_weights())[:16]
    checkpoint = paths.checkpoints_dir() / "diagnose" / f"{name}.npz"
    validation = shown(images[-held_out:]), labels[-held_out:]
    options = {"epochs": EPOCHS, "batch_size": BATCH, "seed": seed, "title": "training on distorted digits"}
    epochs.fit(network, epoch_images, validation, checkpoint=checkpoint, **options)
    checkpoint.unlink()
    return network
