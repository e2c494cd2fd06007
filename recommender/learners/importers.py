"""Enrolments from a partner's CSV file: read as a stream, then brought in by statements over whole tables."""

from datetime import datetime, time
from functools import partial

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from recommender.catalogue.models import Course
from recommender.learners import staging
from recommender.learners.models import Enrolment, Learner
from recommender.skills.importing import cells
from recommender.skills.importing.results import ImportRefusedError, Rejects, importing
from recommender.skills.importing.rows import CsvRows
from recommender.skills.importing.tables import Column, Table

ENROLMENTS = Table(
    "enrolments",
    "Enrolments, a row for each learner and course. A learner is known by the source and the id there.",
    (
        Column(
            "learner",
            "the learner's id at the source; never a name or an identity-card number",
            "s-1042",
            cells.text(Learner._meta.get_field("external_id").max_length),
            required=True,
        ),
        Column("course", "its code in the catalogue", "hku-msc-ai", lookup="course", required=True),
        Column(
            "status",
            "one of: " + ", ".join(Enrolment.Status.values) + "; empty is enrolled",
            "completed",
            cells.choice(Enrolment.Status),
            empty=Enrolment.Status.ENROLLED.value,
        ),
        Column(
            "at",
            "since when (ISO 8601, Hong Kong time unless it says otherwise); without it, row order is the "
            "order in time",
            "2026-03-01T19:00",
            cells.moment,
        ),
    ),
)


def import_enrolments(
    file, *, source, consented_on=None, strict=False, dry_run=False, rejects=None, progress=None
):
    """Adds and changes the enrolments that a partner knows of; returns an ImportResult.

    Parameters
    ----------
    source : the partner's name; with the learner's id there it tells who is who
    consented_on : date since which the partner has these people's consent to profiling; None without it.
        Who has decided, or has an account to decide with, is left alone.

    Raises ImportRefusedError when nothing went in.
    """
    consented_at = _consented_at(consented_on)
    _check_source(source)
    rejects = rejects or Rejects()
    with importing(rejects, strict=strict, dry_run=dry_run), connection.cursor() as cursor:
        courses = dict(Course.objects.values_list("code", "pk"))
        rows = CsvRows(file, ENROLMENTS, rejects, lookups={"course": courses}, progress=progress)
        staging.load(cursor, rows)
        compared = [name for name in ("status", "at") if name in rows.header]
        steps = (
            partial(staging.reject_repeated, cursor, rows),
            partial(staging.add_learners, cursor, source, consented_at),
            partial(staging.compare, cursor, source, compared),
            partial(staging.save, cursor, rows.result),
            partial(staging.note_changes, cursor, source, consented_at),
        )
        for n_done, step in enumerate(steps, start=1):
            step()
            if progress:
                progress(_("saving"), n_done, len(steps))
    return rows.result


def _check_source(source):
    if not 0 < len(source) <= Learner._meta.get_field("source").max_length:
        raise ImportRefusedError(_("The name of the source must be 1 to 64 characters, got %r.") % source)


def _consented_at(consented_on):
    if consented_on is None:
        return None
    if consented_on > timezone.localdate():
        raise ImportRefusedError(_("Consent cannot have been given on %s, a day to come.") % consented_on)
    return timezone.make_aware(datetime.combine(consented_on, time()))
