"""The caller's pathways to a role: planned now, or kept."""

from dataclasses import replace

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.status import HTTP_204_NO_CONTENT
from rest_framework.views import APIView

from recommender.api.serializers.pathways import (
    FoundSerializer,
    NewPathwaySerializer,
    PathwaysRequestSerializer,
    SavedPathwaySerializer,
)
from recommender.api.views.me import me, validated
from recommender.learners.calendar import calendar_of, file_name
from recommender.learners.pathways import drop_pathway, save_pathway, saved_pathways
from recommender.recommendations.pathway_wish import UNKNOWN_NEEDS, states_its_needs, wish_of
from recommender.recommendations.pathways import pathways_to
from recommender.recommendations.tasks import refresh_soon
from recommender.workforce.models import Role

WISHES = (
    "coverage",
    "hours_a_week",
    "budget_cents",
    "starts_on",
    "finish_by",
    "languages",
    "hkqf_level",
)


def planned(learner, role, asked):
    """Raises ValidationError where it is not known what the role needs."""
    if not states_its_needs(role):
        raise ValidationError({"role": [UNKNOWN_NEEDS]})
    today = timezone.localdate()
    given = {name: asked[name] for name in WISHES if name in asked}
    return pathways_to(learner, role, replace(wish_of(learner, today=today), **given), today=today)


class PathwaysView(APIView):
    throttle_scope = "pathways"

    @extend_schema(
        operation_id="me_pathways", parameters=[PathwaysRequestSerializer], responses=FoundSerializer
    )
    def get(self, request):
        """The fastest, the cheapest and the surest pathway to a role, or why there is none.

        The cheapest is left out where none of its fees is known.
        It is planned while the caller waits, for some seconds at most.
        """
        asked = validated(PathwaysRequestSerializer, request.query_params)
        return Response(FoundSerializer(planned(me(request), asked["role"], asked)).data)


class SavedPathwaysView(APIView):
    @extend_schema(operation_id="me_saved_pathways", responses=SavedPathwaySerializer(many=True))
    def get(self, request):
        """What the caller keeps, the latest first: at most one for each role, so that there are no pages."""
        return Response(SavedPathwaySerializer(saved_pathways(me(request)), many=True).data)


class SavedPathwayView(APIView):
    """The caller's pathway to one role, named by its slug."""

    @property
    def throttle_scope(self):
        """To keep one is to plan it."""
        return "pathways" if self.request.method == "PUT" else None

    @extend_schema(operation_id="me_saved_pathway", responses=SavedPathwaySerializer)
    def get(self, request, slug):
        return Response(SavedPathwaySerializer(kept(me(request), slug)).data)

    @extend_schema(
        operation_id="me_saved_pathway_put", request=NewPathwaySerializer, responses=SavedPathwaySerializer
    )
    def put(self, request, slug):
        """Plans the pathway as of now and keeps it, instead of the one kept for the role before."""
        learner, role = me(request), get_object_or_404(Role, slug=slug)
        asked = validated(NewPathwaySerializer, request.data)
        found = planned(learner, role, asked)
        chosen = next((each for each in found.alternatives if each.kind == asked["kind"]), None)
        if chosen is None and found.alternatives:
            raise ValidationError(_("No fee on the way is known, so that no pathway is the cheapest."))
        if chosen is None:
            raise ValidationError(_("There is no pathway to this role within these limits."))
        save_pathway(learner, role, chosen.kind, chosen.covered, chosen.steps)
        refresh_soon(learner)
        return Response(SavedPathwaySerializer(kept(learner, slug)).data)

    @extend_schema(operation_id="me_saved_pathway_drop", responses={204: None})
    def delete(self, request, slug):
        learner = me(request)
        if not drop_pathway(learner, get_object_or_404(Role, slug=slug)):
            raise Http404
        refresh_soon(learner)
        return Response(status=HTTP_204_NO_CONTENT)


class CalendarRenderer(BaseRenderer):
    """The text as it is; what went wrong is JSON as everywhere."""

    media_type = "text/calendar"
    format = "ics"
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        if isinstance(data, str):
            return data.encode()
        renderer_context["response"]["Content-Type"] = JSONRenderer.media_type
        return JSONRenderer().render(data)


class SavedPathwayCalendarView(APIView):
    renderer_classes = [CalendarRenderer, JSONRenderer]

    @extend_schema(
        operation_id="me_saved_pathway_calendar", responses={(200, "text/calendar"): OpenApiTypes.STR}
    )
    def get(self, request, slug):
        """The caller's pathway to one role as an iCalendar file (RFC 5545), an event for each course."""
        pathway = kept(me(request), slug).pathway

        def address_of(course):
            return reverse("api:course-detail", args=[course.code], request=request)

        text = calendar_of(pathway, address_of, host=request.get_host(), now=timezone.now())
        disposition = f'attachment; filename="{file_name(pathway)}"'
        return Response(text, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})


def kept(learner, slug):
    for progress in saved_pathways(learner):
        if progress.pathway.role.slug == slug:
            return progress
    raise Http404
