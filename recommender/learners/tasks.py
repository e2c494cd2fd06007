"""What Celery runs for accounts each day. Thin over plain functions."""

from celery import shared_task
from django.core.management import call_command

from recommender.learners import retention
from recommender.learners.mails import send_queued

__all__ = ["forget_what_has_expired", "send_queued"]


@shared_task
def forget_what_has_expired():
    """Clears sign-ins that ended; tells, and later erases, whoever has not signed in for the stated time."""
    call_command("clearsessions")
    retention.tell_the_idle()
    retention.erase_the_told()
