"""The answer to "why (not) this course?" on its page, and the ways that lead there."""

import re
from dataclasses import replace
from datetime import date

import pytest

from recommender.learners.models import Enrolment, Event
from recommender.portal import why as page_of_why
from recommender.recommendations.lists import Part, Reason, Recommendation
from recommender.recommendations.packing import Demand, Source
from recommender.recommendations.rules import Rule
from recommender.recommendations.why import Counterfactual, Why
from recommender.skills.models import Language, Level
from tests.factories import make_course, make_offering
from tests.portal.test_my_gap import text_of

pytestmark = pytest.mark.django_db
QUESTION = "Why is this course on my list, or not?"


def ask(client, course):
    return text_of(client.get(f"/courses/{course.pk}/why/"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": "closed"}, "It is closed: nobody can join it any more."),
        ({"entry_hkqf_level": 5}, "It asks, or its like do, for HKQF level 5 to enter; your profile says 4."),
        ({"study_pattern": "full_time"}, "It takes 20 hours a week; you have 6."),
    ],
)
def test_each_fact_of_a_course_that_keeps_it_off_is_said(city, ada, fields, sentence):
    city.learner.hkqf_level = 4
    city.learner.save()
    words = ask(ada, make_course(**fields))
    assert f"It is not on your list, because it cannot be: {sentence}" in words
    assert "What speaks for it" not in words


def test_what_the_learner_did_with_it_is_said(city, ada):
    assert "You have completed it." in ask(ada, city.taken)
    assert "It is in your learning already." in ask(ada, city.saved)
    assert "You said that it is not for you." in ask(ada, city.dismissed)


def test_prerequisites_languages_and_dates_are_named(city, ada):
    english, cantonese = city.rich.languages.get(), Language.objects.get(pk="yue")
    city.learner.languages.set([cantonese])
    first = make_course(title_en="First steps")
    over = make_course(
        languages=[english, Language.objects.get(pk="cmn")], needs={city.python: 3}, after=[first]
    )
    make_offering(over, starts_on=date(2020, 1, 6), ends_on=date(2020, 3, 6))
    words = ask(ada, over)
    assert "It has no date to join at present: all have begun or are full." in words
    assert "It asks for Python at level “Independent”; yours is “Beginner”." in words
    assert "It asks that you complete First steps first." in words
    assert re.search(r"You follow none of its languages: .+, English|English, .+\.", words)


def test_each_reason_says_what_would_change_it(city, ada):
    english, cantonese = city.rich.languages.get(), Language.objects.get(pk="yue")
    city.learner.languages.set([cantonese])
    city.learner.hkqf_level = 4
    city.learner.save()
    over = make_course()
    make_offering(over, starts_on=date(2020, 1, 6), ends_on=date(2020, 3, 6))
    for course, words in [
        (city.closed, "Only its provider can open it again."),
        (over, "A new date, or a seat that becomes free, would change that."),
        (city.taken, "If you have not, remove it from your learning."),
        (city.saved, "Remove it from your learning to have it recommended."),
        (city.dismissed, "Undo that on its page to have it recommended."),
        (make_course(entry_hkqf_level=5), "If you have a higher qualification, say so on your profile."),
        (make_course(study_pattern="full_time"), "As many hours on your profile would change that."),
        (make_course(languages=[english]), "If you can follow one of them, add it on your profile."),
        (make_course(needs={city.python: 5}), "If you are at that level already, say so on your profile."),
        (make_course(after=[city.free]), "If you have, mark it as completed."),
    ]:
        text = ask(ada, course)
        assert words in text
        assert "Each of these alone keeps it off" not in text
    both = ask(ada, make_course(entry_hkqf_level=5, study_pattern="full_time"))
    assert "Each of these alone keeps it off: all of them would have to change." in both


def test_no_rule_is_without_words():
    assert set(Rule) == {*page_of_why.WOULD_CHANGE, Rule.PREREQUISITE}


def test_a_listed_course_says_its_place_and_what_speaks_for_it(city, ada):
    words = ask(ada, city.free)
    assert "It is on your list, at place 1 ." in words
    assert "It teaches Python, which your goal needs 100%" in words
    assert "If you had Python at level “Independent” already, it would stay at place 1." in words
    assert "No run has been published yet" in words


def part(*reasons):
    return Part(sum(share for _, share in reasons), 0, [Reason(s, share, 0) for s, share in reasons], 0.0, 0)


