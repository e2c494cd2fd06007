"""What the city needs: sectors, the roles in them, the skills those need, and counted demand."""

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

    Figures of different measures are never added up or shown as one.
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
        ]

    def __str__(self):
        return f"{self.description}: {self.value} {self.unit}, {self.period}"
