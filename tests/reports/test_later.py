"""What the reports left for later: every wish was tried, and what happened comes from the records it names."""

import re
from fnmatch import fnmatch

import pytest

from mnist_study import study
from mnist_study.records import typed
from mnist_study.reports import later, verdicts

from .test_words import Watched

TYPED = typed("future_work")


def test_every_wish_was_tried_and_every_report_has_one():
    assert TYPED.key.is_unique and set(later.TRIED) == set(TYPED.key)
    assert set(TYPED.report) == set(verdicts.REPORTS)
    assert (TYPED != "").all(axis=None)


@pytest.mark.parametrize("wish", TYPED.itertuples(), ids=TYPED.key)
def test_what_happened_comes_from_the_records_it_names(wish):
    watched, names = Watched(), wish.records.split()
    happened = later.TRIED[wish.key](watched)
    assert happened.endswith(".") and "n = " in happened and not re.search(r"[{}]|\bnan\b|None|  ", happened)
    assert all(any(fnmatch(name, pattern) for pattern in names) for name in watched.asked), watched.asked
    assert watched.asked >= set(names)


def test_the_table_holds_every_wish_and_can_be_had_for_one_report():
    table = study.table("later")
    assert table.hoped.tolist() == TYPED.hoped.tolist() and set(table.report) == set(verdicts.REPORTS)
    assert set(later.later(study.all_records(), "usps").report) == {"usps"}
