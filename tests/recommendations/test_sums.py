"""The sums that a run leaves for the next: learners come, change, leave and are erased."""

import numpy as np
import pytest
from django.db import transaction

from recommender.engine.blend import Blend
from recommender.engine.storage import load_state, save_state
from recommender.learners.consents import Purpose, decide
from recommender.learners.models import Enrolment, Learner
from recommender.recommendations import artefacts, judging, publishing, runs
from recommender.recommendations.dataset import read_training
from recommender.recommendations.models import LiveRun, Run
from recommender.recommendations.sums import Sums
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
N_LEARNERS = 60


@pytest.fixture
def courses():
    return [factories.make_course() for _ in range(8)]


@pytest.fixture
def learners(courses):
    """Learners who go through the courses in one of two orders."""
    random = np.random.default_rng(0)
    with_account = factories.make_learner(user=factories.make_user())
    people = [with_account, *(factories.make_learner() for _ in range(N_LEARNERS - 1))]
    for number, learner in enumerate(people):
        path = courses if number % 2 else courses[::-1]
        start = random.integers(0, 4)
        for course in path[start : start + random.integers(2, 5)]:
            factories.make_enrolment(learner, course)
    return people


def carried_out():
    run = Run.objects.create()
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.PUBLISHED, run.error
    return run


def files_of_sums():
    return {path.name for path in artefacts.folder().glob("sums-*")}


def change_a_few(courses, learners):
    """One learner more, one with another course, one whose course is completed, one without any."""
    factories.make_enrolment(factories.make_learner(), courses[0])
    factories.make_enrolment(learners[0], courses[0])
    Enrolment.objects.filter(learner=learners[1]).update(status="completed")
    Enrolment.objects.filter(learner=learners[2]).delete()


def test_updated_sums_are_those_from_scratch_and_so_is_the_fit(courses, learners, tmp_path):
    before = Sums.over(Blend(), read_training())
    save_state(tmp_path / "sums.npz", before.state())
    change_a_few(courses, learners)
    training = read_training()
    updated = Sums.from_state(load_state(tmp_path / "sums.npz")).updated(training)
    scratch = Blend()
    scratch.prepare_as(len(courses), before.prepared)
    expected = scratch.statistics(training.X, training.times)
    assert updated.statistics.keys() == expected.keys()
    for name, value in expected.items():
        found = updated.statistics[name]
        if not isinstance(value, np.ndarray):
            found, value = found.toarray(), value.toarray()
        np.testing.assert_allclose(found, value, rtol=0, atol=1e-10, err_msg=name)
    np.testing.assert_allclose(
        updated.fitted().weights_, scratch.fit_statistics(expected).weights_, rtol=0, atol=1e-5
    )


def test_nothing_of_an_erased_learner_stays_in_the_sums(courses, learners):
    alone = factories.make_course()
    factories.make_enrolment(learners[0], alone)
    before = Sums.over(Blend(), read_training())
    erased = learners[0].pk
    learners[0].delete()
    after = before.updated(read_training())
    assert erased in before.users
    assert erased not in after.users
    column = courses.index(courses[-1]) + 1
    assert before.statistics["1.gram"][column, column] > 0
    assert abs(after.statistics["1.gram"][column]).max() < 1e-12


def test_a_run_updates_the_sums_of_the_live_one_while_few_have_changed(courses, learners):
    first = carried_out()
    assert first.model["is_updated"] is False
    assert first.model["trials"]
    change_a_few(courses, learners)
    second = carried_out()
    assert second.model["is_updated"] is True
    assert second.model["members"] == first.model["members"]
    assert artefacts.load_sums(second.sums).users.size == N_LEARNERS
    expected = Blend.from_description(second.model["members"])
    training = read_training()
    expected.fit(training.X, times=training.times)
    np.testing.assert_allclose(
        artefacts.load(second.artefact).model.weights_, expected.weights_, rtol=0, atol=1e-4
    )


