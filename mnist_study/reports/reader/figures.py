"""The figures of the reader, and of what it is on small machines, from records."""

import numpy as np

from ... import evaluation
from ...data import stress
from ...plots import networks, photo_figures
from ...reader.litert import FORMATS as FORMATS_WRITTEN
from ...records import Records, claimed, published_usps

READER_SETS = {
    "": "MNIST test",
    "_usps": "USPS test, never trained on",
    "_digits": "scikit-learn's digits",
    "_sharpies": "the report's photos",
}


def _reader_sets(found: Records):
    runs, shipped = found.all("reader/cnn"), found.one("reader/shipped")
    published = published_usps().set_index("kind").error
    others = [
        ("trained on USPS,\nreport usps", 100 * (1 - float(claimed("usps/cnn7", "accuracy")))),
        ("human readers", published["people"].mean()),
        ("best published,\nMNIST-trained", published["MNIST alone"]),
    ]
    anchors = {"_usps": others}
    rows = [
        {
            "title": title,
            "error": [100 * (1 - run.metrics[f"accuracy{key}"]) for run in runs],
            "shipped": 100 * (1 - shipped.metrics[f"accuracy{key}"]),
            "n": shipped.metrics[f"n{key}"],
            "others": anchors.get(key, []),
        }
        for key, title in READER_SETS.items()
        if f"accuracy{key}" in shipped.metrics and f"accuracy{key}" in runs[0].metrics
    ]
    return photo_figures.fig_reader_sets(rows)


def _reliability(found: Records):
    arrays = found.one("reader/shipped").arrays
    sets = {}
    for key, title in (("", "MNIST test"), ("_usps", "USPS test"), ("_digits", "scikit-learn's digits")):
        if f"y_true{key}" in arrays:
            labels, score = arrays[f"y_true{key}"], arrays[f"score{key}"].astype(np.float32)
            sets[title] = labels, score, evaluation.calibration_error(labels, score)
    return photo_figures.fig_reliability(sets)


def _stress(found: Records):
    record = found.one("reader/shipped")
    right = record.arrays["stress_right"]
    per_cell = record.metrics["stress_n"] // right.size
    return photo_figures.fig_stress(right, per_cell, stress.KINDS, ("mild", "medium", "hard"))


def _not_sure(found: Records):
    metrics = found.one("reader/shipped").metrics
    sets = (
        ("", "MNIST test"),
        ("_usps", "USPS test"),
        ("_digits", "scikit-learn's digits"),
        ("_sharpies", "the report's photos"),
    )
    rows = [
        (title, metrics[f"not_sure{key}"] / metrics[f"n{key}"], metrics[f"n{key}"], True)
        for key, title in sets
        if f"n{key}" in metrics
    ]
    others = (
        ("letters", "letters"),
        ("lookalikes", "letters like digits (O, l, S, …)"),
        ("scribbles", "scribbles"),
        ("faces", "faces"),
    )
    rows += [
        (title, metrics[f"refused_{key}"] / metrics[f"n_{key}"], metrics[f"n_{key}"], False) for key, title in others
    ]
    return photo_figures.fig_not_sure(rows)


KERAS = "Keras"
FORMATS = {"keras": KERAS} | {name: f"LiteRT {name}" for name in FORMATS_WRITTEN}


def edge_formats(found: Records) -> list[dict]:
    """One dict a format: title, kilobytes, misses of MNIST's test set and n, misses with one view, milliseconds an image."""
    metrics = found.one("reader/edge").metrics
    return [
        {
            "title": title,
            "kilobytes": metrics[f"bytes_{name}"] / 1000,
            "misses": metrics[f"misses_mnist_{name}"],
            "n": metrics[f"n_mnist_{name}"],
            "misses_one_view": metrics[f"misses_one_view_{name}"],
            "milliseconds": metrics[f"milliseconds_{'keras compiled' if name == 'keras' else name}"],
        }
        for name, title in FORMATS.items()
    ]


def edge_rows(found: Records) -> list[dict]:
    """Size, accuracy on every set and speed of every format: one dict a format, text ready to be shown."""
    metrics, lines = found.one("reader/edge").metrics, []
    sets = {"mnist": "MNIST test", "usps": "USPS test", "digits": "scikit-learn's digits", "sharpies": "photos"}
    for row, name in zip(edge_formats(found), FORMATS, strict=True):
        line = {
            "format": row["title"],
            "kB": f"{row['kilobytes']:,.0f}",
            "MNIST test %": f"{100 * (1 - row['misses'] / row['n']):.2f}",
        }
        for part, title in sets.items():
            if f"n_{part}_{name}" in metrics:
                count = f"{metrics[f'misses_{part}_{name}']} of {metrics[f'n_{part}_{name}']:,}"
                line[f"misses, {title}"] = count
        line |= {
            "misses with one view": str(row["misses_one_view"]),
            "not sure, MNIST": str(metrics[f"not_sure_mnist_{name}"]),
            "ms an image": f"{row['milliseconds']:.2f}",
        }
        lines.append(line)
    return lines


def _edge(found: Records):
    return networks.fig_edge(edge_formats(found))


FIGURES = {
    "04_reader_sets": _reader_sets,
    "04_reliability": _reliability,
    "04_not_sure": _not_sure,
    "04_stress": _stress,
    "10_edge": _edge,
}
