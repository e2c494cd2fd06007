"""Text in the three languages of the site, all of them, so that a program chooses."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

# HTML's and HTTP's names of the languages, and the columns that hold them.
COLUMNS = {"en": "en", "zh-Hant": "zh_hant", "zh-Hans": "zh_hans"}


@extend_schema_field(
    {
        "type": "object",
        "properties": {tag: {"type": "string"} for tag in COLUMNS},
        "required": list(COLUMNS),
        "description": "A text that a language lacks is empty.",
    }
)
class TrilingualField(serializers.Field):
    """Reads `title_en`, `title_zh_hant` and `title_zh_hans` where it is called `title`."""

    def __init__(self):
        super().__init__(source="*", read_only=True)

    def to_representation(self, instance):
        return {tag: getattr(instance, f"{self.field_name}_{column}") for tag, column in COLUMNS.items()}
