"""Admin pages of rows that people may look at and nobody may write."""


class ReadOnly:
    """Mixed into a ModelAdmin."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
