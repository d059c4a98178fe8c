"""README and docs/: every command that they print is there, Python is Python, and links lead somewhere.

The examples of ``docs/extending.md`` are run by ``test_docs``.
"""

import ast
import contextlib
import importlib
import json
import re
import shlex
import shutil

import numpy as np
import pytest
from PIL import Image

from mnist_study import data, paths, study
from mnist_study.__main__ import _parser, main
from mnist_study.models import spaces
from mnist_study.records import named

ROOT = paths.project_root()
PAGES = {
    page.relative_to(ROOT).as_posix(): page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
TEXTS = {name: page.read_text(encoding="utf-8") for name, page in PAGES.items()}
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
FILES = {  # of the examples, by the name in their first line
    found.group(1)
    for text in TEXTS.values()
    for language, code in FENCED.findall(text)
    if language == "python" and (found := re.match(r"# (\S+\.py)\n", code))
}


def commands_in(text: str) -> list[list[str]]:
    """Every command of Python and make on a page, from fenced lines and from code within the lines."""
    fenced = [line for language, block in FENCED.findall(text) if language != "python" for line in block.splitlines()]
    within = re.findall(r"`([^`\n]+)`", FENCED.sub("", text))
    first = r"(\S*/)?(python[0-9.]*|make) "
    return [shlex.split(line, comments=True) for line in (*fenced, *within) if re.match(first, line)]


COMMANDS = [list(words) for text in TEXTS.values() for words in dict.fromkeys(map(tuple, commands_in(text)))]
COMMANDS = [list(words) for words in dict.fromkeys(map(tuple, COMMANDS))]


# --- every command -----------------------------------------------------------------------------------------------


def test_there_are_commands_of_every_kind():
    assert len(COMMANDS) > 10
    assert {"study", "train", "tune", "read", "verify", "report", "tables"} <= {
        words[3] for words in COMMANDS if words[1:3] == ["-m", "mnist_study"]
    }


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_exists(words):
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        for word in words[1:]:
            name, is_variable, _ = word.partition("=")
            assert re.search(rf"^{name} \?=" if is_variable else rf"^{name}:.*##", makefile, re.M), word
    elif words[1:3] == ["-m", "mnist_study"]:
        _of_the_command_line(words[3:])
    elif words[1:3] == ["-m", "pip"]:
        assert all((ROOT / words[place + 1]).is_file() for place, word in enumerate(words) if word == "-r")
    elif words[1] != "-m":
        script = ROOT / words[1]
        assert words[1] in FILES or script.is_file()
        for option in (word for word in words[2:] if word.startswith("--")):
            assert f'"{option}"' in script.read_text(encoding="utf-8")
    else:
        assert importlib.util.find_spec(words[2])


def _of_the_command_line(arguments):
    """Read by the real parser, and what it names is there."""
    options = _parser().parse_args([re.sub(r"^(NAME…?|EXPERIMENT)$", "sharpies/knn", word) for word in arguments])
    with contextlib.suppress(SystemExit):
        main([arguments[0], "--help"])
    for name in getattr(options, "experiment", []):
        assert named(study.EXPERIMENTS, name, "experiment")
    if hasattr(options, "space"):
        file, _, function = options.space.rpartition(":")
        assert (file in (*FILES, "FILE.py") and function) or options.space in (*spaces.SPACES, "NAME")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A working folder with photos of digits, dark ink on grey paper, as the pages name them."""
    (images, labels), _ = data.embedded_digits()
    (tmp_path / "folder").mkdir()

    def photo(image, path):
        ink = Image.fromarray(image).resize((112, 112), Image.Resampling.BICUBIC)
        Image.fromarray(np.uint8(210 - 0.7 * np.asarray(ink, float))).save(path, "PNG")

    for number, image in enumerate(images[labels == 7][:6]):
        photo(image, tmp_path / "folder" / f"{number}.png")
    photo(images[labels == 3][0], tmp_path / "my_digit.jpg")  # told by its content, as any file
    for name in {word for words in COMMANDS if words[3:4] == ["read"] for word in words[4:] if word.endswith(".jpg")}:
        if not (tmp_path / name).exists():
            shutil.copy(tmp_path / "my_digit.jpg", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[3:4] == ["read"]], ids=" ".join)
def test_reading_photos(words, desk, capsys):
    assert main(words[3:]) == 0
    printed = capsys.readouterr().out
    if "--json" in words:
        assert sum(one["digit"] == 7 for one in json.loads(printed)) >= 5
    else:
        assert printed == "3\n" if "--text" in words else re.match(r"\w+\.jpg\t3\t", printed)
    assert (desk / "read").exists() == ("--show" in words)


# --- what pages point at -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_python_in_it_is_python(name):
    for language, code in FENCED.findall(TEXTS[name]):
        if language == "python":
            ast.parse(code)


@pytest.mark.parametrize("name", PAGES)
def test_what_it_calls_within_the_lines_exists(name):
    rooms = {path.stem for path in (ROOT / "mnist_study").iterdir() if path.name[0] not in "_."}
    for place in re.findall(r"`((?:\w+\.)+\w+)\(", TEXTS[name]):
        room, *parts = place.split(".")
        if room in rooms:
            found = importlib.import_module(f"mnist_study.{room}")
            for part in parts:
                assert hasattr(found, part), place
                found = getattr(found, part)


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name):
    links = re.findall(r"\]\(([^)\s]+)\)", TEXTS[name]) + re.findall(r"(?:src|href)=\"([^\"]+)\"", TEXTS[name])
    links = [link for link in links if not link.startswith("http")]
    for link in links:
        place, _, section = link.partition("#")
        target = (PAGES[name].parent / place).resolve() if place else PAGES[name]
        assert target.exists(), link
        if section and target.suffix == ".md":
            assert section in sections_of(target.read_text(encoding="utf-8")), link


def sections_of(text: str) -> set:
    """The places within a page that GitHub lets one link to."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.M)
    }


def test_readme_lists_every_notebook_and_every_page_and_shows_a_figure():
    text = TEXTS["README.md"]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.name}" in text
    for name in PAGES:
        assert name == "README.md" or name in text
    assert re.search(r"figures/\w+\.(png|gif)", text)


def test_no_page_speaks_of_profiles():
    for name, text in TEXTS.items():
        assert not re.search(r"\bprofiles?\b|PROFILE", text), name