@pytest.fixture
def answer(city):
    """A course at place 12, on a list of ten."""
    own = Recommendation(
        course=city.rich,
        rank=12,
        score=0.25,
        source=Source.MODEL,
        relevance_source=Source.MODEL,
        demand=Demand.UNKNOWN,
        relevance=0.2,
        value=0.4,
        gap_closed=0.5,
        by_relevance=part((city.taken, 0.125)),
        by_value=part((city.statistics, 0.125)),
    )
    last = replace(own, course=city.free, rank=10, score=0.5, by_relevance=part((city.taken, 0.375)))
    what_ifs = [
        Counterfactual(city.taken, None, 14, 0.1),
        Counterfactual(city.saved, None, None, None),
        Counterfactual(city.statistics, Level.INDEPENDENT, 12, 0.2),
        Counterfactual(city.dismissed, None, 13, 0.2, is_turned_down=True),
    ]
    return Why(city.rich, None, 10, [], own, last, [], what_ifs)


def test_an_outranked_course_stands_beside_the_last_of_the_list(city, ada, answer, monkeypatch):
    monkeypatch.setattr(page_of_why, "why", lambda learner, course, limit: answer)
    words = ask(ada, city.rich)
    assert "It would be at place 12 ; your list ends at place 10. Other courses come first." in words
    source = "What learners like you took next"
    assert f"Statistics with Python {source} 0.250 0.125 0.125" in words
    assert f"Résumé writing for coders {source} 0.500 0.375 0.125" in words
    assert (
        "Without Programming for beginners in your learning, it would be at place 14 instead of 12." in words
    )
    assert "Without Databases in practice in your learning, it would be off your list." in words
    title = city.dismissed.title_en
    assert f"Had you not said that {title} is not for you, it would be at place 13 instead of 12." in words
    assert f"Without {title} in your learning" not in words
    assert "If you had statistics at level “Independent” already, it would stay at place 12." in words


def test_a_near_copy_names_those_that_come_first(city, ada, answer, monkeypatch):
    passed_over = replace(answer, own=None, last=None, counterfactuals=[], copies=[answer.last])
    monkeypatch.setattr(page_of_why, "why", lambda learner, course, limit: passed_over)
    words = ask(ada, city.rich)
    assert "these courses are much the same and come first: Résumé writing for coders" in words
    assert "It may take their place if you turn those down" in words


def test_an_outranked_course_for_which_nothing_speaks_says_what_would(city, ada, answer, monkeypatch):
    monkeypatch.setattr(page_of_why, "why", lambda *_args, **_limit: replace(answer, counterfactuals=[]))
    assert "Neither your learning nor your goal speaks for it." in ask(ada, city.rich)


def test_who_may_ask(cast, city):
    address = f"/courses/{city.rich.pk}/why/"
    assert cast["anonymous"].get(address)["Location"] == f"/accounts/login/?next={address}"
    Enrolment.objects.create(learner=cast["owner"].user.learner, course=city.free, status="completed")
    assert "You have completed it." in ask(cast["owner"], city.free)
    for person in ("other", "officer"):
        assert "You have completed it." not in ask(cast[person], city.free)
    assert cast["owner"].get(f"/courses/{city.draft.pk}/why/").status_code == 404
    assert cast["anonymous"].get("/courses-for-you/why-not/").status_code == 302


def test_the_question_stands_on_the_page_of_a_course_for_learners(client, city, ada):
    address = f"/courses/{city.rich.pk}/"
    page = ada.get(address).content.decode()
    assert QUESTION in page
    assert f'href="{address}why/"' in page
    assert QUESTION not in client.get(address).content.decode()


def test_why_not_finds_the_course(city, ada):
    search = "/courses-for-you/why-not/"
    assert f'action="{search}"' in ada.get("/courses-for-you/").content.decode()
    assert ada.get(search, {"q": "spreadsheets"})["Location"] == f"/courses/{city.dismissed.pk}/why/"
    both = ada.get(search, {"q": "python"}).content.decode()
    for course in (city.rich, city.free):
        assert f'href="/courses/{course.pk}/why/"' in both
    assert "No course is called that." in ada.get(search, {"q": "zzzz"}).content.decode()
    assert "No course is called that." not in ada.get(search).content.decode()
    assert ada.get(search, {"q": "Not ready"}).status_code == 200


def test_asking_is_no_view_and_changes_nothing(city, ada):
    city.learner.refresh_from_db()
    before = city.learner.changed_at
    ask(ada, city.rich)
    city.learner.refresh_from_db()
    assert city.learner.changed_at == before
    assert not Event.objects.filter(kind="viewed").exists()
