"""The gap of a person: the skills they hold, and how that is known, against what their target roles need."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from django.db.models import Prefetch

from recommender.catalogue.models import Course, CourseSkill
from recommender.engine import gaps as engine
from recommender.learners.models import Enrolment, SkillHeld
from recommender.skills.models import Level, Skill
from recommender.workforce.models import Role, RoleSkill
from recommender.workforce.shortage import skill_shortages

COMPLETED = "completed"


@dataclass(frozen=True)
class Evidence:
    """How it is known that somebody has a skill at a level; `course` where completing one gave it.

    kind : "stated", "confirmed" (see SkillHeld.Evidence) or "completed"
    """

    kind: str
    level: Level
    course: Course | None = None


@dataclass(frozen=True)
class Shortage:
    """In [0, 1], None where unknown; synthetic when synthetic openings or learners had a part in it."""

    share: float | None
    is_synthetic: bool


@dataclass(frozen=True)
class Needed:
    """A skill that a role needs, and where the learner stands."""

    skill: Skill
    needed: Level
    held: Level
    importance: float
    shortage: Shortage
    evidence: list[Evidence]

    @property
    def missing(self):
        """Levels."""
        return max(0, self.needed - self.held)


@dataclass(frozen=True)
class RoleGap:
    """`covered` is the share of the role's levels, weighed by importance; None where it needs nothing."""

    role: Role
    needed: list[Needed]
    covered: float | None

    @property
    def missing(self):
        return [need for need in self.needed if need.missing]


@dataclass(frozen=True)
class SkillGap:
    """What is lacking of one skill for all target roles together: importance times levels of the role that
    lacks most."""

    skill: Skill
    gap: float
    shortage: Shortage


@dataclass(frozen=True)
class Gap:
    """By role, by name; and by skill, the largest gap first, only where something is lacking."""

    roles: list[RoleGap]
    skills: list[SkillGap]

    def highest_needed(self):
        """The highest level that a role needs of each skill that it lacks, by skill id."""
        missing = [need for role in self.roles for need in role.missing]
        return highest_needed((need.skill.pk, need.importance, need.needed) for need in missing)


def gap_of(learner):
    """The gap of a learner. The number of queries does not depend on anything stored."""
    evidence = evidence_of(learner)
    needs = Prefetch("skills_needed", RoleSkill.objects.select_related("skill"), to_attr="needs")
    roles = list(learner.target_roles.prefetch_related(needs))
    skills = {need.skill_id: need.skill for role in roles for need in role.needs}
    shortages = shortages_of(list(skills))
    return Gap(
        roles=[_role_gap(role, evidence, shortages) for role in roles],
        skills=_skill_gaps(roles, skills, levels(evidence), shortages),
    )


def evidence_of(learner):
    """What is known of the skills of a learner, by skill id, the highest level first, in two queries."""
    evidence = defaultdict(list)
    for held in SkillHeld.objects.filter(learner=learner):
        evidence[held.skill_id].append(Evidence(held.evidence, Level(held.level)))
    completed = Enrolment.objects.filter(learner=learner, status=Enrolment.Status.COMPLETED)
    gained = (
        CourseSkill.objects.counted().filter(course__in=completed.values("course")).select_related("course")
    )
    for raised in gained:
        evidence[raised.skill_id].append(Evidence(COMPLETED, Level(raised.level), raised.course))
    return {
        skill: sorted(known, key=lambda item: item.level, reverse=True) for skill, known in evidence.items()
    }


def levels(evidence):
    """The level held of each skill, by id, of what `evidence_of` gives."""
    return {skill: known[0].level for skill, known in evidence.items()}


def share_covered(needs, held):
    """The share, in [0, 1], of the levels that RoleSkill rows need which are held, weighed by importance.

    None where they need nothing. `held` maps skill ids to levels.
    """
    importance = [need.importance for need in needs]
    held_of_needed = [held.get(need.skill_id, 0) for need in needs]
    share = engine.share_covered(importance, [need.level for need in needs], held_of_needed)
    return None if np.isnan(share) else share


def highest_needed(needs):
    """The highest level that a role needs of each skill that matters to it, by skill id.

    `needs` are triples of a skill's id, its importance to a role and the level needed.
    """
    needs = list(needs)
    skills = list(dict.fromkeys(skill for skill, *_ in needs))
    at = np.arange(len(needs)), [skills.index(skill) for skill, *_ in needs]
    importance, levels = np.zeros((2, len(needs), len(skills)))
    importance[at], levels[at] = [need[1] for need in needs], [need[2] for need in needs]
    highest = engine.highest_needed(importance, levels).tolist()
    return {skill: level for skill, level in zip(skills, highest, strict=True) if level}


def _role_gap(role, evidence, shortages):
    held = levels(evidence)
    needed = [
        Needed(
            skill=need.skill,
            needed=Level(need.level),
            held=Level(held.get(need.skill_id, Level.NONE)),
            importance=need.importance,
            shortage=shortages[need.skill_id],
            evidence=evidence.get(need.skill_id, []),
        )
        for need in role.needs
    ]
    needed.sort(key=lambda need: (-need.importance * need.missing, -need.importance))
    return RoleGap(role, needed, share_covered(role.needs, held))


def _skill_gaps(roles, skills, held, shortages):
    column = {skill: place for place, skill in enumerate(skills)}
    importance = np.zeros((len(roles), len(skills)))
    needed = np.zeros((len(roles), len(skills)), dtype=np.int64)
    for row, role in enumerate(roles):
        for need in role.needs:
            at = row, column[need.skill_id]
            importance[at], needed[at] = need.importance, need.level
    gaps = engine.gap(importance, needed, [held.get(skill, 0) for skill in skills]).tolist()
    lacking = [
        SkillGap(skill, size, shortages[pk])
        for (pk, skill), size in zip(skills.items(), gaps, strict=True)
        if size
    ]
    return sorted(lacking, key=lambda lacked: -lacked.gap)


def shortages_of(skills):
    """{skill id: Shortage} of a list of skill ids; the number of queries does not depend on them."""
    found = skill_shortages(skills)
    shown = zip(skills, found.share.tolist(), found.is_synthetic.tolist(), strict=True)
    return {
        skill: Shortage(None if np.isnan(share) else share, is_synthetic)
        for skill, share, is_synthetic in shown
    }
