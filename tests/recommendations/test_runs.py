"""A run from enrolments to published lists."""

import pytest

from recommender.recommendations import runs
from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import LiveRun, PackedList, Run
from recommender.recommendations.reporting import describe_run
from recommender.recommendations.tasks import start_run
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def courses():
    return [factories.make_course(f"c{number}") for number in range(6)]


@pytest.fixture
def learners(courses):
    """Twelve learners who take the courses in order; the last one has taken only the first."""
    learners = [factories.make_learner() for _ in range(12)]
    for learner in learners[:-1]:
        for course in courses[:4]:
            factories.make_enrolment(learner, course)
    factories.make_enrolment(learners[-1], courses[0])
    return learners


def carry_out():
    run = Run.objects.create()
    runs.carry_out(run.pk)
    run.refresh_from_db()
    return run


def test_a_run_publishes_a_list_for_every_learner(courses, learners):
    run = carry_out()
    assert (run.status, run.error) == (Run.Status.PUBLISHED, "")
    assert LiveRun.objects.get().run == run
    assert PackedList.objects.filter(run=run).count() == len(learners)
    assert run.n_learners == 12
    assert run.n_courses == 6
    assert run.n_enrolments == 45
    assert run.quality["model"]["n_learners"] == 11
    shown = shown_list(learners[-1])
    assert shown.items[0].course == courses[1]
    assert [reason.subject for reason in shown.items[0].by_relevance.reasons] == [courses[0]]


def test_reasons_and_rest_add_up_to_the_score(courses, learners):
    carry_out()
    for learner in learners:
        for item in shown_list(learner).items:
            for part in (item.by_relevance, item.by_value):
                shares = sum(reason.share for reason in part.reasons) + part.rest
                assert shares == pytest.approx(part.share, abs=1e-6)
            parts = item.by_relevance.share + item.by_value.share
            assert parts == pytest.approx(item.score, abs=1e-6)


def test_nothing_learned_still_gives_everybody_a_list(courses):
    learner = factories.make_learner(consents=False)
    run = carry_out()
    assert run.status == Run.Status.PUBLISHED
    assert len(shown_list(learner).items) == 6


def test_synthetic_learners_are_counted_and_called_so(client, courses):
    for _ in range(3):
        factories.make_enrolment(factories.make_learner(is_synthetic=True), courses[0])
    run = carry_out()
    assert run.quality["n_synthetic"] == 3
    assert "3 of the learners are synthetic" in client.get("/how-recommendations-are-made/").content.decode()
    assert "3 of the learners are synthetic" in " ".join(describe_run(run))


def test_a_learner_new_since_the_run_has_a_list(courses, learners):
    carry_out()
    assert len(shown_list(factories.make_learner()).items) == 6


def test_start_run_without_a_broker_runs_in_process(courses, learners):
    run = start_run()
    run.refresh_from_db()
    assert run.status == Run.Status.PUBLISHED
