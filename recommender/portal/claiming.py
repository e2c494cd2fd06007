"""The page behind a signed link: a person takes over the history that was imported for them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from recommender.learners import claims
from recommender.learners.models import Enrolment, Learner
from recommender.recommendations.tasks import refresh_soon


@login_required
def claim(request, token):
    try:
        imported = claims.read_claim_token(token)
    except (BadSignature, Learner.DoesNotExist):
        return render(request, "portal/claim_refused.html", status=404)
    if request.method == "POST":
        take_over(request, imported)
        return redirect("portal:learning")
    n_courses = Enrolment.objects.filter(learner=imported).count()
    return render(request, "portal/claim.html", {"imported": imported, "n_courses": n_courses})


def take_over(request, imported):
    learner = Learner.objects.for_user(request.user)
    try:
        with transaction.atomic():
            claims.claim(imported, learner)
            refresh_soon(learner)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("The history is yours. Your list now rests on it."))
