"""Shortage, demand and supply as JSON: what was counted stands beside, and unknown is null."""

from datetime import UTC, date, datetime

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


def test_a_role_tells_its_shortage_in_every_period_and_sector(client):
    role, finance = make_role("quant"), make_sector("finance")
    make_openings(role, 100, period="2026", source_date=date(2026, 9, 1))
    make_openings(role, 200, period="2030", source_date=date(2024, 11, 14))
    make_openings(role, 40, finance, period="2030", source_date=date(2024, 11, 14), is_synthetic=True)
    make_openings(role, 9, period="2019", description="postings")
    Demand.objects.filter(description="postings").update(measure="counted_postings")
    make_supply(role, n_meeting=44)
    make_supply(role, n_meeting=3, sector=finance)
    ShortageOverride.objects.create(role=role, period="2030", shortage=0.9, reason="They move here.")
    rows = client.get("/api/v1/roles/quant/").json()["shortages"]
    keys = ["period", "sector", "ends_on", "is_current", "openings", "n_supply", "computed", "value"]
    assert [[row[key] for key in keys] for row in rows] == [
        ["2019", None, "2019-12-31", False, None, None, None, None],
        ["2026", None, "2026-12-31", True, 100, 40, 0.6, 0.6],
        ["2030", None, "2030-12-31", False, 200, 40, 0.8, 0.9],
        ["2030", "finance", "2030-12-31", True, 40, 5, 0.875, 0.875],
    ]
    assert [figure["value"] for figure in rows[0]["postings"]] == ["9.00"]
    assert rows[2]["override"]["reason"] == "They move here."
    assert [row["is_synthetic"] for row in rows] == [False, False, False, True]
    assert rows[3]["demand"][0]["source_date"] == "2024-11-14"


def test_nothing_loaded_no_periods(client):
    make_supply(make_role("quant"), n_meeting=3)
    assert client.get("/api/v1/roles/quant/").json()["shortages"] == []
    assert "shortages" not in client.get("/api/v1/roles/").json()["results"][0]


def test_how_much_a_role_asks(client, django_assert_num_queries):
    role = make_role("quant", needs={make_skill(): (0.5, 3)})
    for year in (2020, 2021, 2022, 2030, 2031):
        make_openings(role, 10, make_sector(), period=f"{year}")
        make_supply(role, counted_at=datetime(year - 6, 1, 1, tzinfo=UTC))
    with django_assert_num_queries(10):
        assert len(client.get("/api/v1/roles/quant/").json()["shortages"]) == 10


@pytest.mark.parametrize(("address", "n_queries"), [("/api/v1/roles/", 11), ("/api/v1/skills/", 9)])
def test_how_much_a_list_asks(client, address, n_queries, django_assert_num_queries):
    for _ in range(3):
        role = make_role(needs={make_skill(): (0.5, 3)})
        make_openings(role, 10, make_sector())
        make_supply(role)
    with django_assert_num_queries(n_queries):
        assert client.get(address).status_code == 200
