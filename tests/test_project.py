"""The repository itself: layers, imports, command line, notebooks."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from mnist_study import paths
from mnist_study.__main__ import main
from mnist_study.reports import verdicts as report

ROOT = paths.project_root()
LAYERS = (
    {"paths"},
    {"files", "photo_files"},
    {"ink"},
    {
        "mnist_files",
        "usps_files",
        "embedded",
        "sharpies",
        "records",
        "photos",
        "augment",
        "not_digits",
        "stress",
        "oracles",
        "trials",
        "workers",
    },
    {"datasets", "baselines", "networks", "evaluation", "embedding", "row"},
    {
        "figures",
        "training",
        "rows_asher",
        "rows_inf283",
        "rows_nust",
        "rows_reader",
        "rows_sharpies",
        "rows_usps",
        "own",
    },
    {"rows", "spaces", "runs"},
    {
        "interactive",
        "experiments",
        "network_figures",
        "photo_figures",
        "modified_figures",
        "zip_figures",
        "grid_figures",
        "search_figures",
    },
    {"exploring", "classical", "network_training", "reader", "searches", "export"},
    {"boosting", "tuning", "anatomy"},
    {"photo_experiments", "modified_test_set", "zip_codes"},
    {"pad", "reader_training", "comparison", "tuning_workers"},
    {"drawers"},
    {"edge"},
    {"gallery_sharpies", "finding"},
    {"gallery_photos", "gallery_nust", "gallery_usps", "gallery_inf283", "gallery_asher", "gallery_edge"},
    {
        "gallery",
        "findings_asher",
        "findings_inf283",
        "findings_nust",
        "findings_reader",
        "findings_sharpies",
        "findings_usps",
    },
    {"findings"},
    {"report"},
    {"website"},
    {"__main__"},
)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_imports_point_one_way():
    modules = {path.stem for path in (ROOT / "mnist_study").glob("*.py")} - {"__init__"}
    assert modules == set().union(*LAYERS)
    level = {module: number for number, layer in enumerate(LAYERS) for module in layer}
    for module in modules:
        tree = ast.parse((ROOT / "mnist_study" / f"{module}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                for used in [node.module] if node.module else [name.name for name in node.names]:
                    assert level[used] < level[module], f"{module} imports {used}"


def test_importing_the_package_is_free():
    code = (
        "import sys, time; began = time.perf_counter(); import mnist_study; seconds = time.perf_counter() - began;"
        "print(seconds < 0.3, {'tensorflow', 'keras', 'umap', 'matplotlib', 'numpy'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "True set()"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "sharpies/none"], "error: There is no experiment 'sharpies/none'; expected one of"),
        (["train", "sharpies/knn", "--seed", "-1"], "is no seed"),
        (["train", "--profile", "slow"], "invalid choice: 'slow'"),
        ([], "required: COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
    ],
)
def test_a_wrong_option_gets_one_clear_error(arguments, message, capsys):
    try:
        status = main(arguments)
    except SystemExit as exit:
        status = exit.code
    assert status and message in capsys.readouterr().err


def test_wrong_profile_in_the_environment(monkeypatch, capsys):
    monkeypatch.setenv("MNIST_STUDY_PROFILE", "fast")
    assert main(["data"]) == 1
    assert "expected one of quick, full" in capsys.readouterr().err


def test_full_profile_without_data_stops_with_the_clear_error(home, capsys):
    assert main(["train", "sharpies/knn", "--profile", "full"]) == 1
    assert "MNIST_STUDY_DATA" in capsys.readouterr().err


def test_missing_readme_mark_is_told(home, capsys, monkeypatch):
    monkeypatch.setattr(report, "readme_parts", lambda: {"claims": ""})
    (home / "README.md").write_text("no marks")
    assert main(["tables"]) == 1
    assert "put it back" in capsys.readouterr().err
    assert (home / "README.md").read_text() == "no marks"


# --- notebooks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_as_the_house_asks(path):
    assert path.stat().st_size < 1_000_000
    cells = json.loads(path.read_text())["cells"]
    first, second, third = ("".join(cell["source"]) for cell in cells[:3])
    repository = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]
    name = repository.removeprefix("https://github.com/")
    assert first.startswith(f"# {path.stem[:2]} · ")
    assert f"https://colab.research.google.com/github/{name}/blob/main/notebooks/{path.name}" in first
    for part in ("**Question.**", "| reads |", "| writes |", "| running time |"):
        assert part in first
    assert second.startswith("# NBVAL_IGNORE_OUTPUT") and f"git clone -q --depth 1 {repository}" in second
    assert third.startswith("settings = {")
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell["outputs"] if output["output_type"] in ("error",)]
    assert not any(re.search(r"^def ", "".join(cell["source"]), re.M) for cell in code)
    text = "".join(line for cell in code for output in cell["outputs"] for line in output.get("text", []))
    whole = [f"{what}, complete" in text for what in ("MNIST", "USPS", "Records")]
    assert any(whole), "the committed outputs must come from the full profile"


def test_an_installed_package_finds_the_checkout_around_it(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "site-packages" / "mnist_study" / "paths.py"))
    monkeypatch.chdir(ROOT / "notebooks")
    assert paths.project_root() == ROOT
    monkeypatch.chdir(tmp_path)
    assert paths.project_root() == tmp_path


def test_study_runs_the_notebooks_and_draws_everything(tmp_path):
    """The command itself, in a checkout whose only notebook is the one that needs neither training nor data."""
    for name in ("mnist_study", "results"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "09_report.ipynb", tmp_path / "notebooks")
    code = (
        "from pathlib import Path; from mnist_study import paths; from mnist_study.__main__ import main;"
        f"paths.project_root = lambda: Path({str(tmp_path)!r}); raise SystemExit(main(['study']))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "MNIST_STUDY_PROFILE": "quick"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[1/1] 09_report.ipynb" in done.stdout and "Look at:" in done.stdout
    assert (tmp_path / "build" / "quick" / "notebooks" / "09_report.ipynb").is_file()
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        path.name for path in (ROOT / "figures").iterdir()
    }
    assert (tmp_path / "README.md").read_text() == (ROOT / "README.md").read_text()
