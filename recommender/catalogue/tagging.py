"""Proposes the skills of courses from their titles and descriptions, for officers to confirm or veto."""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from scipy.sparse import csr_array

from recommender.catalogue.models import Course, CourseSkill, TaggingRun
from recommender.catalogue.search_index import index
from recommender.engine.aliases import AliasMatcher
from recommender.engine.tagging import tag
from recommender.skills.hkqf import level_reached
from recommender.skills.models import Skill

LEAST_CONFIDENCE = 0.2
LANGUAGES = ("en", "zh_hant", "zh_hans")
BATCH = 1_000
WRITTEN = ("level", "confidence", "basis")


@dataclass
class Tagging:
    """What became of proposals: `decided` are those that people had confirmed or vetoed already."""

    courses: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    decided: int = 0

    def __str__(self):
        return _(
            "Courses: %(courses)d. Proposed skills: %(added)d added, %(changed)d changed, "
            "%(unchanged)d unchanged, %(removed)d removed; %(decided)d confirmed or vetoed already."
        ) % vars(self)


def propose_skills(*, only=None, dry_run=False, progress=None):
    """Replaces the proposed skills of courses; what people have confirmed or vetoed stays. Returns a Tagging.

    Parameters
    ----------
    only : ids of the courses that get proposals; by default all. All are learned from in any case
    dry_run : count, but change nothing
    progress : called as progress(stage, done, total) with courses
    """
    courses = list(Course.objects.order_by("pk"))
    skills = list(Skill.objects.order_by("pk"))
    names = [skill.every_name() for skill in skills]
    titles, descriptions = (
        [_texts(course, field) for course in courses] for field in ("title", "description")
    )
    confidences = tag(
        names,
        titles,
        descriptions,
        **_decisions(courses, skills),
        least=LEAST_CONFIDENCE,
        progress=progress and (lambda done, total: progress(_("read"), done, total)),
    )
    matcher = AliasMatcher(names)
    proposals = {}
    for row, course in enumerate(courses):
        if only is None or course.pk in only:
            named = (_named(matcher, text) for text in (titles[row], descriptions[row]))
            proposals[course.pk] = _proposals(course, skills, confidences[[row]], *named)
    with transaction.atomic():
        result = _write(proposals, progress)
        index(Course.objects.filter(pk__in=proposals))
        if dry_run:
            transaction.set_rollback(True)
    return result


def carry_out(run):
    """Carries out a TaggingRun that the caller has claimed. Any error is kept on it and raised again."""
    try:
        _end(run, status=TaggingRun.Status.DONE, result=asdict(propose_skills(only=set(run.course_ids))))
    except Exception as error:
        _end(run, status=TaggingRun.Status.FAILED, error=f"{type(error).__name__}: {error}")
        raise


def _end(run, **end):
    running = TaggingRun.objects.filter(pk=run.pk, status=TaggingRun.Status.RUNNING)
    running.update(finished_at=timezone.now(), **end)


def _texts(course, field):
    return "\n".join(filter(None, (getattr(course, f"{field}_{language}") for language in LANGUAGES)))


def _decisions(courses, skills):
    """For each state, 1 where a skill of a course is in it; as `tag` takes them."""
    rows = {course.pk: row for row, course in enumerate(courses)}
    columns = {skill.pk: column for column, skill in enumerate(skills)}
    known = CourseSkill.objects.values_list("pk", "course_id", "skill_id", "state", "confidence", named=True)
    stored = [row for row in known if row.course_id in rows and row.skill_id in columns]
    listed = _listed(stored)
    cells = {state: [] for state in CourseSkill.State.values}
    for row in stored:
        if row.state != CourseSkill.State.PROPOSED or row.course_id not in listed:
            cells[row.state].append((rows[row.course_id], columns[row.skill_id]))
    return {
        state: csr_array(
            ([1.0] * len(places), tuple(zip(*places, strict=True)) or ([], [])),
            shape=(len(courses), len(skills)),
        )
        for state, places in cells.items()
    }


def _listed(stored):
    """Ids of the courses that came with a list of their skills: it says all, whatever is proposed since.

    None of what is decided of them was a proposal, and all of it is older than each.
    """
    stated, oldest_proposal = {}, {}
    for row in stored:
        if row.state == CourseSkill.State.PROPOSED:
            oldest_proposal[row.course_id] = min(row.pk, oldest_proposal.get(row.course_id, row.pk))
        else:
            age = row.pk if row.confidence is None else float("inf")
            stated[row.course_id] = max(age, stated.get(row.course_id, age))
    return {course for course, age in stated.items() if age < oldest_proposal.get(course, 0)}


def _named(matcher, text):
    return {match.skill: match.name for match in matcher.matches(text)}


def _proposals(course, skills, confidences, in_title, in_description):
    """{skill id: values} of one course."""
    level = level_reached(course.hkqf_level)
    return {
        skills[skill].pk: {
            "level": level,
            # A hundredth is as fine as anybody can judge, and the same texts give the same figure anywhere.
            "confidence": max(round(float(confidence), 2), 0.01),
            "basis": _basis(in_title.get(skill), in_description.get(skill), level, course.hkqf_level),
        }
        for skill, confidence in zip(confidences.indices.tolist(), confidences.data, strict=True)
    }


def _basis(in_title, in_description, level, hkqf_level):
    """How a proposal is known, in English as all bases are."""
    if in_title:
        known = f"title: {in_title[:100]}"
    elif in_description:
        known = f"description: {in_description[:100]}"
    else:
        known = "wording of title and description"
    rule = f"from HKQF level {hkqf_level}" if hkqf_level else "without an HKQF level"
    return f"{known}; level {level} assumed {rule}"


def _write(proposals, progress):
    result, ids = Tagging(courses=len(proposals)), list(proposals)
    for start in range(0, len(ids), BATCH):
        batch = {course: proposals[course] for course in ids[start : start + BATCH]}
        _write_batch(batch, result)
        if progress:
            progress(_("written"), min(start + BATCH, len(ids)), len(ids))
    return result


def _write_batch(proposals, result):
    """Adds, changes and removes rows that are proposed; the state of a row is never written."""
    stored = CourseSkill.objects.select_for_update().filter(course__in=list(proposals))
    added, changed, removed = [], [], []
    known = {(row.course_id, row.skill_id): row for row in stored}
    for course, found in proposals.items():
        for skill, values in found.items():
            row = known.pop((course, skill), None)
            if row is None:
                state = CourseSkill.State.PROPOSED
                added.append(CourseSkill(course_id=course, skill_id=skill, state=state, **values))
            elif row.state != CourseSkill.State.PROPOSED:
                result.decided += 1
            elif values == {name: getattr(row, name) for name in WRITTEN}:
                result.unchanged += 1
            else:
                changed.append(row)
                for name, value in values.items():
                    setattr(row, name, value)
    removed = [row.pk for row in known.values() if row.state == CourseSkill.State.PROPOSED]
    # Somebody may confirm a skill in this very moment: theirs stays.
    CourseSkill.objects.bulk_create(added, ignore_conflicts=True)
    CourseSkill.objects.bulk_update(changed, WRITTEN, batch_size=BATCH)
    CourseSkill.objects.filter(pk__in=removed, state=CourseSkill.State.PROPOSED).delete()
    result.added += len(added)
    result.changed += len(changed)
    result.removed += len(removed)
