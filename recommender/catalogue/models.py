"""What can be learned: providers, courses, what those teach and ask for, dated offerings, and subsidies."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.catalogue import search
from recommender.catalogue.districts import District, is_a_district
from recommender.catalogue.fees import Fee, FeeBasis
from recommender.skills.hkqf import usual_entry_level
from recommender.skills.models import Discipline, Language, Level, Skill
from recommender.skills.trilingual import Named, Trilingual

# A proposed skill counts from this confidence on: as likely right as wrong.
COUNTED_CONFIDENCE = 0.5
# From this one on it is as good as confirmed for ordering what a search finds.
SURE_CONFIDENCE = 0.75


class Provider(Named):
    class Kind(models.TextChoices):
        UNIVERSITY = "university", _("University")
        VOCATIONAL = "vocational", _("Vocational")
        PUBLIC_BODY = "public_body", _("Public body")
        INDUSTRY = "industry", _("Industry")
        PLATFORM = "platform", _("Online platform")
        NGO = "ngo", _("Non-governmental organisation")

    code = models.SlugField(_("code"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    url = models.URLField(_("address"), max_length=500, blank=True)

    class Meta:
        ordering = ["name_en"]
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["university", "vocational", "public_body", "industry", "platform", "ngo"]
                ),
                name="provider_kind_is_known",
            ),
        ]


class Mode(models.TextChoices):
    ONLINE = "online", _("Online")
    FACE_TO_FACE = "face_to_face", _("Face to face")
    BLENDED = "blended", _("Blended")


class CourseQuerySet(models.QuerySet):
    def active(self):
        """Courses that may be shown and recommended."""
        return self.filter(status=Course.Status.ACTIVE)

    def published(self):
        """Courses that have a page: also closed ones, which people still look up."""
        return self.exclude(status=Course.Status.DRAFT)

    def search(self, text):
        """Courses in which every word of a free text is found; `distance` sorts the nearest first."""
        return search.matching(self, text)

    def priced(self, *, on):
        """With `fee_now` in cents, and `whole_fee`, which is what of it is known for the whole course.

        The fee is that of the next offering that is open on a date, where there is one: the query for what
        `fees.fee_of` says of one course.
        """
        offerings = Offering.objects.open(on=on).filter(course=OuterRef("pk")).order_by("starts_on", "code")
        fee_now = Coalesce(Subquery(offerings.values("fee_cents")[:1]), F("fee_cents"))
        is_whole = Q(fee_basis=FeeBasis.WHOLE) | (Q(fee_now=0) & ~Q(fee_basis=FeeBasis.AUDIT))
        return self.annotate(fee_now=fee_now).annotate(whole_fee=Case(When(is_whole, then=F("fee_now"))))


class Course(models.Model):
    """What is taught. When and where is an offering's business."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        CLOSED = "closed", _("Closed")

    class StudyPattern(models.TextChoices):
        FULL_TIME = "full_time", _("Full time")
        PART_TIME = "part_time", _("Part time")
        EITHER = "full_or_part_time", _("Full or part time")
        SELF_PACED = "self_paced", _("At your own pace")

    class LevelBasis(models.TextChoices):
        STATED = "stated", _("Stated by the source")
        AWARD = "award", _("Taken from the award's title")

    provider = models.ForeignKey(
        Provider, verbose_name=_("provider"), on_delete=models.PROTECT, related_name="courses"
    )
    code = models.CharField(_("code"), max_length=120, unique=True)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    title_zh_hant = models.CharField(_("title in Traditional Chinese"), max_length=300, blank=True)
    title_zh_hans = models.CharField(_("title in Simplified Chinese"), max_length=300, blank=True)
    title = Trilingual()
    description_en = models.TextField(_("description in English"), blank=True)
    description_zh_hant = models.TextField(_("description in Traditional Chinese"), blank=True)
    description_zh_hans = models.TextField(_("description in Simplified Chinese"), blank=True)
    description = Trilingual()
    discipline = models.CharField(_("discipline"), max_length=32, choices=Discipline, blank=True)
    hkqf_level = models.PositiveSmallIntegerField(
        _("HKQF level"), null=True, blank=True, help_text=_("Hong Kong Qualifications Framework, 1 to 7.")
    )
    hkqf_basis = models.CharField(_("basis of the HKQF level"), max_length=8, choices=LevelBasis, blank=True)
    entry_hkqf_level = models.PositiveSmallIntegerField(
        _("HKQF level needed to enter"), null=True, blank=True
    )
    entry_text = models.TextField(_("entry requirements in the provider's words"), blank=True)
    award = models.CharField(_("award"), max_length=300, blank=True)
    mode = models.CharField(_("mode"), max_length=16, choices=Mode, blank=True)
    study_pattern = models.CharField(_("study pattern"), max_length=20, choices=StudyPattern, blank=True)
    notional_hours = models.PositiveIntegerField(_("hours of learning"), null=True, blank=True)
    languages = models.ManyToManyField(Language, verbose_name=_("languages"), related_name="+", blank=True)
    fee_cents = models.BigIntegerField(
        _("fee in Hong Kong cents"),
        null=True,
        blank=True,
        help_text=_("Empty when it is not known; 0 when free."),
    )
    fee_basis = models.CharField(
        _("what the fee is for"), max_length=8, choices=FeeBasis, default=FeeBasis.WHOLE, db_default="whole"
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    source_url = models.CharField(_("source"), max_length=500, blank=True)
    as_of = models.DateField(_("facts as of"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    skills = models.ManyToManyField(Skill, verbose_name=_("skills"), through="CourseSkill", related_name="+")
    searched_title = models.TextField(default="", editable=False)
    searched_rest = models.TextField(default="", editable=False)

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        indexes = [models.Index(fields=["status", "code"], name="course_status_code")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title_en="") | ~Q(title_zh_hant="") | ~Q(title_zh_hans=""),
                name="course_has_a_title",
                violation_error_message=_("Give a title in at least one language."),
            ),
            models.CheckConstraint(
                condition=Q(hkqf_level__isnull=True, hkqf_basis="")
                | Q(
                    hkqf_level__isnull=False,
                    hkqf_level__gte=1,
                    hkqf_level__lte=7,
                    hkqf_basis__in=["stated", "award"],
                ),
                name="course_hkqf_level_in_1_7_with_basis",
                violation_error_message=_("An HKQF level is from 1 to 7 and needs its basis."),
            ),
            models.CheckConstraint(
                condition=Q(entry_hkqf_level__isnull=True)
                | Q(entry_hkqf_level__gte=1, entry_hkqf_level__lte=7),
                name="course_entry_level_in_1_7",
            ),
            models.CheckConstraint(
                condition=Q(fee_cents__isnull=True) | Q(fee_cents__gte=0), name="course_fee_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(fee_basis__in=["whole", "year", "module", "credit", "audit", "unstated"]),
                name="course_fee_basis_is_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "active", "closed"]), name="course_status_is_known"
            ),
        ]

    def __str__(self):
        return str(self.title)

    @property
    def usual_entry_level(self):
        """The HKQF level that courses like it ask for, where the source does not say; else None."""
        return None if self.entry_hkqf_level else usual_entry_level(self.hkqf_level)


class CourseSkillQuerySet(models.QuerySet):
    def counted(self):
        """What is confirmed by people, or proposed with confidence enough. What is vetoed never counts."""
        state = CourseSkill.State
        return self.filter(
            Q(state=state.CONFIRMED) | Q(state=state.PROPOSED, confidence__gte=COUNTED_CONFIDENCE)
        )

    def sure(self):
        """What is confirmed by people, or proposed with hardly a doubt."""
        state = CourseSkill.State
        return self.filter(
            Q(state=state.CONFIRMED) | Q(state=state.PROPOSED, confidence__gte=SURE_CONFIDENCE)
        )


class CourseSkill(models.Model):
    """Who finishes the course has the skill at this level or higher. Read what is `counted()`."""

    class State(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        PROPOSED = "proposed", _("Proposed")
        VETOED = "vetoed", _("Vetoed")

    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="skills_raised"
    )
    skill = models.ForeignKey(Skill, verbose_name=_("skill"), on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(_("level reached"), choices=Level)
    basis = models.CharField(_("basis"), max_length=200, blank=True, help_text=_("How this is known."))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.CONFIRMED)
    confidence = models.FloatField(
        _("confidence"),
        null=True,
        blank=True,
        help_text=_("Of the proposal, above 0 and up to 1; empty where nothing was proposed."),
    )

    objects = CourseSkillQuerySet.as_manager()

    class Meta:
        ordering = ["course", "-level", "skill"]
        verbose_name = _("skill of a course")
        verbose_name_plural = _("skills of courses")
        constraints = [
            models.UniqueConstraint(fields=["course", "skill"], name="course_raises_a_skill_once"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="course_skill_level_in_1_5"),
            models.CheckConstraint(
                condition=Q(state__in=["confirmed", "proposed", "vetoed"]), name="course_skill_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__gt=0, confidence__lte=1),
                name="course_skill_confidence_above_0_to_1",
                violation_error_message=_("A confidence is above 0 and at most 1."),
            ),
            models.CheckConstraint(
                condition=~Q(state="proposed") | Q(confidence__isnull=False),
                name="course_skill_proposal_has_a_confidence",
                violation_error_message=_("A proposed skill needs a confidence."),
            ),
        ]

    def __str__(self):
        return f"{self.course}: {self.skill}"


class Prerequisite(models.Model):
    """What a learner must bring: a skill at a level, or another course completed."""

    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="prerequisites"
    )
    skill = models.ForeignKey(
        Skill, verbose_name=_("skill"), on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    level = models.PositiveSmallIntegerField(_("level needed"), choices=Level, null=True, blank=True)
    required_course = models.ForeignKey(
        Course,
        verbose_name=_("course to complete first"),
        on_delete=models.CASCADE,
        related_name="required_by",
        null=True,
        blank=True,
    )

    class Meta:
        ordering = ["course", "id"]
        verbose_name = _("prerequisite")
        verbose_name_plural = _("prerequisites")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    skill__isnull=False,
                    level__isnull=False,
                    level__gte=1,
                    level__lte=5,
                    required_course__isnull=True,
                )
                | Q(skill__isnull=True, level__isnull=True, required_course__isnull=False),
                name="prerequisite_is_a_skill_or_a_course",
                violation_error_message=_("Name a skill with a level from 1 to 5, or a course, not both."),
            ),
            models.CheckConstraint(
                condition=Q(required_course__isnull=True) | ~Q(required_course=F("course")),
                name="prerequisite_is_another_course",
            ),
            models.UniqueConstraint(fields=["course", "skill"], name="prerequisite_skill_once"),
            models.UniqueConstraint(fields=["course", "required_course"], name="prerequisite_course_once"),
        ]

    def __str__(self):
        needed = self.required_course or f"{self.skill} {self.level}"
        return f"{self.course}: {needed}"


