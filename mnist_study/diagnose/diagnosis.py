"""The whole examination of a model: its convention, its photos step by step, its fragility, and what to do."""

import functools
from dataclasses import dataclass, replace

import numpy as np
from tqdm import tqdm

from .. import data, reader
from ..reports.sharpies.experiments import LADDER
from . import convention, fragility, page, pictures, training, words
from .loading import Model, load

IMPORTS = "import ", "from "
AGREES = 0.6  # share of equal answers from which a preparation counts as recognised


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """What was found out about a model; a notebook shows it as a page.

    Attributes:
        model: what was asked, as ``load`` made it.
        found: how it wants its images.
        photos: what it was shown; empty where there were none, or where it does not read MNIST either.
        skipped: photos that could not be read, with the reason of each.
        ladder: a rung of the preparation -> the digits that the model reads, int (n,).
        home_made: a home-made preparation -> the same.
        recognised: the preparation whose answers are those that the user saw, how many are the same, and of how many;
            None where none comes near, or nobody said what was seen.
        fragility, band: accuracy under each change, and that of this study's networks.
        trained: the network trained on distorted digits, and its answers on the rungs; None without ``train``.
        notice: what a reader must be told first, such as that the digits are not MNIST's; "" where there is nothing.
    """

    model: Model
    found: convention.Found
    photos: tuple = ()
    skipped: tuple = ()
    ladder: dict | None = None
    home_made: dict | None = None
    recognised: tuple | None = None
    fragility: dict | None = None
    band: dict | None = None
    trained: tuple | None = None
    notice: str = ""

    def __repr__(self):
        read = f"; {self.right(self.ladder[LADDER[-1]])} of {self.n} photos" if self.photos else ""
        return f"Diagnosis({self.model.name}: {self.found.convention}; {self.found.accuracy:.1%} of MNIST{read})"

    @property
    def labels(self) -> np.ndarray:
        """int (n,), -1 where nobody knows what the photo shows."""
        return np.array([-1 if one.label is None else one.label for one in self.photos], int)

    @property
    def n(self) -> int:
        """How many photos are labelled."""
        return int(np.sum(self.labels >= 0))

    def right(self, digits) -> int:
        """How many of the labelled photos are read right."""
        return int(np.sum(digits == self.labels))

    @property
    def gained(self) -> dict[str, int]:
        """Rung of the ladder, from the second on -> how many more photos are read right than one rung before."""
        counts = [self.right(self.ladder[rung]) for rung in LADDER]
        return dict(zip(LADDER[1:], np.diff(counts).tolist(), strict=True))

    @property
    def deciding_step(self) -> str:
        """The rung of the ladder that gains most, the first of equals."""
        return max(self.gained, key=self.gained.get)

    def read_from(self, index: int) -> str | None:
        """The rung from which on a photo is read right; None where it is not even at the last."""
        right = [self.ladder[rung][index] == self.labels[index] for rung in LADDER]
        wrong = [number for number, one in enumerate(right) if not one]
        first = wrong[-1] + 1 if wrong else 0
        return LADDER[first] if first < len(LADDER) else None

    def code(self) -> str:
        """Python that reads one photo with this model as it should be done."""
        body = [
            *(line for line in self.model.opened if not line.startswith(IMPORTS)),
            "image = reader.digit_image('photo.jpg')  # 28x28, white ink on black, 0 to 1",
            *self.found.convention.code(),
            *(line.format(x="x") for line in self.model.asked),
            "print(answers[0])" if self.found.kind in ("numbers", "texts") else "print(answers[0].argmax())",
        ]
        used = {line for line in self.model.opened if line.startswith(IMPORTS)} | {"from mnist_study import reader"}
        for name, line in (("np.", "import numpy as np"), ("Image.", "from PIL import Image")):
            used |= {line} if name in "".join(body) else set()
        return "\n".join([*sorted(used, key=lambda line: (line.startswith("from"), line)), "", *body])

    def text(self) -> str:
        """Everything but the pictures, for a terminal."""
        return words.text(self)

    def to_dict(self) -> dict:
        """Everything but the pictures, as plain JSON types."""
        return words.as_dict(self)

    def html(self) -> str:
        """A page of its own: nothing is loaded from elsewhere."""
        return page.page(self)

    def _repr_html_(self) -> str:
        return page.frame(self)


