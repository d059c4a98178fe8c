"""Fixtures made by code: a tiny MNIST in any container, a project folder that no test can spoil, and a browser."""

import gzip
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from mnist_study import paths
from mnist_study.data import datasets, mnist_files, usps_files
from mnist_study.data.files import MissingDataError, digest


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty project folder without data or network: nothing is found unless the test puts it there."""
    monkeypatch.setattr(paths, "project_root", lambda: tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "no-keras"))
    monkeypatch.delenv("MNIST_STUDY_DATA", raising=False)
    monkeypatch.setattr(mnist_files, "MIRRORS", ())
    monkeypatch.setattr(usps_files, "MIRRORS", ())
    return tmp_path


@pytest.fixture
def tiny_mnist(monkeypatch):
    """60 + 10 random images in place of MNIST, with the digest that belongs to them."""
    draw = np.random.default_rng(0)
    sizes = {"train-images": (60, 28, 28), "train-labels": (60,), "t10k-images": (10, 28, 28), "t10k-labels": (10,)}
    files = {name: sizes[name.split("-idx")[0]] for name in mnist_files.FILES}
    arrays = [draw.integers(0, 256 if len(shape) > 1 else 10, shape).astype(np.uint8) for shape in files.values()]
    monkeypatch.setattr(mnist_files, "FILES", files)
    monkeypatch.setattr(mnist_files, "DIGEST", digest(*arrays))
    return dict(zip(files, arrays, strict=True))


def write_idx(folder, arrays, zipped=True):
    """Write arrays as IDX files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        header = b"\0\0\x08" + bytes([array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
        content = header + array.tobytes()
        path = folder / (f"{name}.gz" if zipped else name)
        path.write_bytes(gzip.compress(content) if zipped else content)


@pytest.fixture
def real_mnist():
    """MNIST if it is on this machine; the test is skipped where it is not. Never asks the network."""
    try:
        (x_train, y_train), (x_test, y_test) = mnist_files.load_mnist(download=False)
    except MissingDataError:
        pytest.skip("MNIST is not on this machine")
    return datasets.Dataset("mnist", x_train, y_train, x_test, y_test, mnist_files.DIGEST)


@pytest.fixture
def small_dataset():
    """Four hundred of the embedded digits, as fast to learn as to load."""
    (x_train, y_train), (x_test, y_test) = datasets.embedded_digits()
    parts = x_train[:300], y_train[:300], x_test[:100], y_test[:100]
    return datasets.Dataset("digits", *parts, digest(*parts), "a test")


@pytest.fixture
def small(tmp_path):
    """A function that makes a search of a space in ``small_spaces.py``, in a folder of its own."""
    from mnist_study import searches

    def make(strategy="grid", function="small", **options):
        space = f"{Path(__file__).with_name('small_spaces.py')}:{function}"
        return searches.Search(space, strategy, folder=tmp_path / "search", **options)

    return make


def quietly(line):
    """Progress that nobody reads."""


BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    """A Chromium without a window: ``$CHROMIUM``, the system's, or Playwright's own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the browser's tests need `pip install playwright`")
    named = filter(None, (os.environ.get("CHROMIUM"), *map(shutil.which, BROWSERS)))
    with playwright.sync_playwright() as running:
        try:
            opened = running.chromium.launch(executable_path=next(named, None), args=list(BROWSER_OPTIONS))
        except playwright.Error as error:
            pytest.skip(f"no browser could be started; `playwright install chromium` gets one ({error})")
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    """An empty page; the test fails where the page complains or asks any other machine for anything."""
    opened, complaints = browser.new_page(), []

    def check_address(request):
        address = urlsplit(request.url)
        if address.scheme not in ("file", "blob", "data") and address.hostname not in ("localhost", "127.0.0.1"):
            complaints.append(f"asked for {request.url}")

    opened.on("request", check_address)
    opened.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    opened.on("console", lambda message: message.type == "error" and complaints.append(f"console: {message.text}"))
    yield opened
    opened.close()
    assert not complaints, complaints


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The whole static site, built once."""
    from mnist_study.website import pages as website

    return website.build(tmp_path_factory.mktemp("built") / "site")
