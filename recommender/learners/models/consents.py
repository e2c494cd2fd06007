"""What a learner consented to, and when."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.learners.models.profiles import Learner


class ConsentDecision(models.Model):
    """One decision of a learner on one purpose. Rows are added, never changed: the newest one holds."""

    class Purpose(models.TextChoices):
        PROFILING = "profiling", _("Profiling")
        SHARING = "sharing", _("Showing my profile to advisers")
        DIGEST = "digest", _("A monthly e-mail")

    learner = models.ForeignKey(
        Learner, verbose_name=_("learner"), on_delete=models.CASCADE, related_name="consent_decisions"
    )
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    is_given = models.BooleanField(_("consents"))
    at = models.DateTimeField(_("decided at"), default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("consent decision")
        verbose_name_plural = _("consent decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=["profiling", "sharing", "digest"]), name="consent_purpose_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.learner}: {self.get_purpose_display()}"
