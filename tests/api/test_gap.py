"""The gap through the API: the caller's own, levels as numbers, nothing unknown as zero."""

import pytest

from tests.factories import make_course, make_enrolment, make_openings, make_role, make_skill, make_supply
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
GAP = "/api/v1/me/gap/"


def set_goal(learner, **options):
    python, vision = make_skill("python", **options), make_skill("vision")
    role = make_role("engineer", needs={python: (0.5, 4), vision: (1.0, 2)})
    learner.target_roles.add(role)
    return python, vision, role


def test_only_people_with_an_account_have_a_gap(cast):
    assert cast["anonymous"].get(GAP).status_code == 403


@pytest.mark.parametrize("part", ["other", "officer", "staff", "superuser"])
def test_nobody_sees_the_gap_of_the_owner(cast, part):
    set_goal(cast["owner"].user.learner)
    assert len(cast["owner"].get(GAP).json()["roles"]) == 1
    assert cast[part].get(GAP).json() == {"roles": [], "skills": []}


def test_the_gap_in_full(cast):
    owner = cast["owner"].user.learner
    python, vision, role = set_goal(owner)
    course = make_course("p", title_en="Python", raises={python: 3})
    make_enrolment(owner, course, "completed")
    make_course("v", title_en="Seeing", raises={vision: 1})
    make_openings(role, 100)
    make_supply(role, n_meeting=90)
    named = {"name": {"en": "vision", "zh-Hant": "", "zh-Hans": ""}, "slug": "vision"}
    gap = cast["owner"].get(GAP).json()
    [shown] = gap["roles"]
    assert shown["covered"] == pytest.approx(0.5 * 3 / 4)
    assert shown["skills"][0] == {
        "skill": named,
        "needed": 2,
        "held": 0,
        "missing": 2,
        "importance": 1.0,
        "shortage": {"share": pytest.approx(0.1), "is_synthetic": False},
        "evidence": [],
    }
    [evidence] = shown["skills"][1]["evidence"]
    assert (evidence["kind"], evidence["level"], evidence["course"]["code"]) == ("completed", 3, "p")
    assert [(lacked["skill"]["slug"], lacked["gap"]) for lacked in gap["skills"]] == [
        ("vision", 2.0),
        ("python", 0.5),
    ]
    assert [(c["course"]["code"], c["level"]) for c in gap["skills"][0]["courses"]] == [("v", 1)]
    assert gap["skills"][1]["courses"] == []


def test_what_is_unknown_is_null(cast):
    owner = cast["owner"].user.learner
    set_goal(owner)
    owner.target_roles.add(make_role("a-new-role"))
    gap = cast["owner"].get(GAP).json()
    assert gap["roles"][0]["covered"] is None
    assert {lacked["shortage"]["share"] for lacked in gap["skills"]} == {None}


def test_the_gap_asks_as_much_of_20_skills_as_of_two(cast):
    owner = cast["owner"].user.learner
    python, vision, _ = set_goal(owner)
    make_enrolment(owner, make_course(raises={python: 1}), "completed")
    make_course(raises={vision: 1})
    before = count_queries(cast["owner"], GAP)
    skills = [make_skill() for _ in range(20)]
    owner.target_roles.add(make_role(needs=dict.fromkeys(skills, (0.5, 4))))
    make_enrolment(owner, make_course(raises=dict.fromkeys(skills, 2)), "completed")
    make_course(raises=dict.fromkeys(skills, 3))
    assert count_queries(cast["owner"], GAP) == before
