"""Photos: found, labelled by their names, and handed over as tutorials do."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.distance import cdist

from mnist_study import diagnose
from mnist_study.__main__ import main
from mnist_study.diagnose import pictures
from mnist_study.diagnose.convention import Convention


@pytest.mark.parametrize(
    ("names", "digits"),
    [
        (["7_kitchen.jpg", "3-2.png", "0.png"], [7, 3, 0]),
        (["7/IMG_2031.jpg", "7/1.jpg"], [7, 7]),
        (["IMG_2031.jpg", "2031.jpg", "kitchen.jpg"], [None, None, None]),
        (["8.jpg", "9.jpg", "10.jpg"], [None, None, None]),  # counted, not named
    ],
)
def test_names_and_folders_tell_the_digit(names, digits):
    assert [digit for digit, _ in pictures.labels_of(list(map(Path, names)))] == digits


def test_files_that_are_called_alike_are_told_apart():
    named = pictures.names_of([Path("7/1.jpg"), Path("3/1.jpg"), Path("3/2.jpg"), np.zeros((9, 9))])
    assert named == ["7/1.jpg", "3/1.jpg", "2.jpg", "photo 4"]


@pytest.fixture
def seven():
    """Dark ink on light paper, uint8 (120, 120, 3)."""
    page = np.full((120, 120, 3), 230, np.uint8)
    page[30:38, 40:80] = page[30:90, 72:80] = 30
    return page


@pytest.fixture
def nearest(small_dataset):
    """A model that has nothing to learn: the nearest of three hundred digits."""
    known, labels = small_dataset.x_train.reshape(300, -1) / np.float32(255), small_dataset.y_train

    def nearest(images):
        return np.eye(10)[labels[cdist(images.reshape(len(images), 784), known).argmin(axis=1)]]

    return nearest


def test_home_made_preparations_are_what_people_do(seven):
    photo = pictures.prepared(seven, "photo 1", 7, "you", 28)
    wants = Convention((28, 28), "0 to 1")
    fed = {name: pictures.fed([photo], name, wants)[0] for name in pictures.described(wants)}
    paper, ink = (5, 5), (8, 14)  # of the photo: (21, 21) and (36, 62)
    assert fed["resized"][paper] > 0.85 and fed["resized"][ink] < 0.4
    assert fed["resized, inverted"][paper] < 0.15 and fed["resized, inverted"][ink] > 0.6
    assert set(np.unique(fed["resized, threshold 127"])) == {0, 1}
    np.testing.assert_allclose(fed["resized, inverted, other scale"], 255 * fed["resized, inverted"])
    assert fed["colour, img_to_array"].max() == 230 and fed["colour, img_to_array"].shape == (28, 28)
    in_colour = pictures.fed([photo], "colour, img_to_array", Convention((28, 28, 3), "0 to 1"))[0]
    assert in_colour.shape == (28, 28, 3) and np.all(in_colour[paper] == 230)


def test_photos_come_as_files_arrays_and_pictures_and_what_has_no_digit_is_told(seven, nearest, tmp_path, home):
    Image.fromarray(seven).save(tmp_path / "kitchen.png")
    Image.fromarray(np.full((90, 90), 200, np.uint8)).save(tmp_path / "blank.png")
    with pytest.warns(UserWarning, match="embedded digits"):
        found = diagnose.diagnose(nearest, [tmp_path, seven, Image.fromarray(seven)])
    assert [one.name for one in found.photos] == ["kitchen.png", "photo 3", "photo 4"]
    assert [(one.label, one.labelled_by) for one in found.photos] == [(7, "the reader")] * 3
    assert len(found.skipped) == 1 and "blank.png" in found.text() and "stand in for it" in found.text()
    assert "Labels: 3 from the reader" in found.text()


def test_labels_that_the_reader_contradicts_are_doubted(seven, nearest, home):
    with pytest.warns(UserWarning, match="embedded digits"):
        found = diagnose.diagnose(nearest, [seven] * 4, labels=[1, 2, 3, 4])
    assert "So the labels look wrong" in found.text()


def test_wrong_photos_get_one_clear_error(seven, nearest, tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(ValueError, match=r"holds no photos. Expected files that end in .jpg"):
        diagnose.diagnose(nearest, tmp_path)
    with pytest.raises(FileNotFoundError, match="There is no photo or folder"):
        diagnose.diagnose(nearest, tmp_path / "none.jpg")
    with pytest.raises(ValueError, match="Expected 1 labels from 0 to 9"):
        diagnose.diagnose(nearest, [seven], labels=[12])
    with pytest.raises(ValueError, match="2 answers to 1 photos"):
        diagnose.diagnose(nearest, [seven], answers=[1, 2])
    assert main(["diagnose", "none.keras", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("error:") == 1
    with pytest.raises(SystemExit):
        main(["diagnose", "none.keras", "--answers", "7,8"])
    assert "are no digits" in capsys.readouterr().err


def test_photos_none_of_which_can_be_read_are_told(nearest, home):
    blank = np.full((90, 90), 200, np.uint8)
    with pytest.warns(UserWarning, match="embedded digits"), pytest.raises(ValueError, match="None of the 2 photos"):
        diagnose.diagnose(nearest, [blank, blank])
