"""What a course costs after subsidies. Amounts are Hong Kong cents."""

from django.utils import timezone
from rest_framework import serializers

from recommender.api.serializers.trilingual import TrilingualField
from recommender.catalogue.fees import FeeBasis
from recommender.catalogue.models import SubsidyListing, SubsidyRule, SubsidyScheme
from recommender.learners.costs import Budget, WhyNot, net_cost


class SubsidySchemeSerializer(serializers.ModelSerializer):
    name = TrilingualField()

    class Meta:
        model = SubsidyScheme
        fields = ["slug", "name", "run_by", "url"]


class SubsidyRuleSerializer(serializers.ModelSerializer):
    """What a scheme pays at most for courses that start within these dates, and where that stands."""

    class Meta:
        model = SubsidyRule
        fields = ["valid_from", "valid_to", "ceiling_cents", "source_url", "as_of"]


class SubsidyListingSerializer(serializers.ModelSerializer):
    scheme = serializers.SlugRelatedField("slug", read_only=True)

    class Meta:
        model = SubsidyListing
        fields = ["scheme", "is_listed", "listed_from", "listed_to", "source_url", "as_of"]


class NetCostSerializer(serializers.Serializer):
    """The next open offering, or a start today where there is none.

    `fee_cents` is for what `fee_basis` says. Where that is not the whole course, the whole fee is not known,
    and neither is what it comes to after subsidies.

    `back_if_passed_cents` is 0 where nothing is sure to come back; `why_not` then says why, and
    `what_if_cents` what would come back if the scheme listed the course, where only that is not known.
    """

    fee_cents = serializers.IntegerField(source="fee.cents", allow_null=True)
    fee_basis = serializers.ChoiceField(FeeBasis.choices, source="fee.basis")
    pay_now_cents = serializers.IntegerField(source="pay_now", allow_null=True)
    back_if_passed_cents = serializers.IntegerField(source="back_if_passed", allow_null=True)
    net_cents = serializers.IntegerField(source="net", allow_null=True)
    left_after_cents = serializers.IntegerField(source="left_after", allow_null=True)
    what_if_cents = serializers.IntegerField(source="what_if", allow_null=True)
    scheme = SubsidySchemeSerializer(allow_null=True)
    rule = SubsidyRuleSerializer(allow_null=True)
    conditions = serializers.ListField(child=serializers.CharField())
    why_not = serializers.ChoiceField(WhyNot.choices, allow_null=True)
    budget = serializers.ChoiceField(Budget.choices, allow_null=True)


def cost_of_next_start(learner, course):
    """The cost for a learner, or for a visitor (None), as JSON."""
    today = timezone.localdate()
    offering = course.offerings.open(on=today).first()
    return NetCostSerializer(net_cost(learner, course, offering, today=today)).data
