import numpy as np

from mnist_study import embedding


def test_odd_points_are_those_among_strangers():
    draw = np.random.default_rng(0)
    points = np.concatenate([draw.normal(0, 0.1, (40, 2)), draw.normal(5, 0.1, (40, 2))])
    labels = np.repeat([3, 8], 40)
    labels[7] = 8
    votes = embedding.neighbour_votes(points, labels)
    assert votes.shape == (80, 10) and (votes.sum(axis=1) == 10).all()
    assert embedding.odd_points(points, votes, labels).tolist() == [7]


def test_of_equally_odd_points_the_one_furthest_from_its_own_digit_comes_first():
    votes, labels = np.zeros((6, 10), int), np.array([3, 3, 3, 8, 8, 8])
    votes[:, 3] = 10
    points = np.array([[0, 0], [0, 1], [1, 0], [0.1, 0], [9, 9], [0.2, 0]])
    assert embedding.odd_points(points, votes, labels).tolist() == [4, 3, 5]


def test_neighbour_votes_survive_equal_points():
    votes = embedding.neighbour_votes(np.zeros((30, 2)), np.zeros(30, int))
    assert (votes[:, 0] == 10).all()


def test_umap_separates_digits_and_repeats(small_dataset):
    images, labels = small_dataset.x_train, small_dataset.y_train
    points = embedding.umap_embedding(images, 2, seed=1)
    assert points.shape == (300, 2) and points.dtype == np.float32
    np.testing.assert_array_equal(points, embedding.umap_embedding(images, 2, seed=1))
    assert embedding.sampled_trustworthiness(images, points) > 0.9
    agreement = embedding.neighbour_votes(points, labels).argmax(axis=1) == labels
    assert agreement.mean() > 0.8
