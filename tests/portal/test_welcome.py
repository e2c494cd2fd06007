"""The first visit: four steps from signing up to a list, skipped, left and resumed."""

from itertools import pairwise

import pytest

from recommender.learners.models import Learner, SkillHeld
from recommender.skills.models import Language
from recommender.workforce.models import Demand
from tests.cast import signed_in
from tests.factories import (
    make_course,
    make_learner,
    make_openings,
    make_role,
    make_sector,
    make_skill,
    make_supply,
    make_user,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
WHERE, GO, CAN, FITS = (
    f"/welcome/{step}/" for step in ("where-i-am", "where-i-want-to-go", "what-i-can-do", "what-fits-me")
)
STEPS = [WHERE, GO, CAN, FITS]


@pytest.fixture
def new(db):
    """A client who has just signed up, beside the city."""
    client = signed_in(make_user("new@example.hk"))
    Learner.objects.for_user(client.user)
    return client


def learner_of(client):
    return Learner.objects.get(user=client.user)


def listed(page):
    return [str(card.course.title) for card in page.context["cards"]]


def said(page):
    return [str(message) for message in page.context["messages"]]


def roles_shown(page):
    return [choice.shown.role.name_en for choice in page.context["page"].choices]


def test_signing_up_leads_to_the_first_step(client, db):
    fields = {"email": "new@example.hk", "password1": "a long passphrase"}
    page = client.post("/accounts/signup/", fields, follow=True)
    assert page.redirect_chain[-1][0] == WHERE
    text = page.content.decode()
    assert "Step 1 of 4" in text
    assert "What we ask, and why" in text


def test_from_the_first_step_to_the_first_recommendations(city, new):
    make_course(title_en="Deep learning", raises={city.python: 4})
    page = new.post(WHERE, {"sector": make_sector().pk, "hkqf_level": "5"}, follow=True)
    assert page.redirect_chain == [(GO, 302)]
    assert len(listed(page)) == 3
    page = new.post(GO, {"target_roles": [city.role.pk]}, follow=True)
    assert page.redirect_chain == [(CAN, 302)]
    assert listed(page)[:2] == ["Deep learning", "Résumé writing for coders"]
    page = new.post(CAN, {f"level-{city.python.pk}": "3"}, follow=True)
    assert page.redirect_chain == [(FITS, 302)]
    assert listed(page)[0] == "Deep learning"
    Language.objects.get_or_create(code="yue", defaults={"name_en": "Cantonese"})
    fields = {"languages": ["yue"], "hours_a_week": "5", "budget": "900", "preferred_modes": ["online"]}
    page = new.post(FITS, fields, follow=True)
    assert page.redirect_chain == [("/courses-for-you/", 302)]
    learner = learner_of(new)
    assert (learner.hkqf_level, learner.hours_a_week, learner.budget_cents) == (5, 5, 90_000)
    assert learner.preferred_modes == ["online"]
    assert list(learner.target_roles.all()) == [city.role]
    assert learner.welcome_step == ""
    assert page.context["recommended"][0].card.course.title == "Deep learning"


def test_a_step_saves_only_what_it_asks(city, ada):
    ada.post(WHERE, {"hkqf_level": "5"})
    learner = learner_of(ada)
    assert (learner.hkqf_level, learner.hours_a_week, learner.budget_cents) == (5, 6, 1_500_000)
    assert list(learner.target_roles.all()) == [city.role]


def test_what_changed_in_the_list_is_said(city, new):
    new.post(WHERE, {"do": "skip"})
    make_course(title_en="Regression", raises={city.statistics: 3})
    before = listed(new.get(GO))
    page = new.post(GO, {"target_roles": [city.role.pk]}, follow=True)
    assert listed(page) == ["Résumé writing for coders", "Regression", before[0]]
    assert said(page) == ["Saved: 2 new courses in your list."]
    page = new.post(GO, {"target_roles": [city.role.pk]}, follow=True)
    assert said(page) == ["Saved. The first courses of your list stay the same."]


@pytest.mark.parametrize(("address", "following"), list(pairwise([*STEPS, "/courses-for-you/"])))
def test_a_step_can_be_skipped_and_saves_nothing(city, new, address, following):
    answer = new.post(address, {"do": "skip", "hkqf_level": "5", "hours_a_week": "3"})
    assert answer["Location"] == following
    learner = learner_of(new)
    assert (learner.hkqf_level, learner.hours_a_week) == (None, None)


def test_the_navigation_leads_back_to_where_it_was_left(city, new):
    new.post(WHERE, {"hkqf_level": "5"})
    text = new.get("/courses/").content.decode()
    assert f'href="{GO}"' in text
    assert "step 2 of 4: Where I want to go" in text
    assert new.get("/welcome/")["Location"] == GO
    assert "Go on with your first visit" not in new.get(GO).content.decode()


def test_who_ends_it_is_not_led_back(city, new):
    assert new.post("/welcome/end/")["Location"] == "/courses-for-you/"
    assert "Go on with your first visit" not in new.get("/courses/").content.decode()
    assert new.get("/welcome/")["Location"] == WHERE
    assert new.get("/welcome/end/").status_code == 405


def test_ending_it_is_for_who_is_signed_in_and_ends_ones_own(cast):
    Learner.objects.update(welcome_step="what-fits-me")
    assert cast["anonymous"].post("/welcome/end/")["Location"].startswith("/accounts/login/")
    cast["owner"].post("/welcome/end/")
    assert learner_of(cast["owner"]).welcome_step == ""
    assert learner_of(cast["other"]).welcome_step == "what-fits-me"


def test_who_was_here_before_is_not_led_there(city, ada):
    assert "Go on with your first visit" not in ada.get("/courses/").content.decode()


@pytest.mark.parametrize(
    ("address", "field", "value"),
    [
        (WHERE, "hkqf_level", "8"),
        (FITS, "hours_a_week", "169"),
        (FITS, "budget", "-1"),
        (FITS, "preferred_modes", "telepathy"),
        (GO, "target_roles", "999999"),
    ],
)
def test_an_error_stands_in_the_summary_and_at_its_field(city, new, address, field, value):
    before = Learner.objects.filter(user=new.user).values().get()
    page = new.post(address, {field: value})
    assert page.status_code == 200
    text = page.content.decode()
    [error] = page.context["page"].form.errors[field]
    assert "There is a problem" in text
    assert "Error:" in text.split("</title>")[0]
    assert text.count(str(error)) == 2
    assert Learner.objects.filter(user=new.user).values().get() == before


def test_roles_say_what_helps_to_choose(city, new):
    make_openings(city.role, 100, is_synthetic=True)
    make_supply(city.role, n_meeting=30)
    Demand.objects.create(
        role=city.role,
        measure="pay",
        description="median of postings",
        value=31_000,
        unit="HK$ a month",
        period="2025",
        source_url="https://example.hk/pay",
    )
    unknown = make_role(name_en="Prompt engineer")
    page = new.get(GO)
    assert roles_shown(page) == ["Data scientist", "Prompt engineer"]
    text = page.content.decode()
    for words in (
        "70%",
        "Synthetic figures",
        "Pay: 31,000",
        "HK$ a month",
        "https://example.hk/pay",
        "Python",
    ):
        assert words in text
    assert "Shortage unknown" in text
    assert str(unknown.name) in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "scientist"}, ["Data scientist"]),
        ({"q": "數據"}, ["Data scientist"]),
        ({"q": "PYTHON"}, ["Data scientist"]),
        ({"q": "doctor"}, []),
        ({"sector": "health"}, ["Data scientist"]),
        ({}, ["Cook", "Data scientist"]),
    ],
)
def test_roles_are_searched_without_saving(city, new, asked, found):
    make_role(name_en="Cook")
    page = new.post(GO, {"do": "show", **asked})
    assert sorted(roles_shown(page)) == found
    assert not learner_of(new).target_roles.exists()


