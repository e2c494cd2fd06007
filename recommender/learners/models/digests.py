"""The monthly e-mails that went out."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommender.learners.models.profiles import Learner


class SentDigest(models.Model):
    """A month whose e-mail a learner got: one at most."""

    learner = models.ForeignKey(
        Learner, verbose_name=_("learner"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    month = models.DateField(_("month"), help_text=_("Its first day."))

    class Meta:
        ordering = ["-month"]
        verbose_name = _("monthly e-mail")
        verbose_name_plural = _("monthly e-mails")
        constraints = [
            models.UniqueConstraint(fields=["learner", "month"], name="digest_once_a_month"),
        ]

    def __str__(self):
        return f"{self.learner}, {self.month:%Y-%m}"
