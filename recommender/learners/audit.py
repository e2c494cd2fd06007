"""The admin's audit names records of people by number: it stays when they are erased."""


def by_number(entries):
    for entry in entries:
        entry.object_repr = f"{entry.content_type.model} {entry.object_id}"
        entry.save(update_fields=["object_repr"])


def without_names(message):
    """A change message whose rows inside the page are left unnamed: their texts begin with the learner's."""
    if not isinstance(message, list):
        return message
    return [{deed: unnamed(told) for deed, told in part.items()} for part in message]


def unnamed(told):
    return {**told, "object": "…"} if "object" in told else told


class NamesNobody:
    """Mixed into the ModelAdmin of rows that are about a person."""

    def log_addition(self, request, obj, message):
        entry = super().log_addition(request, obj, without_names(message))
        by_number([entry])
        return entry

    def log_change(self, request, obj, message):
        entry = super().log_change(request, obj, without_names(message))
        by_number([entry])
        return entry

    def log_deletions(self, request, queryset):
        entries = super().log_deletions(request, queryset)
        by_number(entries)
        return entries
