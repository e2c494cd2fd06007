"""Pathways of learners as stored: what facts they rest on, what is kept, and what comes first on the list."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from recommender.catalogue.models import SubsidyListing, SubsidyScheme
from recommender.learners.models import Event, SavedPathway
from recommender.learners.pathways import Progress, next_courses, save_pathway, saved_pathways
from recommender.learners.services import add_subsidy_claim
from recommender.recommendations import facts as facts_of
from recommender.recommendations import lists, pathways
from recommender.recommendations.lists import shown_list
from recommender.recommendations.packing import Demand, Source
from recommender.recommendations.pathway_wish import Wish, wish_of
from recommender.recommendations.pathways import Question, is_at_own_pace, pathways_to
from recommender.recommendations.why import why
from recommender.skills.models import Language
from tests.factories import (
    make_course,
    make_enrolment,
    make_learner,
    make_listing,
    make_offering,
    make_role,
    make_skill,
)
from tests.services import wait_for

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def nothing_known():
    cache.clear()


def wish(**asked):
    return Wish(**{"coverage": 100, "hours_a_week": 5, "budget_cents": None, "starts_on": TODAY} | asked)


def found(learner, role, **asked):
    return pathways_to(learner, role, wish(**asked), today=TODAY)


def codes(pathways):
    return {each.kind: [step.course.code for step in each.steps] for each in pathways.alternatives}


def only_change(pathways):
    ((change,),) = pathways.why_none.changes
    return change.limit, change.before, change.after


@pytest.fixture
def vision():
    return make_skill("vision")


@pytest.fixture
def role(vision):
    return make_role("engineer", needs={vision: (1.0, 4)})


def in_days(first, last):
    return {"starts_on": TODAY + timedelta(days=first), "ends_on": TODAY + timedelta(days=last)}


def test_from_nothing_through_a_prerequisite_to_the_role(vision, role):
    basics = make_course("basics", raises={vision: 2}, notional_hours=10, mode="online", fee_cents=0)
    make_offering(
        make_course("advanced", raises={vision: 4}, after=[basics], fee_cents=200_000, notional_hours=20),
        **in_days(20, 47),
    )
    answer = found(make_learner(), role)
    both = ["basics", "advanced"]
    assert codes(answer) == {"fastest": both, "cheapest": both, "surest": both}
    fastest = answer.alternatives[0]
    assert [(step.starts_on, step.ends_on) for step in fastest.steps] == [
        (TODAY, TODAY + timedelta(days=13)),
        (TODAY + timedelta(days=20), TODAY + timedelta(days=47)),
    ]
    assert (answer.covered_now, fastest.covered, fastest.net_cents, fastest.weeks) == (0, 100, 200_000, 7)
    assert fastest.most_hours_a_week == 5


def test_what_is_held_completed_or_turned_down_counts(vision, role):
    basics = make_course("basics", raises={vision: 2}, notional_hours=10)
    turned_down = make_course("a", raises={vision: 4}, notional_hours=1)
    make_course("b", raises={vision: 4}, after=[basics], notional_hours=10)
    learner = make_learner()
    make_enrolment(learner, basics, "completed")
    Event.objects.create(learner=learner, course=turned_down, kind="dismissed")
    assert codes(found(learner, role))["fastest"] == ["b"]
    assert found(make_learner(holds={vision: 4}), role).alternatives[0].steps == []


def test_what_is_under_way_is_not_planned_again_and_counts_as_in_place(vision, role):
    basics = make_course("basics", raises={vision: 2}, notional_hours=10, fee_cents=50_000)
    make_course("advanced", raises={vision: 4}, after=[basics], notional_hours=10, fee_cents=70_000)
    learner = make_learner()
    make_enrolment(learner, basics, "enrolled")
    answer = found(learner, role)
    assert set(map(tuple, codes(answer).values())) == {("advanced",)}
    assert (answer.covered_now, answer.under_way, answer.alternatives[0].net_cents) == (0, [basics], 70_000)
    half = found(learner, role, coverage=50)
    assert (half.alternatives[0].steps, half.alternatives[0].covered) == ([], 50)


def test_the_fund_pays_adults_only(vision, role):
    course = make_course("paid", raises={vision: 4}, fee_cents=1_600_000, notional_hours=10)
    make_offering(course, **in_days(10, 30))
    fund = SubsidyScheme.objects.get()
    SubsidyListing.objects.create(scheme=fund, course=course, is_listed=True)
    grown, young = make_learner(born_on=date(1990, 1, 1)), make_learner(born_on=date(2010, 1, 1))
    (cheapest,) = [each for each in found(grown, role).alternatives if each.kind == "cheapest"]
    assert (cheapest.pay_now_cents, cheapest.back_cents, cheapest.net_cents) == (
        1_600_000,
        1_210_000,
        390_000,
    )
    assert found(young, role).alternatives[1].net_cents == 1_600_000
    assert only_change(found(young, role, budget_cents=400_000)) == ("budget", 400_000, 1_600_000)


def test_a_scheme_pays_no_more_courses_than_it_has_claims_left(vision, role):
    basics = make_course("basics", raises={vision: 2}, notional_hours=10, fee_cents=100_000)
    last = make_course("last", raises={vision: 4}, after=[basics], notional_hours=10, fee_cents=200_000)
    for course in (basics, last):
        make_listing(course)
    scheme, learner = SubsidyScheme.objects.get(slug="cef"), make_learner()
    scheme.rules.update(max_claims=2)
    assert found(learner, role).alternatives[1].back_cents == 240_000
    add_subsidy_claim(learner, scheme, 100, TODAY)
    cheapest = found(learner, role).alternatives[1]
    assert cheapest.back_cents == 160_000
    assert [step.is_subsidised for step in cheapest.steps] == [False, True]


def test_age_and_listing_are_those_of_the_start(vision, role):
    come_of_age = TODAY + timedelta(days=30)
    course = make_course("paid", raises={vision: 4}, fee_cents=500_000, notional_hours=10)
    make_listing(course, listed_from=come_of_age)
    learner = make_learner(born_on=come_of_age.replace(year=come_of_age.year - 18))
    assert found(learner, role).alternatives[1].net_cents == 500_000
    assert found(learner, role, starts_on=come_of_age).alternatives[1].net_cents == 100_000


def test_a_free_course_is_no_unknown_fee(vision, role):
    make_course("free", raises={vision: 4}, notional_hours=10, fee_cents=0)
    make_course("unknown", raises={vision: 4}, notional_hours=10)
    (cheapest,) = [each for each in found(make_learner(), role).alternatives if each.kind == "cheapest"]
    assert ([step.course.code for step in cheapest.steps], cheapest.n_unknown_fees) == (["free"], 0)


def test_three_hours_cantonese_only_and_little_money(vision, role):
    english, _ = Language.objects.get_or_create(code="en", defaults={"name_en": "English"})
    cantonese, _ = Language.objects.get_or_create(code="yue", defaults={"name_en": "Cantonese"})
    make_course("english", raises={vision: 4}, notional_hours=10, languages=[english], fee_cents=0)
    course = make_course(
        "dear", raises={vision: 4}, notional_hours=20, languages=[cantonese], fee_cents=500_000
    )
    make_offering(course, **in_days(10, 37))
    answer = found(make_learner(languages=[cantonese]), role, hours_a_week=3, budget_cents=300_000)
    assert not answer.alternatives
    ((language,),) = answer.why_none.changes
    assert (language.limit, [each.code for each in language.languages]) == ("languages", ["en"])
    answer = found(make_learner(languages=[cantonese]), role, hours_a_week=5, budget_cents=300_000)
    assert [[change.limit for change in changes] for changes in answer.why_none.changes] == [
        ["budget"],
        ["languages"],
    ]


def test_a_skill_that_nobody_teaches(vision, role):
    make_course("some", raises={vision: 3}, notional_hours=10)
    why = found(make_learner(), role).why_none
    assert [(gap.skill, gap.level, gap.best) for gap in why.untaught] == [(vision, 4, 3)]
    assert (why.changes, why.coverage) == ([], 75)
    assert codes(found(make_learner(), role, coverage=75))["fastest"] == ["some"]


def test_finding_and_reasons_share_one_deadline(vision, role, monkeypatch):
    def slow(*args, seconds):
        time.sleep(0.3)
        return find_pathways(*args, seconds=seconds)

    given, find_pathways, why_none = [], pathways.find_pathways, pathways.why_none
    monkeypatch.setattr(pathways, "find_pathways", slow)
    monkeypatch.setattr(
        pathways, "why_none", lambda *args, seconds: given.append(seconds) or why_none(*args, seconds=seconds)
    )
    make_course("dear", raises={vision: 4}, notional_hours=10, fee_cents=100)
    assert only_change(found(make_learner(), role, budget_cents=0)) == ("budget", 0, 100)
    assert given[0] <= pathways.SECONDS - 0.3


def test_reasons_without_time_say_so(vision, role, monkeypatch):
    monkeypatch.setattr(pathways, "SECONDS", 0.0)
    make_course("dear", raises={vision: 4}, notional_hours=10, fee_cents=100)
    why = found(make_learner(), role, budget_cents=0).why_none
    assert (why.changes, why.is_proven, why.coverage) == ([], False, 0)


def test_a_problem_is_solved_once(vision, role, monkeypatch):
    course = make_course("some", raises={vision: 4}, notional_hours=10)
    learner, twin = make_learner(), make_learner()
    assert codes(found(learner, role))["fastest"] == ["some"]
    monkeypatch.setattr(pathways, "find_pathways", lambda *args, **options: pytest.fail("solved again"))
    again = Question(twin, role, wish(), today=TODAY)
    assert again.is_answered
    assert codes(again.answer())["fastest"] == ["some"]
    assert not Question(learner, role, wish(hours_a_week=6), today=TODAY).is_answered
    make_enrolment(twin, course, "completed")
    assert not Question(twin, role, wish(), today=TODAY).is_answered


def test_reasons_are_kept_as_pathways_are(vision, role, monkeypatch):
    make_course("dear", raises={vision: 4}, notional_hours=10, fee_cents=100)
    learner = make_learner()
    first = found(learner, role, budget_cents=0)
    monkeypatch.setattr(pathways, "why_none", lambda *args, **options: pytest.fail("solved again"))
    assert found(learner, role, budget_cents=0) == first


def test_the_end_the_languages_and_the_level_asked_for_hold(vision, role):
    english, _ = Language.objects.get_or_create(code="en", defaults={"name_en": "English"})
    cantonese, _ = Language.objects.get_or_create(code="yue", defaults={"name_en": "Cantonese"})
    course = make_course(raises={vision: 4}, notional_hours=7, languages=[english], entry_hkqf_level=5)
    learner = make_learner(languages=[cantonese], hkqf_level=4)
    able = {"languages": ("en",), "hkqf_level": 5, "hours_a_week": 7}
    # Seven hours at seven a week: the seven days from today, so that all is finished by day 7.
    answer = found(learner, role, finish_by=TODAY + timedelta(days=7), **able)
    assert [step.course for step in answer.alternatives[0].steps] == [course]
    # In six days they take 7 x 7 / 6 hours a week, so nine.
    shorter = found(learner, role, finish_by=TODAY + timedelta(days=6), **able).why_none.changes
    assert {(change.limit, change.before, change.after) for (change,) in shorter} == {
        ("hours", 7, 9),
        ("horizon", TODAY + timedelta(days=6), TODAY + timedelta(days=7)),
    }
    assert only_change(found(learner, role, **able | {"hkqf_level": None})) == ("level", 4, 5)
    assert only_change(found(learner, role, **able | {"languages": None}))[0] == "languages"


def test_only_dates_to_come_count(vision, role):
    make_offering(make_course("past", raises={vision: 4}, notional_hours=5), **in_days(-60, -30))
    (gap,) = found(make_learner(), role).why_none.untaught
    assert gap.has_ended
    make_offering(make_course("march", raises={vision: 4}, notional_hours=5), **in_days(100, 130))
    assert codes(found(make_learner(), role))["fastest"] == ["march"]
    later = found(make_learner(), role, starts_on=TODAY + timedelta(days=120))
    assert only_change(later) == ("start", TODAY + timedelta(days=120), TODAY + timedelta(days=100))


def test_courses_with_dates_that_nobody_states_are_not_planned():
    assert not is_at_own_pace(make_course(study_pattern="full_time", mode="online", notional_hours=600))
    assert not is_at_own_pace(make_course(mode="face_to_face"))
    assert not is_at_own_pace(make_course(mode="online", hkqf_level=6, hkqf_basis="award"))
    assert is_at_own_pace(make_course(study_pattern="self_paced"))
    assert is_at_own_pace(make_course(mode="online"))


def test_the_profile_is_where_a_wish_begins():
    learner = make_learner(hours_a_week=9, budget_cents=100)
    assert wish_of(learner, today=TODAY) == wish(hours_a_week=9, budget_cents=100)


def test_planning_asks_as_much_of_many_courses_as_of_one(vision, role, django_assert_max_num_queries):
    learner = make_learner()
    make_offering(make_course(raises={vision: 4}, notional_hours=5), **in_days(1, 30))
    with django_assert_max_num_queries(40) as before:
        found(learner, role)
    for _ in range(20):
        make_offering(make_course(raises={vision: 4}, notional_hours=5), **in_days(1, 30))
    with django_assert_max_num_queries(len(before)):
        found(learner, role)


def test_a_kept_pathway_and_its_progress(vision, role):
    basics = make_course("basics", raises={vision: 2}, notional_hours=10)
    make_course("advanced", raises={vision: 4}, after=[basics], notional_hours=10)
    learner = make_learner()
    fastest = found(learner, role).alternatives[0]
    save_pathway(learner, role, fastest.kind, 90, fastest.steps)
    save_pathway(learner, role, fastest.kind, fastest.covered, fastest.steps)
    assert SavedPathway.objects.get().coverage == 100

    def progress():
        (kept,) = saved_pathways(learner)
        return [step.progress for step in kept.steps], kept.n_done

    assert progress() == ([Progress.NEXT, Progress.LATER], 0)
    assert next_courses(learner) == [basics.pk]
    enrolment = make_enrolment(learner, basics, "enrolled")
    assert progress() == ([Progress.UNDER_WAY, Progress.NEXT], 0)
    enrolment.status = "completed"
    enrolment.save()
    assert progress() == ([Progress.DONE, Progress.NEXT], 1)


def test_a_course_that_comes_while_the_facts_are_read_is_not_planned(vision, role, monkeypatch):
    def read_learners(*facts):
        make_course("late", raises={vision: 4}, notional_hours=1)
        return facts_of.read_learners(*facts)

    monkeypatch.setattr(pathways, "read_learners", read_learners)
    make_course("early", raises={vision: 4}, notional_hours=10)
    assert codes(found(make_learner(), role))["fastest"] == ["early"]


@pytest.mark.django_db(transaction=True)
def test_two_pathways_kept_at_once_follow_each_other(role):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    learner, course = make_learner(), make_course()

    def save(kind):
        try:
            save_pathway(learner, role, kind, 100, [Step(course, TODAY)])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            save_pathway(learner, role, "fastest", 100, [Step(course, TODAY)])
            second = thread.submit(save, "cheapest")
            wait_for(is_somebody_waiting, seconds=30)
        second.result()
    assert SavedPathway.objects.get().kind == "cheapest"


def is_somebody_waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_the_next_step_comes_first_on_the_list_where_the_rules_allow_it(vision, role):
    for number in range(25):
        make_course(f"other-{number}", raises={vision: 4})
    basics = make_course("basics", notional_hours=10)
    advanced = make_course("advanced", raises={vision: 4}, after=[basics], notional_hours=10)
    learner = make_learner(target_roles=[role])
    assert shown_list(learner).items[0].course != basics
    day = timezone.localdate()
    steps = [Step(basics, day), Step(advanced, day)]
    save_pathway(learner, role, "fastest", 100, steps)
    first = shown_list(learner).items[0]
    assert (first.course, first.source, first.rank) == (basics, Source.PATHWAY, 1)
    make_enrolment(learner, basics, "enrolled")
    # The next step asks for a course that is not completed yet.
    assert Source.PATHWAY not in [item.source for item in shown_list(learner).items]
    learner.enrolments.update(status="completed")
    items = shown_list(learner).items
    assert (items[0].course, items[0].source) == (advanced, Source.PATHWAY)
    assert len({item.course for item in items}) == len(items) == 10


def test_a_next_step_stays_one_though_it_closes_some_of_the_gap(vision, role):
    course = make_course("direct", raises={vision: 4})
    learner = make_learner(target_roles=[role])
    assert shown_list(learner).items[0].source == Source.GOAL
    save_pathway(learner, role, "fastest", 100, [Step(course, TODAY)])
    (item,) = shown_list(learner).items
    assert (item.source, item.gap_closed) == (Source.PATHWAY, 1)
    assert item.by_value.share > item.by_relevance.share


def test_a_next_step_beyond_the_stored_list_is_scored_like_any_course(vision, role):
    for number in range(25):
        make_course(f"better-{number}", raises={vision: 4})
    some = make_course("some", raises={vision: 2})
    learner = make_learner(target_roles=[role])
    save_pathway(learner, role, "fastest", 50, [Step(some, TODAY)])
    first = shown_list(learner).items[0]
    assert (first.course, first.gap_closed, first.demand) == (some, 0.5, Demand.UNKNOWN)
    assert 0 < first.score == pytest.approx(first.by_relevance.share + first.by_value.share)


def test_of_a_next_step_it_is_known_what_its_relevance_rests_on(role):
    course = make_course("popular")
    learner = make_learner(target_roles=[role])
    (item,) = shown_list(learner).items
    assert (item.source, item.relevance_source) == (Source.POPULAR, Source.POPULAR)
    save_pathway(learner, role, "fastest", 100, [Step(course, TODAY)])
    (item,) = shown_list(learner).items
    assert (item.source, item.relevance_source) == (Source.PATHWAY, Source.POPULAR)
    assert why(learner, course).own == item


def test_a_next_step_that_is_saved_stays_first_and_one_that_is_dropped_makes_way(vision, role):
    earlier, step = make_course("earlier", raises={vision: 2}), make_course("step", raises={vision: 4})
    learner = make_learner(target_roles=[role])
    save_pathway(learner, make_role(), "fastest", 100, [Step(earlier, TODAY)])
    save_pathway(learner, role, "fastest", 100, [Step(step, TODAY)])
    enrolment = make_enrolment(learner, step, "saved")
    first = shown_list(learner).items[0]
    assert (first.course, first.source, first.gap_closed) == (step, Source.PATHWAY, 1)
    enrolment.status = "dropped"
    enrolment.save()
    assert [(item.course, item.source) for item in shown_list(learner).items] == [(earlier, Source.PATHWAY)]


def test_the_step_of_the_next_pathway_comes_first_where_the_rules_forbid_the_latest(vision, role):
    advanced = make_course("advanced", raises={vision: 4}, needs={vision: 3})
    other = make_course("other", raises={vision: 1})
    learner = make_learner(target_roles=[role])
    save_pathway(learner, make_role(), "fastest", 100, [Step(other, TODAY)])
    save_pathway(learner, role, "fastest", 100, [Step(advanced, TODAY)])
    assert [(item.course, item.source) for item in shown_list(learner).items] == [(other, Source.PATHWAY)]


def test_a_step_that_cannot_be_begun_yet_costs_a_list_little(vision, role, monkeypatch):
    basics = make_course("basics", raises={vision: 2})
    advanced = make_course("advanced", raises={vision: 4}, after=[basics])
    learner = make_learner(target_roles=[role])
    make_enrolment(learner, basics, "enrolled")
    save_pathway(learner, role, "fastest", 100, [Step(basics, TODAY), Step(advanced, TODAY)])
    monkeypatch.setattr(lists, "inputs_of", lambda *args: pytest.fail("everything is read again"))
    assert advanced not in [item.course for item in shown_list(learner).items]


@pytest.mark.parametrize("status", [None, "saved"])
def test_why_agrees_with_the_list_about_the_next_step(vision, role, status):
    better = [make_course(f"better-{number}", raises={vision: 4}) for number in range(12)]
    some = make_course("some", raises={vision: 2})
    learner = make_learner(target_roles=[role])
    save_pathway(learner, role, "fastest", 50, [Step(some, TODAY)])
    if status:
        make_enrolment(learner, some, status)
    items = shown_list(learner, limit=10).items
    for course in [some, *better]:
        answer = why(learner, course, limit=10)
        assert answer.is_next_step == (course == some)
        assert answer.is_listed == (course in [item.course for item in items])
        if answer.is_listed:
            (listed,) = [item for item in items if item.course == course]
            assert (answer.own.rank, answer.own.score) == (listed.rank, listed.score)
            assert answer.own.source == listed.source


class Step:
    def __init__(self, course, day):
        self.course, self.offering, self.starts_on, self.ends_on = course, None, day, day


def test_the_fee_of_a_year_is_not_added_up_as_if_it_were_the_whole(vision, role):
    basics = make_course("basics", raises={vision: 2}, notional_hours=10, fee_cents=50_000)
    make_course(
        "advanced",
        raises={vision: 4},
        after=[basics],
        notional_hours=10,
        fee_cents=4_450_000,
        fee_basis="year",
    )
    fastest = found(make_learner(), role).alternatives[0]
    assert [(step.fee.cents, step.fee.basis) for step in fastest.steps] == [
        (50_000, "whole"),
        (4_450_000, "year"),
    ]
    assert (fastest.pay_now_cents, fastest.net_cents, fastest.n_unknown_fees) == (50_000, 50_000, 1)


@pytest.mark.parametrize("basis", ["year", "module", "credit"])
def test_a_part_of_a_fee_above_the_budget_is_not_planned(vision, role, basis):
    make_course(raises={vision: 4}, notional_hours=10, fee_cents=4_450_000, fee_basis=basis)
    answer = found(make_learner(), role, budget_cents=4_449_999)
    assert not answer.alternatives
    assert only_change(answer) == ("budget", 4_449_999, 4_450_000)
    fastest = found(make_learner(), role, budget_cents=4_450_000).alternatives[0]
    assert fastest.is_budget_open
    assert not found(make_learner(), role).alternatives[0].is_budget_open


def test_no_sum_and_no_cheapest_where_no_fee_is_known(vision, role):
    basics = make_course("basics", raises={vision: 2}, notional_hours=10)
    advanced = make_course("advanced", raises={vision: 4}, after=[basics], notional_hours=10)
    answer = found(make_learner(), role)
    assert [each.kind for each in answer.alternatives] == ["fastest", "surest"]
    fastest = answer.alternatives[0]
    assert (fastest.pay_now_cents, fastest.back_cents, fastest.net_cents) == (None, None, None)
    advanced.fee_cents = 0
    advanced.save()
    cheapest = found(make_learner(), role).alternatives[1]
    assert (cheapest.kind, cheapest.net_cents, cheapest.n_unknown_fees) == ("cheapest", 0, 1)


def test_what_stays_missing_at_the_end_is_named(vision):
    painting, poetry = make_skill("painting"), make_skill("poetry")
    role = make_role(needs={vision: (1.0, 4), painting: (0.5, 2), poetry: (0.2, 1)})
    make_course(raises={vision: 3}, notional_hours=10)
    make_course(raises={poetry: 1}, notional_hours=1)
    # Of 5.2 weighed levels 3.2 are within reach.
    fastest = found(make_learner(holds={painting: 1}), role, coverage=70).alternatives[0]
    assert [(gap.skill, gap.reached, gap.needed) for gap in fastest.missing] == [
        (vision, 3, 4),
        (painting, 1, 2),
    ]


def test_a_larger_share_is_possible_where_not_all_is_taught(vision):
    painting = make_skill("painting")
    role = make_role(needs={vision: (1.0, 4), painting: (1.0, 4)})
    make_course("some", raises={vision: 3}, notional_hours=10, fee_cents=0)
    make_course("dear", raises={painting: 4}, notional_hours=10, fee_cents=500_000)
    answer = found(make_learner(), role, budget_cents=100_000)
    assert [gap.skill for gap in answer.why_none.untaught] == [vision]
    # Three of eight levels, and seven with the dear course.
    assert (answer.why_none.coverage, answer.why_none.coverage_changed) == (37, 87)
    assert only_change(answer) == ("budget", 100_000, 500_000)
    assert found(make_learner(), role, budget_cents=500_000, coverage=87).alternatives[0].covered == 87


def test_courses_with_dates_at_once_are_noticed(vision):
    painting = make_skill("painting")
    role = make_role(needs={vision: (1.0, 4), painting: (1.0, 4)})
    make_offering(make_course(raises={vision: 4}, notional_hours=5), **in_days(1, 30))
    later = make_offering(make_course(raises={painting: 4}, notional_hours=5), **in_days(30, 40))
    assert found(make_learner(), role).alternatives[0].has_dates_at_once
    later.starts_on += timedelta(days=1)
    later.save()
    assert not found(make_learner(), role).alternatives[0].has_dates_at_once


def test_a_language_that_is_not_stated_is_open_to_who_named_theirs(vision, role):
    english = Language.objects.get(pk="en")
    basics = make_course("basics", raises={vision: 2}, notional_hours=10, languages=[english])
    make_course("advanced", raises={vision: 4}, after=[basics], notional_hours=10)

    def is_open(learner):
        return [step.is_language_open for step in found(learner, role).alternatives[0].steps]

    assert is_open(make_learner(languages=[english])) == [False, True]
    assert is_open(make_learner()) == [False, False]
