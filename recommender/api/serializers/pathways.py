"""Pathways to a role: what is asked, what is found, and what a learner keeps."""

from django.utils import timezone
from rest_framework import serializers

from recommender.api.serializers.catalogue import CourseTitleSerializer
from recommender.api.serializers.chosen import ChosenField
from recommender.api.serializers.profile import MOST_CENTS
from recommender.api.serializers.vocabulary import SkillNameSerializer
from recommender.catalogue.fees import FeeBasis
from recommender.learners.models import SavedPathway
from recommender.learners.pathways import Progress
from recommender.recommendations.pathway_wish import check_days
from recommender.skills.models import Language
from recommender.workforce.models import Role

LIMITS = ["hours", "budget", "languages", "level", "horizon", "start"]


class WishSerializer(serializers.Serializer):
    """What is left out is as in the caller's profile; the whole role, from today."""

    coverage = serializers.IntegerField(min_value=1, max_value=100, required=False)
    hours_a_week = serializers.IntegerField(min_value=1, max_value=168, required=False)
    budget_cents = serializers.IntegerField(min_value=0, max_value=MOST_CENTS, required=False)
    starts_on = serializers.DateField(required=False)
    finish_by = serializers.DateField(
        required=False, help_text="All is finished before this day; two years after the start by default."
    )
    languages = ChosenField("code", many=True, queryset=Language.objects.all(), required=False)
    hkqf_level = serializers.IntegerField(min_value=1, max_value=7, required=False)

    def validate_languages(self, languages):
        return tuple(language.pk for language in languages) or None

    def validate(self, asked):
        today = timezone.localdate()
        check_days(asked.get("starts_on", today), asked.get("finish_by"), today=today)
        return asked


class PathwaysRequestSerializer(WishSerializer):
    role = ChosenField("slug", queryset=Role.objects.all())


class NewPathwaySerializer(WishSerializer):
    kind = serializers.ChoiceField(SavedPathway.Kind.choices)


class PlannedStepSerializer(serializers.Serializer):
    """`offering` is null at the learner's own pace; `hours` are a week with an offering, else in all."""

    course = CourseTitleSerializer()
    offering = serializers.CharField(source="offering.code", allow_null=True, default=None)
    is_synthetic = serializers.BooleanField(source="offering.is_synthetic", default=False)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    hours = serializers.FloatField()
    are_hours_assumed = serializers.BooleanField(source="is_assumed")
    fee_cents = serializers.IntegerField(source="fee.cents", allow_null=True)
    fee_basis = serializers.ChoiceField(FeeBasis.choices, source="fee.basis")
    is_subsidised = serializers.BooleanField()


class MissingSkillSerializer(serializers.Serializer):
    """Levels: `reached` at the end, `needed` by the role."""

    skill = SkillNameSerializer()
    reached = serializers.IntegerField()
    needed = serializers.IntegerField()


class AlternativeSerializer(serializers.Serializer):
    """Sums leave out fees not known for the whole course, and are null where none is known.

    With `is_budget_open` unknown fees decide whether the budget is kept; with `has_dates_at_once` offerings
    overlap whose timetables are not compared. `covered` and `chance` are in percent.
    """

    kind = serializers.ChoiceField(SavedPathway.Kind.choices)
    steps = PlannedStepSerializer(many=True)
    pay_now_cents = serializers.IntegerField(allow_null=True)
    back_cents = serializers.IntegerField(allow_null=True)
    net_cents = serializers.IntegerField(allow_null=True)
    n_unknown_fees = serializers.IntegerField()
    is_budget_open = serializers.BooleanField()
    has_dates_at_once = serializers.BooleanField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    most_hours_a_week = serializers.FloatField()
    covered = serializers.IntegerField()
    missing = MissingSkillSerializer(many=True)
    chance = serializers.IntegerField()
    is_proven = serializers.BooleanField()


class UntaughtSerializer(serializers.Serializer):
    skill = SkillNameSerializer()
    level = serializers.IntegerField()
    best = serializers.IntegerField()
    has_ended = serializers.BooleanField()


class ChangeSerializer(serializers.Serializer):
    """Numbers as in the request; dates for horizon and start; codes of the languages to add."""

    limit = serializers.ChoiceField(LIMITS)
    before = serializers.CharField()
    after = serializers.CharField()
    languages = serializers.SerializerMethodField()

    def get_languages(self, change) -> list[str]:
        return [language.code for language in change.languages]


class WhyNoneSerializer(serializers.Serializer):
    """Of `changes`, each list is enough for `coverage_changed` when all of it is done.

    `coverage` is within reach without any; both are in percent. `coverage_changed` is what was asked for, or
    where nobody teaches all of that, the most that any limits allow.
    """

    untaught = UntaughtSerializer(many=True)
    circles = serializers.ListField(child=CourseTitleSerializer(many=True))
    changes = serializers.ListField(child=ChangeSerializer(many=True))
    coverage = serializers.IntegerField()
    coverage_changed = serializers.IntegerField()
    is_proven = serializers.BooleanField()


class FoundSerializer(serializers.Serializer):
    """Without alternatives, `why_none` says why; it too is null where the time ran out.

    What the courses `under_way` teach is counted as in place when the pathway starts; in `covered_now` it
    is not.
    """

    covered_now = serializers.IntegerField()
    under_way = CourseTitleSerializer(many=True)
    alternatives = AlternativeSerializer(many=True)
    why_none = WhyNoneSerializer(allow_null=True)


class StepProgressSerializer(serializers.Serializer):
    course = CourseTitleSerializer(source="step.course")
    offering = serializers.CharField(source="step.offering.code", allow_null=True, default=None)
    starts_on = serializers.DateField(source="step.starts_on")
    ends_on = serializers.DateField(source="step.ends_on")
    progress = serializers.ChoiceField(Progress.choices)


class SavedPathwaySerializer(serializers.Serializer):
    role = serializers.SlugField(source="pathway.role.slug")
    kind = serializers.ChoiceField(SavedPathway.Kind.choices, source="pathway.kind")
    coverage = serializers.IntegerField(source="pathway.coverage")
    created_at = serializers.DateTimeField(source="pathway.created_at")
    steps = StepProgressSerializer(many=True)
