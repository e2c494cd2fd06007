"""The list with its reasons, the goal, and what the page says when there is little to say."""

import pytest
from django.utils import timezone

from recommender.learners.gaps import share_covered
from recommender.portal import for_you
from recommender.portal.cards import cards_of
from recommender.portal.standing import Standing, standing_of
from recommender.recommendations.lists import Part, Reason, Recommendation, ShownList
from recommender.recommendations.models import Run
from recommender.recommendations.packing import Demand, Source
from recommender.workforce.models import RoleSkill
from tests.cast import signed_in
from tests.factories import make_course, make_learner, make_user

pytestmark = pytest.mark.django_db
PAGE = "/courses-for-you/"


def part(reasons=(), rest=0):
    """Of a score of 0.5, in percent."""
    percent = sum(share for _, share in reasons) + rest
    named = [Reason(subject, share / 200, share) for subject, share in reasons]
    return Part(percent / 200, percent, named, rest / 200, rest)


def recommendation(course, *, source=Source.MODEL, demand=Demand.NONE, closes=0, past=(), rest=0, skills=()):
    return Recommendation(
        course=course,
        rank=1,
        score=0.5,
        source=source,
        demand=demand,
        relevance=0.5,
        value=0.5,
        gap_closed=closes,
        by_relevance=part(past, rest),
        by_value=part(skills),
    )


def parts_of(shown):
    return [
        (part.title, part.percent, [(why.text, why.percent) for why in part.whys]) for part in shown.parts
    ]


@pytest.fixture
def show(monkeypatch):
    """Puts recommendations on everybody's list."""

    def put(*items, run=None):
        monkeypatch.setattr(for_you, "shown_list", lambda learner, limit: ShownList(run, list(items)))

    return put


def test_each_part_of_the_score_is_named_with_its_percentage(city, ada, show):
    past = [(city.taken, 50), (city.saved, 40)]
    show(recommendation(city.rich, past=past, rest=-10, skills=[(city.statistics, 20)]))
    page = ada.get(PAGE)
    assert parts_of(page.context["recommended"][0]) == [
        (
            "What learners like you took next",
            80,
            [
                ("In your learning: Programming for beginners", 50),
                ("In your learning: Databases in practice", 40),
                ("Your other courses, together", -10),
            ],
        ),
        (
            "Skills for your target role",
            20,
            [("It teaches statistics, which your goal needs", 20)],
        ),
    ]
    assert "−10%" in page.content.decode()
    assert 'width="-10"' not in page.content.decode()


def test_a_course_for_the_goal_names_the_skill(city, ada, show):
    show(recommendation(city.rich, source=Source.GOAL, closes=0.124, skills=[(city.statistics, 100)]))
    page = ada.get(PAGE).content.decode()
    assert "It teaches statistics, which your goal needs" in page
    assert "Skills for your target role" in page
    assert "By itself it closes 12% of the gap to your target roles." in page


@pytest.mark.parametrize(
    ("demand", "is_said"),
    [(Demand.UNKNOWN, True), (Demand.PARTLY, True), (Demand.KNOWN, False), (Demand.NONE, False)],
)
def test_a_value_that_no_demand_stands_behind_says_so(city, ada, show, demand, is_said):
    show(recommendation(city.rich, demand=demand, closes=0.5, skills=[(city.statistics, 100)]))
    assert (str(demand.label) in ada.get(PAGE).content.decode()) == is_said


def test_a_popular_course_says_no_more_than_that(city, ada, show):
    show(recommendation(city.rich, source=Source.POPULAR, rest=100))
    [shown] = ada.get(PAGE).context["recommended"]
    assert parts_of(shown) == [("Popular with everybody", 100, [("How many people take it", 100)])]


def test_a_card_tells_what_the_course_is_and_asks(city, ada, show):
    show(recommendation(city.rich))
    page = ada.get(PAGE).content.decode()
    for words in [
        "University of Hong Kong",
        "English",
        "Blended",
        "HK$1,234.50",
        "1 January 2099",
        "Synthetic sample date",
        "120 hours",
        "20 weeks at your pace",
        "From the award’s title",
        "You pay now",
        "HK$987.60",
        "Continuing Education Fund",
    ]:
        assert words in page


def test_steps_towards_the_goal_come_first_with_both_levels(city):
    [card] = cards_of([city.rich], standing_of(city.learner))
    assert [(step.skill, step.before, step.after, step.is_forward) for step in card.skills] == [
        (city.python, 2, 4, True),
        (city.statistics, 0, 3, True),
    ]
    [for_visitor] = cards_of([city.rich], Standing())
    assert not any(step.is_forward for step in for_visitor.skills)


def test_a_completed_course_counts_as_skill(city):
    course = make_course(raises={city.statistics: 3})
    city.learner.enrolments.create(course=course, status="enrolled")
    assert city.statistics.pk not in standing_of(city.learner).held
    city.learner.enrolments.update(status="completed")
    assert standing_of(city.learner).held == {city.python.pk: 2, city.statistics.pk: 3}


def test_cover_of_a_role_weighs_levels_by_importance(city):
    # Needed: 1.0 * 4 + 0.5 * 3 = 5.5; held: 1.0 * 2 = 2.
    needs = RoleSkill.objects.filter(role=city.role)
    assert share_covered(needs, {city.python.pk: 2}) == 2 / 5.5
    assert share_covered(needs, {city.python.pk: 5, city.statistics.pk: 5}) == 1
    assert share_covered([], {}) is None


def test_the_goal_says_how_far_the_first_course_leads(city, ada, show):
    show(recommendation(city.rich))
    [goal] = ada.get(PAGE).context["goals"]
    assert (goal.covered, goal.covered_after, goal.gained) == (36, 100, 64)


def test_before_the_first_run_the_page_says_so_and_still_lists(city, ada):
    page = ada.get(PAGE)
    assert "No run has been published yet" in page.content.decode()
    assert page.context["recommended"]


def test_the_date_of_the_run_stands_on_the_page(city, ada, show):
    show(run=Run(finished_at=timezone.now()))
    page = ada.get(PAGE).content.decode()
    assert "From the run of" in page
    assert "No course fits at present" in page


def test_someone_new_is_asked_for_a_goal(db):
    make_course()
    page = signed_in(make_user()).get(PAGE).content.decode()
    assert "Set a goal, or mark a course that you took" in page
    assert "Set my goal" in page


def test_profiling_off_is_said_and_can_be_turned_on(city, ada, show):
    show(recommendation(city.rich))
    ada.post("/my-data/consents/profiling/", {"consents": "no"})
    page = ada.get(PAGE).content.decode()
    assert "Your history is not used, because profiling is off." in page
    assert "Turn profiling on" in page
    ada.post("/my-data/consents/profiling/", {"consents": "yes"})
    assert "Turn profiling off" in ada.get(PAGE).content.decode()


def test_a_learner_without_hours_sees_no_weeks(city):
    learner = make_learner()
    [card] = cards_of([city.rich], standing_of(learner), learner=learner)
    assert card.weeks is None
