"""What a finding is, and numbers of the records in words."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import evaluation
from .collection import Records
from .record import Record
from .reported import claimed


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        key: short name.
        report: the report it is about; "reader" for what no report has.
        title: one plain sentence, without numbers of ours.
        experiments: the experiments whose records its text takes numbers from.
        figure: the figure that shows it, or None.
        text: from records to two to four sentences of Markdown.
    """

    key: str
    report: str
    title: str
    experiments: tuple[str, ...]
    figure: str | None
    text: Callable[[Records], str]


def keeper_of_findings(report: str, findings: list) -> Callable:
    """Decorator ``(title, experiments, figure)``: appends a ``Finding`` with the function below as text and its name as key."""

    def kept_as(title: str, experiments, figure: str | None = None) -> Callable:
        def keep(text: Callable[[Records], str]) -> Callable:
            key = text.__name__.replace("_", "-")
            findings.append(Finding(key, report, title, tuple(experiments), figure, text))
            return text

        return keep

    return kept_as


def keeper(functions: dict) -> Callable:
    """Decorator ``(key, *arguments)``: keeps the function below, given these arguments after the records, in a dict."""

    def kept_as(key: str, *arguments) -> Callable:
        def keep(function: Callable) -> Callable:
            functions[key] = lambda records: function(records, *arguments)
            return function

        return keep

    return kept_as


def values(found: Records, name: str, metric: str = "accuracy") -> list[float]:
    """One metric of an experiment, one value a seed."""
    return [run.metrics[metric] for run in found.all(name)]


def fastest(runs: list[Record]) -> float:
    """Seconds to fit of the fastest run: what else runs on the machine only adds to them."""
    return min(run.fitting_seconds for run in runs)


def percent(accuracies, places: int = 2) -> str:
    """Fractions as "97.47 ± 0.06 %": mean and standard deviation; one value without a deviation."""
    accuracies = np.atleast_1d(accuracies)
    mean, deviation = evaluation.mean_and_std(100 * accuracies)
    spread = f" ± {deviation:.{places}f}" if len(accuracies) > 1 else ""
    return f"{mean:.{places}f}{spread} %"


def of_cases(chance: float) -> str:
    """How often chance alone does it, as "7 % of cases"; a small share is never called none."""
    return f"{100 * chance:.0f} % of cases" if chance >= 0.01 else "less than 1 % of cases"


def claim(name: str, metric: str = "accuracy", label: str = "", places: int = 2) -> str:
    """A claimed fraction as "97.13 %"."""
    return f"{100 * float(claimed(name, metric, label)):.{places}f} %"


def span(numbers, places: int = 0, unit: str = "") -> str:
    """Smallest and largest, as "64 to 69"; one number where all are the same."""
    low, high = (f"{value:,.{places}f}" for value in (min(numbers), max(numbers)))
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"


def listed(items) -> str:
    """Items in their order, as "7, 4 and 7"."""
    *first, last = map(str, items)
    return f"{', '.join(first)} and {last}" if first else last


def mean_in_words(numbers, places: int) -> str:
    """Mean ± standard deviation as text; the mean alone of one value.

    Example:
        >>> mean_in_words([1.0, 3.0], 1)
        '2.0 ± 1.4'
    """
    mean, deviation = evaluation.mean_and_std(numbers)
    return f"{mean:,.{places}f}" + (f" ± {deviation:,.{places}f}" if len(numbers) > 1 else "")
