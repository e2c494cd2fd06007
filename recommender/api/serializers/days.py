"""Days in somebody's life."""

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from recommender.learners.models import EARLIEST_DAY


class DayField(serializers.DateField):
    """A day from 1900 up to today."""

    def to_internal_value(self, value):
        day = super().to_internal_value(value)
        if not EARLIEST_DAY <= day <= timezone.localdate():
            raise serializers.ValidationError(
                _("Give a day from %(first)s to today.") % {"first": EARLIEST_DAY.isoformat()}
            )
        return day
