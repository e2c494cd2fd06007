"""One run at a time: the claim."""

import pytest

from recommender.recommendations.models import Run
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_queued_run_is_claimed_once():
    run = Run.objects.create()
    assert Run.objects.claim(run.pk)
    assert not Run.objects.claim(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.RUNNING


@pytest.mark.parametrize("status", ["running", "judged"])
def test_a_second_run_is_skipped_while_one_is_under_way(status):
    Run.objects.create(status=status)
    second = Run.objects.create()
    assert not Run.objects.claim(second.pk)
    second.refresh_from_db()
    assert second.status == Run.Status.SKIPPED


@pytest.mark.parametrize("status", ["published", "held", "failed", "skipped"])
def test_a_finished_run_does_not_stand_in_the_way(status):
    factories.make_run(status)
    assert Run.objects.claim(Run.objects.create().pk)
