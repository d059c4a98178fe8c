"""Where digits are: tiles of a picture at several sizes, and of what the network sees there each digit once."""

import numpy as np
import pytest
from PIL import Image

from mnist_study.models import finder as trained
from mnist_study.reader import finder


def page_of_ink(shape=(300, 400), box=(100, 60, 130, 100)):
    picture = np.ones((*shape, 3), np.float32)
    picture[box[1] : box[3], box[0] : box[2]] = 0.1
    return picture


def seeing(height, width, least=200):
    """A network that sees one digit, so large, where a tile is darkest, if it is dark at all."""

    def network(tiles):
        answers = np.zeros((len(tiles), 48, 48, 15), np.float32)
        answers[..., 0] = -9
        for answer, tile in zip(answers, tiles, strict=True):
            dark = np.asarray(Image.fromarray(tile).resize((48, 48), Image.Resampling.BOX))
            if dark.min() < least:
                rows, columns = np.nonzero(dark < least)
                y, x = rows.mean(), columns.mean()
                row, column = round(y), round(x)
                answer[row, column] = [4, *[0] * 10, np.log(height / 32), np.log(width / 32), x - column, y - row]
        return answers

    return network


def test_both_sides_name_the_same_numbers():
    assert (finder.STRIDE, finder.TYPICAL) == (trained.STRIDE, trained.TYPICAL)


def test_a_digit_is_found_where_it_is_at_the_size_at_which_it_is_asked_for():
    (place,) = finder.find_places(page_of_ink(), network=seeing(40, 30))
    assert place.score > 0.9
    assert np.abs(np.subtract(place.box, (100, 60, 130, 100))).max() < 6


def test_of_what_lies_on_each_other_the_surest_is_kept():
    boxes = {
        "one": (0, 0, 20, 40),
        "nearly the same": (2, 1, 22, 42),
        "its upper half": (1, 0, 19, 18),
        "beside": (19, 5, 40, 42),
    }
    places = [finder.Place(box, 0.9 - 0.1 * k) for k, box in enumerate(boxes.values())]
    assert [place.box for place in finder._each_once(places)] == [boxes["one"], boxes["beside"]]


def test_nothing_is_found_on_an_even_page_and_the_network_is_not_asked():
    def network(tiles):
        raise AssertionError("asked")

    assert finder.find_places(np.full((500, 300, 3), 0.7, np.float32), network=network) == []


@pytest.mark.parametrize("shape", [(1000, 700), (61, 40), (193, 129), (20, 400)])
def test_every_pixel_lies_in_the_middle_of_one_tile(shape):
    level = np.random.default_rng(0).random(shape, np.float32)
    tiles, corners = finder._tiles(level, 0.03)
    margin = (finder.TILE - finder.CORE) // 2
    seen = np.zeros(shape, int)
    for tile, (top, left) in zip(tiles, corners, strict=True):
        rows, columns = (slice(corner + margin, corner + margin + finder.CORE) for corner in (top, left))
        inside = level[rows, columns]
        seen[rows, columns] += 1
        np.testing.assert_array_equal(
            tile[margin : margin + inside.shape[0], margin : margin + inside.shape[1]], inside
        )
    assert (seen == 1).all()


def test_a_hairline_outlives_being_halved_three_times_and_an_edge_stays_where_it_is():
    page = np.ones((240, 240), np.float32)
    page[:, 101] = 0
    plain = page.reshape(30, 8, 30, 8).mean(axis=(1, 3)).min()
    for _ in range(3):
        page = finder.halved(page)
    assert page.shape == (30, 30) and plain > 0.85
    assert page[:, 12].max() < 0.5 and page[:, 5].min() > 0.95
    half = np.ones((64, 64), np.float32)
    half[:, 32:] = 0
    np.testing.assert_allclose(finder.halved(half)[:, [3, 15, 16, 28]], [[1, 1, 0, 0]] * 32, atol=0.02)


@pytest.mark.parametrize("colour", [(240, 210, 0), (230, 40, 40), (30, 60, 200)])
def test_coloured_ink_is_dark_in_the_channel_that_is_looked_at(colour):
    picture = np.ones((50, 50, 3), np.float32)
    picture[20:30, 20:25] = np.array(colour) / 255
    level = finder.most_uneven_channel(picture)
    assert level.shape == (50, 50) and level[25, 22] == pytest.approx(min(colour) / 255) and level[5, 5] == 1


def test_sizes_at_which_only_lower_digits_are_found_are_not_looked_at():
    def tiles_asked(lowest):
        asked = []
        finder.find_places(page_of_ink(), lowest, lambda tiles: asked.append(len(tiles)) or seeing(40, 30)(tiles))
        return asked

    every = tiles_asked(0.0)
    assert tiles_asked(finder.LARGEST - 1) == every and tiles_asked(finder.LARGEST) == every[1:]
