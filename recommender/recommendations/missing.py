"""The brief of missing courses: skills that learners lack while no course that they may take leads further.

Counted by the job while it scores: block by block, so that memory does not grow with the learners.
"""

from collections import defaultdict

import numpy as np

from recommender.engine.gaps import NO_ITEM, highest_needed, obstacles
from recommender.learners.held import raise_levels
from recommender.recommendations.models import MissingCourse
from recommender.recommendations.rules import Rule, broken_rules
from recommender.workforce.shortage import skill_shortages

N_LEVELS = 6
# Nobody teaches it; or each course that does is kept from the learner by more than one rule.
UNTAUGHT, SEVERAL = "untaught", "several"
ALONE = {rule: rule.name.lower() for rule in Rule if rule not in (Rule.INACTIVE, Rule.COMPLETED)}
REASONS = [UNTAUGHT, *ALONE.values(), SEVERAL]


class MissingCourses:
    """Counts of learners by skill and level needed.

    A learner lacks a skill when a target role to which it matters needs a higher level than they hold; the
    level that counts is the highest that such a role needs. A new course would unlock the learner when no
    course that breaks no hard rule leads further, nor one that they are enrolled in. Then each rule counts
    which stands alone before some active course that does: keeping it would be enough.
    """

    def __init__(self, courses, roles):
        self.courses, self.roles = courses, roles
        self.raises = courses.raises[courses.is_active]
        shape = roles.skills.size * N_LEVELS
        # The second row of each is of synthetic learners.
        self.lacking = np.zeros((2, shape), dtype=np.int64)
        self.unlocked = np.zeros((2, shape), dtype=np.int64)
        self.because = {reason: np.zeros(shape, dtype=np.int64) for reason in REASONS}

    def add(self, learners):
        """Counts a block of learners: LearnerFacts about the same courses."""
        needed = self._needed(learners)
        row, skill = np.nonzero(needed > learners.held)
        if not row.size:
            return
        broken = broken_rules(self.courses, learners)[:, self.courses.is_active]
        between = obstacles(needed, learners.held, broken, self.raises)
        place = skill * N_LEVELS + needed[row, skill]
        fewest, alone = between.fewest[row, skill], between.alone[row, skill]
        synthetic = learners.is_synthetic[row].astype(np.int64)
        locked = (fewest > 0) & (self._held_after(learners) <= learners.held)[row, skill]
        np.add.at(self.lacking, (synthetic, place), 1)
        np.add.at(self.unlocked, (synthetic[locked], place[locked]), 1)
        self._count(UNTAUGHT, place[locked & (fewest == NO_ITEM)])
        self._count(SEVERAL, place[locked & (fewest != NO_ITEM) & (alone == 0)])
        for rule, reason in ALONE.items():
            self._count(reason, place[locked & (alone & rule > 0)])

    def write(self, run_id):
        """Puts the counts in the place of those of the run: a row for each skill and level short of one."""
        unlocked = self.unlocked.sum(axis=0)
        places = np.flatnonzero(unlocked)
        skills = self.roles.skills[places // N_LEVELS]
        shortages = skill_shortages(skills)
        rows = zip(places.tolist(), skills.tolist(), *(part.tolist() for part in shortages), strict=True)
        MissingCourse.objects.filter(run=run_id).delete()
        MissingCourse.objects.bulk_create(
            MissingCourse(
                run_id=run_id,
                skill_id=skill,
                level=place % N_LEVELS,
                n_lacking=self.lacking[:, place].sum(),
                n_unlocked=unlocked[place],
                n_synthetic_lacking=self.lacking[1, place],
                n_synthetic_unlocked=self.unlocked[1, place],
                shortage=None if np.isnan(share) else share,
                is_shortage_synthetic=is_synthetic,
                because={
                    reason: int(counts[place]) for reason, counts in self.because.items() if counts[place]
                },
            )
            for place, skill, share, is_synthetic in rows
        )

    def _held_after(self, learners):
        """Levels once the courses under way are completed: uint8 (b, n_skills)."""
        held = learners.held.copy()
        raise_levels(held, self.courses.raises, np.argwhere(learners.enrolled))
        return held

    def _needed(self, learners):
        """The highest level that a target role needs of each skill: uint8 (b, n_skills)."""
        rows_of_targets = defaultdict(list)
        for row, targets in enumerate(learners.roles):
            rows_of_targets[tuple(role for role in targets if role in self.roles.level)].append(row)
        needed = np.zeros(learners.held.shape, dtype=np.uint8)
        for targets, rows in rows_of_targets.items():
            if targets:
                tables = (self.roles.importance, self.roles.level)
                needed[rows] = highest_needed(*([table[role] for role in targets] for table in tables))
        return needed

    def _count(self, reason, places):
        self.because[reason] += np.bincount(places, minlength=self.because[reason].size)
