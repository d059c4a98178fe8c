"""Every row of every report as data, by name; what each report claims stands in ``results/reported.csv`` under the same name.

A new experiment is a new row in the ``rows_*`` module of its report, or in a file of your own: ``python -m mnist_study train
FILE.py:NAME``.
"""

from . import rows_asher, rows_inf283, rows_nust, rows_reader, rows_sharpies, rows_usps

REPORTS = (rows_sharpies, rows_reader, rows_nust, rows_usps, rows_inf283, rows_asher)
EXPERIMENTS = {experiment.name: experiment for report in REPORTS for experiment in report.ROWS}
