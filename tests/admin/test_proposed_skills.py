"""Officers decide what the tagger has proposed, and the history keeps who did."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from recommender.catalogue.models import Course, CourseSkill, TaggingRun
from tests.cast import grant, make_cast
from tests.factories import make_course, make_skill

pytestmark = pytest.mark.django_db
LIST = "admin:catalogue_courseskill_changelist"


@pytest.fixture
def cast(db):
    return make_cast("catalogue.view_courseskill", "catalogue.change_courseskill", "catalogue.view_course")


def propose(course, *skills, confidence=0.6):
    rows = (
        CourseSkill(course=course, skill=skill, level=2, state="proposed", confidence=confidence)
        for skill in skills
    )
    return CourseSkill.objects.bulk_create(rows)


def act(client, action, rows, name=LIST):
    return client.post(reverse(name), {"action": action, "_selected_action": [row.pk for row in rows]})


@pytest.mark.parametrize(("action", "state"), [("confirm", "confirmed"), ("veto", "vetoed")])
def test_an_officer_decides_several_at_once_and_each_is_kept_in_the_history(cast, action, state):
    course = make_course()
    first, second, third = propose(course, make_skill(), make_skill(), make_skill())
    assert act(cast["officer"], action, [first, second]).status_code == 302
    states = dict(CourseSkill.objects.values_list("pk", "state"))
    assert states == {first.pk: state, second.pk: state, third.pk: "proposed"}
    entries = LogEntry.objects.filter(user=cast["officer"].user)
    assert {int(entry.object_id) for entry in entries} == {first.pk, second.pk}
    act(cast["officer"], action, [first])
    assert entries.count() == 2


def test_a_course_is_found_by_a_skill_until_that_is_vetoed_and_again_once_it_is_confirmed(cast):
    course = make_course()
    row = CourseSkill.objects.create(course=course, skill=make_skill("weaving"), level=2)
    for action, found in [("veto", 0), ("confirm", 1)]:
        act(cast["officer"], action, [row])
        assert Course.objects.search("weaving").count() == found


@pytest.mark.parametrize(("button", "state"), [("confirm_this", "confirmed"), ("veto_this", "vetoed")])
def test_an_officer_decides_on_the_page_of_one(cast, button, state):
    (row,) = propose(make_course(), make_skill())
    address = reverse("admin:catalogue_courseskill_change", args=[row.pk])
    assert button in cast["officer"].get(address).content.decode()
    form = {"course": row.course_id, "skill": row.skill_id, "level": 3, "state": "proposed", "basis": "title"}
    assert cast["officer"].post(address, form | {f"catalogue_courseskill_{button}": ""}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.level, row.confidence) == (state, 3, 0.6)


@pytest.mark.parametrize("part", ["anonymous", "owner", "other", "staff"])
@pytest.mark.parametrize("action", ["confirm", "veto"])
def test_nobody_else_decides(cast, part, action):
    (row,) = propose(make_course(), make_skill())
    act(cast[part], action, [row])
    assert CourseSkill.objects.get().state == "proposed"


def test_who_may_only_look_decides_nothing(db):
    officer = make_cast("catalogue.view_courseskill")["officer"]
    (row,) = propose(make_course(), make_skill())
    act(officer, "confirm", [row])
    address = reverse("admin:catalogue_courseskill_change", args=[row.pk])
    assert "confirm_this" not in officer.get(address).content.decode()
    officer.post(address, {"catalogue_courseskill_veto_this": ""})
    assert CourseSkill.objects.get().state == "proposed"


def test_rows_are_found_by_state_confidence_and_skill(cast):
    course, python, statistics = make_course(), make_skill("python"), make_skill("statistics")
    (sure,) = propose(course, python, confidence=0.9)
    (unsure,) = propose(course, statistics, confidence=0.3)
    confirmed = CourseSkill.objects.create(course=course, skill=make_skill(), level=2)

    def found(**filters):
        return list(cast["officer"].get(reverse(LIST), filters).context["cl"].queryset)

    assert found() == [sure, unsure, confirmed]
    assert found(state__exact="proposed") == [sure, unsure]
    assert found(confidence="high") == [sure]
    assert found(confidence="low") == [unsure]
    assert found(skill__id__exact=statistics.pk) == [unsure]


def test_what_an_officer_adds_is_confirmed(cast):
    form = {"course": make_course().pk, "skill": make_skill().pk, "level": 3, "state": "proposed"}
    answer = cast["superuser"].post(reverse("admin:catalogue_courseskill_add"), form)
    assert answer.status_code == 302
    row = CourseSkill.objects.get()
    assert (row.state, row.confidence) == ("confirmed", None)


def ask(client, *courses):
    return act(client, "propose", courses, "admin:catalogue_course_changelist")


def test_proposals_are_started_on_the_list_of_courses_and_made_by_the_task(
    cast, django_capture_on_commit_callbacks
):
    make_skill("python", name_en="Python")
    chosen, other = make_course(title_en="Python"), make_course(title_en="Python, continued")
    with django_capture_on_commit_callbacks() as handed_over:
        answer = ask(cast["superuser"], chosen)
    run = TaggingRun.objects.get()
    assert answer.url == reverse("admin:catalogue_taggingrun_change", args=[run.pk])
    assert not CourseSkill.objects.exists()
    text = cast["superuser"].get(answer.url).content.decode()
    assert "Proposing of skills has been started." in text
    assert "Not known yet: load the page again." in text
    [hand_over] = handed_over
    hand_over()
    assert CourseSkill.objects.get().course == chosen != other
    assert "Proposed skills: 1 added" in cast["superuser"].get(answer.url).content.decode()
    entry = LogEntry.objects.get(user=cast["superuser"].user)
    assert entry.get_edited_object() == run


@pytest.mark.parametrize("part", ["anonymous", "owner", "other", "officer", "staff"])
def test_nobody_else_starts_proposals_or_sees_what_became_of_them(cast, part):
    run = TaggingRun.objects.create(course_ids=[])
    ask(cast[part], make_course())
    assert TaggingRun.objects.get() == run
    address = reverse("admin:catalogue_taggingrun_change", args=[run.pk])
    assert cast[part].get(address).status_code in (302, 403)


def test_who_may_start_proposals_sees_what_became_of_them(cast):
    grant(cast["officer"].user, "catalogue.add_courseskill")
    assert ask(cast["officer"], make_course()).status_code == 302
    address = reverse("admin:catalogue_taggingrun_change", args=[TaggingRun.objects.get().pk])
    assert cast["officer"].get(address).status_code == 200
