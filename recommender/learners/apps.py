"""The app, as the admin names it."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class LearnersConfig(AppConfig):
    name = "recommender.learners"
    verbose_name = _("Learners")

    def ready(self):
        user_logged_in.connect(remember_language)


def remember_language(sender, user, **kwargs):
    """E-mails go out in the language in which their reader last signed in, unless chosen since."""
    from recommender.learners.models import Learner

    Learner.objects.filter(user=user).update(language=get_language())
