"""Rows become the facts that the rules and the model go by: each rule on rows in the database."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.utils import timezone

from recommender.learners import consents, services
from recommender.recommendations.dataset import read_training
from recommender.recommendations.facts import read_courses, read_learners, read_vocabulary
from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import Run
from recommender.recommendations.packing import Source
from recommender.recommendations.rules import allowed
from recommender.recommendations.runs import carry_out
from recommender.skills.models import Language
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
SOON = {"starts_on": timezone.localdate() + timedelta(7), "ends_on": timezone.localdate() + timedelta(20)}


def listed(learner):
    return {item.course.code for item in shown_list(learner).items}


def test_offerings_that_are_full_or_begun_close_a_course_and_open_ones_do_not():
    for code, dates in {
        "open": SOON,
        "full": SOON | {"seats": 0},
        "begun": {"starts_on": date(2020, 1, 1), "ends_on": date(2099, 1, 1)},
    }.items():
        factories.make_offering(factories.make_course(code), **dates)
    factories.make_course("any time")
    assert listed(factories.make_learner()) == {"open", "any time"}


def test_who_lacks_the_level_or_the_hours_is_not_shown_the_course():
    factories.make_course("degree", entry_hkqf_level=5)
    factories.make_course("day", study_pattern="full_time")
    # 14 days, 20 hours: ten a week.
    factories.make_offering(factories.make_course("evening", notional_hours=20), **SOON)
    assert listed(factories.make_learner()) == {"degree", "day", "evening"}
    assert listed(factories.make_learner(hkqf_level=4, hours_a_week=10)) == {"evening"}
    assert listed(factories.make_learner(hkqf_level=5, hours_a_week=9)) == {"degree"}
    assert listed(factories.make_learner(hkqf_level=5, hours_a_week=20)) == {"degree", "day", "evening"}


def test_a_course_in_another_language_is_not_shown():
    english, cantonese = (Language.objects.get_or_create(pk=code)[0] for code in ("en", "yue"))
    factories.make_course("english", languages=[english])
    factories.make_course("both", languages=[english, cantonese])
    factories.make_course("unknown")
    assert listed(factories.make_learner(languages=[cantonese])) == {"both", "unknown"}
    assert listed(factories.make_learner()) == {"english", "both", "unknown"}


def test_prerequisites_are_met_by_what_is_held_and_by_what_was_completed():
    skill = factories.make_skill()
    first = factories.make_course("first", raises={skill: 3})
    factories.make_course("by skill", needs={skill: 3})
    factories.make_course("by course", after=[first])
    holder, learner = factories.make_learner(holds={skill: 3}), factories.make_learner(holds={skill: 2})
    assert listed(holder) == {"first", "by skill"}
    assert listed(learner) == {"first"}
    services.record_enrolment(learner, first, "completed")
    assert listed(learner) == {"by skill", "by course"}


def test_only_those_who_consent_are_learned_from_in_the_order_of_time():
    courses = [factories.make_course() for _ in range(3)]
    consenting, silent = factories.make_learner(), factories.make_learner(consents=False)
    moment = timezone.now()
    factories.make_enrolment(consenting, courses[0], at=moment)
    factories.make_enrolment(consenting, courses[1], at=moment - timedelta(1))
    factories.make_enrolment(consenting, courses[2])
    factories.make_enrolment(silent, courses[0])
    training = read_training()
    assert training.X.shape == (1, 3)
    # Unknown times come first, then the earlier of the two.
    assert np.argsort(training.times.toarray()[0]).tolist() == [2, 1, 0]


def test_dropped_courses_teach_nothing():
    factories.make_enrolment(factories.make_learner(), factories.make_course(), status="dropped")
    assert read_training().X.nnz == 0


@pytest.mark.parametrize("refreshed", [True, False])
def test_withdrawn_consent_shows_at_once_even_where_no_refresh_came(refreshed):
    courses = [factories.make_course(f"c{number}") for number in range(30)]
    for _ in range(8):
        one = factories.make_learner()
        for course in courses[:5]:
            factories.make_enrolment(one, course)
    learner = factories.make_learner()
    factories.make_enrolment(learner, courses[0])
    carry_out(Run.objects.create().pk)
    assert Source.MODEL in {item.source for item in shown_list(learner).items}
    if refreshed:
        consents.decide(learner, consents.Purpose.PROFILING, False)
    else:
        type(learner).objects.update(consents_to_profiling=False)
        learner.refresh_from_db()
    assert {item.source for item in shown_list(learner).items} == {Source.POPULAR}


def test_withdrawn_consent_leaves_a_full_list_in_a_small_catalogue():
    courses = [factories.make_course() for _ in range(6)]
    for _ in range(8):
        one = factories.make_learner()
        for course in courses:
            factories.make_enrolment(one, course)
    learner = factories.make_learner()
    factories.make_enrolment(learner, courses[0])
    carry_out(Run.objects.create().pk)
    type(learner).objects.update(consents_to_profiling=False)
    learner.refresh_from_db()
    assert [item.source for item in shown_list(learner).items] == [Source.POPULAR] * 5


def test_a_sector_of_few_does_not_show_what_they_did():
    sector = factories.make_sector()
    factories.make_enrolment(factories.make_learner(sector=sector), factories.make_course())
    factories.make_course()
    carry_out(Run.objects.create().pk)
    peer = factories.make_learner(sector=sector)
    assert {item.source for item in shown_list(peer).items} == {Source.POPULAR}


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"hkqf_level": 6, "hkqf_basis": "award"}, 5),
        ({"hkqf_level": 5, "hkqf_basis": "award"}, 3),
        ({"hkqf_level": 6, "hkqf_basis": "award", "entry_hkqf_level": 4}, 4),
        ({"hkqf_level": 2, "hkqf_basis": "stated"}, 0),
        ({}, 0),
    ],
)
def test_the_level_that_usually_comes_before_counts_where_none_is_stated(fields, level):
    factories.make_course(**fields)
    assert read_courses(read_vocabulary(), on=timezone.localdate()).entry_level.tolist() == [level]


@pytest.mark.parametrize(
    ("pattern", "hours"),
    [("full_time", 20), ("part_time", 6), ("full_or_part_time", 6), ("self_paced", 0), ("", 0)],
)
def test_hours_a_week_are_assumed_where_times_are_fixed_and_nothing_is_stated(pattern, hours):
    factories.make_course(study_pattern=pattern)
    assert read_courses(read_vocabulary(), on=timezone.localdate()).hours_a_week.tolist() == [hours]


def test_what_an_enrolment_gave_is_gone_from_the_facts_without_it():
    skill = factories.make_skill()
    first, second = factories.make_course(raises={skill: 3}), factories.make_course(needs={skill: 3})
    learner, other = factories.make_learner(), factories.make_learner()
    for somebody in (learner, other):
        factories.make_enrolment(somebody, first, "completed")
        factories.make_enrolment(somebody, second)
    vocabulary = read_vocabulary()
    courses = read_courses(vocabulary, on=timezone.localdate())
    ids, left_out = [learner.pk, other.pk], [(learner.pk, first.pk)]
    facts = read_learners(vocabulary, courses, ids, without=left_out)
    assert facts.held.tolist() == [[0], [3]]
    assert facts.completed.tolist() == [[False, False], [True, False]]
    assert facts.in_learning.tolist() == [[False, True], [False, True]]
    assert facts.history.tolist() == [[0, second.pk], [1, first.pk], [1, second.pk]]
    assert allowed(courses, facts).tolist() == [[True, False], [False, False]]
