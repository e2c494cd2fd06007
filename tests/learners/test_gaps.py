"""What somebody lacks for their target roles, what they hold, and how that is known."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.learners.gaps import evidence_of, gap_of, highest_needed, levels
from recommender.recommendations.facts import read_courses, read_learners, read_vocabulary
from recommender.workforce.models import RoleSkill
from tests.factories import (
    make_course,
    make_enrolment,
    make_learner,
    make_openings,
    make_role,
    make_skill,
    make_supply,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hand_worked():
    """Two roles, three skills; python 2 stated, 3 from a course; statistics confirmed at 4."""
    python, statistics, vision = (make_skill(name) for name in ("python", "statistics", "vision"))
    scientist = make_role("a-scientist", needs={python: (1.0, 5), statistics: (0.5, 3)})
    engineer = make_role("b-engineer", needs={python: (0.4, 4), vision: (0.9, 2)})
    course = make_course("python-3", raises={python: 3})
    learner = make_learner(target_roles=[scientist, engineer], holds={python: 2, statistics: 4})
    learner.skills_held.filter(skill=statistics).update(evidence="confirmed")
    make_enrolment(learner, course, "completed")
    make_enrolment(learner, make_course("not yet", raises={vision: 5}), "enrolled")
    return learner, python, statistics, vision, course


def test_the_gap_of_each_role_worked_by_hand(hand_worked):
    learner, python, statistics, vision, _ = hand_worked
    scientist, engineer = gap_of(learner).roles
    assert [(n.skill, n.needed, n.held, n.missing, n.importance) for n in scientist.needed] == [
        (python, 5, 3, 2, 1.0),
        (statistics, 3, 4, 0, 0.5),
    ]
    # (1.0 * 3 + 0.5 * 3) / (1.0 * 5 + 0.5 * 3)
    assert scientist.covered == pytest.approx(4.5 / 6.5)
    # vision 0.9 * 2 before python 0.4 * 1
    assert [(n.skill, n.held, n.missing) for n in engineer.needed] == [(vision, 0, 2), (python, 3, 1)]
    assert engineer.covered == pytest.approx(0.4 * 3 / (0.4 * 4 + 0.9 * 2))


def test_the_gap_of_all_roles_together_is_that_of_the_role_that_lacks_most(hand_worked):
    learner, python, _, vision, _ = hand_worked
    # python: max(1.0 * 2, 0.4 * 1); vision: 0.9 * 2
    assert [(lacked.skill, lacked.gap) for lacked in gap_of(learner).skills] == [
        (python, pytest.approx(2.0)),
        (vision, pytest.approx(1.8)),
    ]


def test_each_level_comes_with_how_it_is_known(hand_worked):
    learner, python, statistics, _, course = hand_worked
    [scientist, _] = gap_of(learner).roles
    known = {n.skill: [(e.kind, e.level, e.course) for e in n.evidence] for n in scientist.needed}
    assert known == {
        python: [("completed", 3, course), ("stated", 2, None)],
        statistics: [("confirmed", 4, None)],
    }


def test_a_shortage_is_unknown_or_what_the_roles_give(hand_worked):
    learner, python, statistics, vision, _ = hand_worked
    scientist = learner.target_roles.get(slug="a-scientist")
    assert {lacked.shortage.share for lacked in gap_of(learner).skills} == {None}
    make_openings(scientist, 100)
    make_supply(scientist, n_meeting=30)
    gap = gap_of(learner)
    assert {lacked.skill: lacked.shortage.share for lacked in gap.skills} == {python: 0.7, vision: None}
    assert {n.skill: n.shortage.share for n in gap.roles[0].needed} == {python: 0.7, statistics: 0.7}


def test_a_shortage_is_synthetic_where_synthetic_figures_had_a_part(hand_worked):
    learner, python, _, vision, _ = hand_worked
    for role, n_synthetic in (("a-scientist", 1), ("b-engineer", 0)):
        role = learner.target_roles.get(slug=role)
        make_openings(role, 100)
        make_supply(role, n_meeting=25, n_synthetic_meeting=n_synthetic)
    gap = gap_of(learner)
    assert {lacked.skill: lacked.shortage.is_synthetic for lacked in gap.skills} == {
        python: True,
        vision: False,
    }


def test_who_has_no_role_or_a_role_without_skills_has_no_gap():
    gap = gap_of(make_learner())
    assert (gap.roles, gap.skills) == ([], [])
    [role] = gap_of(make_learner(target_roles=[make_role()])).roles
    assert (role.needed, role.covered) == ([], None)


def test_who_holds_everything_covers_the_whole_role():
    skill = make_skill()
    gap = gap_of(make_learner(target_roles=[make_role(needs={skill: (0.3, 4)})], holds={skill: 5}))
    assert gap.roles[0].covered == 1
    assert gap.roles[0].missing == gap.skills == []


def test_the_queries_do_not_grow(hand_worked, django_assert_num_queries):
    learner = hand_worked[0]
    make_openings(learner.target_roles.first(), 10)
    make_supply(learner.target_roles.first())
    skills = [make_skill() for _ in range(20)]
    many = make_learner(
        target_roles=[make_role(needs=dict.fromkeys(skills, (0.5, 4))) for _ in range(5)],
        holds=dict.fromkeys(skills, 2),
    )
    for _ in range(5):
        make_enrolment(many, make_course(raises=dict.fromkeys(skills, 3)), "completed")
    for somebody in (learner, many):
        with django_assert_num_queries(10):
            gap_of(somebody)


@given(st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_job_and_the_gap_agree_on_what_is_held(data):
    skills = [make_skill() for _ in range(3)]
    some_levels = st.dictionaries(st.sampled_from(skills), st.integers(1, 5))
    learner = make_learner(holds=data.draw(some_levels))
    for status in data.draw(st.lists(st.sampled_from(["completed", "enrolled", "dropped"]), max_size=4)):
        make_enrolment(learner, make_course(raises=data.draw(some_levels)), status)
    vocabulary = read_vocabulary()
    facts = read_learners(vocabulary, read_courses(vocabulary, on=learner.created_at.date()), [learner.pk])
    held = {
        pk: level
        for pk, level in zip(vocabulary.skills.tolist(), facts.held[0].tolist(), strict=True)
        if level
    }
    assert held == levels(evidence_of(learner))


def test_a_skill_that_does_not_matter_to_a_role_is_not_needed():
    python, vision = make_skill("python"), make_skill("vision")
    roles = [
        make_role("a", needs={python: (0.0, 5), vision: (1.0, 2)}),
        make_role("b", needs={python: (0.5, 3)}),
    ]
    gap = gap_of(make_learner(target_roles=roles, holds={vision: 1}))
    assert gap.highest_needed() == {python.pk: 3, vision.pk: 2}
    assert [role.covered for role in gap.roles] == [0.5, 0]
    needs = RoleSkill.objects.values_list("skill", "importance", "level")
    assert highest_needed(needs.filter(role=roles[0])) == {vision.pk: 2}
    assert highest_needed([]) == {}
