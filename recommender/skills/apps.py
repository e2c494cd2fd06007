"""The app, as the admin names it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SkillsConfig(AppConfig):
    name = "recommender.skills"
    verbose_name = _("Skills")
