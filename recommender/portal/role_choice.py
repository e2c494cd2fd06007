"""The roles to choose from on the first visit: how short the city is of each, its pay, its main skills."""

from collections import defaultdict
from dataclasses import dataclass

from django.forms.boundfield import BoundWidget

from recommender.portal.shortages import ShownShortage
from recommender.skills.models import Skill
from recommender.workforce.models import Demand, Role, RoleSkill, Sector
from recommender.workforce.shortage import role_shortages

N_SKILLS = 5


@dataclass(frozen=True)
class RoleChoice:
    """A role with its checkbox; `pay` are figures as their sources state them."""

    shown: ShownShortage
    sectors: list[Sector]
    pay: list[Demand]
    skills: list[Skill]
    box: BoundWidget

    @property
    def is_ticked(self):
        return self.box.data["selected"]

    def is_of(self, sector_id):
        return any(sector.pk == sector_id for sector in self.sectors)

    @property
    def searched(self):
        """What words are looked for in, of any language."""
        named = (self.shown.role, *self.skills)
        return " ".join(f"{one.name_en} {one.name_zh_hant} {one.name_zh_hans}" for one in named).casefold()


def choices_of(field, search, sector_id):
    """The ticked roles, then those that the search takes: of a sector first, then the shortest of people;
    nine queries."""
    found, pay, skills = role_shortages(), pay_by_role(), main_skills_by_role()
    boxes = {int(str(box.data["value"])): box for box in field}
    choices = [
        RoleChoice(
            ShownShortage(role, found[role.pk]),
            list(role.sectors.all()),
            pay[role.pk],
            skills[role.pk],
            boxes[role.pk],
        )
        for role in Role.objects.prefetch_related("sectors")
        if role.pk in found and role.pk in boxes
    ]
    kept = [choice for choice in choices if choice.is_ticked or search.takes(choice)]
    return sorted(
        kept,
        key=lambda choice: (not choice.is_ticked, not choice.is_of(sector_id), choice.shown.order),
    )


def pay_by_role():
    pay = defaultdict(list)
    for figure in Demand.objects.filter(measure=Demand.Measure.PAY, role__isnull=False):
        pay[figure.role_id].append(figure)
    return pay


def main_skills_by_role():
    """The most important skills of each role."""
    skills = defaultdict(list)
    for need in RoleSkill.objects.select_related("skill").order_by("role", "-importance", "skill"):
        if len(skills[need.role_id]) < N_SKILLS:
            skills[need.role_id].append(need.skill)
    return skills
