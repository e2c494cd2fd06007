"""The site's addresses, and one that fails in each way that has a page."""

from allauth.core.ratelimit import respond_429
from django.core.exceptions import BadRequest, PermissionDenied
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.urls import path
from django.views.csrf import csrf_failure

from hktalent.urls import urlpatterns as site


def fail(request, error):
    raise error


urlpatterns = [
    path("fails/400/", fail, {"error": BadRequest()}),
    path("fails/403/", fail, {"error": PermissionDenied()}),
    path("fails/csrf/", csrf_failure, {"reason": REASON_NO_CSRF_COOKIE}),
    path("fails/429/", respond_429),
    path("fails/500/", fail, {"error": RuntimeError("asked for by a test")}),
    *site,
]
