"""Every figure of the reports is there, and is drawn from committed records alone."""

import subprocess
import sys

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


def test_figures_of_records_and_plots_of_arrays_need_neither_tensorflow_nor_umap():
    code = (
        "import sys; from mnist_study import plots, study;"
        "[study.figures()[name](study.all_records()) for name in ('01_umap_2d', '03_training_curves', '08_structure')];"
        "plots.class_counts([1, 2]);"
        "print({'tensorflow', 'keras', 'umap', 'xgboost'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=paths.project_root())
    assert done.stdout.strip() == "set()", done.stderr
