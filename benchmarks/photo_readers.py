"""This project's reader beside RapidOCR and Tesseract, on photos of handwritten digits: what each reads, and how fast.

    pip install rapidocr onnxruntime       # and Tesseract from the system's packages; a reader that is missing is left out
    python benchmarks/photo_readers.py [FOLDER ...] [--per-cell 10]

Four kinds of sets are read in one run: report sharpies' photos; every FOLDER given, in which a file is named by what stands on
it, in reading order, up to the first ``_`` (``2059207_one_long_tail.jpg``; ``none_...`` holds no digit); the stress set and the
hard pages, ``--per-cell`` photos for each of their kinds and strengths, rendered from MNIST's test digits.

The others are given upright photos of at most 1,600 pixels, small ones enlarged four times, and of what they answer only the
digits count. Each is tried with finding and without, where the whole picture is taken for one line of text; in each set the
better of the two counts. The seconds are those of a photo once a reader is loaded, opening the file included.

The result is written to ``photo_readers.json`` beside this file and, as a table, to ``docs/photo_readers.md``.
"""

import argparse
import importlib.metadata
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
PHOTO = ROOT / "notebooks" / "images" / "five.jpg"
OURS = "this project"
LARGEST = 1600  # pixels of the longer side that the others are given at most
SMALL, ENLARGED = 200, 4  # a photo whose longer side has fewer pixels is enlarged so many times for them
COLD_RUNS = 5
IMAGE_LIBRARIES = (
    "import numpy, PIL.Image, scipy.ndimage; from skimage.filters import threshold_otsu;"
    "from skimage.morphology import skeletonize"
)

# --- the sets ----------------------------------------------------------------------------------------------------


def photos_in(folder: Path) -> list[tuple]:
    """``(path, digits)`` for every photo of a folder, named by what stands on it; "" where it holds no digit.

    Raises:
        ValueError: a name does not begin with digits or ``none``, or there are no photos.
    """
    from mnist_study import reader

    found = []
    for path in reader.photos_in(folder):
        text = path.stem.partition("_")[0]
        if not (text.isdecimal() or text == "none"):
            raise ValueError(
                f"{path} does not say what it shows; name it by its digits, as 405_note.jpg, or none_desk.jpg."
            )
        found.append((path, text.replace("none", "")))
    if not found:
        raise ValueError(f"{folder} holds no photos.")
    return found


def stress_photos(per_cell: int, seed: int = 0) -> list[tuple]:
    """``(PNG file, digits)`` of the stress set, rendered from MNIST's test images."""
    from mnist_study.data import sources, stress

    images, labels = sources.load_mnist()[1]
    rng = np.random.default_rng(seed)
    found = []
    for kind in stress.KINDS:
        for strength in stress.STRENGTHS:
            for chosen in rng.choice(len(images), per_cell):
                file = io.BytesIO()
                Image.fromarray(stress.photograph(images[chosen], rng, kind, strength)).save(file, "PNG")
                found.append((file, str(labels[chosen])))
    return found


def hard_pages(per_cell: int, seed: int = 0) -> list[tuple]:
    """``(PNG file, digits)`` of the hard pages, rendered from MNIST's test images."""
    from mnist_study.data import sources, stress
    from mnist_study.data.pages import hard

    images, labels = sources.load_mnist()[1]
    rng = np.random.default_rng(seed)
    found = []
    for kind in hard.KINDS + hard.KEPT:
        for strength in stress.STRENGTHS:
            for _ in range(per_cell):
                photo, text = hard.photograph(images, labels, rng, kind, strength)
                file = io.BytesIO()
                Image.fromarray(photo).save(file, "PNG")
                found.append((file, text.replace("\n", "")))
    return found


