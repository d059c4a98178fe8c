"""The command line: every command, its help, and one clear line for what a user can mend."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_study import data, paths, study
from mnist_study.__main__ import _parser, main
from mnist_study.reader import litert, reading

ROOT = paths.project_root()
COMMANDS = tuple(_parser()._subparsers._group_actions[0].choices)

# --- options -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "sharpies/none"], "error: There is no experiment 'sharpies/none'; did you mean sharpies/"),
        (["train", "zzz"], "error: There is no experiment 'zzz'; expected one of"),
        (["train", "sharpies/knn", "--seed", "-1"], "is no seed"),
        (["train", "--profile", "full"], "unrecognized arguments: --profile"),
        (["compare", "sharpies/kn"], "did you mean sharpies/knn"),
        (["tune", "ashes", "--quick"], "error: There is no search space 'ashes'; did you mean asher"),
        (["tune", "nowhere.py:space", "--quick"], "error: There is no file nowhere.py"),
        ([], "required: COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
    ],
)
def test_a_wrong_option_gets_one_clear_error(arguments, message, home, capsys):
    try:
        status = main(arguments)
    except SystemExit as exit:
        status = exit.code
    error = capsys.readouterr().err
    assert status and message in error and error.count("error:") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_has_help(command, capsys):
    with pytest.raises(SystemExit) as exit:
        main([command, "--help"])
    assert exit.value.code == 0 and "usage: python -m mnist_study" in capsys.readouterr().out
    options = _parser()._subparsers._group_actions[0].choices[command]._actions
    assert all(option.help for option in options), [option.dest for option in options if not option.help]


def test_every_name_is_listed(capsys):
    assert main(["list"]) == 0
    printed = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
    from mnist_study.models import spaces
    from mnist_study.reports import tables

    assert {*study.EXPERIMENTS, *study.figures(), *tables.TABLES, *spaces.SPACES} <= printed


def test_nothing_breaks_where_somebody_has_read_enough():
    command = f"{sys.executable} -m mnist_study list | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "experiments:\n" and "Traceback" not in done.stderr


# --- train, compare ----------------------------------------------------------------------------------------------


def test_a_smoke_run_is_trained_and_told_in_one_line(home, capsys):
    assert main(["train", "sharpies/knn", "sharpies/explore", "--quick"]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if ", seed 0: " in line]
    assert told[0].startswith("sharpies/knn, seed 0: accuracy 0.9") and "of 360 missed" in told[0]
    assert told[1].startswith("sharpies/explore, seed 0: 1,797 images")
    assert len(list((home / "build" / "quick" / "results").rglob("*.json"))) == 2


def test_training_without_data_stops_with_the_clear_error(home, capsys):
    assert main(["train", "sharpies/knn"]) == 1
    error = capsys.readouterr().err
    assert "MNIST_STUDY_DATA" in error and error.count("error:") == 1


def test_an_unknown_name_among_others_is_told_before_any_work(home, capsys):
    assert main(["train", "sharpies/knn", "sharpies/none", "--quick"]) == 1
    assert "sharpies/none" in capsys.readouterr().err and not (home / "build" / "quick").exists()


def test_an_interrupted_command_says_that_it_can_be_gone_on_with(home, capsys, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "train", interrupted)
    assert main(["train", "sharpies/knn"]) == 130
    assert "the same command goes on from there" in capsys.readouterr().err


def test_compare_prints_the_committed_records_without_data_or_network(capsys, monkeypatch):
    monkeypatch.setattr(study, "load", lambda *_: pytest.fail("asked for data"))
    assert main(["compare", "sharpies/knn", "sharpies/mlp-64-16"]) == 0
    printed = capsys.readouterr().out
    table = study.table(["sharpies/knn", "sharpies/mlp-64-16"])
    assert all(str(cell) in printed for cell in table.to_numpy().ravel())


def test_what_has_no_accuracy_is_not_compared(capsys):
    assert main(["compare", "sharpies/explore"]) == 1
    assert "sharpies/explore has no accuracy to compare" in capsys.readouterr().err


def test_a_missing_package_of_the_study_is_told_with_the_way_to_get_it():
    code = (
        "import sys; sys.modules |= dict.fromkeys(('pandas', 'keras', 'matplotlib'));"
        "from mnist_study.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    for arguments in (["train", "sharpies/knn"], ["list"], ["export", "build"]):
        done = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 1 and done.stdout == ""
        message = (
            r"error: This needs the study's packages \(\w+ is not installed\): pip install 'mnist_study\[study\]'\n"
        )
        assert re.fullmatch(message, done.stderr), done.stderr


# --- read, export, ship ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two drawings of digits and a text file that calls itself an image; the working folder."""
    monkeypatch.chdir(tmp_path)
    _, (images, labels) = data.embedded_digits()
    for digit in (0, 3):
        drawing = Image.fromarray(255 - images[labels == digit][0]).resize((200, 200), Image.Resampling.BICUBIC)
        drawing.save(tmp_path / f"{digit}.png")
    (tmp_path / "bad.png").write_text("no image")
    return tmp_path


