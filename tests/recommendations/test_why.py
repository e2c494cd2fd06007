"""Why a course is on a list or not: each rule with what it asks for; ranks equal to those of fresh lists."""

import re
from datetime import date, timedelta

import numpy as np
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommender.catalogue.models import Course
from recommender.learners.models import Enrolment, Event, SkillHeld
from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import RankingSettings, Run
from recommender.recommendations.refresh import inputs_of, live_run
from recommender.recommendations.rules import Rule, allowed
from recommender.recommendations.runs import carry_out
from recommender.recommendations.scoring import make_lists
from recommender.recommendations.why import why
from recommender.skills.models import Language
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


class City:
    """Courses and learners at random, a published run, and a learner with a goal and a past."""

    def __init__(self, seed):
        random = np.random.default_rng(seed)
        skills = [factories.make_skill() for _ in range(5)]
        english, cantonese = (Language.objects.get_or_create(pk=code)[0] for code in ("en", "yue"))
        self.courses = []
        for number in range(30):
            self.courses.append(
                factories.make_course(
                    raises={
                        skill: int(random.integers(1, 6)) for skill in random.choice(skills, 2, replace=False)
                    },
                    needs={skills[0]: 3} if random.random() < 0.1 else {},
                    after=[self.courses[3]] if number > 3 and random.random() < 0.1 else [],
                    languages=[english] if random.random() < 0.2 else [],
                    status="closed" if random.random() < 0.1 else "active",
                    entry_hkqf_level=5 if random.random() < 0.1 else None,
                    study_pattern="full_time" if random.random() < 0.1 else "",
                )
            )
        role = factories.make_role(needs={skill: (float(random.random()), 5) for skill in skills[:4]})
        factories.make_openings(role, 100)
        factories.make_supply(role, n_meeting=20)
        for _ in range(60):
            learner = factories.make_learner()
            first = random.integers(0, 25)
            for course in self.courses[first : first + 5]:
                factories.make_enrolment(learner, course, random.choice(["completed", "enrolled", "saved"]))
        self.learner = factories.make_learner(
            target_roles=[role],
            holds={skills[1]: 1},
            languages=[cantonese],
            hours_a_week=10,
            hkqf_level=4,
        )
        for at, status in ((3, "completed"), (4, "enrolled"), (5, "completed"), (6, "saved")):
            factories.make_enrolment(self.learner, self.courses[at], status)
        Event.objects.create(learner=self.learner, course=self.courses[7], kind="dismissed")
        RankingSettings.objects.update_or_create(id=1, defaults={"shortage_weight": 0.4})
        run = Run.objects.create()
        carry_out(run.pk)
        assert live_run() == run


@pytest.fixture
def city():
    return City(seed=0)


def fresh_list(learner):
    """Everything that the learner may be recommended as of now, as (course, rank, score)."""
    read = inputs_of(live_run(), [learner.pk])
    [items] = make_lists(*read, length=read.courses.ids.size)
    return {int(item["course"]): (rank, float(item["score"])) for rank, item in enumerate(items, start=1)}


def test_the_rank_and_score_said_are_those_of_a_list_made_anew(city):
    expected = fresh_list(city.learner)
    assert expected
    for course in city.courses:
        said = why(city.learner, course)
        own = said.own and (said.own.rank, said.own.score)
        assert own == expected.get(course.pk)
        if said.own:
            assert said.last.rank == min(10, len(expected))
            assert expected[said.last.course.pk] == (said.last.rank, said.last.score)
            assert said.is_listed == (said.own.rank <= 10)
            parts = said.own.by_relevance.share + said.own.by_value.share
            assert parts == pytest.approx(said.own.score, abs=1e-6)
        assert bool(said.obstacles) + bool(said.copies) + bool(said.own) == 1


def test_obstacles_agree_with_what_is_allowed(city):
    read = inputs_of(live_run(), [city.learner.pk])
    may = dict(zip(read.courses.ids.tolist(), allowed(read.courses, read.learners)[0].tolist(), strict=True))
    seen = set()
    for course in city.courses:
        obstacles = why(city.learner, course).obstacles
        assert may[course.pk] == (not obstacles)
        seen |= {obstacle.rule for obstacle in obstacles}
    assert {Rule.COMPLETED, Rule.IN_LEARNING, Rule.DISMISSED} <= seen


def changed(one, learner):
    """Makes the one thing so that a counterfactual supposes."""
    if one.level is None:
        Enrolment.objects.filter(learner=learner, course=one.subject).delete()
        Event.objects.filter(learner=learner, course=one.subject).delete()
    else:
        SkillHeld.objects.update_or_create(learner=learner, skill=one.subject, defaults={"level": one.level})


def test_what_would_move_it_equals_a_list_made_anew_after_it_really_happened(city):
    kinds = set()
    for course in city.courses:
        for one in why(city.learner, course).counterfactuals:
            with transaction.atomic():
                changed(one, city.learner)
                expected = fresh_list(city.learner).get(course.pk, (None, None))
                transaction.set_rollback(True)
            assert (one.rank, one.score) == expected
            kinds.add(type(one.subject).__name__)
    assert kinds == {"Course", "Skill"}


