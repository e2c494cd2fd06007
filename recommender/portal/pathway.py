"""My pathway: ways to a target role as of today, why there is none, and the pathways that a learner keeps."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from rest_framework.throttling import UserRateThrottle

from recommender.catalogue.models import Course, Offering
from recommender.learners.models import Learner
from recommender.learners.pathways import drop_pathway, heading_of, save_pathway
from recommender.portal.forms import ProfileForm
from recommender.portal.kept_pathway import kept_pathways
from recommender.portal.pathway_changes import address_of, changes_of
from recommender.portal.pathway_form import PathwayForm
from recommender.portal.returning import learner_action
from recommender.portal.templatetags.hongkong import marked
from recommender.portal.timeline import ROW, Bar, bars_of
from recommender.recommendations.pathway_wish import wish_of
from recommender.recommendations.pathways import Alternative, Question
from recommender.recommendations.tasks import refresh_soon
from recommender.workforce.models import Role

PAGE = "portal/my_pathway.html"
SALT = "pathway"
# The page that a pathway was read on may stay open for so long.
SAVED_WITHIN_SECONDS = 24 * 3600


@dataclass(frozen=True)
class PathwayCard:
    """An alternative with its timeline; `token` holds its steps, so that what was read is what is kept.

    One pathway may be the fastest and the cheapest: `titles` names all that it is.
    """

    titles: list[str]
    alternative: Alternative
    bars: list[Bar]
    height: int
    token: str

    @property
    def likelihood(self):
        """The chance of finishing in words: the figure is an assumption, finer than anybody can know."""
        words = ((1 / 3, _("Low")), (2 / 3, _("Fair")), (1, _("Good")))
        return next(word for most, word in words if self.alternative.chance <= 100 * most)


@dataclass(frozen=True)
class KeptStep:
    course: Course
    offering: Offering | None
    starts_on: date
    ends_on: date


class PathwayThrottle(UserRateThrottle):
    """How often a person may have pathways planned, on the page and by program together."""

    scope = "pathways"


@login_required
def my_pathway(request):
    learner, today = Learner.objects.for_user(request.user), timezone.localdate()
    asked = request.GET if "role" in request.GET else None
    form = PathwayForm(asked, learner=learner, wish=wish_of(learner, today=today), today=today)
    context = {
        "form": form,
        "forms": [form],
        "saved": kept_pathways(learner, today=today),
    }
    if asked is None or not form.is_valid():
        return render(request, PAGE, context)
    # One visit counts once, however much there is to plan, and not where the answers are known.
    may_plan = cache(lambda: PathwayThrottle().allow_request(request, view=None))
    role, wish = form.cleaned_data["role"], form.wish()
    whole = answer_to(Question(learner, role, wish, today=today), may_plan)
    if whole is None:
        return render(request, PAGE, context | {"is_too_often": True}, status=429)
    share, found = whole.why_none.coverage if whole.why_none else 0, whole
    if share and form.takes_less:
        less = Question(learner, role, replace(wish, coverage=share), today=today)
        found = answer_to(less, may_plan) or whole
    return render(request, PAGE, context | shown(found, whole, form, learner))


def answer_to(question, may_plan):
    """None where it would have to be planned and may not be."""
    return question.answer() if question.is_answered or may_plan() else None


def shown(found, whole, form, learner):
    """What the page shows of an answer; `found` is of a part of the role where all of it is out of reach."""
    role, wish = form.cleaned_data["role"], form.wish()
    share = whole.why_none.coverage if whole.why_none else 0
    cards = cards_of(found.alternatives, learner, role)
    return {
        "cards": cards,
        "changes": changes_of(whole.why_none, form, wish),
        "is_part": bool(whole.why_none) and whole.why_none.coverage_changed < wish.coverage,
        "is_unlike_profile": (wish.hours_a_week, wish.budget_cents)
        != (learner.hours_a_week, learner.budget_cents),
        "role": role,
        "share": share,
        "within_reach": address_of(form, coverage=share) if share and not cards else "",
        "whole": whole,
    }


def cards_of(alternatives, learner, role):
    """A card for each different pathway; the order of the same courses is no difference."""
    same = {}
    for each in alternatives:
        steps = frozenset((step.course, step.offering) for step in each.steps)
        same.setdefault(steps, []).append(each)
    return [card_of(each, learner, role) for each in same.values()]


def card_of(alike, learner, role):
    alternative = alike[0]
    spells = [[(spell.start, spell.end) for spell in step.spells] for step in alternative.steps]
    return PathwayCard(
        titles=[heading_of(each.kind, [step.fee for step in each.steps]) for each in alike],
        alternative=alternative,
        bars=bars_of(spells, alternative.starts_on, alternative.ends_on),
        height=ROW * len(alternative.steps),
        token=signing.dumps(packed(alternative, learner, role), salt=SALT, compress=True),
    )


def packed(alternative, learner, role):
    steps = [
        [step.course.pk, step.offering and step.offering.pk, f"{step.starts_on}", f"{step.ends_on}"]
        for step in alternative.steps
    ]
    return [learner.pk, role.pk, alternative.kind, alternative.covered, steps]


@learner_action
@transaction.atomic
def save(request, learner):
    try:
        owner, role, kind, coverage, steps = signing.loads(
            request.POST.get("pathway", ""), salt=SALT, max_age=SAVED_WITHIN_SECONDS
        )
    except signing.BadSignature:
        owner = None
    if owner != learner.pk:
        messages.error(request, _("This pathway cannot be saved any more: look for it again."))
        return
    role = get_object_or_404(Role, pk=role)
    save_pathway(learner, role, kind, coverage, kept(steps))
    refresh_soon(learner)
    messages.success(request, format_html(_("Your pathway to {role} is saved."), role=marked(role.name)))


def kept(steps):
    """The steps of a token, without courses and offerings that are gone."""
    courses = Course.objects.in_bulk([step[0] for step in steps])
    offerings = Offering.objects.in_bulk([step[1] for step in steps if step[1]])
    return [
        KeptStep(
            courses[course], offerings.get(offering), date.fromisoformat(first), date.fromisoformat(last)
        )
        for course, offering, first, last in steps
        if course in courses
    ]


@learner_action
@transaction.atomic
def drop(request, learner, slug):
    role = get_object_or_404(Role, slug=slug)
    if not drop_pathway(learner, role):
        raise Http404
    refresh_soon(learner)
    messages.success(request, format_html(_("Your pathway to {role} is given up."), role=marked(role.name)))


@learner_action
@transaction.atomic
def keep_limits(request, learner):
    """Takes hours and budget over into the profile."""
    form = ProfileForm(request.POST, instance=learner, only=("hours_a_week", "budget"))
    if form.is_valid():
        refresh_soon(form.save())
        messages.success(request, _("Your profile is saved."))
    else:
        [error, *_rest] = [each for errors in form.errors.values() for each in errors]
        messages.error(request, _("Your profile was not changed: %(error)s") % {"error": error})
