"""A diagnosis in words: paragraphs for the terminal and the page, and everything as plain JSON types."""

import numpy as np

from ..reports.sharpies.experiments import LADDER, RUNGS
from . import fragility, pictures


def percent(share: float) -> str:
    """A share as text.

    Example:
        >>> percent(0.9876), percent(1.0)
        ('98.8 %', '100 %')
    """
    return f"{100 * share:.1f} %" if 0 < share < 1 else f"{100 * share:.0f} %"


def sections(found) -> list[tuple[str, list[str]]]:
    """Headings with their paragraphs, in order.

    Args:
        found: a ``Diagnosis``.
    """
    parts = [("How it wants its images", _convention(found))]
    if found.photos:
        parts += [("Your photos, step by step", _ladder(found)), ("As tutorials prepare them", _home_made(found))]
    if found.fragility:
        parts.append(("How fragile it is", _fragility(found)))
    return [*parts, ("What to do", advice(found))]


def text(found) -> str:
    """The whole diagnosis for a terminal."""
    lines = [f"{found.model.name} ({found.model.kind})", *([found.notice] if found.notice else [])]
    for heading, paragraphs in sections(found):
        lines += ["", heading.upper(), *paragraphs]
    if not found.found.reads:
        lines += ["", "Row: the digit; column: what the model reads.", _as_table(found.found.confusion)]
    return "\n".join([*lines, "", found.code()] if found.found.reads else lines)


def _as_table(confusion) -> str:
    rows = [["", *map(str, range(10))], *([str(digit), *map(str, row)] for digit, row in enumerate(confusion))]
    return "\n".join("".join(f"{cell:>5}" for cell in row) for row in rows)


def _convention(found) -> list[str]:
    best = found.found
    used = (
        f"For this, {best.n:,} images of MNIST's test set were shown to it, every fifth one, only to recognise the convention: "
        f"no model was trained or chosen by them."
    )
    if not best.reads:
        said = _commonest(best.confusion.sum(axis=0))
        return [
            f"The model reads MNIST in no convention that was tried. The best is {best.convention}, with "
            f"{percent(best.accuracy)} of {best.n:,} test images; a guess among ten digits has 10 %. {said}",
            used,
        ]
    lines = [f"{best.convention}: {percent(best.accuracy)} of {best.n:,} test images. Its answers are {best.kind}."]
    ink, (share, digit, much) = next(iter(best.wrong.items()))
    lines[0] += (
        f" The commonest wrong guess, {ink}, would have given {percent(share)}, mostly {digit} ({100 * much:.0f} % of its answers)."
    )
    if best.accuracy < 0.9:
        lines.append("That is little for MNIST: a model this weak misreads good images too. Train it for longer first.")
    if best.equal:
        lines.append(f"Chance cannot tell these from it, so they would do: {'; '.join(best.equal)}.")
    return [*lines, used]


def wrong_guesses(found) -> list[tuple]:
    """``(wrong guess, accuracy, commonest answer, its share)``, as the rows of a table."""
    return [(guess, *values) for guess, values in found.found.wrong.items()]


def _commonest(counts) -> str:
    digit, share = int(np.argmax(counts)), np.max(counts) / np.sum(counts)
    return (
        f"It mostly answers {digit} ({percent(share)} of all)."
        if share > 0.3
        else "It answers all over the ten digits."
    )


def _ladder(found) -> list[str]:
    n, labels = found.n, found.labels
    if not n:
        return [
            "No photo has a label: name them by their digit (7_kitchen.jpg), or put them into folders (7/…). What the model "
            "reads in them is shown all the same."
        ]
    counts = {rung: found.right(found.ladder[rung]) for rung in LADDER}
    climbed = ", ".join(f"{RUNGS[rung]} {count}" for rung, count in counts.items())
    lines = [f"Read right of {n}, each step on top of those before it: {climbed}."]
    first, last = counts[LADDER[0]], counts[LADDER[-1]]
    if last > first:
        step = found.deciding_step
        gain = counts[step] - counts[LADDER[LADDER.index(step) - 1]]
        lines.append(f'The step on which most hangs is "{RUNGS[step]}": it alone brings {gain} of {n}.')
    else:
        lines.append("The preparation changes nothing for the better here.")
    lost = [one.name for index, one in enumerate(found.photos) if labels[index] >= 0 and not found.read_from(index)]
    if lost:
        lines.append(f"Misread even when fully prepared: {', '.join(lost)}.")
    return [*lines, *_labels(found)]


def _labels(found) -> list[str]:
    by = [one.labelled_by for one in found.photos]
    told = [f"{by.count(who)} from {who}" for who in ("their names", "their folders", "you", "the reader") if who in by]
    lines = [f"Labels: {', '.join(told)}" + (f"; {by.count('')} have none and count for nothing." if "" in by else ".")]
    known = [one for one in found.photos if one.labelled_by not in ("", "the reader") and one.read is not None]
    same = sum(one.read == one.label for one in known)
    if known:
        lines[0] += f" This study's own reader, where it is sure, agrees with {same} of {len(known)}."
    if len(known) >= 4 and same < len(known) / 2:
        lines.append("So the labels look wrong: are the files only numbered? Give labels, or name the files otherwise.")
    lines += [f"Not read: {reason}" for reason in found.skipped]
    return lines


