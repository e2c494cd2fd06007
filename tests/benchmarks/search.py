"""How long does a search of the catalogue take, with its filters counted?

    python -m tests.benchmarks.search [--courses 10000] [--sqlite]

The sample's courses, repeated until there are enough (synthetic in number, real in their texts), in a fresh
PostgreSQL, or with --sqlite a fresh SQLite. For each query the milliseconds, median and 95th percentile of 30
calls after a first one: finding and counting as the page does it, and the whole page through Django.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack

from tests import services

QUERIES = {
    "everything": "",
    "a word": "q=python",
    "two words": "q=machine+learning",
    "a typing error": "q=machien+lerning",
    "Traditional Chinese": "q=人工智能",
    "Chinese without a space": "q=金融科技課程",
    "a word and two filters": "q=data&mode=online&cost=unstated",
    "sorted by fee": "sort=fee",
}
CALLS = 30


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--courses", type=int, default=10_000, help="default: 10000")
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        os.environ["HKTALENT_VAR"] = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ.pop("DATABASE_URL", None)
        if not options.sqlite:
            os.environ["DATABASE_URL"] = stack.enter_context(services.postgres())
        os.environ["DJANGO_SETTINGS_MODULE"] = "hktalent.settings"
        import django

        django.setup()
        fill(options.courses)
        measure("SQLite" if options.sqlite else "PostgreSQL")
        django.db.connections.close_all()


def fill(n_courses):
    from django.core.management import call_command
    from django.db import connection

    from recommender.catalogue.models import Course, CourseSkill
    from recommender.catalogue.search_index import index
    from recommender.learners.sample import load_sample

    call_command("migrate", verbosity=0)
    load_sample()
    originals = list(Course.objects.all())
    taught = list(CourseSkill.objects.all())
    copy = 0
    while Course.objects.count() + len(originals) <= n_courses:
        copy += 1
        copies = {}
        for course in originals:
            fields = {field.attname: getattr(course, field.attname) for field in Course._meta.concrete_fields}
            copies[course.pk] = Course(**fields | {"id": None, "code": f"{course.code}-{copy}"})
        Course.objects.bulk_create(copies.values())
        CourseSkill.objects.bulk_create(
            CourseSkill(course=copies[row.course_id], skill_id=row.skill_id, level=row.level)
            for row in taught
        )
    began = time.perf_counter()
    index(Course.objects.all())
    with connection.cursor() as cursor:
        # What PostgreSQL does by itself within a minute.
        cursor.execute("ANALYZE")
    print(
        f"{Course.objects.count():,} courses, {CourseSkill.objects.count():,} skills of courses; "
        f"indexed in {time.perf_counter() - began:.1f} s",
        file=sys.stderr,
    )


def measure(database):
    from django.http import QueryDict
    from django.test import Client

    from recommender.portal.facets import Facets
    from recommender.portal.forms import CatalogueForm

    def search(query):
        form = CatalogueForm(QueryDict(query))
        form.is_valid()
        facets = Facets(form.courses(), QueryDict(query))
        facets.facets()
        return facets.course_ids()

    client = Client(SERVER_NAME="localhost")
    print(f"{os.cpu_count()} cores, {database}")
    print("| query | found | search, ms | 95th | page, ms | 95th |\n|---|---|---|---|---|---|")
    for name, query in QUERIES.items():
        n_found = len(search(query))
        cells = [
            *times(lambda query=query: search(query)),
            *times(lambda query=query: client.get(f"/courses/?{query}")),
        ]
        print(f"| {name} | {n_found:,} | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |", flush=True)


def times(call):
    """Median and 95th percentile, milliseconds."""
    call()
    taken = []
    for _number in range(CALLS):
        began = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken), sorted(taken)[int(0.95 * CALLS)]


if __name__ == "__main__":
    main()
