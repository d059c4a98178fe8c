"""Pages of handwritten digits as people photograph them, rendered: what the finder is trained with and measured on.

Lines of MNIST digits (of the images that the caller gives, and of nothing else), digits of a font, and what stands beside
digits: printed words, ruled and squared paper, cells, frames, circles, underlines, strokes, shadows, a desk round the sheet.

Source: our choice; no photo was looked at for it.
"""

import numpy as np

from .sheet import IGNORED, Sheet

SIDE = 192  # pixels of a training page, and of a tile of a photo
LOW, HIGH = 13, 62  # heights in pixels of the digits to be found; larger and smaller ones are found at another size
SLACK = (11, 72)  # between these and the above nothing is asked
MOST_DIGITS = 80  # of one page
LAYOUTS = {"lines": 0.5, "single": 0.24, "cells": 0.14, "scattered": 0.06, "empty": 0.06}


def page(images: np.ndarray, labels: np.ndarray, rng, shape=(SIDE, SIDE), unit: float | None = None, layout=None):
    """One page with digits.

    Args:
        images, labels: uint8 (n, 28, 28), white ink on black, and (n,): the digits to draw from.
        rng: ``numpy.random.Generator``; the same state gives the same page.
        shape: height and width of the page.
        unit: usual height of a digit in pixels; drawn at random when left out.
        layout: one of ``LAYOUTS``; drawn at random when left out.

    Returns:
        ``(page, boxes)``: uint8 (height, width), and float32 (m, 6): left, top, right, bottom, the digit, and 1, or 2
        where nothing is asked because it runs out of the page, in the order in which they are read.
    """
    layout = layout or str(rng.choice(list(LAYOUTS), p=list(LAYOUTS.values())))
    if unit is None:
        unit = np.exp(rng.uniform(np.log(11), np.log(66))) if rng.random() < 0.88 else rng.uniform(70, 240)
    sheet = Sheet(images, labels, rng, shape, unit)
    getattr(sheet, f"write_{layout}")()
    return sheet.photographed(), np.array(sheet.boxes, np.float32).reshape(-1, 6)


def training_pages(images, labels, n: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Pages to train or validate the finder with.

    Args:
        images, labels, rng: as for ``page``.
        n: how many.

    Returns:
        ``(pages, boxes)``: uint8 (n, SIDE, SIDE), and float32 (n, MOST_DIGITS, 6) as of ``page``, filled up with 0; digits
        of another height than ``LOW`` to ``HIGH`` are marked 2 or left out.
    """
    pages, boxes = np.empty((n, SIDE, SIDE), np.uint8), np.zeros((n, MOST_DIGITS, 6), np.float32)
    for k in range(n):
        pages[k], rows = page(images, labels, rng)
        height = rows[:, 3] - rows[:, 1]
        rows[(height < LOW) | (height > HIGH), 5] = IGNORED
        rows = rows[(height > SLACK[0]) & (height < SLACK[1])][:MOST_DIGITS]
        boxes[k, : len(rows)] = rows
    return pages, boxes
