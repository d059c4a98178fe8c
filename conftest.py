"""Fixtures made by code: a tiny MNIST in any container, small data sets, a project folder that no test can spoil, a browser."""

import gzip
import importlib.util
import os
import shutil
from urllib.parse import urlsplit

import numpy as np
import pytest

from mnist_study import data, paths, study
from mnist_study.data import sources


def leave_the_network_alone(monkeypatch):
    """Nothing is downloaded: what is not on this machine is missing."""
    monkeypatch.setattr(sources, "MNIST_MIRRORS", ())
    monkeypatch.setattr(sources, "USPS_MIRRORS", ())
    monkeypatch.setattr(sources, "REPOSITORY", "http://127.0.0.1:9/")


@pytest.fixture(autouse=True)
def doctest_names(request, doctest_namespace, monkeypatch):
    """Examples in docstrings know numpy as ``np`` and take their data from this machine alone."""
    if isinstance(request.node, pytest.DoctestItem):
        doctest_namespace["np"] = np
        leave_the_network_alone(monkeypatch)


# --- the project -------------------------------------------------------------------------------------------------


def empty_project(folder, monkeypatch):
    """Make ``folder`` the project's root, without data or network: nothing is found unless a test puts it there."""
    monkeypatch.setattr(paths, "project_root", lambda: folder)
    monkeypatch.setattr(study, "_dataset", data.load)  # what it keeps in memory is another project's
    monkeypatch.setenv("KERAS_HOME", str(folder / "no-keras"))
    monkeypatch.delenv("MNIST_STUDY_DATA", raising=False)
    leave_the_network_alone(monkeypatch)
    return folder


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty project folder without data or network."""
    return empty_project(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory):
    """As ``home``, for all tests of a file: one finds the records and networks that another has made."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield empty_project(tmp_path_factory.mktemp("home"), monkeypatch)


@pytest.fixture(scope="session")
def committed():
    """The committed records of all experiments."""
    return study.all_records()


# --- data sets ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tiny_mnist(monkeypatch):
    """60 + 10 random images in place of MNIST, with the digest that belongs to them: name of a file -> its array."""
    draw = np.random.default_rng(0)
    sizes = {"train-images": (60, 28, 28), "train-labels": (60,), "t10k-images": (10, 28, 28), "t10k-labels": (10,)}
    files = {name: sizes[name.split("-idx")[0]] for name in sources.MNIST_FILES}
    arrays = [draw.integers(0, 256 if len(shape) > 1 else 10, shape).astype(np.uint8) for shape in files.values()]
    monkeypatch.setattr(sources, "MNIST_FILES", files)
    monkeypatch.setattr(sources, "MNIST_DIGEST", data.digest(*arrays))
    monkeypatch.setitem(data.DIGESTS, "mnist", data.digest(*arrays))
    return dict(zip(files, arrays, strict=True))


@pytest.fixture(scope="session")
def write_idx():
    """A function that writes arrays by name as IDX files."""

    def write(folder, arrays, zipped=True):
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in arrays.items():
            header = b"\0\0\x08" + bytes([array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
            content = header + array.tobytes()
            path = folder / (f"{name}.gz" if zipped else name)
            path.write_bytes(gzip.compress(content) if zipped else content)

    return write


@pytest.fixture(scope="session")
def real_mnist():
    """MNIST if it is on this machine; the test is skipped where it is not. Never asks the network."""
    try:
        train, test = sources.load_mnist(download=False)
    except data.MissingDataError:
        pytest.skip("MNIST is not on this machine")
    return data.Dataset("mnist", *train, *test, data.MNIST_DIGEST)


def _first(train, test):
    parts = *(part[:300] for part in train), *(part[:100] for part in test)
    return data.Dataset("digits", *parts, data.digest(*parts), "a test")


@pytest.fixture(scope="session")
def small_dataset():
    """Four hundred of the embedded digits, as fast to learn as to load."""
    return _first(*data.embedded_digits())


@pytest.fixture(scope="session")
def small_zip_dataset():
    """The same four hundred in the format of USPS."""
    return _first(*data.embedded_zip_digits())


# --- the site in a browser ---------------------------------------------------------------------------------------

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
    from mnist_study import website

    return website.build(tmp_path_factory.mktemp("built") / "site")


def load_benchmark(name: str):
    """``benchmarks/NAME.py`` as a module."""
    spec = importlib.util.spec_from_file_location(name, paths.project_root() / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def benchmark(request):
    """The benchmark that ``tests/test_NAME.py`` is about, as a module."""
    return load_benchmark(request.path.stem.removeprefix("test_"))


def quietly(line):
    """Progress that nobody reads."""
