"""Who may open which page: a stranger, the owner, another learner, an officer."""

import pytest

from recommender.learners.claims import make_claim_token
from recommender.learners.models import Enrolment, Event, SkillHeld, SubsidyClaim
from tests.factories import continuing_education_fund, make_course, make_learner, make_role, make_skill

pytestmark = pytest.mark.django_db
OPEN = [
    "/",
    "/courses/",
    "/roles/",
    "/privacy/",
    "/privacy/inventory/",
    "/contact/",
    "/erased/",
    "/accessibility/",
    "/how-recommendations-are-made/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
]
OWN = [
    "/welcome/where-i-am/",
    "/welcome/where-i-want-to-go/",
    "/welcome/what-i-can-do/",
    "/welcome/what-fits-me/",
    "/courses-for-you/",
    "/my-gap/",
    "/my-learning/",
    "/my-learning/earlier-courses/",
    "/my-pathway/",
    "/profile/",
    "/my-data/",
    "/my-data/export/",
    "/my-data/erase/",
    "/ask-an-adviser/",
    "/accounts/email/",
]
ACTIONS = {
    "/my-pathway/save/": {"pathway": "made up"},
    "/my-pathway/limits/": {"hours_a_week": "9", "budget": "100"},
    "/courses/{course}/enrolment/": {"status": "saved"},
    "/courses/{course}/enrolment/remove/": {},
    "/courses/{course}/enrolment/certificate/": {"is_held": "yes"},
    "/courses/{course}/enrolment/day/": {"day": "2026-01-02"},
    "/my-learning/earlier-courses/confirm/": {"rows": ""},
    "/courses/{course}/dismissal/": {},
    "/courses/{course}/dismissal/undo/": {},
    "/roles/{role}/target/": {},
    "/profile/skills/": {"skill": "{skill}", "level": "3"},
    "/my-data/consents/profiling/": {"consents": "yes"},
    "/profile/claims/": {
        "claim-scheme": "{scheme}",
        "claim-amount": "8000",
        "claim-claimed_on": "2025-03-01",
    },
}


@pytest.mark.parametrize("address", OPEN)
def test_everybody_may_read_the_open_pages(cast, address):
    assert cast["anonymous"].get(address).status_code == 200


@pytest.mark.parametrize("address", OWN)
def test_own_pages_need_a_sign_in_and_nothing_else(cast, address):
    answer = cast["anonymous"].get(address)
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={address}"
    for person in ("owner", "other", "officer"):
        assert cast[person].get(address).status_code == 200


@pytest.mark.parametrize("address", ACTIONS)
def test_a_visitor_who_acts_signs_in_and_comes_back_to_the_page(cast, address):
    course = make_course()
    answer = cast["anonymous"].post(
        address.format(course=course.pk, role=make_role().slug), {"next": f"/courses/{course.pk}/"}
    )
    assert answer["Location"] == f"/accounts/login/?next=/courses/{course.pk}/"
    assert not Enrolment.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("address", ACTIONS)
def test_what_one_learner_does_touches_nobody_else(cast, address):
    course, skill = make_course(), make_skill()
    named = {"skill": skill.pk, "scheme": continuing_education_fund().pk}
    fields = {key: value.format(**named) for key, value in ACTIONS[address].items()}
    other = cast["other"].user.learner
    Enrolment.objects.create(learner=other, course=course, status="enrolled")
    Event.objects.create(learner=other, course=course, kind="dismissed")
    before = other.changed_at
    assert (
        cast["owner"].post(address.format(course=course.pk, role=make_role().slug), fields).status_code == 302
    )
    other.refresh_from_db()
    assert other.changed_at == before
    assert Enrolment.objects.filter(learner=other, status="enrolled").count() == 1
    assert Event.objects.filter(learner=other).count() == 1
    assert not SkillHeld.objects.filter(learner=other).exists()
    assert not SubsidyClaim.objects.filter(learner=other).exists()
    assert not other.target_roles.exists()


@pytest.mark.parametrize("address", ACTIONS)
def test_actions_are_posted(cast, address):
    assert (
        cast["owner"].get(address.format(course=make_course().pk, role=make_role().slug)).status_code == 405
    )


def test_a_skill_of_somebody_else_cannot_be_removed(cast):
    skill = make_skill()
    SkillHeld.objects.create(learner=cast["other"].user.learner, skill=skill, level=3)
    assert cast["owner"].post(f"/profile/skills/{skill.pk}/remove/").status_code == 404
    assert SkillHeld.objects.count() == 1


def test_only_an_officer_is_led_to_the_programme_office(cast):
    assert b'href="/admin/"' in cast["officer"].get("/").content
    assert b'href="/admin/"' not in cast["owner"].get("/").content


def test_a_page_elsewhere_is_never_returned_to(cast):
    course = make_course()
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        answer = cast["owner"].post(
            f"/courses/{course.pk}/enrolment/", {"status": "saved", "next": elsewhere}
        )
        assert answer["Location"] == "/courses-for-you/"


def test_a_history_that_somebody_claimed_is_nobody_elses(cast):
    address = f"/claim/{make_claim_token(make_learner(external_id='7'))}/"
    assert cast["anonymous"].get(address)["Location"].startswith("/accounts/login/?next=/claim/")
    assert cast["owner"].post(address).status_code == 302
    assert cast["other"].post(address).status_code == 404
    assert cast["owner"].user.learner.__class__.objects.get(external_id="7").user == cast["owner"].user