def test_a_reason_that_was_turned_down_says_so(city):
    """In the list and in the answer, and of no other course; the parts still add up."""
    dismissed = city.courses[7]
    seen = set()
    for course in city.courses:
        answer = why(city.learner, course)
        for one in answer.counterfactuals:
            assert one.is_turned_down == (one.subject == dismissed)
        for item in (answer.own, answer.last):
            for reason in item.by_relevance.reasons if item else ():
                assert reason.is_turned_down == (reason.subject == dismissed)
                seen.add(reason.is_turned_down)
    for item in shown_list(city.learner, limit=20).items:
        for reason in item.by_relevance.reasons:
            assert reason.is_turned_down == (reason.subject == dismissed)
    assert seen == {True, False}


def test_without_consent_no_past_course_is_named(city):
    city.learner.consents_to_profiling = False
    city.learner.save()
    subjects = [one.subject for course in city.courses for one in why(city.learner, course).counterfactuals]
    assert subjects
    assert not any(isinstance(subject, Course) for subject in subjects)


def only(learner, course):
    [obstacle] = why(learner, course).obstacles
    return obstacle


def test_each_rule_says_what_it_asks_for_and_what_there_is():
    english, cantonese = (Language.objects.get_or_create(pk=code)[0] for code in ("en", "yue"))
    skill, first = factories.make_skill(), factories.make_course()
    learner = factories.make_learner(holds={skill: 2}, languages=[cantonese], hours_a_week=8, hkqf_level=4)
    course = factories.make_course(status="closed")
    assert only(learner, course).rule == Rule.INACTIVE
    over = factories.make_course()
    factories.make_offering(over, starts_on=date(2020, 1, 1), ends_on=date(2020, 2, 1))
    assert only(learner, over).rule == Rule.NO_OFFERING
    entry = only(learner, factories.make_course(entry_hkqf_level=5))
    assert (entry.rule, entry.needed, entry.have) == (Rule.ENTRY_LEVEL, 5, 4)
    evening = factories.make_course(notional_hours=30)
    soon = timezone.localdate() + timedelta(7)
    factories.make_offering(evening, starts_on=soon, ends_on=soon + timedelta(13))
    time = only(learner, evening)
    assert (time.rule, time.needed, time.have) == (Rule.HOURS, 15, 8)
    spoken = only(learner, factories.make_course(languages=[english]))
    assert (spoken.rule, spoken.languages) == (Rule.LANGUAGE, (english,))
    needs = only(learner, factories.make_course(needs={skill: 3}, after=[first]))
    assert (needs.rule, needs.courses) == (Rule.PREREQUISITE, (first,))
    assert [(lacked.skill, lacked.needed, lacked.held) for lacked in needs.skills] == [(skill, 3, 2)]
    both = why(learner, factories.make_course(status="closed", entry_hkqf_level=6)).obstacles
    assert [obstacle.rule for obstacle in both] == [Rule.INACTIVE, Rule.ENTRY_LEVEL]


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        ("completed", Rule.COMPLETED),
        ("saved", Rule.IN_LEARNING),
        ("enrolled", Rule.IN_LEARNING),
        ("dropped", Rule.IN_LEARNING),
    ],
)
def test_what_the_learner_did_with_it_is_why(status, rule):
    learner, course = factories.make_learner(), factories.make_course()
    factories.make_enrolment(learner, course, status)
    assert only(learner, course).rule == rule


def test_a_near_copy_is_passed_over_for_those_that_come_first():
    titles = ["Introduction to machine learning with Python"] * 4
    courses = [factories.make_course(title_en=title) for title in titles]
    other = factories.make_course(title_en="History of painting")
    for course in courses[:3]:
        factories.make_enrolment(factories.make_learner(), course)
    run = Run.objects.create()
    carry_out(run.pk)
    learner = factories.make_learner()
    answers = [why(learner, course) for course in courses]
    listed = [answer.own.course for answer in answers if answer.own]
    passed_over = [answer for answer in answers if answer.copies]
    assert (len(listed), len(passed_over)) == (2, 2)
    for answer in passed_over:
        assert [copy.course for copy in answer.copies] == sorted(
            listed, key=lambda course: why(learner, course).own.rank
        )
        assert not answer.is_listed
    assert why(learner, other).is_listed


def test_before_the_first_run_the_answer_rests_on_the_goal():
    skill = factories.make_skill()
    role = factories.make_role(needs={skill: (1.0, 4)})
    far, near = factories.make_course(raises={skill: 4}), factories.make_course(raises={skill: 2})
    learner = factories.make_learner(target_roles=[role])
    said = why(learner, near, limit=1)
    assert (said.run, said.own.rank, said.last.rank, said.last.course) == (None, 2, 1, far)
    assert not said.is_listed
    # Holding level 2 already, the course adds nothing: it stays the second, as one that anybody may take.
    [one] = said.counterfactuals
    assert (one.subject, one.level, one.rank) == (skill, 2, 2)


def test_an_answer_asks_no_more_than_so_many_queries_and_writes_nothing(city):
    asked = []
    for course in city.courses:
        with CaptureQueriesContext(connection) as queries:
            why(city.learner, course)
        asked.append(len(queries))
        assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        # Nothing that other learners did is read, however many they are.
        of_people = [query["sql"] for query in queries if 'FROM "learners_' in query["sql"]]
        assert of_people
        assert all(re.search(rf"\b{city.learner.pk}\b", sql) for sql in of_people)
    # Up to three past courses, each with what would be held without it.
    assert max(asked) <= 37
    for _ in range(50):
        factories.make_enrolment(factories.make_learner(), city.courses[3], "completed")
    with CaptureQueriesContext(connection) as queries:
        why(city.learner, city.courses[-1])
    assert len(queries) == asked[-1]
