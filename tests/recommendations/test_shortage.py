"""The shortage in the ranking, from enrolments, goals and demand to the list: weight, curve, what is said."""

import numpy as np
import pytest

from recommender.catalogue.models import Course
from recommender.learners.gaps import shortages_of
from recommender.learners.models import Enrolment, Learner
from recommender.recommendations import runs
from recommender.recommendations.facts import read_vocabulary
from recommender.recommendations.groups import LEAST_LEARNERS
from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import PackedList, RankingSettings, Run
from recommender.recommendations.packing import ITEM, Demand, Source, pack, unpack
from recommender.recommendations.weighing import read_weighing
from recommender.workforce.models import Demand as DemandFigure
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city():
    """Forty learners take courses in order; one that few of them take teaches what a role needs."""
    skill = factories.make_skill("vision")
    role = factories.make_role("engineer", needs={skill: (1.0, 4)})
    courses = [factories.make_course(f"c{number}", title_en=f"Course {number}") for number in range(5)]
    teaching = factories.make_course("teaching", title_en="Seeing machines", raises={skill: 4})
    for number in range(40):
        learner = factories.make_learner(target_roles=[role])
        for course in courses[: 2 + number % 3]:
            factories.make_enrolment(learner, course)
        if number % 13 == 0:
            factories.make_enrolment(learner, teaching)
    learner = factories.make_learner(target_roles=[role])
    factories.make_enrolment(learner, courses[0])
    return {"skill": skill, "role": role, "courses": courses, "teaching": teaching, "learner": learner}


def carry_out():
    run = Run.objects.create()
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.PUBLISHED
    return run


def rank_of(course, learner):
    return {item.course: item for item in shown_list(learner).items}[course].rank


def openings(role, value):
    DemandFigure.objects.create(
        role=role,
        measure="openings",
        description="openings",
        value=value,
        unit="posts",
        period="2026",
        source_url="https://example.hk",
    )


def test_more_weight_brings_what_the_goal_needs_to_the_top(city):
    RankingSettings.objects.create(shortage_weight=0)
    assert carry_out().shortage_weight == 0
    by_relevance = [item.course for item in shown_list(city["learner"]).items]
    assert by_relevance[0] == city["courses"][1]
    RankingSettings.objects.update(shortage_weight=0.9)
    assert carry_out().shortage_weight == 0.9
    first = shown_list(city["learner"]).items[0]
    assert first.course == city["teaching"]
    assert (first.value, first.gap_closed) == (1, 1)
    assert [reason.subject for reason in first.by_value.reasons] == [city["skill"]]
    assert first.by_value.share == pytest.approx(0.9, abs=1e-6)
    assert first.score == pytest.approx(0.1 * first.relevance + 0.9 * first.value, abs=1e-6)


def test_a_changed_weight_shows_in_the_next_list_that_is_made(city):
    RankingSettings.objects.create(shortage_weight=0)
    carry_out()
    assert rank_of(city["teaching"], city["learner"]) > 1
    RankingSettings.objects.update(shortage_weight=1)
    assert rank_of(city["teaching"], city["learner"]) > 1
    PackedList.objects.all().delete()
    assert rank_of(city["teaching"], city["learner"]) == 1


def test_every_run_draws_the_curve_and_takes_the_weight_that_it_chooses(city):
    run = carry_out()
    curve = run.quality["tradeoff"]
    points = curve["points"]
    assert [point["w"] for point in points] == [step / 20 for step in range(21)]
    assert curve["n_learners"] == 40
    allowed = [point["w"] for point in points if point["ndcg"] >= 0.97 * points[0]["ndcg"]]
    assert run.shortage_weight == curve["chosen"] == max(allowed)
    in_force = next(point for point in points if point["w"] == curve["chosen"])
    assert run.quality["model"]["gap_closed"] == in_force["gap_closed"]


def test_the_curve_lists_only_what_the_hard_rules_allow(city):
    Enrolment.objects.filter(course=city["teaching"]).delete()
    points = carry_out().quality["tradeoff"]["points"]
    assert points[-1]["gap_closed"] > 0
    # Nobody can enter the one course that closes a gap: no list holds it, whatever the weight.
    factories.make_learner(hkqf_level=7)
    Learner.objects.update(hkqf_level=3)
    Course.objects.filter(pk=city["teaching"].pk).update(entry_hkqf_level=5)
    curve = carry_out().quality["tradeoff"]
    assert curve["n_learners"] == 40
    assert [point["gap_closed"] for point in curve["points"]] == [0] * 21
    assert curve["chosen"] == 1


def test_the_held_out_course_is_judged_whatever_the_rules_say_of_it(city):
    Course.objects.exclude(pk=city["courses"][0].pk).update(status=Course.Status.CLOSED)
    curve = carry_out().quality["tradeoff"]
    assert curve["n_learners"] == 40
    # It is the only course that each of them may be listed.
    assert curve["points"][0]["ndcg"] == pytest.approx(1)


