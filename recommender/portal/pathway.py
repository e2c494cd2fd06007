"""My pathway: ways to a target role as of today, why there is none, and the pathways that a learner keeps."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.throttling import UserRateThrottle

from recommender.catalogue.models import Course, Offering
from recommender.learners.models import Learner, SavedPathway
from recommender.learners.pathways import drop_pathway, save_pathway, saved_pathways
from recommender.portal.pathway_form import PathwayForm
from recommender.portal.returning import learner_action
from recommender.portal.templatetags.hongkong import day, hkd, marked
from recommender.recommendations.pathways import Alternative, pathways_to, wish_of
from recommender.recommendations.tasks import refresh_soon
from recommender.workforce.models import Role

SALT = "pathway"
# The page that a pathway was read on may stay open for so long.
SAVED_WITHIN_SECONDS = 24 * 3600
ROW = 4


@dataclass(frozen=True)
class Bar:
    """A spell of learning in the timeline, in parts of 100 of its width."""

    x: float
    y: int
    width: float


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
    context = {"form": form, "saved": saved_pathways(learner)}
    if asked is not None and form.is_valid():
        if not PathwayThrottle().allow_request(request, view=None):
            return ratelimit.respond_429(request)
        role, wish = form.cleaned_data["role"], form.wish()
        found = pathways_to(learner, role, wish, today=today)
        if (nearest := within_reach(request, found.why_none)) and "coverage" not in request.GET:
            messages.info(request, not_all_of_it(role, found.why_none))
            return redirect(nearest)
        context |= {
            "cards": cards_of(found.alternatives, learner, role),
            "changes": changes_of(found.why_none),
            "found": found,
            "role": role,
            "within_reach": nearest,
            "wish": wish,
        }
    return render(request, "portal/my_pathway.html", context)


def cards_of(alternatives, learner, role):
    """A card for each different pathway."""
    same = {}
    for each in alternatives:
        steps = tuple((s.course.pk, s.offering and s.offering.pk, s.starts_on) for s in each.steps)
        same.setdefault(steps, []).append(each)
    return [card_of(each, learner, role) for each in same.values()]


def card_of(alike, learner, role):
    alternative = alike[0]
    days = max(1, (alternative.ends_on - alternative.starts_on).days + 1)
    return PathwayCard(
        titles=[SavedPathway.Kind(each.kind).label for each in alike],
        alternative=alternative,
        bars=[
            Bar(round(100 * s.start / days, 2), place * ROW + 1, round(100 * (s.end - s.start) / days, 2))
            for place, step in enumerate(alternative.steps)
            for s in step.spells
        ],
        height=ROW * len(alternative.steps),
        token=signing.dumps(packed(alternative, learner, role), salt=SALT, compress=True),
    )


def packed(alternative, learner, role):
    steps = [
        [step.course.pk, step.offering and step.offering.pk, f"{step.starts_on}", f"{step.ends_on}"]
        for step in alternative.steps
    ]
    return [learner.pk, role.pk, alternative.kind, alternative.covered, steps]


def within_reach(request, why_none):
    """The address of the page with the coverage that the limits allow, or nothing."""
    if why_none is None or not why_none.coverage:
        return ""
    query = request.GET.dict() | {"coverage": why_none.coverage}
    return f"{reverse('portal:my_pathway')}?{urlencode(query)}"


def not_all_of_it(role, why_none):
    """Why less of a role is shown than all of it."""
    skills = format_html_join(_(", "), "{}", ((marked(lacking.skill.name),) for lacking in why_none.untaught))
    if not skills:
        return format_html(_("All of {role} is not within your limits. This is."), role=marked(role.name))
    return format_html(
        _("All of {role} is not within reach: no open course teaches enough of {skills}. This is."),
        role=marked(role.name),
        skills=skills,
    )


def changes_of(why_none):
    """Each change, or set of changes, in words."""
    return [[in_words(change) for change in changes] for changes in why_none.changes] if why_none else []


def in_words(change):
    before, after = change.before, change.after
    if change.limit == "hours":
        sentence = ngettext(
            "%(after)d hour a week instead of %(before)d",
            "%(after)d hours a week instead of %(before)d",
            after,
        )
        return sentence % {"after": after, "before": before}
    if change.limit == "budget":
        return _("%(more)s more to spend") % {"more": hkd(after - before)}
    if change.limit == "level":
        return _("a qualification at HKQF level %(after)d instead of %(before)d") % {
            "after": after,
            "before": before,
        }
    if change.limit == "languages":
        names = _(", ").join(str(language.name) for language in change.languages)
        return _("following courses in these languages too: %(languages)s") % {"languages": names}
    if change.limit == "horizon":
        return _("time until %(after)s instead of %(before)s") % {"after": day(after), "before": day(before)}
    return _("a start by %(after)s instead of %(before)s") % {"after": day(after), "before": day(before)}


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
