"""What Celery runs for the catalogue, and how the admin asks for it. Thin over plain functions."""

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from recommender.catalogue import tagging
from recommender.catalogue.models import TaggingRun

logger = logging.getLogger(__name__)


@shared_task(time_limit=TaggingRun.LONGEST.total_seconds())
def propose_queued_skills():
    """Carries out the tagging run that waits longest, and has the next one carried out after it."""
    TaggingRun.objects.fail_stalled()
    if run := TaggingRun.objects.claim():
        try:
            tagging.carry_out(run)
        finally:
            _send()


def start_tagging(course_ids):
    """A new queued tagging run, handed to Celery when the caller's transaction commits."""
    run = TaggingRun.objects.create(course_ids=sorted(course_ids))
    transaction.on_commit(_send)
    return run


def _send():
    try:
        propose_queued_skills.delay()
    except OperationalError:
        # The schedule takes up what is queued.
        logger.exception("The broker could not be reached; proposing skills waits.")
