"""The front page, and the pages that say what we do: privacy, accessibility, recommendations."""

from django.db.models import Count, Max
from django.shortcuts import render
from django.utils import timezone

from recommender.catalogue.models import Course, Offering
from recommender.portal.forms import CatalogueForm
from recommender.recommendations.models import LiveRun
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
    return render(request, "portal/privacy.html")


def accessibility(request):
    return render(request, "portal/accessibility.html")


def recommendations(request):
    live = LiveRun.objects.select_related("run").first()
    return render(request, "portal/about_recommendations.html", {"run": live and live.run})
