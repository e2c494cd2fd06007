"""What is the caller's own: profile, list, enrolments, costs, events. Nobody else's can be named."""

from django.contrib.auth import logout
from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListCreateAPIView
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT
from rest_framework.views import APIView

from recommender.api.serializers.costs import NetCostSerializer, cost_of_next_start
from recommender.api.serializers.deeds import (
    EnrolmentSerializer,
    EventSerializer,
    NewEnrolmentSerializer,
    NewEventSerializer,
    NewSubsidyClaimSerializer,
    StatusSerializer,
    SubsidyClaimSerializer,
)
from recommender.api.serializers.my_data import EraseRequestSerializer
from recommender.api.serializers.profile import ProfileChangeSerializer, ProfileSerializer
from recommender.api.serializers.recommendations import (
    RecommendationsRequestSerializer,
    RecommendationsSerializer,
)
from recommender.catalogue.models import Course
from recommender.learners import services
from recommender.learners.erasure import erase
from recommender.learners.models import Enrolment, Event, Learner, SubsidyClaim
from recommender.recommendations.lists import shown_list
from recommender.recommendations.tasks import refresh_soon


def me(request):
    return Learner.objects.for_user(request.user)


def validated(serializer_class, data, **options):
    """What a serializer makes of the input. Raises ValidationError."""
    serializer = serializer_class(data=data, **options)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


