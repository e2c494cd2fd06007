"""A run's life: claim, read, fit, judge, score, guard, publish. What calls it (a task, a command) is thin."""

import logging
from dataclasses import replace

from django.db import IntegrityError
from django.utils import timezone

from recommender.learners.models import Learner
from recommender.learners.supply import count_supply
from recommender.recommendations import artefacts, forgetting, judging, publishing
from recommender.recommendations.dataset import read_training, snapshot
from recommender.recommendations.facts import (
    learners_a_block,
    read_courses,
    read_learners,
    read_roles,
    read_vocabulary,
)
from recommender.recommendations.learning import learn
from recommender.recommendations.missing import MissingCourses
from recommender.recommendations.models import Run
from recommender.recommendations.progress import Progress, RunLostError, heartbeat, hold
from recommender.recommendations.refresh import live_run, refresh_changed
from recommender.recommendations.scoring import make_lists
from recommender.recommendations.weighing import known_demand, read_weighing
from recommender.recommendations.writing import write_lists

logger = logging.getLogger(__name__)


def carry_out(run_id, *, report=None):
    """Carries out a queued run, unless another run is under way or somebody else has taken it.

    `report(stage, done, total)` is told of progress. Any error is kept on the run and raised again; what
    learners see changes only when everything has been written.
    """
    if not Run.objects.claim(run_id):
        return
    try:
        with heartbeat(run_id):
            _carry_out(run_id, Progress(run_id, report))
    except RunLostError as lost:
        logger.warning("%s", lost)
    except BaseException as error:
        fail(Run.objects.filter(pk=run_id), f"{type(error).__name__}: {error}")
        raise
    finally:
        publishing.prune()


def fail(runs, error):
    """Marks those of the runs that are queued or under way as failed; how many that were."""
    alive = runs.filter(status__in=[Run.Status.QUEUED, *Run.ACTIVE])
    n_failed = alive.update(status=Run.Status.FAILED, error=error, finished_at=timezone.now())
    if n_failed:
        forgetting.remove_unused_sums()
    return n_failed


def _carry_out(run_id, progress):
    training = _read(run_id, progress)
    count_supply()
    before = live_run()
    learned = learn(training, progress, **_left_by(before))
    quality = learned.quality | {
        "live": before.quality.get("model") if before else None,
        "churn": None,
        "n_synthetic": Learner.objects.filter(is_synthetic=True).count(),
    }
    artefact = artefacts.save(learned.fitted)
    hold(
        run_id,
        status=Run.Status.JUDGED,
        quality=quality,
        model=learned.model,
        artefact=artefact,
    )
    if learned.sums:
        forgetting.keep_sums(run_id, artefacts.save_sums(learned.sums), learned.sums.users)
        learned = replace(learned, sums=None)  # the largest arrays of a run, of no use to the scoring
    scored_from = timezone.now()
    quality["demand"] = _score(run_id, artefacts.load(artefact), quality, progress)
    progress.begin(Run.Stage.PUBLISH)
    quality["churn"] = judging.churn(run_id, before)
    breaches = judging.breaches(quality)
    hold(run_id, quality=quality, held_because=breaches)
    if breaches:
        hold(run_id, status=Run.Status.HELD, finished_at=timezone.now())
    else:
        publishing.publish(run_id)
        refresh_changed(since=scored_from)


def _left_by(run):
    """What the live run leaves for the next one to start from."""
    if run is None or "members" not in run.model:
        return {}
    return {"before": run.model, "sums_before": artefacts.load_sums(run.sums)}


def _read(run_id, progress):
    progress.begin(Run.Stage.READ)
    read_at = timezone.now()
    with snapshot():
        training = read_training()
    hold(
        run_id,
        read_at=read_at,
        n_learners=Learner.objects.count(),
        n_courses=training.courses.size,
        n_enrolments=training.X.nnz,
    )
    return training


def _score(run_id, fitted, quality, progress):
    """Writes the list of every learner, block by block, in the order of their ids.

    For how many of the skills that roles need the shortage is known, as JSON.
    """
    vocabulary = read_vocabulary()
    courses = read_courses(vocabulary, on=timezone.localdate())
    roles = read_roles(vocabulary)
    weighing = read_weighing(vocabulary, quality)
    hold(run_id, shortage_weight=weighing.shortage_weight)
    size = learners_a_block(courses)
    progress.begin(Run.Stage.SCORE, Learner.objects.count())
    missing = MissingCourses(courses, roles)
    done, last = 0, 0
    ids_in_order = Learner.objects.order_by("pk").values_list("pk", flat=True)
    while ids := list(ids_in_order.filter(pk__gt=last)[:size]):
        missing.add(_score_block(run_id, fitted, vocabulary, courses, roles, weighing, ids))
        done, last = done + len(ids), ids[-1]
        progress.reached(done)
    missing.write(run_id)
    return known_demand(roles, weighing)


def _score_block(run_id, fitted, vocabulary, courses, roles, weighing, ids, attempts=3):
    """Writes the lists of the learners with these ids who still exist; their facts."""
    learners = read_learners(vocabulary, courses, ids)
    try:
        write_lists(run_id, learners.ids, make_lists(fitted, courses, roles, learners, weighing))
    except IntegrityError:
        # Somebody was erased between the reading and the writing: nobody else may miss their list for it.
        if attempts == 1:
            raise
        return _score_block(run_id, fitted, vocabulary, courses, roles, weighing, ids, attempts - 1)
    return learners
