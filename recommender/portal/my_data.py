"""My data: what is held about the reader, in words; taking it away as files; and erasing it."""

from dataclasses import dataclass
from datetime import datetime

from allauth.core import ratelimit
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommender.learners import consents, erasure, mails
from recommender.learners.consents import Purpose
from recommender.learners.export import archive
from recommender.learners.models import (
    Access,
    ConsentDecision,
    Enrolment,
    Event,
    Learner,
    Question,
    SavedPathway,
    SkillHeld,
    SubsidyClaim,
)
from recommender.portal.forms import EraseForm
from recommender.recommendations.models import LiveRun, PackedList
from recommender.recommendations.packing import unpack
from recommender.recommendations.personal_tables import PERSONAL_TABLES

# Of each list that grows; the archive holds all of it.
N_SHOWN = 20
MEANS = {
    Purpose.PROFILING: _(
        "Your courses are used to find what comes next for you, and without your name for others. On or off, "
        "your skills and courses are counted, without your name, in how many people can fill each role."
    ),
    Purpose.SHARING: _("An adviser who answers your question sees your goal, skills, hours and level."),
    Purpose.DIGEST: _("Three courses of your list by e-mail each month, with the reasons."),
}


@dataclass(frozen=True)
class Switch:
    """A purpose that a learner consents to or not; `at` is None before the first decision."""

    purpose: str
    label: str
    means: Promise
    is_on: bool
    at: datetime | None


@dataclass(frozen=True)
class MadeList:
    """A list made about the learner, and the run behind it; `n_courses` is None where it cannot be read."""

    run: int
    made_at: datetime | None
    n_courses: int | None
    is_live: bool


@login_required
def my_data(request):
    learner = Learner.objects.for_user(request.user)
    enrolments = Enrolment.objects.filter(learner=learner).select_related("course")
    events = Event.objects.filter(learner=learner).select_related("course")
    claims = SubsidyClaim.objects.filter(learner=learner).select_related("scheme")
    context = {
        "accesses": Access.objects.filter(learner=learner)[:N_SHOWN],
        "claims": claims[:N_SHOWN],
        "decisions": ConsentDecision.objects.filter(learner=learner)[:N_SHOWN],
        "enrolments": enrolments.order_by("-pk")[:N_SHOWN],
        "events": events[:N_SHOWN],
        "has_confirmed": mails.has_confirmed(request.user),
        "languages": learner.languages.all(),
        "learner": learner,
        "lists": lists_of(learner),
        "n_enrolments": enrolments.count(),
        "n_events": counts_of(events),
        "n_questions": Question.objects.filter(learner=learner).count(),
        "n_shown": N_SHOWN,
        "pathways": SavedPathway.objects.filter(learner=learner).select_related("role"),
        "roles": learner.target_roles.all(),
        "skills_held": SkillHeld.objects.filter(learner=learner).select_related("skill").order_by("skill"),
        "switches": switches_of(learner),
    }
    return render(request, "portal/my_data.html", context)


def switches_of(learner):
    return [
        Switch(purpose.value, purpose.label, MEANS[purpose], is_on, at)
        for purpose, (is_on, at) in consents.switches(learner).items()
    ]


def counts_of(events):
    """How many events there are of each kind, as (label, number)."""
    counted = events.order_by().values_list("kind").annotate(n=Count("pk"))
    return [(Event.Kind(kind).label, n) for kind, n in sorted(counted)]


def lists_of(learner):
    live = LiveRun.objects.values_list("run", flat=True).first()
    stored = PackedList.objects.filter(learner=learner).select_related("run").order_by("-run")
    return [
        MadeList(
            run=packed.run_id,
            made_at=packed.run.finished_at,
            n_courses=None if items is None else items.size,
            is_live=packed.run_id == live,
        )
        for packed in stored
        for items in [unpack(packed.packed)]
    ]


@login_required
def export(request):
    Learner.objects.for_user(request.user)
    name = f"hk-talent-{timezone.localdate():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    packed = archive(request.user, PERSONAL_TABLES)
    return HttpResponse(packed, content_type="application/zip", headers=headers)


@login_required
def erase(request):
    learner = Learner.objects.for_user(request.user)
    form = EraseForm(request.user, request.POST or None)
    if request.method == "POST":
        # Whoever sits at an open browser must not try passwords without end.
        if not ratelimit.consume(request, action="reauthenticate", user=request.user):
            return ratelimit.respond_429(request)
        if form.is_valid() and is_erased(request, form):
            return redirect("portal:erased")
    context = {
        "form": form,
        "learner": learner,
        "works_in_the_office": erasure.works_in_the_office(request.user),
    }
    return render(request, "portal/erase.html", context)


def is_erased(request, form):
    try:
        erasure.erase(request.user)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    logout(request)
    return True


def erased(request):
    return render(request, "portal/erased.html")
