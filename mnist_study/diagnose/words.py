"""A diagnosis in words: paragraphs for the terminal and the page, and everything as plain JSON types."""

import numpy as np

from ..records import listed
from ..reports.sharpies.experiments import LADDER, RUNGS
from . import fragility, pictures

CONVENTION, PHOTOS, HOME_MADE = "How it wants its images", "Your photos, step by step", "As tutorials prepare them"
FRAGILITY, ADVICE = "How fragile it is", "What to do"
WEAK = 0.9  # accuracy on MNIST below which a model should be trained for longer


def percent(share: float) -> str:
    """A share as text.

    Example:
        >>> percent(0.9876), percent(1.0)
        ('98.8 %', '100 %')
    """
    return f"{100 * share:.1f} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def sections(found) -> dict:
    """What is told of a ``Diagnosis``: heading -> ``(paragraphs, rows)``; the page has pictures in place of the rows."""
    parts = {CONVENTION: (_convention(found), wrong_guesses(found) if found.found.reads else [])}
    if found.photos:
        parts[PHOTOS] = _photos(found), []
        parts[HOME_MADE] = _home_made(found), [(told, *rest) for _, told, *rest in home_made(found)]
    if found.fragility:
        parts[FRAGILITY] = _fragility(found), _costs(found)
    return parts | {ADVICE: ([advice(found)], [])}


def text(found) -> str:
    """The whole diagnosis for a terminal."""
    lines = [f"{found.model.name} ({found.model.kind})", *filter(None, [found.notice])]
    for heading, (paragraphs, rows) in sections(found).items():
        lines += ["", heading.upper(), *paragraphs, *(f"- {first}: {'; '.join(rest)}" for first, *rest in rows)]
    if found.found.reads:
        return "\n".join([*lines, "", found.code()])
    digits = [["", *range(10)], *([digit, *row] for digit, row in enumerate(found.found.confusion))]
    table = ["".join(f"{cell:>5}" for cell in row) for row in digits]
    return "\n".join([*lines, "", "Row: the digit; column: what the model reads.", *table])


def _convention(found) -> list[str]:
    best = found.found
    used = (
        f"For this, {best.n:,} images from all over MNIST's test set were shown to it, only to recognise the convention: no model "
        f"was trained or chosen by them."
    )
    if not best.reads:
        return [
            f"The model reads MNIST in no convention that was tried. The best is {best.convention}, with "
            f"{percent(best.accuracy)} of {best.n:,} test images; a guess among ten digits has 10 %. As answers, "
            f"{pattern(best.confusion.sum(axis=0))}.",
            used,
        ]
    ink, (share, digit, much) = next(iter(best.wrong.items()))
    lines = [
        f"{best.convention}: {percent(best.accuracy)} of {best.n:,} test images. Its answers are {best.kind}. The commonest "
        f"wrong guess, {ink}, would have given {percent(share)}, mostly {digit} ({100 * much:.0f} % of its answers)."
    ]
    if best.accuracy < WEAK:
        lines.append("That is little for MNIST: a model this weak misreads good images too. Train it for longer first.")
    if best.equal:
        lines.append(f"Chance cannot tell these from it, so they would do: {'; '.join(best.equal)}.")
    return [*lines, used]


def wrong_guesses(found) -> list[tuple]:
    """Rows of ``(wrong guess, accuracy, commonest answer)``."""
    return [
        (guess, percent(accuracy), f"mostly {digit} ({100 * share:.0f} % of its answers)")
        for guess, (accuracy, digit, share) in found.found.wrong.items()
    ]


def _photos(found) -> list[str]:
    if not found.n:
        return ["No photo has a label: name them by their digit (7_kitchen.jpg), or put them into folders (7/…)."]
    counts = {rung: found.right(found.ladder[rung]) for rung in LADDER}
    climbed = ", ".join(f"{RUNGS[rung]} {count}" for rung, count in counts.items())
    lines = [f"Read right of {found.n}, each step on top of those before it: {climbed}."]
    if counts[LADDER[-1]] > counts[LADDER[0]]:
        gained = found.gained
        most = [f'"{RUNGS[rung]}"' for rung, gain in gained.items() if gain == max(gained.values())]
        what = f"the step {most[0]}: it alone brings" if len(most) == 1 else f"the steps {listed(most)}: each brings"
        lines.append(f"Most hangs on {what} {max(gained.values())} of {found.n}.")
    else:
        lines.append("The preparation changes nothing for the better here.")
    known = [index for index, label in enumerate(found.labels) if label >= 0]
    lost = [found.photos[index].name for index in known if not found.read_from(index)]
    return [*lines, *([f"Misread even when fully prepared: {', '.join(lost)}."] if lost else []), *_labels(found)]


def _labels(found) -> list[str]:
    by = [one.labelled_by for one in found.photos]
    told = [f"{by.count(who)} from {who}" for who in ("their names", "their folders", "you", "the reader") if who in by]
    lines = [f"Labels: {', '.join(told)}" + (f"; {by.count('')} have none and count for nothing." if "" in by else ".")]
    checked = [one for one in found.photos if one.labelled_by not in ("", "the reader") and one.read is not None]
    same = sum(one.read == one.label for one in checked)
    if checked:
        lines[0] += f" This study's own reader, where it is sure, agrees with {same} of {len(checked)}."
    if len(checked) >= 4 and same < len(checked) / 2:
        lines.append("So the labels look wrong: are the files only numbered? Give labels, or name the files otherwise.")
    return lines + [f"Not read: {reason}" for reason in found.skipped]


def _home_made(found) -> list[str]:
    lines = ["If your own program shows one of these patterns, it prepares its photos in that way:"]
    if found.recognised:
        name, equal, of = found.recognised
        told = pictures.described(found.found.convention)[name]
        lines.insert(
            0, f"Your own answers are recognised: {equal} of {of} are those of “{told}”. Use the code below instead."
        )
    return lines


