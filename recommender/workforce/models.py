"""What the city needs: sectors, the roles in them, the skills those need, counted demand and supply."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from recommender.skills.models import Framework, Level, Skill
from recommender.skills.trilingual import Named


class Sector(Named):
    slug = models.SlugField(_("slug"), max_length=64, unique=True)

    class Meta:
        ordering = ["name_en"]
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")


class Role(Named):
    """An occupation, with the code of the framework occupation that it is nearest to."""

    slug = models.SlugField(_("slug"), max_length=64, unique=True)
    framework = models.CharField(_("framework"), max_length=8, choices=Framework, blank=True)
    framework_code = models.CharField(_("code in the framework"), max_length=64, blank=True)
    framework_url = models.URLField(_("address in the framework"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True, help_text=_("Such as how near the framework's role is."))
    sectors = models.ManyToManyField(Sector, verbose_name=_("sectors"), related_name="roles", blank=True)
    skills = models.ManyToManyField(Skill, verbose_name=_("skills"), through="RoleSkill", related_name="+")

    class Meta:
        ordering = ["name_en"]
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.CheckConstraint(
                condition=Q(framework__in=Framework.values), name="role_framework_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(framework="") | Q(framework_code="", framework_url=""),
                name="role_code_has_a_framework",
                violation_error_message=_("A code or an address belongs to a framework: choose it."),
            ),
        ]


class RoleSkill(models.Model):
    """A role needs a skill: how much it matters, and at which level."""

    role = models.ForeignKey(
        Role, verbose_name=_("role"), on_delete=models.CASCADE, related_name="skills_needed"
    )
    skill = models.ForeignKey(Skill, verbose_name=_("skill"), on_delete=models.PROTECT, related_name="+")
    importance = models.FloatField(_("importance"), help_text=_("From 0 to 1."))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    source = models.TextField(_("source"), blank=True)

    class Meta:
        ordering = ["role", "-importance", "skill"]
        verbose_name = _("skill of a role")
        verbose_name_plural = _("skills of roles")
        constraints = [
            models.UniqueConstraint(fields=["role", "skill"], name="role_needs_a_skill_once"),
            models.CheckConstraint(
                condition=Q(importance__gte=0, importance__lte=1), name="role_skill_importance_in_0_1"
            ),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="role_skill_level_in_1_5"),
        ]

    def __str__(self):
        return f"{self.role}: {self.skill}"


class Demand(models.Model):
    """A counted signal of demand for a role, a skill, a sector, or (with none of them) the whole market.

    Figures of different measures are never added up or shown as one. Those of the measure "openings" about a
    role are what its shortage is worked out from.
    """

    class Measure(models.TextChoices):
        OPENINGS = "openings", _("Openings")
        VACANCIES = "vacancies", _("Vacancies, all occupations")
        COUNTED_POSTINGS = "counted_postings", _("Job postings counted in a sample")
        MANPOWER_SHORTAGE = "manpower_shortage", _("Projected shortage of all manpower")
        PEOPLE_EMPLOYED = "people_employed", _("People employed")
        SURVEY_SHARE = "survey_share", _("Share in a survey")
        PAY = "pay", _("Pay")
        OTHER = "other", _("Other")

    role = models.ForeignKey(
        Role, verbose_name=_("role"), on_delete=models.CASCADE, related_name="demand", null=True, blank=True
    )
    skill = models.ForeignKey(
        Skill, verbose_name=_("skill"), on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    sector = models.ForeignKey(
        Sector,
        verbose_name=_("sector"),
        on_delete=models.CASCADE,
        related_name="demand",
        null=True,
        blank=True,
    )
    measure = models.CharField(_("measure"), max_length=24, choices=Measure)
    description = models.CharField(
        _("what was counted"), max_length=200, help_text=_("In the words of the source.")
    )
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=32)
    period = models.CharField(_("period"), max_length=64, help_text=_("As the source states it."))
    source_url = models.CharField(_("source"), max_length=500)
    source_date = models.DateField(_("date of the source"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_synthetic = models.BooleanField(_("synthetic"), default=False)

    class Meta:
        ordering = ["role", "skill", "sector", "measure", "period"]
        verbose_name = _("demand figure")
        verbose_name_plural = _("demand figures")
        constraints = [
            models.UniqueConstraint(
                Coalesce("role", 0),
                Coalesce("skill", 0),
                Coalesce("sector", 0),
                "measure",
                "description",
                "period",
                "source_url",
                name="demand_figure_once",
            ),
            models.CheckConstraint(condition=~Q(source_url=""), name="demand_has_a_source"),
            models.CheckConstraint(
                condition=Q(role__isnull=True) | Q(skill__isnull=True),
                name="demand_of_a_role_or_a_skill",
                violation_error_message=_("A figure is of a role or of a skill, not of both."),
            ),
            models.CheckConstraint(
                condition=~Q(measure="openings") | Q(value__gte=0),
                name="demand_openings_not_negative",
                violation_error_message=_("Openings cannot be fewer than 0."),
            ),
        ]

    def __str__(self):
        return f"{self.description}: {self.value} {self.unit}, {self.period}"


class Graduates(models.Model):
    """People who leave school or training for a role in a period, besides the learners of this site.

    They are set against the openings of the same period, so both state it in the same words.
    """

    role = models.ForeignKey(Role, verbose_name=_("role"), on_delete=models.CASCADE, related_name="+")
    sector = models.ForeignKey(
        Sector,
        verbose_name=_("sector"),
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        help_text=_("Empty: of all sectors."),
    )
    period = models.CharField(
        _("period"), max_length=64, help_text=_("In the words of the openings that they are set against.")
    )
    count = models.PositiveIntegerField(_("graduates"))
    source_url = models.CharField(_("source"), max_length=500)
    source_date = models.DateField(_("date of the source"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    is_synthetic = models.BooleanField(_("synthetic"), default=False)

    class Meta:
        ordering = ["role", "sector", "period"]
        verbose_name = _("graduates")
        verbose_name_plural = _("graduates")
        constraints = [
            models.UniqueConstraint(
                "role",
                Coalesce("sector", 0),
                "period",
                name="graduates_once",
                violation_error_message=_("There is a figure for this role, sector and period already."),
            ),
            models.CheckConstraint(condition=~Q(source_url=""), name="graduates_have_a_source"),
        ]

    def __str__(self):
        return f"{self.role}: {self.count}, {self.period}"


class RoleSupply(models.Model):
    """How many learners could fill a role when they were counted. Of each month the last count is kept."""

    role = models.ForeignKey(Role, verbose_name=_("role"), on_delete=models.CASCADE, related_name="+")
    sector = models.ForeignKey(
        Sector,
        verbose_name=_("sector"),
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        help_text=_("Empty: learners of all sectors, and of none."),
    )
    n_meeting = models.PositiveIntegerField(
        _("meet the needs"), help_text=_("Hold every skill that the role needs, at the level needed.")
    )
    n_expected = models.PositiveIntegerField(
        _("expected"), help_text=_("Would meet the needs once the courses under way are completed.")
    )
    n_synthetic_meeting = models.PositiveIntegerField(_("of those who meet them, synthetic"), default=0)
    n_synthetic_expected = models.PositiveIntegerField(_("of those expected, synthetic"), default=0)
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        ordering = ["role", "sector", "-counted_at"]
        verbose_name = _("supply of a role")
        verbose_name_plural = _("supply of roles")
        constraints = [
            models.UniqueConstraint("role", Coalesce("sector", 0), "counted_at", name="role_supply_once"),
            models.CheckConstraint(
                condition=Q(n_synthetic_meeting__lte=models.F("n_meeting"))
                & Q(n_synthetic_expected__lte=models.F("n_expected")),
                name="role_supply_synthetic_within_all",
            ),
        ]

    def __str__(self):
        return f"{self.role}: {self.n_meeting} + {self.n_expected}"


class ShortageOverride(models.Model):
    """An officer's figure that stands in place of the computed shortage, for as long as it is kept."""

    role = models.ForeignKey(Role, verbose_name=_("role"), on_delete=models.CASCADE, related_name="+")
    sector = models.ForeignKey(
        Sector,
        verbose_name=_("sector"),
        on_delete=models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        help_text=_("Empty: the role's shortage in the whole city."),
    )
    period = models.CharField(
        _("period"),
        max_length=64,
        blank=True,
        help_text=_("In the words of the openings. Empty: of the latest openings, whatever their period."),
    )
    shortage = models.FloatField(_("shortage"), help_text=_("From 0, none, to 1, nobody for any opening."))
    reason = models.TextField(_("reason"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        editable=False,
    )
    made_at = models.DateTimeField(_("made at"), auto_now=True)

    class Meta:
        ordering = ["role", "sector", "period"]
        verbose_name = _("overridden shortage")
        verbose_name_plural = _("overridden shortages")
        constraints = [
            models.UniqueConstraint(
                "role",
                Coalesce("sector", 0),
                "period",
                name="shortage_overridden_once",
                violation_error_message=_("The shortage of this role and sector is overridden already."),
            ),
            models.CheckConstraint(
                condition=Q(shortage__gte=0, shortage__lte=1),
                name="shortage_override_in_0_1",
                violation_error_message=_("A shortage is a number from 0 to 1."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="shortage_override_has_a_reason"),
        ]

    def __str__(self):
        subject = ", ".join(str(part) for part in (self.role, self.sector, self.period) if part)
        return f"{subject}: {self.shortage}"
