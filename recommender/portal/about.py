"""The front page, and the pages that say what we do: privacy, data, contact, accessibility, the lists."""

from django.conf import settings
from django.db.models import Count, Max
from django.shortcuts import render
from django.utils import timezone

from recommender.catalogue.models import Course, Offering
from recommender.portal.forms import CatalogueForm
from recommender.recommendations.models import LiveRun
from recommender.recommendations.personal_tables import PERSONAL_TABLES
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
    live = LiveRun.objects.select_related("run").first()
    return render(request, "portal/about_recommendations.html", {"run": live and live.run})