def all_sets(folders, per_cell: int) -> dict:
    """Name -> photos. What needs report sharpies' photos or MNIST is left out, with a line, where they cannot be had."""
    from mnist_study import data

    sets = {}
    try:
        sharpies = data.load_photos()
        sets["report sharpies' photos"] = list(zip(sharpies.pictures, map(str, sharpies.labels), strict=True))
    except data.MissingDataError as error:
        print(f"left out: {error}")
    sets |= {folder.name: photos_in(folder) for folder in folders}
    try:
        if per_cell:
            sets |= {"stress set": stress_photos(per_cell), "hard pages": hard_pages(per_cell)}
    except data.MissingDataError as error:
        print(f"left out: the stress set and the hard pages. {error}")
    return sets


# --- the readers -------------------------------------------------------------------------------------------------


def this_project() -> dict:
    """This project's reader: its best guess at every digit, and only the digits of which it is sure."""
    from mnist_study import reader

    def read(photo, wanted):
        try:
            page = reader.read(photo if isinstance(photo, Path) else Image.open(photo))
        except reader.PhotoError:
            return ""
        return "".join(str(one.digit) for one in page if wanted(one))

    return {
        "best guess": lambda photo: read(photo, lambda one: True),
        "where it is sure": lambda photo: read(photo, lambda one: one.sure),
    }


def upright(photo) -> Image.Image:
    """A photo as the other readers are given it."""
    image = ImageOps.exif_transpose(Image.open(photo)).convert("RGB")
    if max(image.size) < SMALL:
        image = image.resize([ENLARGED * side for side in image.size], Image.Resampling.BICUBIC)
    image.thumbnail((LARGEST, LARGEST))
    return image


def digits_of(text: str) -> str:
    """The digits in what a reader of any text answers."""
    return "".join(letter for letter in text if letter in "0123456789")


def rapidocr():
    """RapidOCR, as its wheel brings it."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "critical"})

    def read(photo, find):
        answer = engine(np.asarray(upright(photo))[:, :, ::-1], use_det=find, use_cls=False, use_rec=True)
        return digits_of("".join(answer.txts or ()))

    return {"finding": lambda photo: read(photo, True), "one line": lambda photo: read(photo, False)}


def tesseract():
    """Tesseract, told to answer nothing but digits."""

    def read(photo, layout):
        file = io.BytesIO()
        upright(photo).save(file, "PNG")
        command = ["tesseract", "-", "-", "--psm", layout, "-c", "tessedit_char_whitelist=0123456789"]
        return digits_of(
            subprocess.run(command, input=file.getvalue(), capture_output=True, check=True).stdout.decode()
        )

    return {"finding": lambda photo: read(photo, "6"), "one line": lambda photo: read(photo, "7")}


def all_readers() -> dict:
    """Name -> its ways of reading: name -> a function of a photo that returns digits. What is not installed is left out."""
    readers = {OURS: this_project()}
    try:
        readers[f"RapidOCR {importlib.metadata.version('rapidocr')}"] = rapidocr()
    except ModuleNotFoundError as error:
        print(f"left out: RapidOCR ({error.name} is not installed: pip install rapidocr onnxruntime)")
    if shutil.which("tesseract"):
        version = subprocess.run(["tesseract", "--version"], capture_output=True, text=True).stdout.split()[1]
        readers[f"Tesseract {version}"] = tesseract()
    else:
        print("left out: Tesseract (it is not installed; it is a package of the system, often called tesseract-ocr)")
    return readers


# --- counting ----------------------------------------------------------------------------------------------------


def measured(read, photos, title: str) -> dict:
    """What one way of reading makes of a set: ``whole`` photos and ``digits`` read right, milliseconds a photo, answers."""
    from mnist_study import evaluation

    read(photos[0][0])  # whatever is loaded at the first photo
    answers, seconds = [], []
    for photo, _ in tqdm(photos, desc=title, unit="photo"):
        began = time.perf_counter()
        answers.append(read(photo))
        seconds.append(time.perf_counter() - began)
    pairs = [(text, answer) for (_, text), answer in zip(photos, answers, strict=True)]
    return {
        "whole": sum(text == answer for text, answer in pairs),
        "digits": sum(max(0, len(text) - evaluation.edit_distance(text, answer)) for text, answer in pairs),
        "milliseconds": round(1000 * statistics.median(seconds), 1),
        "answers": answers,
    }


def compared(sets: dict, readers: dict) -> list[dict]:
    """A row for each set, reader and way of reading."""
    return [
        {"set": name, "reader": reader, "way": way} | measured(read, photos, f"{name}, {reader}, {way}")
        for name, photos in sets.items()
        for reader, ways in readers.items()
        for way, read in ways.items()
    ]


def cold_seconds() -> dict:
    """Seconds of a fresh Python that reads a photo, and of one that only imports the image libraries: the best of some, in turn."""
    runs = {"cold_seconds": ["-m", "mnist_study", "read", str(PHOTO)], "imports_seconds": ["-c", IMAGE_LIBRARIES]}
    best = {}
    for _ in range(COLD_RUNS):
        for name, arguments in runs.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
            best[name] = min(best.get(name, np.inf), round(time.perf_counter() - began, 3))
    return best


# --- the result --------------------------------------------------------------------------------------------------


def shown_rows(rows: list[dict]) -> list[dict]:
    """Both ways of this project's reader, and the better way of every other, by photos read whole, then by digits."""
    shown = {}
    for row in rows:
        key = row["set"], row["reader"], row["way"] if row["reader"] == OURS else ""
        shown[key] = max(shown.get(key, row), row, key=lambda row: (row["whole"], row["digits"]))
    return list(shown.values())


