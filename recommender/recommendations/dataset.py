"""Enrolments in, matrices out: what the model learns from.

The apps say learners and courses; the engine says users and items. Here and in `facts` they meet.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from django.db.models import Case, F, When
from scipy.sparse import csr_array

from recommender.catalogue.models import Course, CourseSkill
from recommender.engine.interactions import encode
from recommender.learners.held import ROWS_A_FETCH, rows_array
from recommender.learners.models import Enrolment, Learner

# The model learns from these, since somebody wanted the course and did not leave it; how much each counts.
STRENGTHS = {Enrolment.Status.SAVED: 0.5, Enrolment.Status.ENROLLED: 1.0, Enrolment.Status.COMPLETED: 1.5}
LEARNED_FROM = tuple(STRENGTHS)
# A course that was dismissed speaks against its like, when lists are made.
DISMISSED = -0.5
IN_TIME = (F("at").asc(nulls_first=True), "pk")
LANGUAGES = ("en", "zh_hant", "zh_hans")


@dataclass(frozen=True)
class Training:
    """What the model learns from: consenting learners only, each history in order.

    X, times : csr_array of shape (n_users, n_items)
    users : int64 ndarray of shape (n_users,), ids of the learners, ascending
    sectors : int64 ndarray of shape (n_users,), id of the sector, 0 where none is stated
    courses : int64 ndarray of shape (n_items,), ids of all courses, ascending
    titles : list of n_items texts, the titles in all languages
    texts : list of n_items texts, titles and descriptions in all languages
    skills : csr_array of shape (n_items, n_skills), the levels that courses raise skills to
    """

    X: csr_array
    times: csr_array
    users: np.ndarray
    sectors: np.ndarray
    courses: np.ndarray
    titles: list[str]
    texts: list[str]
    skills: csr_array


@contextmanager
def snapshot():
    """Everything read inside is as of one moment."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        # With a write-ahead log a plain BEGIN is a snapshot; atomic() would keep every writer waiting.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("COMMIT")
        return
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def read_training():
    courses = rows_array(Course.objects.order_by("pk"), "pk")[:, 0]
    consenting = Learner.objects.filter(consents_to_profiling=True)
    enrolments = Enrolment.objects.filter(learner__in=consenting, status__in=LEARNED_FROM)
    place_of_status = Case(*(When(status=status, then=place) for place, status in enumerate(STRENGTHS)))
    rows = rows_array(
        enrolments.order_by(*IN_TIME).annotate(place=place_of_status), "learner_id", "course_id", "place"
    )
    users, user_of_row = np.unique(rows[:, 0], return_inverse=True)
    X, times = encode(
        user_of_row,
        np.searchsorted(courses, rows[:, 1]),
        users.size,
        courses.size,
        weights=np.array(list(STRENGTHS.values()))[rows[:, 2]],
    )
    in_sector = rows_array(consenting.filter(sector__isnull=False), "pk", "sector_id")
    in_sector = in_sector[np.isin(in_sector[:, 0], users)]
    sectors = np.zeros(users.size, dtype=np.int64)
    sectors[np.searchsorted(users, in_sector[:, 0])] = in_sector[:, 1]
    return Training(X, times, users, sectors, courses, *_read_texts(), _read_skills(courses))


def _read_texts():
    """Titles, and what courses say of themselves, the title twice, since it says most."""
    fields = [f"{name}_{language}" for name in ("title", "description") for language in LANGUAGES]
    titles, texts = [], []
    for row in Course.objects.order_by("pk").values_list(*fields).iterator(ROWS_A_FETCH):
        title, description = (" ".join(filter(None, part)) for part in (row[:3], row[3:]))
        titles.append(title)
        texts.append(" ".join(filter(None, (title, title, description))))
    return titles, texts


def _read_skills(courses):
    rows = rows_array(CourseSkill.objects.counted(), "course_id", "skill_id", "level")
    skills, skill_of_row = np.unique(rows[:, 1], return_inverse=True)
    cells = np.searchsorted(courses, rows[:, 0]), skill_of_row
    return csr_array((rows[:, 2].astype(np.float32), cells), shape=(courses.size, skills.size))
