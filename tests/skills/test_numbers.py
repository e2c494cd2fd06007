"""Numbers as people read them."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from recommender.skills.numbers import rounded


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [
        (0.1999, 3, "0.200"),
        (2.96, 1, "3.0"),
        (1234567.891, 2, "1,234,567.89"),
        (1234, 0, "1,234"),
        (Decimal("2.999"), 2, "3.00"),
        (0.00004, 4, "0.0000"),
        (-1.26, 1, "-1.3"),
    ],
)
def test_the_last_decimal_is_rounded(number, decimals, text):
    with translation.override("en"):
        assert rounded(number, decimals) == text


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_what_is_shown_is_never_further_away_than_half_of_its_last_decimal(number, decimals):
    with translation.override("en"):
        shown = float(rounded(number, decimals).replace(",", ""))
    assert abs(shown - number) <= 0.5 * 10.0**-decimals * (1 + 1e-6) + 1e-6
