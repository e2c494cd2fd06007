"""Runs, for staff: look, start, publish a held one, roll back."""

from django.db.models import Exists, OuterRef
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.status import HTTP_202_ACCEPTED
from rest_framework.viewsets import ReadOnlyModelViewSet

from recommender.api.permissions import RunPermission
from recommender.api.serializers.recommendations import RunSerializer
from recommender.recommendations.models import LiveRun, Run
from recommender.recommendations.publishing import publish_held, roll_back
from recommender.recommendations.tasks import start_run


class RunViewSet(ReadOnlyModelViewSet):
    permission_classes = [RunPermission]
    queryset = Run.objects.select_related("started_by").annotate(
        is_live=Exists(LiveRun.objects.filter(run=OuterRef("pk")))
    )
    serializer_class = RunSerializer
    filterset_fields = ["status"]
    # No run has a larger number than the database's own.
    lookup_value_regex = r"\d{1,18}"

    @extend_schema(request=None, responses={202: RunSerializer})
    def create(self, request):
        """Starts a run; follow `status`, `stage`, `done` and `total` on the run itself."""
        run = start_run(request.user)
        return self.answer(run.pk, HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request, pk):
        """Publishes a held run all the same. It is logged."""
        publish_held(self.get_object(), request.user)
        return self.answer(pk)

    @extend_schema(request=None, responses=RunSerializer)
    @action(detail=True, methods=["post"], url_path="roll-back")
    def roll_back(self, request, pk):
        """Lets learners see an earlier run's lists again. It is logged."""
        roll_back(self.get_object(), request.user)
        return self.answer(pk)

    def answer(self, pk, status=None):
        """The run as it stands now, whatever was changed meanwhile."""
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data, status)
