"""The app, and its check for a deployment."""

from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error as CheckError
from django.core.checks import Warning as CheckWarning
from django.core.checks import register
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _

from recommender.learners.signals import profiling_withdrawn


class RecommendationsConfig(AppConfig):
    name = "recommender.recommendations"
    verbose_name = _("Recommendations")

    def ready(self):
        from recommender.recommendations.forgetting import forget  # models are not there before

        post_delete.connect(forget, sender="learners.Learner")
        profiling_withdrawn.connect(forget)
        register(warn_without_redis, deploy=True)
        register(refuse_cluster_without_client)


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


def refuse_cluster_without_client(app_configs, **options):
    if not settings.DASK_SCHEDULER or find_spec("distributed"):
        return []
    return [
        CheckError(
            f"HKTALENT_DASK_SCHEDULER is {settings.DASK_SCHEDULER!r}, but Dask is not installed.",
            hint="Install the extra [cluster], or unset it.",
            id="recommendations.E001",
        )
    ]
