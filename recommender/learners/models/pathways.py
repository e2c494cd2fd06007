"""The ways to a role that learners decided on."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.models import Course, Offering
from recommender.learners.models.profiles import Learner
from recommender.workforce.models import Role


class SavedPathway(models.Model):
    """A way to a role that a learner decided on, one for each role; progress follows from the enrolments."""

    class Kind(models.TextChoices):
        FASTEST = "fastest", _("Fastest")
        CHEAPEST = "cheapest", _("Cheapest")
        SUREST = "surest", _("Most likely to be finished")

    learner = models.ForeignKey(
        Learner,
        verbose_name=_("learner"),
        on_delete=models.CASCADE,
        related_name="saved_pathways",
        db_index=False,
    )
    role = models.ForeignKey(Role, verbose_name=_("role"), on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    coverage = models.PositiveSmallIntegerField(
        _("coverage in percent"), help_text=_("Share of the skill levels of the role that it reaches.")
    )
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    class Meta:
        ordering = ["learner", "-id"]
        verbose_name = _("saved pathway")
        verbose_name_plural = _("saved pathways")
        constraints = [
            models.UniqueConstraint(fields=["learner", "role"], name="pathway_once_per_role"),
            models.CheckConstraint(
                condition=Q(kind__in=["fastest", "cheapest", "surest"]), name="pathway_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(coverage__gte=1, coverage__lte=100), name="pathway_coverage_in_1_100"
            ),
        ]

    def __str__(self):
        return f"{self.learner}: {self.role}, {self.get_kind_display()}"


class PathwayStep(models.Model):
    """A course of a pathway, with the offering, or the days, that it was planned for."""

    pathway = models.ForeignKey(
        SavedPathway,
        verbose_name=_("pathway"),
        on_delete=models.CASCADE,
        related_name="steps",
        db_index=False,
    )
    position = models.PositiveSmallIntegerField(_("position"))
    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="+")
    offering = models.ForeignKey(
        Offering,
        verbose_name=_("offering"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))

    class Meta:
        ordering = ["pathway", "position"]
        verbose_name = _("step of a pathway")
        verbose_name_plural = _("steps of pathways")
        constraints = [
            models.UniqueConstraint(fields=["pathway", "position"], name="pathway_position_once"),
            models.UniqueConstraint(fields=["pathway", "course"], name="pathway_course_once"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")), name="pathway_step_dates_in_order"
            ),
        ]

    def __str__(self):
        return f"{self.position}. {self.course}"
