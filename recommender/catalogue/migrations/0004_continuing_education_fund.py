"""The Continuing Education Fund with its rules, and what courses said about their registration with it.

What the sources do not state stays empty.
"""

from datetime import date

from django.db import migrations

SCHEME = {
    "name_en": "Continuing Education Fund",
    "name_zh_hant": "持續進修基金",
    "name_zh_hans": "持续进修基金",
    "url": "https://www.wfsfaa.gov.hk/cef/",
    "run_by": "Working Family and Student Financial Assistance Agency",
}
AS_OF = date(2026, 11, 25)
# Each with its tiers: percent of the fee, up to a subsidy in cents.
RULES = [
    (
        {
            "valid_from": None,
            "valid_to": date(2019, 3, 31),
            "ceiling_cents": 1_000_000,
            "min_age": 18,
            "needs_residence": True,
            "source_url": "https://www.info.gov.hk/gia/general/200902/25/P200902240219_print.htm",
        },
        [(80, 1_000_000)],
    ),
    (
        {
            "valid_from": date(2019, 4, 1),
            "valid_to": date(2022, 7, 31),
            "ceiling_cents": 2_000_000,
            "min_age": 18,
            "claim_within_months": 12,
            "source_url": "http://cice.edu.hk/en/Other_course_CEF.html",
        },
        [(80, 1_000_000), (60, 1_000_000)],
    ),
    (
        {
            "valid_from": date(2022, 8, 1),
            "valid_to": None,
            "ceiling_cents": 2_500_000,
            "min_age": 18,
            "min_attendance_percent": 70,
            "min_mark_percent": 50,
            "claim_within_months": 12,
            "needs_residence": True,
            "source_url": "https://www.wfsfaa.gov.hk/cef/",
        },
        [(80, 1_000_000), (60, 1_500_000)],
    ),
]


def load(apps, schema_editor):
    Scheme, Rule, Tier = (apps.get_model("catalogue", f"Subsidy{name}") for name in ("Scheme", "Rule", "Tier"))
    scheme, is_new = Scheme.objects.get_or_create(slug="cef", defaults=SCHEME)
    if not is_new:
        return
    for facts, tiers in RULES:
        rule = Rule.objects.create(scheme=scheme, as_of=AS_OF, **facts)
        for position, (percent, up_to_cents) in enumerate(tiers, start=1):
            Tier.objects.create(rule=rule, position=position, percent=percent, up_to_cents=up_to_cents)


def move_registrations(apps, schema_editor):
    Course, Listing = (apps.get_model("catalogue", name) for name in ("Course", "SubsidyListing"))
    scheme = apps.get_model("catalogue", "SubsidyScheme").objects.get(slug="cef")
    Listing.objects.bulk_create(
        Listing(
            course=course,
            scheme=scheme,
            is_listed=course.is_cef_registered,
            listed_from=course.cef_from,
            listed_to=course.cef_to,
            source_url=course.source_url if course.source_url.startswith("http") else "",
            as_of=course.as_of,
        )
        for course in Course.objects.filter(is_cef_registered__isnull=False)
    )


def move_back(apps, schema_editor):
    Course, Listing = (apps.get_model("catalogue", name) for name in ("Course", "SubsidyListing"))
    listings = Listing.objects.filter(scheme__slug="cef")
    for listing in listings:
        Course.objects.filter(pk=listing.course_id).update(
            is_cef_registered=listing.is_listed, cef_from=listing.listed_from, cef_to=listing.listed_to
        )
    listings.delete()


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_subsidies")]

    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        migrations.RunPython(move_registrations, move_back),
    ]
