"""The committed notebooks: whole, light, run in order, and in words that a Keras user knows."""

import json
import re
import tomllib

import pytest

from mnist_study import paths

ROOT = paths.project_root()
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_FUNCTIONS = 2
LONE_FIGURE = re.compile(r"\s*(?:#[^\n]*\n\s*)*study\.show\([^()]*\);?\s*")


def source(cell) -> str:
    return "".join(cell["source"])


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.fixture
def code(cells):
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_there_are_ten():
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{number:02d}" for number in range(1, len(NOTEBOOKS) + 1)]
    assert len(NOTEBOOKS) >= 10


def test_it_is_light(path):
    assert path.stat().st_size < 1_000_000


def test_it_begins_with_its_number_its_title_and_a_way_into_colab(path, cells):
    repository = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]
    name = repository.removeprefix("https://github.com/")
    assert source(cells[0]).startswith(f"# {path.stem[:2]} · ")
    opening = "".join(map(source, cells[:2]))
    assert f"https://colab.research.google.com/github/{name}/blob/main/notebooks/{path.name}" in opening
    assert "colab-badge.svg" in opening
    assert '%pip install -q "./mnist_study[study]"' in opening


def test_it_was_run_from_top_to_bottom_without_an_error(code):
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell["outputs"] if output["output_type"] == "error"]


def test_nothing_of_the_machine_it_ran_on_stands_in_it(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|work|tmp|Users)/", text) and str(ROOT) not in text


def test_no_cell_speaks_of_profiles(code):
    assert not [source(cell) for cell in code if re.search(r"profile", source(cell), re.I)]


def test_functions_needed_twice_are_in_the_package(code):
    defined = [name for cell in code for name in re.findall(r"^\s*def (\w+)", source(cell), re.M)]
    assert len(defined) <= MOST_FUNCTIONS, defined


def test_most_cells_do_more_than_name_a_figure(code):
    lone = [source(cell) for cell in code if LONE_FIGURE.fullmatch(source(cell))]
    assert len(lone) <= len(code) / 4, lone