class OfferingQuerySet(models.QuerySet):
    def open(self, *, on):
        """Offerings that somebody may still join on a date: not begun, with a seat left or seats unstated."""
        return self.filter(Q(seats__isnull=True) | Q(seats__gt=0), starts_on__gte=on)


class Offering(models.Model):
    """One dated occasion of a course."""

    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="offerings"
    )
    code = models.CharField(_("code"), max_length=120, help_text=_("The provider's own; one of its course."))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    timetable_en = models.CharField(_("timetable in English"), max_length=200, blank=True)
    timetable_zh_hant = models.CharField(
        _("timetable in Traditional Chinese"), max_length=200, blank=True, default="", db_default=""
    )
    timetable_zh_hans = models.CharField(
        _("timetable in Simplified Chinese"), max_length=200, blank=True, default="", db_default=""
    )
    timetable = Trilingual()
    mode = models.CharField(_("mode"), max_length=16, choices=Mode, blank=True)
    district = models.CharField(
        _("district"),
        max_length=20,
        choices=District,
        blank=True,
        default="",
        db_default="",
        help_text=_("Where it is taught; empty when online or not stated."),
    )
    seats = models.PositiveIntegerField(
        _("seats left"), null=True, blank=True, help_text=_("Empty when the provider does not say.")
    )
    fee_cents = models.BigIntegerField(
        _("fee in Hong Kong cents"),
        null=True,
        blank=True,
        help_text=_("Empty when it is the fee of the course; for what that is for."),
    )
    is_synthetic = models.BooleanField(_("synthetic"), default=False)

    objects = OfferingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "course", "code"]
        verbose_name = _("offering")
        verbose_name_plural = _("offerings")
        constraints = [
            models.UniqueConstraint(fields=["course", "code"], name="offering_code_once_per_course"),
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")),
                name="offering_dates_in_order",
                violation_error_message=_("An offering must not end before it begins."),
            ),
            models.CheckConstraint(
                condition=Q(fee_cents__isnull=True) | Q(fee_cents__gte=0), name="offering_fee_not_negative"
            ),
            models.CheckConstraint(condition=is_a_district(), name="offering_district_is_known"),
        ]

    def __str__(self):
        return f"{self.course}, {self.starts_on}"

    @property
    def own_fee(self):
        """The Fee where it is not that of the course, or None."""
        return None if self.fee_cents is None else Fee(self.fee_cents, self.course.fee_basis)


