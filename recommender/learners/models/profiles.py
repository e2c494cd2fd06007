"""Profiles, and what learners hold and were paid back."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.districts import District, is_a_district
from recommender.catalogue.models import Course, Mode, SubsidyScheme
from recommender.skills.models import Discipline, Language, Level, Skill
from recommender.workforce.models import Role, Sector

# No day of a person's life that we ask for lies before this one.
EARLIEST_DAY = date(1900, 1, 1)


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
    present_role = models.ForeignKey(
        Role,
        verbose_name=_("present role"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
    )
    studies = models.CharField(
        _("subject of studies"), max_length=32, choices=Discipline, blank=True, default="", db_default=""
    )
    preferred_modes = models.JSONField(
        _("ways of teaching you prefer"),
        default=list,
        db_default=Value([], models.JSONField()),
        blank=True,
    )
    district = models.CharField(
        _("district"), max_length=20, choices=District, blank=True, default="", db_default=""
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
            models.CheckConstraint(condition=is_a_district(), name="learner_district_is_known"),
            models.CheckConstraint(
                condition=Q(studies__in=["", *Discipline.values]), name="learner_studies_are_known"
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
