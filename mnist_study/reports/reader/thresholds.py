"""What each threshold of the reader is worth: the runner of the kind "thresholds"."""

import contextlib
import hashlib
import inspect
import pickle

import numpy as np
from tqdm.auto import tqdm

from ... import data
from ...data import stress
from ...data.pages import hard
from ...reader import finder as places
from ...reader import ink, joining, photos, sheets
from ...reader import reading as reader
from ...records import Record
from ...training.run import Run
from .runs import VALIDATION_SHARE, answers, digits_read

READERS_MODULES = {"finder": places, "sheets": sheets, "joining": joining, "ink": ink, "photos": photos}
STEPS = (
    (photos, "find_places"),
    (photos, "find_ink"),
    (photos, "mnist_image"),
    (photos, "_heaviest"),
    (sheets, "inks_of"),
    (sheets, "ink_of"),
    (sheets, "find_ink"),
    (sheets, "lightness_of_ink"),
    (sheets, "connected_ink"),
    (sheets, "ink_left"),
)  # of reading a photo: module and function, which is called by that name and has no other effect than what it returns


def threshold(name: str):
    """The value of one of ``experiments.THRESHOLDS``, int or float."""
    module, constant, *place = name.split(".")
    value = getattr(READERS_MODULES[module], constant)
    return value[int(place[0])] if place else value


@contextlib.contextmanager
def threshold_set(name: str, value):
    """One of ``experiments.THRESHOLDS`` has another value for a while."""
    module, constant, *place = name.split(".")
    today = getattr(READERS_MODULES[module], constant)
    if place:
        value = tuple(value if number == int(place[0]) else one for number, one in enumerate(today))
    with _replaced(READERS_MODULES[module], constant, value):
        yield


@contextlib.contextmanager
def _replaced(module, name: str, value):
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def other_values(today, factors: list) -> list:
    """What is tried instead of a threshold, each value once: whole where it is, and below 1 where it is.

    Example:
        >>> other_values(0.6, [0.5, 2.0, 3.0]), other_values(3, [0.5, 0.9, 1.5])
        ([0.3, 0.99], [2, 4])
    """
    values = [round(today * factor) if isinstance(today, int) else round(today * factor, 6) for factor in factors]
    below = [min(value, 0.99) if today < 1 else value for value in values]
    return [value for value in dict.fromkeys(below) if value != today]


def photos_of_validation_digits(settings: dict, seed: int, dataset) -> list:
    """Hard pages, stressed digits and strings, made from the digits that the networks were not trained with.

    Args:
        settings: of an experiment of the kind "thresholds": of each of ``kinds`` and each strength as many ``pages``, of each
            of ``stress`` as many ``digits``, and of each strength as many ``strings``.
        seed: decides what is drawn.
        dataset: the last ``VALIDATION_SHARE`` of its training images are used.

    Returns:
        ``(photo, text)`` each: uint8 (height, width, 3), and its digits in reading order.
    """
    _, (images, labels) = data.validation_parts((dataset.x_train, dataset.y_train), VALIDATION_SHARE)
    rng, drawn_photos = np.random.default_rng([seed, 2 * 10**6]), []
    for strength in stress.STRENGTHS:
        for kind in settings["kinds"] * settings["pages"]:
            photo, text = hard.photograph(images, labels, rng, kind, strength)
            drawn_photos.append((photo, text.replace("\n", "")))
        for kind in settings["stress"] * settings["digits"]:
            chosen = rng.integers(len(images))
            drawn_photos.append((stress.photograph(images[chosen], rng, kind, strength), str(labels[chosen])))
        for chosen in rng.integers(0, len(images), (settings["strings"], stress.LENGTH)):
            drawn_photos.append((stress.string(images[chosen], rng, strength), "".join(map(str, labels[chosen]))))
    return drawn_photos


def digits_right(read: "reader.Reader", shown: list) -> int:
    """Digits read right on photos, as ``photos_of_validation_digits`` gives them; a photo that is refused has none."""
    return sum(digits_read(answers(read, photo), text) for photo, text in shown)


