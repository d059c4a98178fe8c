"""The rooms of the package: imports point down, no circle, small rooms. ``python tests/test_rooms.py`` prints the graph.

Every import counts, also one within a function, which only hides when a module is needed.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "mnist_study"
FLOORS = (
    ("paths", "quiet", "evaluation", "embedding", "workers"),
    ("data", "models", "plots", "records"),
    ("training", "tuning", "reader"),
    ("reports",),
    ("study", "diagnose"),
    ("website", "verify"),
    ("__main__",),
)  # a module imports from lower floors and from its own room
MOST_FLOORS, MOST_FILES = 7, 9


def modules(package: Path = PACKAGE) -> dict:
    """Module, dotted and without the package's own name -> its file; a folder is called as its ``__init__`` is imported."""
    files = sorted(package.rglob("*.py"))
    named = {
        ".".join(file.relative_to(package).with_suffix("").parts).removesuffix(".__init__"): file for file in files
    }
    return {name: file for name, file in named.items() if name != "__init__"}


def room(module: str) -> str:
    """The room a module is in: a folder of the package, or a single module beside them."""
    return module.split(".")[0]


def imports(module: str, file: Path, known) -> set:
    """What a module imports of the package; with a module of another folder, the folder's ``__init__``, which runs first."""
    here = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    used = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            wanted = [name.name.split(".")[1:] for name in node.names if name.name.split(".")[0] == PACKAGE.name]
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == PACKAGE.name):
            place = (node.module or "").split(".") if node.module else []
            base = here[: len(here) - node.level + 1] + place if node.level else place[1:]
            wanted = [[*base, name.name] for name in node.names]
        else:
            continue
        for parts in wanted:
            while parts and ".".join(parts) not in known:
                parts = parts[:-1]  # a name within a module
            folders = [parts[:end] for end in range(1, len(parts))]
            used |= {".".join(folder) for folder in folders if folder != here[: len(folder)]} | {".".join(parts)}
    return used - {module, ""}


def graph(package: Path = PACKAGE) -> dict:
    """Module -> the modules it imports."""
    known = modules(package)
    return {module: imports(module, file, known) for module, file in known.items()}


def wrong_arrows(arrows: dict, floors=FLOORS) -> list:
    """The imports that point up or across: ``(module, what it imports)``; ``KeyError`` for a room without a floor."""
    floor = {name: number for number, names in enumerate(floors, 1) for name in names}
    return [
        (module, used)
        for module, wanted in arrows.items()
        for used in sorted(wanted)
        if room(module) != room(used) and floor[room(used)] >= floor[room(module)]
    ]


def circle(arrows: dict) -> list:
    """The modules of one circle, the first of them again at the end; none where there is no circle."""
    done = set()

    def visit(module, path):
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        found = next(filter(None, (visit(used, [*path, module]) for used in sorted(arrows.get(module, ())))), [])
        done.add(module)
        return found

    return next(filter(None, (visit(module, []) for module in arrows)), [])


def drawn(arrows: dict) -> str:
    """The graph as text: floors from the top, each room with its files and the rooms it imports from."""
    lines = []
    for number, names in reversed(list(enumerate(FLOORS, 1))):
        lines.append(f"floor {number}")
        for name in names:
            inside = [module for module in arrows if room(module) == name]
            if inside:
                below = sorted({room(used) for module in inside for used in arrows[module]} - {name})
                size = f"{len(inside)} modules" if len(inside) > 1 else "1 module"
                lines.append(f"  {name:<12} {size:<12} -> {', '.join(below) or 'nothing'}")
    return "\n".join(lines)


# --- tests -------------------------------------------------------------------------------------------------------


def test_imports_point_down_and_every_room_has_a_floor():
    rooms = {room(module) for module in modules()}
    assert rooms <= {name for names in FLOORS for name in names}
    assert not wrong_arrows(graph())
    assert len(FLOORS) <= MOST_FLOORS


def test_there_is_no_circle_of_modules():
    assert not circle(graph())


def test_no_room_has_more_than_nine_files():
    folders = [PACKAGE, *(folder for folder in PACKAGE.rglob("*") if folder.is_dir())]
    # beside the rooms stand the single modules, which FLOORS names one by one
    crowded = {folder.name: len(list(folder.glob("*.py"))) for folder in folders if folder != PACKAGE}
    assert max(crowded.values()) <= MOST_FILES, crowded


