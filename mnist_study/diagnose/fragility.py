"""How much a model's accuracy suffers where one thing about the images changes, beside the networks of this study."""

from collections.abc import Callable

import numpy as np

from ..data import DIGESTS, augment
from ..records import MissingRecordError, Records
from ..reports.nust.experiments import ROWS
from .convention import Convention, understood
from .loading import Model

STRENGTHS = {
    "rotation": (10, 20, 30),
    "shift": (0.05, 0.1, 0.2),
    "zoom": (0.1, 0.2, 0.3),
    "brightness": (0.2, 0.4, 0.8),
    "thickness": (0.3, 0.6, 1.0),
    "blur": (0.7, 1.4, 2.1),
    "coarseness": (16, 12, 8),
}  # of ``augment.changed``; all of them are in the records of ``BAND``
UNITS = {
    "rotation": ("±{:g}°", ""),
    "shift": ("±{:.0%}", " of the side"),
    "zoom": ("±{:.0%}", ""),
    "brightness": ("±{:.0%}", ""),
    "thickness": ("±{:.1f}", " pixels"),
    "blur": ("{:g}", " pixels"),
    "coarseness": ("{:g}", " pixels a side"),
}  # how a strength is written, and what it is counted in
BAND = ("mlp-64-16", "mlp-64-32", "cnn-32f", "cnn-32-16f", "cnn-32-16fx3")  # the networks of report sharpies
IMAGES, SEED = 300, 20


def written(change: str, strength: float) -> str:
    """A strength with its sign, without its unit.

    Example:
        >>> written("shift", 0.05), written("thickness", 0.3)
        ('±5 %', '±0.6')
    """
    strength = 2 * strength if change == "thickness" else strength  # 1 makes a stroke two pixels wider
    return UNITS[change][0].format(strength).replace("%", " %")


def measure(model: Model, convention: Convention, images, labels, progress: Callable = iter) -> dict:
    """Accuracy under each change alone: change -> that of the unchanged images, and one for each of its ``STRENGTHS``.

    Args:
        model, convention: what is asked, and how.
        images, labels: uint8 (n, 28, 28), white ink on black, and int (n,); ``IMAGES`` of them are used.
        progress: wraps what is gone through, as tqdm does.
    """
    images, labels = images[:IMAGES], labels[:IMAGES]

    def accuracy(shown):
        answers = understood(model.predict(convention.apply(shown / np.float32(255))), len(shown))
        return float(np.mean(answers.digits == labels))

    def changed(change, strength):
        return augment.changed(images, np.random.default_rng(SEED), change, strength)

    plain = accuracy(images)
    return {
        change: [plain, *(accuracy(changed(change, strength)) for strength in STRENGTHS[change])]
        for change in progress(list(STRENGTHS))
    }


def band() -> dict:
    """The lowest and the highest mean accuracy of the networks in ``BAND``, as ``measure`` orders its own.

    Returns:
        Change -> ``[(lowest, highest), ...]``; empty where the records are not there, as in an installation without them.
    """
    records = Records({row.name: row for row in ROWS}, DIGESTS)
    found = {}
    try:
        for change, strengths in STRENGTHS.items():
            means = []
            for name in BAND:
                group = "fragility" if change in augment.MODIFICATION else "ink-fragility"
                runs = records.all(f"nust/{group}/{name}")
                measured = runs[0].settings["strengths"]
                row = list(measured).index(change)
                columns = [measured[change].index(strength) for strength in strengths]
                accuracy = np.mean([run.arrays["accuracy"][row, columns] for run in runs], axis=0)
                means.append([np.mean([run.metrics["accuracy_plain"] for run in runs]), *accuracy])
            found[change] = [(float(min(column)), float(max(column))) for column in zip(*means, strict=True)]
    except MissingRecordError:
        return {}
    return found
