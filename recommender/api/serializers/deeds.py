"""What a learner does with courses: enrolments and events."""

from rest_framework import serializers

from recommender.api.serializers.catalogue import CourseTitleSerializer
from recommender.catalogue.models import Course
from recommender.learners.models import Enrolment, Event


class CourseCodeField(serializers.SlugRelatedField):
    """A course that has a page, by its code."""

    def __init__(self, **kwargs):
        super().__init__("code", queryset=Course.objects.published(), **kwargs)


class EnrolmentSerializer(serializers.ModelSerializer):
    course = CourseTitleSerializer()

    class Meta:
        model = Enrolment
        fields = ["course", "status", "at"]


class StatusSerializer(serializers.Serializer):
    status = serializers.ChoiceField(Enrolment.Status.choices)


class NewEnrolmentSerializer(StatusSerializer):
    course = CourseCodeField()


class EventSerializer(serializers.ModelSerializer):
    course = CourseTitleSerializer()

    class Meta:
        model = Event
        fields = ["course", "kind", "at"]


class NewEventSerializer(serializers.Serializer):
    course = CourseCodeField()
    kind = serializers.ChoiceField(Event.Kind.choices)
