"""When a period ends, from the words of its source; what they do not say for certain stays unknown."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.workforce.periods import end_of, in_order, nearness


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2027", date(2027, 12, 31)),
        ("2026年", date(2026, 12, 31)),
        ("2026 Q1", date(2026, 3, 31)),
        ("Q3 2026", date(2026, 9, 30)),
        ("2026年第2季", date(2026, 6, 30)),
        ("2026-02", date(2026, 2, 28)),
        ("February 2028", date(2028, 2, 29)),
        ("Sep 2026", date(2026, 9, 30)),
        ("2026年3月", date(2026, 3, 31)),
        ("2026-03-15", date(2026, 3, 15)),
        ("29 March 2018", date(2018, 3, 29)),
        ("30 days to 29 March 2018", date(2018, 3, 29)),
        ("November-December 2022", date(2022, 12, 31)),
        ("2024–2028", date(2028, 12, 31)),
        ("2024 to 2028", date(2028, 12, 31)),
        ("2024年至2028年", date(2028, 12, 31)),
        (" march  2025 ", date(2025, 3, 31)),
        ("January-2026", date(2026, 1, 31)),
        ("Q1-Q2 2026", date(2026, 6, 30)),
        ("financial year 2025 to 2026", None),
        ("up to 2026", None),
        ("2026 to 2025", None),
    ],
)
def test_words_that_say_it(period, expected):
    assert end_of(period) == expected


@pytest.mark.parametrize(
    "period",
    [
        "",
        "2025/26",
        "2025-26",
        "mid-2026",
        "2026 H1",
        "2028 projection",
        "2025, 2026",
        "31 June 2026",
        "soon",
    ],
)
def test_words_that_do_not(period):
    assert end_of(period) is None


@given(st.text(max_size=64))
def test_no_words_are_an_error(period):
    assert end_of(period) is None or end_of(period).year >= 1900


def test_the_earliest_end_comes_first_and_the_unknown_last():
    periods = ["2028", "soon", "2026 Q1", "March 2025", "2026", "any day"]
    assert in_order(periods) == ["March 2025", "2026 Q1", "2026", "2028", "any day", "soon"]


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        # Today lies in 2026 Q4; 2027 comes next.
        (date(2026, 11, 26), ["2025/26", "2024", "2026 Q3", "2028", "2027", "2026 Q4"]),
        # The last day of a quarter still lies in it.
        (date(2026, 9, 30), ["2025/26", "2024", "2028", "2027", "2026 Q4", "2026 Q3"]),
        (date(2026, 10, 1), ["2025/26", "2024", "2026 Q3", "2028", "2027", "2026 Q4"]),
        (date(2027, 1, 1), ["2025/26", "2024", "2026 Q3", "2026 Q4", "2028", "2027"]),
        # All are over: the last one.
        (date(2030, 1, 1), ["2025/26", "2024", "2026 Q3", "2026 Q4", "2027", "2028"]),
    ],
)
def test_the_period_that_stands_for_today_comes_last(today, expected):
    periods = sorted(expected)
    assert sorted(periods, key=lambda period: nearness(period, today)) == expected
