"""A temporary table that holds an enrolments file while it is compared with what is stored.

The statements run on PostgreSQL and SQLite alike; only the way rows get into the table differs.
"""

import csv
import io
from itertools import islice

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from recommender.learners.models import Enrolment, Learner
from recommender.skills.importing.rows import Row

BATCH = 10_000
LEARNER = Learner._meta.db_table
ENROLMENT = Enrolment._meta.db_table


def load(cursor, rows):
    """Reads the file into the table, in a stream."""
    moment = Enrolment._meta.get_field("at").db_type(connection)
    cursor.execute(
        "CREATE TEMPORARY TABLE staged (line bigint, row_text text, external_id varchar(120),"
        f" course_id bigint, status varchar(12), at {moment})"
    )
    if connection.vendor == "postgresql":
        # Sorts and joins of a million rows stay in memory; for this transaction only.
        cursor.execute("SET LOCAL work_mem = '128MB'")
        with cursor.copy("COPY staged FROM STDIN") as copy:
            for record in _records(rows):
                copy.write_row(record)
    else:
        records = _records(rows)
        while batch := list(islice(records, BATCH)):
            cursor.executemany("INSERT INTO staged VALUES (%s, %s, %s, %s, %s, %s)", batch)
    cursor.execute("ANALYZE staged")


def _records(rows):
    # Looked up once, not a million times.
    enrolled, stored = Enrolment.Status.ENROLLED.value, connection.ops.adapt_datetimefield_value
    for row in rows:
        values = row.values
        status, at = values.get("status", enrolled), values.get("at")
        yield row.line, row.text, values["learner"], values["course"], status, at and stored(at)


def reject_repeated(cursor, rows):
    """Turns away each row whose learner and course stand on an earlier line."""
    cursor.execute(
        "CREATE TEMPORARY TABLE repeated AS"
        " SELECT later.line, later.row_text, first.line AS first_line FROM staged later JOIN ("
        "  SELECT external_id, course_id, MIN(line) AS line FROM staged"
        "  GROUP BY external_id, course_id HAVING COUNT(*) > 1"
        " ) first ON first.external_id = later.external_id AND first.course_id = later.course_id"
        " WHERE later.line > first.line"
    )
    with connection.chunked_cursor() as repeated:
        repeated.execute("SELECT line, row_text, first_line FROM repeated ORDER BY line")
        for line, text, first_line in repeated:
            cells = next(csv.reader(io.StringIO(text, newline="")))
            reason = _("the learner has this course on line %d already") % first_line
            rows.reject(Row(line, cells, text), "course", reason)
    cursor.execute("DELETE FROM staged WHERE line IN (SELECT line FROM repeated)")
    cursor.execute("DROP TABLE repeated")


def add_learners(cursor, source, consented_at):
    """Makes the learners that are new, in the order of the file."""
    cursor.execute(
        f"INSERT INTO {LEARNER} (source, external_id, display_name, is_synthetic,"
        "  consents_to_profiling, profiling_decided_at)"
        " SELECT %s, external_id, '', %s, %s, %s FROM staged GROUP BY external_id ORDER BY MIN(line)"
        " ON CONFLICT DO NOTHING",
        [source, False, consented_at is not None, connection.ops.adapt_datetimefield_value(consented_at)],
    )


def compare(cursor, source, compared):
    """Finds which staged rows are news: a pair not stored, or one that differs in a column of the file."""
    if connection.vendor == "postgresql":
        # Soon after a large import the planner still believes these to be small.
        cursor.execute(f"ANALYZE {LEARNER}, {ENROLMENT}")
    # Not IS DISTINCT FROM, which the SQLite of Ubuntu 22.04 lacks.
    differs = "".join(
        f" OR enrolment.{name} <> staged.{name} OR (enrolment.{name} IS NULL) <> (staged.{name} IS NULL)"
        for name in compared
    )
    kept = {name: "staged" if name in compared else "enrolment" for name in ("status", "at")}
    cursor.execute(
        "CREATE TEMPORARY TABLE news AS"
        " SELECT staged.line, learner.id AS learner_id, staged.course_id, staged.status, staged.at,"
        f"  {kept['status']}.status AS new_status, {kept['at']}.at AS new_at, enrolment.id AS enrolment_id"
        f" FROM staged JOIN {LEARNER} learner"
        "  ON learner.source = %s AND learner.external_id = staged.external_id"
        f" LEFT JOIN {ENROLMENT} enrolment"
        "  ON enrolment.learner_id = learner.id AND enrolment.course_id = staged.course_id"
        f" WHERE enrolment.id IS NULL{differs}",
        [source],
    )
    cursor.execute("ANALYZE news")


def save(cursor, result):
    """Stores the news and counts them. New rows get ids in the order of the file: it is the order in time."""
    cursor.execute(
        f"UPDATE {ENROLMENT} SET status = news.new_status, at = news.new_at"
        f" FROM news WHERE {ENROLMENT}.id = news.enrolment_id"
    )
    result.changed = cursor.rowcount
    cursor.execute(
        f"INSERT INTO {ENROLMENT} (learner_id, course_id, status, at)"
        " SELECT learner_id, course_id, status, at FROM news WHERE enrolment_id IS NULL ORDER BY line"
        # Somebody may have enrolled on the site since the comparison.
        " ON CONFLICT DO NOTHING"
    )
    result.added = cursor.rowcount
    cursor.execute("SELECT COUNT(*) FROM staged")
    result.unchanged = cursor.fetchone()[0] - result.added - result.changed


def note_changes(cursor, source, consented_at):
    """Notes consent for who has not decided, and whose lists rest on something new; then clears up."""
    if connection.vendor == "postgresql":
        # Checking a million references takes seconds. Done at commit, it would leave `changed_at` so far in
        # the past that a run which began meanwhile, and saw nothing of this, would not look at it again.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    if consented_at:
        cursor.execute(
            f"UPDATE {LEARNER} SET consents_to_profiling = %s, profiling_decided_at = %s, changed_at = %s"
            " WHERE source = %s AND user_id IS NULL AND profiling_decided_at IS NULL"
            "  AND external_id IN (SELECT external_id FROM staged)",
            [True, connection.ops.adapt_datetimefield_value(consented_at), now, source],
        )
    cursor.execute(f"UPDATE {LEARNER} SET changed_at = %s WHERE id IN (SELECT learner_id FROM news)", [now])
    cursor.execute("DROP TABLE staged")
    cursor.execute("DROP TABLE news")
