"""The caller's data as a whole: all of it in one document, and what it may be used for."""

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from recommender.api.serializers.my_data import ConsentSerializer, DecisionSerializer, ExportSerializer
from recommender.api.views.me import me, validated
from recommender.learners import consents
from recommender.learners.export import document
from recommender.recommendations.personal_tables import PERSONAL_TABLES
from recommender.recommendations.tasks import refresh_soon

PURPOSE = OpenApiParameter("purpose", str, OpenApiParameter.PATH, enum=consents.Purpose.values)


class ExportView(APIView):
    @extend_schema(operation_id="me_export", responses=ExportSerializer)
    def get(self, request):
        """Everything held about the caller."""
        me(request)
        return Response(document(request.user, PERSONAL_TABLES))


class ConsentsView(APIView):
    @extend_schema(operation_id="me_consents", responses=ConsentSerializer(many=True))
    def get(self, request):
        """Where each switch of the caller stands, and since when."""
        return Response(ConsentSerializer(switches(me(request)), many=True).data)


class ConsentView(APIView):
    @extend_schema(
        operation_id="me_consent_decide",
        parameters=[PURPOSE],
        request=DecisionSerializer,
        responses=ConsentSerializer,
    )
    def put(self, request, purpose):
        """Turns a switch on or off."""
        if purpose not in consents.SWITCH:
            raise Http404
        learner = me(request)
        consents.decide(learner, purpose, validated(DecisionSerializer, request.data)["is_given"])
        refresh_soon(learner)
        [decided] = (switch for switch in switches(learner) if switch["purpose"] == purpose)
        return Response(ConsentSerializer(decided).data)


def switches(learner):
    return [
        {"purpose": purpose, "is_given": is_on, "decided_at": at}
        for purpose, (is_on, at) in consents.switches(learner).items()
    ]
