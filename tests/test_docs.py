"""The pages in docs/: their examples are run as they are printed, so that none can rot."""

import ast
import json
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_study import data, models
from mnist_study.__main__ import main

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
READER_PAGE = (ROOT / "docs" / "reader.md").read_text(encoding="utf-8")


def examples(page: str) -> dict:
    """The Python files on a page: name -> code."""
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    return {found.group(1): code for code in blocks if (found := re.match(r"# (\S+\.py)\n", code))}


FILES = examples(PAGE) | examples(READER_PAGE)


@pytest.fixture
def desk(home, monkeypatch):
    """A working folder with the page's files, photos of every digit, and the reports' claims."""
    (images, labels), _ = data.embedded_digits()
    for digit in range(10):
        (home / "my_photos" / str(digit)).mkdir(parents=True)
        for number, image in enumerate(images[labels == digit][:6]):
            ink = Image.fromarray(image).resize((112, 112), Image.Resampling.BICUBIC)
            Image.fromarray(np.uint8(210 - 0.7 * np.asarray(ink, float))).save(home / f"my_photos/{digit}/{number}.png")
    for name, code in FILES.items():
        (home / name).write_text(code, encoding="utf-8")
    (home / "results").mkdir()
    (home / "results" / "reported.csv").write_text((ROOT / "results" / "reported.csv").read_text())
    monkeypatch.setattr(models, "NETWORKS", dict(models.NETWORKS))
    monkeypatch.chdir(home)
    monkeypatch.syspath_prepend(str(home))
    yield home
    for name in FILES:
        sys.modules.pop(Path(name).stem, None)


def test_the_examples_are_short_and_complete():
    assert set(examples(PAGE)) == {"my_data.py", "read_mine.py", "my_model.py", "my_experiments.py", "my_space.py"}
    assert set(examples(READER_PAGE)) == {"read_page.py", "read_folder.py"}
    for name, code in FILES.items():
        statements = [line for line in code.splitlines() if line.strip() and not re.match(r"#|from |import ", line)]
        assert len(statements) < 16, name


def test_a_data_set(desk, capsys):
    runpy.run_path("read_mine.py", run_name="__main__")
    counts = ast.literal_eval(capsys.readouterr().out.strip().splitlines()[-1])
    assert counts["n"] == 15 and counts["accuracy"] > 0.9


def test_a_page_is_read(desk, capsys):
    page = np.full((300, 500), 235, np.uint8)
    (images, labels), _ = data.embedded_digits()
    chosen = [0, 1, 2]
    for number, image in enumerate(images[chosen]):
        ink = Image.fromarray(image).resize((112, 112), Image.Resampling.BICUBIC)
        page[20:132, 20 + 110 * number : 132 + 110 * number] = 235 - 0.8 * np.asarray(ink, float)
    page[250:254, 100:140] = 40  # a dash
    Image.fromarray(page).save("page.jpg", quality=95)
    runpy.run_path("read_page.py")
    text, *lines = capsys.readouterr().out.splitlines()
    assert sum(a == str(b) for a, b in zip(text, labels[chosen], strict=True)) >= 2
    assert len(lines) == 4 and lines[-1].startswith("unread: ")
    assert Image.open("page_marked.png").size == (500, 300)


def test_a_folder_is_read_in_spite_of_a_bad_file(desk, capsys):
    (desk / "my_photos" / "bad.png").write_text("no picture")
    runpy.run_path("read_folder.py")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 61 and sum("is not an image" in line for line in lines) == 1


def test_the_keys_of_json_are_those_that_the_page_names(desk, capsys):
    main(["read", "my_photos/3", "--json"])
    rows = json.loads(capsys.readouterr().out)
    described = READER_PAGE.split("| key |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", described, re.M) == list(rows[0])


def test_a_model(desk, small_dataset):
    from mnist_study import study

    strided = runpy.run_path("my_model.py")["STRIDED"]
    (run,) = study.runs(strided, seeds=[1], dataset=small_dataset)
    assert run.metrics["parameters"] == 16_330 and run.settings["model"] == {
        "builder": "strided_cnn",
        "filters": [16, 32],
    }


def test_an_experiment_on_photos_of_ones_own(desk, capsys, monkeypatch):
    from mnist_study import study

    monkeypatch.setattr(study, "table", _own_only)
    runpy.run_path("my_experiments.py", run_name="__main__")
    printed = capsys.readouterr().out
    assert re.search(r"seed 1: \d+ of 15 missed", printed) and "32f CNN, my photos" in printed


def _own_only(which):
    """The table without the report's rows, whose records do not lie in the test's folder."""
    from mnist_study.data import DIGESTS
    from mnist_study.records import Records
    from mnist_study.reports import tables

    own = {one.name: one for one in which if not isinstance(one, str)}
    return tables.table(Records(own, DIGESTS), own)


def test_a_search_space(desk, capsys):
    words = re.search(r"^python -m mnist_study (tune .*)$", PAGE, re.M).group(1).split()
    for option, value in (("--trials", "1"), ("--epochs", "1"), ("--workers", "1")):
        words[words.index(option) + 1] = value
    assert main([*words, "--quick"]) == 0
    assert "dropout" in capsys.readouterr().out