def remembering(function):
    """The same function of arrays and plain values, which computes nothing twice."""
    known = {}

    def called(*arguments):
        key = hashlib.sha256(pickle.dumps(arguments)).digest()
        if key not in known:
            known[key] = function(*arguments)
        return known[key]

    return called


def thresholds_read(function) -> set:
    """What of the reader's modules a function reads, itself or through the functions that it calls: "ink.SMOOTH", …

    A name that is read as an attribute counts in every module that the function names, so rather too much is found.
    """
    found, waiting = set(), [(function.__code__, function.__globals__)]
    modules = {module.__name__: name for name, module in READERS_MODULES.items()}
    while waiting:
        code, names = waiting.pop()
        waiting += [(part, names) for part in code.co_consts if inspect.iscode(part)]
        named = [vars(names[name]) for name in code.co_names if inspect.ismodule(names.get(name))]
        for place in (names, *named):
            module = modules.get(place["__name__"])
            for name in code.co_names if module else ():
                if name in place and f"{module}.{name}" not in found:
                    found.add(f"{module}.{name}")
                    if inspect.isfunction(place[name]):
                        waiting.append((place[name].__code__, place[name].__globals__))
    return found


def _remembering_network(network):
    of_one = remembering(lambda image: network(image[None])[0])
    return lambda images: np.stack([of_one(image) for image in images])


def run_thresholds(run: Run) -> Record:
    """The runner of the kind "thresholds": photos of validation digits, read with one threshold after another changed.

    ``right_NAME`` are digits read right with each of ``values_NAME``; ``verdict_NAME`` says which value reads most, and
    whether today's is within one standard error of it. No step of reading is repeated that the change cannot reach.
    """
    settings, shipped = run.settings, reader.shipped()
    shown = photos_of_validation_digits(settings, run.seed, run.dataset)
    n = sum(len(text) for _, text in shown)
    tried = {name: other_values(threshold(name), settings["factors"]) for name in settings["thresholds"]}
    read = reader.Reader(_remembering_network(shipped.model), shipped.temperature, shipped.threshold)
    finder_network, bar = _remembering_network(places.shipped()), tqdm(desc=run.title, unit="value")
    bar.total = 1 + sum(map(len, tried.values()))
    steps = [(module, name, getattr(module, name)) for module, name in STEPS]
    steps = [(module, name, remembering(step), thresholds_read(step)) for module, name, step in steps]
    with bar, _replaced(places, "shipped", lambda: finder_network):

        def right_with(changed: str) -> int:
            with contextlib.ExitStack() as stack:
                for module, name, step, read_in_it in steps:
                    if ".".join(changed.split(".")[:2]) not in read_in_it:
                        stack.enter_context(_replaced(module, name, step))
                right = digits_right(read, shown)
            bar.update()
            return right

        today = right_with("")
        metrics = {"accuracy": today / n, "misses": n - today, "n": n}
        for name, values in tried.items():
            right = []
            for value in values:
                with threshold_set(name, value):
                    right.append(right_with(name))
            metrics |= {f"today_{name}": threshold(name), f"values_{name}": values, f"right_{name}": right}
            metrics[f"verdict_{name}"] = verdict_on_threshold(threshold(name), today, values, right, n)
    return run.record(metrics)


def verdict_on_threshold(value, today: int, values: list, right: list, n: int) -> str:
    """Which value of a threshold reads most of n digits, and whether today's is as good, in one sentence.

    Args:
        value, today: today's value, and the digits read right with it.
        values, right: the others, and the digits read right with each.

    Example:
        >>> verdict_on_threshold(0.4, 90, [0.2, 0.8], [80, 92], 100)
        '0.8 reads most: 92 of 100 digits, where 0.4 reads 90, within one standard error.'
        >>> verdict_on_threshold(0.4, 92, [0.2, 0.8], [80, 92], 100)
        "Today's 0.4 reads most: 92 of 100 digits."
    """
    most = max(right, default=0)
    if today >= most:
        return f"Today's {value} reads most: {today} of {n} digits."
    error = np.sqrt(most * (n - most) / n)
    near = "within one standard error" if most - today <= error else "more than one standard error less"
    return f"{values[right.index(most)]} reads most: {most} of {n} digits, where {value} reads {today}, {near}."


RUNNERS = {"thresholds": run_thresholds}
