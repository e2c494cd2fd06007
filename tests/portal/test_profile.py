"""What a learner tells about themselves, and takes back."""

from datetime import date

import pytest

from recommender.catalogue.models import CourseSkill
from recommender.learners.models import Learner, SkillHeld
from recommender.skills.models import Language, Skill
from recommender.workforce.models import RoleSkill
from tests.factories import make_sector, make_skill

pytestmark = pytest.mark.django_db


def profile(learner):
    return Learner.objects.get(pk=learner.pk)


def test_the_whole_profile_is_saved(city, ada):
    Language.objects.get_or_create(code="yue", defaults={"name_en": "Cantonese"})
    sector = make_sector()
    answer = ada.post(
        "/profile/",
        {
            "display_name": "Ada",
            "languages": ["en", "yue"],
            "hours_a_week": "4",
            "budget": "1234.50",
            "born_on": "1999-02-28",
            "district": "sha_tin",
            "present_role": city.role.pk,
            "studies": "nlp",
            "hkqf_level": "5",
            "sector": sector.pk,
            "target_roles": [city.role.pk],
        },
        follow=True,
    )
    assert "Your profile is saved." in answer.content.decode()
    saved = profile(city.learner)
    assert (saved.display_name, saved.hours_a_week, saved.budget_cents) == ("Ada", 4, 123_450)
    assert (saved.hkqf_level, saved.sector, saved.born_on) == (5, sector, date(1999, 2, 28))
    assert {language.code for language in saved.languages.all()} == {"en", "yue"}
    assert saved.district == "sha_tin"
    assert (saved.present_role, saved.studies) == (city.role, "nlp")
    assert list(saved.target_roles.all()) == [city.role]
    assert saved.changed_at > city.learner.changed_at


def test_everything_can_be_taken_back(city, ada):
    assert ada.post("/profile/", {}).status_code == 302
    saved = profile(city.learner)
    assert saved.hours_a_week is None
    assert saved.budget_cents is None
    assert saved.hkqf_level is None
    assert not saved.target_roles.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours_a_week", "169"),
        ("hours_a_week", "0"),
        ("hours_a_week", "many"),
        ("budget", "-1"),
        ("budget", "1.234"),
        ("budget", "1e30"),
        ("budget", "nan"),
        ("hkqf_level", "8"),
        ("born_on", "2099-01-01"),
        ("district", "kowloon"),
        ("present_role", "999999"),
        ("studies", "alchemy"),
        ("born_on", "1899-12-31"),
        ("born_on", "yesterday"),
        ("sector", "999999"),
        ("languages", "tlh"),
        ("target_roles", "999999"),
        ("display_name", "x" * 121),
    ],
)
def test_a_wrong_answer_is_explained_and_nothing_is_saved(city, ada, field, value):
    page = ada.post("/profile/", {field: value})
    assert page.status_code == 200
    assert page.context["form"].errors[field]
    assert profile(city.learner).hours_a_week == 6


def test_the_budget_is_shown_in_dollars(city, ada):
    assert ada.get("/profile/").context["form"]["budget"].value() == 15_000


def test_consent_keeps_its_date(city, ada):
    ada.post("/my-data/consents/profiling/", {"consents": "no"})
    saved = profile(city.learner)
    assert not saved.consents_to_profiling
    assert saved.profiling_decided_at > city.learner.profiling_decided_at
    assert "Off since" in ada.get("/profile/").content.decode()


def test_a_skill_is_added_changed_and_removed(city, ada):
    ada.post("/profile/skills/", {"skill": city.statistics.pk, "level": 1})
    ada.post("/profile/skills/", {"skill": city.statistics.pk, "level": 4})
    assert SkillHeld.objects.get(skill=city.statistics).level == 4
    ada.post(f"/profile/skills/{city.statistics.pk}/remove/")
    assert not SkillHeld.objects.filter(skill=city.statistics).exists()


def test_the_choice_of_skills_holds_what_courses_raise_or_the_goal_needs(city, ada):
    def choices():
        text = ada.get("/profile/").content.decode()
        return {skill for skill in Skill.objects.all() if f'<option value="{skill.pk}"' in text}

    unused, raised, doubtful, vetoed, needed = (make_skill() for _ in range(5))
    CourseSkill.objects.create(course=city.free, skill=raised, level=2)
    CourseSkill.objects.create(course=city.free, skill=doubtful, level=2, state="proposed", confidence=0.4)
    CourseSkill.objects.create(course=city.free, skill=vetoed, level=2, state="vetoed")
    RoleSkill.objects.create(role=city.role, skill=needed, level=2, importance=0.5)
    assert choices() == {city.python, city.statistics, raised, needed}
    assert ada.post("/profile/skills/", {"skill": unused.pk, "level": 1}).status_code == 302
    assert not SkillHeld.objects.filter(skill=unused).exists()


def test_no_level_is_chosen_for_the_learner(city, ada):
    assert ada.get("/profile/").context["skill_form"]["level"].value() is None
    page = ada.post("/profile/skills/", {"skill": city.statistics.pk, "level": ""}, follow=True)
    assert "Choose a skill and how well you do it." in page.content.decode()


def test_a_confirmed_level_stays_confirmed_until_it_changes(city, ada):
    SkillHeld.objects.update(evidence="confirmed")
    ada.post("/profile/skills/", {"skill": city.python.pk, "level": 2})
    assert SkillHeld.objects.get(skill=city.python).evidence == "confirmed"
    ada.post("/profile/skills/", {"skill": city.python.pk, "level": 5})
    assert SkillHeld.objects.get(skill=city.python).evidence == "stated"


@pytest.mark.parametrize("fields", [{}, {"skill": "x", "level": 3}, {"skill": 1, "level": 0}, {"level": 6}])
def test_a_skill_without_sense_is_refused(city, ada, fields):
    page = ada.post("/profile/skills/", fields, follow=True)
    assert "Choose a skill and how well you do it." in page.content.decode()
    assert SkillHeld.objects.count() == 1


def test_skills_stand_under_their_discipline_and_say_their_language(city, ada):
    ada.cookies["django_language"] = "zh-hant"
    text = ada.get("/profile/").content.decode()
    assert f'<option value="{city.python.pk}" lang="en">Python</option>' in text
    assert f'<option value="{city.statistics.pk}">統計學</option>' in text
    assert text.count("<optgroup") == 2
