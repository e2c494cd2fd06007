"""The app, and its check for a deployment."""

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Warning as CheckWarning
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class RecommendationsConfig(AppConfig):
    name = "recommender.recommendations"
    verbose_name = _("Recommendations")

    def ready(self):
        register(warn_without_redis, deploy=True)


def warn_without_redis(app_configs, **options):
    if settings.REDIS_URL:
        return []
    return [
        CheckWarning(
            "REDIS_URL is not set: tasks run inside web requests and nothing runs on schedule.",
            hint="Set REDIS_URL, and start a Celery worker and beat.",
            id="recommendations.W001",
        )
    ]
