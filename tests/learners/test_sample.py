"""The sample: loaded twice it stays the same, it says what is synthetic, and it keeps to its own rules."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.utils import timezone

from recommender.catalogue.models import Course, CourseSkill, Offering, Provider
from recommender.learners.models import Enrolment, Learner, SkillHeld, User
from recommender.learners.sample import import_files, load_sample
from recommender.learners.supply import count_supply
from recommender.skills.models import Skill
from recommender.workforce.models import Demand, Graduates, Role, RoleSkill, Sector
from recommender.workforce.shortage import role_shortages
from tests.factories import make_course

FACTS = (Skill, Sector, Role, RoleSkill, Demand, Graduates, Provider, Course, CourseSkill)
PEOPLE = (User, Learner, Enrolment, SkillHeld)
TODAY = date(2026, 11, 23)
LATER = date(2027, 1, 23)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def passwords(django_db_setup, django_db_blocker):
    """Loads the sample once; each test works in a transaction within, and the whole is undone at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_sample(today=TODAY)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def sample(passwords, db):
    pass


def rows_of(*models):
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def test_a_second_time_changes_nothing():
    before = rows_of(*FACTS, *PEOPLE, Offering)
    assert load_sample(today=TODAY) == {}
    assert rows_of(*FACTS, *PEOPLE, Offering) == before


def test_the_files_again_change_nothing():
    before = rows_of(*FACTS)
    import_files()
    assert rows_of(*FACTS) == before


def test_what_an_officer_changed_stays():
    Course.objects.filter(code="hku-msc-ai").update(title_en="Corrected")
    load_sample(today=TODAY)
    assert Course.objects.get(code="hku-msc-ai").title_en == "Corrected"


def test_two_months_later_there_are_more_offerings_and_the_old_ones():
    before = rows_of(Offering)[Offering]
    load_sample(today=LATER)
    after = rows_of(Offering)[Offering]
    assert after[: len(before)] == before
    assert {row["code"] for row in after[len(before) :]} == {"synthetic-2028-01"}


def test_what_is_made_up_says_so():
    assert not Offering.objects.exclude(is_synthetic=True, code__startswith="synthetic-").exists()
    assert not Learner.objects.exclude(is_synthetic=True, display_name__startswith="Synthetic").exists()
    of_roles = Demand.objects.filter(measure="openings", role__isnull=False)
    for figures in (of_roles, Graduates.objects.all()):
        assert figures.exists()
        assert not figures.exclude(is_synthetic=True, source_url__startswith="synthetic:").exists()
    assert not Demand.objects.exclude(pk__in=of_roles).filter(is_synthetic=True).exists()


def test_openings_are_known_for_some_roles_and_shortages_differ():
    count_supply()
    found = role_shortages().values()
    known = [one for one in found if one.shortage is not None]
    assert len(known) == 15
    assert all(one.is_synthetic for one in known)
    assert len({one.shortage for one in known}) > 8
    assert any(one.n_meeting for one in known)
    assert any(one.n_expected for one in known)
    assert any(len(one.sectors) > 1 for one in known)


@pytest.mark.parametrize(("year", "latest"), [(2026, "2026"), (2027, "2027"), (2031, "2028")])
def test_openings_are_of_several_periods_and_those_of_today_the_latest(monkeypatch, year, latest):
    monkeypatch.setattr(timezone, "now", lambda: datetime(year, 6, 1, tzinfo=UTC))
    for found in role_shortages().values():
        if found.openings is not None:
            assert [one.period for one in found.periods if one.demand] == ["2026", "2027", "2028"]
            assert found.period == latest


def test_a_partners_courses_get_no_offerings():
    partner = make_course("partner")
    load_sample(today=LATER)
    assert not partner.offerings.exists()


def test_offerings_lie_ahead_and_some_are_full():
    assert not Offering.objects.exclude(starts_on__gt=TODAY).exists()
    assert Offering.objects.filter(seats=0).exists()
    assert Offering.objects.open(on=TODAY).count() > 150


def test_how_much_there_is():
    assert Course.objects.exclude(mode="online").count() == 118
    assert Course.objects.filter(mode="online").count() == 278
    assert (Role.objects.count(), Skill.objects.count()) == (24, 98)
    assert Demand.objects.filter(is_synthetic=False).count() == 200
    assert Learner.objects.count() == 300
    assert 3000 < Enrolment.objects.count() < 6000
    assert 0.85 < Learner.objects.filter(consents_to_profiling=True).count() / 300 < 0.95


def test_online_courses_hold_plain_facts_only():
    online = Course.objects.filter(mode="online")
    assert not online.exclude(description_en="", entry_text="", fee_cents=None, hkqf_level=None).exists()
    assert not CourseSkill.objects.filter(course__in=online).exclude(basis__startswith="title;").exists()
    assert not online.exclude(source_url__regex=r"^https://www\.(coursera|edx)\.org/").exists()


def test_facts_name_their_sources():
    for model, field in (
        (Course, "source_url"),
        (Demand, "source_url"),
        (RoleSkill, "source"),
        (CourseSkill, "basis"),
    ):
        assert not model.objects.filter(**{field: ""}).exists()
    assert not Course.objects.filter(hkqf_level__gte=7, entry_hkqf_level=5).exists()
    assert (
        not Course.objects.filter(entry_hkqf_level=5)
        .exclude(hkqf_level=6, entry_text__icontains="bachelor")
        .exists()
    )


@pytest.mark.parametrize("model", [Skill, Sector, Role])
def test_our_own_words_are_in_three_languages(model):
    assert not model.objects.filter(name_zh_hant="").exists()
    assert not model.objects.filter(name_zh_hans="").exists()


def test_each_role_needs_at_most_fifteen_skills():
    assert {5 <= role.skills_needed.count() <= 15 for role in Role.objects.all()} == {True}


def test_histories_follow_the_role():
    needed = {role.pk: set(role.skills.values_list("pk", flat=True)) for role in Role.objects.all()}
    raised = {course.pk: set(course.skills.values_list("pk", flat=True)) for course in Course.objects.all()}
    taken = Enrolment.objects.values_list("course", "learner__target_roles")
    fitting = [bool(raised[course] & needed[role]) for course, role in taken]
    by_chance = [bool(raised[course] & needed[role]) for course in raised for role in needed]
    assert sum(fitting) / len(fitting) > 1.5 * sum(by_chance) / len(by_chance)


class TestAccounts:
    def test_passwords_are_random_and_work(self, passwords, client):
        assert sorted(passwords) == ["admin@example.hk", "learner@example.hk", "officer@example.hk"]
        assert len(set(passwords.values())) == 3
        for email, password in passwords.items():
            assert len(password) >= 16
            assert User.objects.get(email=email).check_password(password)

    def test_the_demo_learner_comes_first(self):
        learner = Learner.objects.filter(is_synthetic=True).order_by("pk").first()
        assert learner.user.email == "learner@example.hk"
        assert learner.consents_to_profiling
        assert learner.enrolments.exists()

    def test_the_officer_may_work_with_records_but_not_with_accounts(self):
        officer = User.objects.get(email="officer@example.hk")
        assert officer.is_staff
        assert not officer.is_superuser
        assert officer.has_perms(["catalogue.change_course", "workforce.add_demand", "learners.view_learner"])
        assert not officer.has_perm("learners.change_user")

    def test_an_existing_group_keeps_its_permissions(self):
        officer = User.objects.get(email="officer@example.hk")
        officer.groups.get().permissions.set(Permission.objects.none())
        officer.delete()
        load_sample(today=TODAY)
        assert not User.objects.get(email="officer@example.hk").has_perm("catalogue.change_course")
