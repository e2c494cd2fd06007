"""A saved pathway for the calendar of a phone or a desk."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from recommender.learners.calendar import CONTENT_TYPE, calendar_of, file_name
from recommender.learners.models import SavedPathway


@login_required
def pathway_calendar(request, pk):
    pathway = get_object_or_404(
        SavedPathway.objects.select_related("role"), pk=pk, learner__user=request.user
    )

    def address_of(course):
        return request.build_absolute_uri(reverse("portal:course", args=[course.pk]))

    text = calendar_of(pathway, address_of, host=request.get_host(), now=timezone.now())
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(pathway)}"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(text, content_type=CONTENT_TYPE, headers=headers)
