"""Counts the learners who can fill each role: the supply that a shortage is worked out from.

A learner meets the needs of a role who holds every skill that it needs, at the level needed; one is expected
to who would with the courses that they are enrolled in now. A role that names no skills is not counted.
"""

from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from scipy.sparse import csr_array

from recommender.catalogue.models import CourseSkill
from recommender.learners.held import positions, raise_levels, read_raises, read_stated, rows_array
from recommender.learners.models import Enrolment, Learner, SkillHeld
from recommender.workforce.models import Role, RoleSkill, RoleSupply, Sector

LEARNERS_A_BLOCK = 10_000


def count_supply(progress=None):
    """Counts anew and replaces the count of the same month; returns how many rows it wrote.

    All in one transaction. The last counts of earlier months stay, for the shortages of earlier periods,
    but not those of a role that names no skills any more.

    `progress(stage, done, total)` is told how many learners are counted. Memory does not grow with them.
    """
    counted_at = timezone.now()
    needs = _read_needs()
    tally = Tally(needs)
    done, total = 0, Learner.objects.count()
    for learners in _blocks():
        tally.add(learners)
        done += len(learners)
        if progress:
            progress("count_supply", done, max(done, total))
    return _replace(tally.rows(counted_at), _start_of_month(counted_at))


@dataclass(frozen=True)
class Needs:
    """What roles need and what courses give, by position.

    skills, courses : int64 ndarrays, ids, ascending; the skills that some role needs
    roles : {role id: (positions of skills, levels needed)}, both ndarrays of the same length
    raises : uint8 csr_array of shape (n_courses, n_skills)
    """

    skills: np.ndarray
    courses: np.ndarray
    roles: dict[int, tuple[np.ndarray, np.ndarray]]
    raises: csr_array


class Tally:
    """Counts by role, sector (0: none), and whether synthetic, of those who meet and those expected to."""

    def __init__(self, needs):
        self.needs = needs
        self.sectors = np.append(0, rows_array(Sector.objects.order_by("pk"), "pk")[:, 0])
        self.counts = np.zeros((len(needs.roles), self.sectors.size, 2, 2), dtype=np.int64)

    def add(self, learners):
        """Counts a block of learners: int64 ndarray (b, 3) of id, sector's id or 0, whether synthetic."""
        ids, sectors, is_synthetic = learners.T
        # A sector made since the count began has no place yet.
        place = np.where(np.isin(sectors, self.sectors), np.searchsorted(self.sectors, sectors), 0)
        kind = place * 2 + is_synthetic
        held = read_stated(self.needs.skills, ids, _between(ids, SkillHeld.objects))
        self._raise(held, ids, Enrolment.Status.COMPLETED)
        now = self._meeting(held)
        self._raise(held, ids, Enrolment.Status.ENROLLED)
        expected = self._meeting(held) & ~now
        for column, who in enumerate((now, expected)):
            for role, of_role in enumerate(who):
                counted = np.bincount(kind[of_role], minlength=self.sectors.size * 2)
                self.counts[role, :, :, column] += counted.reshape(-1, 2)

    def rows(self, counted_at):
        """RoleSupply rows: one for each role, and one for each role and sector."""
        for role, counts in zip(self.needs.roles, self.counts, strict=True):
            yield _row(role, None, counts.sum(0), counted_at)
            for sector, of_sector in zip(self.sectors[1:].tolist(), counts[1:], strict=True):
                yield _row(role, sector, of_sector, counted_at)

    def _raise(self, held, ids, status):
        rows = _between(ids, Enrolment.objects.filter(status=status))
        done = positions(rows_array(rows, "learner_id", "course_id"), ids, self.needs.courses)
        raise_levels(held, self.needs.raises, done)

    def _meeting(self, held):
        """Bool ndarray (n_roles, b): who holds all that a role needs."""
        roles = self.needs.roles.values()
        met = [(held[:, skills] >= levels).all(axis=1) for skills, levels in roles]
        return np.array(met, dtype=bool).reshape(len(met), held.shape[0])


def _read_needs():
    needed = rows_array(RoleSkill.objects.order_by("role_id"), "role_id", "skill_id", "level")
    skills = np.unique(needed[:, 1])
    roles = {}
    for role in np.unique(needed[:, 0]).tolist():
        own = needed[needed[:, 0] == role]
        roles[role] = np.searchsorted(skills, own[:, 1]), own[:, 2]
    raised = CourseSkill.objects.counted().filter(skill__in=RoleSkill.objects.values("skill"))
    courses = np.unique(rows_array(raised, "course_id"))
    return Needs(skills, courses, roles, read_raises(skills, courses, raised))


def _between(ids, rows):
    """Rows of the learners of a block: its ends are named, since thousands of ids would be slow to name."""
    return rows.filter(learner__gte=int(ids[0]), learner__lte=int(ids[-1])).order_by()


def _blocks():
    """All learners in ascending blocks, as `Tally.add` takes them."""
    in_order, last = Learner.objects.order_by("pk").annotate(sector_or_0=Coalesce("sector", 0)), 0
    while True:
        block = in_order.filter(pk__gt=last)[:LEARNERS_A_BLOCK]
        learners = rows_array(block, "pk", "sector_or_0", "is_synthetic")
        if not len(learners):
            return
        yield learners
        last = int(learners[-1, 0])


def _row(role, sector, counts, counted_at):
    (meeting, expected), synthetic = counts.sum(0).tolist(), counts[1].tolist()
    return RoleSupply(
        role_id=role,
        sector_id=sector,
        n_meeting=meeting,
        n_expected=expected,
        n_synthetic_meeting=synthetic[0],
        n_synthetic_expected=synthetic[1],
        counted_at=counted_at,
    )


def _start_of_month(moment):
    day = timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.replace(day=1)


@transaction.atomic
def _replace(rows, since):
    # Another count waits here for this one's rows, and nobody takes away a role or a sector meanwhile.
    roles, sectors = (
        set(model.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        for model in (Role, Sector)
    )
    kept = [row for row in rows if row.role_id in roles and row.sector_id in sectors | {None}]
    counted = {row.role_id for row in kept}
    RoleSupply.objects.filter(Q(counted_at__gte=since) | ~Q(role__in=counted)).delete()
    RoleSupply.objects.bulk_create(kept)
    return len(kept)
