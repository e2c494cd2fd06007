"""The front page, and the pages that say what we do: privacy, data, contact, accessibility, the lists."""

from django.conf import settings
from django.db.models import Count, Max
from django.shortcuts import render
from django.utils import timezone

from recommender.catalogue.models import Course, Offering
from recommender.portal.forms import CatalogueForm
from recommender.recommendations.personal_tables import PERSONAL_TABLES
from recommender.recommendations.refresh import live_run
from recommender.recommendations.reports import demand_known, groups_table, quality_table
from recommender.workforce.models import Role


def front(request):
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
    facts["n_roles"] = Role.objects.count()
    return render(request, "portal/front.html", {"facts": facts, "form": CatalogueForm()})


def privacy(request):
    return render(request, "portal/privacy.html", {"months": settings.RETENTION_MONTHS})


def inventory(request):
    return render(request, "portal/inventory.html", {"tables": PERSONAL_TABLES})


def contact(request):
    return render(request, "portal/contact.html", {"email": settings.CONTACT_EMAIL})


def accessibility(request):
    return render(request, "portal/accessibility.html")


def recommendations(request):
    """How lists are made, with the model card of the live run."""
    run = live_run()
    context = {"run": run}
    if run:
        context |= {"demand": demand_known(run), "groups": groups_table(run), "quality": quality_table(run)}
    return render(request, "portal/about_recommendations.html", context)
