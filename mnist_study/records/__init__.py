"""An experiment as data, the record of a run, the claims of the reports, and what stands in words beside both."""

from .collection import MissingRecordError, Records
from .comparison import differences, identical
from .experiment import FIVE_SEEDS, FRESH_SEEDS, TEN_SEEDS, THREE_SEEDS, Experiment, named
from .findings import Finding, claim, fastest, keeper, keeper_of_findings, listed, mean_in_words, percent, span, values
from .provenance import code_version, now, provenance, versions
from .record import Record, RecordError, find, find_seeds, key, read, record_path, save
from .reported import (
    AVERAGES,
    CELL_MARGIN,
    claimed,
    claimed_report,
    claimed_share,
    claims,
    decimals,
    published_usps,
    reported_figures,
    typed,
)

__all__ = [
    "AVERAGES",
    "CELL_MARGIN",
    "FIVE_SEEDS",
    "FRESH_SEEDS",
    "TEN_SEEDS",
    "THREE_SEEDS",
    "Experiment",
    "Finding",
    "MissingRecordError",
    "Record",
    "RecordError",
    "Records",
    "claim",
    "claimed",
    "claimed_report",
    "claimed_share",
    "claims",
    "code_version",
    "decimals",
    "differences",
    "fastest",
    "find",
    "find_seeds",
    "identical",
    "keeper",
    "keeper_of_findings",
    "key",
    "listed",
    "mean_in_words",
    "named",
    "now",
    "percent",
    "provenance",
    "published_usps",
    "read",
    "record_path",
    "reported_figures",
    "save",
    "span",
    "typed",
    "values",
    "versions",
]
