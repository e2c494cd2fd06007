"""The admin site: its toolkit needs a wider content security policy than the pages of learners."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.admin.apps import AdminConfig
from django.utils.decorators import method_decorator
from unfold.sites import UnfoldAdminSite

# Alpine evaluates the expressions of unfold's templates and sets styles; no script stands in a page.
allow_alpine = csp_update({"script-src": [UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]})


class Office(UnfoldAdminSite):
    def admin_view(self, view, cacheable=False):
        return allow_alpine(super().admin_view(view, cacheable))

    @method_decorator(allow_alpine)
    def login(self, request, extra_context=None):
        return super().login(request, extra_context)


class OfficeConfig(AdminConfig):
    default_site = "hktalent.admin.Office"
