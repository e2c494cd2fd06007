"""My pathway: asking, three answers or the reasons why not, keeping one and coming along it."""

import pytest
from django.core import signing
from django.core.cache import cache

from recommender.learners.models import SavedPathway
from recommender.portal.pathway import SALT
from recommender.workforce.models import RoleSkill
from tests.factories import make_course, make_enrolment, make_role, make_skill

pytestmark = pytest.mark.django_db
PAGE = "/my-pathway/"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def aim(city):
    """A role of one skill, and a course at one's own pace that leads there."""
    skill = make_skill("ethics", name_en="AI ethics")
    course = make_course("ethics", title_en="Ethics of machines", raises={skill: 3}, notional_hours=12)
    return make_role("governance", name_en="AI governance officer", needs={skill: (1.0, 3)}), course


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_form_begins_with_the_profile(city, ada):
    form = ada.get(PAGE).context["form"]
    assert form["role"].initial == city.role.slug
    assert (form["hours_a_week"].initial, form["budget"].initial) == (6, 15_000)


def test_three_pathways_with_costs_dates_and_a_table(aim, ada):
    text = text_of(ada, f"{PAGE}?role={aim[0].slug}&hours_a_week=6")
    assert text.count("Save this pathway") == 1
    assert "<h2> Fastest · Cheapest · Most likely to be finished </h2>" in " ".join(text.split())
    assert text.count('<svg class="timeline"') == 1
    assert text.count("The whole fee of 1 course is not known") == 1
    assert "12 in all" in text
    # No fee is known, which is not to say that it costs nothing.
    assert "HK$0" not in text
    assert text.count("Not stated") == 3


def test_why_there_is_none(aim, ada):
    role, course = aim
    course.raises = course.skills_raised.update(level=2)
    text = text_of(ada, f"{PAGE}?role={role.slug}&coverage=100")
    assert "AI ethics at level 3" in text
    assert "(up to level 2 only)" in text
    assert "coverage=66" in text


def test_a_change_is_said_in_words(aim, ada):
    role, course = aim
    course.fee_cents = 300_000
    course.save()
    text = text_of(ada, f"{PAGE}?role={role.slug}&budget=1000")
    assert "HK$2,000 more to spend" in text


@pytest.mark.parametrize(
    "query", ["role=0", "role=x", "role={role}&hours_a_week=0", "role={role}&starts_on=2001-01-01", "role="]
)
def test_what_cannot_be_asked_is_said_at_its_field(aim, ada, query):
    answer = ada.get(f"{PAGE}?{query.format(role=aim[0].slug)}")
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "found" not in answer.context


def test_what_is_under_way_is_said_to_be_counted(aim, ada, city):
    role, course = aim
    address = f"{PAGE}?role={role.slug}"
    assert "You are taking these courses" not in text_of(ada, address)
    make_enrolment(city.learner, course, "enrolled")
    text = text_of(ada, address)
    assert "You are taking these courses" in text
    assert f'<a href="/courses/{course.pk}/">{course.title}</a>' in text
    assert text.count("With what you are taking, you will hold everything that was asked for.") == 1


@pytest.mark.parametrize("needs", [None, (0, 3)])
def test_a_role_that_states_no_needs_has_no_pathway(aim, ada, needs):
    role = make_role("vague", needs={make_skill(): needs} if needs else {})
    answer = ada.get(f"{PAGE}?role={role.slug}")
    assert "We do not know yet what this role needs" in answer.content.decode()
    assert "found" not in answer.context


def test_planning_is_asked_for_a_few_times_a_minute(aim, ada, cast):
    address = f"{PAGE}?role={aim[0].slug}"
    answers = [ada.get(address).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    assert "Too many requests" in ada.get(address).content.decode()
    assert ada.get(PAGE).status_code == 200
    assert ada.get(f"/api/v1/me/pathways/?role={aim[0].slug}").status_code == 429
    assert cast["other"].get(address).status_code == 200


def test_what_was_read_is_what_is_kept(aim, ada, city):
    role, course = aim
    card = ada.get(f"{PAGE}?role={role.slug}").context["cards"][0]
    answer = ada.post(f"{PAGE}save/", {"pathway": card.token, "next": PAGE}, follow=True)
    assert "Your pathway to AI governance officer is saved." in answer.content.decode()
    kept = SavedPathway.objects.get()
    assert (kept.learner, kept.role, kept.kind, kept.coverage) == (city.learner, role, "fastest", 100)
    assert [step.course for step in kept.steps.all()] == [course]
    assert "0 of 1 courses done" in text_of(ada, PAGE)
    make_enrolment(city.learner, course, "completed")
    assert "1 of 1 courses done" in text_of(ada, PAGE)
    ada.post(f"{PAGE}governance/drop/", {"next": PAGE})
    assert not SavedPathway.objects.exists()


def test_the_next_step_stands_first_in_courses_for_you(aim, ada, city):
    role, course = aim
    card = ada.get(f"{PAGE}?role={role.slug}").context["cards"][0]
    ada.post(f"{PAGE}save/", {"pathway": card.token})
    first = ada.get("/courses-for-you/").context["recommended"][0]
    assert (first.card.course, first.source) == (course, "Next step of your pathway")
    make_enrolment(city.learner, course, "saved")
    first = ada.get("/courses-for-you/").context["recommended"][0]
    assert (first.card.course, first.source) == (course, "Next step of your pathway")
    answer = text_of(ada, f"/courses/{course.pk}/why/")
    assert "at the first place, because it is the next step of your pathway" in answer


def test_nobody_sees_or_touches_the_pathway_of_another(aim, ada, cast):
    role, _course = aim
    card = ada.get(f"{PAGE}?role={role.slug}").context["cards"][0]
    cast["other"].post(f"{PAGE}save/", {"pathway": card.token})
    assert not SavedPathway.objects.exists()
    ada.post(f"{PAGE}save/", {"pathway": card.token})
    assert cast["other"].post(f"{PAGE}governance/drop/").status_code == 404
    assert SavedPathway.objects.count() == 1
    assert "Your pathway to" not in text_of(cast["other"], PAGE)


@pytest.mark.parametrize(
    "token",
    ["", "made up", signing.dumps([1], salt="another")],
    ids=["nothing", "made up", "signed for another purpose"],
)
def test_a_made_up_pathway_is_not_kept(aim, ada, token):
    ada.post(f"{PAGE}save/", {"pathway": token})
    assert not SavedPathway.objects.exists()
    assert signing.dumps([1], salt=SALT) != token


def test_what_is_within_reach_is_shown_where_all_of_a_role_is_not(ada, aim):
    role, _course = aim
    RoleSkill.objects.create(role=role, skill=make_skill(name_en="Alchemy"), importance=1.0, level=3)
    page = ada.get(f"{PAGE}?role={role.slug}&hours_a_week=6", follow=True)
    assert page.redirect_chain == [(f"{PAGE}?role={role.slug}&hours_a_week=6&coverage=50", 302)]
    text = page.content.decode()
    assert "no open course teaches enough of Alchemy" in text
    assert "Save this pathway" in text
    asked = ada.get(f"{PAGE}?role={role.slug}&hours_a_week=6&coverage=100").content.decode()
    assert "No pathway fits" in asked
