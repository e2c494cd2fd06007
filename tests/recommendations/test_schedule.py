"""The schedule as beat takes it over into its tables."""

import pytest
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from hktalent.celery import app
from recommender.recommendations.models import Run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scheduled():
    DatabaseScheduler(app=app, lazy=False)
    return {task.name: task for task in PeriodicTask.objects.all()}


def test_the_nightly_run_starts_at_three_in_hong_kong(scheduled):
    nightly = scheduled["nightly recommendations"]
    crontab = nightly.crontab
    assert (crontab.hour, crontab.minute, crontab.day_of_week) == ("3", "0", "*")
    assert str(crontab.timezone) == "Asia/Hong_Kong"
    app.tasks[nightly.task].apply()
    assert Run.objects.get().started_by is None


def test_stalled_runs_are_looked_for_twice_a_minute(scheduled):
    stalled = scheduled["fail stalled runs"]
    assert (stalled.interval.every, stalled.interval.period) == (30, "seconds")
    assert stalled.task in app.tasks
