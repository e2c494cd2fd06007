"""The shortage of each sector and period: worked by hand, then what must hold of every period."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from recommender.workforce.disclosure import rounded
from recommender.workforce.models import Demand, ShortageOverride
from recommender.workforce.shortage import role_shortages
from tests.factories import make_graduates, make_openings, make_role, make_sector, make_supply
from tests.workforce.test_shortage import COUNTS, PROPERTY

pytestmark = pytest.mark.django_db


def hong_kong(*moment):
    return datetime(*moment, tzinfo=ZoneInfo("Asia/Hong_Kong"))


def make_postings(role, value, sector=None, period="2026", **fields):
    figure = {"description": "postings", "unit": "postings", "source_url": "https://jobs.example"} | fields
    return Demand.objects.create(
        role=role, sector=sector, measure="counted_postings", value=value, period=period, **figure
    )


def override(role, shortage, period="", sector=None):
    return ShortageOverride.objects.create(
        role=role, sector=sector, period=period, shortage=shortage, reason="They said so."
    )


def periods_of(role):
    return {one.period: one for one in role_shortages()[role.pk].periods}


@pytest.fixture
def finance():
    return make_sector("a-finance")


@pytest.fixture
def health():
    return make_sector("b-health")


@pytest.fixture
def role(finance, health):
    """Openings of 2025 (over), 2026 (latest) and 2028 (projected); counts at the end of 2025 and later."""
    role = make_role()
    make_openings(role, 100, period="2025", source_date=date(2025, 12, 1))
    make_openings(role, 40, finance, period="2025", source_date=date(2025, 12, 1))
    make_openings(role, 200, period="2028", source_date=date(2024, 11, 14))
    make_openings(role, 50, health, period="2028", source_date=date(2024, 11, 14))
    make_openings(role, 120, period="2026", source_date=date(2026, 9, 1))
    make_openings(role, 60, finance, period="2026", source_date=date(2026, 9, 1))
    make_supply(role, 20, 5, counted_at=hong_kong(2025, 12, 31, 3))
    make_supply(role, 10, 0, finance, counted_at=hong_kong(2025, 12, 31, 3))
    make_supply(role, 50, 10, counted_at=hong_kong(2026, 11, 25, 3))
    make_supply(role, 15, 0, finance, counted_at=hong_kong(2026, 11, 25, 3))
    make_supply(role, 0, 10, health, counted_at=hong_kong(2026, 11, 25, 3))
    make_graduates(role, 30, period="2025")
    make_graduates(role, 40, period="2028")
    make_graduates(role, 5, health, period="2028")
    return role


def test_each_period_and_sector_has_its_own_figures(role, finance, health):
    found = role_shortages()[role.pk]
    assert [
        (one.period, one.sector, one.is_current, one.openings, one.n_supply, one.n_graduates, one.shortage)
        for one in found.by_period
    ] == [
        # 20 + 5 at the end of 2025, which count as 30, and 30 graduates of 2025.
        ("2025", None, False, 100, 60, 30, 0.4),
        ("2025", finance, False, 40, 10, None, 0.75),
        # 50 + 10 counted last.
        ("2026", None, True, 120, 60, None, 0.5),
        # 15, which count as 20.
        ("2026", finance, True, 60, 20, None, 2 / 3),
        # The same people, and 40 graduates of 2028.
        ("2028", None, False, 200, 100, 40, 0.5),
        # Latest of its sector, though not of the role: 10 expected and 5 graduates.
        ("2028", health, True, 50, 15, 5, 0.7),
    ]
    assert [one.ends_on for one in found.periods] == [date(year, 12, 31) for year in (2025, 2026, 2028)]


def test_the_ranking_goes_on_using_the_latest_openings(role, finance, health):
    found = role_shortages()[role.pk]
    assert (found.period, found.openings, found.shortage, found.is_current) == ("2026", 120, 0.5, True)
    assert [(one.sector, one.period, one.shortage) for one in found.sectors] == [
        (finance, "2026", 2 / 3),
        (health, "2028", 0.7),
    ]
    assert found.within("") == found
    assert found.within("2026").shortage == found.shortage


def test_every_figure_names_its_source_and_date(role, health):
    (figure,) = role_shortages()[role.pk].within("2028").of(health.pk).demand
    assert (figure.source_url, figure.source_date) == ("https://example.hk/openings", date(2024, 11, 14))


def test_of_a_period_over_before_the_first_count_the_supply_is_unknown_not_zero():
    role = make_role()
    make_openings(role, 100, period="2024", source_date=date(2024, 12, 1))
    make_openings(role, 100, period="2026", source_date=date(2026, 9, 1))
    make_graduates(role, 30, period="2024")
    make_supply(role, 50, counted_at=hong_kong(2025, 1, 1, 3))
    past = periods_of(role)["2024"]
    assert (past.openings, past.n_graduates) == (100, 30)
    assert (past.n_meeting, past.n_supply, past.shortage) == (None, None, None)
    assert periods_of(role)["2026"].shortage == 0.5


@pytest.mark.parametrize(
    ("counted_at", "expected"), [((2025, 12, 31, 23, 59), 0.9), ((2026, 1, 1), None)], ids=str
)
def test_a_period_ends_at_midnight_in_hong_kong(counted_at, expected):
    role = make_role()
    make_openings(role, 100, period="2025", source_date=date(2025, 1, 1))
    make_openings(role, 100, period="2026", source_date=date(2026, 1, 1))
    make_supply(role, 10, counted_at=hong_kong(*counted_at))
    assert periods_of(role)["2025"].shortage == expected


def test_the_last_count_not_after_the_end_is_the_one():
    role = make_role()
    make_openings(role, 100, period="2026", source_date=date(2026, 1, 1))
    for quarter in (1, 2, 4):
        make_openings(role, 100, period=f"2025 Q{quarter}", source_date=date(2025, 1, 1))
    for month, n_meeting in ((2, 10), (3, 20), (8, 30), (11, 40)):
        make_supply(role, n_meeting, counted_at=hong_kong(2025, month, 28))
    found = periods_of(role)
    assert {period: one.n_meeting for period, one in found.items()} == {
        "2025 Q1": 20,
        "2025 Q2": 20,
        "2025 Q4": 40,
        "2026": 40,
    }


def test_where_the_end_of_a_period_is_unknown_so_is_the_supply_except_of_the_latest_openings():
    role = make_role()
    make_openings(role, 100, period="2025/26", source_date=date(2025, 1, 1))
    make_openings(role, 100, period="2026/27", source_date=date(2026, 1, 1))
    make_supply(role, 10, counted_at=hong_kong(2025, 1, 1))
    assert [(one.period, one.shortage) for one in role_shortages()[role.pk].periods] == [
        ("2025/26", None),
        ("2026/27", 0.9),
    ]


def test_without_any_openings_no_period_is_the_latest():
    role = make_role()
    make_postings(role, 400, period="2020")
    make_supply(role, 10, counted_at=hong_kong(2026, 1, 1))
    override(role, 0.3)
    found = role_shortages()[role.pk]
    (sampled,) = found.periods
    assert (sampled.is_current, sampled.n_supply, sampled.shortage) == (False, None, None)
    assert (found.n_supply, found.shortage) == (10, 0.3)


def test_a_revised_figure_of_a_period_is_the_latest():
    role = make_role()
    make_openings(role, 100, period="2025", source_date=date(2025, 1, 1))
    make_openings(role, 200, period="2026", source_date=date(2026, 1, 1))
    make_openings(
        role, 80, period="2025", source_date=date(2026, 3, 1), source_url="https://example.hk/revised"
    )
    found = role_shortages()[role.pk]
    assert (found.period, found.openings) == ("2025", 80)
    assert [(one.period, one.openings, one.is_current) for one in found.periods] == [
        ("2025", 80, True),
        ("2026", 200, False),
    ]


def test_postings_stand_beside_and_are_in_no_sum(role, finance):
    make_postings(role, 300)
    make_postings(role, 70, finance)
    make_postings(role, 400, period="2020")
    found = periods_of(role)
    assert (found["2026"].openings, found["2026"].shortage) == (120, 0.5)
    assert [figure.value for figure in found["2026"].postings] == [300]
    assert [figure.value for figure in found["2026"].of(finance.pk).postings] == [70]
    assert ([figure.value for figure in found["2020"].postings], found["2020"].openings) == ([400], None)
    assert (found["2020"].n_supply, found["2020"].shortage) == (None, None)


def test_several_samples_of_postings_are_not_added_up(role):
    make_postings(role, 300, source_date=date(2026, 1, 1))
    make_postings(role, 200, source_date=date(2026, 2, 1), source_url="https://other.example")
    assert [figure.value for figure in periods_of(role)["2026"].postings] == [200, 300]


def test_manpower_of_a_sector_is_in_no_period(role, finance):
    before = role_shortages()[role.pk]
    role.sectors.add(finance)
    figure = {"description": "projected", "unit": "people", "source_url": "https://gov.example"}
    for of_role in (None, role):
        Demand.objects.create(
            role=of_role, sector=finance, measure="manpower_shortage", value=18_000, period="2030", **figure
        )
    assert role_shortages()[role.pk] == before


def test_where_none_is_of_the_whole_role_the_sectors_of_a_period_are_added_up(finance, health):
    role = make_role()
    make_openings(role, 30, finance, period="2026", source_date=date(2026, 1, 1))
    make_openings(role, 50, health, period="2026", source_date=date(2026, 1, 1))
    make_openings(role, 60, health, period="2027", source_date=date(2026, 9, 1))
    make_graduates(role, 4, finance, period="2026")
    make_graduates(role, 6, health, period="2026")
    make_supply(role, 10, counted_at=hong_kong(2026, 11, 1))
    found = role_shortages()[role.pk]
    # Today: 30 of 2026 and 60 of 2027. Neither period is that sum.
    assert (found.period, found.openings) == ("2026, 2027", 90)
    assert [(one.period, one.openings, one.n_graduates, one.is_current) for one in found.periods] == [
        ("2026", 80, 10, False),
        ("2027", 60, None, False),
    ]
    assert found.within("2026").shortage == 0.75
    assert [one.is_current for one in found.within("2026").sectors] == [True, False]


def test_an_override_may_be_of_one_period(role, finance):
    override(role, 0.9, "2028")
    override(role, 0.1, "2025", finance)
    found = role_shortages()[role.pk]
    assert (found.shortage, found.override) == (0.5, None)
    assert (found.within("2028").shortage, found.within("2028").computed) == (0.9, 0.5)
    assert found.within("2025").shortage == 0.4
    assert found.within("2025").of(finance.pk).shortage == 0.1
    assert found.of(finance.pk).shortage == 2 / 3


def test_an_override_without_a_period_is_of_the_latest_openings_alone(role):
    override(role, 0.9)
    found = role_shortages()[role.pk]
    assert found.shortage == 0.9
    assert [one.shortage for one in found.periods] == [0.4, 0.9, 0.5]


def test_of_two_overrides_in_force_the_one_that_names_the_period_counts(role):
    override(role, 0.9)
    override(role, 0.2, "2026")
    found = role_shortages()[role.pk]
    assert (found.shortage, found.within("2026").shortage) == (0.2, 0.2)


def test_an_override_outlives_the_figures_of_its_period(role, finance):
    override(role, 0.4, "2030", finance)
    found = role_shortages()[role.pk].within("2030")
    assert (found.openings, found.shortage) == (None, None)
    assert (found.of(finance.pk).shortage, found.of(finance.pk).computed) == (0.4, None)


def test_a_role_sector_and_period_is_overridden_once(role):
    override(role, 0.4, "2028")
    with transaction.atomic(), pytest.raises(IntegrityError):
        override(role, 0.5, "2028")


def test_what_is_synthetic_in_one_period_is_not_in_another():
    role = make_role()
    make_openings(role, 10, period="2026", source_date=date(2026, 1, 1))
    make_openings(role, 10, period="2028", is_synthetic=True)
    make_supply(role, 5)
    assert {period: one.is_synthetic for period, one in periods_of(role).items()} == {
        "2026": False,
        "2028": True,
    }


def test_every_period_is_worked_out_from_rounded_counts(role, finance):
    make_supply(role, 24, 1, finance, counted_at=hong_kong(2025, 12, 31, 4))
    found = role_shortages()[role.pk].within("2025")
    # 20 + 5 learners count as 30, and so do 24 + 1.
    assert (found.n_meeting, found.n_expected, found.n_learners, found.n_supply) == (20, 5, 30, 60)
    assert (found.of(finance.pk).n_meeting, found.of(finance.pk).n_supply) == (20, 30)
    assert found.of(finance.pk).shortage == 0.25


def test_no_query_more_for_more_periods_sectors_and_counts(role, django_assert_num_queries):
    def read():
        with django_assert_num_queries(5):
            return [str(one.sector) for one in role_shortages()[role.pk].by_period]

    before = read()
    for year in range(2010, 2020):
        sector = make_sector()
        make_openings(role, 10, sector, period=f"{year}")
        make_postings(role, 10, sector, period=f"{year}")
        make_graduates(role, 1, sector, period=f"{year}")
        make_supply(role, 1, sector=sector, counted_at=hong_kong(year, 6, 1))
        override(role, 0.5, f"{year}", sector)
    assert len(read()) == len(before) + 20


PERIODS = st.dictionaries(st.integers(2000, 2040), st.tuples(COUNTS, COUNTS), min_size=1, max_size=4)
SUPPLIES = st.dictionaries(st.integers(2000, 2040), COUNTS, max_size=4)


def shortages(periods, counts, more_openings=0, more_people=0):
    """{period: shortage} of a role with {year: (openings, graduates)} and {year of a count: learners}."""
    with transaction.atomic():
        role = make_role()
        for year, (openings, n_graduates) in periods.items():
            make_openings(role, openings + more_openings, period=f"{year}", source_date=date(year, 1, 1))
            make_graduates(role, n_graduates, period=f"{year}")
        for year, n_meeting in counts.items():
            make_supply(role, n_meeting + more_people, counted_at=hong_kong(year, 6, 1))
        found = {period: one.shortage for period, one in periods_of(role).items()}
        transaction.set_rollback(True)
    return found


@PROPERTY
@given(PERIODS, SUPPLIES)
def test_it_is_the_arithmetic_of_each_period_and_lies_in_0_1(periods, counts):
    found = shortages(periods, counts)
    for year, (openings, n_graduates) in periods.items():
        counted = [at for at in sorted(counts) if at <= year or year == max(periods)]
        if not counted:
            assert found[f"{year}"] is None
            continue
        missing = max(0, openings - rounded(counts[counted[-1]]) - n_graduates)
        assert found[f"{year}"] == (missing / openings if openings else 0)
        assert 0 <= found[f"{year}"] <= 1


@PROPERTY
@given(PERIODS, SUPPLIES, COUNTS)
def test_in_every_period_more_openings_never_make_it_smaller_nor_more_people_larger(periods, counts, more):
    found = shortages(periods, counts)
    with_openings = shortages(periods, counts, more_openings=more)
    with_people = shortages(periods, counts, more_people=more)
    for period, shortage in found.items():
        if shortage is None:
            assert with_openings[period] is with_people[period] is None
        else:
            assert with_people[period] <= shortage <= with_openings[period]
