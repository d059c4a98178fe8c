from mnist_study import records


def test_numbers_in_words():
    assert records.percent([0.97, 0.98], 1) == "97.5 ± 0.7 %"
    assert records.percent([0.97]) == records.percent(0.97) == "97.00 %"
    assert records.mean_in_words([1.0, 3.0], 1) == "2.0 ± 1.4" and records.mean_in_words([1234.0], 0) == "1,234"
    assert records.span([64, 69, 66]) == "64 to 69" and records.span([64, 64.4]) == "64"
    assert records.span([1.5, 2.5], 1, " %") == "1.5 to 2.5 %"
    assert records.listed([7, 4, 7]) == "7, 4 and 7" and records.listed([7]) == "7"
    assert records.claim("sharpies/svm") == "96.30 %" and records.claim("usps/cnn7", "error", "5", 1) == "5.0 %"


def test_a_decorated_text_is_a_finding_by_its_name(committed):
    findings = []

    @records.keeper_of_findings("sharpies", findings)("A sentence", ["sharpies/knn"])
    def in_short(found):
        return records.percent(records.values(found, "sharpies/knn"))

    (kept,) = findings
    assert (kept.key, kept.report, kept.title) == ("in-short", "sharpies", "A sentence")
    assert kept.experiments == ("sharpies/knn",) and kept.figure is None
    assert kept.text(committed) == in_short(committed) == "97.13 %"


def test_a_function_is_kept_under_each_of_its_keys():
    kept = {}
    keep = records.keeper(kept)

    @keep("one", 1)
    @keep("two", 2)
    def added(found, number):
        return found + number

    assert list(kept) == ["two", "one"] and [kept[key](10) for key in ("one", "two")] == [11, 12]
    assert added(0, 5) == 5


def test_the_fastest_of_the_runs_counts(committed):
    runs = committed.all("inf283/cnn")
    assert len(runs) > 1 and all(records.fastest(runs) <= sum(run.seconds.values()) for run in runs)
    assert records.fastest(runs) in [run.fitting_seconds for run in runs]
