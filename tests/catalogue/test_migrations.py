"""What the migrations do with rows that are there."""

from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = [("catalogue", "0001_initial")], [("catalogue", "0005_registration_moved")]


def migrate(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def before(transactional_db):
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrate(BEFORE)
    migrate(latest)


FACTS = {
    "yes": {
        "is_cef_registered": True,
        "cef_from": date(2026, 1, 1),
        "cef_to": date(2027, 12, 31),
        "source_url": "https://example.hk/yes",
        "as_of": date(2026, 10, 2),
    },
    "no": {"is_cef_registered": False, "source_url": "a leaflet"},
    "unknown": {"is_cef_registered": None},
}


def test_registrations_become_listings_and_back(before):
    provider = before.get_model("catalogue", "Provider").objects.create(
        code="p", name_en="P", kind="university"
    )
    for code, facts in FACTS.items():
        before.get_model("catalogue", "Course").objects.create(
            code=code, title_en=code, provider=provider, **facts
        )
    after = migrate(AFTER)
    listings = after.get_model("catalogue", "SubsidyListing").objects.filter(scheme__slug="cef")
    fields = ("course__code", "is_listed", "listed_from", "listed_to", "source_url", "as_of")
    assert set(listings.values_list(*fields)) == {
        ("yes", True, date(2026, 1, 1), date(2027, 12, 31), "https://example.hk/yes", date(2026, 10, 2)),
        ("no", False, None, None, "", None),
    }
    again = migrate(BEFORE).get_model("catalogue", "Course").objects
    for code, facts in FACTS.items():
        course = again.get(code=code)
        assert {name: getattr(course, name) for name in facts} == facts
    again.all().delete()


def test_a_timetable_is_kept_as_the_english_one(transactional_db):
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    before = migrate([("catalogue", "0007_tagging_runs")])
    provider = before.get_model("catalogue", "Provider").objects.create(
        code="p", name_en="P", kind="university"
    )
    course = before.get_model("catalogue", "Course").objects.create(code="c", title_en="C", provider=provider)
    days = {"starts_on": date(2027, 1, 1), "ends_on": date(2027, 2, 1)}
    before.get_model("catalogue", "Offering").objects.create(
        course=course, code="o", timetable="Tuesdays", **days
    )
    after = migrate([("catalogue", "0008_fee_basis_and_district")])
    offering = after.get_model("catalogue", "Offering").objects.get()
    assert (offering.timetable_en, offering.timetable_zh_hant, offering.district) == ("Tuesdays", "", "")
    assert after.get_model("catalogue", "Course").objects.get().fee_basis == "whole"
    after.get_model("catalogue", "Course").objects.all().delete()
    migrate(latest)
