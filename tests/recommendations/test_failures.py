"""What goes wrong in a run stays in the run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recommender.learners import services
from recommender.learners.models import Learner
from recommender.recommendations import artefacts, learning, runs, tasks
from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import PackedList, Run
from recommender.recommendations.packing import unpack
from recommender.recommendations.processes import is_gone, this_process
from recommender.recommendations.progress import STALLED_AFTER
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def learner():
    for _ in range(3):
        factories.make_course()
    return factories.make_learner()


def carried_out():
    run = Run.objects.create()
    runs.carry_out(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("stage", ["read_training", "learn", "make_lists", "write_lists"])
def test_an_error_at_any_stage_is_kept_and_leaves_the_last_good_lists(learner, monkeypatch, stage):
    live = carried_out()

    def fail(*args, **kwargs):
        raise RuntimeError("no room left")

    monkeypatch.setattr(runs, stage, fail)
    run = Run.objects.create()
    with pytest.raises(RuntimeError):
        runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.status, run.error) == (Run.Status.FAILED, "RuntimeError: no room left")
    assert shown_list(learner).run == live
    monkeypatch.undo()
    assert carried_out().status == Run.Status.PUBLISHED


def test_a_run_delivered_twice_is_carried_out_once(learner):
    run = carried_out()
    finished_at = run.finished_at
    tasks.carry_out_run(run.pk)
    run.refresh_from_db()
    assert run.finished_at == finished_at
    assert PackedList.objects.filter(run=run).count() == 1


def test_a_run_taken_away_while_it_works_stops_and_publishes_nothing(learner, monkeypatch):
    live = carried_out()
    learn = learning.learn

    def taken_away(training, progress):
        Run.objects.active().update(status=Run.Status.FAILED)
        return learn(training, progress)

    monkeypatch.setattr(runs, "learn", taken_away)
    assert carried_out().status == Run.Status.FAILED
    assert shown_list(learner).run == live


def test_lists_of_a_failed_run_are_cleared(learner, monkeypatch):
    monkeypatch.setattr(runs.judging, "churn", lambda *args: 1 / 0)
    failed = Run.objects.create()
    with pytest.raises(ZeroDivisionError):
        runs.carry_out(failed.pk)
    assert not PackedList.objects.filter(run=failed).exists()


def test_a_silent_run_is_failed_and_a_beating_one_is_not():
    silent_since = timezone.now() - STALLED_AFTER - timedelta(seconds=1)
    run = Run.objects.create(status=Run.Status.RUNNING, process="elsewhere 1", heartbeat_at=timezone.now())
    assert tasks.fail_stalled() == 0
    Run.objects.update(heartbeat_at=silent_since)
    assert tasks.fail_stalled() == 1
    run.refresh_from_db()
    assert run.status == Run.Status.FAILED


def test_a_run_that_no_worker_took_is_failed():
    run = Run.objects.create()
    Run.objects.update(created_at=timezone.now() - tasks.QUEUED_AT_MOST - timedelta(seconds=1))
    tasks.fail_stalled_runs()
    run.refresh_from_db()
    assert run.status == Run.Status.FAILED


def test_this_process_is_here_and_an_ended_one_is_gone():
    place = this_process().rpartition(" ")[0]
    assert not is_gone(this_process())
    assert is_gone(f"{place} 4194305")
    assert not is_gone("elsewhere 4194305")


def test_a_change_while_the_run_scores_is_not_lost(learner, monkeypatch):
    """The learner dismisses a course after their list was written and before the run is published."""
    course = shown_list(learner).items[0].course
    write = runs.write_lists

    def write_then_dismiss(*args):
        write(*args)
        services.dismiss(learner, course)

    monkeypatch.setattr(runs, "write_lists", write_then_dismiss)
    run = carried_out()
    assert run.status == Run.Status.PUBLISHED
    stored = PackedList.objects.get(run=run, learner=learner).packed
    assert course.pk not in unpack(stored)["course"]


def test_what_changed_after_the_run_is_not_shown(learner):
    carried_out()
    first, second, third = [item.course for item in shown_list(learner).items]
    first.status = "closed"
    first.save()
    factories.make_offering(second, starts_on="2020-01-01", ends_on="2020-02-01")
    assert [item.course for item in shown_list(learner).items] == [third]


def test_somebody_erased_while_the_run_scores_costs_nobody_else_their_list(learner, monkeypatch):
    erased = factories.make_learner()
    make = runs.make_lists

    def erase_then_make(*args):
        Learner.objects.filter(pk=erased.pk).delete()
        return make(*args)

    monkeypatch.setattr(runs, "make_lists", erase_then_make)
    run = carried_out()
    assert run.status == Run.Status.PUBLISHED
    assert list(PackedList.objects.values_list("learner", flat=True)) == [learner.pk]


def test_lists_are_shown_when_the_artefact_is_lost(learner):
    run = carried_out()
    (artefacts.folder() / run.artefact).unlink()
    assert len(shown_list(learner).items) == 3
    assert len(shown_list(factories.make_learner()).items) == 3


def test_a_run_of_nothing_at_all_is_published(db):
    assert carried_out().status == Run.Status.PUBLISHED
