"""The app, as the admin names it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    name = "recommender.catalogue"
    verbose_name = _("Catalogue")

    def ready(self):
        from recommender.catalogue import search_index  # noqa: F401 (its receivers listen from now on)
