"""The story in words and tables, and the index of every figure of the reports."""

import re

import pytest

from mnist_study import paths, records, study
from mnist_study.__main__ import main
from mnist_study.reports import story, tables

ROOT = paths.project_root()

REPORTS = {"nust", "asher", "usps", "inf283", "sharpies"}


def test_readme_tables_are_current():
    assert main(["tables", "--check"]) == 0


def test_every_part_has_its_place_on_a_page(committed):
    parts = story.readme_parts(committed)
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    for name, part in parts.items():
        assert text.count(f"<!-- {name}: written by `python -m mnist_study tables` -->\n{part}<!-- end -->") == 1, name
        assert not re.search(r"[{}]|\bnan\b|None", part), name
    assert parts["story"] == story.story(committed) + "\n"


def test_every_figure_of_the_reports_is_listed_with_ours(committed):
    listed = records.reported_figures()
    assert list(listed.columns) == ["report", "number", "shows", "ours", "records", "note"]
    assert set(listed.report) == REPORTS
    assert not listed.duplicated(["report", "number"]).any()
    assert (listed.number != "").all() and (listed.shows != "").all()
    for name in ("nust", "usps"):  # the two that number their figures
        assert listed[listed.report == name].number.tolist() == [f"Figure {k}" for k in range(1, 10)]
    named = {f"table:{name}" for name in tables.TABLES}
    notebooks = {f"notebook:{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    for row in listed.itertuples():
        assert set(row.ours.split()) <= set(study.figures()) | named | notebooks, row.number
        assert row.ours or row.note, f"{row.report}, {row.number}: neither drawn nor said why not"
        assert row.records or not row.ours, row.number
        for name in row.records.split():
            assert committed.all(name), name


def test_every_claimed_record_stands_behind_a_listed_figure():
    listed = set(" ".join(records.reported_figures().records).split())
    claimed = set(records.claims().experiment)
    assert claimed - listed == {"inf283/random-forest-onehot-56000"}  # a number in running text


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_the_index_names_a_file_for_every_figure(name):
    table = story.figure_index(name)
    assert len(table) >= 5 and (table.ours != "").all()
    for file in table.ours.str.findall(r'src="\.\./([^"]+)"').explode().dropna():
        assert (ROOT / file).is_file()
    for notebook in table.ours.str.findall(r"\]\((\w+\.ipynb)\)").explode().dropna():
        assert (ROOT / "notebooks" / notebook).is_file()


def test_a_long_list_of_records_is_named_by_what_they_share():
    table = story.figure_index("asher")
    assert "`asher/search/…` (27)" in table.records.tolist()
