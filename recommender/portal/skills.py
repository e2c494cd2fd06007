"""The page of one skill: how short the city is of it, through which roles, and which courses teach it."""

from dataclasses import dataclass

import numpy as np
from django.shortcuts import get_object_or_404, render

from recommender.portal.catalogue import reader
from recommender.portal.roles import courses_teaching
from recommender.portal.shortages import ShownShortage, in_percent, in_words, postings_of
from recommender.portal.standing import standing_of
from recommender.skills.models import Level, Skill
from recommender.workforce.models import RoleSkill
from recommender.workforce.shortage import role_shortages, skill_shortages


@dataclass(frozen=True)
class NeedingRole:
    """A role that needs the skill, with its own shortage."""

    need: RoleSkill
    level: Level
    shown: ShownShortage

    @property
    def percent(self):
        return round(100 * self.need.importance)


def skill(request, slug):
    shown = get_object_or_404(Skill, slug=slug)
    of_roles = role_shortages()
    found = skill_shortages(np.array([shown.pk]), of_roles)
    short = None if np.isnan(found.share[0]) else float(found.share[0])
    needing = sorted(roles_needing(shown, of_roles), key=lambda role: role.shown.order)
    context = {
        "skill": shown,
        "words": in_words(short),
        "percent": in_percent(short),
        "is_synthetic": bool(found.is_synthetic[0]),
        "roles": needing,
        "cards": courses_teaching({shown.pk}, standing_of(reader(request))),
        "postings": postings_of(skill=shown),
    }
    return render(request, "portal/skill.html", context)


def roles_needing(skill, of_roles):
    return [
        NeedingRole(need, Level(need.level), ShownShortage(need.role, of_roles[need.role_id]))
        for need in RoleSkill.objects.filter(skill=skill).select_related("role")
        if need.role_id in of_roles
    ]
