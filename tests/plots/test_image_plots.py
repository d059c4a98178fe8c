import numpy as np
import pytest

from mnist_study import plots

draw = np.random.default_rng(0)
IMAGES = draw.integers(0, 256, (20, 28, 28)).astype(np.uint8)
LABELS = np.arange(20) % 10


def test_each_image_stands_under_its_label_or_caption():
    assert [ax.get_title() for ax in plots.digit_grid(IMAGES[:3], LABELS[:3], columns=2).axes] == ["0", "1", "2"]
    captions = ["a five?", "a six?"]
    assert [ax.get_title() for ax in plots.digit_grid(IMAGES[:2], captions=captions).axes] == captions


def test_images_without_labels_are_one_picture():
    (ax,) = plots.digit_grid(IMAGES, columns=5).axes
    assert ax.images[0].get_array().shape == (4 * 29 - 1, 5 * 29 - 1)


@pytest.mark.parametrize(
    ("images", "limits"),
    [
        (IMAGES, (0, 255)),
        (IMAGES / 255, (0, 1)),
        (IMAGES.astype("float32"), (0, 255)),
        (IMAGES / 127.5 - 1, (-1, 1)),  # as USPS has it
        (IMAGES[..., None], (0, 255)),  # as a convolution wants it
    ],
)
def test_ink_is_black_whatever_the_range(images, limits):
    for figure in (plots.digit_grid(images), plots.digit_grid(images, LABELS)):
        picture = figure.axes[0].images[0]
        assert picture.get_clim() == limits and picture.get_cmap().name == "gray_r"


def test_one_image_alone_or_too_few_labels_are_told_apart_from_images():
    with pytest.raises(ValueError, match=r"image\[None\]"):
        plots.digit_grid(IMAGES[0])
    with pytest.raises(ValueError, match="20 images and 3 captions"):
        plots.digit_grid(IMAGES, LABELS[:3])


def test_grey_values_are_written_into_their_pixels():
    figure = plots.grey_values(IMAGES[0])
    assert [int(text.get_text()) for text in figure.axes[0].texts] == IMAGES[0].ravel().tolist()
    with pytest.raises(ValueError, match="uint8"):
        plots.grey_values(IMAGES[0] / 255)


def test_class_counts_show_the_counts_of_one_set_or_two():
    left, right = plots.class_counts(np.repeat(range(10), range(1, 11)), np.repeat(range(10), 7)).axes
    assert [bar.get_height() for bar in left.patches] == list(range(1, 11))
    assert left.get_title().startswith("training set, 55 images") and right.get_title().startswith(
        "test set, 70 images"
    )
    assert len(plots.class_counts(LABELS).axes) == 1


def test_one_hot_labels_are_not_counted():
    with pytest.raises(ValueError, match="argmax"):
        plots.class_counts(np.eye(10)[LABELS])


def test_mean_and_deviation_are_those_of_each_digit():
    figure = plots.mean_images(IMAGES, LABELS)
    mean, deviation = figure.axes[3].images[0], figure.axes[13].images[0]
    np.testing.assert_allclose(mean.get_array(), IMAGES[LABELS == 3].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(deviation.get_array(), IMAGES[LABELS == 3].std(axis=0), rtol=1e-6)


def test_a_digit_that_is_missing_stays_blank():
    figure = plots.mean_images(IMAGES[:9], LABELS[:9])
    assert not figure.axes[9].images[0].get_array().any()


def test_pixel_statistics_count_levels_and_unused_pixels():
    images = IMAGES.copy()
    images[:, :2] = 0
    levels, ink, unused = plots.pixel_statistics(images, LABELS).axes
    assert sum(bar.get_height() for bar in levels.patches) == pytest.approx(100)
    assert [text.get_text() for text in ink.get_xticklabels()] == list("0123456789")
    assert "56 of 784" in unused.get_title()
    with pytest.raises(ValueError, match="expected uint8"):
        plots.pixel_statistics(images / 255, LABELS)


def test_the_same_figure_gives_the_same_bytes():
    first, second = (plots.png(plots.digit_grid(IMAGES[:3], LABELS[:3])) for _ in range(2))
    assert first == second


def test_a_notebook_shows_a_figure_without_pyplot():
    content, look = plots.digit_grid(IMAGES[:2], LABELS[:2])._repr_png_()
    assert content.startswith(b"\x89PNG") and 0 < look["width"] <= 900
