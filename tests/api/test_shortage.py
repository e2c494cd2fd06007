"""Shortage, demand and supply as JSON: what was counted stands beside, and unknown is null."""

from datetime import date

import pytest

from recommender.workforce.models import Demand, ShortageOverride
from tests.factories import make_graduates, make_openings, make_role, make_sector, make_skill, make_supply

pytestmark = pytest.mark.django_db


def shortage_of(client, slug):
    return client.get(f"/api/v1/roles/{slug}/").json()["shortage"]


def test_a_role_tells_its_shortage_and_what_was_counted(client):
    role, finance = make_role("quant"), make_sector("finance")
    make_openings(role, 100, finance, source_date=date(2026, 10, 2), is_synthetic=True)
    make_supply(role, n_meeting=30, n_expected=10, n_synthetic_meeting=5)
    make_graduates(role, 10)
    found = shortage_of(client, "quant")
    assert (found["value"], found["computed"], found["override"]) == (0.5, 0.5, None)
    assert (found["openings"], found["n_supply"], found["period"]) == (100, 50, "2027")
    assert found["is_synthetic"] is True
    assert found["demand"] == [
        {
            "sector": "finance",
            "description": "openings",
            "value": "100.00",
            "unit": "posts",
            "period": "2027",
            "source_url": "https://example.hk/openings",
            "source_date": "2026-10-02",
            "is_synthetic": True,
        }
    ]
    assert found["supply"]["n_meeting"] == 30
    assert found["supply"]["n_synthetic_meeting"] == 5
    assert found["graduates"][0]["count"] == 10
    (in_finance,) = found["sectors"]
    assert (in_finance["sector"], in_finance["openings"], in_finance["value"]) == ("finance", 100, None)


def test_unknown_is_null_and_postings_are_a_signal_of_their_own(client):
    role = make_role("quant")
    make_supply(role, n_meeting=3)
    make_openings(role, 40, description="postings naming it")
    Demand.objects.update(measure="counted_postings")
    body = client.get("/api/v1/roles/quant/").json()
    assert (body["shortage"]["value"], body["shortage"]["openings"]) == (None, None)
    assert body["shortage"]["demand"] == []
    assert [figure["value"] for figure in body["postings"]] == ["40.00"]


def test_an_officers_figure_comes_with_its_reason_and_without_a_name(client):
    role = make_role("quant")
    make_openings(role, 100)
    make_supply(role)
    ShortageOverride.objects.create(role=role, shortage=0.3, reason="They hire abroad.")
    found = shortage_of(client, "quant")
    assert (found["value"], found["computed"]) == (0.3, 1)
    assert found["override"]["reason"] == "They hire abroad."
    assert set(found["override"]) == {"shortage", "reason", "made_at"}


def test_a_skill_tells_the_mean_of_its_roles_or_null(client):
    python = make_skill("python")
    make_skill("silent")
    for openings, n_meeting, importance in ((100, 50, 1.0), (100, 0, 0.5)):
        role = make_role(needs={python: (importance, 3)})
        make_openings(role, openings)
        make_supply(role, n_meeting)
    expected = (100 * 1.0 * 0.5 + 100 * 0.5 * 1.0) / (100 * 1.0 + 100 * 0.5)
    assert client.get("/api/v1/skills/python/").json()["shortage"] == pytest.approx(expected)
    listed = {row["slug"]: row["shortage"] for row in client.get("/api/v1/skills/").json()["results"]}
    assert listed == {"python": pytest.approx(expected), "silent": None}


@pytest.mark.parametrize(("address", "n_queries"), [("/api/v1/roles/", 11), ("/api/v1/skills/", 9)])
def test_how_much_a_list_asks(client, address, n_queries, django_assert_num_queries):
    for _ in range(3):
        role = make_role(needs={make_skill(): (0.5, 3)})
        make_openings(role, 10, make_sector())
        make_supply(role)
    with django_assert_num_queries(n_queries):
        assert client.get(address).status_code == 200
