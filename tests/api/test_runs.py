"""Runs as JSON: staff with permissions, nobody else."""

import pytest
from django.contrib.admin.models import LogEntry

from recommender.learners.models import User
from recommender.recommendations.models import LiveRun, Run
from tests.cast import grant, make_cast
from tests.factories import make_run
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/runs/"
MAY = {"officer", "superuser"}
EVERYBODY = ["anonymous", "owner", "other", "officer", "staff", "superuser"]


@pytest.mark.parametrize("part", EVERYBODY)
def test_looking_starting_publishing_and_rolling_back_need_permissions(cast, part):
    run = make_run("held")
    expected = {"get": 200, "start": 202, "publish": 200, "roll-back": 200}
    answers = {
        "get": cast[part].get(RUNS),
        "start": cast[part].post(RUNS),
        "publish": cast[part].post(f"{RUNS}{run.pk}/publish/"),
        "roll-back": cast[part].post(f"{RUNS}{run.pk}/roll-back/"),
    }
    for name, answer in answers.items():
        assert answer.status_code == (expected[name] if part in MAY else 403), name


@pytest.mark.parametrize("missing", ["view_run", "add_run", "change_run"])
def test_each_permission_counts(missing):
    run = make_run("held")
    rights = {"view_run", "add_run", "change_run"} - {missing}
    officer = make_cast(*(f"recommendations.{right}" for right in rights))["officer"]
    answers = {
        "view_run": officer.get(RUNS),
        "add_run": officer.post(RUNS),
        "change_run": officer.post(f"{RUNS}{run.pk}/publish/"),
    }
    assert {right for right, answer in answers.items() if answer.status_code == 403} == {missing}


def test_permissions_are_not_enough_without_being_staff(client):
    user = User.objects.create_user("former.officer@example.hk")
    grant(user, "recommendations.view_run")
    client.force_login(user)
    assert client.get(RUNS).status_code == 403


def test_a_started_run_is_queued_in_the_callers_name(cast):
    body = cast["officer"].post(RUNS).json()
    assert (body["status"], body["started_by"]) == ("queued", "officer@example.hk")


def test_a_run_tells_how_far_it_is(cast):
    run = Run.objects.create(status="running", stage="score", done=3, total=9)
    body = cast["officer"].get(f"{RUNS}{run.pk}/").json()
    assert (body["stage"], body["done"], body["total"], body["is_live"]) == ("score", 3, 9, False)


def test_a_held_run_is_published_once_and_logged(cast):
    run = make_run("held")
    answer = cast["officer"].post(f"{RUNS}{run.pk}/publish/")
    assert (answer.json()["status"], answer.json()["is_live"]) == ("published", True)
    assert LogEntry.objects.get().user == cast["officer"].user
    again = cast["officer"].post(f"{RUNS}{run.pk}/publish/")
    assert again.status_code == 400
    refusal = "Only a held run whose lists are still kept can be published."
    assert again.json()["errors"] == [{"field": "", "message": refusal}]


def test_rolling_back_moves_the_pointer(cast):
    old, new = make_run(), make_run()
    LiveRun.objects.create(run=new)
    assert cast["officer"].post(f"{RUNS}{old.pk}/roll-back/").json()["is_live"]
    assert LiveRun.objects.get().run == old


def test_the_list_asks_as_much_of_20_rows_as_of_one(cast):
    Run.objects.create(status="failed", started_by=cast["officer"].user)
    before = count_queries(cast["officer"], RUNS)
    for n in range(20):
        Run.objects.create(status="failed", started_by=User.objects.create_user(f"{n}@example.hk"))
    assert count_queries(cast["officer"], RUNS) == before