class SubsidyScheme(Named):
    """Who pays learners back a part of a fee, such as the Continuing Education Fund."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    run_by = models.CharField(_("run by"), max_length=200, blank=True)

    class Meta:
        ordering = ["slug"]
        verbose_name = _("subsidy scheme")
        verbose_name_plural = _("subsidy schemes")


class SubsidyRule(models.Model):
    """What a scheme pays for courses that start within these dates; what its source leaves out is empty.

    A rule whose tiers are not known has none: then nothing is computed from it.
    """

    scheme = models.ForeignKey(
        SubsidyScheme, verbose_name=_("subsidy scheme"), on_delete=models.CASCADE, related_name="rules"
    )
    valid_from = models.DateField(
        _("for courses that start from"), null=True, blank=True, help_text=_("Empty when not known.")
    )
    valid_to = models.DateField(
        _("for courses that start until"), null=True, blank=True, help_text=_("Empty while it holds.")
    )
    ceiling_cents = models.BigIntegerField(_("most a person can get, in Hong Kong cents"))
    min_age = models.PositiveSmallIntegerField(_("least age at the start"), null=True, blank=True)
    min_attendance_percent = models.PositiveSmallIntegerField(
        _("least attendance in percent"), null=True, blank=True
    )
    min_mark_percent = models.PositiveSmallIntegerField(_("least mark in percent"), null=True, blank=True)
    claim_within_months = models.PositiveSmallIntegerField(
        _("months to claim in after the course"), null=True, blank=True
    )
    needs_residence = models.BooleanField(_("asks for residence in Hong Kong"), default=False)
    max_claims = models.PositiveSmallIntegerField(
        _("most claims of a person"), null=True, blank=True, help_text=_("Empty when there is no limit.")
    )
    source_url = models.URLField(_("source"), max_length=500)
    as_of = models.DateField(_("facts as of"))

    class Meta:
        ordering = ["scheme", F("valid_from").asc(nulls_first=True)]
        verbose_name = _("subsidy rule")
        verbose_name_plural = _("subsidy rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lte=F("valid_to")),
                name="subsidy_rule_dates_in_order",
                violation_error_message=_("A rule must not end before it begins."),
            ),
            models.CheckConstraint(condition=Q(ceiling_cents__gt=0), name="subsidy_rule_ceiling_is_positive"),
            models.CheckConstraint(
                condition=(Q(min_attendance_percent__isnull=True) | Q(min_attendance_percent__lte=100))
                & (Q(min_mark_percent__isnull=True) | Q(min_mark_percent__lte=100)),
                name="subsidy_rule_percents_within_100",
                violation_error_message=_("Attendance and mark are at most 100 per cent."),
            ),
            models.UniqueConstraint(fields=["scheme", "valid_from"], name="subsidy_rule_begins_once"),
            models.UniqueConstraint(
                fields=["scheme"], condition=Q(valid_from__isnull=True), name="subsidy_rule_one_first"
            ),
        ]

    def __str__(self):
        return f"{self.scheme}, {self.valid_from or ''} – {self.valid_to or ''}"

    def clean(self):
        """One rule holds on a day: SQLite has no constraint for it."""
        others = SubsidyRule.objects.filter(scheme=self.scheme_id).exclude(pk=self.pk)
        if self.valid_to:
            others = others.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=self.valid_to))
        if self.valid_from:
            others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=self.valid_from))
        if other := others.first():
            raise ValidationError(_("The dates overlap with those of this rule: %s") % other)

    def holds_on(self, day):
        """Whether the rule is for courses that start on a day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class SubsidyTier(models.Model):
    """A percentage of the fee that a rule pays until so much was paid; then the next tier begins."""

    rule = models.ForeignKey(
        SubsidyRule, verbose_name=_("subsidy rule"), on_delete=models.CASCADE, related_name="tiers"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    percent = models.PositiveSmallIntegerField(_("percent of the fee"))
    up_to_cents = models.BigIntegerField(_("up to this subsidy, in Hong Kong cents"))

    class Meta:
        ordering = ["rule", "position"]
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        constraints = [
            models.UniqueConstraint(fields=["rule", "position"], name="subsidy_tier_position_once"),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100),
                name="subsidy_tier_percent_in_1_100",
                violation_error_message=_("A tier pays from 1 to 100 per cent of the fee."),
            ),
            models.CheckConstraint(condition=Q(up_to_cents__gt=0), name="subsidy_tier_pays_something"),
        ]

    def __str__(self):
        return f"{self.percent}%"


