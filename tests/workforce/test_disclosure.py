"""What everybody may know of the supply: added up, rounded once, and never to be led back."""

import re
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.workforce.disclosure import PublicSupply, rounded
from recommender.workforce.models import RoleSupply
from recommender.workforce.shortage import role_shortages, skill_shortages
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


@pytest.mark.parametrize(
    ("n_meeting", "n_expected", "expected"),
    [
        (0, 0, (0, 0, 0)),
        (3, 2, (5, 5, 5)),
        (9, 0, (5, 0, 5)),
        (4, 6, (5, 5, 10)),
        (7, 7, (5, 5, 10)),
        (9, 9, (5, 5, 20)),
        (12, 1, (10, 5, 10)),
        (14, 14, (10, 10, 30)),
        (101, 203, (100, 200, 300)),
    ],
)
def test_the_sum_is_rounded_once(n_meeting, n_expected, expected):
    supply = PublicSupply(RoleSupply(n_meeting=n_meeting, n_expected=n_expected))
    assert (supply.n_meeting, supply.n_expected, supply.n_learners) == expected


def test_no_small_count_can_be_worked_out_from_what_is_shown_of_a_place():
    alike = defaultdict(set)
    for n_meeting in range(31):
        for n_synthetic in range(n_meeting + 1):
            for n_expected in range(31):
                supply = PublicSupply(
                    RoleSupply(n_meeting=n_meeting, n_expected=n_expected, n_synthetic_meeting=n_synthetic)
                )
                shown = supply.n_meeting, supply.n_expected, supply.n_learners, supply.n_synthetic_meeting
                alike[shown].add((n_meeting, n_expected, n_meeting + n_expected, n_synthetic))
    for counts in alike.values():
        for possible in map(set, zip(*counts, strict=True)):
            # 0 is told, and what is larger than anything tried has no neighbour here.
            assert len(possible) > 1 or possible == {0} or min(possible) >= 10


@pytest.mark.django_db
def test_all_that_is_worked_out_is_worked_out_from_rounded_counts():
    role, finance = make_role(), make_sector()
    make_openings(role, 100)
    make_openings(role, 50, finance)
    make_graduates(role, 3)
    exact = make_supply(role, n_meeting=12, n_expected=1, n_synthetic_meeting=11)
    make_supply(role, n_meeting=11, sector=finance)
    found = role_shortages()[role.pk]
    assert (found.n_meeting, found.n_expected, found.supply.n_synthetic_meeting) == (10, 5, 10)
    # 12 + 1 learners count as 10.
    assert (found.n_learners, found.n_graduates, found.n_supply, found.shortage) == (10, 3, 13, 0.87)
    assert (found.sectors[0].n_meeting, found.sectors[0].shortage) == (10, 0.8)
    assert (found.supply.counted_at, found.supply.exact) == (exact.counted_at, exact)


@pytest.mark.django_db
def test_a_few_learners_do_not_turn_a_shortage_into_none():
    role = make_role()
    make_openings(role, 16)
    make_supply(role, n_meeting=3, n_expected=2)
    make_graduates(role, 6)
    # 3 + 2 learners count as 5, and 6 graduates.
    assert role_shortages()[role.pk].shortage == 5 / 16


@pytest.mark.django_db
def test_the_figure_that_is_shown_is_the_one_that_lists_are_ranked_by(client):
    skill = make_skill("risk")
    role = make_role("quant", needs={skill: (1.0, 3)})
    make_openings(role, 18)
    make_supply(role, n_meeting=7)
    # 7 learners count as 5.
    assert skill_shortages([skill.pk]).share.tolist() == [13 / 18]
    assert role_shortages()[role.pk].shortage == 13 / 18
    assert client.get("/api/v1/skills/risk/").json()["shortage"] == 13 / 18
    assert client.get("/api/v1/roles/quant/").json()["shortage"]["value"] == 13 / 18
    for address in ("/roles/quant/", "/skills/risk/", "/roles/"):
        assert "72%" in client.get(address).content.decode()


@pytest.mark.django_db
def test_what_was_not_counted_stays_unknown(django_assert_num_queries):
    role = make_role()
    make_openings(role, 10)
    with django_assert_num_queries(5):
        found = role_shortages(only=[role.pk])[role.pk]
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
