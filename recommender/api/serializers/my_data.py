"""What is held about the caller, what they consent to, and the end of it."""

from rest_framework import serializers

from recommender.learners.models import ConsentDecision


class ExportSerializer(serializers.Serializer):
    """Tables by name: `why` and how long (`kept`) each exists, its `fields` in words, and its `rows`."""

    service = serializers.CharField()
    made_at = serializers.DateTimeField()
    tables = serializers.DictField(child=serializers.DictField())


class ConsentSerializer(serializers.Serializer):
    """`decided_at` is null before the first decision."""

    purpose = serializers.ChoiceField(ConsentDecision.Purpose.choices)
    is_given = serializers.BooleanField()
    decided_at = serializers.DateTimeField(allow_null=True)


class DecisionSerializer(serializers.Serializer):
    is_given = serializers.BooleanField()


class EraseRequestSerializer(serializers.Serializer):
    confirm = serializers.ChoiceField(
        [("erase", "erase")], help_text="The word `erase`, so that nobody erases by mistake."
    )
