"""A real worker over a real Redis: what happens when it is killed, and when two runs start at once."""

import subprocess
import sys

import pytest

from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import LiveRun, PackedList, Run
from recommender.recommendations.tasks import fail_stalled
from tests import factories
from tests.services import ROOT, kill, wait_for, worker

N_COURSES = 40
N_LEARNERS = 400


@pytest.fixture
def learners():
    courses = [factories.make_course(f"c{number}") for number in range(N_COURSES)]
    learners = [factories.make_learner() for _ in range(N_LEARNERS)]
    for number, learner in enumerate(learners):
        for step in range(4):
            factories.make_enrolment(learner, courses[(number + step) % N_COURSES])
    return learners


def begin_to_queue(environment):
    """A process that queues a run."""
    command = [sys.executable, "manage.py", "recommend", "--queue"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def queue(environment):
    """Queues a run from a process of its own, and gives its row."""
    assert begin_to_queue(environment).wait() == 0
    return Run.objects.order_by("pk").last()


def status(run):
    run.refresh_from_db()
    return run.status


def finish(run):
    wait_for(lambda: status(run) not in (Run.Status.QUEUED, *Run.ACTIVE), seconds=60)
    return run.status


def assert_everybody_sees(run, learners):
    assert LiveRun.objects.get().run == run
    assert PackedList.objects.filter(run=run).count() == len(learners)
    assert all(len(shown_list(learner).items) == 10 for learner in learners[::50])


def test_a_worker_killed_twice_leaves_the_last_good_lists_and_the_next_run_succeeds(processes, learners):
    with worker(processes):
        good = queue(processes)
        assert finish(good) == Run.Status.PUBLISHED
    for _ in range(2):
        with worker(processes) as process:
            queueing = begin_to_queue(processes)
            run = wait_for(Run.objects.active().first, seconds=30)
            kill(process)
            assert queueing.wait() == 0
        assert_everybody_sees(good, learners)
        assert fail_stalled() == 1
        assert status(run) == Run.Status.FAILED
    with worker(processes):
        last = queue(processes)
        assert finish(last) == Run.Status.PUBLISHED
    assert_everybody_sees(last, learners)


def test_of_two_runs_started_at_once_one_runs_and_one_is_skipped(processes, learners):
    first, second = queue(processes), queue(processes)
    with worker(processes):
        assert sorted([finish(first), finish(second)]) == [Run.Status.PUBLISHED, Run.Status.SKIPPED]


def test_a_new_enrolment_reaches_the_list_through_the_worker(processes, learners):
    with worker(processes):
        assert finish(queue(processes)) == Run.Status.PUBLISHED
        learner = learners[0]
        before = packed(learner)
        enrol = (
            "from recommender.catalogue.models import Course; from recommender.learners import services;"
            "from recommender.learners.models import Learner; from recommender.recommendations import tasks;"
            f"learner = Learner.objects.get(pk={learner.pk});"
            "services.record_enrolment(learner, Course.objects.get(code='c20'), 'enrolled');"
            "tasks.refresh_soon(learner)"
        )
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", enrol], cwd=ROOT, env=processes, check=True
        )
        wait_for(lambda: packed(learner) != before, seconds=10)
        assert shown_list(learner).items[0].course.code == "c21"


def packed(learner):
    return bytes(PackedList.objects.get(learner=learner).packed)
