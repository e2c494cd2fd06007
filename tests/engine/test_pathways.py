"""Pathways against every subset and every order of a few offerings, and against the limits themselves."""

import itertools
import math
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.engine.pathway_problem import Courses, Limits, Offerings, Problem
from recommender.engine.pathway_programme import Programme
from recommender.engine.pathway_reasons import why_none
from recommender.engine.pathway_search import Search, as_good
from recommender.engine.pathways import chance_of_finishing, find_pathways
from recommender.engine.subsidies import subsidy_cents
from tests.benchmarks.pathways import problem as catalogue_problem

BOTH = {0: (1, 1), 1: (1, 1)}
CEF = ((80, 1_000_000), (60, 1_500_000))


def make_problem(courses, offerings, needed, held=None, *, completed=(), **limits):
    """A problem of rows.

    Courses are ({skill: level}, {skill: needed level}, [required courses]); offerings are (course, starts,
    ends, hours, fee) or, at one's own pace, (course, None, None, hours, fee), and may end with a dict.
    """
    n_skills = 1 + max([*needed, *itertools.chain.from_iterable([*r, *n] for r, n, _ in courses), 0])
    raises = np.zeros((len(courses), n_skills), dtype=np.int64)
    for course, (raised, _, _) in enumerate(courses):
        for skill, level in raised.items():
            raises[course, skill] = level
    more = [row[5] if len(row) > 5 else {} for row in offerings]
    needs = [(c, k, level) for c, (_, n, _) in enumerate(courses) for k, level in n.items()]
    after = [(c, required) for c, (_, _, a) in enumerate(courses) for required in a]
    held = held or {}
    return Problem(
        needed=np.array([needed.get(k, (0, 0))[0] for k in range(n_skills)]),
        importance=np.array([needed.get(k, (0, 0))[1] for k in range(n_skills)], dtype=float),
        held=np.array([held.get(k, 0) for k in range(n_skills)]),
        completed=np.isin(np.arange(len(courses)), completed),
        courses=Courses(
            csr_array(raises),
            np.array(needs, dtype=np.int64).reshape(-1, 3),
            np.array(after, dtype=np.int64).reshape(-1, 2),
            np.array([0] * len(courses), dtype=np.uint64),
            np.zeros(len(courses), dtype=np.int64),
        ),
        offerings=Offerings(
            np.array([row[0] for row in offerings], dtype=np.int64),
            np.array([row[1] is not None for row in offerings], dtype=bool),
            np.array([row[1] or 0 for row in offerings], dtype=np.int64),
            np.array([row[2] or 0 for row in offerings], dtype=np.int64),
            np.array([row[3] for row in offerings], dtype=float),
            np.array([row[4] for row in offerings], dtype=np.int64),
            np.array([m.get("part", 0) for m in more], dtype=np.int64),
            np.array([m.get("subsidised", False) for m in more], dtype=bool),
            np.array([m.get("chance", 0.8) for m in more], dtype=float),
        ),
        limits=Limits(**{"start": 0, "horizon": 700, "hours_a_week": 5.0} | limits),
    )


def steps_of(pathway):
    return [(step.course, step.starts, step.ends) for step in pathway.steps]


def test_own_pace_courses_follow_each_other_at_the_hours_of_the_week():
    problem = make_problem(
        [({0: 2}, {}, []), ({1: 3}, {0: 2}, [])], [(0, None, None, 10, 0), (1, None, None, 5, 0)], {1: (3, 1)}
    )
    fastest = find_pathways(problem)["fastest"]
    assert steps_of(fastest) == [(0, 0, 13), (1, 14, 20)]
    assert (fastest.finish, fastest.covered, fastest.is_proven) == (21, 1, True)
    assert fastest.chance == pytest.approx(0.8**2)


def test_own_pace_fills_what_a_dated_course_leaves():
    # Five hours a week: two of the dated course for four weeks, three for the other one, then all five.
    problem = make_problem(
        [({0: 1}, {}, []), ({1: 1}, {}, [])],
        [(0, 0, 27, 2, 0), (1, None, None, 17, 0)],
        {0: (1, 1), 1: (1, 1)},
    )
    fastest = find_pathways(problem)["fastest"]
    assert fastest.finish == 35
    own = next(step for step in fastest.steps if step.course == 1)
    assert [(spell.start, spell.end, spell.hours) for spell in own.spells] == [(0, 28, 3), (28, 35, 5)]