def test_a_ticked_role_stays_in_sight_while_searching(city, new):
    cook = make_role(name_en="Cook")
    page = new.post(GO, {"do": "show", "q": "scientist", "target_roles": [cook.pk]})
    assert roles_shown(page) == ["Cook", "Data scientist"]
    assert f'value="{cook.pk}" id="id_target_roles_0" checked' in page.content.decode()


def levels_offered(page):
    """The skills on the page under their headings, with the level that each begins with."""
    return {
        str(group.title): {str(field.label): field.value() for field in group.form}
        for group in page.context["page"].groups
    }


def test_skills_are_suggested_from_the_roles_and_then_from_the_sector(city, new):
    assert levels_offered(new.get(CAN)) == {}
    cooking = make_skill(name_en="Cooking")
    make_role(needs={cooking: (1.0, 3)}).sectors.add(city.role.sectors.get())
    new.post(WHERE, {"sector": city.role.sectors.get().pk})
    new.post(GO, {"target_roles": [city.role.pk]})
    suggested = levels_offered(new.get(CAN))["Suggested for you"]
    assert list(suggested.items()) == [("Python", 0), ("statistics", 0), ("Cooking", 0)]


def test_skills_of_the_present_role_and_of_the_studies_are_suggested_first(city, new):
    cooking, painting = (
        make_skill(name_en="Cooking"),
        make_skill(name_en="Painting", discipline="digital_media"),
    )
    cook = make_role(needs={cooking: (0.1, 3)})
    make_role(needs={painting: (0.1, 3)})
    new.post(WHERE, {"present_role": cook.pk, "studies": "digital_media"})
    new.post(GO, {"target_roles": [city.role.pk]})
    assert list(levels_offered(new.get(CAN))["Suggested for you"]) == [
        "Cooking",
        "Painting",
        "Python",
        "statistics",
    ]


