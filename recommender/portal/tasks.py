"""What Celery runs for the portal. Thin over plain functions."""

from datetime import date

from celery import shared_task
from django.utils import timezone

from recommender.portal import digest


@shared_task
def send_monthly_digests():
    """Queues the e-mail of this month, as Hong Kong has it, for everybody who asked for it."""
    month = timezone.localdate().replace(day=1).isoformat()
    for learner_id in digest.readers().order_by("pk").values_list("pk", flat=True).iterator():
        send_digest.delay(learner_id, month)


@shared_task(autoretry_for=(OSError,), retry_backoff=60, max_retries=5)
def send_digest(learner_id, month):
    digest.send(learner_id, date.fromisoformat(month))
