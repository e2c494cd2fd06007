"""E-mails: as text and as HTML, each in its reader's language."""

import logging
from functools import partial

from allauth.account.models import EmailAddress
from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def has_confirmed(user):
    """Whether the account's address is known to be its person's own."""
    return EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()


def send(name, to, language, context, headers=None):
    """Sends the e-mail of templates/email/NAME_subject.txt, NAME.txt and NAME.html. Raises OSError."""
    context = {"site_url": settings.SITE_URL, **context}
    with translation.override(language or settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string(f"email/{name}_subject.txt", context).split())
        text = render_to_string(f"email/{name}.txt", context)
        html = render_to_string(f"email/{name}.html", context)
    mail = EmailMultiAlternatives(subject, text, to=[to], headers=headers)
    mail.attach_alternative(html, "text/html")
    mail.send()


@shared_task(autoretry_for=(OSError,), retry_backoff=60, max_retries=5)
def send_queued(name, to, language, context):
    send(name, to, language, context)


def send_soon(name, to, language, context):
    """Has an e-mail sent when the caller's transaction commits."""
    transaction.on_commit(partial(_queue, name, to, language, context))


def _queue(*mail):
    try:
        send_queued.delay(*mail)
    except OperationalError:
        logger.exception("The broker could not be reached; the e-mail %s is lost.", mail[0])
