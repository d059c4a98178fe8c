"""Ink on a page: dark, light or coloured, under uneven light, without specks, lines and edges."""

import numpy as np
import pytest
from PIL import ImageDraw

from mnist_study.reader import BlankImageError, photos
from mnist_study.reader import ink as finder

from .pages import likeness, page_of, seven


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("white", "black"),
        ("red", "white"),
        ("blue", "white"),
        ("#f0d000", "white"),
        ("white", "#1d4a35"),
        ("#b8b8b8", "white"),
    ],
)
def test_any_ink_on_any_paper_is_the_same_digit(ink, paper):
    assert likeness(photos.digit_image(page_of(ink=ink, paper=paper)), seven()) > 0.98


def test_specks_ruled_lines_shadows_and_dark_edges_are_no_ink():
    page = page_of()
    draw = ImageDraw.Draw(page)
    for height in range(20, 280, 40):
        draw.line([(0, height), (300, height)], (120, 150, 210), 1)
    draw.point([(20, 30), (250, 200), (270, 40)], 0)
    assert likeness(photos.digit_image(page), seven()) > 0.93
    table = np.asarray(page_of()).copy()
    table[:25], table[:, :12] = 50, 60
    assert likeness(photos.digit_image(table), seven()) > 0.97
    shadow = np.where(np.mgrid[:280, :300][1] > 150, 0.6, 1.0)[..., None]
    assert likeness(photos.digit_image(np.uint8(np.asarray(page_of()) * shadow)), seven()) > 0.9


def test_blank_pages_are_told():
    rows, columns = np.mgrid[-1:1:300j, -1:1:400j]
    noise = np.random.default_rng(1).normal(0, 4, rows.shape)
    for page in (np.full((50, 50), 200, np.uint8), np.uint8(np.clip(190 - 40 * rows + 20 * columns + noise, 0, 255))):
        with pytest.raises(BlankImageError, match=r"No ink was found.*use a darker pen"):
            photos.digit_image(page)


def colours_of(page):
    return np.asarray(page, np.float32) / 255


@pytest.mark.parametrize(("ink", "paper"), [("black", "white"), ("white", "black"), ("#203a70", "#f4f1e8")])
def test_ink_is_bright_and_paper_is_nothing(ink, paper):
    found, texture = finder.find_ink(colours_of(page_of(ink=ink, paper=paper)))
    drawn = np.asarray(page_of(ink="white", paper="black").convert("L")) > 128
    assert found.shape == (280, 300) and found.dtype.kind == "f"
    assert np.abs(np.median(found[~drawn])) < 0.02 < 0.5 < np.median(found[drawn])
    assert 0 <= texture < 0.02


def test_texture_is_that_of_the_paper():
    page = colours_of(page_of()) * 0.8 + 0.1
    deviation = 0.03
    noise = np.random.default_rng(0).normal(0, deviation, page.shape[:2]).astype(np.float32)[..., None]
    assert finder.find_ink(page + noise)[1] == pytest.approx(deviation, rel=0.3)


def test_an_even_page_has_no_ink():
    found, texture = finder.find_ink(np.full((60, 80, 3), 0.7, np.float32))
    assert not found.any() and texture == 0


def strokes_on(page):
    return finder.find_strokes(*finder.find_ink(colours_of(page)))


def test_strokes_are_where_the_pen_was():
    drawn = np.asarray(page_of(ink="white", paper="black").convert("L")) > 128
    strokes = strokes_on(page_of())
    assert strokes.dtype == bool and (strokes & drawn).sum() > 0.95 * drawn.sum()
    assert (strokes & ~drawn).sum() < 0.1 * drawn.sum()


def test_ruled_lines_go_and_the_strokes_that_cross_them_stay_whole():
    page = page_of()
    for height in (100, 150):
        ImageDraw.Draw(page).line([(0, height), (300, height + 2)], "black", 2)
    lined, plain = strokes_on(page), strokes_on(page_of())
    assert not lined[:, :60].any() and not lined[:, 240:].any()
    assert (lined & plain).sum() > 0.95 * plain.sum()


def test_only_specks_are_no_ink():
    page = page_of(())
    ImageDraw.Draw(page).point([(20, 30), (250, 200), (270, 40)], 0)
    with pytest.raises(BlankImageError, match="only specks, lines or the frame"):
        strokes_on(page)
