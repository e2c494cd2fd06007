"""Relevance and value in one list: by hand, against the definition, and what holds for every list."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.shortage_ranking import BY_SCORE, BY_VALUE, MOST_ALIKE, Weights
from tests.engine.goals import World, closed_by_skill, expected_list, links_of, ranked, weights, worlds

# Not 0.5, where the most relevant and the most valuable course tie but for rounding.
some_weights = st.sampled_from([0.0, 0.05, 0.3, 0.6, 1.0])


def small(**changes):
    """One learner who holds skill 0 at level 1 and wants one role; three courses."""
    world = World(
        relevance=np.array([[4.0, 2.0, -1.0]], dtype=np.float32),
        allowed=np.ones((1, 3), dtype=bool),
        held=np.array([[1, 0]]),
        wanted=[[0]],
        importance=np.array([[1.0, 0.5]]),
        needed=np.array([[4, 2]]),
        raises=np.array([[0, 0], [3, 0], [4, 2]]),
        shortage=np.array([0.5, 1.0]),
        fallback=np.zeros((1, 3), dtype=np.float32),
        fallback_rows=np.array([[0]]),
        copies=np.arange(3),
    )
    return world._replace(**changes)


def test_a_list_worked_out_by_hand():
    # Gap: 1 * (4 - 1) = 3 and 0.5 * 2 = 1. Course 1 closes 2 of the first, value 0.5 * 2 = 1; course 2 closes
    # all, value 0.5 * 3 + 1 * 1 = 2.5. Scaled: relevance 1, 0.5, 0; value 0, 0.4, 1.
    lists = ranked(small(), w=0.4, k=3)
    assert lists.courses.tolist() == [[0, 1, 2]]
    np.testing.assert_allclose(lists.relevance, [[1, 0.5, 0]])
    np.testing.assert_allclose(lists.value, [[0, 0.4, 1]])
    np.testing.assert_allclose(lists.score, [[0.6, 0.6 * 0.5 + 0.4 * 0.4, 0.4]])
    np.testing.assert_allclose(lists.gap_closed, [[0, 0.5, 1]])
    np.testing.assert_allclose(lists.relevance_unit, [0.6 / 4])
    # Course 2: 0.4 * 1.5 / 2.5 from skill 0, and 0.4 * 1 / 2.5 from skill 1.
    assert lists.skills[0, 2].tolist() == [0, 1, -1]
    np.testing.assert_allclose(lists.shares[0, 2], [0.24, 0.16, 0])
    np.testing.assert_array_equal(lists.known, [[np.nan, 1, 1]])
    assert ranked(small(), w=0.6, k=3).courses.tolist() == [[2, 1, 0]]


@given(worlds(), some_weights, st.integers(1, 12))
@settings(max_examples=300, deadline=None)
def test_lists_are_those_of_the_definition(world, w, k):
    lists = ranked(world, w=w, k=k)
    for user in range(world.held.shape[0]):
        listed = lists.courses[user] >= 0
        found = list(zip(lists.courses[user][listed], lists.links[user][listed], strict=True))
        expected = expected_list(world, user, w, k)
        assert [link for _, link in found] == [link for _, link in expected]
        # Courses that tie but for rounding may stand in either order.
        scores = {link: scores for link, _, scores, _ in links_of(world, user, w)}
        np.testing.assert_allclose(
            [scores[link][course] for course, link in found],
            [scores[link][course] for course, link in expected],
            atol=1e-9,
        )


@given(worlds(), some_weights)
@settings(max_examples=300, deadline=None)
def test_parts_add_up_to_value_relevance_and_score(world, w):
    lists = ranked(world, w=w)
    for user, place in zip(*np.nonzero(lists.courses >= 0), strict=True):
        course, link = lists.courses[user, place], lists.links[user, place]
        closed, whole = closed_by_skill(world, user)
        value = closed @ weights(world)
        most = max(value[world.allowed[user]], default=0) or 1
        assert lists.value[user, place] == pytest.approx(value[course] / most, abs=1e-6)
        assert lists.gap_closed[user, place] == pytest.approx(
            closed[course].sum() / (whole.sum() or 1), abs=1e-6
        )
        of_skills = lists.shares[user, place].sum() + lists.skills_rest[user, place]
        of_relevance = max(world.relevance[user, course], 0) * lists.relevance_unit[user]
        if link == BY_SCORE:
            assert of_skills == pytest.approx(w * lists.value[user, place], abs=1e-6)
            assert of_relevance == pytest.approx((1 - w) * lists.relevance[user, place], abs=1e-6)
            assert of_skills + of_relevance == pytest.approx(lists.score[user, place], abs=1e-6)
        else:
            score = lists.score[user, place] if link == BY_VALUE else 0
            assert of_skills == pytest.approx(score, abs=1e-6)
        for skill, share in zip(lists.skills[user, place], lists.shares[user, place], strict=True):
            if skill >= 0:
                unit = w if link == BY_SCORE else 1
                part = unit * weights(world)[skill] * closed[course, skill] / most
                assert share == pytest.approx(part, abs=1e-6)


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_without_weight_the_order_is_that_of_relevance(world):
    lists = ranked(world._replace(copies=np.arange(world.copies.size)), w=0)
    for user in range(world.held.shape[0]):
        courses = lists.courses[user][lists.links[user] == BY_SCORE]
        scores = np.where(world.allowed[user], world.relevance[user], -np.inf)
        best = np.argsort(-scores, kind="stable")[: lists.courses.shape[1]]
        assert courses.tolist() == [course for course in best if scores[course] > 0]


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_with_all_weight_the_order_is_that_of_value(world):
    lists = ranked(world, w=1)
    for user in range(world.held.shape[0]):
        by_goal = (lists.links[user] == BY_SCORE) | (lists.links[user] == BY_VALUE)
        values = lists.value[user][by_goal]
        assert (np.diff(values) <= 1e-12).all()


@given(worlds(), some_weights)
@settings(max_examples=200, deadline=None)
def test_no_demand_is_value_from_gaps_alone(world, w):
    nothing_known = world._replace(shortage=np.full(world.shortage.size, np.nan))
    all_alike = world._replace(shortage=np.ones(world.shortage.size))
    one, other = ranked(nothing_known, w=w), ranked(all_alike, w=w)
    np.testing.assert_array_equal(one.courses, other.courses)
    np.testing.assert_array_equal(one.score, other.score)
    assert not (one.known > 0).any()
    closes = one.gap_closed > 0
    assert (one.known[closes] == 0).all()
    assert (other.known[closes] == 1).all()


@given(worlds(), some_weights)
@settings(max_examples=200, deadline=None)
def test_lists_hold_what_is_allowed_each_once_and_near_copies_twice_at_most(world, w):
    lists = ranked(world, w=w)
    for user, courses in enumerate(lists.courses):
        courses = courses[courses >= 0]
        assert world.allowed[user, courses].all()
        assert len(set(courses)) == courses.size
        assert max(np.bincount(world.copies[courses]), default=0) <= MOST_ALIKE


@given(worlds(), some_weights)
@settings(max_examples=100, deadline=None)
def test_a_learner_alone_gets_the_list_that_they_get_among_others(world, w):
    together = ranked(world, w=w)
    for user in range(world.held.shape[0]):
        rows = slice(user, user + 1)
        names = ("relevance", "allowed", "held", "wanted", "fallback_rows")
        alone = ranked(world._replace(**{name: getattr(world, name)[rows] for name in names}), w=w)
        for one, other in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one, other[rows])


def test_a_third_near_copy_is_passed_over_and_nothing_reordered():
    world = small(copies=np.zeros(3, dtype=int))
    assert ranked(world, w=0.4, k=3).courses.tolist() == [[0, 1, -1]]


def test_a_learner_without_a_target_role_is_ranked_by_relevance():
    lists = ranked(small(wanted=[[]]), w=0.9, k=3)
    assert lists.courses.tolist() == [[0, 1, 2]]
    assert lists.links.tolist() == [[BY_SCORE, BY_SCORE, 3]]
    assert not lists.value.any()
    assert np.isnan(lists.known).all()


def test_a_role_that_nobody_can_teach_changes_nothing():
    lists = ranked(small(raises=np.zeros((3, 2), dtype=int)), w=0.9, k=2)
    assert lists.courses.tolist() == [[0, 1]]
    assert not lists.gap_closed.any()


def test_a_learner_without_relevance_is_ranked_by_value_alone():
    lists = ranked(small(relevance=np.zeros((1, 3), dtype=np.float32)), w=0.1, k=3)
    assert lists.courses.tolist() == [[2, 1, 0]]
    assert lists.links.tolist() == [[BY_VALUE, BY_VALUE, 3]]
    np.testing.assert_allclose(lists.score, [[1, 0.4, 0]])


def test_skills_that_nobody_is_short_of_still_lead_to_the_goal():
    lists = ranked(small(shortage=np.zeros(2), relevance=np.zeros((1, 3), dtype=np.float32)), w=0.5, k=2)
    assert lists.courses.tolist() == [[2, 1]]
    assert not lists.score.any()


def test_what_is_not_known_counts_as_the_mean():
    found = Weights.of([0.2, np.nan, 0.6])
    np.testing.assert_allclose(found.weights, [0.2, 0.4, 0.6])
    assert found.is_known.tolist() == [True, False, True]
    assert Weights.of([np.nan, np.nan]).weights.tolist() == [1, 1]
    with pytest.raises(ValueError, match=r"shortage must lie in \[0, 1\], got 0.5 to 1.5"):
        Weights.of([0.5, 1.5])


@pytest.mark.parametrize(
    ("changes", "w", "message"),
    [
        ({}, 1.5, r"w must lie in \[0, 1\], got 1.5"),
        ({}, np.nan, r"w must lie in \[0, 1\]"),
        ({"allowed": np.ones((1, 2), bool)}, 0.5, r"allowed must have shape \(1, 3\), got \(1, 2\)"),
        ({"copies": np.arange(2)}, 0.5, r"copies must have shape \(3,\), got \(2,\)"),
        ({"wanted": [[1]]}, 0.5, r"targets.roles must be rows of what they refer to, got 1 to 1"),
        ({"fallback_rows": np.array([[1]])}, 0.5, "fallback.rows must be rows"),
        ({"held": np.array([[6, 0]])}, 0.5, "held must hold levels from 0 to 5, got 0 to 6"),
        ({"shortage": np.zeros(3)}, 0.5, r"targets.held must have shape \(1, 3\), got \(1, 2\)"),
    ],
)
def test_what_cannot_be_ranked_is_refused(changes, w, message):
    with pytest.raises(ValueError, match=message):
        ranked(small(**changes), w=w)
