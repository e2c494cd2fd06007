"""The shortage of roles and skills: worked by hand, then what must hold of every figure."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.workforce.models import ShortageOverride
from recommender.workforce.shortage import role_shortages, skill_shortages
from tests.factories import make_graduates, make_openings, make_role, make_sector, make_skill, make_supply

pytestmark = pytest.mark.django_db
PROPERTY = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
COUNTS = st.integers(0, 10_000)


def shortage_of(role):
    return role_shortages()[role.pk]


def override(role, shortage, sector=None, reason="Two banks froze hiring."):
    return ShortageOverride.objects.create(role=role, sector=sector, shortage=shortage, reason=reason)


def test_openings_less_everybody_who_can_fill_them():
    role = make_role()
    make_openings(role, 200)
    make_supply(role, n_meeting=30, n_expected=20)
    make_graduates(role, 50)
    found = shortage_of(role)
    assert (found.openings, found.n_meeting, found.n_expected, found.n_graduates) == (200, 30, 20, 50)
    assert found.n_supply == 100
    assert found.shortage == 0.5


def test_more_people_than_openings_is_no_shortage():
    role = make_role()
    make_openings(role, 10)
    make_supply(role, n_meeting=11)
    assert shortage_of(role).shortage == 0


def test_no_openings_at_all_is_no_shortage():
    role = make_role()
    make_openings(role, 0)
    make_supply(role)
    assert shortage_of(role).shortage == 0


def test_without_a_figure_it_is_unknown_not_zero():
    role = make_role()
    make_supply(role, n_meeting=5)
    make_graduates(role, 5)
    found = shortage_of(role)
    assert (found.openings, found.shortage, found.period) == (None, None, "")
    assert found.n_meeting == 5


def test_before_the_first_count_it_is_unknown():
    role = make_role()
    make_openings(role, 10)
    make_graduates(role, 5)
    found = shortage_of(role)
    assert (found.openings, found.n_supply, found.shortage) == (10, None, None)


@pytest.mark.parametrize("measure", ["counted_postings", "vacancies", "manpower_shortage", "pay"])
def test_other_measures_are_no_openings(measure):
    role = make_role()
    make_supply(role)
    make_openings(role, 40).__class__.objects.update(measure=measure)
    assert shortage_of(role).shortage is None


def test_the_figure_of_the_whole_role_holds_its_sectors_already():
    role, finance, health = make_role(), make_sector("a"), make_sector("b")
    make_openings(role, 100)
    make_openings(role, 60, finance)
    make_openings(role, 70, health)
    make_supply(role, n_meeting=50)
    make_supply(role, n_meeting=15, sector=finance)
    make_supply(role, n_meeting=70, sector=health)
    found = shortage_of(role)
    assert (found.openings, found.shortage) == (100, 0.5)
    assert [(one.sector, one.openings, one.shortage) for one in found.sectors] == [
        # 15 learners count as 20.
        (finance, 60, 2 / 3),
        (health, 70, 0),
    ]


def test_without_one_the_sectors_are_added_up():
    role = make_role()
    make_openings(role, 60, make_sector())
    make_openings(role, 40, make_sector())
    make_supply(role, n_meeting=25)
    # 25 learners count as 30.
    assert (shortage_of(role).openings, shortage_of(role).shortage) == (100, 0.7)


@pytest.mark.parametrize("dates", [(date(2025, 12, 1), date(2026, 4, 1)), (None, None)], ids=str)
def test_a_newer_figure_of_a_sector_does_not_stand_for_the_whole_city(dates):
    role, finance = make_role(), make_sector()
    make_openings(role, 1000, period="2025", source_date=dates[0])
    make_openings(role, 120, finance, period="2026 Q1", source_date=dates[1])
    make_graduates(role, 200, period="2025")
    make_graduates(role, 30, finance, period="2026 Q1")
    make_supply(role, n_meeting=300)
    make_supply(role, n_meeting=60, sector=finance)
    found = shortage_of(role)
    assert (found.period, found.openings, found.n_graduates, found.shortage) == ("2025", 1000, 200, 0.5)
    (of_sector,) = found.sectors
    assert (of_sector.period, of_sector.openings, of_sector.shortage) == ("2026 Q1", 120, 0.25)


def test_of_the_whole_role_the_latest_period_counts_whatever_its_sectors_have():
    role, finance = make_role(), make_sector()
    make_openings(role, 1000, period="2025", source_date=date(2025, 12, 1))
    make_openings(role, 800, period="2026", source_date=date(2026, 12, 1))
    make_openings(role, 900, period="2024")
    make_openings(role, 120, finance, period="2027", source_date=date(2027, 1, 1))
    make_supply(role)
    assert (shortage_of(role).period, shortage_of(role).openings) == ("2026", 800)


def test_without_one_each_sector_gives_its_latest_figure():
    role, finance, health = make_role(), make_sector("a"), make_sector("b")
    make_openings(role, 70, finance, period="2025", source_date=date(2025, 12, 1))
    make_openings(role, 60, finance, period="2026", source_date=date(2026, 12, 1))
    make_openings(role, 40, health, period="2025", source_date=date(2025, 12, 1))
    for sector, count in ((finance, 10), (health, 20)):
        for period in ("2025", "2026"):
            make_graduates(role, count, sector, period=period)
    make_supply(role, n_meeting=20)
    found = shortage_of(role)
    assert (found.period, found.openings, found.n_graduates, found.shortage) == ("2025, 2026", 100, 30, 0.5)
    assert {(one.sector, one.period) for one in found.graduates} == {(finance, "2026"), (health, "2025")}


def test_graduates_of_the_whole_role_hold_their_sectors_already():
    role, finance, health = make_role(), make_sector(), make_sector()
    make_openings(role, 100)
    make_supply(role)
    make_graduates(role, 10, finance)
    make_graduates(role, 20, health)
    assert shortage_of(role).n_graduates == 30
    make_graduates(role, 25)
    assert shortage_of(role).n_graduates == 25


def test_the_latest_period_counts_with_its_own_graduates():
    role = make_role()
    make_openings(role, 100, period="2026", source_date=date(2026, 3, 1))
    make_openings(role, 40, period="2027", source_date=date(2026, 11, 1))
    make_graduates(role, 100, period="2026")
    make_graduates(role, 10, period="2027")
    make_supply(role)
    found = shortage_of(role)
    assert (found.period, found.openings, found.n_graduates, found.shortage) == ("2027", 40, 10, 0.75)


def test_of_two_sources_for_the_same_the_newer_one_counts_and_they_are_never_added():
    role = make_role()
    make_openings(role, 80, source_url="https://new.hk", source_date=date(2026, 10, 1))
    make_openings(role, 50, source_url="https://old.hk", source_date=date(2025, 10, 1))
    make_openings(role, 30, source_url="https://undated.hk")
    make_supply(role)
    found = shortage_of(role)
    assert found.openings == 80
    assert [figure.source_url for figure in found.demand] == ["https://new.hk"]


@pytest.mark.parametrize(
    ("today", "latest"),
    [
        ((2025, 6, 1), "2026"),
        ((2026, 12, 31), "2026"),
        ((2027, 1, 1), "2027"),
        ((2028, 5, 9), "2028"),
        ((2029, 1, 1), "2028"),
    ],
)
@pytest.mark.parametrize("source_date", [None, date(2025, 3, 1)])
@pytest.mark.parametrize("order", [1, -1])
def test_of_equal_dates_the_period_of_today_or_the_next_counts(
    monkeypatch, today, latest, source_date, order
):
    monkeypatch.setattr(timezone, "now", lambda: datetime(*today, tzinfo=UTC))
    role = make_role()
    for period in ["2026", "2027", "2028", "the coming years"][::order]:
        make_openings(role, 10, period=period, source_date=source_date)
    assert shortage_of(role).period == latest


def test_a_day_begins_in_hong_kong(monkeypatch):
    role = make_role()
    for period in ("2026", "2027"):
        make_openings(role, 10, period=period)
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
    assert shortage_of(role).period == "2026"
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 12, 31, 16, tzinfo=UTC))
    assert shortage_of(role).period == "2027"


def test_a_dated_source_counts_before_any_without_a_date_and_the_newest_first(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 6, 1, tzinfo=UTC))
    role = make_role()
    make_openings(role, 10, period="2026")
    make_openings(role, 20, period="the coming years", source_date=date(2020, 1, 1))
    assert shortage_of(role).openings == 20
    make_openings(role, 30, period="2030", source_date=date(2020, 1, 2))
    assert shortage_of(role).openings == 30


def test_where_no_period_can_be_read_the_choice_does_not_depend_on_what_was_loaded_first():
    one, other = make_role(), make_role()
    periods = ["2025/26", "soon", "the coming years"]
    for role, order in ((one, periods), (other, periods[::-1])):
        for period in order:
            for source in ("https://a.hk", "https://b.hk"):
                make_openings(role, 10, period=period, source_url=source)
    (of_one,), (of_other,) = shortage_of(one).demand, shortage_of(other).demand
    assert (of_one.period, of_one.source_url) == (of_other.period, of_other.source_url)


def test_synthetic_openings_and_learners_make_the_shortage_synthetic():
    real, made_up, mixed = make_role(), make_role(), make_role()
    make_openings(real, 10)
    make_openings(made_up, 10, is_synthetic=True)
    make_openings(mixed, 10)
    make_supply(real, n_meeting=2)
    make_supply(made_up, n_meeting=2)
    make_supply(mixed, n_meeting=2, n_expected=3, n_synthetic_meeting=1, n_synthetic_expected=2)
    found = role_shortages()
    assert [found[role.pk].is_synthetic for role in (real, made_up, mixed)] == [False, True, True]
    assert (found[mixed.pk].supply.is_synthetic, found[made_up.pk].supply.is_synthetic) == (True, False)


def test_an_officers_figure_stands_in_place_of_the_computed_one():
    role, finance = make_role(), make_sector()
    make_openings(role, 100)
    make_supply(role, n_meeting=50)
    override(role, 0.9)
    override(role, 0.2, sector=finance)
    found = shortage_of(role)
    assert (found.shortage, found.computed) == (0.9, 0.5)
    assert found.override.reason == "Two banks froze hiring."
    assert [(one.sector, one.shortage, one.computed) for one in found.sectors] == [(finance, 0.2, None)]


def test_an_officer_may_say_what_the_figures_do_not():
    role = make_role()
    override(role, 0.4)
    assert (shortage_of(role).shortage, shortage_of(role).computed) == (0.4, None)


@pytest.mark.parametrize(
    "fields", [{"shortage": 1.1}, {"shortage": -0.1}, {"shortage": 0.5, "reason": ""}], ids=str
)
def test_an_override_is_from_0_to_1_and_has_a_reason(fields):
    with transaction.atomic(), pytest.raises(IntegrityError):
        override(make_role(), **fields)


def test_a_skill_takes_the_mean_of_its_roles_by_openings_and_importance():
    python, ethics, unknown = make_skill(), make_skill(), make_skill()
    engineer = make_role(needs={python: (1.0, 3)})
    analyst = make_role(needs={python: (0.5, 3), ethics: (0.8, 2)})
    silent = make_role(needs={python: (1.0, 3), unknown: (1.0, 3)})
    make_openings(engineer, 100)
    make_openings(analyst, 400)
    for role, n_meeting in ((engineer, 50), (analyst, 300), (silent, 0)):
        make_supply(role, n_meeting=n_meeting)
    # Engineers: 100 openings, short of 0.5; analysts: 400, short of 0.25.
    expected = (100 * 1.0 * 0.5 + 400 * 0.5 * 0.25) / (100 * 1.0 + 400 * 0.5)
    ids = np.array([ethics.pk, python.pk, unknown.pk, 10**9, python.pk], dtype=np.int64)
    found = skill_shortages(ids).share
    assert (found.dtype, found.shape) == (np.float64, (5,))
    np.testing.assert_allclose(found, [0.25, expected, np.nan, np.nan, expected])


def test_a_skill_whose_roles_have_no_openings_at_all_is_not_short():
    skill = make_skill()
    role = make_role(needs={skill: (1.0, 3)})
    make_openings(role, 0)
    make_supply(role)
    assert skill_shortages(np.array([skill.pk])).share.tolist() == [0.0]


def test_an_officers_figure_reaches_the_skills():
    skill = make_skill()
    role = make_role(needs={skill: (1.0, 3)})
    make_openings(role, 10)
    make_supply(role)
    override(role, 0.3)
    assert skill_shortages(np.array([skill.pk])).share.tolist() == [0.3]


def test_an_officers_figure_without_openings_reaches_the_skills_too():
    python, ethics = make_skill(), make_skill()
    large, small = make_role(needs={python: (1.0, 3)}), make_role()
    unloaded = make_role(needs={python: (0.5, 3), ethics: (1.0, 3)})
    for role, openings in ((large, 300), (small, 100)):
        make_openings(role, openings)
        make_supply(role)
    override(unloaded, 0.4)
    # The mean of 300 and 100 openings stands for the one without.
    expected = (300 * 1.0 * 1.0 + 200 * 0.5 * 0.4) / (300 * 1.0 + 200 * 0.5)
    found = skill_shortages(np.array([python.pk, ethics.pk]))
    np.testing.assert_allclose(found.share, [expected, 0.4])
    assert found.is_synthetic.tolist() == [False, False]


@pytest.mark.parametrize("openings", [None, 0])
def test_where_nobody_has_openings_importance_alone_weighs(openings):
    skill = make_skill()
    one, other = (make_role(needs={skill: (importance, 3)}) for importance in (1.0, 0.5))
    override(one, 0.3)
    override(other, 0.9)
    if openings is not None:
        make_openings(make_role(), openings)
    expected = (1.0 * 0.3 + 0.5 * 0.9) / 1.5
    np.testing.assert_allclose(skill_shortages(np.array([skill.pk])).share, [expected])


def test_what_is_synthetic_of_a_role_is_of_its_skills():
    real, made_up, unknown = make_skill(), make_skill(), make_skill()
    for skill, is_synthetic in ((real, False), (made_up, True)):
        role = make_role(needs={skill: (1.0, 3)})
        make_openings(role, 10, is_synthetic=is_synthetic)
        make_supply(role)
    make_supply(make_role(needs={unknown: (1.0, 3)}), n_meeting=1, n_synthetic_meeting=1)
    ids = np.array([real.pk, made_up.pk, unknown.pk, made_up.pk])
    found = skill_shortages(ids)
    assert (found.is_synthetic.dtype, found.is_synthetic.tolist()) == (np.bool_, [False, True, False, True])


def test_no_skills_no_figures():
    assert [part.shape for part in skill_shortages(np.array([], dtype=np.int64))] == [(0,), (0,)]


def world(n):
    for _ in range(n):
        skill, sector = make_skill(), make_sector()
        role = make_role(needs={skill: (0.5, 3)})
        make_openings(role, 10)
        make_openings(role, 5, sector)
        make_graduates(role, 1, sector)
        make_supply(role)
        override(role, 0.5, sector)


def test_it_asks_as_much_of_20_roles_as_of_one(django_assert_num_queries):
    for n in (1, 20):
        world(n)
        with django_assert_num_queries(5):
            found = role_shortages()
            assert all(str(one.sector) for role in found.values() for one in role.sectors)
        with django_assert_num_queries(6):
            skill_shortages(np.arange(50))
        with django_assert_num_queries(5):
            assert list(role_shortages(only=list(found)[:1])) == list(found)[:1]


def computed(openings, n_meeting=0, n_expected=0, n_graduates=None):
    """The shortage of a role with these figures, which is gone again afterwards."""
    with transaction.atomic():
        role = make_role()
        make_supply(role, n_meeting, n_expected)
        if openings is not None:
            make_openings(role, openings)
        if n_graduates is not None:
            make_graduates(role, n_graduates)
        found = shortage_of(role).shortage
        transaction.set_rollback(True)
    return found


@PROPERTY
@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_shortage_lies_in_0_1(openings, n_meeting, n_expected, n_graduates):
    assert 0 <= computed(openings, n_meeting, n_expected, n_graduates) <= 1


@PROPERTY
@given(COUNTS, COUNTS, COUNTS)
def test_more_openings_never_make_it_smaller(openings, more, n_meeting):
    assert computed(openings + more, n_meeting) >= computed(openings, n_meeting)


@PROPERTY
@given(COUNTS, COUNTS, COUNTS, st.sampled_from(["n_meeting", "n_expected", "n_graduates"]))
def test_more_people_never_make_it_larger(openings, n_people, more, which):
    assert computed(openings, **{which: n_people + more}) <= computed(openings, **{which: n_people})


@PROPERTY
@given(COUNTS, COUNTS, COUNTS)
def test_what_is_unknown_stays_unknown_whatever_the_supply(n_meeting, n_expected, n_graduates):
    assert computed(None, n_meeting, n_expected, n_graduates) is None


@PROPERTY
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), st.floats(0, 1)), min_size=1, max_size=5))
def test_a_skill_lies_between_its_roles(figures):
    with transaction.atomic():
        skill = make_skill()
        for openings, n_meeting, importance in figures:
            role = make_role(needs={skill: (importance, 3)})
            make_openings(role, openings)
            make_supply(role, n_meeting)
        of_roles = [found.shortage for found in role_shortages().values()]
        (of_skill,) = skill_shortages(np.array([skill.pk])).share
        transaction.set_rollback(True)
    weighs = any(openings * importance > 0 for openings, _, importance in figures)
    lowest = min(of_roles) if weighs else 0
    assert lowest - 1e-9 <= of_skill <= max(of_roles) + 1e-9
