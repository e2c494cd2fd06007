"""Where a learner stands: skills and their levels, what the target roles need, what was done with courses."""

from dataclasses import dataclass, field

from recommender.catalogue.models import CourseSkill
from recommender.learners.models import Enrolment, Event, SkillHeld
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
    completed = enrolments.filter(status=Enrolment.Status.COMPLETED)
    dismissals = Event.objects.filter(learner=learner, kind=Event.Kind.DISMISSED)
    return Standing(
        held=highest(
            SkillHeld.objects.filter(learner=learner).values_list("skill", "level"),
            CourseSkill.objects.counted()
            .filter(course__in=completed.values("course"))
            .values_list("skill", "level"),
        ),
        needed=highest(
            RoleSkill.objects.filter(role__in=learner.target_roles.all()).values_list("skill", "level")
        ),
        statuses=dict(enrolments.values_list("course", "status")),
        dismissed=frozenset(dismissals.values_list("course", flat=True)),
    )


def highest(*sources):
    """The highest level of each skill in several sources of (skill, level)."""
    levels = {}
    for source in sources:
        for skill, level in source:
            levels[skill] = max(level, levels.get(skill, 0))
    return levels
