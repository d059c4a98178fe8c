"""The figures of the reader, and of what it is on small machines, from records."""

import numpy as np

from ... import plots
from ...data import stress
from ...data.pages import hard
from ...plots.style import ACCENT, CLAIMED, DIGIT_COLOURS, OURS, blank_figure, hide_spines, show_image
from ...reader.litert import FORMATS as FORMATS_WRITTEN
from ...records import Records, claimed_share, mean_in_words, published_usps
from .experiments import THRESHOLDS

READER_SETS = {
    "": "MNIST test",
    "_usps": "USPS test, never trained on",
    "_digits": "scikit-learn's digits",
    "_european": "European forms, drawn over test digits",
    "_printed": "printed digits, of other fonts",
    "_sharpies": "the report's photos",
}
NO_DIGITS = {
    "letters": "letters",
    "lookalikes": "letters like digits (O, l, S, …)",
    "scribbles": "scribbles",
    "faces": "faces",
    "words": "words, without letters like digits",
    "any_words": "words of any letters",
    "hands": "hands",
}
FORMATS = {"keras": "Keras"} | {name: f"LiteRT {name}" for name in FORMATS_WRITTEN}


def _reader_sets(records: Records):
    """The reader's misses on every set, over seeds and as shipped, and below USPS what others miss there."""
    runs, shipped = records.all("reader/cnn"), records.one("reader/shipped").metrics
    published = published_usps().groupby("kind").error.apply(list)
    others = (
        ("people, two studies", published["people"]),
        ("report usps, trained on USPS (claimed)", [100 * (1 - claimed_share("usps/cnn7"))]),
        ("published, trained on MNIST", published["MNIST alone"]),
    )
    lines = []  # (label, errors, of the one shipped or None)
    for key, title in READER_SETS.items():
        errors = [100 * (1 - run.metrics[f"accuracy{key}"]) for run in runs]
        lines.append((f"{title}, {shipped[f'n{key}']:,} images", errors, 100 * (1 - shipped[f"accuracy{key}"])))
        lines += [(f"{name}   ", errors, None) for name, errors in (others if key == "_usps" else ())]
    figure = blank_figure(9, 0.42 * len(lines) + 1.4, "Trained on MNIST and on drawn strokes, tried on six sets")
    ax = figure.subplots()
    for place, (_, errors, error) in enumerate(lines):
        text = " and ".join(f"{one:.2f} %" for one in errors)
        if error is None:
            ax.scatter(errors, [place] * len(errors), color=CLAIMED, marker="|", s=160, linewidths=2.5, label="others")
        else:
            ax.scatter(
                errors, [place] * len(errors), color=OURS, s=30, alpha=0.7, label="this reader, one dot per seed"
            )
            ax.scatter(error, place, color=ACCENT, marker="D", s=42, label="this reader, as shipped", zorder=4)
            text = f"{mean_in_words(errors, 2)} %"
        ax.annotate(text, (max(errors), place), (10, 0), textcoords="offset points", va="center", fontsize=9)
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    ax.legend(unique.values(), unique.keys(), fontsize=9, loc="lower right", frameon=False)
    ax.set(yticks=range(len(lines)), yticklabels=[label for label, *_ in lines], ylim=(len(lines) - 0.4, -0.6))
    for label, (_, _, error) in zip(ax.get_yticklabels(), lines, strict=True):
        label.set_color("0.4" if error is None else "black")
    ax.set(xlim=(-0.2, 8), xlabel="misread, %")
    hide_spines(ax, grid="x")
    return figure


def _reliability(records: Records):
    arrays = records.one("reader/shipped").arrays
    sets = {"": "MNIST test", "_usps": "USPS test", "_digits": "scikit-learn's digits"}
    pairs = {title: (arrays[f"y_true{key}"], arrays[f"score{key}"].astype(np.float32)) for key, title in sets.items()}
    return plots.reliability(pairs, title="Is the reader as sure as it is right? (hollow: fewer than 20 images)")


