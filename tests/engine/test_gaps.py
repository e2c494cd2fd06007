"""What is needed and covered, worked by hand."""

import math

import pytest

from recommender.engine.gaps import highest_needed, share_covered


def test_the_highest_level_is_that_of_the_roles_to_which_the_skill_matters():
    importance = [[0.5, 0.0, 0.2], [1.0, 0.3, 0.0]]
    assert highest_needed(importance, [[4, 5, 1], [2, 3, 2]]).tolist() == [4, 3, 1]
    assert highest_needed([[]], [[]]).tolist() == []


def test_levels_above_the_needed_one_cover_no_more():
    # (1 * 2 + 0.5 * 2) / (1 * 2 + 0.5 * 4)
    assert share_covered([1.0, 0.5, 0.0], [2, 4, 5], [5, 2, 5]) == pytest.approx(3 / 4)


def test_of_nothing_no_share_is_covered():
    assert math.isnan(share_covered([], [], []))
    assert math.isnan(share_covered([0.0], [3], [0]))
