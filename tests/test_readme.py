"""The README: its examples and its commands are run as they are printed, so that none can rot."""

import ast
import contextlib
import importlib
import json
import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_study import paths
from mnist_study import study as experiments
from mnist_study.__main__ import _parser, main
from mnist_study.data import datasets
from mnist_study.models import networks
from mnist_study.training import epochs as training

ROOT = paths.project_root()
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
FILES = {  # of the examples, by the name in their first line
    found.group(1): code
    for language, code in FENCED
    if language == "python" and (found := re.match(r"# (\S+\.py)\n", code))
}
YOURS = re.search(r"^## Make it yours\n(.*?)^## ", README, re.M | re.S).group(1)
SMALL = ["--trials", "1", "--epochs", "1", "--workers", "1", "--profile", "quick"]  # in place of what a search asks for


def commands_in(text: str) -> list[list[str]]:
    """Every command of Python and make in a piece of the README, from fenced lines and from code within the lines."""
    fenced = [line for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
              if language != "python" for line in block.splitlines()]  # fmt: skip
    within = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))
    first = r"(\S*/)?(python[0-9.]*|make) "
    return [shlex.split(line, comments=True) for line in (*fenced, *within) if re.match(first, line)]


COMMANDS = [list(words) for words in dict.fromkeys(map(tuple, commands_in(README)))]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A folder of small photos for each digit, dark ink on grey paper, drawn from the embedded digits."""
    folder = tmp_path_factory.mktemp("photos") / "my_photos"
    (images, labels), _ = datasets.embedded_digits()
    for digit in range(10):
        (folder / str(digit)).mkdir(parents=True)
        for number, image in enumerate(images[labels == digit][:6]):
            ink = Image.fromarray(image).resize((112, 112), Image.Resampling.BICUBIC)
            Image.fromarray(np.uint8(210 - 0.7 * np.asarray(ink, float))).save(folder / f"{digit}/{number}.png")
    return folder


@pytest.fixture
def desk(home, photos, monkeypatch):
    """A working folder with the README's files, photos and claims; what the files register is forgotten afterwards."""
    for name, code in FILES.items():
        (home / name).write_text(code, encoding="utf-8")
        monkeypatch.delitem(sys.modules, Path(name).stem, raising=False)
    shutil.copytree(photos, home / "my_photos")
    (home / "results").mkdir()
    shutil.copy(ROOT / "results" / "reported.csv", home / "results")
    for module, registry in ((datasets, "SETS"), (networks, "BUILDERS"), (experiments, "OWN")):
        monkeypatch.setattr(module, registry, dict(getattr(module, registry)))
    monkeypatch.chdir(home)
    monkeypatch.syspath_prepend(str(home))
    monkeypatch.delenv("MNIST_STUDY_PROFILE", raising=False)
    yield home
    for name in FILES:
        sys.modules.pop(Path(name).stem, None)


def run_as_printed(section: str) -> None:
    """The commands of one section of "Make it yours", in order; a search is made small."""
    text = re.search(rf"^### {section}\n(.*?)(?=^### |\Z)", YOURS, re.M | re.S).group(1)
    ran = commands_in(text)
    assert ran
    for words in ran:
        if words[1] == "-m":
            assert words[:3] == ["python", "-m", "mnist_study"]
            assert main(words[3:] + (SMALL if words[3] == "tune" else [])) == 0, words
        else:
            runpy.run_path(words[1], run_name="__main__")


def recorded(home, name: str) -> dict:
    """The only record of an experiment, as JSON."""
    (path,) = (home / "build" / "quick" / "results" / name).glob("*.json")
    assert path.with_suffix(".npz").exists() and path.with_suffix(".keras").exists()
    return json.loads(path.read_text(encoding="utf-8"))


