"""Lists between runs: the live model, today's facts, the same code as the run."""

import logging
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from recommender.learners.models import Learner
from recommender.recommendations import artefacts
from recommender.recommendations.facts import (
    CourseFacts,
    LearnerFacts,
    RoleFacts,
    read_courses,
    read_learners,
    read_roles,
    read_vocabulary,
)
from recommender.recommendations.models import LiveRun
from recommender.recommendations.scoring import Weighing, make_lists
from recommender.recommendations.weighing import read_weighing
from recommender.recommendations.writing import replace_list

logger = logging.getLogger(__name__)


def live_run():
    """The run that learners see; None before the first one."""
    live = LiveRun.objects.select_related("run").first()
    return live.run if live else None


def refresh(learner_ids):
    """Lists as of now, by learner id, of those who exist; they replace those in the live run."""
    run = live_run()
    with transaction.atomic():
        # Whoever refreshes last must also have read last; and nobody is erased meanwhile.
        learners = Learner.objects.select_for_update(no_key=True).filter(pk__in=learner_ids)
        lists = _lists_of(run, list(learners.order_by("pk").values_list("pk", flat=True)))
        if run:
            for learner, items in lists.items():
                replace_list(run.pk, learner, items)
    return lists


def _lists_of(run, learner_ids):
    read = inputs_of(run, learner_ids)
    return dict(zip(read.learners.ids.tolist(), make_lists(*read), strict=True))


class Inputs(NamedTuple):
    """What `make_lists` makes lists from."""

    fitted: artefacts.Fitted
    courses: CourseFacts
    roles: RoleFacts
    learners: LearnerFacts
    weighing: Weighing


def inputs_of(run, learner_ids):
    """What the lists of these learners are made from as of now; the run may be None."""
    return inputs_with(run, lambda vocabulary, courses: read_learners(vocabulary, courses, learner_ids))


def inputs_with(run, learners_of):
    """The same for the LearnerFacts that `learners_of` gives, called with the Vocabulary and CourseFacts."""
    vocabulary = read_vocabulary()
    courses = read_courses(vocabulary, on=timezone.localdate())
    learners = learners_of(vocabulary, courses)
    weighing = read_weighing(vocabulary, run.quality if run else {})
    return Inputs(learned(run), courses, read_roles(vocabulary), learners, weighing)


def learned(run):
    """What a run learned; nothing for None."""
    if run is None:
        return artefacts.NOTHING_LEARNED
    try:
        return artefacts.load(run.artefact)
    except FileNotFoundError:
        # HKTALENT_VAR is not shared with the worker, or was cleared: a plain list beats an error page.
        logger.exception("The artefact of run %s is missing.", run.pk)
        return artefacts.NOTHING_LEARNED


def refresh_changed(*, since, block=500):
    """Refreshes every learner who changed then or later, so that a run loses nothing done meanwhile."""
    last = 0
    changed = Learner.objects.filter(changed_at__gte=since).order_by("pk")
    while ids := list(changed.filter(pk__gt=last).values_list("pk", flat=True)[:block]):
        refresh(ids)
        last = ids[-1]
