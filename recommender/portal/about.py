"""The pages that say what we do: privacy, data, contact, accessibility, the lists."""

from django.conf import settings
from django.shortcuts import render

from recommender.recommendations.models import LiveRun
from recommender.recommendations.personal_tables import PERSONAL_TABLES


def privacy(request):
    return render(request, "portal/privacy.html", {"months": settings.RETENTION_MONTHS})


def inventory(request):
    return render(request, "portal/inventory.html", {"tables": PERSONAL_TABLES})


def contact(request):
    return render(request, "portal/contact.html", {"email": settings.CONTACT_EMAIL})


def accessibility(request):
    return render(request, "portal/accessibility.html")


def recommendations(request):
    live = LiveRun.objects.select_related("run").first()
    return render(request, "portal/about_recommendations.html", {"run": live and live.run})
