"""People: accounts, profiles, what they hold and did. No identity-card number is stored anywhere."""

from datetime import date

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.models import Course, Mode, Offering, SubsidyScheme
from recommender.skills.models import Language, Level, Skill
from recommender.workforce.models import Role, Sector

# No day of a person's life that we ask for lies before this one.
EARLIEST_DAY = date(1900, 1, 1)


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """An account, signed in to with an e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
    is_staff = models.BooleanField(_("may use the admin site"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    erasure_announced_at = models.DateTimeField(
        _("told of its erasure at"), null=True, blank=True, editable=False
    )

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"

    class Meta:
        ordering = ["email"]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once_in_any_case",
                violation_error_message=_("There is an account with this e-mail address already."),
            )
        ]

    def __str__(self):
        return self.email


class Session(AbstractBaseSession):
    """A browser that visits, and whose account it is signed in to: so that the account's end ends it too."""

    user = models.ForeignKey(
        User, verbose_name=_("account"), on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")

    @classmethod
    def get_session_store_class(cls):
        from recommender.learners.sessions import SessionStore

        return SessionStore


class LearnerQuerySet(models.QuerySet):
    def for_user(self, user):
        """The learner of an account, made on the first visit, in the language of that visit."""
        first = {"language": get_language(), "welcome_step": Learner.WelcomeStep.WHERE_I_AM}
        return self.get_or_create(user=user, defaults=first)[0]


class Learner(models.Model):
    """A profile: of an account, or of an imported history that its person may claim later."""

    class WelcomeStep(models.TextChoices):
        """What is asked on the first visit, in this order; the value stands in the address."""

        WHERE_I_AM = "where-i-am", _("Where I am")
        WHERE_I_WANT_TO_GO = "where-i-want-to-go", _("Where I want to go")
        WHAT_I_CAN_DO = "what-i-can-do", _("What I can do")
        WHAT_FITS_ME = "what-fits-me", _("What fits me")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="learner",
        null=True,
        blank=True,
    )
    source = models.CharField(_("source"), max_length=64, blank=True, help_text=_("Who sent the history."))
    external_id = models.CharField(_("id at the source"), max_length=120, blank=True)
    display_name = models.CharField(_("name to show"), max_length=120, blank=True)
    languages = models.ManyToManyField(
        Language, verbose_name=_("languages you can follow"), related_name="+", blank=True
    )
    hours_a_week = models.PositiveSmallIntegerField(_("hours a week"), null=True, blank=True)
    budget_cents = models.BigIntegerField(_("budget in Hong Kong cents"), null=True, blank=True)
    # Asked for subsidies only, whose rules have an age.
    born_on = models.DateField(_("date of birth"), null=True, blank=True)
    hkqf_level = models.PositiveSmallIntegerField(
        _("highest qualification, as an HKQF level"), null=True, blank=True
    )
    target_roles = models.ManyToManyField(Role, verbose_name=_("target roles"), related_name="+", blank=True)
    sector = models.ForeignKey(
        Sector, verbose_name=_("sector"), on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    preferred_modes = models.JSONField(
        _("ways of teaching you prefer"),
        default=list,
        db_default=Value([], models.JSONField()),
        blank=True,
    )
    # Empty: the first visit is over, or was never begun.
    welcome_step = models.CharField(
        _("step at which the first visit was left"),
        max_length=20,
        choices=WelcomeStep,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    consents_to_profiling = models.BooleanField(_("consents to profiling"), default=False)
    profiling_decided_at = models.DateTimeField(_("consent given or withdrawn at"), null=True, blank=True)
    shares_with_advisers = models.BooleanField(
        _("shows the profile to advisers"), default=False, db_default=False
    )
    wants_digest = models.BooleanField(_("wants a monthly e-mail"), default=False, db_default=False)
    language = models.CharField(
        _("language of e-mails"),
        max_length=8,
        choices=settings.LANGUAGES,
        blank=True,
        default="",
        db_default="",
    )
    is_synthetic = models.BooleanField(_("synthetic"), default=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    # Set by every write that a list rests on; the job refreshes who changed while it ran.
    changed_at = models.DateTimeField(_("changed at"), db_default=Now(), db_index=True, editable=False)

    objects = LearnerQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("learner")
        verbose_name_plural = _("learners")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(source=""), name="learner_once_per_source"
            ),
            models.CheckConstraint(
                condition=Q(source="", external_id="") | (~Q(source="") & ~Q(external_id="")),
                name="learner_source_with_external_id",
                violation_error_message=_("A source and the id there go together."),
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(source=""),
                name="learner_has_an_account_or_a_source",
                violation_error_message=_("A learner needs an account, or a source with an id there."),
            ),
            models.CheckConstraint(
                condition=Q(consents_to_profiling=False) | Q(profiling_decided_at__isnull=False),
                name="learner_consent_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(hours_a_week__isnull=True) | Q(hours_a_week__lte=168),
                name="learner_hours_fit_a_week",
            ),
            models.CheckConstraint(
                condition=Q(budget_cents__isnull=True) | Q(budget_cents__gte=0),
                name="learner_budget_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(hkqf_level__isnull=True) | Q(hkqf_level__gte=1, hkqf_level__lte=7),
                name="learner_hkqf_level_in_1_7",
            ),
            models.CheckConstraint(
                condition=Q(
                    welcome_step__in=[
                        "",
                        "where-i-am",
                        "where-i-want-to-go",
                        "what-i-can-do",
                        "what-fits-me",
                    ]
                ),
                name="learner_welcome_step_is_known",
            ),
        ]

    def __str__(self):
        return self.display_name or (self.user.email if self.user else f"{self.source} {self.external_id}")

    @property
    def preferred_mode_labels(self):
        return [Mode(mode).label for mode in self.preferred_modes]


class SkillHeld(models.Model):
    """A skill that somebody said, or confirmed, that a learner has.

    What completed courses gave is not stored here: it follows from the enrolments and the catalogue.
    """

    class Evidence(models.TextChoices):
        STATED = "stated", _("Stated by the learner")
        CONFIRMED = "confirmed", _("Confirmed by an officer")

    learner = models.ForeignKey(
        Learner, verbose_name=_("learner"), on_delete=models.CASCADE, related_name="skills_held"
    )
    skill = models.ForeignKey(Skill, verbose_name=_("skill"), on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    evidence = models.CharField(_("evidence"), max_length=12, choices=Evidence, default=Evidence.STATED)

    class Meta:
        ordering = ["learner", "skill"]
        verbose_name = _("skill held")
        verbose_name_plural = _("skills held")
        constraints = [
            models.UniqueConstraint(fields=["learner", "skill"], name="learner_holds_a_skill_once"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="skill_held_level_in_1_5"),
            models.CheckConstraint(
                condition=Q(evidence__in=["stated", "confirmed"]), name="skill_held_evidence_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.learner}: {self.skill} {self.level}"


class SubsidyClaim(models.Model):
    """What a scheme paid a learner back for a course, as the learner says: so much less is left to claim."""

    learner = models.ForeignKey(
        Learner, verbose_name=_("learner"), on_delete=models.CASCADE, related_name="subsidy_claims"
    )
    scheme = models.ForeignKey(
        SubsidyScheme, verbose_name=_("subsidy scheme"), on_delete=models.PROTECT, related_name="+"
    )
    amount_cents = models.BigIntegerField(_("amount paid back, in Hong Kong cents"))
    claimed_on = models.DateField(_("claimed on"))
    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["learner", "-claimed_on", "-id"]
        verbose_name = _("claim of a subsidy")
        verbose_name_plural = _("claims of subsidies")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_cents__gt=0),
                name="subsidy_claim_is_paid",
                violation_error_message=_("A claim has an amount above zero."),
            ),
        ]

    def __str__(self):
        return f"{self.learner}: {self.scheme}, {self.claimed_on}"


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


class Question(models.Model):
    """What a learner asks an adviser, and the answer."""

    learner = models.ForeignKey(
        Learner, verbose_name=_("learner"), on_delete=models.CASCADE, related_name="questions"
    )
    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.SET_NULL, related_name="+", null=True, blank=True
    )
    text = models.TextField(_("question"), max_length=2000)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    answer = models.TextField(_("answer"), max_length=4000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        ordering = ["-asked_at", "-id"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="question_answer_has_a_time",
                violation_error_message=_("An answer is changed, not emptied."),
            ),
        ]

    def __str__(self):
        return f"{self.pk}"


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
