"""The pointer, the guard, rolling back, and what is cleared away."""

import os

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError

from recommender.recommendations import artefacts, judging, publishing, runs
from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import LiveRun, PackedList, Run
from recommender.recommendations.progress import RunLostError
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = {
    "n_learners": 200,
    "ndcg": 0.2,
    "recall": 0.3,
    "hit_rate": 0.3,
    "coverage": 0.6,
    "ndcg_of_lists": 0.25,
}


def quality(**changes):
    popularity = GOOD | {"ndcg": 0.05, "ndcg_of_lists": 0.06}
    figures = {"model": GOOD, "popularity": popularity, "live": GOOD, "churn": 0.1}
    return figures | {"tradeoff": {"n_learners": 100}} | changes


def published():
    run = Run.objects.create()
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.PUBLISHED
    return run


@pytest.fixture
def learner():
    for _ in range(3):
        factories.make_course()
    return factories.make_learner()


@pytest.mark.parametrize(
    ("changes", "figures"),
    [
        ({}, []),
        ({"live": None, "churn": None}, []),
        ({"popularity": GOOD | {"ndcg": 0.21}}, [("ndcg", "popularity")]),
        ({"popularity": GOOD | {"ndcg_of_lists": 0.26}}, [("ndcg_of_lists", "popularity")]),
        ({"live": GOOD | {"ndcg_of_lists": 0.32}}, [("ndcg_of_lists", "live")]),
        ({"live": GOOD | {"ndcg_of_lists": 0.31}}, []),
        ({"live": GOOD | {"ndcg_of_lists": None}}, []),
        ({"live": GOOD | {"ndcg_of_lists": 0.9}, "tradeoff": {"n_learners": 99}}, []),
        ({"live": GOOD | {"ndcg_of_lists": 0.9}, "tradeoff": None}, []),
        ({"live": GOOD | {"ndcg": 0.26}}, [("ndcg", "live")]),
        ({"live": GOOD | {"ndcg": 0.24}}, []),
        ({"live": GOOD | {"coverage": 1.3}}, [("coverage", "live")]),
        ({"churn": 0.95}, [("churn", "limit")]),
        ({"model": GOOD | {"n_learners": 99, "ndcg": 0.0}, "live": None}, []),
        ({"model": GOOD | {"n_learners": 99}}, [("n_learners", "live")]),
        ({"model": dict.fromkeys(GOOD) | {"n_learners": 0}, "tradeoff": None}, [("n_learners", "live")]),
    ],
)
def test_the_guard_holds_a_run_whose_figures_are_out_of_bounds(changes, figures):
    breaches = judging.breaches(quality(**changes))
    assert [(breach["figure"], breach["against"]) for breach in breaches] == figures
    assert all(judging.say(breach) for breach in breaches)


def test_a_held_run_changes_nothing_until_an_officer_publishes_it(learner, monkeypatch):
    live = published()
    monkeypatch.setattr(judging, "breaches", lambda figures: [{"figure": "churn"}])
    held = Run.objects.create()
    runs.carry_out(held.pk)
    held.refresh_from_db()
    assert held.status == Run.Status.HELD
    assert held.held_because == [{"figure": "churn"}]
    assert shown_list(learner).run == live

    officer = factories.make_user(is_staff=True)
    publishing.publish_held(held, officer)
    assert shown_list(learner).run == held
    assert LogEntry.objects.get().user == officer
    with pytest.raises(ValidationError):
        publishing.publish_held(held, officer)


def test_rolling_back_shows_an_earlier_run_again(learner):
    first, second = published(), published()
    assert shown_list(learner).run == second
    publishing.roll_back(first, factories.make_user(is_staff=True))
    assert shown_list(learner).run == first


@pytest.mark.parametrize("status", ["failed", "held", "queued"])
def test_only_a_published_run_can_be_rolled_back_to(learner, status):
    run = Run.objects.create(status=status)
    with pytest.raises(ValidationError):
        publishing.roll_back(run, factories.make_user(is_staff=True))


def test_old_runs_lose_their_lists_and_artefacts_but_not_their_rows(learner):
    made = []
    for _ in range(5):
        factories.make_course()
        made.append(published())
        for path in artefacts.folder().glob("*"):
            os.utime(path, (0, 0))
    publishing.prune()
    kept = made[-publishing.KEPT_RUNS :]
    assert set(PackedList.objects.values_list("run", flat=True)) == {run.pk for run in kept}
    assert {path.name for path in artefacts.folder().glob("*")} == {run.artefact for run in kept}
    assert Run.objects.count() == 5


def test_a_live_run_is_never_pruned(learner):
    first = published()
    for _ in range(4):
        factories.make_course()
        published()
        publishing.roll_back(first, factories.make_user(is_staff=True))
    publishing.prune()
    assert len(shown_list(learner).items) > 0
    assert shown_list(learner).run == first


def test_a_run_that_was_declared_failed_cannot_publish(learner):
    live = published()
    run = Run.objects.create(status=Run.Status.JUDGED)
    runs.fail(Run.objects.filter(pk=run.pk), "Stalled.")
    with pytest.raises(RunLostError):
        publishing.publish(run.pk)
    assert LiveRun.objects.get().run == live
