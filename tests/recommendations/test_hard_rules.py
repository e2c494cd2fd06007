"""The hard rules hold for every list, whatever is stored: hypothesis tries to break them."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.engine.blend import Blend
from recommender.engine.ease import Ease
from recommender.engine.interactions import encode
from recommender.engine.sequential import NextItemRidge
from recommender.recommendations.artefacts import NOTHING_LEARNED, Fitted
from recommender.recommendations.facts import CourseFacts, LearnerFacts, RoleFacts
from recommender.recommendations.packing import Source
from recommender.recommendations.rules import Rule, allowed, broken_rules
from recommender.recommendations.scoring import LIST_LENGTH, Weighing, make_lists

N_SKILLS = 4
SKILLS = np.arange(101, 101 + N_SKILLS)


@st.composite
def worlds(draw):
    """Courses, roles, learners and a fitted model, small and unruly."""
    n, b = draw(st.integers(1, 30)), draw(st.integers(1, 6))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    # Some courses came and some went since the fit.
    everything = np.sort(random.choice(np.arange(1, 3 * n + 2), size=n + 1, replace=False))
    ids, fitted_ids = everything[:n], np.delete(everything, random.integers(0, n + 1))
    courses = CourseFacts(
        ids=ids,
        is_active=random.random(n) < 0.9,
        has_offering=random.random(n) < 0.9,
        languages=random.integers(0, 4, n).astype(np.uint64),
        hours_a_week=random.choice([0, 2, 5, 20.5], n),
        entry_level=random.choice([0, 0, 3, 5], n),
        raises=csr_array(random.integers(0, 6, (n, N_SKILLS)) * (random.random((n, N_SKILLS)) < 0.4)),
        needs_skill=np.stack(
            [
                random.integers(0, n, n // 3),
                random.integers(0, N_SKILLS, n // 3),
                random.integers(1, 6, n // 3),
            ]
        ).T,
        needs_course=random.integers(0, n, (n // 4, 2)),
    )
    roles = RoleFacts(
        SKILLS,
        {role: random.random(N_SKILLS) for role in (1, 2)},
        {role: random.integers(0, 6, N_SKILLS) for role in (1, 2)},
    )
    completed = random.random((b, n)) < 0.15
    in_learning = ~completed & (random.random((b, n)) < 0.15)
    learners = LearnerFacts(
        ids=np.arange(1, b + 1),
        languages=random.integers(0, 4, b).astype(np.uint64),
        hours_a_week=random.choice([0, 3, 10, np.inf], b),
        hkqf_level=random.choice([2, 4, 7], b),
        sectors=random.integers(0, 3, b),
        is_synthetic=random.random(b) < 0.5,
        held=random.integers(0, 6, (b, N_SKILLS)).astype(np.uint8),
        completed=completed,
        in_learning=in_learning,
        enrolled=in_learning & (random.random((b, n)) < 0.5),
        dismissed=random.random((b, n)) < 0.1,
        history=np.stack([np.sort(random.integers(0, b, 2 * b)), random.choice(everything, 2 * b)]).T,
        strengths=random.choice([-0.5, 0.5, 1, 1.5], 2 * b).astype(np.float32),
        roles=[draw(st.lists(st.sampled_from([1, 2]), unique=True)) for _ in range(b)],
    )
    X, times = encode(np.repeat(np.arange(5), 3), random.integers(0, n, 15), 5, n)
    fitted = Fitted(
        model=Blend((NextItemRidge(ridge=1.0), Ease(ridge=1.0))).fit(X, times=times),
        courses=fitted_ids,
        popularity=random.random(n).astype(np.float32),
        sectors=np.array([1, 2]),
        sector_popularity=random.random((2, n)).astype(np.float32),
        near_copies=random.integers(0, n, n),
        similar=np.full((n, 1), -1),
    )
    shortage = np.where(random.random(N_SKILLS) < 0.3, np.nan, random.random(N_SKILLS))
    weighing = Weighing(draw(st.sampled_from([0.0, 0.3, 1.0])), shortage)
    return draw(st.sampled_from([fitted, NOTHING_LEARNED])), courses, roles, learners, weighing


def in_the_way(courses, learners, row, column):
    """The rules of DESIGN.md, section 5, one learner and one course at a time: those that are broken."""
    common = int(courses.languages[column]) & int(learners.languages[row])
    broken = {
        Rule.INACTIVE: not courses.is_active[column],
        Rule.NO_OFFERING: not courses.has_offering[column],
        Rule.COMPLETED: learners.completed[row, column],
        Rule.IN_LEARNING: learners.in_learning[row, column],
        Rule.DISMISSED: learners.dismissed[row, column],
        Rule.LANGUAGE: not common and courses.languages[column] and learners.languages[row],
        Rule.HOURS: courses.hours_a_week[column] > learners.hours_a_week[row],
        Rule.ENTRY_LEVEL: courses.entry_level[column] > learners.hkqf_level[row],
        Rule.PREREQUISITE: any(
            learners.held[row, skill] < level for c, skill, level in courses.needs_skill if c == column
        )
        or any(not learners.completed[row, needed] for c, needed in courses.needs_course if c == column),
    }
    return {rule for rule, is_broken in broken.items() if is_broken}


@given(worlds())
@settings(max_examples=100, deadline=None)
def test_a_course_is_allowed_unless_a_rule_says_why_not(world):
    _, courses, _, learners, _ = world
    broken, may = broken_rules(courses, learners), allowed(courses, learners)
    assert broken.shape == may.shape == (learners.ids.size, courses.ids.size)
    for row, column in np.ndindex(may.shape):
        assert set(Rule(int(broken[row, column]))) == in_the_way(courses, learners, row, column)
    assert (may == (broken == 0)).all()


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_lists_hold_what_a_learner_may_take_and_nothing_else(world):
    fitted, courses, _, learners, _ = world
    for row, items in enumerate(make_lists(*world)):
        columns = np.searchsorted(courses.ids, items["course"])
        may = [not in_the_way(courses, learners, row, column) for column in range(courses.ids.size)]
        assert all(may[column] for column in columns)
        assert len(set(columns)) == len(columns) == min(n_listable(fitted, courses, may), LIST_LENGTH)


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_lists_are_in_the_order_of_the_scores_that_are_kept(world):
    weight = world[-1].shortage_weight
    # Without weight what has value alone comes after all that has relevance, by a score of its own.
    by_score = [[Source.MODEL, Source.GOAL]] if weight else [[Source.MODEL], [Source.GOAL]]
    for items in make_lists(*world):
        for sources in [*by_score, [Source.SECTOR], [Source.POPULAR]]:
            scores = items["score"][np.isin(items["source"], sources)]
            assert (np.diff(scores) <= 0).all()


def n_listable(fitted, courses, allowed):
    """How many of the allowed courses may stand on one list, of near-copies two at most."""
    groups = dict(zip(fitted.courses.tolist(), fitted.near_copies.tolist(), strict=True))
    ids = courses.ids[allowed].tolist()
    alike = Counter(groups[course] for course in ids if course in groups)
    return sum(course not in groups for course in ids) + sum(min(2, n) for n in alike.values())


@given(worlds())
@settings(max_examples=50, deadline=None)
def test_a_block_gives_what_its_learners_get_one_by_one(world):
    fitted, courses, roles, learners, weighing = world
    together = make_lists(*world)
    for row in range(learners.ids.size):
        ((items),) = make_lists(fitted, courses, roles, only(learners, row), weighing)
        assert items["course"].tolist() == together[row]["course"].tolist()


def only(learners, row):
    own = learners.history[:, 0] == row
    history, strengths = learners.history[own] * [0, 1], learners.strengths[own]
    arrays = {
        name: getattr(learners, name)[[row]]
        for name in (
            "ids",
            "languages",
            "hours_a_week",
            "hkqf_level",
            "sectors",
            "is_synthetic",
            "held",
            "completed",
            "in_learning",
            "enrolled",
            "dismissed",
        )
    }
    return LearnerFacts(history=history, strengths=strengths, roles=[learners.roles[row]], **arrays)
