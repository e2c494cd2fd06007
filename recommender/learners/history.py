"""A learner's own earlier courses from a CSV file: read, shown for what they would change, then recorded."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from recommender.catalogue.models import Course
from recommender.learners.models import Enrolment
from recommender.learners.services import record_enrolment, refusal, start_of
from recommender.skills.importing import cells
from recommender.skills.importing.lines import GZIP_MAGIC
from recommender.skills.importing.results import ImportRefusedError, Rejects
from recommender.skills.importing.rows import CsvRows
from recommender.skills.importing.tables import Column, Table

MOST_ROWS = 500
MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class HistoryRow:
    """What a row of the file says, and what recording it comes to.

    before : the status so far; None where the course is new to the learner
    refused : why it cannot be recorded, in words, or nothing
    """

    course: Course
    status: Enrolment.Status
    on: date
    before: Enrolment.Status | None
    refused: str

    @property
    def is_news(self):
        return not self.refused and self.before != self.status


def read_history(file, learner, *, today):
    """The good rows of a file as HistoryRows, and the Rejects with the others. Nothing is stored.

    Raises ImportRefusedError when the file cannot be read, or is too long.
    """
    if file.size > MOST_BYTES:
        raise ImportRefusedError(_("The file is too large: %d rows fit into a small one.") % MOST_ROWS)
    # What a small compressed file holds has no bound.
    if file.read(len(GZIP_MAGIC)) == GZIP_MAGIC:
        raise ImportRefusedError(_("The file is compressed; send the CSV file itself."))
    rejects = Rejects()
    said = [
        (row.values["course"], row.values["status"], row.values["date"])
        for row in CsvRows(file, _table(today), rejects)
    ]
    if len(said) + rejects.count > MOST_ROWS:
        raise ImportRefusedError(_("The file has more than %d rows; send it in several parts.") % MOST_ROWS)
    return history_rows(learner, said), rejects


def history_rows(learner, said):
    """HistoryRows of (course id, status, date); courses that are gone are left out."""
    courses = Course.objects.published().in_bulk([course for course, _status, _on in said])
    statuses = dict(Enrolment.objects.filter(learner=learner).values_list("course", "status"))
    return [
        HistoryRow(
            courses[course],
            Enrolment.Status(status),
            on,
            statuses.get(course) and Enrolment.Status(statuses[course]),
            refusal(courses[course], statuses.get(course), status),
        )
        for course, status, on in said
        if course in courses
    ]


@transaction.atomic
def record_history(learner, rows):
    """Records what is news in the order of the dates; the rows that went in, and those refused.

    Refused is what has changed since the rows were made, so that it can no longer be recorded.
    """
    recorded, refused = [], []
    for row in sorted((row for row in rows if row.is_news), key=lambda row: row.on):
        at = start_of(row.on)
        try:
            record_enrolment(learner, row.course, row.status, at=at)
        except ValidationError as refusal:
            refused.append(replace(row, refused=" ".join(refusal.messages)))
        else:
            recorded.append(row)
    return recorded, refused


def _table(today):
    def past_day(cell):
        day = cells.day(cell)
        if day > today:
            raise ValueError(_("must not be a day to come"))
        return day

    return Table(
        "history",
        "What you took before, a row for each course.",
        (
            Column("course", "its code or its title in the catalogue", read=_course_finder(), required=True),
            Column(
                "status",
                "one of: " + ", ".join(Enrolment.Status.values) + "; empty is completed",
                read=cells.choice(Enrolment.Status),
                empty=Enrolment.Status.COMPLETED.value,
            ),
            Column("date", "since when", read=past_day, required=True),
        ),
        key=("course",),
        check=_fill_in_status,
    )


def _fill_in_status(values):
    """A file without the column says completed of every row."""
    values.setdefault("status", Enrolment.Status.COMPLETED.value)


def _course_finder():
    """Finds the id of a course by its code or by a title that no other course has."""
    titles, codes = defaultdict(set), {}
    columns = ("pk", "code", "title_en", "title_zh_hant", "title_zh_hans")
    for pk, code, *named in Course.objects.published().values_list(*columns):
        codes[code] = pk
        for title in filter(None, named):
            titles[title.casefold()].add(pk)

    def find(cell):
        found = {codes[cell]} if cell in codes else titles.get(cell.casefold(), ())
        if len(found) > 1:
            raise ValueError(_("is the title of several courses; give the code of the one you took"))
        if not found:
            raise ValueError(_("is neither the code nor the full title of a course in the catalogue"))
        return next(iter(found))

    return find
