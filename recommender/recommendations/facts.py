"""What the hard rules and the fallback chain know of courses, learners and roles, as arrays.

One block of learners is read with the same few queries whether it holds one learner or thousands.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.sparse import csr_array

from recommender.catalogue.models import Course, CourseSkill, Offering, Prerequisite
from recommender.learners.held import positions, read_held, read_raises, rows_array
from recommender.learners.models import Enrolment, Event, Learner
from recommender.recommendations.dataset import DISMISSED, IN_TIME, STRENGTHS
from recommender.skills.hkqf import usual_entry_level
from recommender.skills.models import Language, Skill
from recommender.workforce.models import RoleSkill

# The product's own assumptions, for courses with fixed times that do not state their hours: two evenings a
# week where nothing says that it is more.
FULL_TIME_HOURS_A_WEEK = 20
PART_TIME_HOURS_A_WEEK = 6
ASSUMED_HOURS_A_WEEK = {
    Course.StudyPattern.FULL_TIME: FULL_TIME_HOURS_A_WEEK,
    Course.StudyPattern.PART_TIME: PART_TIME_HOURS_A_WEEK,
    Course.StudyPattern.EITHER: PART_TIME_HOURS_A_WEEK,
}
# Of the HKQF: who does not state a level is taken to have it.
HIGHEST_LEVEL = 7
# One block of learners: at most so many, fewer where the catalogue is large (8 MB of scores in float32).
LEARNERS_A_BLOCK = 2_000
CELLS_A_BLOCK = 2**21


@dataclass(frozen=True)
class Vocabulary:
    """Which bit means which language, and which column means which skill."""

    languages: list[str]
    skills: np.ndarray


@dataclass(frozen=True)
class CourseFacts:
    """Facts of n courses.

    ids : int64 ndarray (n,), ascending
    is_active : bool ndarray (n,)
    has_offering : bool ndarray (n,), with an offering to join, where offerings exist
    languages : uint64 ndarray (n,), bit sets, 0 where the source does not say
    hours_a_week : float64 ndarray (n,), 0 where unknown
    entry_level : int64 ndarray (n,), HKQF level needed to enter, stated or usual; 0 where neither is known
    raises : uint8 csr_array (n, n_skills), levels reached
    needs_skill : int64 ndarray (n_rows, 3): position of the course, of the skill, level
    needs_course : int64 ndarray (n_rows, 2): position of the course, of the course to complete first
    """

    ids: np.ndarray
    is_active: np.ndarray
    has_offering: np.ndarray
    languages: np.ndarray
    hours_a_week: np.ndarray
    entry_level: np.ndarray
    raises: csr_array
    needs_skill: np.ndarray
    needs_course: np.ndarray


@dataclass(frozen=True)
class LearnerFacts:
    """Facts of a block of b learners.

    ids : int64 ndarray (b,), ascending
    languages : uint64 ndarray (b,), bit sets, 0 where unstated
    hours_a_week : float64 ndarray (b,), inf where unstated
    hkqf_level : int64 ndarray (b,), 7 where unstated
    sectors : int64 ndarray (b,), ids, 0 where unstated
    is_synthetic : bool ndarray (b,)
    held : uint8 ndarray (b, n_skills), levels stated, confirmed or gained by completing courses
    completed, in_learning, enrolled, dismissed : bool ndarrays (b, n); in_learning means saved, enrolled in
        or dropped
    history : int64 ndarray (n_rows, 2): row and course id, in the order of time, dismissed courses last;
        nothing of learners who do not consent to profiling
    strengths : float32 ndarray (n_rows,), how much each row of the history counts
    roles : list of b lists of role ids
    """

    ids: np.ndarray
    languages: np.ndarray
    hours_a_week: np.ndarray
    hkqf_level: np.ndarray
    sectors: np.ndarray
    is_synthetic: np.ndarray
    held: np.ndarray
    completed: np.ndarray
    in_learning: np.ndarray
    enrolled: np.ndarray
    dismissed: np.ndarray
    history: np.ndarray
    strengths: np.ndarray
    roles: list[list[int]]


@dataclass(frozen=True)
class RoleFacts:
    """What roles need, by id: importance and level, float64 and int64 ndarrays of shape (n_skills,).

    skills : int64 ndarray (n_skills,), ids of the columns
    """

    skills: np.ndarray
    importance: dict[int, np.ndarray]
    level: dict[int, np.ndarray]


def read_vocabulary():
    languages = list(Language.objects.order_by("pk").values_list("pk", flat=True))
    return Vocabulary(languages, rows_array(Skill.objects.order_by("pk"), "pk")[:, 0])


def read_courses(vocabulary, *, on: date, only=None):
    """Facts of all courses; or of the courses with the ids `only` and of those they require."""
    courses = Course.objects.order_by("pk")
    needs, raised = Prerequisite.objects.all(), CourseSkill.objects.counted()
    if only is not None:
        needs = needs.filter(course__in=only)
        required = needs.exclude(required_course=None).values_list("required_course", flat=True)
        wanted = {*only, *required}
        courses, raised = courses.filter(pk__in=wanted), raised.filter(course__in=wanted)
    columns = ("pk", "status", "study_pattern", "notional_hours", "entry_hkqf_level", "hkqf_level")
    rows = list(courses.values_list(*columns))
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    weeks = _weeks(courses, on)
    return CourseFacts(
        ids=ids,
        is_active=np.array([row[1] == Course.Status.ACTIVE for row in rows], bool),
        has_offering=np.array([weeks.get(row[0], 1) > 0 for row in rows], bool),
        languages=_bit_sets(
            Course.languages.through.objects.filter(course__in=courses), "course_id", ids, vocabulary
        ),
        hours_a_week=np.array([hours_a_week(row[2], row[3], weeks.get(row[0])) for row in rows], float),
        entry_level=np.array([row[4] or usual_entry_level(row[5]) or 0 for row in rows], dtype=np.int64),
        raises=read_raises(vocabulary.skills, ids, raised),
        needs_skill=positions(
            rows_array(needs.exclude(skill=None), "course_id", "skill_id", "level"), ids, vocabulary.skills
        ),
        needs_course=positions(
            rows_array(needs.exclude(required_course=None), "course_id", "required_course_id"), ids, ids
        ),
    )


def learners_a_block(courses):
    """How many learners are worked on at a time, given CourseFacts: fewer where the catalogue is large."""
    return min(LEARNERS_A_BLOCK, max(1, CELLS_A_BLOCK // max(1, courses.ids.size)))


def read_held_without(skills, ids, without):
    """Levels (b, n_skills) that learners would hold had they not done something.

    Parameters
    ----------
    skills, ids : int64 ndarrays (n_skills,) and (b,), ascending
    without : int64 ndarray (n_rows, 2), pairs of learner id and course id that are left out
    """
    completed = Enrolment.objects.filter(learner__in=ids.tolist(), status=Enrolment.Status.COMPLETED)
    left_out = set(map(tuple, without.tolist()))
    pairs = [pair for pair in completed.values_list("learner_id", "course_id") if pair not in left_out]
    return read_held(skills, ids, _pairs(pairs))


def read_learners(vocabulary, courses, ids, *, without=()):
    """Facts of the learners with these ids that exist, about these courses (see `read_courses`).

    `without` are pairs of learner id and course id: the facts are as if those enrolments had never been.
    """
    rows = Learner.objects.filter(pk__in=ids).order_by("pk")
    columns = ("pk", "hours_a_week", "hkqf_level", "sector_id", "consents_to_profiling", "is_synthetic")
    profiles = list(rows.values_list(*columns))
    ids = np.array([profile[0] for profile in profiles], dtype=np.int64)
    consents = np.array([profile[4] for profile in profiles], dtype=bool)
    left_out = set(without)
    enrolments = (
        Enrolment.objects.filter(learner__in=ids.tolist())
        .order_by("learner_id", *IN_TIME)
        .values_list("learner_id", "course_id", "status")
    )
    did = [row for row in enrolments if row[:2] not in left_out]
    dismissed = list(
        Event.objects.filter(learner__in=ids.tolist(), kind=Event.Kind.DISMISSED)
        .order_by("learner_id", "at", "pk")
        .values_list("learner_id", "course_id")
    )
    completed = _pairs([row[:2] for row in did if row[2] == Enrolment.Status.COMPLETED])
    in_learning = _pairs([row[:2] for row in did if row[2] != Enrolment.Status.COMPLETED])
    enrolled = _pairs([row[:2] for row in did if row[2] == Enrolment.Status.ENROLLED])
    history, strengths = _history(did, dismissed)
    history[:, 0] = np.searchsorted(ids, history[:, 0])
    return LearnerFacts(
        ids=ids,
        languages=_bit_sets(
            Learner.languages.through.objects.filter(learner__in=ids.tolist()), "learner_id", ids, vocabulary
        ),
        hours_a_week=np.array([np.inf if p[1] is None else p[1] for p in profiles], float),
        hkqf_level=np.array([p[2] or HIGHEST_LEVEL for p in profiles], dtype=np.int64),
        sectors=np.array([p[3] or 0 for p in profiles], dtype=np.int64),
        is_synthetic=np.array([p[5] for p in profiles], dtype=bool),
        held=read_held(vocabulary.skills, ids, completed),
        completed=_mask(ids, courses.ids, completed),
        in_learning=_mask(ids, courses.ids, in_learning),
        enrolled=_mask(ids, courses.ids, enrolled),
        dismissed=_mask(ids, courses.ids, _pairs(dismissed)),
        history=history[consents[history[:, 0]]],
        strengths=strengths[consents[history[:, 0]]],
        roles=_target_roles(ids),
    )


def turned_down(learner):
    """Ids of the courses that count against their like: dismissed, and not wanted all the same."""
    wanted = Enrolment.objects.filter(learner=learner, status__in=STRENGTHS).values("course")
    dismissed = Event.objects.filter(learner=learner, kind=Event.Kind.DISMISSED)
    return frozenset(dismissed.exclude(course__in=wanted).values_list("course", flat=True))


def _history(did, dismissed):
    """What learners wanted or turned down, as `_pairs`, and how much each counts, float32 (n_pairs,)."""
    wanted = [(*row[:2], STRENGTHS[row[2]]) for row in did if row[2] in STRENGTHS]
    # A course that was wanted all the same is not held against its like.
    taken_up = {row[:2] for row in wanted}
    history = wanted + [(*row, DISMISSED) for row in dismissed if row not in taken_up]
    return _pairs([row[:2] for row in history]), np.array([row[2] for row in history], dtype=np.float32)


def newcomer(vocabulary, courses, roles):
    """LearnerFacts of one who heads for roles, by id, and has no account: states, holds and did nothing."""
    untouched = np.zeros((1, courses.ids.size), dtype=bool)
    return LearnerFacts(
        ids=np.zeros(1, dtype=np.int64),
        languages=np.zeros(1, dtype=np.uint64),
        hours_a_week=np.full(1, np.inf),
        hkqf_level=np.full(1, HIGHEST_LEVEL),
        sectors=np.zeros(1, dtype=np.int64),
        is_synthetic=np.zeros(1, dtype=bool),
        held=np.zeros((1, vocabulary.skills.size), dtype=np.uint8),
        completed=untouched,
        in_learning=untouched,
        enrolled=untouched,
        dismissed=untouched,
        history=_pairs([]),
        strengths=np.zeros(0, dtype=np.float32),
        roles=[list(roles)],
    )


def read_roles(vocabulary):
    rows = list(RoleSkill.objects.values_list("role", "skill", "importance", "level"))
    roles = {row[0] for row in rows}
    importance = {role: np.zeros(vocabulary.skills.size) for role in roles}
    level = {role: np.zeros(vocabulary.skills.size, dtype=np.int64) for role in roles}
    column = {skill: place for place, skill in enumerate(vocabulary.skills.tolist())}
    for role, skill, weight, needed in rows:
        if skill in column:
            importance[role][column[skill]], level[role][column[skill]] = weight, needed
    return RoleFacts(vocabulary.skills, importance, level)


def _weeks(courses, on):
    """Weeks that the longest open offering lasts, by course; 0 where offerings exist but none is open."""
    offerings = Offering.objects.filter(course__in=courses)
    weeks = dict.fromkeys(offerings.values_list("course_id", flat=True).distinct(), 0.0)
    for course, starts_on, ends_on in offerings.open(on=on).values_list("course_id", "starts_on", "ends_on"):
        weeks[course] = max(weeks[course], weeks_between(starts_on, ends_on))
    return weeks


def weeks_between(starts_on, ends_on):
    return ((ends_on - starts_on).days + 1) / 7


def hours_a_week(study_pattern, notional_hours, weeks):
    """Hours a week that a course asks for; 0 where nothing says so.

    `weeks` are those of its longest open offering, None where it has none.
    """
    if weeks and notional_hours:
        return notional_hours / weeks
    return ASSUMED_HOURS_A_WEEK.get(study_pattern, PART_TIME_HOURS_A_WEEK if weeks else 0)


def _bit_sets(rows, owner, ids, vocabulary):
    """Languages of the owners with these ids, from rows that name an owner and a language each."""
    sets = np.zeros(ids.size, dtype=np.uint64)
    bits = {code: np.uint64(1 << place) for place, code in enumerate(vocabulary.languages)}
    place = {pk: position for position, pk in enumerate(ids.tolist())}
    for pk, code in rows.values_list(owner, "language_id"):
        if pk in place and code in bits:
            sets[place[pk]] |= bits[code]
    return sets


def _pairs(rows):
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def _mask(learner_ids, course_ids, pairs):
    """Bool ndarray (n_learners, n_courses) of the pairs whose course is among the courses."""
    pairs = pairs[np.isin(pairs[:, 1], course_ids)]
    mask = np.zeros((learner_ids.size, course_ids.size), dtype=bool)
    mask[np.searchsorted(learner_ids, pairs[:, 0]), np.searchsorted(course_ids, pairs[:, 1])] = True
    return mask


def _target_roles(ids):
    roles = [[] for _ in ids]
    targets = Learner.target_roles.through.objects.filter(learner__in=ids.tolist())
    for learner, role in targets.order_by("learner_id", "role_id").values_list("learner_id", "role_id"):
        roles[np.searchsorted(ids, learner)].append(role)
    return roles
