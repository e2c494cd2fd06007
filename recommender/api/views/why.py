"""Why a course is on the caller's list, or why not."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from recommender.api.serializers.recommendations import RecommendationsRequestSerializer
from recommender.api.serializers.why import WhySerializer
from recommender.api.views.me import me, validated
from recommender.catalogue.models import Course
from recommender.recommendations.why import why


class WhyView(APIView):
    @extend_schema(
        operation_id="me_course_why", parameters=[RecommendationsRequestSerializer], responses=WhySerializer
    )
    def get(self, request, code):
        """Why a course is among the first `limit` of the caller's list as of now, or why not; and where it
        would be without what speaks for it: a past course, or a skill that the caller lacks."""
        asked = validated(RecommendationsRequestSerializer, request.query_params)
        course = get_object_or_404(Course.objects.published(), code=code)
        return Response(WhySerializer(why(me(request), course, limit=asked["limit"])).data)
