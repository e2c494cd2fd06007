"""Proposals: what is stored of them, what counts, and that people have the last word."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from recommender.catalogue.importers import import_catalogue
from recommender.catalogue.models import Course, CourseSkill
from recommender.catalogue.tagging import propose_skills
from tests.csv_files import CsvFile
from tests.factories import make_course, make_skill

pytestmark = pytest.mark.django_db


@pytest.fixture
def learning(db):
    return make_skill("machine-learning", name_en="machine learning", name_zh_hant="機器學習", aliases=["ML"])


@pytest.fixture
def ethics(db):
    return make_skill("ethics", name_en="data ethics", name_zh_hant="數據倫理")


def rows(**filters):
    found = CourseSkill.objects.filter(**filters).order_by("course__code", "skill__slug")
    return list(found.values_list("course__code", "skill__slug", "state", "level"))


def add(course, skill, state="proposed", confidence=0.9, level=3):
    return CourseSkill.objects.create(
        course=course, skill=skill, state=state, confidence=confidence, level=level
    )


def test_skills_are_proposed_from_texts_in_both_scripts(learning, ethics):
    make_course("a", title_en="Machine Learning", hkqf_level=6, hkqf_basis="award")
    make_course("b", title_en="", title_zh_hant="數據倫理入門")
    make_course("c", title_en="Tea ceremonies", description_en="With a little ML in the end.")
    assert str(propose_skills()).startswith("Courses: 3. Proposed skills: 3 added, 0 changed")
    assert rows() == [
        ("a", "machine-learning", "proposed", 4),
        ("b", "ethics", "proposed", 2),
        ("c", "machine-learning", "proposed", 2),
    ]
    assert list(CourseSkill.objects.order_by("course__code").values_list("basis", flat=True)) == [
        "title: machine learning; level 4 assumed from HKQF level 6",
        "title: 數據倫理; level 2 assumed without an HKQF level",
        "description: ML; level 2 assumed without an HKQF level",
    ]
    confidences = list(CourseSkill.objects.order_by("course__code").values_list("confidence", flat=True))
    assert confidences[0] > confidences[2] > 0


@pytest.fixture
def hundred(learning, ethics):
    """120 courses whose titles name one skill and whose descriptions the other."""
    return [
        make_course(title_en=f"Machine learning {n}", description_en=f"With data ethics, part {n % 7}")
        for n in range(120)
    ]


def test_confirming_one_skill_of_courses_says_nothing_against_their_others(hundred, learning, ethics):
    propose_skills()
    before = CourseSkill.objects.filter(skill=ethics).order_by("pk").values_list("confidence", flat=True)
    expected = list(before)
    assert min(expected) > 0.2
    CourseSkill.objects.filter(skill=learning).update(state="confirmed")
    propose_skills()
    assert list(before.all()) == expected


def test_a_veto_is_learned_from(hundred, learning, ethics):
    propose_skills()
    CourseSkill.objects.filter(skill=learning).update(state="confirmed")
    CourseSkill.objects.filter(skill=ethics, course__in=hundred[:110]).update(state="vetoed")
    undecided = CourseSkill.objects.filter(state="proposed")
    before = min(undecided.values_list("confidence", flat=True))
    propose_skills()
    assert undecided.count() == 10
    assert max(undecided.values_list("confidence", flat=True)) < before


def test_a_list_that_courses_came_with_is_learned_from_whole_again_and_again(hundred, learning, ethics):
    for course in hundred:
        add(course, learning, "confirmed", None)
    first = propose_skills()
    described = list(CourseSkill.objects.filter(skill=ethics).values_list("confidence", flat=True))
    assert (first.added, max(described) < 0.2) == (120, True)
    again = propose_skills()
    assert (again.added, again.changed, again.removed, again.unchanged) == (0, 0, 0, 120)


def test_again_changes_nothing(learning):
    make_course(title_en="Machine learning")
    propose_skills()
    before = CourseSkill.objects.values_list().get()
    again = propose_skills()
    assert (again.added, again.changed, again.removed, again.unchanged) == (0, 0, 0, 1)
    assert CourseSkill.objects.values_list().get() == before


def test_a_veto_and_a_confirmation_survive_every_tagging(learning, ethics):
    course = make_course("a", title_en="Machine learning and data ethics")
    propose_skills()
    CourseSkill.objects.filter(skill=learning).update(state="vetoed")
    CourseSkill.objects.filter(skill=ethics).update(state="confirmed", level=5, basis="an officer")
    decided = list(CourseSkill.objects.order_by("pk").values_list())
    for title in ("Machine learning and data ethics", "Tea", "Machine learning"):
        Course.objects.filter(pk=course.pk).update(title_en=title)
        propose_skills()
        assert list(CourseSkill.objects.order_by("pk").values_list()) == decided


def test_proposals_follow_the_text(learning, ethics):
    course = make_course("a", title_en="Machine learning")
    propose_skills()
    Course.objects.filter(pk=course.pk).update(title_en="Data ethics")
    result = propose_skills()
    assert (result.added, result.removed) == (1, 1)
    assert rows() == [("a", "ethics", "proposed", 2)]
    Course.objects.filter(pk=course.pk).update(hkqf_level=7, hkqf_basis="award")
    assert propose_skills().changed == 1
    assert rows() == [("a", "ethics", "proposed", 5)]


def test_one_course_alone(learning):
    chosen, _other = (
        make_course("a", title_en="Machine learning"),
        make_course("b", title_en="Machine learning"),
    )
    propose_skills(only={chosen.pk})
    assert [row[0] for row in rows()] == ["a"]


def test_a_dry_run_counts_and_changes_nothing(learning):
    make_course(title_en="Machine learning")
    assert propose_skills(dry_run=True).added == 1
    assert not CourseSkill.objects.exists()


def test_without_courses_or_skills_nothing_is_proposed():
    assert propose_skills().added == 0
    make_course(title_en="Machine learning")
    assert propose_skills().added == 0


def test_what_counts(learning):
    kept = {
        add(make_course(), learning, "confirmed", None),
        add(make_course(), learning, "confirmed", 0.1),
        add(make_course(), learning, "proposed", 0.5),
    }
    add(make_course(), learning, "proposed", 0.49)
    add(make_course(), learning, "vetoed", 0.9)
    add(make_course(), learning, "vetoed", None)
    assert set(CourseSkill.objects.counted()) == kept


@pytest.mark.parametrize(
    "values",
    [
        {"state": "proposed", "confidence": None},
        {"confidence": 0.0},
        {"confidence": 1.01},
        {"state": "guessed"},
    ],
)
def test_the_database_refuses(learning, values):
    course = make_course()
    with pytest.raises(IntegrityError), transaction.atomic():
        add(course, learning, **values)


def test_a_file_confirms_a_proposal_but_not_what_was_vetoed(learning):
    add(make_course("a"), learning)
    add(make_course("b"), learning, "vetoed")
    file = "course,skill,level\na,machine-learning,4\nb,machine-learning,4\n"
    (result,) = import_catalogue(course_skills=CsvFile(file), allow_large_change=True)
    assert rows() == [("a", "machine-learning", "confirmed", 4), ("b", "machine-learning", "vetoed", 3)]
    assert (result.changed, result.unchanged, result.rejected) == (1, 1, 0)
    assert result.notes == ["1 skill left out, because an officer has vetoed it for its course"]


def test_a_course_is_found_by_a_skill_only_if_that_counts(learning):
    for code, state in [("a", "confirmed"), ("b", "proposed"), ("c", "vetoed")]:
        add(make_course(code), learning, state)
    add(make_course("d"), learning, confidence=0.4)
    found = Course.objects.search("machine").values_list("code", flat=True)
    assert sorted(found) == ["a", "b"]


def test_a_course_is_found_by_what_was_just_proposed(learning):
    make_course("a", title_en="Tea")
    make_course("b", title_zh_hant="機器學習")
    propose_skills()
    counted = CourseSkill.objects.counted().values_list("course__code", flat=True)
    assert set(counted) == set(Course.objects.search("machine").values_list("code", flat=True)) == {"b"}


def test_the_command_says_what_it_did(learning):
    make_course("a", title_en="Machine learning")
    make_course("b", title_en="Machine learning")
    out = StringIO()
    call_command("tag_courses", "--course", "a", "--dry-run", stdout=out)
    assert "Courses: 1. Proposed skills: 1 added" in out.getvalue()
    assert "Nothing was changed" in out.getvalue()
    call_command("tag_courses", stdout=StringIO())
    assert len(rows()) == 2
    with pytest.raises(CommandError, match="no course with the code 'z'"):
        call_command("tag_courses", "--course", "z")
