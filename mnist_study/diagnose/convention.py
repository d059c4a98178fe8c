"""How a model wants its images, found by trying: shape, scale, ink, rows and columns, and what its answers are."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image
from scipy import special, stats
from scipy.optimize import linear_sum_assignment

from .. import evaluation
from .loading import Model

SHAPES = (
    (28, 28), (28, 28, 1), (1, 28, 28), (784,), (28, 28, 3), (3, 28, 28),
    (32, 32), (32, 32, 1), (1, 32, 32), (1024,), (32, 32, 3), (3, 32, 32),
)  # of one image  # fmt: skip
SCALES = {
    "0 to 1": "{x}",
    "0 to 255": "255 * {x}",
    "-1 to 1": "2 * {x} - 1",
    "standardised": "({x} - {mean}) / 0.3081",
}  # name -> what makes it of pixels in [0, 1]; MNIST's mean and deviation
MEAN = 0.1307
FIRST, WRONG, FINAL = 100, 500, 2000  # images to rule conventions out, to measure wrong guesses, for the final figure
WITHIN = 0.15  # of the best on the first images: what stays in the race, three standard errors
READS = 0.5  # accuracy from which a model counts as reading MNIST
SAME = 0.05  # p above which two conventions count as equally good
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Convention:
    """How images must be handed to a model.

    Attributes:
        shape: of one image, one of ``SHAPES``.
        scale: a key of ``SCALES``.
        dark_ink: black on white; MNIST is white on black.
        transposed: rows and columns swapped.
        enlarged: 28x28 resized to 32x32; otherwise 32x32 has a margin of two pixels.
    """

    shape: tuple
    scale: str = "0 to 1"
    dark_ink: bool = False
    transposed: bool = False
    enlarged: bool = False

    def __str__(self):
        parts = [str(self.shape), self.scale, "black on white" if self.dark_ink else "white on black"]
        if self.transposed:
            parts.append("rows and columns swapped")
        if self.side == 32:
            parts.append("enlarged to 32x32" if self.enlarged else "with a margin to 32x32")
        return ", ".join(parts)

    @property
    def side(self) -> int:
        """28 or 32."""
        return 32 if {32, 1024} & set(self.shape) else 28

    def apply(self, images: np.ndarray) -> np.ndarray:
        """White ink on black, float (n, 28, 28) in [0, 1], -> float32 (n, *shape) as the model wants them."""
        images = np.asarray(images, np.float32)
        if self.transposed:
            images = images.swapaxes(1, 2)
        if self.enlarged:
            images = np.stack([np.asarray(Image.fromarray(image).resize((32, 32))) for image in images])
        elif self.side == 32:
            images = np.pad(images, ((0, 0), (2, 2), (2, 2)))
        return self.raw(1 - images if self.dark_ink else images)

    def raw(self, images: np.ndarray) -> np.ndarray:
        """Pixels in [0, 1], float (n, side, side), taken as they are: only scaled and brought into shape."""
        mean = 1 - MEAN if self.dark_ink else MEAN
        scaled = {
            "0 to 1": lambda: images,
            "0 to 255": lambda: 255 * images,
            "-1 to 1": lambda: 2 * images - 1,
            "standardised": lambda: (images - mean) / 0.3081,
        }[self.scale]()
        return self.shaped(np.asarray(scaled, np.float32))

    def shaped(self, images: np.ndarray) -> np.ndarray:
        """(n, side, side) -> (n, *shape)."""
        if self.shape[-1] == 3:
            return np.repeat(images[..., None], 3, axis=-1)
        if self.shape[0] == 3:
            return np.repeat(images[:, None], 3, axis=1)
        return images.reshape(len(images), *self.shape)

    def code(self) -> list[str]:
        """Lines of Python that make ``x``, a batch of one, of ``image`` as ``reader.digit_image`` gives it."""
        lines = []
        if self.transposed:
            lines.append("image = image.T")
        if self.enlarged:
            lines.append("image = np.asarray(Image.fromarray(image).resize((32, 32)))")
        elif self.side == 32:
            lines.append("image = np.pad(image, 2)")
        x = SCALES[self.scale].format(
            x="(1 - image)" if self.dark_ink else "image", mean=round(1 - MEAN if self.dark_ink else MEAN, 4)
        )
        x = x if x in ("image", "(1 - image)") else f"({x})"
        shaped = f"{x}.reshape(1, {', '.join(map(str, self.shape))})"
        if 3 in (self.shape[0], self.shape[-1]):
            axis = "..., None" if self.shape[-1] == 3 else "None, ..."
            shaped = f"np.repeat({x}[{axis}], 3, axis={-1 if self.shape[-1] == 3 else 0})[None]"
        lines.append(f"x = {shaped}.astype('float32')")
        return lines


# --- answers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """What a model said of some images.

    Attributes:
        digits: int (n,), the digits it reads; -1 where its answer is none.
        kind: "probabilities", "logits", "log-probabilities", "scores", "one-hot", "numbers" or "texts".
        log_prob: float (n, 10), log-probabilities, where it gives such; else None.
    """

    digits: np.ndarray
    kind: str
    log_prob: np.ndarray | None = None


def understood(raw, n: int) -> Answers:
    """Raw answers of a model to n images.

    Raises:
        ValueError: they are no ten values and no digit for each image.
    """
    answers = np.atleast_1d(raw)
    if len(answers) != n:
        raise ValueError(f"It gives {len(answers)} answers to {n} images; expected one for each.")
    if answers.size == n:
        return _labels(answers.ravel())
    answers = answers.reshape(n, -1)
    if answers.shape[1] != 10:
        raise ValueError(
            f"It answers with {answers.shape[1]} values for each image, so it has {answers.shape[1]} classes. Expected ten, "
            f"one for each digit: a model of other classes cannot be diagnosed here."
        )
    answers = np.nan_to_num(answers.astype(np.float64))
    digits = answers.argmax(axis=1)
    if np.isin(answers, (0, 1)).all():
        return Answers(digits, "one-hot")
    if answers.min() >= 0 and np.allclose(answers.sum(axis=1), 1, atol=0.02):
        return Answers(digits, "probabilities", np.log(np.maximum(answers, 1e-7)))
    if answers.min() >= 0 and answers.max() <= 1:
        return Answers(digits, "scores")
    total = special.logsumexp(answers, axis=1, keepdims=True)
    return Answers(digits, "log-probabilities" if np.allclose(total, 0, atol=0.01) else "logits", answers - total)


def _labels(answers) -> Answers:
    if answers.dtype.kind in "OUS":
        texts = [(text.decode() if isinstance(text, bytes) else str(text)).strip().lower() for text in answers]
        found = [WORDS.index(text) if text in WORDS else int(text) if text.isdigit() else -1 for text in texts]
        kind = "texts" if isinstance(answers[0], (str, bytes)) else "numbers"
    else:
        found, kind = np.rint(answers.astype(float)), "numbers"
        if not np.allclose(found, answers, atol=1e-3):
            raise ValueError("It answers with one fraction for each image; expected a digit, or ten values.")
    digits = np.asarray(found, int)
    if not np.isin(digits, range(10)).all():
        some = ", ".join(map(str, np.unique(answers.astype(str))[:6]))
        raise ValueError(
            f"It answers with classes such as {some}. Expected the ten digits: a model of others cannot be diagnosed here."
        )
    return Answers(digits, kind)


# --- the search --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """The convention of a model.

    Attributes:
        convention: the one in which it reads most.
        kind: of its answers, as in ``Answers``.
        accuracy, n: on n of MNIST's test images; ``reads`` says whether that counts as reading.
        confusion: int (10, 10), row = true digit, column = what it reads.
        wrong: wrong guess, in words -> (accuracy, commonest answer, its share), on ``WRONG`` images.
        equal: conventions that do as well, in words.
    """

    convention: Convention
    kind: str
    accuracy: float
    n: int
    confusion: np.ndarray
    wrong: dict
    equal: tuple

    @property
    def reads(self) -> bool:
        """Whether the model reads MNIST at all."""
        return self.accuracy >= READS

    @property
    def mixed_up(self) -> dict:
        """Where the answers are the digits under other names: digit -> answer; else empty."""
        names = linear_sum_assignment(-self.confusion)[1].tolist()
        return {} if self.reads or _matched(self.confusion) < READS else dict(enumerate(names))


def find(model: Model, images: np.ndarray, labels: np.ndarray, progress: Callable = iter) -> Found:
    """Try every convention that fits the model.

    Args:
        model: from ``load``.
        images, labels: of MNIST's test set: float (n, 28, 28) in [0, 1], white on black; int (n,).
        progress: wraps what is gone through, as tqdm does.

    Raises:
        ValueError: no shape fits, or the model's answers are no digits.
    """

    def answers(convention, n):
        return understood(model.predict(convention.apply(images[:n])), len(images[:n]))

    shapes = _shapes_that_run(model, answers)
    candidates = [
        Convention(shape, scale, dark, turned, enlarged)
        for shape, scale, dark, turned in itertools.product(shapes, SCALES, (False, True), (False, True))
        for enlarged in ((False, True) if Convention(shape).side == 32 else (False,))
    ]
    first = {one: answers(one, FIRST).digits for one in progress(candidates)}
    right = {one: np.mean(digits == labels[:FIRST]) for one, digits in first.items()}
    best = max(right.values())
    left = [one for one in candidates if right[one] >= best - WITHIN]
    if best < READS:  # perhaps the digits have other names
        matched = {one: _matched(evaluation.confusion(labels[:FIRST], digits)) for one, digits in first.items()}
        left = [max(candidates, key=(matched if max(matched.values()) >= READS else right).get)]
    race = {one: answers(one, FINAL) for one in left}
    chosen, equal = _best(race, labels[:FINAL])
    final = race[chosen]
    return Found(
        chosen,
        final.kind,
        float(np.mean(final.digits == labels[:FINAL])),
        len(labels[:FINAL]),
        evaluation.confusion(labels[:FINAL], final.digits),
        {told: _wrong(answers(other, WRONG).digits, labels[:WRONG]) for told, other in neighbours(chosen).items()},
        tuple(map(str, equal)),
    )


def _matched(confusion: np.ndarray) -> float:
    """The share of answers that are right once every digit has the name that suits most of it."""
    return float(confusion[linear_sum_assignment(-confusion)].sum() / confusion.sum())


def _shapes_that_run(model: Model, answers: Callable) -> list:
    fits = [shape for shape in SHAPES if _fits(shape, model.shape)]
    if not fits:
        raise ValueError(
            f"{model.name} takes images of shape {model.shape}. Expected one of {', '.join(map(str, SHAPES))}: MNIST's images "
            f"are 28x28, and other sizes cannot be diagnosed here."
        )
    running, problem = [], None
    for shape in fits:
        try:
            answers(Convention(shape), 3)
            running.append(shape)
        except Exception as error:  # whatever a model raises on an image that it cannot take
            problem = problem or error
    if not running:
        message = str(problem).strip().splitlines()[0][:300]
        raise ValueError(f"{model.name} cannot be asked. {message}") from problem
    return running


def _fits(shape, declared) -> bool:
    if declared is None:
        return True
    return len(shape) == len(declared) and all(b in (None, -1, a) for a, b in zip(shape, declared, strict=True))


def _best(race: dict, labels) -> tuple[Convention, list]:
    """The convention that reads most; of those that chance cannot tell from it, the one whose probabilities fit best."""
    right = {one: answers.digits == labels for one, answers in race.items()}
    most = max(right, key=lambda one: right[one].sum())
    equal = [one for one in race if _cannot_be_told_apart(right[one], right[most])]
    chosen = most
    if all(race[one].log_prob is not None for one in equal):
        chosen = max(equal, key=lambda one: race[one].log_prob[np.arange(len(labels)), labels].mean())
    return chosen, [one for one in equal if one != chosen]


def _cannot_be_told_apart(first, second) -> bool:
    """McNemar's exact test: whether the images that only one of two reads may be shared out by chance."""
    only = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    return not sum(only) or stats.binomtest(only[0], sum(only)).pvalue > SAME


def neighbours(convention: Convention) -> dict:
    """Wrong guesses in words -> conventions that differ in one thing."""
    ink = "white on black" if convention.dark_ink else "black on white"
    turned = "rows and columns not swapped" if convention.transposed else "rows and columns swapped"
    return {
        ink: replace(convention, dark_ink=not convention.dark_ink),
        **{scale: replace(convention, scale=scale) for scale in SCALES if scale != convention.scale},
        turned: replace(convention, transposed=not convention.transposed),
    }


def _wrong(digits, labels) -> tuple[float, int, float]:
    counts = np.bincount(digits, minlength=10)
    return float(np.mean(digits == labels)), int(counts.argmax()), float(counts.max() / len(digits))