class SubsidyListing(models.Model):
    """Whether a scheme lists a course. No row: not known."""

    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.CASCADE, related_name="subsidy_listings"
    )
    scheme = models.ForeignKey(
        SubsidyScheme, verbose_name=_("subsidy scheme"), on_delete=models.PROTECT, related_name="+"
    )
    is_listed = models.BooleanField(_("listed"))
    listed_from = models.DateField(_("listed from"), null=True, blank=True)
    listed_to = models.DateField(_("listed until"), null=True, blank=True)
    source_url = models.URLField(_("source"), max_length=500, blank=True)
    as_of = models.DateField(_("facts as of"), null=True, blank=True)

    class Meta:
        ordering = ["course", "scheme"]
        verbose_name = _("listing for a subsidy")
        verbose_name_plural = _("listings for subsidies")
        constraints = [
            models.UniqueConstraint(fields=["course", "scheme"], name="subsidy_listing_once"),
            models.CheckConstraint(
                condition=Q(is_listed=True) | Q(listed_from__isnull=True, listed_to__isnull=True),
                name="subsidy_listing_dates_need_a_listing",
                violation_error_message=_("Only a course that is listed has dates of listing."),
            ),
            models.CheckConstraint(
                condition=Q(listed_from__isnull=True)
                | Q(listed_to__isnull=True)
                | Q(listed_from__lte=F("listed_to")),
                name="subsidy_listing_dates_in_order",
                violation_error_message=_("A listing must not end before it begins."),
            ),
        ]

    def __str__(self):
        return f"{self.course}: {self.scheme}"


