"""What learners did with courses."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.models import Course
from recommender.learners.models.profiles import Learner


class Enrolment(models.Model):
    """What a learner did with a course, one row per pair. The index of the pair also serves for the learner.

    Where `at` is unknown or equal, the order of `id` is the order in time: importers keep it.
    """

    class Status(models.TextChoices):
        SAVED = "saved", _("Saved")
        ENROLLED = "enrolled", _("Enrolled")
        COMPLETED = "completed", _("Completed")
        DROPPED = "dropped", _("Dropped")

    learner = models.ForeignKey(
        Learner,
        verbose_name=_("learner"),
        on_delete=models.CASCADE,
        related_name="enrolments",
        db_index=False,
    )
    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("status"), max_length=12, choices=Status)
    at = models.DateTimeField(_("since"), null=True, blank=True)
    # Neither its number nor a copy of it: nothing here needs them.
    has_certificate = models.BooleanField(_("holds a certificate"), null=True, blank=True)
    certificate_url = models.URLField(
        _("address of the certificate"), max_length=500, blank=True, default="", db_default=""
    )

    class Meta:
        ordering = ["learner", "at", "id"]
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["learner", "course"], name="enrolment_once"),
            models.CheckConstraint(
                condition=Q(status__in=["saved", "enrolled", "completed", "dropped"]),
                name="enrolment_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(certificate_url="") | Q(has_certificate__isnull=False, has_certificate=True),
                name="enrolment_address_is_of_a_certificate",
                violation_error_message=_("Only a certificate that is held has an address."),
            ),
        ]

    def __str__(self):
        return f"{self.learner}: {self.course}, {self.get_status_display()}"


class Event(models.Model):
    """A finer signal than an enrolment."""

    class Kind(models.TextChoices):
        VIEWED = "viewed", _("Viewed")
        CLICKED = "clicked", _("Clicked")
        DISMISSED = "dismissed", _("Dismissed")

    class Reason(models.TextChoices):
        TOO_HARD = "too_hard", _("Too hard for me")
        TOO_EASY = "too_easy", _("Too easy for me")
        TOO_DEAR = "too_dear", _("Costs too much")
        WRONG_TIME = "wrong_time", _("At the wrong time")
        NOT_INTERESTED = "not_interested", _("Does not interest me")
        KNOWN = "known", _("I know it already")
        OTHER = "other", _("Something else")

    learner = models.ForeignKey(
        Learner, verbose_name=_("learner"), on_delete=models.CASCADE, related_name="events", db_index=False
    )
    course = models.ForeignKey(Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    # NULL where none was given: the database then refuses an empty text as a reason.
    reason = models.CharField(  # noqa: DJ001
        _("why it was dismissed"), max_length=16, choices=Reason, null=True, blank=True, default=None
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["learner", "kind", "course"], name="event_learner_kind")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["viewed", "clicked", "dismissed"]), name="event_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(reason__isnull=True)
                | Q(
                    kind="dismissed",
                    reason__in=[
                        "too_hard",
                        "too_easy",
                        "too_dear",
                        "wrong_time",
                        "not_interested",
                        "known",
                        "other",
                    ],
                ),
                name="event_reason_is_of_a_dismissal",
                violation_error_message=_("Only a dismissal has a reason, one of those listed."),
            ),
            models.UniqueConstraint(
                fields=["learner", "course"],
                condition=Q(kind="dismissed"),
                name="event_course_dismissed_once",
            ),
        ]

    def __str__(self):
        return f"{self.learner}: {self.course}, {self.get_kind_display()}"
