"""What the public is told of the supply: rounded before anything is worked out from it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.workforce.disclosure import public_shortages, rounded
from recommender.workforce.shortage import role_shortages
from tests.factories import make_graduates, make_openings, make_role, make_sector, make_skill, make_supply


@pytest.mark.parametrize(
    ("count", "expected"), [(0, 0), (1, 5), (9, 5), (10, 10), (14, 10), (15, 20), (1_234, 1_230)]
)
def test_to_tens(count, expected):
    assert rounded(count) == expected


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_rounding_keeps_the_order_and_never_hides_that_there_is_somebody(one, other):
    assert rounded(min(one, other)) <= rounded(max(one, other))
    assert (rounded(one) == 0) == (one == 0)
    assert abs(rounded(one) - one) <= 5


@pytest.mark.django_db
def test_all_that_is_worked_out_is_worked_out_from_rounded_counts():
    role, finance = make_role(), make_sector()
    make_openings(role, 100)
    make_openings(role, 50, finance)
    make_graduates(role, 3)
    make_supply(role, n_meeting=12, n_expected=1, n_synthetic_meeting=11)
    make_supply(role, n_meeting=11, sector=finance)
    found = public_shortages()[role.pk]
    assert (found.n_meeting, found.n_expected, found.supply.n_synthetic_meeting) == (10, 5, 10)
    assert (found.n_graduates, found.n_supply, found.shortage) == (3, 18, 0.82)
    assert (found.sectors[0].n_meeting, found.sectors[0].shortage) == (10, 0.8)
    assert found.supply.counted_at == role_shortages()[role.pk].supply.counted_at
    assert role_shortages()[role.pk].n_supply == 16


@pytest.mark.django_db
def test_what_was_not_counted_stays_unknown(django_assert_num_queries):
    role = make_role()
    make_openings(role, 10)
    with django_assert_num_queries(5):
        found = public_shortages(only=[role.pk])[role.pk]
    assert (found.supply, found.shortage) == (None, None)


def shown(client, address):
    """The answer without the tags whose secrets are new each time."""
    return re.sub("<[^>]*(csrf|nonce)[^>]*>", "", client.get(address).content.decode(), flags=re.IGNORECASE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/roles/quant/",
        "/api/v1/roles/",
        "/api/v1/skills/",
        "/",
        "/roles/",
        "/roles/quant/",
        "/skills/risk/",
    ],
)
def test_two_cities_that_differ_by_one_learner_look_the_same_to_a_visitor(client, address):
    skill = make_skill("risk")
    role, finance = make_role("quant", needs={skill: (1.0, 3)}), make_sector()
    make_openings(role, 7)
    make_openings(role, 7, finance)
    of_city, of_sector = make_supply(role, n_meeting=1), make_supply(role, n_meeting=1, sector=finance)
    before = shown(client, address)
    for supply in (of_city, of_sector):
        supply.n_meeting = 2
        supply.save()
    assert shown(client, address) == before
