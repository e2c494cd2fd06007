"""How much of a target role a learner covers, now and after the next course."""

from dataclasses import dataclass

from django.db.models import Prefetch

from recommender.learners.gaps import share_covered
from recommender.portal.shortages import ShownShortage, in_percent
from recommender.workforce.models import Role, RoleSkill
from recommender.workforce.shortage import role_shortages


@dataclass(frozen=True)
class Goal:
    """Percentages of the role's skill levels, each weighed by its importance; None where it needs none."""

    role: Role
    covered: int | None
    covered_after: int | None
    shortage: ShownShortage

    @property
    def gained(self):
        return self.covered_after - self.covered


def goals_of(learner, standing, *, first=None):
    """The goals of a learner, in seven queries; `first` is the card of the course at the head of the list."""
    needs = Prefetch("skills_needed", RoleSkill.objects.all(), to_attr="needs")
    after = dict(standing.held)
    for step in first.skills if first else ():
        after[step.skill.pk] = max(step.before, step.after)
    roles = list(learner.target_roles.prefetch_related(needs))
    shortages = role_shortages(only=[role.pk for role in roles])
    return [
        Goal(
            role,
            in_percent(share_covered(role.needs, standing.held)),
            in_percent(share_covered(role.needs, after)),
            ShownShortage(role, shortages[role.pk]),
        )
        for role in roles
    ]
