"""Items that are alike by their vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.engine.similar import similar_items


def at(degrees):
    return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]


def test_the_most_alike_come_first_and_those_too_far_off_never():
    vectors = np.array([at(0), at(50), at(20), at(200)])
    assert similar_items(vectors, np.arange(4), 3).tolist() == [
        [2, 1, -1],
        [2, 0, -1],
        [0, 1, -1],
        [-1, -1, -1],
    ]


def test_near_copies_are_not_similar_and_stand_once():
    vectors = np.array([at(0), at(1), at(10), at(11), at(30)])
    assert similar_items(vectors, [0, 0, 2, 2, 4], 2).tolist() == [[2, 4], [2, 4], [1, 4], [1, 4], [3, 1]]


def test_what_says_nothing_is_like_nothing():
    assert similar_items(np.zeros((2, 3)), [0, 1], 1).tolist() == [[-1], [-1]]
    assert similar_items(np.zeros((0, 0)), [], 2).shape == (0, 2)
    with pytest.raises(ValueError, match="k must be >= 1, got 0"):
        similar_items(np.zeros((1, 1)), [0], 0)


@given(
    st.integers(1, 30).flatmap(
        lambda n: st.tuples(
            arrays(np.float64, (n, 3), elements=st.floats(-1, 1)),
            arrays(np.int64, n, elements=st.integers(0, 5)),
        )
    )
)
def test_it_is_what_a_full_sort_finds(items):
    vectors, groups = items
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-3)
    cosines = vectors.astype(np.float32) @ vectors.astype(np.float32).T
    for item, found in enumerate(similar_items(vectors, groups, 4)):
        kept = found[found >= 0]
        best = {
            group: cosines[item, groups == group].max()
            for group in set(groups.tolist()) - {int(groups[item])}
            if cosines[item, groups == group].max() >= 0.3
        }
        assert len(set(groups[kept].tolist())) == kept.size == min(4, len(best))
        expected = sorted(best.values(), reverse=True)[:4]
        np.testing.assert_allclose(cosines[item, kept], expected, atol=1e-5)
