"""The admin site: its toolkit needs a wider content security policy than the pages of learners."""

from urllib.parse import urlencode

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

# Alpine evaluates the expressions of unfold's templates and sets styles; no script stands in a page.
allow_alpine = csp_update({"script-src": [UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]})


class Office(UnfoldAdminSite):
    def admin_view(self, view, cacheable=False):
        return allow_alpine(super().admin_view(view, cacheable))

    def login(self, request, extra_context=None):
        """The site's own sign-in, because that one counts attempts."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
        return redirect(f"{reverse('account_login')}?{query}")


class OfficeConfig(AdminConfig):
    default_site = "hktalent.admin.Office"
