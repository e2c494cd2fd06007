"""The page of the gap: bars, levels in words, evidence, shortage, and the courses that close it."""

import re

import pytest

from recommender.recommendations.closing import closing_courses
from tests.cast import signed_in
from tests.factories import (
    make_course,
    make_enrolment,
    make_learner,
    make_offering,
    make_openings,
    make_role,
    make_skill,
    make_supply,
    make_user,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
PAGE = "/my-gap/"


def text_of(page):
    """The words of a page, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def bars(page):
    """Widths of what is needed and what is held, bar by bar."""
    chart = re.search(r'<ul class="gap-chart">.*?</ul>', page.content.decode(), re.S).group()
    return re.findall(r'bar-next" width="(\d+)".*?bar-part" width="(\d+)"', chart, re.S)


def test_the_page_shows_levels_evidence_importance_and_an_unknown_shortage(city, ada):
    page = ada.get(PAGE)
    words = text_of(page)
    assert "You cover 36% of the skill levels this role needs. 2 skills are not there yet." in words
    # Python 2 of 4 and statistics 0 of 3, on bars of 100 for level 5.
    assert bars(page) == [("80", "40"), ("60", "0")]
    row = re.search(r"Python Importance.*?2 levels missing", words).group()
    assert row == (
        "Python Importance for the role: 100% Shortage unknown "
        "Beginner You said so: Beginner Advanced 2 levels missing"
    )
    assert "statistics Importance for the role: 50% Shortage unknown None Independent" in words


def test_evidence_names_the_course_and_the_officer(city, ada):
    course = make_course(title_en="Numbers", raises={city.statistics: 2})
    make_enrolment(city.learner, course, "completed")
    city.learner.skills_held.update(evidence="confirmed")
    words = text_of(ada.get(PAGE))
    assert "Confirmed by an officer: Beginner" in words
    assert "From Numbers: Beginner" in words


def test_a_known_shortage_is_shown(city, ada):
    make_openings(city.role, 200)
    make_supply(city.role, n_meeting=50)
    assert text_of(ada.get(PAGE)).count("Large shortage 75%") == 2


def test_a_shortage_that_rests_on_synthetic_figures_says_so(city, ada):
    make_openings(city.role, 200)
    make_supply(city.role, n_meeting=50, n_synthetic_meeting=1)
    assert text_of(ada.get(PAGE)).count("Large shortage 75% Synthetic figures") == 2


def test_courses_that_close_the_gap_are_those_that_may_be_taken(city, ada):
    words = text_of(ada.get(PAGE))
    # `rich` needs statistics, which Ada does not have; `free` leads her to level 3 in Python.
    assert "Python Résumé writing for coders University of Hong Kong. Leads to: Independent" in words
    assert "statistics No open course that you can take leads further at present." in words
    make_course("open", title_en="Figures", raises={city.statistics: 1}, provider=city.rich.provider)
    assert "statistics Figures University of Hong Kong. Leads to: Aware" in text_of(ada.get(PAGE))


def test_the_furthest_course_comes_first_then_the_shortest_and_only_two():
    skill = make_skill()
    for code, level, hours in [("far", 5, 90), ("farther", 4, 40), ("near", 2, 1), ("unknown", 4, None)]:
        make_course(code, raises={skill: level}, notional_hours=hours)
    make_course("same", raises={skill: 1})
    make_offering(make_course("over", raises={skill: 5}, notional_hours=1), seats=0)
    learner = make_learner(holds={skill: 1})
    [found] = closing_courses(learner, {skill.pk: 4}).values()
    assert [(closing.course.code, closing.level) for closing in found] == [("farther", 4), ("far", 5)]
    [found] = closing_courses(learner, {skill.pk: 4}, most=9).values()
    assert [closing.course.code for closing in found] == ["farther", "far", "unknown", "near"]


def test_one_of_several_roles_is_chosen(city, ada):
    vision = make_skill(name_en="vision")
    city.learner.target_roles.add(make_role("engineer", name_en="Vision engineer", needs={vision: (1.0, 2)}))
    assert "vision Importance" not in text_of(ada.get(PAGE))
    page = ada.get(f"{PAGE}?role=engineer")
    assert "vision Importance" in text_of(page)
    assert len(re.findall(r'aria-current="page">Vision engineer', page.content.decode())) == 1
    assert ada.get(f"{PAGE}?role=nobody").context["chosen"].gap.role == city.role


def test_without_a_role_the_page_asks_for_one(db):
    words = text_of(signed_in(make_user()).get(PAGE))
    assert "No role yet" in words
    assert "Set my goal" in words


def test_with_nothing_missing_the_page_says_so(city, ada):
    city.learner.skills_held.update(level=5)
    make_enrolment(city.learner, city.rich, "completed")
    words = text_of(ada.get(PAGE))
    assert "Nothing is missing" in words
    assert "You cover 100%" in words
    assert "Courses that close it" not in words


def test_a_role_whose_skills_nobody_knows_has_no_percentage(city, ada):
    city.learner.target_roles.set([make_role()])
    for page in (PAGE, "/courses-for-you/"):
        words = text_of(ada.get(page))
        assert "Which skills this role needs is not known yet." in words
        assert "You cover" not in words


def test_the_page_asks_no_more_of_20_skills_than_of_two(city, ada):
    before = count_queries(ada, PAGE)
    skills = [make_skill() for _ in range(20)]
    city.learner.target_roles.set([make_role(needs=dict.fromkeys(skills, (0.5, 4))) for _ in range(3)])
    for _ in range(5):
        make_enrolment(city.learner, make_course(raises=dict.fromkeys(skills, 2)), "completed")
        make_course(raises=dict.fromkeys(skills, 3))
    assert count_queries(ada, PAGE) == before
