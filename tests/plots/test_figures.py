"""Every figure of the reports is there, and is drawn from committed records alone."""

import pytest
from matplotlib.figure import Figure

from mnist_study import paths, study
from mnist_study.data import DIGESTS
from mnist_study.records import MissingRecordError, Records


def test_every_figure_has_a_committed_file_and_every_file_a_figure():
    assert {path.stem for path in paths.figures_dir().glob("*.png")} == set(study.figures())


@pytest.mark.parametrize("name", study.figures())
def test_it_is_drawn_from_committed_records(name):
    figure = study.figures()[name](study.all_records())
    assert isinstance(figure, Figure) and figure.axes


def test_a_missing_record_says_how_to_make_it(tmp_path):
    none = Records(study.EXPERIMENTS, DIGESTS, tmp_path)
    with pytest.raises(MissingRecordError, match="python -m mnist_study train sharpies/knn"):
        study.figures()["02_report_knn"](none)
