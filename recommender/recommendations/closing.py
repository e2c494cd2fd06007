"""Which courses close what a learner lacks of each skill."""

from dataclasses import dataclass

import numpy as np
from django.utils import timezone

from recommender.catalogue.models import Course, CourseSkill
from recommender.recommendations.facts import read_courses, read_learners, read_vocabulary
from recommender.recommendations.rules import allowed
from recommender.skills.models import Level


@dataclass(frozen=True)
class Closing:
    """A course that the learner may take, and the level of the skill that it leads to."""

    course: Course
    level: Level


def closing_courses(learner, needed, *, most=2):
    """For each skill, the allowed courses that lead further than the learner is.

    Those that come nearest to the level needed are first, among equals the shortest. The number of queries
    does not depend on anything stored.

    Parameters
    ----------
    needed : dict of skill ids to levels needed
    most : how many courses for each skill

    Returns
    -------
    dict of skill ids to lists of Closing, for those skills only that a course leads further in
    """
    vocabulary = read_vocabulary()
    raising = CourseSkill.objects.counted().filter(skill__in=needed)
    courses = read_courses(
        vocabulary,
        on=timezone.localdate(),
        only=raising.order_by().values_list("course", flat=True).distinct(),
    )
    facts = read_learners(vocabulary, courses, [learner.pk])
    may, held = allowed(courses, facts)[0], facts.held[0]
    hours = dict(Course.objects.filter(pk__in=courses.ids[may].tolist()).values_list("pk", "notional_hours"))
    raises = courses.raises.tocsc()
    best = {}
    for skill, level in needed.items():
        column = np.searchsorted(vocabulary.skills, skill)
        places = raises.indices[raises.indptr[column] : raises.indptr[column + 1]]
        reached = raises.data[raises.indptr[column] : raises.indptr[column + 1]]
        further = may[places] & (reached > held[column])
        found = zip(courses.ids[places[further]].tolist(), reached[further].tolist(), strict=True)
        best[skill] = sorted(
            found, key=lambda pair: (-min(pair[1], level), hours[pair[0]] or np.inf, pair[0])
        )
    chosen = {course for pairs in best.values() for course, _ in pairs[:most]}
    with_names = Course.objects.select_related("provider").in_bulk(chosen)
    return {
        skill: [Closing(with_names[course], Level(reached)) for course, reached in pairs[:most]]
        for skill, pairs in best.items()
        if pairs
    }