def test_too_many_changes_or_another_catalogue_bring_a_new_search(courses, learners):
    sums = Sums.over(Blend(), read_training())
    a_fifth = learners[: N_LEARNERS // 5]
    Enrolment.objects.filter(learner__in=a_fifth).update(status="completed")
    updated = sums.updated(read_training())
    assert updated.n_changed == len(a_fifth)
    # Changes count from the last search on.
    Enrolment.objects.filter(learner=learners[-1]).update(status="completed")
    assert updated.updated(read_training()) is None
    a_quarter = learners[: N_LEARNERS // 4]
    Enrolment.objects.filter(learner__in=a_quarter).update(status="completed")
    assert sums.updated(read_training()) is None
    sums = Sums.over(Blend(), read_training())
    factories.make_course()
    assert sums.updated(read_training()) is None


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PK\3\4")])
def test_lost_or_spoilt_sums_are_summed_anew(courses, learners, harm):
    first = carried_out()
    harm(artefacts.folder() / first.sums)
    second = carried_out()
    assert second.model["is_updated"] is False
    assert (artefacts.folder() / second.sums).exists()


LEAVING = {
    "erased": lambda learner: learner.delete(),
    "erased among others": lambda learner: Learner.objects.filter(pk__lte=learner.pk).delete(),
    "erased with the account": lambda learner: learner.user.delete(),
    "consent withdrawn": lambda learner: decide(learner, Purpose.PROFILING, False),
}
each_way_of_leaving = pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING.keys())


@each_way_of_leaving
def test_who_leaves_takes_the_sums_with_them(courses, learners, leave):
    first = carried_out()
    assert files_of_sums() == {first.sums} != {""}
    with transaction.atomic():
        leave(learners[0])
        assert files_of_sums() == {first.sums}
    assert files_of_sums() == set()
    first.refresh_from_db()
    assert first.sums == ""
    second = carried_out()
    assert second.model["is_updated"] is False
    assert learners[0].pk not in artefacts.load_sums(second.sums).users


def test_whoever_stays_leaves_the_sums_alone(courses, learners):
    run = carried_out()
    decide(learners[0], Purpose.PROFILING, True)
    bystander = factories.make_learner(consents=False)
    bystander.save()
    decide(bystander, Purpose.PROFILING, False)
    with transaction.atomic():
        learners[0].delete()
        transaction.set_rollback(True)
    run.refresh_from_db()
    assert files_of_sums() == {run.sums}


@each_way_of_leaving
@pytest.mark.parametrize("stage", [Run.Stage.FIT, Run.Stage.REFIT, Run.Stage.SCORE])
def test_who_leaves_during_a_run_is_in_no_sums_after_it(courses, learners, leave, stage):
    leaving = [learners[0]]

    def report(at, done, total):
        if at == stage and leaving:
            leave(leaving.pop())

    run = Run.objects.create()
    runs.carry_out(run.pk, report=report)
    run.refresh_from_db()
    assert (run.status, run.sums) == (Run.Status.PUBLISHED, "")
    assert files_of_sums() == set()


def test_only_the_live_run_keeps_its_sums(courses, learners, monkeypatch):
    first = carried_out()
    change_a_few(courses, learners)
    monkeypatch.setattr(judging, "breaches", lambda figures: [{"figure": "churn"}])
    held = Run.objects.create()
    runs.carry_out(held.pk)
    held.refresh_from_db()
    assert (held.status, held.sums) == (Run.Status.HELD, "")
    assert files_of_sums() == {first.sums}
    monkeypatch.undo()
    second = carried_out()
    assert files_of_sums() == {second.sums} != {first.sums}
    publishing.roll_back(first, factories.make_user(is_staff=True))
    assert files_of_sums() == set()


def test_a_held_run_with_the_sums_of_the_live_one_does_not_take_them(courses, learners, monkeypatch):
    first = carried_out()
    monkeypatch.setattr(judging, "breaches", lambda figures: [{"figure": "churn"}])
    runs.carry_out(Run.objects.create().pk)
    assert files_of_sums() == {first.sums}


def test_a_run_that_fails_leaves_no_sums(courses, learners, monkeypatch):
    monkeypatch.setattr(judging, "churn", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        runs.carry_out(Run.objects.create().pk)
    assert files_of_sums() == set()


def test_a_run_that_is_declared_failed_leaves_no_sums(courses, learners):
    run = carried_out()
    LiveRun.objects.all().delete()
    Run.objects.filter(pk=run.pk).update(status=Run.Status.JUDGED)
    publishing.prune()
    assert files_of_sums() == {run.sums}
    assert runs.fail(Run.objects.filter(pk=run.pk), "Stalled.") == 1
    assert files_of_sums() == set()
