"""Who of the programme office looked at what is held about a learner."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommender.learners.models.profiles import Learner


class Access(models.Model):
    """Somebody of the programme office looked at, or changed, what is held about a learner."""

    class Role(models.TextChoices):
        OFFICER = "officer", _("A programme officer")
        ADMINISTRATOR = "administrator", _("An administrator")

    class What(models.TextChoices):
        PROFILE_READ = "profile_read", _("Read your profile")
        PROFILE_CHANGED = "profile_changed", _("Changed your profile")
        HISTORY_READ = "history_read", _("Read what you did with courses")
        HISTORY_CHANGED = "history_changed", _("Changed what you did with courses")
        LIST_READ = "list_read", _("Read your list of recommendations")
        QUESTION_READ = "question_read", _("Read your question")
        SHARED_READ = "shared_read", _("Read your question and the profile that you share")
        QUESTION_ANSWERED = "question_answered", _("Answered your question")

    learner = models.ForeignKey(
        Learner, verbose_name=_("learner"), on_delete=models.CASCADE, related_name="accesses"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    role = models.CharField(pgettext_lazy("of an account", "role"), max_length=16, choices=Role)
    what = models.CharField(_("what"), max_length=20, choices=What)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("access")
        verbose_name_plural = _("accesses")
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["officer", "administrator"]), name="access_role_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.learner}: {self.get_what_display()}"
