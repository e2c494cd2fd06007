"""Addresses: the portal at the root, the admin and the API beside it."""

from django.contrib import admin
from django.urls import include, path

from recommender.portal.language import choose_language

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("recommender.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/setlang/", choose_language, name="set_language"),
    path("", include("recommender.portal.urls")),
]
