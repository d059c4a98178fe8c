"""What the reports claim in words: every statement is decided, by the records that it names."""

import re
from fnmatch import fnmatch

import pytest

from mnist_study import study
from mnist_study.records import Records, typed
from mnist_study.reports import verdicts, words

RECORDS = study.all_records()
TYPED = typed("reported_words")
VERDICTS = (words.HOLDS, words.FAILS, words.UNDECIDABLE)


class Watched(Records):
    """Records that remember which experiments were asked for."""

    def __init__(self):
        super().__init__(RECORDS.experiments, RECORDS.digests, RECORDS.folder)
        self.asked = set()

    def all(self, name):
        self.asked.add(name)
        return super().all(name)


def test_every_statement_is_judged_and_every_check_is_of_a_statement():
    assert len(TYPED) >= 60 and TYPED.key.is_unique and set(TYPED.report) == set(verdicts.REPORTS)
    deciders = [*words.CHECKS, *words.AHEAD, *words.UNDECIDED]
    assert len(deciders) == len(set(deciders)) and set(deciders) == set(TYPED.key)
    assert (TYPED[["place", "statement", "checked"]] != "").all(axis=None)


@pytest.mark.parametrize("statement", TYPED.itertuples(), ids=TYPED.key)
def test_a_statement_is_decided_by_the_records_it_names(statement):
    records, patterns = Watched(), statement.records.split()
    verdict, why = words.judged(statement.key, records)
    assert statement.key.startswith(f"{statement.report}-") and verdict in VERDICTS
    assert why.endswith(".") and 10 < len(why) < 330 and not re.search(r"[{}]|\bnan\b|None|  ", why)
    assert all(any(fnmatch(name, pattern) for pattern in patterns) for name in records.asked), records.asked
    assert all(any(fnmatch(name, pattern) for name in records.asked) for pattern in patterns), patterns


def test_the_table_has_a_verdict_a_reason_and_the_records():
    table = words.words(RECORDS)
    assert list(table.columns) == ["report", "place", "statement", "checked", "verdict", "why", "records"]
    assert len(table) == len(TYPED) and set(table.verdict) == set(VERDICTS)


def test_a_statement_that_nothing_decides_is_told():
    with pytest.raises(KeyError, match="'nust-new': add it to AHEAD or CHECKS"):
        words.judged("nust-new", RECORDS)


@pytest.mark.parametrize(
    ("key", "verdict", "said"),
    [
        ("inf283-networks-beat-forest", words.FAILS, "96.39 ± 0.13 % against 94.47 ± 0.57 %"),
        ("inf283-cnn-faster", words.FAILS, "4.2 times the seconds"),
        ("inf283-9-worst", words.HOLDS, "9 is misread most often"),
        ("inf283-read-as-9", words.FAILS, "4 (90), 8 (60)"),
        ("nust-sparse", words.FAILS, "97.6 %"),
        ("nust-overfits-after-14", words.FAILS, "epoch 7, 4"),
        ("asher-knn-slower", words.FAILS, "(SVM)"),
        ("asher-forest-less-robust", words.FAILS, "(forest)"),
        ("asher-tuning-helps", words.UNDECIDABLE, "in 7 % of cases"),
        ("usps-worst-class", words.FAILS, "In its own table it is 7"),
        ("sharpies-32f-lowest-loss", words.HOLDS, "0.0552"),
        ("sharpies-one-false-positive", words.FAILS, "show 2 digits"),
    ],
)
def test_known_verdicts(key, verdict, said):
    judged, why = words.judged(key, RECORDS)
    assert judged == verdict and said in why
