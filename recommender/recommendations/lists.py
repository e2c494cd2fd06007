"""The list that a learner is shown: the live run's, with the hard rules applied again as of now."""

from dataclasses import dataclass, replace

import numpy as np
from django.utils import timezone

from recommender.catalogue.models import Course
from recommender.learners.pathways import next_courses
from recommender.recommendations.facts import read_courses, read_learners, read_vocabulary, turned_down
from recommender.recommendations.models import PackedList, Run
from recommender.recommendations.next_step import open_steps, step_first
from recommender.recommendations.packing import ITEM, NEXT_STEP, Demand, Source, unpack
from recommender.recommendations.refresh import inputs_of, live_run, refresh
from recommender.recommendations.rules import allowed
from recommender.recommendations.scoring import make_lists
from recommender.skills.models import Skill


@dataclass(frozen=True)
class Reason:
    """A past course, or a skill on the way to a goal, and its share of the score.

    is_turned_down : whether it is a course that the learner said is not for them
    """

    subject: Course | Skill
    share: float
    percent: int
    is_turned_down: bool = False


@dataclass(frozen=True)
class Part:
    """What relevance, or value, adds to a score: `reasons` and `rest` add up to `share`.

    Percentages are of the score.
    """

    share: float
    percent: int
    reasons: list[Reason]
    rest: float
    rest_percent: int


@dataclass(frozen=True)
class Recommendation:
    """The shares of the two parts add up to the score.

    source : what adds most to the score; of the next step of a saved pathway, that
    relevance_source : what relevance rests on: MODEL, SECTOR or POPULAR
    relevance, value : in [0, 1], scaled to the learner's largest
    gap_closed : share of the learner's gap to their target roles that the course closes alone, in [0, 1]
    by_relevance : Part, reasons are past courses; of what is listed as popular, all of the score
    by_value : Part, reasons are skills
    """

    course: Course
    rank: int
    score: float
    source: Source
    relevance_source: Source
    demand: Demand
    relevance: float
    value: float
    gap_closed: float
    by_relevance: Part
    by_value: Part


@dataclass(frozen=True)
class ShownList:
    """`run` is None before the first run is published."""

    run: Run | None
    items: list[Recommendation]


def shown_list(learner, *, limit=10):
    """The learner's best courses as of now. The number of queries does not depend on anything stored.

    A learner without a list (new since the run), or whose list has run dry, gets one made on the spot. The
    next step of a saved pathway comes first.
    """
    run = live_run()
    stored = PackedList.objects.filter(run=run, learner=learner).first() if run else None
    listed = unpack(stored.packed) if stored else None
    items = None if listed is None else _still_good(learner, listed, limit)
    if items is None:
        items = refresh([learner.pk]).get(learner.pk, np.zeros(0, dtype=ITEM))
    items = step_first(items, _next_steps(learner, items), lambda: inputs_of(run, [learner.pk]))
    return ShownList(run, with_names(items[:limit], turned_down(learner)))


def list_without_history(learner, *, limit=10):
    """What the learner would be shown with profiling off, as of now. Nothing is written.

    Hard rules, goal and skills, also those that completed courses gave, count as ever.
    """
    run = live_run()
    read = inputs_of(run, [learner.pk])
    learners = replace(
        read.learners, history=read.learners.history[:0], strengths=read.learners.strengths[:0]
    )
    read = read._replace(learners=learners)
    [items] = make_lists(*read)
    items = step_first(items, _next_steps(learner, items), lambda: read)
    return ShownList(run, with_names(items[:limit]))


def _next_steps(learner, items):
    """Next steps of saved pathways; of those not listed the ones to begin now, so that little is read."""
    steps = next_courses(learner)
    if not steps or steps[0] in items["course"]:
        return steps
    vocabulary = read_vocabulary()
    courses = read_courses(vocabulary, on=timezone.localdate(), only=steps)
    return open_steps(steps, courses, read_learners(vocabulary, courses, [learner.pk]))


def _still_good(learner, listed, limit):
    """What is left of a stored list under the rules of now; None where it must be made anew."""
    items = _still_allowed(learner, listed)
    # Made before the consent was withdrawn, or brought back by a roll-back.
    is_profiled = not learner.consents_to_profiling and Source.MODEL in listed["source"]
    has_run_dry = items.size < min(limit, listed.size)
    return None if is_profiled or has_run_dry else items


def _still_allowed(learner, items):
    vocabulary = read_vocabulary()
    courses = read_courses(vocabulary, on=timezone.localdate(), only=items["course"].tolist())
    facts = read_learners(vocabulary, courses, [learner.pk])
    open_now = courses.ids[allowed(courses, facts).any(axis=0)]
    return items[np.isin(items["course"], open_now)]


def with_names(items, turned_down=frozenset()):
    """Recommendations of an ITEM array with their courses and skills, in two queries.

    `turned_down` are ids of courses that the learner said are not for them.
    """
    past, gained = (items[part]["subject"].ravel().tolist() for part in ("past", "skills"))
    courses = Course.objects.select_related("provider").in_bulk({*items["course"].tolist(), *past} - {0})
    skills = Skill.objects.in_bulk(set(gained) - {0})
    return [
        _recommendation(item, rank, courses, skills, turned_down)
        for rank, item in enumerate(items, start=1)
        if item["course"] in courses
    ]


def _recommendation(item, rank, courses, skills, turned_down):
    score = float(item["score"])
    by_relevance = _part(score, item["past"], float(item["past_rest"]), courses, turned_down)
    by_value = _part(score, item["skills"], float(item["skills_rest"]), skills)
    return Recommendation(
        course=courses[item["course"]],
        rank=rank,
        score=score,
        source=_source(item["source"], by_relevance, by_value),
        relevance_source=_relevance_source(item["source"]),
        demand=Demand(item["demand"]),
        relevance=float(item["relevance"]),
        value=float(item["value"]),
        gap_closed=float(item["gap_closed"]),
        by_relevance=by_relevance,
        by_value=by_value,
    )


def _source(packed, by_relevance, by_value):
    if packed & NEXT_STEP:
        return Source.PATHWAY
    return Source.GOAL if by_value.share > by_relevance.share else Source(packed)


def _relevance_source(packed):
    source = Source(packed % NEXT_STEP)
    return source if source in (Source.SECTOR, Source.POPULAR) else Source.MODEL


def _part(score, reasons, rest, subjects, turned_down=frozenset()):
    def percent(share):
        return round(100 * share / score) if score else 0

    share = sum(reasons["share"].tolist()) + rest
    return Part(
        share=share,
        percent=percent(share),
        reasons=[
            Reason(subjects[subject], share, percent(share), subject in turned_down)
            for subject, share in reasons.tolist()
            if subject in subjects
        ],
        rest=rest,
        rest_percent=percent(rest),
    )
