"""Every figure of the README and the notebooks by name, drawn from records alone, and every table.

A notebook cell and ``make figures`` go through the same list, so that the same name is the same picture. How each figure
is put together stands in the ``gallery_*`` module of its report.
"""

from pathlib import Path

import pandas as pd

from . import (
    comparison,
    evaluation,
    figures,
    gallery_asher,
    gallery_edge,
    gallery_inf283,
    gallery_nust,
    gallery_photos,
    gallery_sharpies,
    gallery_usps,
    paths,
)
from .experiments import MissingRecordError as MissingRecordError
from .experiments import Records
from .gallery_photos import PHOTOS, READER_SETS
from .gallery_sharpies import CLASSICAL, NETWORKS

REPORTS = (gallery_sharpies, gallery_photos, gallery_nust, gallery_usps, gallery_inf283, gallery_asher, gallery_edge)
FIGURES = {name: draw for report in REPORTS for name, draw in report.FIGURES.items()}


def draw(name: str, profile: str = "full", data_digest: str | None = None, notice: str = "") -> Path:
    """Draw one figure from its records into the profile's ``figures/``.

    Args:
        name: a key of ``FIGURES``.
        profile, data_digest: whose records, as in ``Records``.
        notice: stamped on the figure where the data are not what the title says.

    Returns:
        The path of the PNG.

    Raises:
        KeyError: if there is no such figure.
        MissingRecordError: if a run it needs was not made.
    """
    if name not in FIGURES:
        raise KeyError(f"There is no figure {name!r}; expected one of: {', '.join(FIGURES)}.")
    figure = FIGURES[name](Records(profile, data_digest))
    return figures.save(figure, name, paths.figures_dir(profile), notice)


def show(name: str, profile: str = "full", data_digest: str | None = None, notice: str = ""):
    """``draw``, shown in a notebook."""
    from IPython.display import Image
    from PIL import Image as Picture

    path = draw(name, profile, data_digest, notice)
    with Picture.open(path) as picture:
        return Image(str(path), width=min(900, picture.width))


TABLES = {
    "sharpies": (*CLASSICAL, "sharpies/svm-unscaled", *NETWORKS),
    "photos": (*PHOTOS, "sharpies/photos/reader"),
    "nust": ("nust/lenet", "nust/lenet-modified", "nust/lenet-augmented", "nust/robust"),
    "usps": gallery_usps.OURS,
}


def markdown_table(names, profile: str = "full", data_digest: str | None = None) -> str:
    """The claimed-against-ours table of some experiments, in Markdown."""
    return markdown(comparison.table(Records(profile, data_digest), names))


TIMED = {  # experiments, which part the report's accuracies are of, and whether our settings are named
    "inf283": ((*gallery_inf283.MODELS, *gallery_inf283.BESIDE), "val_", False),
    "grid": ((gallery_inf283.OUTSIDE, "inf283/cnn-best"), "", False),
    "asher": (gallery_asher.MODELS, "", True),
}


def timed_table(name: str, profile: str = "full", data_digest: str | None = None) -> str:
    """A table of ``TIMED``, claimed against ours with the seconds of both, in Markdown."""
    return markdown(comparison.timed_table(Records(profile, data_digest), *TIMED[name]))


def reader_table(profile: str = "full", data_digest: str | None = None) -> str:
    """The reader on every set, in Markdown: mean ± standard deviation over its seeds, and the shipped one."""
    found = Records(profile, data_digest)
    runs, shipped = found.all("reader/cnn"), found.one("reader/shipped").metrics
    rows = []
    for key, title in READER_SETS.items():
        if f"accuracy{key}" in shipped:
            mean, std = evaluation.mean_and_std([100 * run.metrics[f"accuracy{key}"] for run in runs])
            misses, spread = evaluation.mean_and_std([run.metrics[f"misses{key}"] for run in runs])
            rows.append(
                {
                    "set": title,
                    "images": f"{shipped[f'n{key}']:,}",
                    "read right %": f"{mean:.2f} ± {std:.2f}",
                    "misses": f"{misses:.1f} ± {spread:.1f}",
                    "n": len(runs),
                    "shipped %": f"{100 * shipped[f'accuracy{key}']:.2f}",
                    "shipped misses": shipped[f"misses{key}"],
                    "shipped: not sure": shipped[f"not_sure{key}"],
                }
            )
    return markdown(pd.DataFrame(rows))


def edge_table(profile: str = "full", data_digest: str | None = None) -> str:
    """The reader's network in every format, in Markdown: size, misses on every set, milliseconds."""
    return markdown(pd.DataFrame(gallery_edge.table(Records(profile, data_digest))))


def markdown(table: pd.DataFrame) -> str:
    """A table of text in Markdown."""
    lines = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)
