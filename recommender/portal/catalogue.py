"""The catalogue: search with filters, and the page of one course."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from recommender.catalogue.models import Course
from recommender.learners import services
from recommender.learners.models import Learner
from recommender.portal.cards import cards_of
from recommender.portal.facets import Facets, of_preferred_modes
from recommender.portal.forms import CatalogueForm
from recommender.portal.standing import standing_of
from recommender.portal.structured_data import course_json_ld
from recommender.recommendations.similar import similar_courses

PAGE_SIZE = 20
# Facts that nobody has checked for longer may no longer hold.
FRESH = timedelta(days=730)


def courses(request):
    form = CatalogueForm(request.GET)
    form.is_valid()
    learner = reader(request)
    facets = Facets(form.courses(), request.GET, learner)
    found = Paginator(facets.course_ids(), PAGE_SIZE).get_page(request.GET.get("page"))
    by_id = Course.objects.select_related("provider").in_bulk(found.object_list)
    shown = [by_id[pk] for pk in found.object_list if pk in by_id]
    context = {
        "cards": cards_of(shown, standing_of(learner), learner=learner),
        "corrected": form.corrected(),
        "facets": facets.facets(),
        "form": form,
        "found": found,
        "is_filtered": bool(facets.chosen),
        "learner": learner,
        "of_preferred_modes": of_preferred_modes(request.GET, learner),
        "pages": found.paginator.get_elided_page_range(found.number, on_each_side=1, on_ends=1),
        "skills": facets.skills.chosen,
    }
    return render(request, "portal/catalogue.html", context)


def course(request, pk):
    shown = get_object_or_404(Course.objects.published().select_related("provider"), pk=pk)
    learner = reader(request)
    if learner:
        services.record_view(learner, shown)
    standing = standing_of(learner)
    [card] = cards_of([shown], standing, learner=learner)
    context = {
        "card": card,
        "course": shown,
        "is_of_provider": is_of_provider(shown),
        "is_unchecked": shown.as_of is None or shown.as_of < timezone.localdate() - FRESH,
        "json_ld": course_json_ld(card, request.build_absolute_uri(request.path)),
        "learner": learner,
        "needs": card.needs,
        "similar": cards_of(similar_courses(shown), standing, learner=learner),
        "past_offerings": past_offerings(shown, card.offerings),
    }
    return render(request, "portal/course.html", context)


def reader(request):
    """The learner who reads, or None for a visitor."""
    return Learner.objects.for_user(request.user) if request.user.is_authenticated else None


def is_of_provider(course):
    """Whether the source of a course is on its provider's own site; others tell of courses as well."""
    source, own = (urlsplit(url).hostname or "" for url in (course.source_url, course.provider.url))
    own = own.removeprefix("www.")
    return bool(own) and (source == own or source.endswith(f".{own}"))


def past_offerings(course, offerings):
    """Offerings that nobody can join any more, or that are full, newest first."""
    shown = course.offerings.exclude(pk__in=[offering.pk for offering in offerings])
    return shown.order_by("-starts_on")[:PAGE_SIZE]
