"""The list that a learner is shown: the live run's, with the hard rules applied again as of now."""

from dataclasses import dataclass

import numpy as np
from django.utils import timezone

from recommender.catalogue.models import Course
from recommender.recommendations.facts import read_courses, read_learners, read_vocabulary
from recommender.recommendations.models import PackedList, Run
from recommender.recommendations.packing import ITEM, Source, unpack
from recommender.recommendations.refresh import live_run, refresh
from recommender.recommendations.rules import allowed
from recommender.recommendations.scoring import LIST_LENGTH
from recommender.skills.models import Skill


@dataclass(frozen=True)
class Reason:
    """A past course, or a skill on the way to a goal, and its share of the score."""

    subject: Course | Skill
    share: float
    percent: int


@dataclass(frozen=True)
class Recommendation:
    """`reasons` and `rest` add up to the score; percentages are of the score."""

    course: Course
    rank: int
    score: float
    source: Source
    reasons: list[Reason]
    rest: float
    rest_percent: int


@dataclass(frozen=True)
class ShownList:
    """`run` is None before the first run is published."""

    run: Run | None
    items: list[Recommendation]


def shown_list(learner, *, limit=10):
    """The learner's best courses as of now. The number of queries does not depend on anything stored.

    A learner without a list (new since the run), or whose list has run dry, gets one made on the spot.
    """
    run = live_run()
    stored = PackedList.objects.filter(run=run, learner=learner).first() if run else None
    listed = unpack(stored.packed) if stored else np.zeros(0, dtype=ITEM)
    items = _still_allowed(learner, listed)
    # Made before the consent was withdrawn, or brought back by a roll-back.
    is_profiled = not learner.consents_to_profiling and Source.MODEL in listed["source"]
    # A list shorter than the longest holds every course that the learner might take already.
    has_run_dry = items.size < limit and listed.size == LIST_LENGTH
    if stored is None or is_profiled or has_run_dry:
        items = refresh([learner.pk]).get(learner.pk, listed[:0])
    return ShownList(run, with_names(items[:limit]))


def _still_allowed(learner, items):
    vocabulary = read_vocabulary()
    courses = read_courses(vocabulary, on=timezone.localdate(), only=items["course"].tolist())
    facts = read_learners(vocabulary, courses, [learner.pk])
    open_now = courses.ids[allowed(courses, facts).any(axis=0)]
    return items[np.isin(items["course"], open_now)]


def with_names(items):
    """Recommendations of an ITEM array with their courses and skills, in two queries."""
    by_history = items["source"] == Source.MODEL
    past = items["reasons"]["subject"][by_history].ravel()
    gained = items["reasons"]["subject"][~by_history].ravel()
    courses = Course.objects.select_related("provider").in_bulk({*items["course"].tolist(), *past.tolist()})
    skills = Skill.objects.in_bulk(set(gained.tolist()))
    return [
        _recommendation(item, rank, courses, courses if item["source"] == Source.MODEL else skills)
        for rank, item in enumerate(items, start=1)
        if item["course"] in courses
    ]


def _recommendation(item, rank, courses, subjects):
    score = float(item["score"])

    def percent(share):
        return round(100 * float(share) / score) if score else 0

    return Recommendation(
        course=courses[item["course"]],
        rank=rank,
        score=score,
        source=Source(item["source"]),
        reasons=[
            Reason(subjects[subject], float(share), percent(share))
            for subject, share in item["reasons"].tolist()
            if subject in subjects
        ],
        rest=float(item["rest"]),
        rest_percent=percent(item["rest"]),
    )