def test_read_prints_a_line_a_digit_and_goes_on_after_a_bad_file(folder, capsys):
    assert main(["read", "0.png", "bad.png", "3.png"]) == 1
    out, err = capsys.readouterr()
    assert [line.split("\t")[:2] for line in out.splitlines()] == [["0.png", "0"], ["3.png", "3"]]
    assert err.count("error: ") == 1 and "bad.png is not an image" in err
    assert main(["read", "0.png"]) == 0


def test_read_prints_json(folder, capsys):
    assert main(["read", str(folder), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [one["digit"] for one in found] == [0, 3]
    for one in found:
        assert set(one) == {"path", "digit", "sure", "confidence", "probabilities", "box", "unread"}
        assert 0 < one["confidence"] <= 1 and len(one["box"]) == 4 and one["unread"] == []
        assert len(one["probabilities"]) == 10 and max(one["probabilities"]) == one["confidence"]
        assert one["probabilities"][one["digit"]] == one["confidence"]


@pytest.fixture
def scribbled(tmp_path, monkeypatch):
    """A page with a digit, a small scribble, and below them a dash, and one of the scribble alone; the working folder."""
    monkeypatch.chdir(tmp_path)
    page = Image.new("L", (400, 300), 235)
    draw = ImageDraw.Draw(page)
    for shift in range(0, 45, 9):
        draw.line([(200, 45 + shift), (245, 45 + shift)], 20, 4)
        draw.line([(205 + shift, 40), (205 + shift, 95)], 20, 4)
    page.save("scribble.png")
    draw.line([(120, 250), (150, 250)], 20, 6)
    ink = Image.fromarray(data.embedded_digits()[0][0][1]).resize((112, 112))
    page.paste(20, (40, 40), ink)
    page.save("page.png")
    return tmp_path


def test_json_has_the_best_guess_of_every_digit_and_the_unread_ink_in_each_row(scribbled, capsys):
    assert main(["read", "page.png", "scribble.png", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["sure"] for row in rows] == [True, False] and rows[0]["digit"] == 9
    assert all(type(row["digit"]) is int for row in rows)
    dash = [ink for ink in rows[0]["unread"] if ink["box"][1] >= 235]
    assert len(dash) == 1 and dash[0]["reason"] and dash[0]["box"][3] <= 270


def test_json_has_no_row_for_a_photo_without_digits(tmp_path, capsys):
    Image.new("L", (100, 100), 235).save(tmp_path / "blank.png")
    assert main(["read", str(tmp_path / "blank.png"), "--json"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == [] and "error: No ink was found" in err


def test_unread_ink_is_named_beside_the_digits(scribbled, capsys):
    assert main(["read", "page.png"]) == 0
    lines = [line.split("\t")[1:] for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["9", "unread", "unread"]
    assert any(re.fullmatch(r"[\w ]+, at \(1\d\d, 2\d\d, 1\d\d, 2\d\d\)", line[1]) for line in lines[1:])


def test_text_is_the_page_s_text_alone(scribbled, capsys):
    assert main(["read", "scribble.png", "--text"]) == 0
    assert capsys.readouterr().out == "?\n"
    assert main(["read", "page.png", "--text"]) == 0
    out, err = capsys.readouterr()
    assert out == "9\n" and err.startswith("page.png\tunread\t")


def test_show_writes_a_picture_and_overwrites_nothing(folder, capsys):
    assert main(["read", "0.png", "--show"]) == 0
    assert main(["read", "0.png", "--show"]) == 0
    assert sorted(path.name for path in (folder / "read").iterdir()) == ["0-2.png", "0.png"]
    marked = np.asarray(Image.open(folder / "read" / "0.png"))
    assert marked.shape == (200, 200, 3) and (marked == reading.SURE).all(axis=2).any()


def test_an_empty_folder_and_a_missing_file_are_told(tmp_path, capsys):
    assert main(["read", str(tmp_path), str(tmp_path / "none.jpg")]) == 1
    err = capsys.readouterr().err
    assert "holds no photos; expected files that end in .jpg" in err and "There is no file" in err


def test_export_writes_three_files(tmp_path, capsys, small_dataset, monkeypatch):
    monkeypatch.setattr(data, "load", lambda *_: small_dataset)
    monkeypatch.setattr(litert, "REPRESENTATIVE", 20)
    assert main(["export", str(tmp_path / "new")]) == 0
    files = {path.name: path.stat().st_size for path in (tmp_path / "new").iterdir()}
    assert sorted(files) == ["reader-float16.tflite", "reader-float32.tflite", "reader-int8.tflite"]
    assert files["reader-int8.tflite"] <= files["reader-float32.tflite"] / 3
    assert capsys.readouterr().out.count("kB") == 3


def test_nothing_is_shipped_where_nothing_was_trained(home, capsys):
    assert main(["ship"]) == 1
    assert "error: No reader was trained" in capsys.readouterr().err


# --- data, tables, study -----------------------------------------------------------------------------------------


def test_each_data_set_is_found_or_told(home, tiny_mnist, write_idx, capsys):
    write_idx(paths.data_dir() / "mnist", tiny_mnist)
    assert main(["data"]) == 1
    out, err = capsys.readouterr()
    assert "MNIST: 60 training and 10 test images, digest " in out and out.count(", ok") == 1
    assert "USPS: zip.train.gz is not on this machine" in err and "sharpies: 0.JPG is not on this machine" in err


def test_a_missing_mark_is_told(home, capsys, monkeypatch):
    from mnist_study.reports import story

    monkeypatch.setattr(story, "readme_parts", lambda records: {"claims": ""})
    (home / "README.md").write_text("no marks")
    assert main(["tables"]) == 1
    assert "put it back" in capsys.readouterr().err
    assert (home / "README.md").read_text() == "no marks"


def test_pages_are_written_between_their_marks_and_checked(home, capsys, monkeypatch):
    from mnist_study.reports import story

    monkeypatch.setattr(story, "readme_parts", lambda records: {"claims": "new\n"})
    mark = "<!-- claims: written by `python -m mnist_study tables` -->"
    page = home / "README.md"
    page.write_text(f"before\n{mark}\nold\n<!-- end -->\nafter\n")
    assert main(["tables", "--check"]) == 1 and "old" in page.read_text()
    assert "README.md is not current" in capsys.readouterr().err
    assert main(["tables"]) == 0
    assert page.read_text() == f"before\n{mark}\nnew\n<!-- end -->\nafter\n"
    assert main(["tables", "--check"]) == 0


def test_study_runs_the_notebooks_and_draws_everything(tmp_path):
    """The command itself, in a checkout with one notebook and two figures."""
    for name in ("mnist_study", "results", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "notebooks").mkdir()
    cell = nbformat.v4.new_code_cell('from mnist_study import study\nstudy.table("sharpies")')
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "notebooks" / "01_one.ipynb")
    drawn = ["02_confusion", "07_votes"]
    code = (
        "from pathlib import Path; from mnist_study import paths, study; from mnist_study.__main__ import main;"
        f"paths.project_root = lambda: Path({str(tmp_path)!r}); whole = study.figures();"
        f"study.figures = lambda: {{name: whole[name] for name in {drawn}}}; raise SystemExit(main(['study']))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[1/1] 01_one.ipynb" in done.stdout and "Look at:" in done.stdout
    executed = nbformat.read(tmp_path / "build" / "notebooks" / "01_one.ipynb", as_version=4)
    assert "64-16 MLP" in str(executed.cells[0].outputs)
    pictures = {path.stem: path.stat().st_size for path in (tmp_path / "figures").glob("*.png")}
    assert sorted(pictures) == drawn and min(pictures.values()) > 5000
    assert (tmp_path / "README.md").read_text() == (ROOT / "README.md").read_text()


def test_a_notebook_that_fails_stops_the_study_and_says_where(home, capsys):
    (home / "notebooks").mkdir()
    cell = nbformat.v4.new_code_cell("1 / 0")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), home / "notebooks" / "01_wrong.ipynb")
    assert main(["study"]) == 1
    error = capsys.readouterr().err
    assert "01_wrong.ipynb stopped with an error" in error and "ZeroDivisionError" in error
