"""Every page of the admin site: opens, for whom, with how many queries, under which policy."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from recommender.learners.models import Enrolment, Event, User
from recommender.learners.services import add_subsidy_claim
from recommender.recommendations.models import LiveRun, PackedList
from recommender.workforce.models import Demand, RoleSupply, ShortageOverride
from tests.factories import (
    continuing_education_fund,
    make_course,
    make_enrolment,
    make_graduates,
    make_learner,
    make_listing,
    make_offering,
    make_provider,
    make_role,
    make_run,
    make_sector,
    make_skill,
    make_supply,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def name_of(model):
    return f"{model._meta.app_label}_{model._meta.model_name}"


MODELS = sorted(admin.site._registry, key=name_of)


def fill(n):
    """A row of everything that grows, `n` rows inside the pages that hold rows."""
    skills = [make_skill() for _ in range(n)]
    course = make_course(
        provider=make_provider(),
        raises=dict.fromkeys(skills, 3),
        needs=dict.fromkeys(skills, 2),
        after=[make_course() for _ in range(n)],
    )
    sector, role = make_sector(), make_role(needs=dict.fromkeys(skills, (0.5, 3)))
    make_listing(course)
    for number in range(n):
        make_offering(course)
        figure = {"measure": "openings", "description": f"{number}", "value": 1, "unit": "posts"}
        Demand.objects.create(role=role, sector=sector, period="2026", source_url="https://x.hk", **figure)
    make_graduates(role, 1, sector)
    make_supply(role, 1, sector=sector)
    ShortageOverride.objects.create(role=role, sector=sector, shortage=0.5, reason="a")
    user = User.objects.create_user(f"{course.code}@example.hk")
    learner = make_learner(user=user, holds=dict.fromkeys(skills, 3))
    make_enrolment(learner, course)
    for _ in range(n):
        add_subsidy_claim(learner, continuing_education_fund(), 100, date(2025, 1, 1))
    Event.objects.create(learner=learner, course=course, kind="viewed")
    run = make_run(has_lists=False, started_by=user)
    packed_list = PackedList.objects.create(run=run, learner=learner, packed=b"")
    LiveRun.objects.update_or_create(id=1, defaults={"run": run})
    LogEntry.objects.log_actions(user.pk, [course], ADDITION)
    Group.objects.create(name=course.code)
    schedule = IntervalSchedule.objects.create(every=course.pk, period="seconds")
    PeriodicTask.objects.create(name=course.code, task="t", interval=schedule)
    return {"course": course, "role": role, "learner": learner, "run": run, "packedlist": packed_list}


def test_each_list_asks_as_much_of_20_rows_as_of_one(cast):
    def counts():
        lists = {name_of(model): reverse(f"admin:{name_of(model)}_changelist") for model in MODELS}
        return {name: count_queries(cast["superuser"], address) for name, address in lists.items()}

    fill(1)
    before = counts()
    for _ in range(20):
        fill(1)
    assert counts() == before


@pytest.mark.parametrize(
    "page", ["catalogue_course", "workforce_role", "learners_learner", "recommendations_run"]
)
def test_a_page_asks_as_much_with_20_rows_inside_as_with_one(cast, page):
    small, large = fill(1), fill(20)
    model = page.partition("_")[2]
    addresses = [reverse(f"admin:{page}_change", args=[rows[model].pk]) for rows in (small, large)]
    before, after = (count_queries(cast["superuser"], address) for address in addresses)
    assert before == after


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_page_opens_and_finds(cast, model):
    fill(1)
    client, row = cast["superuser"], model._default_manager.first()
    listing = reverse(f"admin:{name_of(model)}_changelist")
    for text in ("1", "a@example.hk", "9" * 30, "機器"):
        assert client.get(listing, {"q": text}).status_code == 200
    if row:
        assert client.get(reverse(f"admin:{name_of(model)}_change", args=[row.pk])).status_code == 200
    if admin.site.get_model_admin(model).has_add_permission(client.get(listing).wsgi_request):
        assert client.get(reverse(f"admin:{name_of(model)}_add")).status_code == 200


@pytest.mark.parametrize("part", ["anonymous", "owner", "other"])
def test_people_who_are_not_staff_are_sent_to_sign_in(cast, part):
    for name in ("index", "recommendations_run_changelist", "learners_learner_changelist"):
        answer = cast[part].get(reverse(f"admin:{name}"))
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, reverse("admin:login"))


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_staff_without_permissions_see_nothing(cast, model):
    assert cast["staff"].get(reverse(f"admin:{name_of(model)}_changelist")).status_code == 403


@pytest.mark.parametrize("part", ["officer", "staff", "superuser"])
def test_only_superusers_read_the_audit(cast, part):
    answer = cast[part].get(reverse("admin:admin_logentry_changelist"))
    assert answer.status_code == (200 if part == "superuser" else 403)


@pytest.mark.parametrize("model", [Event, LogEntry, PackedList, LiveRun, RoleSupply], ids=name_of)
def test_what_nobody_writes_has_no_form(cast, model):
    fill(1)
    client, row = cast["superuser"], model.objects.first()
    assert client.get(reverse(f"admin:{name_of(model)}_add")).status_code == 403
    assert client.post(reverse(f"admin:{name_of(model)}_change", args=[row.pk])).status_code == 403


@pytest.mark.parametrize("model", [Enrolment, Event, PackedList, LogEntry], ids=name_of)
def test_large_tables_are_never_counted(cast, model, django_assert_num_queries):
    fill(1)
    with django_assert_num_queries(10, exact=False) as queries:
        cast["superuser"].get(reverse(f"admin:{name_of(model)}_changelist"))
    asked = [query["sql"] for query in queries.captured_queries if model._meta.db_table in query["sql"]]
    assert not [sql for sql in asked if "COUNT(" in sql]


def test_officers_sign_in_where_attempts_are_counted(client, cast):
    answer = client.get(reverse("admin:login"), {"next": "/admin/catalogue/"})
    assert answer.url == "/accounts/login/?next=%2Fadmin%2Fcatalogue%2F"
    assert cast["officer"].get(reverse("admin:login")).url == reverse("admin:index")
    assert cast["owner"].get(reverse("admin:login")).status_code == 403


def test_the_wider_policy_is_for_the_admin_alone(client, cast):
    for address in (reverse("admin:index"), reverse("admin:jsi18n")):
        policy = cast["superuser"].get(address)["Content-Security-Policy"]
        assert "script-src 'self' 'unsafe-eval';" in policy + ";"
    for address in ("/accounts/login/", "/api/v1/skills/", "/nowhere/"):
        assert "unsafe" not in client.get(address)["Content-Security-Policy"]
