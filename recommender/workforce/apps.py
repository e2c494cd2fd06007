"""The app, as the admin names it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkforceConfig(AppConfig):
    name = "recommender.workforce"
    verbose_name = _("Workforce")