def test_the_fastest_costs_and_the_cheapest_takes_its_time():
    problem = make_problem(
        [({0: 3}, {}, []), ({0: 3}, {}, [])],
        [(0, 7, 20, 5, 500_000, {"subsidised": True}), (1, None, None, 100, 0)],
        {0: (3, 1)},
        tiers=CEF,
    )
    found = find_pathways(problem)
    assert steps_of(found["fastest"]) == [(0, 7, 20)]
    assert (found["fastest"].fee_cents, found["fastest"].back_cents, found["fastest"].net_cents) == (
        500_000,
        400_000,
        100_000,
    )
    assert (steps_of(found["cheapest"]), found["cheapest"].net_cents) == ([(1, 0, 139)], 0)


def test_two_subsidised_courses_share_the_tiers():
    problem = make_problem(
        [({0: 1}, {}, []), ({1: 1}, {}, [])],
        [(k, 0, 6, 2, 1_000_000, {"subsidised": True}) for k in range(2)],
        {0: (1, 1), 1: (1, 1)},
        tiers=CEF,
    )
    # 12,500 of the 20,000 bring back 80%, the other 7,500 bring back 60%.
    assert find_pathways(problem)["cheapest"].net_cents == 2_000_000 - 1_000_000 - 450_000


@pytest.mark.parametrize(("claims", "back"), [(None, 240_000), (2, 240_000), (1, 160_000), (0, 0)])
def test_the_subsidy_is_claimed_as_often_as_is_allowed_for_the_dearest(claims, back):
    problem = make_problem(
        [({0: 1}, {}, []), ({1: 1}, {}, [])],
        [(k, 0, 6, 2, fee, {"subsidised": True}) for k, fee in enumerate([100_000, 200_000])],
        {0: (1, 1), 1: (1, 1)},
        tiers=CEF,
        claims=claims,
        budget_cents=300_000 - back,
    )
    cheapest = find_pathways(problem)["cheapest"]
    assert (cheapest.fee_cents, cheapest.back_cents) == (300_000, back)
    n_claimed = 2 if claims is None else claims
    assert {step.course for step in cheapest.steps if step.is_claimed} == set([1, 0][:n_claimed])
    dearer = replace(problem.limits, budget_cents=300_000 - back - 1)
    assert find_pathways(replace(problem, limits=dearer)) == {}


@pytest.mark.parametrize(
    ("fee", "back"),
    [
        (1_600_000, 1_210_000),
        (500_000, 400_000),
        (1_250_000, 1_000_000),
        (3_750_000, 2_500_000),
        (0, 0),
        (99, 79),
    ],
)
def test_the_subsidy_of_the_fund(fee, back):
    assert subsidy_cents(fee, CEF) == back


def test_nothing_is_to_do_where_everything_is_held():
    found = find_pathways(make_problem([({0: 1}, {}, [])], [(0, 0, 6, 1, 1)], {0: (1, 1)}, held={0: 1}))
    assert {name: (len(p.steps), p.net_cents, p.covered) for name, p in found.items()} == dict.fromkeys(
        ["fastest", "cheapest", "surest"], (0, 0, 1)
    )


@pytest.mark.parametrize(
    ("courses", "offerings"),
    [
        ([({0: 2}, {1: 1}, []), ({1: 1}, {0: 2}, [])], [(0, None, None, 5, 0), (1, None, None, 5, 0)]),
        ([({0: 2}, {}, [1]), ({1: 1}, {}, [0])], [(0, None, None, 5, 0), (1, None, None, 5, 0)]),
        ([({0: 2}, {}, [])], [(0, 20, 10, 2, 0)]),
        ([({0: 1}, {}, [])], [(0, 0, 6, 2, 0)]),
        ([({0: 2}, {}, [])], [(0, 0, 6, 6, 0)]),
        ([({0: 2}, {}, [])], [(0, 0, 6, 2, 1_001)]),
        ([({0: 2}, {1: 1}, []), ({1: 1}, {}, [])], [(0, 0, 6, 2, 0), (1, 0, 6, 2, 0)]),
    ],
    ids=["circle of skills", "circle of courses", "ends first", "level", "hours", "budget", "too late"],
)
def test_there_is_no_pathway(courses, offerings):
    assert find_pathways(make_problem(courses, offerings, {0: (2, 1)}, budget_cents=1_000)) == {}


