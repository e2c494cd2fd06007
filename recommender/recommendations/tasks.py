"""What Celery runs, and how the rest of the product asks for it. Thin over plain functions."""

import logging
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from recommender.recommendations import runs
from recommender.recommendations.models import Run
from recommender.recommendations.processes import is_gone
from recommender.recommendations.progress import STALLED_AFTER
from recommender.recommendations.refresh import refresh

# Longer than any run: a run that takes this long is stuck.
RUN_SECONDS = 2 * 3600
QUEUED_AT_MOST = timedelta(hours=6)

logger = logging.getLogger(__name__)


@shared_task(time_limit=RUN_SECONDS)
def carry_out_run(run_id):
    runs.carry_out(run_id)


@shared_task
def start_nightly_run():
    start_run()


@shared_task
def fail_stalled_runs():
    fail_stalled()


@shared_task
def refresh_list(learner_id):
    refresh([learner_id])


def start_run(started_by=None):
    """A new queued run, handed to Celery when the caller's transaction commits."""
    fail_stalled()
    run = Run.objects.create(started_by=started_by)
    transaction.on_commit(partial(_send_run, run.pk))
    return run


def refresh_soon(learner):
    """Has the learner's list made anew when the caller's transaction commits."""
    transaction.on_commit(partial(_send_refresh, learner.pk))


def fail_stalled():
    """Fails runs whose process ended or fell silent, and runs that no worker ever took; how many."""
    now = timezone.now()
    gone = [run.pk for run in Run.objects.active() if is_gone(run.process)]
    silent = Q(status__in=Run.ACTIVE, heartbeat_at__lt=now - STALLED_AFTER)
    forgotten = Q(status=Run.Status.QUEUED, created_at__lt=now - QUEUED_AT_MOST)
    stalled = Run.objects.filter(Q(pk__in=gone) | silent | forgotten)
    return runs.fail(stalled, "Stalled: its process ended or was not heard of any more.")


def _send_run(run_id):
    try:
        carry_out_run.delay(run_id)
    except OperationalError as error:
        runs.fail(Run.objects.filter(pk=run_id), f"The broker could not be reached: {error}")


def _send_refresh(learner_id):
    try:
        refresh_list.delay(learner_id)
    except OperationalError:
        # The rules are applied again when the list is read; only the order waits for the next run.
        logger.exception("The broker could not be reached; the list of learner %s waits.", learner_id)
