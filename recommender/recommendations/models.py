"""A run of the job, the lists that it made, and the pointer to the run that learners see."""

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommender.learners.models import Learner
from recommender.recommendations.processes import this_process
from recommender.skills.models import Level, Skill


class RunQuerySet(models.QuerySet):
    def active(self):
        """Runs that a process says it is working on."""
        return self.filter(status__in=Run.ACTIVE)

    def claim(self, pk):
        """Whether the caller now owns a queued run.

        One run at a time: a constraint lets one process win, and marks the run that lost *skipped*.
        """
        now = timezone.now()
        queued = self.filter(pk=pk, status=Run.Status.QUEUED)
        owned = {"process": this_process(), "started_at": now, "heartbeat_at": now}
        try:
            with transaction.atomic():
                return queued.update(status=Run.Status.RUNNING, **owned) == 1
        except IntegrityError:
            queued.update(status=Run.Status.SKIPPED, finished_at=now, error=_("Another run was under way."))
            return False


class Run(models.Model):
    """One execution of the job: queued, running, judged, then published, held, failed or skipped."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        JUDGED = "judged", _("Judged")
        PUBLISHED = "published", _("Published")
        HELD = "held", _("Held")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Skipped")

    class Stage(models.TextChoices):
        READ = "read", _("Reading")
        FIT = "fit", _("Fitting")
        JUDGE = "judge", _("Judging")
        REFIT = "refit", _("Fitting on everything")
        SCORE = "score", _("Scoring learners")
        PUBLISH = "publish", _("Publishing")

    ACTIVE = (Status.RUNNING, Status.JUDGED)

    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.QUEUED)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, blank=True)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("started by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        help_text=_("Empty for the schedule and the command line."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last heard of at"), null=True, blank=True)
    process = models.CharField(
        _("process"), max_length=200, blank=True, help_text=_("Host and number of the process at work.")
    )
    read_at = models.DateTimeField(_("data as of"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    live_at = models.DateTimeField(
        _("live since"), null=True, blank=True, help_text=_("When learners last began to see it.")
    )
    n_learners = models.PositiveIntegerField(_("learners"), null=True, blank=True)
    n_courses = models.PositiveIntegerField(_("courses"), null=True, blank=True)
    n_enrolments = models.PositiveIntegerField(_("enrolments"), null=True, blank=True)
    model = models.JSONField(_("model"), default=dict, blank=True, help_text=_("Name and hyperparameters."))
    quality = models.JSONField(_("quality"), default=dict, blank=True, help_text=_("Figures of the judging."))
    held_because = models.JSONField(_("held because"), default=list, blank=True)
    artefact = models.CharField(
        _("artefact"), max_length=80, blank=True, help_text=_("File name of the model.")
    )
    shortage_weight = models.FloatField(
        _("weight of the shortage"),
        null=True,
        blank=True,
        help_text=_("What was in force when the lists were made: 0 is relevance alone, 1 is value alone."),
    )
    sums = models.CharField(
        _("sums"), max_length=80, blank=True, help_text=_("File name of the sums that the next run updates.")
    )
    error = models.TextField(_("error"), blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=["queued", "running", "judged", "published", "held", "failed", "skipped"]
                ),
                name="run_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(finished_at__isnull=False),
                name="run_published_has_an_end",
            ),
            models.UniqueConstraint(
                Case(When(status__in=["running", "judged"], then=Value(1))), name="run_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(shortage_weight__isnull=True) | Q(shortage_weight__gte=0, shortage_weight__lte=1),
                name="run_shortage_weight_in_0_1",
            ),
        ]

    def __str__(self):
        return f"{self.pk}"


class PackedList(models.Model):
    """The recommendations of one learner in one run, packed into bytes (see `packing.py`)."""

    run = models.ForeignKey(Run, verbose_name=_("run"), on_delete=models.CASCADE, related_name="lists")
    learner = models.ForeignKey(
        Learner, verbose_name=_("learner"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    packed = models.BinaryField(_("recommendations"))

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        constraints = [
            models.UniqueConstraint(fields=["learner", "run"], name="list_once_per_learner_and_run")
        ]

    def __str__(self):
        return f"{self.learner}, {self.run}"


class MissingCourse(models.Model):
    """A skill at a level that learners lack while no course that they may take leads further (`missing.py`).

    Counted by the run; synthetic learners are among those counted, and counted on their own as well.
    """

    run = models.ForeignKey(
        Run, verbose_name=_("run"), on_delete=models.CASCADE, related_name="missing_courses"
    )
    skill = models.ForeignKey(Skill, verbose_name=_("skill"), on_delete=models.CASCADE, related_name="+")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    n_lacking = models.PositiveIntegerField(_("learners who lack it"))
    n_unlocked = models.PositiveIntegerField(
        _("learners a course would unlock"),
        help_text=_("Those who lack it and may take no course that leads further."),
    )
    n_synthetic_lacking = models.PositiveIntegerField(_("synthetic learners who lack it"))
    n_synthetic_unlocked = models.PositiveIntegerField(_("synthetic learners a course would unlock"))
    shortage = models.FloatField(
        _("shortage"), null=True, blank=True, help_text=_("From 0 to 1; empty where it is unknown.")
    )
    is_shortage_synthetic = models.BooleanField(_("the shortage rests on synthetic figures"), default=False)
    because = models.JSONField(
        _("why no course"), default=dict, help_text=_("Learners by what stands in the way.")
    )

    class Meta:
        ordering = ["-n_unlocked", F("shortage").desc(nulls_last=True), "skill", "level"]
        verbose_name = _("missing course")
        verbose_name_plural = _("missing courses")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "skill", "level"], name="missing_course_once_per_run_skill_and_level"
            ),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=5), name="missing_course_level_in_1_5"
            ),
            models.CheckConstraint(
                condition=Q(n_unlocked__lte=F("n_lacking"))
                & Q(n_synthetic_unlocked__lte=F("n_unlocked"))
                & Q(n_synthetic_lacking__lte=F("n_lacking")),
                name="missing_course_counts_fit_in_each_other",
            ),
            models.CheckConstraint(
                condition=Q(shortage__isnull=True) | Q(shortage__gte=0, shortage__lte=1),
                name="missing_course_shortage_in_0_1",
            ),
        ]

    def __str__(self):
        return f"{self.skill}: {self.get_level_display()}"


class LiveRun(models.Model):
    """The one row that says which run learners see."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    run = models.ForeignKey(Run, verbose_name=_("run"), on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(_("moved at"), auto_now=True)

    class Meta:
        verbose_name = _("live run")
        verbose_name_plural = _("live run")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="live_run_is_one_row")]

    def __str__(self):
        return f"{self.run}"


class RankingSettings(models.Model):
    """The one row that says how an officer wants relevance and shortage weighed; see `weighing.py`."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    shortage_weight = models.FloatField(
        _("weight of the shortage"),
        null=True,
        blank=True,
        help_text=_(
            "From 0 to 1: score = (1 − weight) × relevance + weight × value. Leave it empty to have it "
            "chosen from the live run's curve. A change shows at once in every list that is made anew, which "
            "is whenever a learner does something, and in all lists with the next run."
        ),
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("settings of the ranking")
        verbose_name_plural = _("settings of the ranking")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="ranking_settings_are_one_row"),
            models.CheckConstraint(
                condition=Q(shortage_weight__isnull=True) | Q(shortage_weight__gte=0, shortage_weight__lte=1),
                name="ranking_shortage_weight_in_0_1",
                violation_error_message=_("The weight of the shortage lies between 0 and 1."),
            ),
        ]

    def __str__(self):
        if self.shortage_weight is None:
            return gettext("Weight of the shortage: chosen from the live run's curve")
        return gettext("Weight of the shortage: %(weight)s") % {"weight": self.shortage_weight}