def test_a_circle_with_a_way_in_is_no_circle():
    problem = make_problem(
        [({0: 2}, {1: 1}, []), ({1: 1}, {0: 2}, []), ({1: 1}, {}, [])],
        [(0, None, None, 5, 0), (1, None, None, 1, 0), (2, None, None, 10, 900)],
        {0: (2, 1)},
    )
    assert [step.course for step in find_pathways(problem)["fastest"].steps] == [2, 0]


def test_chances_follow_relevance_and_load():
    np.testing.assert_allclose(chance_of_finishing([0, 1, 1], [0, 0, 1]), [0.5, 0.95, 0.76])


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"hours_a_week": 0}, "hours_a_week must be more than 0"),
        ({"coverage": 0}, "coverage must be in"),
        ({"tiers": ((60, 1), (80, 1))}, "highest percentage first"),
    ],
)
def test_limits_that_mean_nothing_are_refused(limits, message):
    with pytest.raises(ValueError, match=message):
        make_problem([({0: 1}, {}, [])], [], {0: (1, 1)}, **limits)


# Every subset, every order.

N_SKILLS = 3
LEVELS = st.dictionaries(st.integers(0, N_SKILLS - 1), st.integers(1, 3), max_size=2)
IMPORTANCE = st.sampled_from([0.5, 1.0])
RAISED = st.dictionaries(st.integers(0, N_SKILLS - 1), st.integers(1, 3), min_size=1, max_size=2)


@st.composite
def problems(draw):
    n = draw(st.integers(1, 4))
    courses = [
        (
            draw(RAISED),
            draw(st.one_of(st.just({}), LEVELS)),
            draw(
                st.one_of(
                    st.just([]),
                    st.lists(st.integers(0, n - 1).filter(lambda c, own=own: c != own), max_size=1),
                )
            ),
        )
        for own in range(n)
    ]
    offerings = []
    for course in range(n):
        for _ in range(draw(st.integers(1, 2))):
            fee = draw(st.sampled_from([0, 10_002, 77_777, 500_000, 1_500_000, -1]))
            more = {"subsidised": draw(st.booleans()), "chance": draw(st.sampled_from([0.5, 0.8, 0.9]))}
            if fee == -1:
                more["part"] = draw(st.sampled_from([0, 0, 150_000]))
            if draw(st.booleans()):
                offerings.append((course, None, None, draw(st.sampled_from([3, 5, 12])), fee, more))
            else:
                starts = draw(st.integers(0, 6)) * 7
                weeks, hours = draw(st.integers(1, 4)), draw(st.sampled_from([1, 2, 4, 5]))
                offerings.append((course, starts, starts + 7 * weeks - 1, hours, fee, more))
    return make_problem(
        courses,
        offerings,
        draw(
            st.dictionaries(
                st.integers(0, 2), st.tuples(st.integers(1, 3), st.sampled_from([0.5, 1.0])), min_size=1
            )
        ),
        draw(st.dictionaries(st.integers(0, 2), st.integers(0, 2))),
        completed=draw(st.lists(st.integers(0, n - 1), max_size=1)),
        start=draw(st.sampled_from([0, 7])),
        horizon=draw(st.sampled_from([35, 70])),
        hours_a_week=draw(st.sampled_from([3.0, 5.0])),
        budget_cents=draw(st.sampled_from([None, 0, 2_000, 200_000, 900_000])),
        coverage=draw(st.sampled_from([1.0, 1.0, 0.5])),
        claims=draw(st.sampled_from([None, None, 0, 1])),
        tiers=draw(st.sampled_from([(), CEF, ((80, 30_000), (60, 1_500_000))])),
    )