def test_every_report_has_the_same_four_files():
    reports = [folder for folder in (PACKAGE / "reports").iterdir() if folder.is_dir() and folder.name[0] != "_"]
    assert len(reports) == 6
    for folder in reports:
        files = {file.name for file in folder.glob("*.py")}
        assert files == {"__init__.py", "experiments.py", "runs.py", "figures.py", "findings.py"}, folder.name


def test_nothing_is_imported_by_a_name_in_a_string():
    for module, file in modules().items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
                assert not isinstance(node.args[0], ast.Constant | ast.JoinedStr), module


def test_this_test_sees_what_it_looks_for(tmp_path):
    files = {
        "paths.py": "",
        "data/__init__.py": "from .files import read",
        "data/files.py": "from .. import paths\nfrom . import other",
        "data/other.py": "def late():\n    from .files import read",
        "data/own.py": "from . import read",
        "models/__init__.py": "",
        "models/nets.py": "from ..data import files, read\nimport mnist_study.study",
        "study.py": "from mnist_study.models.nets import net\nfrom .models import nets",
    }
    package = tmp_path / "mnist_study"
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    arrows = graph(package)
    assert arrows["data"] == {"data.files"} and arrows["data.files"] == {"paths", "data.other"}
    assert arrows["data.own"] == {"data"}
    assert arrows["models.nets"] == {"data", "data.files", "study"}
    assert arrows["study"] == {"models", "models.nets"}
    across = [("models.nets", "data"), ("models.nets", "data.files")]
    assert wrong_arrows(arrows) == [*across, ("models.nets", "study")]
    assert circle(arrows) == ["data.files", "data.other", "data.files"]
    arrows["data.other"] = set()
    assert circle(arrows) == ["models.nets", "study", "models.nets"]
    arrows["study"] = set()
    assert circle(arrows) == []


# --- what an import costs ----------------------------------------------------------------------------------------


def printed(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_is_free():
    code = (
        "import sys, time; began = time.process_time(); import mnist_study; seconds = time.process_time() - began;"
        "print(seconds < 0.3, {'tensorflow', 'keras', 'umap', 'matplotlib', 'numpy'} & set(sys.modules))"
    )
    assert printed(code) == "True set()"


def test_records_tables_and_figures_need_neither_tensorflow_nor_umap_nor_xgboost():
    code = (
        "import sys; from mnist_study import data, plots, records, study;"
        "[study.figures()[name](study.all_records()) for name in ('01_umap_2d', '03_training_curves', '08_structure')];"
        "plots.class_counts([1, 2]); study.table('sharpies'); study.claims('usps'); study.runs('sharpies/cnn-32f');"
        "print({'tensorflow', 'keras', 'umap', 'xgboost'} & set(sys.modules))"
    )
    assert printed(code) == "set()"


STUDY_ONLY = {"tensorflow", "keras", "pandas", "matplotlib", "sklearn", "umap", "xgboost", "tqdm"}


def test_a_photo_is_read_and_marked_by_the_packages_of_the_small_installation_alone(tmp_path):
    photo = ROOT / "notebooks" / "images" / "five.jpg"
    code = (
        f"import os, sys; from mnist_study.__main__ import main; os.chdir({str(tmp_path)!r});"
        f"status = main(['read', {str(photo)!r}, '--show']);"
        f"print(status, {STUDY_ONLY} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    answer, last = done.stdout.splitlines()
    assert answer.split("\t")[1] == "5" and last == "0 set()"
    assert re.fullmatch(r"written: \S+five\.png\n", done.stderr)  # no library has a word to say


def test_a_room_is_imported_when_it_is_used():
    code = "import sys, mnist_study; print(mnist_study.reader.SUFFIXES[0], hasattr(mnist_study, 'nowhere'))"
    assert printed(code) == ".jpg False"


if __name__ == "__main__":
    found = graph()
    print(drawn(found))
    print("up or across:", wrong_arrows(found) or "none")
    print("circle:", " -> ".join(circle(found)) or "none")
