"""Things that a caller names by their code or slug."""

from rest_framework import serializers


class ChosenField(serializers.SlugRelatedField):
    """One of a queryset by its slug; a text that no database can hold is unknown, not an error of ours."""

    def to_internal_value(self, data):
        if "\0" in str(data):
            self.fail("does_not_exist", slug_name=self.slug_field, value=data)
        return super().to_internal_value(data)
