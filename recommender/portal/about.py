"""The pages that say what we do: privacy, data, contact, accessibility, the lists."""

from django.conf import settings
from django.shortcuts import render

from recommender.recommendations.personal_tables import PERSONAL_TABLES
from recommender.recommendations.refresh import live_run
from recommender.recommendations.reports import demand_known, groups_table, quality_table
from recommender.workforce.disclosure import ROUNDED_TO


def privacy(request):
    context = {"months": settings.RETENTION_MONTHS, "rounded_to": ROUNDED_TO}
    return render(request, "portal/privacy.html", context)


def inventory(request):
    return render(request, "portal/inventory.html", {"rounded_to": ROUNDED_TO, "tables": PERSONAL_TABLES})


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
