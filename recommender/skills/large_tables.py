"""Admin pages of tables that may hold millions of rows."""

from django.contrib.admin import ShowFacets
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator


class LargeTableAdmin(ModelAdmin):
    """Pages through a table, newest first, without ever counting it."""

    ordering = ["-pk"]
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_disable_select_all = True
    sortable_by = ()
