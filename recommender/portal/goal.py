"""How much of a target role a learner covers, now and after the next course."""

from dataclasses import dataclass

from django.db.models import Prefetch

from recommender.workforce.models import Role, RoleSkill


@dataclass(frozen=True)
class Goal:
    """Percentages of the role's skill levels, each skill weighed by its importance."""

    role: Role
    covered: int
    covered_after: int

    @property
    def gained(self):
        return self.covered_after - self.covered


def goals_of(learner, standing, *, first=None):
    """The goals of a learner, in two queries; `first` is the card of the course at the head of the list."""
    needs = Prefetch("skills_needed", RoleSkill.objects.all(), to_attr="needs")
    after = dict(standing.held)
    for step in first.skills if first else ():
        after[step.skill.pk] = max(step.before, step.after)
    return [
        Goal(role, covered_percent(role.needs, standing.held), covered_percent(role.needs, after))
        for role in learner.target_roles.prefetch_related(needs)
    ]


def covered_percent(needs, held):
    needed = sum(need.importance * need.level for need in needs)
    covered = sum(need.importance * min(need.level, held.get(need.skill_id, 0)) for need in needs)
    return round(100 * covered / needed) if needed else 0
