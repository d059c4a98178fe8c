"""Ten thousand damaged and odd image files, and a thousand pages without a digit, through the reader.

    python benchmarks/fuzz_photos.py --count 10000 --pages 1000

Nothing but the documented errors may come of it, quickly and in little memory. Ends with a table of outcomes, how many digits
were named on the pages, and how many surely, the slowest file or page and the peak of memory; exit code 1 if anything else was
raised, one took over 2 s, or the process held over 1 GB.
"""

import argparse
import collections
import io
import resource
import string
import struct
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from tqdm import tqdm

from mnist_study import reader
from mnist_study.data import not_digits

MOST_SECONDS, MOST_BYTES = 2.0, 10**9


def seed_files() -> dict:
    """Healthy files of every kind: name -> bytes."""
    page = Image.new("RGB", (300, 260), (235, 232, 225))
    draw = ImageDraw.Draw(page)
    draw.line([(90, 60), (200, 60), (130, 210)], (30, 30, 60), 14, joint="curve")
    grey = page.convert("L")
    ink = Image.eval(grey, lambda level: 255 - level)
    frames = [page, page.rotate(5), page.rotate(10)]
    wide = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    exif = Image.Exif()
    files = {}

    def keep(name, image, kind, **options):
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        files[name] = buffer.getvalue()

    for orientation in range(1, 9):
        exif[0x0112] = orientation
        keep(f"exif{orientation}.jpg", page, "JPEG", exif=exif.tobytes(), quality=80)
    keep("plain.png", page, "PNG")
    keep("cmyk.jpg", page.convert("CMYK"), "JPEG")
    keep("wide.png", wide, "PNG")
    keep("palette.png", page.quantize(16), "PNG", transparency=0)
    keep("bit.png", page.convert("1"), "PNG")
    keep("grey-alpha.png", Image.merge("LA", (grey, ink)), "PNG")
    keep("alpha.webp", Image.merge("RGBA", (*page.split(), ink)), "WEBP")
    keep("animated.gif", page.quantize(16), "GIF", save_all=True, append_images=[f.quantize(16) for f in frames])
    keep("animated.webp", page, "WEBP", save_all=True, append_images=frames)
    keep("animated.png", page, "PNG", save_all=True, append_images=frames)
    keep("lzw.tif", page, "TIFF", compression="tiff_lzw")
    keep("float.tif", Image.fromarray(np.asarray(grey, np.float32)), "TIFF")
    keep("plain.bmp", page, "BMP")
    for size in ((1, 1), (1, 400), (400, 1), (8, 8), (20, 20)):
        keep(f"{size[0]}x{size[1]}.png", page.resize(size), "PNG")
    return files


def with_png_size(data: bytes, width: int, height: int) -> bytes:
    """A PNG that declares another size, its checksum put right."""
    header = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def mutated(files: dict, rng) -> tuple[str, bytes]:
    """One file: name and bytes; healthy, truncated, flipped, filled with zeros, misnamed, of a false size, or no image."""
    name = str(rng.choice(list(files)))
    data = bytearray(files[name])
    kind = rng.choice(
        ("healthy", "truncated", "flipped", "header", "zeros", "misnamed", "size", "text", "empty", "noise")
    )
    if kind == "truncated":
        data = data[: rng.integers(0, len(data))]
    elif kind in ("flipped", "header"):
        reach = len(data) if kind == "flipped" else min(len(data), 64)
        for place in rng.integers(0, reach, rng.integers(1, 20)):
            data[place] ^= 1 << int(rng.integers(8))
    elif kind == "zeros":
        start = rng.integers(0, len(data))
        stop = min(len(data), start + rng.integers(1, 2000))
        data[start:stop] = bytes(stop - start)
    elif kind == "misnamed":
        name = f"{Path(name).stem}{rng.choice(['.png', '.jpg', '.gif', '.heic', '.webp'])}"
    elif kind == "size":
        name = "size.png"
        data = with_png_size(files["plain.png"], *(int(2 ** rng.uniform(0, 31)) for _ in range(2)))
    elif kind == "text":
        name, data = "text.png", b"This is no picture.\n" * int(rng.integers(1, 50))
    elif kind == "empty":
        data = b""
    elif kind == "noise":
        data = rng.bytes(int(rng.integers(1, 5000)))
    return f"{kind}-{name}", bytes(data)


