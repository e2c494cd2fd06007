"""The brief of missing courses in the admin: the live run's, by discipline, as a file, for those who may."""

import csv
import io

import pytest
from django.urls import reverse

from recommender.recommendations.models import LiveRun, MissingCourse
from tests.cast import grant
from tests.factories import make_run, make_skill
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
LIST = reverse("admin:recommendations_missingcourse_changelist")
EXPORT = reverse("admin:recommendations_missingcourse_export")


def make_missing(run, skill, level=3, **fields):
    numbers = {"n_lacking": 5, "n_unlocked": 3, "n_synthetic_lacking": 0, "n_synthetic_unlocked": 0}
    return MissingCourse.objects.create(
        run=run, skill=skill, level=level, **numbers | {"because": {"untaught": 3}} | fields
    )


@pytest.fixture
def live():
    run = make_run(has_lists=False)
    LiveRun.objects.create(run=run)
    return run


@pytest.fixture
def officer(cast):
    grant(cast["officer"].user, "recommendations.view_missingcourse")
    return cast["officer"]


def exported(answer):
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_list_is_of_the_live_run_and_ranked(officer, live):
    few = make_missing(live, make_skill("few"), n_unlocked=1)
    unknown, short, less = (
        make_missing(live, make_skill(name), shortage=shortage)
        for name, shortage in (("unknown", None), ("short", 0.9), ("less", 0.2))
    )
    make_missing(make_run(has_lists=False), make_skill("before"), n_unlocked=5)
    page = officer.get(LIST)
    assert list(page.context["cl"].result_list) == [short, less, unknown, few]
    text = page.content.decode()
    assert "0.900" in text
    assert "unknown" in text
    assert "nobody teaches it: 3" in text
    assert "Synthetic learners are among those counted" not in text


def test_synthetic_learners_are_named(officer, live):
    make_missing(live, make_skill(), n_synthetic_lacking=1)
    assert "Synthetic learners are among those counted" in officer.get(LIST).content.decode()


def test_a_shortage_from_synthetic_figures_says_so(officer, live):
    make_missing(live, make_skill(), shortage=0.5, is_shortage_synthetic=True)
    assert "0.500, from synthetic figures" in officer.get(LIST).content.decode()
    header, row = exported(officer.get(EXPORT))
    assert dict(zip(header, row, strict=True))["Shortage from synthetic figures"] == "yes"


def test_what_stands_in_the_way_is_said_the_most_frequent_first(officer, live):
    make_missing(live, make_skill(), because={"hours": 1, "language": 2})
    assert "language: 2, hours a week: 1" in officer.get(LIST).content.decode()


def test_the_file_holds_what_the_list_shows_under_its_filters(officer, live):
    make_missing(live, make_skill("nlp", discipline="nlp", name_zh_hant="自然語言處理"), because={"hours": 3})
    make_missing(live, make_skill("cloud", discipline="cloud"), level=2, shortage=0.25, n_unlocked=4)
    query = "?skill__discipline__exact=nlp"
    assert f'href="{EXPORT}{query}"' in officer.get(LIST + query).content.decode()
    officer.cookies["django_language"] = "zh-hant"
    [_, row] = exported(officer.get(EXPORT + query))
    assert row[:3] == ["1", "自然語言處理", "nlp"]
    officer.cookies["django_language"] = "en"
    header, *rows = exported(officer.get(EXPORT))
    table = [dict(zip(header, row, strict=True)) for row in rows]
    assert [row["Skill"] for row in table] == ["cloud", "nlp"]
    assert table[0] == table[0] | {
        "Rank": "1",
        "Subject": "Cloud computing",
        "Level": "2",
        "Level in words": "Beginner",
        "Learners a course would unlock": "4",
        "Learners who lack it": "5",
        "Shortage": "0.25",
        "nobody teaches it": "3",
        "hours a week": "0",
        "Run": f"{live.pk}",
    }
    assert (table[1]["Shortage"], table[1]["hours a week"]) == ("unknown", "3")


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("https://evil.example")']
)
def test_no_cell_of_the_file_is_a_formula(officer, live, name):
    make_missing(live, make_skill("s", name_en=name))
    [_, row] = exported(officer.get(EXPORT))
    assert row[1:3] == [f"'{name}"] * 2


def test_before_the_first_run_the_list_and_the_file_are_empty(officer):
    assert list(officer.get(LIST).context["cl"].result_list) == []
    assert len(exported(officer.get(EXPORT))) == 1


@pytest.mark.parametrize("address", [LIST, EXPORT])
def test_who_may_see_it(cast, officer, live, address):
    for part in ("anonymous", "owner", "other"):
        assert cast[part].get(address).url.startswith("/admin/login/")
    assert cast["staff"].get(address).status_code == 403
    assert officer.get(address).status_code == cast["superuser"].get(address).status_code == 200


@pytest.mark.parametrize("address", [LIST, EXPORT])
def test_no_more_queries_for_20_rows_than_for_one(officer, live, address):
    make_missing(live, make_skill())
    before = count_queries(officer, address)
    for _ in range(20):
        make_missing(live, make_skill())
    assert count_queries(officer, address) == before


def test_nobody_writes_it(cast, live):
    row = make_missing(live, make_skill())
    assert cast["superuser"].get(f"{LIST}add/").status_code == 403
    assert cast["superuser"].post(f"{LIST}{row.pk}/change/").status_code == 403
    assert cast["superuser"].post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
