"""What a course asks for first, and whether the reader has it."""

from dataclasses import dataclass

from recommender.catalogue.models import Prerequisite
from recommender.skills.models import Level


@dataclass(frozen=True)
class Need:
    """A prerequisite; `is_met` is None for a visitor."""

    prerequisite: Prerequisite
    level: str
    is_met: bool | None


def needs_of(prerequisites, standing):
    """The prerequisites of a course against a Standing, or against nobody's (None)."""
    return [
        Need(
            prerequisite,
            level=Level(prerequisite.level).label if prerequisite.skill_id else "",
            is_met=None if standing is None else is_met(prerequisite, standing),
        )
        for prerequisite in prerequisites
    ]


def is_met(prerequisite, standing):
    if prerequisite.skill_id:
        return standing.held.get(prerequisite.skill_id, 0) >= prerequisite.level
    return prerequisite.required_course_id in standing.completed
