"""The notebooks with the solutions of their exercises as cells, for a test run: ``python tests/lessons.py FOLDER``.

A solution is Python code in a ``<details>`` fold of a Markdown cell; it runs after all that stands above it.
"""

import re
import sys
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
FOLD = re.compile(r"<details>.*?</details>", re.DOTALL)
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def solutions(markdown: str) -> list[str]:
    """The Python code in the folds of a Markdown cell, in order."""
    return [code for fold in FOLD.findall(markdown) for code in CODE.findall(fold)]


def with_solutions(path: Path) -> nbformat.NotebookNode:
    """The notebook with a code cell after each Markdown cell for each solution in it."""
    notebook = nbformat.read(path, as_version=4)
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            cells += map(nbformat.v4.new_code_cell, solutions(cell.source))
    notebook.cells = cells
    return notebook


def main(folder: Path) -> None:
    """Write every notebook with its solutions into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        nbformat.write(with_solutions(path), folder / path.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