def _home_made(found) -> list[str]:
    described = pictures.described(found.found.convention)
    lines = ["If your own program shows one of these patterns, it prepares its photos in that way:"]
    for name, digits in found.home_made.items():
        right = f"{found.right(digits)} of {found.n} right; " if found.n else ""
        lines.append(f"- {described[name]}: {right}{pattern(digits)}")
    if found.recognised:
        name, equal, of = found.recognised
        lines.append(
            f"Your own answers are recognised: {equal} of {of} are those of “{described[name]}”. Replace that by the code below."
        )
    return lines


def pattern(digits) -> str:
    """What one sees of the answers to photos: the commonest ones.

    Example:
        >>> pattern(np.array([8, 8, 8, 3]))
        'mostly 8 (3 of 4)'
        >>> pattern(np.array([0, 1, 8, 3]))
        'no digit stands out'
    """
    counts = np.bincount(digits[digits >= 0], minlength=10)
    digit = int(counts.argmax())
    if counts[digit] >= 0.4 * len(digits) and counts[digit] > 1:
        return f"mostly {digit} ({counts[digit]} of {len(digits)})"
    return "no digit stands out"


def _fragility(found) -> list[str]:
    worst = min(found.fragility, key=lambda change: found.fragility[change][-1])
    plain = found.fragility[worst][0]
    strength = fragility.written(worst, fragility.STRENGTHS[worst][-1]) + fragility.UNITS[worst][1]
    lines = [
        f"Accuracy on {fragility.IMAGES} of the same test images when one thing about them changes; unchanged, {percent(plain)}. "
        f"{worst.capitalize()} costs it most: {percent(found.fragility[worst][-1])} at {strength}."
    ]
    for change, values in found.fragility.items():
        unit = fragility.UNITS[change][1]
        steps = ", ".join(
            f"{fragility.written(change, strength)}: {percent(value)}"
            for strength, value in zip(fragility.STRENGTHS[change], values[1:], strict=True)
        )
        lines.append(f"- {change}{unit and f' ({unit.strip()})'}: {steps}")
    if found.band:
        below = [
            change
            for change, values in found.fragility.items()
            if values[-1] < found.band[change][-1][0] - 2 * np.sqrt(0.25 / fragility.IMAGES)
        ]
        lines.append(
            "Against the five networks of report sharpies, also trained on MNIST as it is, it is "
            + (f"clearly worse at {', '.join(below)}." if below else "nowhere clearly worse.")
        )
    return lines


def advice(found) -> list[str]:
    """One paragraph: what to do with this model."""
    if not found.found.reads:
        lines = ["The photos are not at fault: the model does not read MNIST's own digits."]
        if found.found.mixed_up:
            swapped = ", ".join(
                f"{digit} is called {other}" for digit, other in found.found.mixed_up.items() if digit != other
            )
            lines[0] += f" But it knows them under other names ({swapped}): its labels are mixed up. Put them in order."
        else:
            lines[0] += (
                " Check that images and labels stay in step (shuffled together, or not at all), that the last layer and the loss "
                "belong together, that training loss falls, and that the saved file is the trained model."
            )
        return lines
    how = "with the code below, which prepares a photo as MNIST was made and hands it over as the model wants it"
    if not found.n:
        return [f"Prepare every photo {how}. Name photos by their digit and run this again to see what that gains."]
    counts = {rung: found.right(found.ladder[rung]) for rung in (LADDER[0], LADDER[-1])}
    lines = [
        f"Prepare every photo {how}: of your {found.n} photos that reads {counts[LADDER[-1]]}; shrunk whole, "
        f"{counts[LADDER[0]]} are read."
    ]
    if found.trained:
        _, ladder = found.trained
        lines[0] += (
            f" Trained further on MNIST's training images, distorted afresh in each of three epochs, the same network reads "
            f"{found.right(ladder[LADDER[-1]])} of the prepared and {found.right(ladder[LADDER[0]])} of the shrunk photos."
        )
    elif counts[LADDER[-1]] < found.n:
        lines[0] += " Training it on distorted digits as well (data.augment.distorted) may read some of the rest" + (
            ": --train, or train=True, tries that in a few minutes." if found.model.kind == "keras" else "."
        )
    return lines


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
        "wrong_guesses": [
            {"guess": guess, "accuracy": accuracy, "mostly": digit, "share": share}
            for guess, accuracy, digit, share in wrong_guesses(found)
        ],
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
                described[name]: {"right": found.right(digits), "answers": digits.tolist()}
                for name, digits in found.home_made.items()
            },
            "recognised": described[found.recognised[0]] if found.recognised else None,
        }
    if found.trained:
        result["trained"] = {rung: found.right(digits) for rung, digits in found.trained[1].items()}
    return result
