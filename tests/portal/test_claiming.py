"""Claiming an imported history through a signed link."""

from datetime import timedelta

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils import timezone

from recommender.learners.claims import claim, make_claim_token
from recommender.learners.models import Enrolment, Learner, PathwayStep, Question, SavedPathway
from recommender.learners.pathways import save_pathway
from tests.factories import make_enrolment, make_learner, make_role, make_sector

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported(city):
    learner = make_learner(source="Open College", external_id="s-1")
    make_enrolment(learner, city.rich, "completed")
    return learner


def address(learner):
    return f"/claim/{make_claim_token(learner)}/"


def test_the_page_says_whose_history_it_is_and_changes_nothing(imported, ada):
    text = ada.get(address(imported)).content.decode()
    assert "Open College sent us 1 course that you took there." in text
    assert "ada@example.hk" in text
    assert Enrolment.objects.filter(learner=imported).exists()


def test_a_confirmed_history_moves_to_the_account(imported, city, ada):
    answer = ada.post(address(imported), follow=True)
    assert "The history is yours." in answer.content.decode()
    assert Enrolment.objects.get(course=city.rich).learner == city.learner
    assert Learner.objects.get(pk=city.learner.pk).source == "Open College"


def save(learner, role, course, kind):
    day = timezone.localdate()
    return save_pathway(learner, role, kind, 100, [PathwayStep(course=course, starts_on=day, ends_on=day)])


def test_a_certificate_and_the_district_come_along(imported, city, ada):
    theirs = Enrolment.objects.get(learner=imported, course=city.rich)
    ours, _made = Enrolment.objects.get_or_create(
        learner=city.learner, course=city.rich, defaults={"status": "completed"}
    )
    Enrolment.objects.filter(pk=theirs.pk).update(has_certificate=True, certificate_url="https://x.example/1")
    Learner.objects.filter(pk=imported.pk).update(district="sha_tin")
    claim(imported, city.learner)
    ours.refresh_from_db()
    assert (ours.has_certificate, ours.certificate_url) == (True, "https://x.example/1")
    assert Learner.objects.get(pk=city.learner.pk).district == "sha_tin"


def test_saved_pathways_come_along_and_those_of_the_account_stay(imported, city, ada):
    other_role = make_role()
    save(imported, other_role, city.rich, "cheapest")
    save(imported, city.role, city.rich, "cheapest")
    save(city.learner, city.role, city.free, "fastest")
    ada.post(address(imported))
    kept = {
        pathway.role: (pathway.kind, [step.course for step in pathway.steps.all()])
        for pathway in SavedPathway.objects.filter(learner=city.learner)
    }
    assert kept == {city.role: ("fastest", [city.free]), other_role: ("cheapest", [city.rich])}


def test_questions_and_what_the_account_leaves_open_come_along(imported, city, ada):
    question = Question.objects.create(learner=imported, text="Which one?")
    role, sector = make_role(), make_sector()
    Learner.objects.filter(pk=imported.pk).update(hours_a_week=3, hkqf_level=4, sector=sector)
    imported.target_roles.add(role)
    Learner.objects.filter(pk=city.learner.pk).update(hours_a_week=9, hkqf_level=None, sector=None)
    city.learner.target_roles.clear()
    ada.post(address(imported))
    question.refresh_from_db()
    learner = Learner.objects.get(pk=city.learner.pk)
    assert question.learner == learner
    assert (learner.hours_a_week, learner.hkqf_level, learner.sector) == (9, 4, sector)
    assert list(learner.target_roles.all()) == [role]


def test_a_second_history_is_refused_even_where_the_account_was_read_before_the_first(imported, city):
    read_before = Learner.objects.get(pk=city.learner.pk)
    claim(imported, city.learner)
    second = make_learner(source="Other College", external_id="2")
    with pytest.raises(ValidationError):
        claim(second, read_before)
    assert Learner.objects.get(pk=city.learner.pk).source == "Open College"


def test_a_second_history_is_refused_in_words(imported, ada):
    ada.post(address(imported))
    second = make_learner(source="Other College", external_id="2")
    answer = ada.post(address(second), follow=True)
    assert "you have claimed another one" in answer.content.decode()
    assert Learner.objects.filter(pk=second.pk).exists()


def test_a_used_link_works_no_more(imported, ada):
    link = address(imported)
    ada.post(link)
    page = ada.get(link)
    assert page.status_code == 404
    assert "This link no longer works" in page.content.decode()


def test_a_link_of_31_days_works_no_more(imported, ada, monkeypatch):
    long_ago = signing.b62_encode(int((timezone.now() - timedelta(days=31)).timestamp()))
    with monkeypatch.context() as then:
        then.setattr(signing.TimestampSigner, "timestamp", lambda signer: long_ago)
        link = address(imported)
    assert ada.post(link).status_code == 404
    assert Enrolment.objects.filter(learner=imported).exists()


@pytest.mark.parametrize("token", ["x", "x:y:z", "%00", "a" * 2000])
def test_a_forged_link_does_not_work(ada, token):
    assert ada.get(f"/claim/{token}/").status_code == 404


def test_a_token_of_another_purpose_does_not_work(imported, ada):
    assert ada.get(f"/claim/{signing.dumps(imported.pk, salt='other')}/").status_code == 404