def rows_printed(text: str) -> dict:
    """The lines of a printed table by what they begin with, columns split."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
    head = next(number for number, line in enumerate(lines) if line[0].startswith("model "))
    return {line[0]: line for line in lines[head + 1 :]}


# --- make it yours -----------------------------------------------------------------------------------------------


def test_examples_are_short():
    assert {"my_data.py", "my_model.py", "my_rows.py", "my_space.py"} <= set(FILES)
    for name, code in FILES.items():
        statements = [line for line in code.splitlines() if line.strip() and not re.match(r"#|from |import ", line)]
        assert len(statements) < 15, name


def test_the_data_set(desk, capsys):
    run_as_printed("A data set")
    counts = ast.literal_eval(capsys.readouterr().out.strip().splitlines()[-1])
    assert counts["n"] == 15 and counts["accuracy"] > 0.9
    mine = datasets.for_profile("full", "my_digits")
    assert mine.x_train.shape == (45, 28, 28) and mine.x_train.dtype == np.uint8


def test_the_model(desk, capsys):
    run_as_printed("A model")
    record = recorded(desk, "mine/strided-cnn")
    assert record["metrics"]["accuracy"] > 0.5 and record["metrics"]["parameters"] == 16_330
    assert record["settings"]["model"] == {"builder": "strided_cnn", "filters": [16, 32]}
    printed = rows_printed(capsys.readouterr().out)
    lenet, mine = (next(line for name, line in printed.items() if name.startswith(one)) for one in ("LeNet", "Strided"))
    assert "99.21" in " ".join(lenet) and mine[-1] == "not in the report"
    assert f"{100 * record['metrics']['accuracy']:.2f}" in " ".join(mine)


def test_the_experiment_even_when_it_is_interrupted(desk, capsys, monkeypatch):
    epochs, train_epoch = [], training.train_epoch

    def interrupted(*arguments):
        epochs.append(1)
        if len(epochs) == 6:  # in the second row's fourth epoch
            raise KeyboardInterrupt
        return train_epoch(*arguments)

    monkeypatch.setattr(training, "train_epoch", interrupted)
    assert main(["train", "my_rows.py:ROWS"]) == 130
    run_as_printed("An experiment")
    adam, photos, report = (recorded(desk, name) for name in ("mine/adam", "mine/photos", "sharpies/cnn-32f"))
    assert len(epochs) == 1 + sum(len(one["history"]["loss"]) for one in (adam, photos, report))  # none trained twice
    assert adam["metrics"]["accuracy"] > max(0.85, report["metrics"]["accuracy"])
    assert photos["metrics"]["n"] == 15 and photos["metrics"]["accuracy"] > 0.5
    assert photos["data_digest"] != adam["data_digest"] == report["data_digest"]
    printed = capsys.readouterr().out
    for title in ("32f CNN, Adam", "32f CNN, my photos"):
        assert re.search(rf"{title} .*–.*not in the report", printed)
    assert re.search(r"32f CNN +54,410 +98\.37", printed)


def test_the_search_space(desk, capsys):
    run_as_printed("A search space")
    assert "1 of 1" in capsys.readouterr().out


def test_where_something_is_added_for_good():
    sentences = re.findall(r"For good: (.*?)(?:\n\n|\Z)", YOURS, re.S)
    assert len(sentences) == len(re.findall(r"^### ", YOURS, re.M)) == 4
    for sentence in sentences:
        modules = [importlib.import_module(f"mnist_study.{name}") for name in re.findall(r"(\w+)\.py`", sentence)]
        registries = re.findall(r"`([A-Z]+)`", sentence)
        assert modules and registries
        assert all(any(hasattr(module, name) for module in modules) for name in registries), sentence


# --- every command -----------------------------------------------------------------------------------------------


def test_there_are_commands_of_every_kind():
    assert len(COMMANDS) > 10
    assert {"study", "train", "tune", "read", "figures", "tables"} <= {
        words[3] for words in COMMANDS if words[1:3] == ["-m", "mnist_study"]
    }


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_exists(words, desk):
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
    options = _parser().parse_args(arguments)
    with contextlib.suppress(SystemExit):
        main([arguments[0], "--help"])
    for name in getattr(options, "experiment", []):
        assert experiments.find(name)
    if hasattr(options, "space"):
        from mnist_study import searches

        assert searches.Search(options.space, options.strategy, options.trials).total() > 0


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[3:4] == ["read"]], ids=" ".join)
def test_reading_photos(words, desk, capsys):
    shutil.copy(desk / "my_photos" / "3" / "0.png", desk / "my_digit.jpg")  # told by its content, as any file
    shutil.copytree(desk / "my_photos" / "7", desk / "folder")
    assert main(words[3:]) == 0
    printed = capsys.readouterr().out
    if "--json" in words:
        assert sum(one["digit"] == 7 for one in json.loads(printed)) >= 5
    else:
        assert printed.startswith("my_digit.jpg\t3\t")
    assert (desk / "read" / "my_digit.png").exists() == ("--show" in words)


# --- what it points at -------------------------------------------------------------------------------------------


def test_python_in_it_is_python():
    for language, code in FENCED:
        if language == "python":
            ast.parse(code)


def test_what_it_calls_within_the_lines_exists():
    called = re.findall(r"`(\w+)\.(\w+)\(", README)
    modules = {path.stem for path in (ROOT / "mnist_study").glob("*.py")}
    for module, name in {(module, name) for module, name in called if module in modules}:
        assert hasattr(importlib.import_module(f"mnist_study.{module}"), name), f"{module}.{name}"


def test_every_notebook_is_listed_and_every_link_leads_somewhere():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.name}" in README
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", README) if not link.startswith("http")]
    assert any(link.startswith("figures/") for link in links)
    assert [link for link in links if link and not (ROOT / link).exists()] == []