def test_the_figures_hold_the_accuracy_of_the_lists_at_the_weight_in_force(city):
    RankingSettings.objects.create(shortage_weight=1)
    quality = carry_out().quality
    first, *_, last = quality["tradeoff"]["points"]
    assert quality["model"]["ndcg_of_lists"] == last["ndcg"] < first["ndcg"]
    # Popularity by the same learners: of four the teaching course is held out, which nobody else has and
    # which comes after the courses with popularity: third, second, first and third.
    expected = (36 + 1 / 2 + 1 / np.log2(3) + 1 + 1 / 2) / 40
    assert quality["popularity"]["ndcg_of_lists"] == pytest.approx(expected, abs=1e-6)


def test_the_curve_shows_the_officers_weight_too(city):
    RankingSettings.objects.create(shortage_weight=0.33)
    quality = carry_out().quality
    point = next(point for point in quality["tradeoff"]["points"] if point["w"] == 0.33)
    assert quality["model"]["gap_closed"] == point["gap_closed"]


def test_the_held_out_course_does_not_count_as_held(city):
    # Whoever completed the teaching course last lacks nothing now, but did before.
    learner = factories.make_learner(target_roles=[city["role"]])
    factories.make_enrolment(learner, city["courses"][0])
    factories.make_enrolment(learner, city["teaching"], status="completed")
    assert carry_out().quality["tradeoff"]["n_learners"] == 41
    # And whoever completed it before that had no gap to close.
    factories.make_enrolment(learner, city["courses"][1])
    assert carry_out().quality["tradeoff"]["n_learners"] == 40


def test_nobody_with_a_target_role_leaves_relevance_alone(city):
    for learner in type(city["learner"]).objects.all():
        learner.target_roles.clear()
    run = carry_out()
    assert (run.quality["tradeoff"], run.shortage_weight) == (None, 0)
    assert run.quality["model"]["gap_closed"] is None


def test_without_demand_value_comes_from_gaps_alone_and_says_so(city):
    run = carry_out()
    assert run.quality["demand"] == {"n_skills": 1, "n_known": 0}
    items = {item.course: item for item in shown_list(city["learner"]).items}
    assert items[city["teaching"]].demand == Demand.UNKNOWN
    assert items[city["courses"][1]].demand == Demand.NONE
    openings(city["role"], 100)
    run = carry_out()
    assert run.quality["demand"] == {"n_skills": 1, "n_known": 1}
    after = {item.course: item for item in shown_list(city["learner"]).items}
    assert after[city["teaching"]].demand == Demand.KNOWN
    assert list(after) == list(items)


def test_a_learner_without_consent_is_led_to_the_goal(city):
    carry_out()
    learner = factories.make_learner(consents=False, target_roles=[city["role"]])
    first = shown_list(learner).items[0]
    assert (first.course, first.source, first.score) == (city["teaching"], Source.GOAL, 1)
    assert first.by_relevance.share == pytest.approx(0, abs=1e-6)


def test_of_near_copies_two_at_most_are_listed_until_one_is_taken(city):
    copies = [factories.make_course(f"copy {n}", title_en="Deep learning in practice") for n in range(3)]
    carry_out()
    listed = [item.course for item in shown_list(city["learner"], limit=20).items]
    assert sum(course in copies for course in listed) == 2
    factories.make_enrolment(city["learner"], next(course for course in listed if course in copies))
    listed = [item.course for item in shown_list(city["learner"], limit=20).items]
    assert sum(course in copies for course in listed) == 2


def test_a_list_of_an_earlier_format_is_made_anew(city):
    run = carry_out()
    before = shown_list(city["learner"]).items
    stored = PackedList.objects.filter(run=run, learner=city["learner"])
    stored.update(packed=b"\0" * 41 * 20)
    assert shown_list(city["learner"]).items == before
    assert unpack(stored.get().packed) is not None
    # The next run has nothing to compare with, and is published all the same.
    PackedList.objects.filter(run=run).update(packed=b"")
    assert carry_out().quality["churn"] is None


def test_bytes_of_another_format_are_none_and_of_this_one_come_back():
    items = np.zeros(2, dtype=ITEM)
    items["course"] = 3, 4
    np.testing.assert_array_equal(unpack(pack(items)), items)
    assert unpack(pack(items[:0])).size == 0
    for n_items in range(21):
        assert unpack(b"\2" * 41 * n_items) is None


def test_quality_is_given_by_sector_and_by_length_of_history(city):
    sector, few = factories.make_sector(), factories.make_sector()
    learners = type(city["learner"]).objects.order_by("pk")
    learners.update(sector=sector)
    learners.filter(pk__in=list(learners.values_list("pk", flat=True)[:5])).update(sector=few)
    groups = carry_out().quality["groups"]
    assert [row["sector"] for row in groups["sectors"]] == [sector.pk]
    assert groups["sectors"][0]["n_learners"] == 35 >= LEAST_LEARNERS
    assert sum(row["n_learners"] for row in groups["courses"]) <= 40
    assert all(0 <= row["ndcg"] <= row["recall"] <= 1 for rows in groups.values() for row in rows)


def test_lists_are_ranked_by_the_shortage_that_is_shown(city):
    openings(city["role"], 18)
    factories.make_supply(city["role"], n_meeting=7)
    vocabulary, skill = read_vocabulary(), city["skill"].pk
    (ranked_by,) = read_weighing(vocabulary, {}).shortage[vocabulary.skills == skill].tolist()
    # 7 learners count as 5.
    assert ranked_by == shortages_of([skill])[skill].share == 13 / 18
