"""Embeddings of the digits in two or three dimensions, and which points sit among strangers: arrays in, arrays out."""

import sys

import numpy as np
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors


def umap_embedding(images, n_components: int, seed: int, n_neighbors: int = 15, min_dist: float = 0.1) -> np.ndarray:
    """UMAP of raw pixels scaled to [0, 1], Euclidean distance, repeatable for a seed on one machine.

    Args:
        images: uint8 (n, height, width) in [0, 255]; or other numbers, (n, ...), whose scale does not matter.
        n_components: 2 or 3.
        seed: UMAP's ``random_state``; it makes UMAP use one core.
        n_neighbors, min_dist: as UMAP has them, its own defaults.

    Returns:
        float32 (n, n_components), centred on the origin.

    Source: McInnes, Healy, Melville 2018, arXiv 1802.03426; report sharpies, "Peeking into The Data Set".
    """
    umap = _umap()
    pixels = images.reshape(len(images), -1).astype(np.float32) / 255
    reducer = umap.UMAP(
        n_components=n_components, random_state=seed, n_jobs=1, n_neighbors=n_neighbors, min_dist=min_dist
    )
    points = reducer.fit_transform(pixels)
    return (points - points.mean(axis=0)).astype(np.float32)


def _umap():
    """The module ``umap``, imported late for it loads numba, and without TensorFlow, which only its networks use."""
    if "tensorflow" in sys.modules:
        import umap
    else:
        sys.modules["tensorflow"] = None  # an import of it now fails, and UMAP does without
        try:
            import umap
        finally:
            del sys.modules["tensorflow"]
    return umap


def neighbour_votes(points: np.ndarray, labels: np.ndarray, neighbours: int = 10) -> np.ndarray:
    """How the nearest neighbours of each point, itself left out, are labelled.

    Args:
        points: float (n, components).
        labels: integer labels, (n,).
        neighbours: how many of each.

    Returns:
        int (n, 10): votes for each digit; rows sum to ``neighbours``.
    """
    # asked without points, it looks for the neighbours of those it was fitted to, which leaves out each itself
    others = NearestNeighbors(n_neighbors=neighbours).fit(points).kneighbors(return_distance=False)
    return np.stack([(labels[others] == digit).sum(axis=1) for digit in range(10)], axis=1)


def odd_points(points: np.ndarray, votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Indices of the points whose neighbours mostly carry another label, oddest first.

    Where the votes are equal, the point furthest from any other point of its own digit comes first.

    Args:
        points: float (n, components).
        votes: int (n, 10), from ``neighbour_votes``.
        labels: integer labels, (n,).
    """
    own = votes[np.arange(len(labels)), labels]
    lead = votes.max(axis=1) - own
    odd = np.flatnonzero(votes.argmax(axis=1) != labels)
    alone = np.zeros(len(labels))
    for digit in np.unique(labels[odd]):
        asked, same = odd[labels[odd] == digit], points[labels == digit]
        distance, _ = NearestNeighbors(n_neighbors=min(2, len(same))).fit(same).kneighbors(points[asked])
        alone[asked] = distance[:, -1]  # the nearest is the point itself
    return odd[np.lexsort((-alone[odd], -lead[odd]))]


def sampled_trustworthiness(images, points, size: int = 2000, neighbours: int = 15) -> float:
    """Trustworthiness of the embedding on its first ``size`` points, in [0, 1]: 1 where no stranger became a neighbour.

    Args:
        images: uint8 (n, height, width) in [0, 255].
        points: float (n, components), the embedding of the images.

    Source: Venna and Kaski 2001; ``sklearn.manifold.trustworthiness``.
    """
    pixels = images[:size].reshape(min(size, len(images)), -1) / 255
    return float(trustworthiness(pixels, points[:size], n_neighbors=neighbours))