def may_begin(problem, course, done):
    held = problem.held.copy()
    for other in done:
        held = np.maximum(held, problem.courses.raises[[other]].toarray()[0])
    skills = all(held[k] >= level for c, k, level in problem.courses.needs_skill if c == course)
    courses = all(r in done or problem.completed[r] for c, r in problem.courses.needs_course if c == course)
    return skills and courses


def finish_of(problem, taken, order):
    """When all is done if free hours go to the first in the order that may begin; None where it fails."""
    o, limits, weekly = problem.offerings, problem.limits, problem.offerings.hours
    dated = [one for one in taken if o.is_dated[one]]
    left, ended_at, now = {one: o.hours[one] for one in order}, {}, float(limits.start)
    events = sorted({limits.start, *(o.starts[one] for one in dated), *(o.ends[one] + 1 for one in dated)})

    def done(day):
        over = [one for one in dated if o.ends[one] < day] + [
            one for one, end in ended_at.items() if end <= day + 1e-9
        ]
        return {int(o.course[one]) for one in over}

    for day, following in itertools.pairwise([*events, math.inf]):
        now = float(day)
        running = [one for one in dated if o.starts[one] <= day <= o.ends[one]]
        if any(o.starts[one] == day and not may_begin(problem, o.course[one], done(day)) for one in running):
            return None
        spare = limits.hours_a_week - weekly[running].sum()
        if spare < -1e-9:
            return None
        while spare > 1e-9:
            ready = [
                one for one in order if left[one] > 1e-9 and may_begin(problem, o.course[one], done(now))
            ]
            if not ready or now >= following:
                break
            end = min(now + 7 * left[ready[0]] / spare, following)
            left[ready[0]] -= (end - now) * spare / 7
            if left[ready[0]] <= 1e-9:
                ended_at[ready[0]] = end
            now = end
    if len(ended_at) < len(order):
        return None
    return max([*ended_at.values(), *(o.ends[one] + 1.0 for one in dated), float(limits.start)])


def feasible(problem):
    """All pathways: (finish, net, unknown fees, log chance)."""
    o, limits = problem.offerings, problem.limits
    by_course = [[None, *np.flatnonzero(o.course == c)] for c in range(problem.courses.n)]
    for choice in itertools.product(*by_course):
        taken = [one for one in choice if one is not None]
        if any(problem.completed[o.course[one]] for one in taken):
            continue
        dated = [one for one in taken if o.is_dated[one]]
        if any(o.starts[one] < limits.start or o.ends[one] >= limits.horizon for one in dated):
            continue
        gained = problem.courses.raises[o.course[taken]].toarray().max(axis=0, initial=0)
        reached = np.minimum(np.maximum(problem.held, gained), problem.needed)
        if problem.importance @ reached < limits.coverage * (problem.importance @ problem.needed) - 1e-9:
            continue
        fees = np.maximum(o.fee_cents[taken], 0)
        paid_for = np.sort(fees[o.is_subsidised[taken]])[::-1][: limits.claims]
        net = int(fees.sum()) - subsidy_cents(int(paid_for.sum()), limits.tiers)
        if limits.budget_cents is not None and net + o.part_cents[taken].sum() > limits.budget_cents:
            continue
        own = [one for one in taken if not o.is_dated[one]]
        ends = [finish_of(problem, taken, order) for order in itertools.permutations(own)]
        ends = [end for end in ends if end is not None and end <= limits.horizon + 1e-9]
        if ends:
            yield min(ends), net, int((o.fee_cents[taken] == -1).sum()), float(np.log(o.chance[taken]).sum())


@given(problems())
@settings(max_examples=300, deadline=None)
def test_pathways_are_the_best_of_all_there_are(problem):
    every = list(feasible(problem))
    found = find_pathways(problem, seconds=60)
    assert bool(found) == bool(every)
    if not found:
        return
    assert all(pathway.is_proven for pathway in found.values())
    end, net = min(
        (math.ceil(way[0] - 1e-3), way[1]) for way in every if way[0] <= min(w[0] for w in every) + 1e-6
    )
    assert found["fastest"].finish == end
    assert found["fastest"].net_cents == pytest.approx(net, abs=1)
    cheapest = min(every, key=lambda way: (way[1], way[2], way[0]))
    assert found["cheapest"].net_cents == pytest.approx(cheapest[1], abs=1)
    if found["cheapest"].net_cents == cheapest[1]:
        assert found["cheapest"].n_unknown_fees == cheapest[2]
        assert found["cheapest"].finish == math.ceil(cheapest[0] - 1e-3)
    surest = max(way[3] for way in every)
    assert math.log(found["surest"].chance) == pytest.approx(surest)
    assert found["surest"].finish == math.ceil(min(w[0] for w in every if w[3] >= surest - 1e-9) - 1e-3)