def page_without_digits(rng) -> tuple[str, np.ndarray]:
    """Lines, printed words, grains and blots, or all of them, uint8 (height, width), and what is on it."""
    kind = str(rng.choice(("lines", "text", "noise", "all")))
    width, height = (int(side) for side in rng.integers(200, 1600, 2))
    page = Image.new("L", (width, height), int(rng.integers(180, 256)))
    draw = ImageDraw.Draw(page)
    if kind in ("lines", "all"):
        for _ in range(int(rng.integers(1, 40))):
            ends = rng.uniform(-0.1, 1.1, (int(rng.integers(2, 5)), 2)) * (width, height)
            draw.line([tuple(end) for end in ends], int(rng.integers(0, 120)), int(rng.integers(1, 12)))
    if kind in ("text", "all"):
        for _ in range(int(rng.integers(1, 60))):
            chosen = not_digits.font(str(rng.choice(not_digits.FONTS)), int(rng.integers(9, 60)))
            word = "".join(rng.choice(list(string.ascii_letters), int(rng.integers(2, 10))))
            draw.text(tuple(rng.uniform(0, 0.9, 2) * (width, height)), word, int(rng.integers(0, 120)), chosen)
    pixels = np.asarray(page, float)
    if kind in ("noise", "all"):
        grain = ndimage.gaussian_filter(rng.standard_normal(pixels.shape), rng.uniform(0, 8))
        pixels = pixels + rng.uniform(5, 80) * grain / grain.std()
    return kind, np.uint8(np.clip(pixels, 0, 255))


def try_pages(read, number: int, rng) -> tuple[collections.Counter, list, tuple]:
    """What came of so many pages without a digit: counts by kind, surprises, and the slowest: seconds and name."""
    counts, surprises, slowest = collections.Counter(), [], (0.0, "")
    for place in tqdm(range(number), unit="page"):
        kind, page = page_without_digits(rng)
        name, began = f"{kind} page {place}", time.perf_counter()
        try:
            found = read(page)
            counts[kind, "named"] += len(found)
            counts[kind, "surely"] += sum(one.sure for one in found)
        except reader.PhotoError:
            counts[kind, "refused"] += 1
        except Exception as error:
            surprises.append((name, type(error).__name__))
        seconds = time.perf_counter() - began
        counts[kind, "pages"] += 1
        slowest = max(slowest, (seconds, name))
        if seconds > MOST_SECONDS:
            surprises.append((name, "slow", round(seconds, 2)))
    return counts, surprises, slowest


def try_file(read, path: Path) -> tuple[str, float]:
    """The outcome, "read" or the name of the error, and the seconds it took."""
    began = time.perf_counter()
    try:
        read(path)
        outcome = "read"
    except Exception as error:  # what it is decides the verdict
        outcome = type(error).__name__
    return outcome, time.perf_counter() - began


def main() -> int:
    """Read the files and print what came of them; 1 if anything was undocumented, slow or large."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    read = reader.shipped().read
    documented = {"read", "NotAnImageError", "ImageSizeError", "BlankImageError", "FileNotFoundError"}
    files, rng = seed_files(), np.random.default_rng(options.seed)
    outcomes, slowest, surprises = collections.Counter(), (0.0, ""), []
    with tempfile.TemporaryDirectory() as folder:
        for _ in tqdm(range(options.count), unit="file"):
            name, data = mutated(files, rng)
            path = Path(folder) / name
            path.write_bytes(data)
            outcome, seconds = try_file(read, path)
            outcomes[name.split("-")[0], outcome] += 1
            slowest = max(slowest, (seconds, name))
            if outcome not in documented or seconds > MOST_SECONDS:
                surprises.append((name, outcome, round(seconds, 2)))
            path.unlink()
    counts, of_pages, slowest_page = try_pages(read, options.pages, rng)
    surprises += of_pages
    for (kind, outcome), count in sorted(outcomes.items()) + sorted(counts.items()):
        print(f"{kind:10} {outcome:18} {count:6}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{options.count} files; slowest {slowest[0]:.2f} s ({slowest[1]}); peak memory {peak / 1e6:.0f} MB")
    print(f"{options.pages} pages; slowest {slowest_page[0]:.2f} s ({slowest_page[1]})")
    for surprise in surprises[:20]:
        print("SURPRISE", *surprise)
    return int(bool(surprises) or peak > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
