"""Providers, courses, what they teach and ask for, offerings and listings for subsidies, from CSV files."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommender.catalogue.models import (
    Course,
    CourseSkill,
    Offering,
    Prerequisite,
    Provider,
    SubsidyListing,
    SubsidyScheme,
)
from recommender.catalogue.prerequisite_graph import PrerequisiteGraph
from recommender.catalogue.tables import (
    COURSE_SKILLS,
    COURSES,
    OFFERINGS,
    PREREQUISITES,
    PROVIDERS,
    SUBSIDY_LISTINGS,
)
from recommender.skills.importing.results import ImportRefusedError, Rejects, importing
from recommender.skills.importing.rows import CsvRows
from recommender.skills.importing.upsert import upsert
from recommender.skills.models import Language, Skill

MAX_CHANGE = 0.2


def import_catalogue(
    *,
    providers=None,
    courses=None,
    course_skills=None,
    prerequisites=None,
    offerings=None,
    subsidy_listings=None,
    drop_missing=False,
    max_change=MAX_CHANGE,
    allow_large_change=False,
    strict=False,
    dry_run=False,
    rejects=None,
    progress=None,
):
    """Adds and changes what the given files hold, in this order; returns an ImportResult for each.

    Parameters
    ----------
    drop_missing : close the courses of the providers in the courses file that the file does not name
    max_change : the largest share of the courses there are that may change or close
    allow_large_change : let a larger share through

    Raises ImportRefusedError when nothing went in.
    """
    if drop_missing and courses is None:
        raise ImportRefusedError(_("Closing missing courses needs a file of courses."))
    rejects = rejects or Rejects()
    steps = (
        (PROVIDERS, Provider, providers),
        (COURSES, Course, courses),
        (COURSE_SKILLS, CourseSkill, course_skills),
        (PREREQUISITES, Prerequisite, prerequisites),
        (OFFERINGS, Offering, offerings),
        (SUBSIDY_LISTINGS, SubsidyListing, subsidy_listings),
    )
    results = []
    with importing(rejects, strict=strict, dry_run=dry_run):
        n_before = Course.objects.count()
        touched = set()
        for table, model, file in steps:
            if file is None:
                continue
            refuse = PrerequisiteGraph().fault if table is PREREQUISITES else None
            rows = CsvRows(file, table, rejects, lookups=_lookups(), refuse=refuse, progress=progress)
            changed = upsert(model, ConfirmedSkills(rows) if table is COURSE_SKILLS else rows)
            if table is COURSES:
                touched |= {course.pk for course in changed}
                if drop_missing:
                    touched |= _close_missing(rows)
            elif table in (COURSE_SKILLS, PREREQUISITES):
                touched |= {found.course_id for found in changed}
            results.append(rows.result)
        if not allow_large_change:
            _refuse_large_change(len(touched), n_before, max_change)
    return results


class ConfirmedSkills:
    """Rows of a file of course skills, which confirm what they name, without what an officer has vetoed."""

    def __init__(self, rows):
        self.rows, self.table, self.result = rows, rows.table, rows.result

    def __iter__(self):
        vetoed = CourseSkill.objects.filter(state=CourseSkill.State.VETOED)
        vetoed = set(vetoed.values_list("course_id", "skill_id"))
        n_vetoed = 0
        for row in self.rows:
            if (row.values["course_id"], row.values["skill_id"]) in vetoed:
                n_vetoed += 1
                continue
            row.values["state"] = CourseSkill.State.CONFIRMED
            yield row
        if n_vetoed:
            self.result.unchanged += n_vetoed
            note = ngettext(
                "%d skill left out, because an officer has vetoed it for its course",
                "%d skills left out, because an officer has vetoed them for their courses",
                n_vetoed,
            )
            self.result.notes.append(note % n_vetoed)


def _lookups():
    return {
        "provider": dict(Provider.objects.values_list("code", "pk")),
        "course": dict(Course.objects.values_list("code", "pk")),
        "skill": dict(Skill.objects.values_list("slug", "pk")),
        "subsidy scheme": dict(SubsidyScheme.objects.values_list("slug", "pk")),
        "language": {code: code for code in Language.objects.values_list("pk", flat=True)},
    }


def _close_missing(rows):
    """Closes what the providers in a read file no longer name; returns the ids of those courses."""
    if rows.result.rejected:
        # A rejected row may be any of the courses that seem to be missing.
        rows.result.notes.append(_("no course was closed, because the file has bad rows"))
        return set()
    named = {code for (code,) in rows.first_lines}
    courses = list(Course.objects.values_list("pk", "code", "provider_id", "status"))
    providers = {provider for _pk, code, provider, _status in courses if code in named}
    missing = {
        pk
        for pk, code, provider, status in courses
        if provider in providers and code not in named and status != Course.Status.CLOSED
    }
    Course.objects.filter(pk__in=missing).update(status=Course.Status.CLOSED)
    if missing:
        note = ngettext(
            "%d course closed, because the file does not name it",
            "%d courses closed, because the file does not name them",
            len(missing),
        )
        rows.result.notes.append(note % len(missing))
    return missing


def _refuse_large_change(n_touched, n_before, max_change):
    if n_touched > max_change * n_before:
        raise ImportRefusedError(
            _(
                "This would change or close %(touched)d of %(all)d courses, more than the share of %(share)g "
                "that is let through. Check the files, then allow the large change."
            )
            % {"touched": n_touched, "all": n_before, "share": max_change}
        )