@given(problems())
@settings(max_examples=200, deadline=None)
def test_a_pathway_keeps_every_limit(problem):
    for pathway in find_pathways(problem, seconds=60).values():
        check(problem, pathway)


def check(problem, pathway):
    o, limits = problem.offerings, problem.limits
    assert len({step.course for step in pathway.steps}) == len(pathway.steps)
    assert not problem.completed[[step.course for step in pathway.steps]].any()
    assert pathway.covered >= limits.coverage - 1e-6
    parts = int(o.part_cents[[step.offering for step in pathway.steps]].sum())
    assert limits.budget_cents is None or pathway.net_cents + parts <= limits.budget_cents
    assert pathway.finish <= limits.horizon
    for step in pathway.steps:
        begins = step.spells[0].start
        assert begins >= limits.start
        assert step.ends < pathway.finish
        done = {other.course for other in pathway.steps if other.spells[-1].end <= begins + 1e-2}
        assert may_begin(problem, step.course, done - {step.course})
        if o.is_dated[step.offering]:
            assert (step.starts, step.ends) == (o.starts[step.offering], o.ends[step.offering])
        else:
            work = sum((spell.end - spell.start) * spell.hours / 7 for spell in step.spells)
            assert work == pytest.approx(o.hours[step.offering], abs=1e-2)
    spells = [spell for step in pathway.steps for spell in step.spells]
    for moment in {spell.start for spell in spells}:
        at_once = sum(spell.hours for spell in spells if spell.start <= moment < spell.end - 1e-6)
        assert at_once <= limits.hours_a_week + 1e-6


# Why there is none.


def smallest_changes(problem):
    assert find_pathways(problem) == {}
    reasons = why_none(problem)
    assert reasons.is_proven
    return [[(change.limit, change.before, change.after) for change in one] for one in reasons.changes]


def test_more_hours_are_needed():
    problem = make_problem([({0: 3}, {}, [])], [(0, 0, 83, 6, 0)], {0: (3, 1)}, hours_a_week=4.0)
    assert smallest_changes(problem) == [[("hours", 4, 6)]]


def test_more_money_is_needed():
    problem = make_problem(
        [({0: 3}, {}, [])],
        [(0, 0, 83, 2, 2_500_000, {"subsidised": True})],
        {0: (3, 1)},
        budget_cents=300_000,
        tiers=CEF,
    )
    # 25,000 bring back 10,000 and 60% of 12,500.
    assert smallest_changes(problem) == [[("budget", 300_000, 750_000)]]


def test_the_stated_part_of_an_unknown_fee_is_spent_at_least():
    problem = make_problem(
        [({0: 3}, {}, []), ({1: 1}, {}, [])],
        [
            (0, 0, 83, 2, -1, {"part": 4_450_000}),
            (0, 0, 83, 2, 6_000_000),
            (1, None, None, 5, 50_000),
        ],
        {0: (3, 1), 1: (1, 1)},
        budget_cents=4_000_000,
    )
    assert smallest_changes(problem) == [[("budget", 4_000_000, 4_500_000)]]
    enough = replace(problem, limits=replace(problem.limits, budget_cents=4_500_000))
    cheapest = find_pathways(enough)["cheapest"]
    assert (cheapest.net_cents, cheapest.n_unknown_fees) == (50_000, 1)


def test_part_of_a_cent_does_not_fit_a_budget():
    # 80% of 10,002 cents are 8,001.6, of which 8,001 come back.
    problem = make_problem(
        [({0: 3}, {}, [])],
        [(0, 0, 83, 2, 10_002, {"subsidised": True})],
        {0: (3, 1)},
        budget_cents=2_000,
        tiers=CEF,
    )
    assert smallest_changes(problem) == [[("budget", 2_000, 2_001)]]
    enough = replace(problem, limits=replace(problem.limits, budget_cents=2_001))
    assert find_pathways(enough)["cheapest"].net_cents == 2_001


