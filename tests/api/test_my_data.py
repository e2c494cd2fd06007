"""The caller's data as a whole: exported, switched on and off, erased."""

import pytest

from recommender.learners.models import Learner, Question, User
from recommender.recommendations.personal_tables import PERSONAL_TABLES
from tests.factories import make_course, make_enrolment

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"


def put(client, path, body):
    return client.put(f"{ME}{path}", body, content_type="application/json")


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "export/"), ("get", "consents/"), ("put", "consents/digest/"), ("delete", "?confirm=erase")],
)
def test_only_people_with_an_account_come_in(cast, method, path):
    assert getattr(cast["anonymous"], method)(f"{ME}{path}").status_code == 403
    assert User.objects.count() == 5


def test_an_export_holds_ones_own_and_nobody_elses(cast):
    make_enrolment(cast["owner"].user.learner, make_course("a"))
    Question.objects.create(learner=cast["owner"].user.learner, text="only of the owner")
    mine, theirs = (cast[part].get(f"{ME}export/").json() for part in ("owner", "other"))
    assert set(mine["tables"]) == {table.name for table in PERSONAL_TABLES}
    assert [row["course"] for row in mine["tables"]["enrolments"]["rows"]] == ["a"]
    assert theirs["tables"]["enrolments"]["rows"] == []
    assert "owner" not in str(theirs["tables"]["account"]["rows"] + theirs["tables"]["questions"]["rows"])


def test_switches_are_read_and_turned(cast):
    before = {row["purpose"]: row for row in cast["owner"].get(f"{ME}consents/").json()}
    assert before["digest"] == {"purpose": "digest", "is_given": False, "decided_at": None}
    after = put(cast["owner"], "consents/digest/", {"is_given": True}).json()
    assert after["is_given"]
    assert after["decided_at"]
    assert Learner.objects.get(wants_digest=True).user == cast["owner"].user


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("everything", {"is_given": True}, 404), ("digest", {}, 400), ("digest", {"is_given": "perhaps"}, 400)],
)
def test_a_decision_that_cannot_be_is_a_problem(cast, path, body, status):
    assert put(cast["owner"], f"consents/{path}/", body).status_code == status
    assert not Learner.objects.filter(wants_digest=True).exists()


@pytest.mark.parametrize("query", ["", "?confirm=", "?confirm=yes"])
def test_nothing_is_erased_without_the_word(cast, query):
    assert cast["owner"].delete(f"{ME}{query}").status_code == 400
    assert User.objects.filter(pk=cast["owner"].user.pk).exists()


def test_an_account_is_erased_and_signed_out(cast):
    assert cast["owner"].delete(f"{ME}?confirm=erase").status_code == 204
    assert not User.objects.filter(email="owner@example.hk").exists()
    assert cast["owner"].get(ME).status_code == 403
    assert Learner.objects.get().user == cast["other"].user


@pytest.mark.parametrize("part", ["officer", "staff", "superuser"])
def test_the_office_does_not_erase_its_own_audit(cast, part):
    answer = cast[part].delete(f"{ME}?confirm=erase")
    assert answer.status_code == 400
    assert "administrator" in answer.json()["errors"][0]["message"]
    assert User.objects.filter(pk=cast[part].user.pk).exists()
