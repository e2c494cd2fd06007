"""The app, as the admin names it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LearnersConfig(AppConfig):
    name = "recommender.learners"
    verbose_name = _("Learners")