def report(result: dict) -> str:
    """The result as a page of Markdown.

    Args:
        result: what ``main`` writes into ``photo_readers.json``.
    """
    lines = [
        f"| {row['set']} | {row['reader']}, {row['way']} | {row['whole']} of {len(result['sets'][row['set']])} "
        f"| {row['digits']} of {sum(map(len, result['sets'][row['set']]))} | {row['milliseconds']:,.0f} |"
        for row in shown_rows(result["rows"])
    ]
    changed = " with changes" if result["dirty"] else ""
    ratio = result["cold_seconds"] / result["imports_seconds"]
    return f"""# Readers of photos, side by side

Measured on {result["device"]} (load average when it began: {result["load"]:.1f}), {result["time"][:10]}, commit {result["commit"][:8]}{changed}.

| set | reader | photos read whole | digits read | milliseconds a photo |
| --- | --- | --- | --- | --- |
{chr(10).join(lines)}

A photo is read whole where the digits of the answer, in order, are those that stand on it; where it holds none, the answer must have
none. Digits read are those on the photos, less one for each that is left out, changed or too much. The others were given upright
photos of at most {LARGEST:,} pixels, those below {SMALL} enlarged {ENLARGED} times; of finding digits and taking the whole picture for one line, the better is
shown. Times are medians of loaded readers, the opening of the file included.

From a shell, `python -m mnist_study read my_digit.jpg` answers in {result["cold_seconds"]:.2f} s, {ratio:.2f} times what a bare import of its image
libraries takes ({result["imports_seconds"]:.2f} s); the best of {COLD_RUNS} runs each, in turn.

Written by `python benchmarks/photo_readers.py`; every answer stands in `benchmarks/photo_readers.json`.
"""  # noqa: E501


def main() -> None:
    """Read every set with every reader, write ``photo_readers.json`` and ``docs/photo_readers.md``, and print the latter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="*", type=Path, help="of photos that are named by what stands on them")
    parser.add_argument("--per-cell", type=int, default=10, help="photos of each kind and strength of the stress set")
    parser.add_argument("--root", type=Path, default=ROOT, help="where docs/ and benchmarks/ are")
    options = parser.parse_args()
    from mnist_study import paths, records

    result = records.provenance() | {"load": os.getloadavg()[0]} | cold_seconds()
    sets = all_sets(options.folder, options.per_cell)
    result["sets"] = {name: [text for _, text in photos] for name, photos in sets.items()}
    result["rows"] = compared(sets, all_readers())
    paths.write_text(options.root / "benchmarks" / "photo_readers.json", json.dumps(result, indent=1) + "\n")
    paths.write_text(options.root / "docs" / "photo_readers.md", report(result))
    print(report(result))


if __name__ == "__main__":
    main()
