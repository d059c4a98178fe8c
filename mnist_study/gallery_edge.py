"""How the figure and the table of notebook 10, the reader on small machines, are made from their record."""

from . import export, network_figures
from .experiments import Records

KERAS = "Keras"
FORMATS = {"keras": KERAS} | {name: f"LiteRT {name}" for name in export.FORMATS}


def rows(found: Records) -> list[dict]:
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


def table(found: Records) -> list[dict]:
    """Size, accuracy on every set and speed of every format: one dict a format, text ready to be shown."""
    metrics, lines = found.one("reader/edge").metrics, []
    sets = {"mnist": "MNIST test", "usps": "USPS test", "digits": "scikit-learn's digits", "sharpies": "photos"}
    for row, name in zip(rows(found), FORMATS, strict=True):
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
    return network_figures.fig_edge(rows(found))


FIGURES = {"10_edge": _edge}