def _stress(records: Records):
    """Accuracy on rendered photos by kind and strength of distortion, each under a sample of what is meant."""
    record = records.one("reader/shipped")
    right = record.arrays["stress_right"]  # (kinds, strengths)
    photos = record.metrics["stress_n"] // right.size  # of each kind and strength
    digits = records.one("sharpies/explore").arrays["sample_image"]  # (10, n, 28, 28)
    side, columns = 0.74, 4  # inches of a sample; kinds beside each other
    rows = -(-len(right) // columns)
    title = f"Test digits rendered as photos, mild, medium and hard: read right, % of {photos} each"
    figure = blank_figure(3 * side * columns + 0.6, 1.75 * side * rows + 0.5, title)
    panels = list(figure.subfigures(rows, columns, squeeze=False).flat)
    for number, (panel, kind, counts) in enumerate(zip(panels, stress.KINDS, right, strict=False)):
        panel.suptitle(kind, fontsize=10)
        for ax, strength, count in zip(panel.subplots(1, len(counts)), stress.STRENGTHS, counts, strict=True):
            rng = np.random.default_rng(number)
            show_image(ax, stress.photograph(digits[3 + number % 7, 1], rng, kind, strength))
            share = 100 * count / photos
            ax.set_xlabel(f"{share:.0f}", fontsize=10, color=ACCENT if share < 90 else "black")
    return figure


def _hard(records: Records):
    """Hard pages by kind and strength, each under a sample of what is meant."""
    record = records.one("reader/pages")
    kinds, digits = record.settings["kinds"], records.one("sharpies/explore").arrays["sample_image"]
    images, labels = digits.reshape(-1, 28, 28), np.repeat(np.arange(10), digits.shape[1])
    wide, high, columns = 1.1, 1.1, 2  # inches of a sample; kinds beside each other
    rows = -(-len(kinds) // columns)
    pages = record.settings["pages"]
    title = f"{pages} pages each, mild to hard: % of digits read (red: below 90), whole pages"
    figure = blank_figure(3 * wide * columns + 0.6, high * rows + 0.6, title)
    for number, (panel, kind) in enumerate(
        zip(figure.subfigures(rows, columns, squeeze=False).flat, kinds, strict=False)
    ):
        panel.suptitle(kind + " (never mended on)" * (kind in hard.KEPT), fontsize=10)
        for k, (ax, strength) in enumerate(zip(panel.subplots(1, 3), stress.STRENGTHS, strict=True)):
            show_image(ax, hard.photograph(images, labels, np.random.default_rng(number), kind, strength)[0])
            right, n, whole = (record.metrics[f"{name}_{kind}"][k] for name in ("right", "digits", "whole"))
            share = 100 * right / n
            text = f"{share:.0f}, {whole} of {pages}"
            ax.set_xlabel(text, fontsize=9, color=ACCENT if share < 90 else "black")
    return figure


def _not_sure(records: Records):
    """How often the reader says "not sure", of digits and of what is none."""
    metrics = records.one("reader/shipped").metrics
    digits = READER_SETS | {"_usps": "USPS test"}
    rows = [(title, metrics[f"not_sure{key}"], metrics[f"n{key}"]) for key, title in digits.items()]
    rows += [(title, metrics[f"refused_{key}"], metrics[f"n_{key}"]) for key, title in NO_DIGITS.items()]
    figure = blank_figure(8, 0.42 * len(rows) + 1.3, "How often the reader says “not sure”")
    ax = figure.subplots()
    share = [100 * count / n for _, count, n in rows]
    bars = ax.barh(range(len(rows)), share, color=[OURS] * len(digits) + [DIGIT_COLOURS[1]] * len(NO_DIGITS))
    ax.bar_label(bars, [f"{value:.1f} %" for value in share], fontsize=8, padding=3)
    ax.set(yticks=range(len(rows)), yticklabels=[f"{title} ({n:,})" for title, _, n in rows])
    ax.set(xlim=(0, 112), xticks=range(0, 101, 20))
    ax.set_xlabel("“not sure”, %   (blue: digits, where it should be rare; orange: no digits)")
    ax.invert_yaxis()
    hide_spines(ax)
    return figure


def _thresholds(records: Records):
    """Digits won or lost when one threshold after another is changed; those that cost most stand first."""
    record = records.one("reader/thresholds")
    metrics, n = record.metrics, record.metrics["n"]
    today = n - metrics["misses"]
    rows = []  # (name, [(value, digits won or lost), …])
    for name in record.settings["thresholds"]:
        changes = [right - today for right in metrics[f"right_{name}"]]
        rows.append((name, list(zip(metrics[f"values_{name}"], changes, strict=True))))
    rows.sort(key=lambda row: min((change for _, change in row[1]), default=0))
    title = f"One threshold changed: digits won or lost, of {n} on photos of validation digits"
    figure = blank_figure(9, 0.2 * len(rows) + 1.4, title)
    ax = figure.subplots()
    error = 100 * (today / n * (1 - today / n) / n) ** 0.5
    ax.axvspan(-error, error, color="0.93", label=f"one standard error, {error:.1f} points")
    for place, (name, changes) in enumerate(rows):
        points = [100 * change / n for _, change in changes]
        ax.plot([min([*points, 0]), max([*points, 0])], [place, place], color="0.75", linewidth=1, zorder=1)
        for point, (value, _) in zip(points, changes, strict=True):
            ratio = value / metrics[f"today_{name}"]
            colour, marker = (OURS, "<") if ratio < 1 else (ACCENT, ">")
            fill = "none" if 2 / 3 < ratio < 1.5 else colour
            ax.scatter(point, place, s=26, edgecolor=colour, facecolor=fill, marker=marker, zorder=2)
    for label, colour, marker in (("smaller value", OURS, "<"), ("larger value", ACCENT, ">")):
        ax.scatter([], [], s=26, color=colour, marker=marker, label=f"{label}; hollow: by less than a half")
    ax.legend(fontsize=9, loc="lower left", frameon=False)
    words = [f"{THRESHOLDS[name]}: {metrics[f'today_{name}']:g}" for name, _ in rows]
    ax.set_yticks(range(len(rows)), words, fontsize=8)
    ax.set(ylim=(len(rows) - 0.4, -0.6), xlabel="points won or lost against today's value", xscale="symlog")
    ax.set_xticks((-50, -20, -10, -5, -2, -1, 0, 1, 2), ("−50", "−20", "−10", "−5", "−2", "−1", "0", "1", "2"))
    ax.minorticks_off()
    hide_spines(ax, grid="x")
    return figure


# --- small machines ----------------------------------------------------------------------------------------------


def _milliseconds(metrics: dict, name: str) -> float:
    """Of one image, on one core."""
    return metrics[f"milliseconds_{'keras compiled' if name == 'keras' else name}"]


def edge_rows(records: Records) -> list[dict]:
    """Size, accuracy on every set and speed of every format: one dict a format, text ready to be shown."""
    metrics, rows = records.one("reader/edge").metrics, []
    sets = {"mnist": "MNIST test", "usps": "USPS test", "digits": "scikit-learn's digits", "sharpies": "photos"}
    for name, title in FORMATS.items():
        accuracy = 1 - metrics[f"misses_mnist_{name}"] / metrics[f"n_mnist_{name}"]
        row = {
            "format": title,
            "kB": f"{metrics[f'bytes_{name}'] / 1000:,.0f}",
            "MNIST test %": f"{100 * accuracy:.2f}",
        }
        for part, set_title in sets.items():
            row[f"misses, {set_title}"] = f"{metrics[f'misses_{part}_{name}']} of {metrics[f'n_{part}_{name}']:,}"
        row |= {
            "misses with one view": str(metrics[f"misses_one_view_{name}"]),
            "not sure, MNIST": str(metrics[f"not_sure_mnist_{name}"]),
            "ms an image": f"{_milliseconds(metrics, name):.2f}",
        }
        rows.append(row)
    return rows


def _edge(records: Records):
    """Size, misses and time of the same network in several formats."""
    metrics = records.one("reader/edge").metrics
    figure = blank_figure(10, 0.55 * len(FORMATS) + 1.3, "The same network, smaller and faster, reads as well")
    left, middle, right = figure.subplots(1, 3, sharey=True)
    places = np.arange(len(FORMATS))[::-1]
    kilobytes = [metrics[f"bytes_{name}"] / 1000 for name in FORMATS]
    milliseconds = [_milliseconds(metrics, name) for name in FORMATS]
    for ax, values, label, text in (
        (left, kilobytes, "size, kB", "{:,.0f}"),
        (right, milliseconds, "ms an image, one core", "{:.2f}"),
    ):
        ax.barh(places, values, color=[CLAIMED] + [OURS] * (len(values) - 1), height=0.6)
        ax.set(xlabel=label, xlim=(0, 1.25 * max(values)))
        for place, value in zip(places, values, strict=True):
            ax.text(value, place, "  " + text.format(value), va="center", fontsize=9)
    five, one = ([metrics[f"misses_{views}_{name}"] for name in FORMATS] for views in ("mnist", "one_view"))
    middle.plot(five, places, "o", color=OURS, label="five views, as the reader reads")
    middle.plot(one, places, "s", color=CLAIMED, markerfacecolor="none", label="one view")
    middle.set(xlabel=f"misses of {metrics['n_mnist_keras']:,} test images", xlim=(0, 1.4 * max(one)))
    middle.legend(fontsize=8, loc="upper left", frameon=False)
    left.set_yticks(places, list(FORMATS.values()))
    left.set_ylim(-0.6, len(FORMATS) - 0.4)
    for ax in (left, middle, right):
        hide_spines(ax)
    return figure


FIGURES = {
    "04_reader_sets": _reader_sets,
    "04_reliability": _reliability,
    "04_not_sure": _not_sure,
    "04_stress": _stress,
    "04_hard": _hard,
    "04_thresholds": _thresholds,
    "10_edge": _edge,
}
