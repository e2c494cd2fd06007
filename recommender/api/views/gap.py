"""What the caller lacks for their target roles."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from recommender.api.serializers.gap import GapSerializer
from recommender.learners.gaps import gap_of
from recommender.learners.models import Learner
from recommender.recommendations.closing import closing_courses


class GapView(APIView):
    @extend_schema(operation_id="me_gap", responses=GapSerializer)
    def get(self, request):
        """What each target role needs, what the caller holds of it and how that is known; and for each skill
        that is missing the courses that the caller may take."""
        learner = Learner.objects.for_user(request.user)
        gap = gap_of(learner)
        closing = closing_courses(learner, gap.highest_needed())
        return Response(GapSerializer(gap, context={"closing": closing}).data)
