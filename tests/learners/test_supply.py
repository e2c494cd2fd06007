"""Who can fill a role: worked by hand, then against a plain count that walks through people one by one."""

from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.catalogue.models import CourseSkill
from recommender.learners import supply
from recommender.learners.models import Enrolment, Learner
from recommender.learners.supply import count_supply
from recommender.recommendations.models import Run
from recommender.recommendations.runs import carry_out
from recommender.workforce.models import Role, RoleSupply
from recommender.workforce.shortage import role_shortages
from tests.factories import (
    make_course,
    make_enrolment,
    make_learner,
    make_openings,
    make_role,
    make_sector,
    make_skill,
    make_supply,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def python():
    return make_skill("python")


@pytest.fixture
def ethics():
    return make_skill("ethics")


@pytest.fixture
def role(python, ethics):
    return make_role(needs={python: (1.0, 3), ethics: (0.1, 2)})


def counted(role, sector=None):
    found = RoleSupply.objects.get(role=role, sector=sector)
    return found.n_meeting, found.n_expected


def test_who_holds_every_skill_at_its_level_meets_the_needs(role, python, ethics):
    make_learner(holds={python: 3, ethics: 2})
    make_learner(holds={python: 5, ethics: 5})
    make_learner(holds={python: 5, ethics: 1})
    make_learner(holds={python: 5})
    make_learner()
    count_supply()
    assert counted(role) == (2, 0)


def test_completed_courses_give_their_skills_and_those_under_way_are_expected_to(role, python, ethics):
    teaches = {python: make_course(raises={python: 3}), ethics: make_course(raises={ethics: 4})}
    for statuses in (
        ("completed", "completed"),
        ("completed", "enrolled"),
        ("enrolled", "enrolled"),
        ("completed", "saved"),
        ("completed", "dropped"),
        ("enrolled",),
    ):
        learner = make_learner()
        for course, status in zip(teaches.values(), statuses, strict=False):
            make_enrolment(learner, course, status)
    count_supply()
    assert counted(role) == (1, 2)


def test_a_course_that_ends_below_the_level_is_not_enough(role, python, ethics):
    learner = make_learner(holds={ethics: 2})
    make_enrolment(learner, make_course(raises={python: 2}), "completed")
    count_supply()
    assert counted(role) == (0, 0)


def test_a_skill_that_an_officer_vetoed_is_given_by_no_course(role, python, ethics):
    learner, course = make_learner(holds={ethics: 2}), make_course(raises={python: 3})
    make_enrolment(learner, course, "completed")
    course.skills_raised.update(state="vetoed")
    count_supply()
    assert counted(role) == (0, 0)


def test_a_course_never_lowers_a_level(role, python, ethics):
    learner = make_learner(holds={python: 4, ethics: 2})
    make_enrolment(learner, make_course(raises={python: 1}), "completed")
    count_supply()
    assert counted(role) == (1, 0)


def test_consent_to_profiling_is_not_asked_for_a_head_count(role, python, ethics):
    make_learner(consents=False, holds={python: 3, ethics: 2})
    count_supply()
    assert counted(role) == (1, 0)


def test_each_sector_counts_its_own_and_the_role_counts_all(role, python, ethics):
    finance, health = make_sector(), make_sector()
    for sector in (finance, finance, None):
        make_learner(holds={python: 3, ethics: 2}, sector=sector)
    count_supply()
    assert (counted(role), counted(role, finance), counted(role, health)) == ((3, 0), (2, 0), (0, 0))


def test_synthetic_learners_are_counted_apart(role, python, ethics):
    make_learner(holds={python: 3, ethics: 2})
    make_learner(holds={python: 3, ethics: 2}, is_synthetic=True)
    enrolled = make_learner(holds={python: 3}, is_synthetic=True)
    make_enrolment(enrolled, make_course(raises={ethics: 2}))
    count_supply()
    found = RoleSupply.objects.get(role=role, sector=None)
    assert (found.n_meeting, found.n_synthetic_meeting) == (2, 1)
    assert (found.n_expected, found.n_synthetic_expected) == (1, 1)


def test_a_role_that_names_no_skills_is_not_counted():
    role = make_role()
    make_learner()
    make_openings(role, 10)
    count_supply()
    assert role_shortages()[role.pk].shortage is None


def test_a_new_count_replaces_the_old_one(role, python, ethics):
    learner = make_learner(holds={python: 3, ethics: 2})
    count_supply()
    learner.delete()
    gone = make_role(needs={python: (1.0, 1)})
    count_supply()
    assert counted(role) == (0, 0)
    gone.delete()
    count_supply()
    assert set(RoleSupply.objects.values_list("role", flat=True)) == {role.pk}


def hong_kong(*moment):
    return datetime(*moment, tzinfo=ZoneInfo("Asia/Hong_Kong"))


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (hong_kong(2027, 1, 1), hong_kong(2027, 1, 1)),
        (hong_kong(2027, 3, 31, 23, 59), hong_kong(2027, 3, 1)),
        (hong_kong(2027, 5, 9), hong_kong(2027, 5, 1)),
        (hong_kong(2027, 12, 31), hong_kong(2027, 12, 1)),
    ],
    ids=str,
)
def test_the_last_count_of_each_earlier_month_stays(role, python, ethics, monkeypatch, now, month):
    monkeypatch.setattr(timezone, "now", lambda: now)
    learner = make_learner(holds={python: 3, ethics: 2})
    make_supply(role, n_meeting=7, counted_at=month - timedelta(seconds=1))
    make_supply(role, n_meeting=8, counted_at=month)
    for expected in (1, 0):
        count_supply()
        counts = RoleSupply.objects.filter(role=role, sector=None).order_by("counted_at")
        assert [count.n_meeting for count in counts] == [7, expected]
        learner.skills_held.all().delete()
    assert role_shortages()[role.pk].n_meeting == 0