class TaggingRunQuerySet(models.QuerySet):
    def claim(self):
        """The queued one that waits longest, which the caller now owns; None where there is none to take.

        One at a time: a constraint lets one process win; the others leave what is queued to it.
        """
        run = self.filter(status=TaggingRun.Status.QUEUED).order_by("pk").first()
        if run is None:
            return None
        run.status, run.started_at = TaggingRun.Status.RUNNING, timezone.now()
        queued = self.filter(pk=run.pk, status=TaggingRun.Status.QUEUED)
        try:
            with transaction.atomic():
                return run if queued.update(status=run.status, started_at=run.started_at) else None
        except IntegrityError:
            return None

    def fail_stalled(self):
        """Fails those that run for longer than any may."""
        self.filter(
            status=TaggingRun.Status.RUNNING, started_at__lt=timezone.now() - TaggingRun.LONGEST
        ).update(
            status=TaggingRun.Status.FAILED,
            finished_at=timezone.now(),
            error="Stalled: it did not end in time.",
        )


class TaggingRun(models.Model):
    """One proposing of the skills of chosen courses: queued, running, then done or failed.

    Who asked for it stands in the admin's log.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    LONGEST = timedelta(minutes=30)

    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.QUEUED)
    course_ids = models.JSONField(_("courses"), help_text=_("Their numbers."))
    result = models.JSONField(_("result"), default=dict, blank=True)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = TaggingRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("run of skill proposals")
        verbose_name_plural = _("runs of skill proposals")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed"]),
                name="tagging_run_status_is_known",
            ),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="running"), name="tagging_run_one_at_a_time"
            ),
        ]

    def __str__(self):
        return f"{self.pk}"
