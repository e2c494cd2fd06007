"""What a learner does with courses: enrolments, events, claims of subsidies."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from recommender.api.serializers.catalogue import CourseTitleSerializer
from recommender.api.serializers.chosen import ChosenField
from recommender.api.serializers.days import DayField
from recommender.api.serializers.profile import MOST_CENTS
from recommender.catalogue.models import Course, SubsidyScheme
from recommender.learners.models import Enrolment, Event, SubsidyClaim


class CourseCodeField(ChosenField):
    """A course that has a page, by its code."""

    def __init__(self, **kwargs):
        super().__init__("code", queryset=Course.objects.published(), **kwargs)


class EnrolmentSerializer(serializers.ModelSerializer):
    course = CourseTitleSerializer()

    class Meta:
        model = Enrolment
        fields = ["course", "status", "at", "has_certificate", "certificate_url"]


class StatusSerializer(serializers.Serializer):
    status = serializers.ChoiceField(Enrolment.Status.choices)


class NewEnrolmentSerializer(StatusSerializer):
    course = CourseCodeField()


class EventSerializer(serializers.ModelSerializer):
    course = CourseTitleSerializer()

    class Meta:
        model = Event
        fields = ["course", "kind", "reason", "at"]


class NewEventSerializer(serializers.Serializer):
    course = CourseCodeField()
    kind = serializers.ChoiceField(Event.Kind.choices)
    reason = serializers.ChoiceField(
        Event.Reason.choices, required=False, allow_null=True, help_text="Why; of a dismissal only."
    )

    def validate(self, said):
        if said.get("reason") and said["kind"] != Event.Kind.DISMISSED:
            raise serializers.ValidationError({"reason": _("Only a dismissal has a reason.")})
        return said


class SubsidyClaimSerializer(serializers.ModelSerializer):
    scheme = serializers.SlugRelatedField("slug", read_only=True)
    course = CourseTitleSerializer(allow_null=True)

    class Meta:
        model = SubsidyClaim
        fields = ["id", "scheme", "amount_cents", "claimed_on", "course"]


class NewSubsidyClaimSerializer(serializers.Serializer):
    scheme = ChosenField("slug", queryset=SubsidyScheme.objects.all())
    amount_cents = serializers.IntegerField(min_value=1, max_value=MOST_CENTS)
    claimed_on = DayField()
    course = CourseCodeField(required=False, allow_null=True)
