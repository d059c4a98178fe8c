"""What all pages share, and the pages of the reports: what they tell, on a phone, by keyboard, to a screen reader."""

import html
import itertools
import os
from pathlib import Path

import pytest

from mnist_study import paths
from mnist_study.records import reported_figures
from mnist_study.reports import later, verdicts, words
from mnist_study.website import markup

from .test_website import UNFOLD, Links, pages_of

# --- markup ------------------------------------------------------------------------------------------------------

WORDS = (
    "<table><thead><tr><th>model</th><th>ours</th><th>verdict</th></tr></thead>"
    "<tbody><tr><th>KNN</th><td>97.1 ± 0.1</td><td>not reproducible <i>at all</i></td></tr></tbody></table>"
)
NUMBERS = "<table><thead><tr><th></th><th>0</th><th>1</th></tr></thead><tbody><tr><th>x</th><td>1</td><td>2</td></tr></tbody></table>"


def test_cells_of_a_table_of_words_carry_the_heading_of_their_column():
    page = markup.legible_tables(f"<p>Before</p>{WORDS}<p>After</p>")
    assert page.startswith('<p>Before</p><div class="scroll cards-on-phone">') and page.endswith("</div><p>After</p>")
    assert '<th data-label="model"><div>KNN</div></th>' in page
    assert '<td data-label="ours"><div>97.1&nbsp;±&nbsp;0.1</div></td>' in page
    assert '<td data-label="verdict"><div>not reproducible <i>at all</i></div></td>' in page


def test_a_table_of_numbers_keeps_its_columns():
    page = markup.legible_tables(NUMBERS)
    assert "data-label" not in page and page.startswith('<div class="scroll"><table><thead><tr><td></td><th>0</th>')


def test_a_long_table_is_folded_once():
    row = WORDS[WORDS.index("<tbody>") + 7 : WORDS.index("</tbody>")]
    long = WORDS.replace(row, 6 * row)
    assert markup.legible_tables(long).startswith('<details class="on-phone" open><summary>Table of 6 rows</summary>')
    inside = f"<details><summary>All</summary>{long}</details>"
    assert markup.legible_tables(inside).count("<details") == 1
    assert markup.legible_tables(inside + long).count("<details") == 2


def test_contents_are_the_headings():
    page, sections = markup.contents(
        '<h1>T</h1><h2>1. <i>Some</i> data</h2><h2 id="here">Now &amp; then</h2><h3>Not</h3>'
    )
    assert sections == [("1-some-data", "1. Some data"), ("here", "Now &amp; then")]
    assert '<h2 id="1-some-data">1. <i>Some</i> data</h2><h2 id="here">' in page


# --- the pages of the reports ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", verdicts.REPORTS)
def test_the_page_of_a_report_holds_all_of_it(site, committed, name):
    text = (site / f"reports/{name}.html").read_text()
    told = html.unescape(markup.text_of(text)).replace("\xa0", " ")
    assert f"All {len(verdicts.rows(committed, name))} claims in numbers" in told
    said = words.words(committed)
    for statement in said[said.report == name].statement:
        assert statement in told
    links = Links(text)
    for finding in verdicts.FINDINGS:
        if finding.report == name:
            assert finding.title in told
            assert finding.figure is None or f"../figures/{finding.figure}.png" in links.loaded
    for row in reported_figures().query("report == @name").itertuples():
        assert row.number in told
        figures = [part for part in row.ours.split() if ":" not in part]
        assert all(f"../figures/{figure}.png" in links.loaded for figure in figures)
    for wish in later.later(committed, name).itertuples():
        assert wish.hoped[1:] in told and wish.happened[-60:] in told


def test_reports_and_lessons_lead_to_each_other(site):
    for folder in ("reports", "notebooks"):
        names = [name for name in pages_of(site) if name.startswith(folder)]
        names = [f"reports/{name}.html" for name in verdicts.REPORTS] if folder == "reports" else names
        for before, after in itertools.pairwise(names):
            assert f'rel="next" href="../{after}"' in (site / before).read_text()
            assert f'rel="prev" href="../{before}"' in (site / after).read_text()


def test_every_picture_of_a_lesson_says_what_it_shows(site):
    files = {path.stem for path in paths.figures_dir().glob("*.png")}
    for name, path in pages_of(site).items():
        told = [alt for alt in Links(path.read_text()).told if alt in files]
        assert not told, f"{name}: the name of a file tells nothing: {told[:3]}"


# --- in a browser ------------------------------------------------------------------------------------------------


def on_phone(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address.as_uri())


def test_menus_open_and_close_by_keyboard(site, page):
    for name in ("index.html", "reports/usps.html", "notebooks/06_usps.html"):
        on_phone(page, site / name)
        menu = page.locator("details.menu", has_text="Lessons")
        menu.locator("summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert menu.get_attribute("open") is not None
        assert page.evaluate("document.activeElement.textContent").startswith("01 · ")
        box = menu.locator("ul").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        page.keyboard.press("Escape")
        assert menu.get_attribute("open") is None
        assert page.evaluate("document.activeElement.textContent") == "Lessons"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/notebooks/01_explore.html")


def test_menus_need_no_script(site, browser):
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto((site / "index.html").as_uri())
        page.click("summary:text('Reports')")
        assert page.locator(".menu a:text-is('Zip codes')").is_visible()
        page.click("summary:text('Lessons')")
        assert not page.locator(".menu a:text-is('Zip codes')").is_visible()
    finally:
        context.close()


def test_a_verdict_is_on_the_screen_of_a_phone(site, page):
    on_phone(page, site / "reports/sharpies.html")
    page.evaluate(UNFOLD)
    boxes = page.evaluate(
        "[...document.querySelectorAll('.verdict')].map((one) => one.getBoundingClientRect().toJSON())"
    )
    assert len(boxes) > 30 and all(box["left"] >= 0 and box["right"] <= 390 for box in boxes)
    label = page.evaluate("getComputedStyle(document.querySelector('td[data-label=verdict]'), '::before').content")
    assert label == '"verdict"'


def test_long_parts_are_folded_on_a_phone_alone(site, page):
    on_phone(page, site / "notebooks/06_usps.html")
    assert page.locator("details.on-phone[open]").count() == 0
    assert not page.locator(".contents li").first.is_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_function("!document.querySelector('details.on-phone:not([open])')")
    assert page.locator(".contents li").first.is_visible()


def test_frames_that_scroll_are_reached_by_keyboard(site, page):
    on_phone(page, site / "notebooks/07_forest_boosting_grid.html")
    page.evaluate(UNFOLD)
    page.wait_for_timeout(100)
    frames = page.evaluate(
        "[...document.querySelectorAll('pre, .scroll')].map((one) => [one.scrollWidth > one.clientWidth, one.tabIndex === 0])"
    )
    assert any(wide for wide, _ in frames) and all(wide == reached for wide, reached in frames)


AXE = Path(os.environ.get("AXE_CORE") or paths.project_root() / "node_modules" / "axe-core" / "axe.min.js")


@pytest.mark.skipif(
    not AXE.is_file(),
    reason="`npm install --no-save axe-core` gets what checks accessibility; AXE_CORE names another copy",
)
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_axe_finds_nothing_serious(site, page, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for name, path in pages_of(site).items():
        page.goto(path.as_uri())
        page.evaluate(UNFOLD)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({ iframes: false, preload: false }).then(({ violations }) => violations)")
        serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
        assert not serious, (name, serious)
