"""The list with its reasons, the goal, and what the page says when there is little to say."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils import timezone

from recommender.learners.consents import decide
from recommender.learners.gaps import share_covered
from recommender.portal import for_you
from recommender.portal.cards import cards_of
from recommender.portal.standing import Standing, standing_of
from recommender.recommendations.lists import Part, Reason, Recommendation, ShownList
from recommender.recommendations.models import Run
from recommender.recommendations.packing import Demand, Source
from recommender.workforce.models import RoleSkill
from tests.cast import signed_in
from tests.factories import (
    make_course,
    make_learner,
    make_offering,
    make_openings,
    make_role,
    make_skill,
    make_supply,
    make_user,
)

pytestmark = pytest.mark.django_db
PAGE = "/courses-for-you/"


def part(reasons=(), rest=0):
    """Of a score of 0.5, in percent."""
    percent = sum(share for _, share in reasons) + rest
    named = [Reason(subject, share / 200, share) for subject, share in reasons]
    return Part(percent / 200, percent, named, rest / 200, rest)


def recommendation(
    course,
    *,
    source=Source.MODEL,
    relevance_source=Source.MODEL,
    demand=Demand.NONE,
    closes=0,
    past=(),
    rest=0,
    skills=(),
):
    return Recommendation(
        course=course,
        rank=1,
        score=0.5,
        source=source,
        relevance_source=relevance_source,
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
                ("The rest of what you took or turned down, together", -10),
            ],
        ),
        (
            "Skills for your target role",
            20,
            [("It teaches statistics, which your goal needs", 20)],
        ),
    ]
    [for_it, against, *_numbers] = text_of_facts(page).split("Speaks for it:")[1].split("Speaks against it:")
    assert "Databases in practice" in for_it
    assert "The rest of what you took or turned down, together" in against
    assert 'class="bar-against" width="10"' in against
    assert "−10%" not in for_it + against.split("In percent of the score")[0]
    assert "−10%" in against.split("In percent of the score")[1]


def test_a_course_turned_down_is_not_called_the_learners_own(city, ada, show):
    turned_down = Reason(city.dismissed, 0.5, 100, is_turned_down=True)
    show(replace(recommendation(city.rich), by_relevance=Part(0.5, 100, [turned_down], 0.0, 0)))
    [[why]] = [part.whys for part in ada.get(PAGE).context["recommended"][0].parts]
    assert why.text == f"A course you said is not for you: {city.dismissed.title}"


@pytest.mark.parametrize(
    ("fields", "told"),
    [({"hkqf_level": 4}, "highest qualification"), ({"hours_a_week": 3}, "hours a week")],
)
def test_the_box_says_what_the_list_rests_on(db, fields, told):
    learner = make_learner(user=make_user())
    client = signed_in(learner.user)
    same = "This list is the same for everybody"
    assert same in client.get(PAGE).content.decode()
    type(learner).objects.update(**fields)
    page = client.get(PAGE).content.decode()
    assert same not in page
    assert f"This list rests on what you have told us ({told})" in page


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


def notes_in(page):
    return [why.notes for part in page.context["recommended"][0].parts for why in part.whys]


def test_each_skill_says_from_where_to_where_and_that_demand_is_unknown(city, ada, show):
    show(recommendation(city.rich, skills=[(city.statistics, 60), (city.python, 40)]))
    assert notes_in(ada.get(PAGE)) == [
        ("None → Independent", "Demand unknown"),
        ("Beginner → Advanced", "Demand unknown"),
    ]


def test_the_shortage_of_a_skill_is_said_and_whether_it_is_synthetic(city, ada, show):
    make_openings(city.role, 100, is_synthetic=True)
    make_supply(city.role, n_meeting=30)
    show(recommendation(city.rich, skills=[(city.statistics, 60)]))
    page = ada.get(PAGE)
    assert notes_in(page) == [("None → Independent", "Shortage in Hong Kong: 70%", "Synthetic figures")]
    [goal] = page.context["goals"]
    assert (goal.shortage.percent, goal.shortage.words) == (70, "Large shortage")


def text_of_facts(page):
    return " ".join(page.content.decode().split())


def test_the_hours_a_week_stand_beside_the_learners(city, ada, show):
    # 18 hours in six weeks.
    course = make_course(notional_hours=18)
    make_offering(course, starts_on=date(2099, 1, 1), ends_on=date(2099, 2, 11))
    show(recommendation(course))
    assert "3 of 6 hours" in text_of_facts(ada.get(PAGE))
    type(city.learner).objects.update(hours_a_week=2)
    assert "3 hours; you have 2" in text_of_facts(ada.get(PAGE))
    type(city.learner).objects.update(hours_a_week=None)
    assert "3 hours" in text_of_facts(ada.get(PAGE))


def test_prerequisites_are_counted(city, ada, show):
    show(recommendation(city.rich))
    assert "1 of 2 met" in text_of_facts(ada.get(PAGE))
    city.learner.skills_held.create(skill=city.statistics, level=1)
    assert "All met" in text_of_facts(ada.get(PAGE))


def listed(page):
    return [shown.card.course.code for shown in page.context["recommended"]]


def test_ten_are_shown_and_the_rest_on_request(city, ada):
    for _ in range(30):
        make_course()
    page = ada.get(PAGE)
    assert (len(listed(page)), page.context["n_listed"]) == (10, 20)
    assert f'href="?all=on#place-{page.context["first_more"]}"' in page.content.decode()
    every = ada.get(f"{PAGE}?all=on")
    assert len(listed(every)) == 20
    assert listed(every)[:10] == listed(page)
    assert 'id="place-11"' in every.content.decode()


def test_filters_count_the_whole_list_and_say_how_many_remain(city, ada):
    for number in range(15):
        make_course(fee_cents=0 if number < 12 else 2_000_000, mode="online" if number % 2 else "")
    everything = {facet.name: facet for facet in ada.get(PAGE).context["facets"]}
    assert list(everything) == ["cost", "start", "mode", "district", "language"]
    counts = {option.value: option.n_courses for option in everything["cost"].options}
    assert counts["free"] == 13
    page = ada.get(f"{PAGE}?cost=free&mode=online")
    assert (page.context["n_found"], len(listed(page))) == (6, 6)
    assert "6 of the" in text_of_facts(page)
    # The place on the whole list stays.
    ranks = {shown.card.course.pk: shown.rank for shown in ada.get(f"{PAGE}?all=on").context["recommended"]}
    assert all(ranks[shown.card.course.pk] == shown.rank for shown in page.context["recommended"])


def test_the_preferred_ways_of_teaching_are_one_click_away(city, ada):
    make_course("online", mode="online")
    assert ada.get(PAGE).context["of_preferred_modes"] == ""
    city.learner.preferred_modes = ["online"]
    city.learner.save()
    page = ada.get(f"{PAGE}?cost=unstated&all=on")
    assert "You prefer: Online." in text_of_facts(page)
    narrowed = page.context["of_preferred_modes"]
    assert narrowed == "?cost=unstated&all=on&mode=online"
    assert listed(ada.get(f"{PAGE}{narrowed}")) == ["online"]
    assert ada.get(f"{PAGE}?mode=blended").context["of_preferred_modes"] == ""


def test_when_no_course_is_left_the_whole_list_is_one_click_away(city, ada, show):
    show(recommendation(city.rich), recommendation(city.free))
    page = ada.get(f"{PAGE}?cost=free&mode=blended")
    assert "No course on your list is left" in page.content.decode()
    assert ada.get(f"{PAGE}?cost=nonsense").context["n_found"] == 2


@pytest.fixture
def profiled(city):
    decide(city.learner, "profiling", True)
    return city.learner


def test_the_list_without_the_history_says_what_comes_in_and_goes_out(city, ada, profiled, monkeypatch):
    own = [recommendation(city.rich), recommendation(city.free)]
    other = [recommendation(city.free), recommendation(make_course("new", title_en="New"))]
    for name, items in (("shown_list", own), ("list_without_history", other)):
        placed = [replace(item, rank=rank) for rank, item in enumerate(items, start=1)]
        monkeypatch.setattr(for_you, name, lambda learner, limit, placed=placed: ShownList(None, placed))
    page = ada.get(f"{PAGE}?history=off")
    assert [(shown.card.course.code, shown.place) for shown in page.context["recommended"]] == [
        ("free", "At place 2 with your history"),
        ("new", "Not on your list with your history"),
    ]
    assert [item.course.code for item in page.context["comparison"].out] == ["rich"]
    assert "Without your history 1 course comes in" in text_of_facts(page)
    assert listed(ada.get(PAGE)) == ["rich", "free"]


def test_comparing_changes_no_consent_and_needs_one(city, ada, profiled):
    assert ada.get(f"{PAGE}?history=off").context["comparison"]
    profiled.refresh_from_db()
    assert profiled.consents_to_profiling
    decide(profiled, "profiling", False)
    page = ada.get(f"{PAGE}?history=off")
    assert page.context["comparison"] is None
    assert "Without it, to compare" not in page.content.decode()


@pytest.mark.parametrize("source", [Source.POPULAR, Source.PATHWAY])
def test_a_popular_course_says_no_more_than_that(city, ada, show, source):
    show(recommendation(city.rich, source=source, relevance_source=Source.POPULAR, rest=100))
    [shown] = ada.get(PAGE).context["recommended"]
    assert parts_of(shown) == [("Popular with everybody", 100, [])]
    [part] = shown.parts
    assert part.words == "How many people take it; neither your learning nor your goal speaks for it."
    assert "100%" not in ada.get(PAGE).content.decode().split("Why this course")[1].split("</details>")[0]


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


def test_a_skill_that_does_not_matter_to_the_goal_is_not_needed_on_a_card():
    python, vision = make_skill("python"), make_skill("vision")
    role = make_role(needs={python: (0.0, 5), vision: (1.0, 2)})
    assert standing_of(make_learner(target_roles=[role])).needed == {vision.pk: 2}


def test_the_list_can_be_kept_to_the_learners_district_or_online(city, ada):
    city.learner.district = "sha_tin"
    city.learner.save()
    for code, district, mode in (("near", "sha_tin", ""), ("far", "islands", ""), ("online", "", "online")):
        make_offering(make_course(code, raises={city.python: 3}, mode=mode), district=district)
    assert {"near", "far", "online"} <= set(listed(ada.get(PAGE)))
    assert sorted(listed(ada.get(f"{PAGE}?district=near"))) == ["near", "online"]
    assert "In Sha Tin or online" in text_of_facts(ada.get(PAGE))
