"""The vocabulary that courses, roles and learners share: skills, their levels, languages."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommender.skills.trilingual import Named


class Level(models.IntegerChoices):
    """How well somebody does something. `meaning` says it in one line."""

    NONE = 0, pgettext_lazy("level of a skill", "None")
    AWARE = 1, _("Aware")
    BEGINNER = 2, _("Beginner")
    INDEPENDENT = 3, _("Independent")
    ADVANCED = 4, _("Advanced")
    EXPERT = 5, _("Expert")

    @property
    def meaning(self):
        return LEVEL_MEANINGS[self]


LEVEL_MEANINGS = {
    Level.NONE: _("Has not met it yet."),
    Level.AWARE: _("Knows what it is and can follow a conversation about it."),
    Level.BEGINNER: _("Does simple tasks with guidance."),
    Level.INDEPENDENT: _("Does everyday work alone."),
    Level.ADVANCED: _("Solves hard cases and guides others."),
    Level.EXPERT: _("Sets the direction for a whole organisation."),
}


class Discipline(models.TextChoices):
    AI_GOVERNANCE = "ai_governance", _("AI governance")
    AI_LITERACY = "ai_literacy", _("AI literacy")
    CLOUD = "cloud", _("Cloud computing")
    COMPUTER_VISION = "computer_vision", _("Computer vision")
    CYBERSECURITY = "cybersecurity", _("Cybersecurity")
    DATA_ENGINEERING = "data_engineering", _("Data engineering")
    DATA_SCIENCE = "data_science", _("Data science")
    DIGITAL_LITERACY = "digital_literacy", _("Digital literacy")
    DIGITAL_MARKETING = "digital_marketing", _("Digital marketing")
    DIGITAL_MEDIA = "digital_media", _("Digital media")
    EDUCATION = "education", _("Education")
    EXTENDED_REALITY = "extended_reality", _("Extended reality")
    FINTECH = "fintech", _("Financial technology")
    GENERATIVE_AI = "generative_ai", _("Generative AI")
    HEALTH_INFORMATICS = "health_informatics", _("Health informatics")
    LOGISTICS = "logistics", _("Logistics")
    MACHINE_LEARNING = "machine_learning", _("Machine learning")
    MLOPS = "mlops", _("Machine-learning operations")
    MULTIMEDIA_COMPUTING = "multimedia_computing", _("Multimedia computing")
    NLP = "nlp", _("Natural language processing")
    PROCESS_AUTOMATION = "process_automation", _("Process automation")
    PRODUCT = "product", _("Product management")
    PROGRAMMING = "programming", _("Programming")
    ROBOTICS = "robotics", _("Robotics")
    SMART_CITY_IOT = "smart_city_iot", _("Smart city and Internet of things")
    TRANSVERSAL = "transversal", _("Transversal skills")
    DIGITAL_OTHER = "digital_other", _("Other digital skills")
    OTHER = "other", _("Other")


class Framework(models.TextChoices):
    """Published frameworks that a skill or a role is taken from."""

    ESCO = "esco", _("ESCO")
    ONET = "onet", _("O*NET")
    OWN = "", _("Our own")


class Language(Named):
    """A language that courses are taught in and people follow. The usual ones are loaded by a migration."""

    code = models.CharField(_("code"), max_length=12, primary_key=True, help_text=_("BCP 47, such as yue"))

    class Meta:
        ordering = ["code"]
        verbose_name = _("language")
        verbose_name_plural = _("languages")


class Skill(Named):
    """Something that a person can do, at a level from 0 to 5."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    discipline = models.CharField(_("discipline"), max_length=32, choices=Discipline)
    framework = models.CharField(_("framework"), max_length=8, choices=Framework, blank=True)
    framework_code = models.CharField(_("code in the framework"), max_length=64, blank=True)
    framework_url = models.URLField(_("address in the framework"), max_length=300, blank=True)
    aliases = models.JSONField(_("other names"), default=list, blank=True)

    class Meta:
        ordering = ["name_en"]
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(discipline__in=Discipline.values), name="skill_discipline_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(framework__in=Framework.values), name="skill_framework_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(framework="") | models.Q(framework_code="", framework_url=""),
                name="skill_code_has_a_framework",
                violation_error_message=_("A code or an address belongs to a framework: choose it."),
            ),
        ]

    def every_name(self):
        """Its names in all languages, and what else it is called."""
        names = (self.name_en, self.name_zh_hant, self.name_zh_hans, *self.aliases)
        return [name for name in names if name]