def test_an_earlier_start_or_a_later_end_is_needed():
    problem = make_problem(
        [({0: 3}, {}, [])], [(0, 60, 80, 2, 0), (0, 160, 180, 2, 0)], {0: (3, 1)}, start=90, horizon=120
    )
    assert sorted(smallest_changes(problem)) == [[("horizon", 120, 181)], [("start", 90, 60)]]


def test_more_hours_and_more_money_together():
    problem = make_problem(
        [({0: 3}, {}, [])], [(0, 0, 83, 6, 5_000)], {0: (3, 1)}, hours_a_week=4.0, budget_cents=1_000
    )
    assert smallest_changes(problem) == [[("hours", 4, 6), ("budget", 1_000, 5_000)]]


def test_another_language_or_level_is_needed():
    problem = make_problem([({0: 3}, {}, [])], [(0, 0, 83, 2, 0)], {0: (3, 1)}, languages=1, hkqf_level=4)
    courses = replace(problem.courses, languages=np.array([2], np.uint64), entry_level=np.array([5]))
    assert smallest_changes(replace(problem, courses=courses)) == [[("languages", 1, 3), ("level", 4, 5)]]


def test_nobody_teaches_it():
    problem = make_problem([({0: 2}, {}, [])], [(0, 0, 6, 2, 0)], {0: (3, 1.0), 1: (2, 0.5)}, held={1: 1})
    reasons = why_none(problem)
    assert [(gap.skill, gap.level, gap.best, gap.has_ended) for gap in reasons.untaught] == [
        (0, 3, 2, False),
        (1, 2, 1, False),
    ]
    assert (reasons.changes, reasons.circles) == ([], [])
    # Two of three levels, and half of one of two.
    assert reasons.coverage == pytest.approx((2 + 0.5) / (3 + 1))
    assert reasons.coverage_changed == pytest.approx(reasons.coverage)


def test_the_changes_for_the_highest_share_where_nobody_teaches_all_of_it():
    # Skill 0 is taught up to level 2 of 3 only; skill 1 is dear, skill 2 takes longer than there is time.
    problem = make_problem(
        [({0: 2}, {}, []), ({1: 2}, {}, []), ({2: 1}, {}, [])],
        [(0, 0, 6, 2, 0), (1, 0, 6, 2, 5_000), (2, 40, 80, 2, 0)],
        {0: (3, 1.0), 1: (2, 0.5), 2: (1, 1.0)},
        budget_cents=1_000,
        horizon=50,
    )
    assert smallest_changes(problem) == [[("budget", 1_000, 5_000), ("horizon", 50, 81)]]
    reasons = why_none(problem)
    assert [gap.skill for gap in reasons.untaught] == [0]
    # Two of five weighed levels are within the limits, four are without them.
    assert (reasons.coverage, reasons.coverage_changed) == (pytest.approx(2 / 5), pytest.approx(4 / 5))
    limits = replace(problem.limits, budget_cents=5_000, horizon=81, coverage=0.8)
    assert find_pathways(replace(problem, limits=limits))["fastest"].covered == pytest.approx(0.8)
    # Of less than that, the share that is asked for is what counts.
    half = why_none(replace(problem, limits=replace(problem.limits, coverage=0.6)))
    assert half.coverage_changed == 0.6
    assert [[change.limit for change in one] for one in half.changes] == [["horizon"], ["budget"]]


def test_an_earlier_start_raises_the_share_too():
    problem = make_problem(
        [({0: 1}, {}, []), ({1: 1}, {}, [])],
        [(0, 20, 40, 2, 0)],
        {0: (1, 1), 1: (1, 1)},
        start=30,
        horizon=60,
    )
    assert smallest_changes(problem) == [[("start", 30, 20)]]
    assert why_none(problem).coverage_changed == pytest.approx(0.5)


def test_what_has_ended_is_told_from_what_nobody_teaches():
    problem = make_problem([({0: 3}, {}, [])], [(0, -20, -10, 2, 0)], {0: (3, 1)})
    (gap,) = why_none(problem).untaught
    assert (gap.best, gap.has_ended) == (0, True)