class ProfileView(APIView):
    @extend_schema(operation_id="me_profile", responses=ProfileSerializer)
    def get(self, request):
        return Response(profile(me(request)))

    @extend_schema(
        operation_id="me_profile_change", request=ProfileChangeSerializer, responses=ProfileSerializer
    )
    def patch(self, request):
        change = ProfileChangeSerializer(me(request), data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        learner = change.save()
        refresh_soon(learner)
        return Response(profile(learner))

    @extend_schema(operation_id="me_erase", parameters=[EraseRequestSerializer], responses={204: None})
    def delete(self, request):
        """Erases the caller's account and everything held about its person. There is no way back."""
        validated(EraseRequestSerializer, request.query_params)
        erase(request.user)
        logout(request)
        return Response(status=HTTP_204_NO_CONTENT)


def profile(learner):
    prefetch_related_objects([learner], "languages", "target_roles", "skills_held__skill")
    return ProfileSerializer(learner).data


class RecommendationsView(APIView):
    @extend_schema(
        operation_id="me_recommendations",
        parameters=[RecommendationsRequestSerializer],
        responses=RecommendationsSerializer,
    )
    def get(self, request):
        """The caller's best courses as of now, each with the reasons that add up to its score."""
        asked = validated(RecommendationsRequestSerializer, request.query_params)
        shown = shown_list(me(request), limit=asked["limit"])
        return Response(RecommendationsSerializer(shown).data)


class EnrolmentsView(GenericAPIView):
    serializer_class = EnrolmentSerializer
    queryset = Enrolment.objects.select_related("course")

    @extend_schema(operation_id="me_enrolments", responses=EnrolmentSerializer(many=True))
    def get(self, request):
        mine = self.paginate_queryset(self.get_queryset().filter(learner=me(request)).order_by("-pk"))
        return self.get_paginated_response(self.get_serializer(mine, many=True).data)

    @extend_schema(
        operation_id="me_enrolments_record",
        request=NewEnrolmentSerializer,
        responses={201: EnrolmentSerializer},
    )
    def post(self, request):
        said = validated(NewEnrolmentSerializer, request.data)
        return recorded(me(request), said["course"], said["status"], HTTP_201_CREATED)


class EnrolmentView(APIView):
    """The caller's enrolment in one course."""

    @extend_schema(operation_id="me_enrolment", responses=EnrolmentSerializer)
    def get(self, request, code):
        mine = Enrolment.objects.select_related("course").filter(learner=me(request))
        return Response(EnrolmentSerializer(get_object_or_404(mine, course__code=code)).data)

    @extend_schema(operation_id="me_enrolment_put", request=StatusSerializer, responses=EnrolmentSerializer)
    def put(self, request, code):
        """Moves the enrolment to a status, and makes it where there is none."""
        course = get_object_or_404(Course.objects.published(), code=code)
        said = validated(StatusSerializer, request.data)
        return recorded(me(request), course, said["status"])

    @extend_schema(operation_id="me_enrolment_remove", responses={204: None})
    def delete(self, request, code):
        learner = me(request)
        services.remove_enrolment(learner, get_object_or_404(Course, code=code))
        refresh_soon(learner)
        return Response(status=HTTP_204_NO_CONTENT)


def recorded(learner, course, status, http_status=None):
    enrolment = services.record_enrolment(learner, course, status)
    refresh_soon(learner)
    return Response(EnrolmentSerializer(enrolment).data, http_status)


class CostView(APIView):
    @extend_schema(operation_id="me_cost", responses=NetCostSerializer)
    def get(self, request, code):
        """What a course costs the caller, given their age and earlier claims."""
        course = get_object_or_404(Course.objects.published(), code=code)
        return Response(cost_of_next_start(me(request), course))


class SubsidyClaimsView(GenericAPIView):
    serializer_class = SubsidyClaimSerializer
    queryset = SubsidyClaim.objects.select_related("scheme", "course")

    @extend_schema(operation_id="me_subsidy_claims", responses=SubsidyClaimSerializer(many=True))
    def get(self, request):
        mine = self.paginate_queryset(self.get_queryset().filter(learner=me(request)))
        return self.get_paginated_response(self.get_serializer(mine, many=True).data)

    @extend_schema(
        operation_id="me_subsidy_claims_add",
        request=NewSubsidyClaimSerializer,
        responses={201: SubsidyClaimSerializer},
    )
    def post(self, request):
        """Notes what a scheme paid the caller back, so that what is left to claim is right."""
        learner = me(request)
        claim = services.add_subsidy_claim(learner, **validated(NewSubsidyClaimSerializer, request.data))
        refresh_soon(learner)
        return Response(SubsidyClaimSerializer(claim).data, HTTP_201_CREATED)


class SubsidyClaimView(APIView):
    @extend_schema(operation_id="me_subsidy_claim_remove", responses={204: None})
    def delete(self, request, pk):
        learner = me(request)
        services.remove_subsidy_claim(learner, pk)
        refresh_soon(learner)
        return Response(status=HTTP_204_NO_CONTENT)


class EventsView(ListCreateAPIView):
    serializer_class = EventSerializer
    queryset = Event.objects.select_related("course")

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset).filter(learner=me(self.request))

    @extend_schema(operation_id="me_events")
    def get(self, request):
        return super().get(request)

    @extend_schema(
        operation_id="me_events_record",
        request=NewEventSerializer,
        responses={201: EventSerializer, 204: None},
    )
    def post(self, request):
        """Notes that the caller viewed, clicked or dismissed a course.

        Views and clicks of those who do not consent to profiling are not kept: the answer is 204.
        """
        learner = me(request)
        said = validated(NewEventSerializer, request.data)
        if said["kind"] != Event.Kind.DISMISSED and not learner.consents_to_profiling:
            return Response(status=HTTP_204_NO_CONTENT)
        event = record_event(learner, said["course"], said["kind"], said.get("reason"))
        return Response(EventSerializer(event).data, HTTP_201_CREATED)


def record_event(learner, course, kind, reason=None):
    """The newest event of that kind: a second view on a day, and a second dismissal, are the first."""
    if kind == Event.Kind.VIEWED:
        services.record_view(learner, course)
    elif kind == Event.Kind.CLICKED:
        Event.objects.create(learner=learner, course=course, kind=kind)
    else:
        services.dismiss(learner, course, reason)
        refresh_soon(learner)
    return Event.objects.filter(learner=learner, course=course, kind=kind).first()


class DismissalView(APIView):
    @extend_schema(operation_id="me_dismissal_undo", responses={204: None})
    def delete(self, request, code):
        """Lets the course be recommended again."""
        learner = me(request)
        services.undo_dismissal(learner, get_object_or_404(Course, code=code))
        refresh_soon(learner)
        return Response(status=HTTP_204_NO_CONTENT)
