"""The two pages that one plays with: the pad to draw on, where the reader runs in the browser, and the map in three dimensions."""

import base64
import gzip
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

from .. import paths, plots, reader, study
from ..data import MissingDataError, load
from ..plots.map import points_script
from ..reader import litert, reading
from .models import described

# in the order in which they build on each other
PHOTO_SCRIPTS = ("numbers", "filters", "photo_files", "ink", "finder", "sheets", "joining", "photos", "steps", "views")
LADDER_SCRIPTS = (*PHOTO_SCRIPTS, "pad", "report-models", "models", "ladder")  # the reader follows when the page stands
READER_SCRIPTS = ("litert", "litert-runtime", "network", "reader")
DRAWING_SCRIPTS = (*PHOTO_SCRIPTS, *READER_SCRIPTS, "pad", "reader-layers", "models", "inside", "draw")
REPORT_MODELS = {"mlp": "mlp-64-16", "cnn": "cnn-32f"}  # of report sharpies, seed 1, that the ladder shows
LITERT = ("core.js", "wasm-utils.js", "runtime.js", "runtime.wasm.gz")
POINTS_SHOWN = 3000  # of the map: each with its image, in half a megabyte


def reader_assets(pages) -> dict:
    """Write what the networks of the study need to run on a page.

    Args:
        pages: the ``Pages`` of the site.

    Returns:
        ``head``: HTML for the head of such a page; ``parameters`` and ``threshold`` of the shipped reader, in words.

    Raises:
        FileNotFoundError: a file of LiteRT.js or the reader's weights are missing.
    """
    runtime, assets = pages.source / "vendor" / "litert", pages.folder / "assets"
    missing = [name for name in LITERT if not (runtime / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{runtime} lacks {', '.join(missing)}. Restore it from version control.")
    shutil.copy(runtime / "runtime.js", assets / "litert.js")
    code = _base64((runtime / "runtime.wasm.gz").read_bytes())
    paths.write_text(assets / "litert-runtime.js", f'globalThis.LITERT_RUNTIME = "{code}";\n')
    shipped = reader.shipped()
    network = reader.shipped_network()
    with tempfile.TemporaryDirectory() as folder:  # half as large as the file that the package reads with
        file = litert.to_litert(network, Path(folder) / "reader.tflite", "float16").read_bytes()
    packed = _base64(gzip.compress(file, mtime=0))
    finder = _base64(gzip.compress((reading.WEIGHTS / "finder.tflite").read_bytes(), mtime=0))
    values = {"network": packed, "finder": finder, "temperature": shipped.temperature, "threshold": shipped.threshold}
    paths.write_text(assets / "network.js", f"globalThis.READER = {json.dumps(values)};\n")
    paths.write_text(assets / "reader-layers.js", f"globalThis.READER_LAYERS = {json.dumps(described(network))};\n")
    report = {name: described(study.network(f"sharpies/{row}")) for name, row in REPORT_MODELS.items()}
    paths.write_text(assets / "report-models.js", f"globalThis.REPORT_MODELS = {json.dumps(report)};\n")
    for name in (*PHOTO_SCRIPTS, "models", "reader", "ladder", "inside", "draw"):
        shutil.copy(pages.source / f"{name}.js", assets)
    shutil.copy(Path(reader.__file__).with_name("pad.js"), assets)
    modules = {"@litertjs/core": "core.js", "@litertjs/wasm-utils": "wasm-utils.js"}
    imports = {
        name: f"data:text/javascript;base64,{_base64((runtime / file).read_bytes())}" for name, file in modules.items()
    }
    return {
        "head": f'<script type="importmap">{json.dumps({"imports": imports})}</script>',
        "parameters": f"{network.count_params():,}",
        "threshold": f"{100 * shipped.threshold:.0f} %",
    }


def drawing_page(pages, head: str, **words) -> None:
    """Write the page to draw on; ``head`` and ``words`` are those of ``reader_assets``."""
    pages.write("draw.html", "Draw a digit", pages.filled("draw.html", **words), head=head, scripts=DRAWING_SCRIPTS)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def map_page(pages) -> None:
    """Write the page with MNIST's test images in three dimensions; where MNIST is not there, without their pictures.

    Args:
        pages: the ``Pages`` that it becomes one of.

    Raises:
        MissingRecordError: the embedding was not made.
    """
    embedding = study.all_records().one("sharpies/umap-3d").arrays
    total = len(embedding["points"])
    index = np.sort(np.random.default_rng(0).choice(total, POINTS_SHOWN, replace=False))
    try:
        images = load().x_test[index]
    except MissingDataError as error:
        print(f"The map is drawn without images of its points: {error}")
        images = None
    text = points_script(
        embedding["points"][index],
        embedding["y_true"][index],
        images,
        index,
        "Cloud of points, one for each test image, coloured by digit; 1 and 0 lie far apart, 4, 7 and 9 side by side",
    )
    paths.write_text(pages.folder / "assets" / "points.js", text)
    for name in ("map.js", "map.css"):
        shutil.copy(Path(plots.__file__).with_name(name), pages.folder / "assets")
    body = pages.filled("map.html", shown=f"{POINTS_SHOWN:,}", total=f"{total:,}")
    style = '<link rel="stylesheet" href="assets/map.css">'
    pages.write("map.html", "MNIST in three dimensions", body, head=style, scripts=("points", "map"))
