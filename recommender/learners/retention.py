"""Accounts that nobody signs in to: told first, erased a month later. Off unless months are set."""

from datetime import timedelta

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from recommender.learners import mails
from recommender.learners.erasure import erase, language_of
from recommender.learners.models import User

NOTICE = timedelta(days=30)


def idle(now):
    """Accounts of learners without a sign-in within the stated time, by when they were last seen."""
    is_known_to_the_audit = Exists(LogEntry.objects.filter(user=OuterRef("pk")))
    limit = now - timedelta(days=settings.RETENTION_MONTHS * 365 / 12)
    learners = User.objects.filter(~is_known_to_the_audit, is_staff=False, is_superuser=False)
    return learners.annotate(seen=Coalesce("last_login", "date_joined")).filter(seen__lt=limit)


def tell_the_idle():
    """Tells whoever has been idle too long, once, that the account will be erased."""
    if not settings.RETENTION_MONTHS:
        return
    now = timezone.now()
    untold = idle(now).exclude(erasure_announced_at__gt=F("seen"))
    for user in untold.iterator(chunk_size=500):
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(erasure_announced_at=now)
            context = {"months": settings.RETENTION_MONTHS, "days": NOTICE.days}
            mails.send_soon("idle", user.email, language_of(user), context)


def erase_the_told():
    """Erases whoever was told a month ago and has not signed in since."""
    if not settings.RETENTION_MONTHS:
        return
    now = timezone.now()
    told = idle(now).filter(erasure_announced_at__gt=F("seen"), erasure_announced_at__lt=now - NOTICE)
    for user in told.iterator(chunk_size=500):
        # Somebody may have signed in since the list was read.
        if told.filter(pk=user.pk).exists():
            erase(user)