def test_of_a_role_that_names_no_skills_any_more_no_count_stays(role):
    make_supply(role, n_meeting=7, counted_at=timezone.now() - timedelta(days=100))
    role.skills_needed.all().delete()
    count_supply()
    assert not RoleSupply.objects.exists()


def test_nothing_to_count_is_no_error():
    count_supply()
    assert not RoleSupply.objects.exists()


def test_progress_reaches_everybody(role, monkeypatch):
    monkeypatch.setattr(supply, "LEARNERS_A_BLOCK", 2)
    for _ in range(5):
        make_learner()
    seen = []
    count_supply(lambda stage, done, total: seen.append((done, total)))
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_it_asks_as_much_of_many_learners_as_of_one(role, python, django_assert_num_queries):
    sector = make_sector()
    for n in (1, 30):
        for _ in range(n):
            make_enrolment(make_learner(holds={python: 3}, sector=sector), make_course(raises={python: 3}))
        # Five before the first block, four in it, one that finds no further block, six to write.
        with django_assert_num_queries(16):
            count_supply()


def test_the_command_says_what_it_counted(role, python, ethics, capsys):
    make_supply(role, n_meeting=7, counted_at=timezone.now() - timedelta(days=100))
    make_learner(holds={python: 3, ethics: 2}, is_synthetic=True)
    call_command("count_supply")
    printed = capsys.readouterr().out
    assert f"{role.name_en}: 1 meet the needs, 0 more are expected to" in printed
    assert "1 of all these are synthetic" in printed
    assert "7 meet" not in printed


@pytest.mark.django_db(transaction=True)
def test_a_run_counts_before_it_scores(role, python, ethics):
    make_course()
    make_learner(holds={python: 3, ethics: 2})
    carry_out(Run.objects.create().pk)
    assert counted(role) == (1, 0)


LEVELS = st.integers(1, 5)


@st.composite
def cities(draw):
    """Plain numbers: what 2 roles need, what 3 courses give, and who holds and did what; 4 skills."""
    some = st.dictionaries(st.integers(0, 3), LEVELS, max_size=4)
    roles = draw(st.lists(some.filter(bool), min_size=1, max_size=2))
    courses = draw(st.lists(some, min_size=1, max_size=3))
    did = st.dictionaries(
        st.integers(0, len(courses) - 1), st.sampled_from(["completed", "enrolled", "saved"])
    )
    people = draw(st.lists(st.tuples(some, did, st.integers(0, 2), st.booleans()), min_size=1, max_size=6))
    return roles, courses, people


def plainly():
    """The same figures by walking through people one by one."""
    figures = defaultdict(int)
    gives = defaultdict(dict)
    for course, skill, level in CourseSkill.objects.values_list("course", "skill", "level"):
        gives[course][skill] = level
    for role in Role.objects.all():
        needs = dict(role.skills_needed.values_list("skill", "level"))
        for learner in Learner.objects.all():
            meets = {}
            for name, statuses in (("now", ["completed"]), ("later", ["completed", "enrolled"])):
                held = dict(learner.skills_held.values_list("skill", "level"))
                for enrolment in Enrolment.objects.filter(learner=learner, status__in=statuses):
                    for skill, level in gives[enrolment.course_id].items():
                        held[skill] = max(held.get(skill, 0), level)
                meets[name] = all(held.get(skill, 0) >= level for skill, level in needs.items())
            for place in {None, learner.sector_id}:
                figures[role.pk, place, "now"] += meets["now"]
                figures[role.pk, place, "later"] += meets["later"] and not meets["now"]
                figures[role.pk, place, "synthetic"] += meets["later"] and learner.is_synthetic
    return {key: figure for key, figure in figures.items() if figure}


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(city=cities())
def test_it_counts_as_a_plain_walk_does(city, monkeypatch):
    monkeypatch.setattr(supply, "LEARNERS_A_BLOCK", 2)
    Role.objects.all().delete()
    Learner.objects.all().delete()
    roles, courses, people = city
    skills = [make_skill() for _ in range(4)]
    sectors = [None, make_sector(), make_sector()]
    for needs in roles:
        make_role(needs={skills[place]: (0.5, level) for place, level in needs.items()})
    made = [make_course(raises={skills[place]: level for place, level in gives.items()}) for gives in courses]
    for holds, did, sector, is_synthetic in people:
        learner = make_learner(
            holds={skills[place]: level for place, level in holds.items()},
            sector=sectors[sector],
            is_synthetic=is_synthetic,
        )
        for place, status in did.items():
            make_enrolment(learner, made[place], status)
    count_supply()
    found = {}
    for row in RoleSupply.objects.all():
        key = row.role_id, row.sector_id
        found[*key, "now"], found[*key, "later"] = row.n_meeting, row.n_expected
        found[*key, "synthetic"] = row.n_synthetic_meeting + row.n_synthetic_expected
    assert {key: figure for key, figure in found.items() if figure} == plainly()
