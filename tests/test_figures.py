import numpy as np
import pytest

from mnist_study import gallery, paths
from mnist_study import study as experiments
from mnist_study.gallery import MissingRecordError
from mnist_study.plots import figures, interactive

draw = np.random.default_rng(0)
IMAGES = draw.integers(0, 256, (20, 28, 28)).astype(np.uint8)
LABELS = np.arange(20) % 10


def test_umap_figure_names_every_digit():
    ax = figures.fig_umap(draw.normal(size=(20, 2)), LABELS, "title").axes[0]
    assert sorted(text.get_text() for text in ax.texts) == list("0123456789")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("0123456789")


def test_class_counts_show_the_counts():
    left, right = figures.fig_class_counts(np.arange(10) + 1, np.full(10, 7)).axes
    assert [bar.get_height() for bar in left.patches] == list(range(1, 11))
    assert "70 images" in right.get_title()


def test_a_cell_that_differs_from_the_claim_is_framed():
    import pandas as pd

    claimed = pd.DataFrame(0.98, index=list("0123456789ma"), columns=["precision", "recall", "f1-score"])
    ours = claimed.copy()
    same = figures.fig_classification_report(claimed, ours, "t")
    assert [len(ax.patches) for ax in same.axes] == [0, 0]
    ours.iloc[3, 1] = 0.97
    assert [len(ax.patches) for ax in figures.fig_classification_report(claimed, ours, "t").axes] == [1, 1]
    assert len(figures.fig_classification_report(None, ours, "t").axes) == 1


def test_confusion_says_the_misses():
    matrix = np.diag(np.full(10, 5))
    matrix[4, 9] = 2
    assert "2 of 52 missed" in figures.fig_confusion({"model": matrix}).axes[0].get_title()


def test_disputed_labels_are_starred():
    starred = figures.fig_mistakes(IMAGES[:2], np.array([3, 947]), LABELS[:2], LABELS[:2], "t", (947,))
    assert [ax.get_title().split("\n")[0] for ax in starred.axes[:2]] == ["#3", "#947 *"]
    assert "reviewers" in starred.get_suptitle()
    assert "reviewers" not in figures.fig_mistakes(IMAGES[:1], LABELS[:1], LABELS[:1], LABELS[:1], "t").get_suptitle()


def test_saving_twice_gives_the_same_bytes_and_a_notice_shows(tmp_path):
    figure = lambda: figures.fig_mistakes(IMAGES, LABELS, LABELS, LABELS, "t")  # noqa: E731
    first = figures.save(figure(), "one", tmp_path).read_bytes()
    assert first == figures.save(figure(), "two", tmp_path).read_bytes()
    stamped = figure()
    assert figures.save(stamped, "three", tmp_path, "NOT MNIST").read_bytes() != first
    assert "NOT MNIST" in [text.get_text() for text in stamped.texts]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "three.png", "two.png"]


def test_interactive_embedding_is_light_and_carries_its_notice():
    html = interactive.umap_3d_html(draw.normal(size=(20, 3)), LABELS, IMAGES, LABELS, notice="NOT MNIST")
    assert "NOT MNIST" in html and "plotly_hover" in html and "data:image/png;base64" in html
    assert len(html) < 100_000
    assert "{plot_id}" not in html and "SHEET" not in html and "COLUMNS" not in html


def test_every_figure_has_a_committed_file_and_its_records():
    committed = {path.stem for path in paths.figures_dir("full").glob("*.png")}
    assert committed == set(gallery.FIGURES)


def test_every_figure_draws_from_committed_records_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "figures_dir", lambda profile: tmp_path)
    for name in gallery.FIGURES:
        assert gallery.draw(name).stat().st_size > 5000


def test_missing_record_says_how_to_make_it(home):
    with pytest.raises(MissingRecordError, match="python -m mnist_study train sharpies/knn"):
        gallery.Records().one("sharpies/knn")
    with pytest.raises(KeyError, match="01_samples"):
        gallery.draw("none")


def test_figures_and_tables_need_neither_tensorflow_nor_umap():
    import subprocess
    import sys

    code = (
        "import sys; from mnist_study import gallery, comparison; gallery.FIGURES['01_umap_2d'](gallery.Records());"
        "gallery.markdown_table(gallery.TABLES['sharpies']);"
        "print({'tensorflow', 'keras', 'umap', 'xgboost'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=paths.project_root())
    assert found.stdout.strip() == "set()", found.stderr


def test_every_experiment_is_named_for_its_report():
    reports = ("sharpies/", "reader/", "nust/", "usps/", "inf283/", "asher/")
    assert all(name == e.name and name.startswith(reports) for name, e in experiments.EXPERIMENTS.items())
