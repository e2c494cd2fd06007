"""The front page: which roles the city is short of, and what would be recommended on the way to one."""

from django.db.models import Count, Max
from django.shortcuts import render
from django.utils import timezone

from recommender.catalogue.models import Course, Offering
from recommender.portal.cards import cards_of
from recommender.portal.forms import CatalogueForm, SampleForm
from recommender.portal.shortages import ShownShortage, common_source
from recommender.portal.standing import Standing, highest_needed
from recommender.recommendations.samples import sample_list
from recommender.workforce.models import Role
from recommender.workforce.shortage import role_shortages

N_ROLES = 6


def front(request):
    roles = roles_by_shortage()
    short = [shown for shown in roles if shown.counted.shortage][:N_ROLES]
    context = {
        "facts": facts(),
        "form": CatalogueForm(),
        "n_roles": len(roles),
        "n_unknown": sum(shown.percent is None for shown in roles),
        "short": short,
        "source_of_all": common_source(short),
    }
    # Who has an account has a list of their own.
    if roles and not request.user.is_authenticated:
        context |= sample(request.GET, roles[0].role)
    return render(request, "portal/front.html", context)


def roles_by_shortage():
    """Every role, the shortest of people first, those whose shortage is unknown last."""
    found = role_shortages()
    shown = [ShownShortage(role, found[role.pk]) for role in Role.objects.all() if role.pk in found]
    return sorted(shown, key=lambda one: one.order)


def facts():
    facts = Course.objects.active().aggregate(
        n_courses=Count("pk"),
        n_providers=Count("provider", distinct=True),
        as_of=Max("as_of"),
    )
    facts["n_starting"] = (
        Offering.objects.open(on=timezone.localdate())
        .filter(course__in=Course.objects.active(), is_synthetic=False)
        .aggregate(n=Count("course", distinct=True))["n"]
    )
    return facts


def sample(query, first):
    """The courses for the role that was asked for, or else for the first one."""
    form = SampleForm(query)
    role = form.cleaned_data["role"] if form.is_valid() else first
    standing = Standing(needed=highest_needed([role]))
    return {
        "cards": cards_of([item.course for item in sample_list(role)], standing),
        "role": role,
        "sample_form": SampleForm(initial={"role": role.slug}),
    }