def test_roles_of_the_sector_come_first(city, new):
    other = make_role(name_en="Actuary")
    other.sectors.add(make_sector("finance"))
    make_openings(city.role, 100)
    make_supply(city.role)
    assert roles_shown(new.get(GO)) == ["Data scientist", "Actuary"]
    new.post(WHERE, {"sector": other.sectors.get().pk})
    assert roles_shown(new.get(GO)) == ["Actuary", "Data scientist"]


def test_a_search_that_finds_no_role_says_what_to_try(city, new):
    hint = "No role is called that. Try another word or fewer"
    assert hint in new.post(GO, {"do": "show", "q": "doctor"}).content.decode()
    assert hint not in new.get(GO).content.decode()


def test_skills_are_searched_without_losing_what_was_chosen(city, new):
    fields = {"do": "show", "q": "統計", f"level-{city.python.pk}": "4"}
    assert levels_offered(new.post(CAN, fields)) == {
        "Found": {"statistics": 0},
        "Chosen by you": {"Python": 4},
    }
    assert not SkillHeld.objects.filter(learner=learner_of(new)).exists()
    text = new.post(CAN, {"do": "show", "q": "zzz"}).content.decode()
    assert "No skill by that name" in text


def test_levels_are_saved_changed_and_taken_back(city, ada):
    def held():
        return dict(SkillHeld.objects.filter(learner=city.learner).values_list("skill", "level"))

    assert levels_offered(ada.get(CAN))["Chosen by you"] == {"Python": 2}
    ada.post(CAN, {f"level-{city.python.pk}": "0", f"level-{city.statistics.pk}": "1"})
    assert held() == {city.statistics.pk: 1}
    ada.post(CAN, {f"level-{make_skill().pk}": "3", "level-": "3", "level-x": "3"})
    assert held() == {city.statistics.pk: 1}
    page = ada.post(CAN, {f"level-{city.statistics.pk}": "6"})
    assert "There is a problem" in page.content.decode()
    assert held() == {city.statistics.pk: 1}


def test_the_catalogue_offers_the_preferred_modes(city, new):
    assert "You prefer" not in new.get("/courses/").content.decode()
    new.post(FITS, {"preferred_modes": ["online", "blended"]})
    page = new.get("/courses/?q=python&page=1")
    assert "You prefer: Online, Blended." in page.content.decode()
    narrowed = new.get(f"/courses/{page.context['of_preferred_modes']}")
    assert [str(card.course.title) for card in narrowed.context["cards"]] == ["Statistics with Python"]
    assert "You prefer" not in narrowed.content.decode()


@pytest.mark.parametrize("address", STEPS)
def test_the_steps_need_a_sign_in_and_are_of_ones_own(cast, address):
    for answer in (cast["anonymous"].get(address), cast["anonymous"].post(address, {"do": "skip"})):
        assert answer["Location"] == f"/accounts/login/?next={address}"
    before = Learner.objects.filter(user=cast["other"].user).values().get()
    for part in ("owner", "officer"):
        assert cast[part].get(address).status_code == 200
        assert cast[part].post(address, {"hkqf_level": "4"}).status_code == 302
    assert Learner.objects.filter(user=cast["other"].user).values().get() == before


def test_no_other_step_exists(cast):
    assert cast["owner"].get("/welcome/what-else/").status_code == 404


@pytest.mark.parametrize("address", STEPS)
def test_no_more_queries_for_more_of_everything(address, db):
    learner = make_learner(user=make_user(), welcome_step="what-fits-me")
    client = signed_in(learner.user)

    def grow(n):
        for _ in range(n):
            skill = make_skill()
            role = make_role(needs={skill: (0.5, 3)})
            learner.target_roles.add(role)
            make_openings(role, 10)
            make_course(raises={skill: 3})

    grow(1)
    one = count_queries(client, address)
    grow(9)
    assert count_queries(client, address) == one
