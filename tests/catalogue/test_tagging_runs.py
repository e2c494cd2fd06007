"""Tagging runs: one at a time, in order, each ended once, whatever happens to the process that took it."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from hktalent.celery import app
from recommender.catalogue.models import CourseSkill, TaggingRun
from recommender.catalogue.tasks import propose_queued_skills
from tests.factories import make_course, make_skill
from tests.services import ROOT, wait_for, worker

pytestmark = pytest.mark.django_db
UNCHANGED = {"added": 0, "changed": 0, "unchanged": 1, "removed": 0, "decided": 0}


@pytest.fixture
def course():
    make_skill("python", name_en="Python")
    return make_course(title_en="Python")


def queue(*courses, **fields):
    return TaggingRun.objects.create(course_ids=[course.pk for course in courses], **fields)


def statuses():
    return list(TaggingRun.objects.order_by("pk").values_list("status", flat=True))


def test_everything_queued_is_carried_out_and_the_same_again_changes_nothing(course):
    first, second = queue(course), queue(course)
    propose_queued_skills.delay()
    assert statuses() == ["done", "done"]
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.result == UNCHANGED | {"courses": 1, "added": 1, "unchanged": 0}
    assert second.result == UNCHANGED | {"courses": 1}
    assert first.started_at <= first.finished_at <= second.started_at
    propose_queued_skills.delay()
    again = TaggingRun.objects.get(pk=second.pk)
    assert again.finished_at == second.finished_at
    assert CourseSkill.objects.count() == 1


def test_courses_that_are_gone_are_left_out(course):
    queue(course, gone := make_course())
    gone.delete()
    propose_queued_skills.delay()
    assert TaggingRun.objects.get().result["courses"] == 1


def test_while_one_is_under_way_none_is_taken(course):
    queue(course, status="running", started_at=timezone.now())
    queue(course)
    propose_queued_skills.delay()
    assert statuses() == ["running", "queued"]


def test_one_whose_process_died_is_failed_in_the_end_and_holds_up_nobody(course):
    stalled = timezone.now() - TaggingRun.LONGEST - timedelta(seconds=1)
    queue(course, status="running", started_at=stalled)
    queue(course)
    propose_queued_skills.delay()
    assert statuses() == ["failed", "done"]


def test_an_error_is_kept_and_the_next_one_is_carried_out(course):
    broken = TaggingRun.objects.create(course_ids=0)
    queue(course)
    propose_queued_skills.delay()
    assert statuses() == ["failed", "done"]
    broken.refresh_from_db()
    assert broken.error.startswith("TypeError: ")


def test_the_schedule_takes_up_what_no_worker_was_told_of(course):
    tasks = [entry["task"] for entry in app.conf.beat_schedule.values()]
    assert propose_queued_skills.name in tasks


@pytest.mark.django_db(transaction=True)
def test_a_worker_carries_out_what_was_started(processes, course):
    start = f"from recommender.catalogue.tasks import start_tagging; start_tagging([{course.pk}])"
    with worker(processes):
        for _ in range(3):
            subprocess.run(
                [sys.executable, "manage.py", "shell", "-c", start], cwd=ROOT, env=processes, check=True
            )
        wait_for(lambda: statuses() == ["done"] * 3, seconds=60)
    assert CourseSkill.objects.get().course == course