def diagnose(model, photos=(), *, labels=None, answers=None, train: bool = False) -> Diagnosis:
    """Find out why a model of the ten digits does not read somebody's photos.

    Args:
        model: a file, a Keras model, a fitted scikit-learn estimator, or a function; see ``load``.
        photos: paths, folders, arrays or Pillow images; none examines the model alone.
        labels: the digits that they show. Left out, they come from names (``7_kitchen.jpg``) and folders (``7/…``), and
            else from the reader of this study where it is sure.
        answers: the digits that the model gave for these photos in the user's own program: names the preparation that
            leads to them.
        train: whether to train a copy of the model on distorted digits too, which takes minutes.

    Returns:
        A ``Diagnosis``.

    Raises:
        FileNotFoundError: a file is not there.
        ValueError: the model or the photos cannot be used; the message says how to mend it.

    Example:
        >>> from sklearn.neighbors import KNeighborsClassifier
        >>> (x_train, y_train), _ = data.embedded_digits()
        >>> knn = KNeighborsClassifier(3).fit(255 - x_train[:500].reshape(-1, 784), y_train[:500])
        >>> str(diagnose(knn).found.convention)
        '(784,), 0 to 255, black on white'
    """
    chosen = pictures.listed(photos)
    told = _told(chosen, labels)
    if answers is not None and len(answers) != len(chosen):
        raise ValueError(
            f"There are {len(answers)} answers to {len(chosen)} photos; expected one for each, in their order."
        )
    asked = load(model)
    (_, _), (images, digits) = data.mnist()
    every = max(1, len(images) // convention.FINAL)  # fifth of MNIST's: their first half is easier than the second
    images, digits = images[::every], digits[::every].astype(int)
    notice = "" if len(images) >= convention.FINAL else "MNIST is not here: scikit-learn's digits stand in for it."
    found = convention.find(asked, images / np.float32(255), digits, _progress("trying conventions"))
    result = Diagnosis(asked, found, notice=notice)
    if not found.reads:
        return result
    network = training.trained(asked, found) if train else None
    measured = fragility.measure(asked, found.convention, images, digits, _progress("changing images"))
    result = replace(result, fragility=measured, band=fragility.band())
    if chosen:
        result = _with_photos(result, chosen, told, answers)
    if network is None:
        return result
    return replace(result, trained=(network, _climbed(load(network), found.convention, result.photos)))


def _progress(title: str):
    return functools.partial(tqdm, desc=title, leave=False, disable=None)  # silent where nobody looks


def _told(chosen: list, labels) -> list:
    if labels is None:
        return pictures.labels_of(chosen)
    if len(labels) != len(chosen) or not np.isin(labels, range(10)).all():
        raise ValueError(f"Expected {len(chosen)} labels from 0 to 9, one for each photo, found {list(labels)[:20]}.")
    return [(int(label), "you") for label in labels]


def _with_photos(result: Diagnosis, chosen: list, told: list, answers) -> Diagnosis:
    model, how = result.model, result.found.convention
    taken, skipped, seen = [], [], []
    names = pictures.names_of(chosen)
    for number, photo in enumerate(_progress("preparing photos")(chosen)):
        name = names[number]
        try:
            taken.append(pictures.prepared(photo, name, *told[number], how.side))
        except reader.PhotoError as error:
            skipped.append(f"{name}: {error}")
            continue
        seen.append(None if answers is None else int(answers[number]))
    if not taken:
        raise ValueError(f"None of the {len(chosen)} photos can be read. {skipped[0]}")

    fed = {name: model.predict(pictures.fed(taken, name, how)) for name in pictures.described(how)}
    home_made = {name: convention.understood(raw, len(taken)).digits for name, raw in fed.items()}
    return replace(
        result,
        photos=tuple(taken),
        skipped=tuple(skipped),
        ladder=_climbed(model, how, taken),
        home_made=home_made,
        recognised=None if answers is None else _recognised(home_made, np.array(seen)),
    )


def _climbed(model: Model, how: convention.Convention, taken) -> dict:
    """A rung -> the digits that a model reads on it; empty without photos."""
    shown = {rung: np.stack([one.steps[rung] for one in taken]) for rung in LADDER if taken}
    raw = {rung: model.predict(how.apply(images)) for rung, images in shown.items()}
    return {rung: convention.understood(answers, len(taken)).digits for rung, answers in raw.items()}


def _recognised(home_made: dict, seen) -> tuple | None:
    """The preparation with the most answers equal to those that were seen, where that is most of them."""
    equal = {name: int(np.sum(digits == seen)) for name, digits in home_made.items()}
    best = max(equal, key=equal.get)
    return (best, equal[best], len(seen)) if equal[best] >= AGREES * len(seen) else None
