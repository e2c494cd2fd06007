"""The monthly e-mail: three courses of a learner's list with the reasons, for those who asked for it."""

from html import unescape

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags
from django.views.decorators.csrf import csrf_exempt

from recommender.learners import consents, mails
from recommender.learners.consents import Purpose
from recommender.learners.models import Learner, SentDigest
from recommender.portal.for_you import parts_of
from recommender.recommendations.lists import shown_list

N_COURSES = 3
SALT = "digest"


def readers():
    """Learners who asked for the e-mail and confirmed their address."""
    confirmed = EmailAddress.objects.filter(
        user=OuterRef("user"), email__iexact=OuterRef("user__email"), verified=True
    )
    return Learner.objects.filter(Exists(confirmed), wants_digest=True, user__is_active=True)


def send(learner_id, month):
    """Sends a learner the e-mail of a month, named by its first day, at most once; whether it was sent.

    Raises OSError when the mail server does not take it; then it may be tried again.
    """
    learner = readers().select_related("user").filter(pk=learner_id).first()
    if learner is None:
        return False
    with translation.override(learner.language or settings.LANGUAGE_CODE):
        picks = picks_of(learner)
    if not picks or not is_first(learner, month):
        return False
    address = f"{settings.SITE_URL}{reverse('portal:stop_digest', args=[make_token(learner)])}"
    # RFC 8058: the mail program itself can stop it with one click.
    headers = {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    context = {"picks": picks, "name": learner.display_name, "stop_url": address}
    try:
        mails.send("digest", learner.user.email, learner.language, context, headers)
    except OSError:
        SentDigest.objects.filter(learner=learner, month=month).delete()
        raise
    return True


def is_first(learner, month):
    """Notes that a month's e-mail goes out; False where it did already, or is about to."""
    try:
        with transaction.atomic():
            SentDigest.objects.create(learner=learner, month=month)
    except IntegrityError:
        return False
    return True


def picks_of(learner):
    """The first courses of the list, each with the words for its largest reason."""
    return [
        {
            "title": str(item.course.title),
            "provider": str(item.course.provider.name),
            "path": reverse("portal:course", args=[item.course.pk]),
            "why": why(item),
        }
        for item in shown_list(learner, limit=N_COURSES).items
    ]


def why(item):
    """The largest part of the score in plain words."""
    whys = [why for part in parts_of(item, notes={}) for why in part.whys]
    largest = max(whys, key=lambda why: why.percent, default=None)
    # Written for a page, where another language is marked.
    return unescape(strip_tags(str(largest.text))) if largest else item.source.label


def make_token(learner):
    """Stands for a learner in the address that stops the e-mail. It never expires: old e-mails keep it."""
    return signing.dumps(learner.pk, salt=SALT)


@csrf_exempt
def stop(request, token):
    """Stops the e-mail on POST, without a sign-in; on GET asks, because programs follow links in e-mails.

    The answer to a POST is no redirect: mail programs do not follow any (RFC 8058).
    """
    try:
        learner = Learner.objects.filter(pk=signing.loads(token, salt=SALT)).first()
    except signing.BadSignature:
        return render(request, "portal/stop_refused.html", status=404)
    if request.method == "POST" and learner:
        consents.decide(learner, Purpose.DIGEST, False)
    # Nobody is left where the account was erased: then nothing is sent either.
    return render(request, "portal/stop_digest.html", {"is_on": bool(learner and learner.wants_digest)})
