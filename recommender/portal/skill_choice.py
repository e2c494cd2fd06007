"""The skills of the first visit: suggested, searched for, or found in a CV, each with a level to confirm."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Max, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.models import CourseSkill
from recommender.learners import services
from recommender.learners.models import SkillHeld
from recommender.portal.cv import skills_named
from recommender.portal.forms import CvForm, SkillLevelsForm, SkillSearchForm
from recommender.skills.models import Level, Skill
from recommender.workforce.models import RoleSkill

N_SUGGESTED = 12
N_FOUND = 12
# Of the present role, and of the studies: what leads to the target roles is to be seen as well.
N_OF_NOW = 4


@dataclass(frozen=True)
class SkillGroup:
    title: Promise
    form: SkillLevelsForm


class SkillsPage:
    """A page of the first visit, as `ProfilePage` is. Nothing is saved until the levels are confirmed."""

    template = "portal/welcome_skills.html"
    meanings = [level for level in Level if level > Level.NONE]

    def __init__(self, learner, data, files):
        self.learner = learner
        self.held = dict(SkillHeld.objects.filter(learner=learner).values_list("skill", "level"))
        self.skills = {skill.pk: skill for skill in useful_skills(self.held)}
        do = data and data.get("do")
        self.is_search = do == "show"
        # A file that was chosen is read first, whichever button was pressed.
        self.is_reading = do == "read" or bool(files)
        self.search = SkillSearchForm(data if self.is_search else None)
        self.cv = CvForm(data, files) if self.is_reading else CvForm()
        asked = SkillLevelsForm.asked_in(data or {}) & self.skills.keys()
        # In the order of the page that asked.
        left_open = SkillLevelsForm.left_open_in(data or {})
        self.left_open = [pk for pk in self.skills if pk in left_open]
        if self.is_search or self.is_reading:
            asked -= left_open
        self.answers = SkillLevelsForm(
            [self.skills[pk] for pk in asked], self.held | dict.fromkeys(self.left_open), data
        )
        self.forms = [self.cv, self.answers]

    def is_complete(self):
        return not self.is_search and not self.is_reading and self.answers.is_valid()

    def save(self):
        for pk, level in self.answers.levels().items():
            if level == self.held.get(pk, Level.NONE):
                continue
            if level == Level.NONE:
                services.forget_skill(self.learner, self.skills[pk])
            else:
                services.hold_skill(self.learner, self.skills[pk], level)

    @cached_property
    def groups(self):
        """Each skill once, under the first heading that has it, with what was chosen for it so far."""
        if self.answers.errors:
            return [SkillGroup(_("Chosen by you"), self.answers)]
        chosen = self._chosen()
        # A CV names skills, not how well somebody does them.
        levels = dict.fromkeys([*self.in_cv, *self.left_open]) | chosen
        groups, shown = [], set()
        for title, ids in (
            (_("In your CV"), list(dict.fromkeys([*self.in_cv, *self.left_open]))),
            (_("Found"), self.found),
            (_("Chosen by you"), [pk for pk in self.skills if pk in chosen]),
            (_("Suggested for you"), suggested(self.learner)),
        ):
            new = [self.skills[pk] for pk in ids if pk not in shown]
            shown.update(ids)
            if new:
                groups.append(SkillGroup(title, SkillLevelsForm(new, levels)))
        return groups

    def _chosen(self):
        """Levels held or just chosen; also none, where a skill that is held is to be taken back."""
        answered = self.answers.levels() if self.answers.is_valid() else {}
        levels = self.held | answered
        return {pk: level for pk, level in levels.items() if level or pk in self.held}

    @cached_property
    def in_cv(self):
        """Ids of the skills that the CV names, in its order."""
        if not self.is_reading or not self.cv.is_valid():
            return []
        return [skill.pk for skill in skills_named(self.cv.cleaned_data["cv"], list(self.skills.values()))]

    @cached_property
    def found(self):
        """Ids of the skills that are called by all the words of the search."""
        if not self.is_search or not self.search.is_valid():
            return []
        words = self.search.cleaned_data["q"].casefold().split()
        return [pk for pk, skill in self.skills.items() if words and is_called(skill, words)][:N_FOUND]


def useful_skills(held):
    """Those that a course raises, a role needs or the learner holds: a vocabulary may have thousands more."""
    raised = CourseSkill.objects.counted().values("skill")
    needed = RoleSkill.objects.values("skill")
    return Skill.objects.filter(Q(pk__in=raised) | Q(pk__in=needed) | Q(pk__in=held))


def is_called(skill, words):
    names = " ".join(skill.every_name()).casefold()
    return all(word in names for word in words)


def suggested(learner):
    """Ids of what the present role and the studies are about, of what the target roles need most, and of
    what the roles of the learner's sector do."""
    needs = RoleSkill.objects.all()
    ids = [
        *needed_most(needs.filter(role=learner.present_role_id))[:N_OF_NOW],
        *needed_most(needs.filter(skill__discipline=learner.studies))[:N_OF_NOW],
        *needed_most(needs.filter(role__in=learner.target_roles.all()))[:N_SUGGESTED],
        *needed_most(needs.filter(role__sectors=learner.sector_id or 0))[:N_SUGGESTED],
    ]
    return list(dict.fromkeys(ids))[:N_SUGGESTED]


def needed_most(needs):
    """Ids of the skills of RoleSkill rows, the most important first."""
    most = needs.order_by().values("skill").annotate(most=Max("importance")).order_by("-most", "skill")
    return most.values_list("skill", flat=True)
