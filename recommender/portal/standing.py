"""Where a learner stands: skills and their levels, what the target roles need, what was done with courses."""

from dataclasses import dataclass, field

from recommender.learners import gaps
from recommender.learners.gaps import evidence_of, levels
from recommender.learners.models import Enrolment, Event
from recommender.workforce.models import RoleSkill


@dataclass(frozen=True)
class Standing:
    """All by id: level of each skill held, level of each skill the goal needs, status of each course."""

    held: dict = field(default_factory=dict)
    needed: dict = field(default_factory=dict)
    statuses: dict = field(default_factory=dict)
    dismissed: frozenset = frozenset()

    @property
    def completed(self):
        return {course for course, status in self.statuses.items() if status == Enrolment.Status.COMPLETED}


def standing_of(learner):
    """The standing of a learner, in five queries; a visitor (None) stands nowhere."""
    if learner is None:
        return Standing()
    enrolments = Enrolment.objects.filter(learner=learner)
    dismissals = Event.objects.filter(learner=learner, kind=Event.Kind.DISMISSED)
    return Standing(
        held=levels(evidence_of(learner)),
        needed=highest_needed(learner.target_roles.all()),
        statuses=dict(enrolments.values_list("course", "status")),
        dismissed=frozenset(dismissals.values_list("course", flat=True)),
    )


def highest_needed(roles):
    """The highest level at which any of the roles needs each skill that matters to it."""
    needs = RoleSkill.objects.filter(role__in=roles).order_by()
    return gaps.highest_needed(needs.values_list("skill", "importance", "level"))