def home_made(found) -> list[tuple]:
    """Rows of ``(name, what it does, how many it reads right, pattern of its answers)``, one for each preparation."""
    described = pictures.described(found.found.convention)
    return [
        (name, described[name], f"{found.right(digits)} of {found.n} right", pattern(np.bincount(digits, minlength=10)))
        for name, digits in found.home_made.items()
    ]


def pattern(counts) -> str:
    """What one sees of many answers, from how often each digit is among them.

    Example:
        >>> pattern(np.bincount([8, 8, 8, 3]))
        'mostly 8 (3 of 4)'
        >>> pattern(np.bincount([0, 1, 8, 3]))
        'no digit stands out'
    """
    digit, n = int(np.argmax(counts)), int(np.sum(counts))
    return f"mostly {digit} ({counts[digit]} of {n})" if counts[digit] > max(1, 0.4 * n) else "no digit stands out"


def _fragility(found) -> list[str]:
    measured = found.fragility
    worst = min(measured, key=lambda change: measured[change][-1])
    strength = fragility.written(worst, fragility.STRENGTHS[worst][-1]) + fragility.UNITS[worst][1]
    lines = [
        f"Accuracy on {fragility.IMAGES} of the same test images when one thing about them changes; unchanged, "
        f"{percent(measured[worst][0])}. {worst.capitalize()} costs it most: {percent(measured[worst][-1])} at {strength}."
    ]
    chance = 2 * np.sqrt(0.25 / fragility.IMAGES)  # two standard errors, at most
    below = [change for change in found.band if measured[change][-1] < found.band[change][-1][0] - chance]
    if found.band:
        lines.append(
            f"Against the five networks of report sharpies, also trained on MNIST as it is, it is "
            f"{'clearly worse under ' + ', '.join(below) if below else 'nowhere clearly worse'}."
        )
    return lines


def _costs(found) -> list[tuple]:
    rows = []
    for change, (_, *accuracies) in found.fragility.items():
        steps = zip(fragility.STRENGTHS[change], accuracies, strict=True)
        told = ", ".join(f"{fragility.written(change, strength)} {percent(accuracy)}" for strength, accuracy in steps)
        rows.append((change + fragility.UNITS[change][1].replace(" ", ", ", 1), told))
    return rows


def advice(found) -> str:
    """One paragraph: what to do with this model."""
    if found.found.mixed_up:
        names = ", ".join(
            f"{digit} is called {other}" for digit, other in found.found.mixed_up.items() if digit != other
        )
        return f"The photos are not at fault. The model knows the digits under other names ({names}): put its labels in order."
    if not found.found.reads:
        return (
            "The photos are not at fault: the model does not read MNIST's own digits. Check that images and labels stay in step "
            "(shuffled together, or not at all), that the last layer and the loss belong together, that the training loss "
            "falls, and that the saved file is the trained model."
        )
    told = "Prepare every photo with the code below, which makes it as MNIST was made and hands it over as the model wants it"
    if not found.n:
        return f"{told}. With labelled photos this can also say what that gains."
    whole, prepared = (found.right(found.ladder[rung]) for rung in (LADDER[0], LADDER[-1]))
    told += f": of your {found.n} photos that reads {prepared}; shrunk whole, {whole} are read."
    if found.trained:
        whole, prepared = (found.right(found.trained[1][rung]) for rung in (LADDER[0], LADDER[-1]))
        return (
            f"{told} Trained further on MNIST's training images, distorted afresh in every epoch, the same network reads "
            f"{prepared} of the prepared and {whole} of the shrunk photos."
        )
    if prepared < found.n:
        told += " Training it on distorted digits (data.augment.distorted) may read some of the rest"
        told += "; --train, or train=True, tries that in a few minutes." if found.model.kind == "keras" else "."
    return told


def as_dict(found) -> dict:
    """Everything but the pictures, as plain JSON types."""
    best = found.found
    described = pictures.described(best.convention)
    result = {
        "model": found.model.name,
        "kind": found.model.kind,
        "notice": found.notice,
        "reads_mnist": best.reads,
        "convention": {
            "words": str(best.convention),
            "shape": list(best.convention.shape),
            "scale": best.convention.scale,
            "black_on_white": best.convention.dark_ink,
            "transposed": best.convention.transposed,
            "answers": best.kind,
        },
        "accuracy": best.accuracy,
        "images": best.n,
        "wrong_guesses": {
            guess: {"accuracy": accuracy, "mostly": digit, "share": share}
            for guess, (accuracy, digit, share) in best.wrong.items()
        },
        "confusion": best.confusion.tolist(),
        "advice": advice(found),
    }
    if best.reads:
        result |= {"code": found.code(), "fragility": found.fragility}
    if found.photos:
        result |= {
            "photos": [
                {
                    "name": one.name,
                    "label": one.label,
                    "labelled_by": one.labelled_by,
                    "reader": one.read,
                    "read": {rung: int(found.ladder[rung][index]) for rung in LADDER},
                    "right_from": found.read_from(index),
                }
                for index, one in enumerate(found.photos)
            ],
            "skipped": list(found.skipped),
            "ladder": {rung: found.right(found.ladder[rung]) for rung in LADDER},
            "deciding_step": found.deciding_step if found.n else None,
            "home_made": {
                name: {"does": described[name], "right": found.right(digits), "answers": digits.tolist()}
                for name, digits in found.home_made.items()
            },
            "recognised": found.recognised and found.recognised[0],
        }
    if found.trained:
        result["trained"] = {rung: found.right(digits) for rung, digits in found.trained[1].items()}
    return result
