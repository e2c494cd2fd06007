"""Missing courses as a run counts them: which skills, how many learners one would unlock, and why."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.gaps import NO_ITEM, obstacles
from recommender.recommendations import facts, runs
from recommender.recommendations.missing import MissingCourses
from recommender.recommendations.models import MissingCourse, Run
from recommender.recommendations.rules import Rule, allowed, broken_rules
from recommender.skills.models import Language
from tests import factories
from tests.recommendations.test_hard_rules import worlds

pytestmark = pytest.mark.django_db(transaction=True)


def carry_out():
    run = Run.objects.create()
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.error == ""
    return run


def brief(run):
    return {(row.skill.slug, row.level): row for row in MissingCourse.objects.filter(run=run)}


def counts(run):
    return {key: (row.n_lacking, row.n_unlocked, row.because) for key, row in brief(run).items()}


@pytest.fixture
def python():
    return factories.make_skill("python")


@pytest.fixture
def role(python):
    return factories.make_role("engineer", needs={python: (0.8, 4)})


def test_a_skill_that_nobody_teaches(python, role):
    factories.make_course("beginners", raises={python: 2})
    factories.make_course("not begun", raises={python: 5}, status="draft")
    for level in (2, 3):
        factories.make_learner(target_roles=[role], holds={python: level})
    # Two who lack nothing, and one for whom the beginners' course still leads further.
    factories.make_learner(target_roles=[role], holds={python: 4})
    factories.make_learner(holds={python: 1})
    factories.make_learner(target_roles=[role], holds={python: 1})
    assert counts(carry_out()) == {("python", 4): (3, 2, {"untaught": 2})}


def test_each_reason_is_counted_for_the_learners_whom_it_alone_keeps_away(python, role):
    english, cantonese = (Language.objects.get_or_create(pk=code)[0] for code in ("en", "yue"))
    first = factories.make_course("first")
    course = factories.make_course(
        "advanced",
        raises={python: 4},
        languages=[english],
        entry_hkqf_level=5,
        notional_hours=30,
        after=[first],
    )
    soon = timezone.localdate() + timedelta(7)
    # 14 days, 30 hours: 15 a week.
    factories.make_offering(course, starts_on=soon, ends_on=soon + timedelta(13))
    fits = {"hkqf_level": 5, "hours_a_week": 15, "languages": [english]}

    def heading_there(**changes):
        learner = factories.make_learner(target_roles=[role], **fits | changes)
        factories.make_enrolment(learner, first, "completed")
        return learner

    heading_there()
    heading_there(languages=[cantonese])
    heading_there(hours_a_week=14)
    heading_there(hkqf_level=4)
    heading_there(hkqf_level=4)
    factories.make_learner(target_roles=[role], **fits)
    heading_there(hkqf_level=4, hours_a_week=1)
    factories.make_enrolment(heading_there(), course, "saved")
    assert counts(carry_out()) == {
        ("python", 4): (
            8,
            7,
            {
                "language": 1,
                "hours": 1,
                "entry_level": 2,
                "prerequisite": 1,
                "in_learning": 1,
                "several": 1,
            },
        )
    }


@pytest.mark.parametrize(
    ("status", "level", "expected"),
    [
        ("enrolled", 3, {}),
        ("enrolled", 2, {("python", 4): (1, 1, {"untaught": 1})}),
        ("saved", 3, {("python", 4): (1, 1, {"in_learning": 1})}),
        ("dropped", 3, {("python", 4): (1, 1, {"in_learning": 1})}),
    ],
)
def test_who_is_enrolled_in_a_course_that_leads_further_needs_no_new_one(
    python, role, status, level, expected
):
    learner = factories.make_learner(target_roles=[role], holds={python: 2})
    factories.make_enrolment(learner, factories.make_course(raises={python: level}), status)
    assert counts(carry_out()) == expected


def test_a_course_under_way_counts_though_nobody_else_can_join(python, role):
    course = factories.make_course(raises={python: 4}, status="closed")
    factories.make_enrolment(factories.make_learner(target_roles=[role]), course, "enrolled")
    assert counts(carry_out()) == {}


def test_a_course_without_an_open_offering_is_why(python, role):
    factories.make_offering(factories.make_course(raises={python: 4}), seats=0)
    factories.make_learner(target_roles=[role])
    assert counts(carry_out()) == {("python", 4): (1, 1, {"no_offering": 1})}


def test_the_highest_level_of_the_roles_that_the_skill_matters_to_counts(python, role):
    lower = factories.make_role(needs={python: (0.1, 2)})
    unimportant = factories.make_role(needs={python: (0.0, 5)})
    factories.make_learner(target_roles=[role, lower, unimportant])
    factories.make_learner(target_roles=[lower])
    factories.make_learner(target_roles=[unimportant])
    assert set(brief(carry_out())) == {("python", 4), ("python", 2)}


def test_synthetic_learners_are_counted_and_counted_on_their_own(python, role):
    factories.make_course(raises={python: 1})
    for is_synthetic in (True, True, False):
        factories.make_learner(target_roles=[role], holds={python: 1}, is_synthetic=is_synthetic)
    factories.make_learner(target_roles=[role], is_synthetic=True)
    [row] = brief(carry_out()).values()
    assert (row.n_lacking, row.n_unlocked) == (4, 3)
    assert (row.n_synthetic_lacking, row.n_synthetic_unlocked) == (3, 2)


def test_a_shortage_stands_beside_it_or_is_unknown(python, role):
    other = factories.make_skill("vision")
    factories.make_learner(target_roles=[role, factories.make_role(needs={other: (1.0, 1)})])
    factories.make_openings(role, 10)
    # The run counts the supply: nobody meets the role yet.
    rows = brief(carry_out())
    assert (rows["vision", 1].shortage, rows["vision", 1].is_shortage_synthetic) == (None, False)
    assert (rows["python", 4].shortage, rows["python", 4].is_shortage_synthetic) == (1, False)


def test_a_shortage_from_synthetic_openings_is_marked(python, role):
    factories.make_learner(target_roles=[role])
    factories.make_openings(role, 10, is_synthetic=True)
    assert [row.is_shortage_synthetic for row in brief(carry_out()).values()] == [True]


def test_each_run_has_its_own_brief_and_those_out_of_reach_are_cleared(python, role):
    factories.make_course()
    factories.make_learner(target_roles=[role])
    made = [carry_out() for _ in range(4)]
    assert [bool(brief(run)) for run in made] == [False, True, True, True]


def test_blocks_add_up(python, role, monkeypatch):
    for level in (0, 1, 2, 3, 4):
        factories.make_learner(target_roles=[role], holds={python: level} if level else {})
    monkeypatch.setattr(facts, "LEARNERS_A_BLOCK", 2)
    assert counts(carry_out()) == {("python", 4): (4, 4, {"untaught": 4})}


@given(worlds())
@settings(max_examples=100, deadline=None)
def test_counts_equal_those_made_one_learner_and_one_course_at_a_time(world):
    _, courses, roles, learners, _ = world
    missing = MissingCourses(courses, roles)
    missing.add(learners)
    may, raises = allowed(courses, learners), courses.raises.toarray()
    lacking, unlocked = np.zeros_like(missing.lacking), np.zeros_like(missing.unlocked)
    for row, skill in np.ndindex(learners.held.shape):
        levels = [roles.level[r][skill] for r in learners.roles[row] if roles.importance[r][skill] > 0]
        needed, held = max(levels, default=0), learners.held[row, skill]
        if needed > held:
            place = int(learners.is_synthetic[row]), skill * 6 + needed
            lacking[place] += 1
            unlocked[place] += not ((may | learners.enrolled)[row] & (raises[:, skill] > held)).any()
    assert (missing.lacking == lacking).all()
    assert (missing.unlocked == unlocked).all()


@given(worlds(), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_obstacles_equal_those_found_item_by_item(world, level):
    _, courses, _, learners, _ = world
    before, raises = broken_rules(courses, learners), courses.raises.toarray()
    needed = np.full(learners.held.shape, level)
    found = obstacles(needed, learners.held, before, courses.raises)
    for row, skill in np.ndindex(learners.held.shape):
        held = learners.held[row, skill]
        leads = np.flatnonzero(raises[:, skill] > held) if level > held else []
        sets = [set(Rule(int(before[row, item]))) for item in leads]
        assert found.fewest[row, skill] == min(map(len, sets), default=NO_ITEM)
        alone = set().union(*(each for each in sets if len(each) == 1))
        assert set(Rule(int(found.alone[row, skill]))) == alone