def test_a_circle_is_named():
    problem = make_problem(
        [({0: 2}, {}, [1]), ({1: 1}, {0: 2}, [])], [(0, None, None, 5, 0), (1, None, None, 5, 0)], {0: (2, 1)}
    )
    reasons = why_none(problem)
    assert (reasons.circles, reasons.untaught, reasons.changes) == ([[0, 1]], [], [])


@given(problems())
@settings(max_examples=150, deadline=None)
def test_a_smallest_change_is_enough_and_nothing_smaller_is(problem):
    if problem.limits.coverage < 1 or find_pathways(problem, seconds=60):
        return
    fields = {"hours": "hours_a_week", "budget": "budget_cents", "horizon": "horizon", "start": "start"}
    reasons = why_none(problem, seconds=60)
    if reasons.untaught or reasons.circles:
        loose = {"start": 0, "horizon": 3650, "hours_a_week": 168.0, "budget_cents": None}
        more = replace(problem.limits, coverage=reasons.coverage_changed + 0.01, **loose)
        assert not any(feasible(replace(problem, limits=more)))
        part = replace(problem.limits, coverage=max(reasons.coverage_changed - 1e-5, 1e-9))
        problem = replace(problem, limits=part)
    for changes in reasons.changes:
        values = {fields[change.limit]: change.after for change in changes}
        assert any(feasible(replace(problem, limits=replace(problem.limits, **values))))
        for change in changes if len(changes) == 1 else ():
            smaller = change.after - (1 if change.after > change.before else -1)
            if smaller != change.before:
                limits = replace(problem.limits, **{fields[change.limit]: smaller})
                assert not any(feasible(replace(problem, limits=limits)))


def test_a_course_that_begins_before_its_prerequisite_ends_cannot_be_had():
    problem = make_problem(
        [({0: 2}, {1: 1}, []), ({1: 1}, {}, [])], [(0, 0, 6, 2, 0), (1, 0, 6, 2, 0)], {0: (2, 1)}
    )
    (gap,) = why_none(problem).untaught
    assert (gap.skill, gap.level, gap.best, gap.has_ended) == (0, 2, 0, True)


@pytest.mark.parametrize("seed", [0, 5])
@pytest.mark.parametrize("quantity", ["finish", "price", "risk"])
def test_clashes_that_are_cut_off_lead_to_the_best_of_the_whole_programme(seed, quantity):
    posed = catalogue_problem(200, 4, seed)
    search = Search(posed)
    found = search.minimise(quantity, deadline=time.monotonic() + 60)
    best = Programme(posed, search.found).minimise(quantity, below={}, deadline=time.monotonic() + 60)
    assert found.is_proven
    assert best.is_proven
    assert found.values[quantity] == pytest.approx(best.values[quantity], abs=1e-4)


@given(problems(), st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_limits_are_given_up_the_search_finds_what_the_whole_programme_finds(problem, data):
    n = problem.courses.n
    languages = np.array(
        data.draw(st.lists(st.sampled_from([0, 1, 2, 3]), min_size=n, max_size=n)), np.uint64
    )
    entry = np.array(data.draw(st.lists(st.sampled_from([0, 4, 6]), min_size=n, max_size=n)))
    problem = replace(
        problem,
        courses=replace(problem.courses, languages=languages.astype(np.uint64), entry_level=entry),
        limits=replace(problem.limits, languages=1, hkqf_level=5),
    )
    free = data.draw(st.sets(st.sampled_from(["hours", "budget", "languages", "level", "horizon"])))
    quantities = ["net", "risk", *({"hours", "languages", "level"} & free or ["finish"])]
    quantity = data.draw(st.sampled_from(sorted(quantities)))
    search = Search(problem, free)
    found = search.minimise(quantity, deadline=time.monotonic() + 60)
    best = Programme(problem, search.found, free).minimise(quantity, below={}, deadline=time.monotonic() + 60)
    assert (found is None) == (best is None)
    if found and best:
        assert found.is_proven
        assert found.values[quantity] <= as_good(quantity, best)
