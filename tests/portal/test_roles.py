"""The role explorer and the page of a skill: figures with what was counted, and unknown never as zero."""

import re
from datetime import UTC, date, datetime

import pytest
from django.utils.timezone import localtime

from recommender.learners.models import Learner
from recommender.workforce.models import Demand, ShortageOverride
from tests.factories import (
    make_course,
    make_graduates,
    make_learner,
    make_openings,
    make_provider,
    make_role,
    make_sector,
    make_skill,
    make_supply,
    make_user,
)
from tests.portal.conftest import signed_in
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def text_of(client, address):
    page = client.get(address)
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def make_figure(measure, value, **fields):
    defaults = {
        "description": measure,
        "unit": "people",
        "period": "2028",
        "source_url": "https://gov.example",
    }
    return Demand.objects.create(measure=measure, value=value, **defaults | fields)


@pytest.fixture
def short(city):
    """The city's role with 200 openings and 50 people who can fill them."""
    make_openings(city.role, 200, source_url="https://jobs.example/2027", source_date=date(2026, 10, 2))
    make_supply(city.role, n_meeting=20, n_expected=10, n_synthetic_meeting=5)
    make_graduates(city.role, 20)
    return city


def test_roles_come_with_the_shortest_first_and_the_unknown_last(short, client):
    mild, silent = make_role("mild", name_en="Mild role"), make_role("silent", name_en="A silent role")
    make_openings(mild, 100)
    make_supply(mild, n_meeting=90)
    page = client.get("/roles/")
    assert [row.shown.role for row in page.context["rows"]] == [short.role, mild, silent]
    text = " ".join(page.content.decode().split())
    for words in ("Large shortage", "75%", "Slight shortage", "10%", "Shortage unknown"):
        assert words in text
    assert "The shortage of 1 is unknown, which is not the same as none." in text


def test_a_role_without_openings_has_no_figure_anywhere(city, client):
    make_supply(city.role, n_meeting=3)
    for address in ("/roles/", "/roles/data-scientist/", "/skills/python/"):
        assert "Shortage unknown" in text_of(client, address)
    text = text_of(client, "/roles/data-scientist/")
    assert "Nobody has loaded a count of openings for this role" in text
    assert ">0%<" not in text
    assert "No shortage" not in text


def test_before_the_first_count_the_shortage_is_unknown_too(city, client):
    make_openings(city.role, 10)
    assert "have not been counted yet" in text_of(client, "/roles/data-scientist/")


def test_a_sector_filters_the_roles_by_their_own_and_by_their_openings(short, client):
    own, by_openings = make_role("own"), make_role("by-openings")
    finance = make_sector("finance")
    own.sectors.add(finance)
    make_openings(by_openings, 5, finance)
    page = client.get("/roles/?sector=finance")
    assert {row.shown.role for row in page.context["rows"]} == {own, by_openings}
    assert len(client.get("/roles/?sector=nowhere").context["rows"]) == 3


def test_counted_postings_are_shown_apart_and_change_nothing(short, client):
    before = client.get("/roles/").context["rows"][0].shown.counted.shortage
    make_figure("counted_postings", 1234, role=short.role, description="postings naming it")
    page = client.get("/roles/")
    assert page.context["rows"][0].shown.counted.shortage == before
    assert "1,234" in page.content.decode()
    text = text_of(client, "/roles/data-scientist/")
    assert "It is never added to the openings." in text
    assert "postings naming it" in text


def test_a_role_says_how_its_shortage_comes_about(short, client):
    text = text_of(client, "/roles/data-scientist/")
    for words in [
        "(200 openings − about 50 people who can fill them) ÷ 200 openings",
        "which makes 75%",
        'href="https://jobs.example/2027"',
        "2 October 2026",
        "Synthetic: fewer than 10",
        "Graduates, 2027: 20",
    ]:
        assert words in text


def test_synthetic_figures_are_called_so(city, client):
    make_openings(city.role, 10, is_synthetic=True, source_url="synthetic: made up")
    make_supply(city.role)
    for address in ("/roles/", "/roles/data-scientist/", "/skills/python/"):
        assert "Synthetic figures" in text_of(client, address)
    assert "Synthetic: made up" in text_of(client, "/roles/data-scientist/")


def test_an_officers_figure_comes_with_its_reason_and_the_computed_one(short, client):
    officer = make_user("officer@example.hk")
    reason = "Two banks froze hiring."
    ShortageOverride.objects.create(role=short.role, shortage=0.2, reason=reason, made_by=officer)
    text = text_of(client, "/roles/data-scientist/")
    for words in ("Slight shortage", "20%", reason, "Computed it would be 75%."):
        assert words in text
    assert "officer@" not in text
    assert "Set by an officer" in text_of(client, "/roles/")


def test_few_learners_are_not_counted_out_in_public(city, client):
    make_openings(city.role, 100)
    make_supply(city.role, n_meeting=1, n_expected=34)
    text = text_of(client, "/roles/data-scientist/")
    # 1 + 34 learners are added up before they are rounded.
    for words in ("<dd> fewer than 10 </dd>", "<dd> about 30 </dd>", "<dd> about 40 </dd>"):
        assert words in text
    for words in ("− about 40 people", "which makes 60%"):
        assert words in text
    assert "about 40" in text_of(client, "/roles/")


def test_a_few_learners_of_both_kinds_do_not_fill_the_openings(city, client):
    make_openings(city.role, 16)
    make_supply(city.role, n_meeting=3, n_expected=2)
    make_graduates(city.role, 6)
    text = text_of(client, "/roles/data-scientist/")
    # 3 + 2 learners count as 5: (16 − 11) / 16 = 31%.
    assert "<dd> fewer than 10, counted as 5 </dd>" in text
    assert "(16 openings − about 11 people who can fill them) ÷ 16 openings" in text
    assert "which makes 31%" in text
    assert text.count("<dd> fewer than 10 </dd>") == 2


def test_manpower_of_a_sector_is_never_called_a_shortage_of_ai(short, client):
    health = make_sector("health-care", name_en="Hospitals")
    make_figure("manpower_shortage", 18_000, sector=health)
    assert "18,000" not in text_of(client, "/roles/data-scientist/")
    short.role.sectors.add(health)
    text = text_of(client, "/roles/data-scientist/")
    assert text.index("All manpower of the sector, not AI") < text.index(
        "Projected shortage of all manpower: 18,000"
    )
    assert "18,000" not in text_of(client, "/roles/")


@pytest.fixture
def in_periods(city):
    """Openings of 2026, the latest, of 2030, projected, and of 2019, before the first count; two postings."""
    role, finance = city.role, make_sector("finance", name_en="Finance")
    make_openings(role, 100, period="2026", source_date=date(2026, 9, 1))
    make_openings(role, 200, period="2030", source_date=date(2024, 9, 1), is_synthetic=True)
    make_openings(role, 80, finance, period="2030", source_date=date(2024, 9, 1))
    make_openings(role, 70, period="2019", source_date=date(2019, 9, 1))
    make_figure("counted_postings", 4321, role=role, period="2028")
    make_figure("counted_postings", 1234, role=role, period="2019", is_synthetic=True)
    make_supply(role, n_meeting=36)
    make_supply(role, n_meeting=3, sector=finance)
    make_graduates(role, 20, period="2030")
    ShortageOverride.objects.create(
        role=role, sector=finance, period="2030", shortage=0.5, reason="They move here."
    )
    return city


def rows_of(client, address):
    """The rows of the tables by period, each as one line of words."""
    tables = re.findall(r"<th scope=\"col\">Period</th>.*?</table>", text_of(client, address))
    rows = [row for table in tables for row in re.findall(r"<tr> <th scope=\"row\">.*?</tr>", table)]
    return [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in rows]


def test_a_role_shows_each_period_and_sector_with_what_was_counted(in_periods, client):
    today = localtime().strftime("%-d %B %Y")
    past, now, sampled, later, in_finance = rows_of(client, "/roles/data-scientist/")
    assert past == (
        "2019 All sectors Shortage unknown 70 example.hk 1 September 2019"
        " Unknown Graduates: none loaded 1,234 Synthetic figures gov.example Undated"
    )
    assert now == (
        "2026 All sectors Latest openings Large shortage 60% 100 example.hk 1 September 2026"
        f" about 40 Learners: counted {today} Graduates: none loaded None loaded"
    )
    assert sampled.startswith("2028 All sectors Shortage unknown Unknown about 40 Learners")
    assert "Graduates: none loaded 4,321 gov.example" in sampled
    # 200 openings, about 40 learners and 20 graduates.
    assert later.startswith("2030 All sectors Large shortage 70% Synthetic figures 200 example.hk")
    assert f"about 60 Learners: counted {today} Graduates: 20" in later
    assert in_finance.startswith(
        "2030 Finance Latest openings Moderate shortage 50% Set by an officer: They move here. 80"
    )


def test_the_chart_goes_from_the_first_known_shortage_to_the_last_with_gaps(in_periods, client):
    page = client.get("/roles/data-scientist/")
    trend = page.context["trend"]
    assert [(mark.label, mark.percent, mark.is_current) for mark in trend.marks] == [
        ("2026", 60, True),
        ("2028", None, False),
        ("2030", 70, False),
    ]
    assert trend.lines == []
    assert trend.is_synthetic
    assert [mark.x for mark in trend.marks] == [trend.left, (trend.left + trend.right) / 2, trend.right]
    text = text_of(client, "/roles/data-scientist/")
    assert "?</text>" in text
    assert "70%</text>" in text
    Demand.objects.filter(period="2028").delete()
    Demand.objects.update(is_synthetic=False)
    trend = client.get("/roles/data-scientist/").context["trend"]
    assert not trend.is_synthetic
    (line,) = trend.lines
    first, last = (float(point.split(",")[1]) for point in line.split())
    # A tenth more of the height.
    assert first - last == pytest.approx((trend.bottom - trend.top) / 10, abs=1)


def test_where_fewer_than_two_shortages_are_known_there_is_no_chart(short, client):
    assert client.get("/roles/data-scientist/").context["trend"] is None
    assert "<figure" not in text_of(client, "/roles/data-scientist/")


def test_the_explorer_shows_periods_of_all_sectors_or_of_the_one_chosen(in_periods, client):
    assert [row[:16] for row in rows_of(client, "/roles/")] == [
        f"{year} All sectors" for year in (2019, 2026, 2028, 2030)
    ]
    (in_finance,) = rows_of(client, "/roles/?sector=finance")
    assert in_finance.startswith("2030 Finance")
    assert "By period, in Finance" in text_of(client, "/roles/?sector=finance")


def test_manpower_of_a_sector_is_no_period_of_a_role(in_periods, client):
    finance = in_periods.role.demand.get(sector__isnull=False).sector
    before = [rows_of(client, address) for address in ("/roles/", "/roles/data-scientist/")]
    in_periods.role.sectors.add(finance)
    make_figure("manpower_shortage", 18_000, sector=finance, period="2032")
    assert [rows_of(client, address) for address in ("/roles/", "/roles/data-scientist/")] == before


@pytest.mark.parametrize("address", ["/roles/", "/roles/?sector=finance", "/roles/data-scientist/"])
def test_no_query_more_for_more_periods_and_counts(in_periods, client, address):
    before = count_queries(client, address)
    for year in range(2000, 2012):
        sector = make_sector()
        for place in (None, sector):
            make_openings(in_periods.role, 5, place, period=f"{year}", source_date=date(year, 1, 1))
            make_figure("counted_postings", 5, role=in_periods.role, sector=place, period=f"{year}")
            make_graduates(in_periods.role, 1, place, period=f"{year}")
            make_supply(in_periods.role, 1, 0, place, counted_at=datetime(year, 6, 1, tzinfo=UTC))
    assert count_queries(client, address) == before


def test_pay_is_shown_where_it_has_a_source(short, client):
    assert "Pay</h2>" not in text_of(client, "/roles/data-scientist/")
    make_figure("pay", 24_000, unit="HKD", role=short.role, description="junior monthly salary")
    assert "Pay: 24,000" in text_of(client, "/roles/data-scientist/")


def test_needed_skills_have_levels_in_words_and_lead_to_their_pages(short, ada):
    page = ada.get("/roles/data-scientist/")
    assert [(one.need.skill, one.percent, one.is_met) for one in page.context["needs"]] == [
        (short.python, 100, False),
        (short.statistics, 50, False),
    ]
    text = page.content.decode()
    assert 'href="/skills/python/"' in text
    assert "Advanced" in text


def test_courses_that_teach_most_come_first_and_closed_ones_not_at_all(short, client):
    make_course("shut", status="closed", raises={short.python: 4, short.statistics: 4})
    vetoed = make_course("vetoed", raises={short.python: 4})
    vetoed.skills_raised.update(state="vetoed")
    page = client.get("/roles/data-scientist/")
    assert [card.course.code for card in page.context["cards"]] == ["rich", "free"]


def test_a_source_that_is_no_web_address_is_no_link(city, client):
    make_openings(city.role, 1, source_url="javascript:alert(1)")
    assert 'href="javascript' not in text_of(client, "/roles/data-scientist/")


@pytest.mark.parametrize(
    ("framework", "words"),
    [
        ("esco", "ESCO classification of the European Commission, with changes."),
        ("onet", "O*NET database by the U.S. Department of Labor, Employment and Training Administration"),
        ("", "In none: it is our own."),
    ],
)
def test_the_framework_is_credited(city, client, framework, words):
    city.role.__class__.objects.update(framework=framework)
    assert words in text_of(client, "/roles/data-scientist/")


def test_a_skill_is_the_mean_over_its_roles(short, client):
    other = make_role("other", name_en="Other role", needs={short.python: (0.5, 2)})
    make_openings(other, 100)
    make_supply(other, n_meeting=100)
    make_role("silent", name_en="Silent role", needs={short.python: (1.0, 2)})
    page = client.get("/skills/python/")
    # 200 openings x 1.0 x 0.75, 100 x 0.5 x 0: 150 of 250.
    assert (page.context["words"], page.context["percent"]) == ("Large shortage", 60)
    assert [str(one.need.role) for one in page.context["roles"]] == [
        "Data scientist",
        "Other role",
        "Silent role",
    ]
    assert [card.course.code for card in page.context["cards"]] == ["rich", "free"]


def test_a_skill_shows_its_other_names(city, client):
    make_skill("vision", name_en="computer vision", aliases=["machine seeing"])
    text = text_of(client, "/skills/vision/")
    assert "machine seeing" in text
    assert "No role names this skill." in text


@pytest.mark.parametrize("address", ["/roles/nobody/", "/skills/nothing/"])
def test_what_is_not_there_is_not_found(db, client, address):
    assert client.get(address).status_code == 404


def test_a_learner_aims_at_a_role_and_the_list_hears_of_it(
    city, ada, monkeypatch, django_capture_on_commit_callbacks
):
    asked = []
    monkeypatch.setattr("recommender.recommendations.tasks.refresh_list.delay", asked.append)
    role = make_role("engineer", name_en="Engineer")
    before = city.learner.changed_at
    assert "Set as my target role" in text_of(ada, "/roles/engineer/")
    with django_capture_on_commit_callbacks(execute=True):
        answer = ada.post("/roles/engineer/target/", {"next": "/roles/engineer/"})
    assert answer["Location"] == "/roles/engineer/"
    learner = Learner.objects.get(pk=city.learner.pk)
    assert set(learner.target_roles.all()) == {city.role, role}
    assert learner.changed_at != before
    assert asked == [learner.pk]
    text = text_of(ada, "/roles/engineer/")
    assert "Engineer is a target role of yours now." in text
    assert "Set as my target role" not in text


def test_a_visitor_signs_in_first(city, client):
    assert "Sign in to set a target role" in text_of(client, "/roles/data-scientist/")
    answer = client.post("/roles/data-scientist/target/", {"next": "/roles/data-scientist/"})
    assert answer["Location"] == "/accounts/login/?next=/roles/data-scientist/"


def test_the_navigation_leads_here(city, client):
    for address in ("/roles/", "/roles/data-scientist/", "/skills/python/"):
        page = text_of(client, address)
        assert '<a href="/roles/" aria-current="page">' in page


def grow(role, skill, *, n):
    """Adds n of everything that the pages list."""
    for _ in range(n):
        sector = make_sector()
        role.sectors.add(sector)
        make_openings(role, 5, sector)
        make_graduates(role, 1, sector)
        ShortageOverride.objects.create(role=role, sector=sector, shortage=0.5, reason="a")
        for measure in ("counted_postings", "pay"):
            make_figure(measure, 5, role=role, sector=sector)
        make_figure("counted_postings", 5, skill=skill, sector=sector)
        make_figure("manpower_shortage", 5, sector=sector)
        needed = make_skill()
        role.skills_needed.create(skill=needed, importance=0.5, level=3)
        other = make_role(needs={skill: (0.5, 3)})
        other.sectors.add(sector)
        make_openings(other, 5)
        make_course(provider=make_provider(), raises={needed: 3, skill: 3})


@pytest.mark.parametrize("address", ["/roles/", "/roles/grown/", "/skills/grown/"])
def test_a_page_asks_no_more_queries_for_twenty_rows_than_for_one(address):
    learner = make_learner(user=make_user())
    client = signed_in(learner.user)
    skill = make_skill("grown")
    role = make_role("grown", needs={skill: (1.0, 3)})
    make_supply(role)
    grow(role, skill, n=1)
    one = count_queries(client, address)
    grow(role, skill, n=19)
    assert count_queries(client, address) == one


def test_what_a_source_says_is_said_to_be_its_words_in_its_language(city, client):
    make_openings(city.role, 40, description="vacancies of the year", unit="posts", period="2026年3月")
    city.role.framework, city.role.note = "esco", "ESCO v1.1.1: data scientist"
    city.role.framework_code = "2511.4"
    city.role.save()
    client.cookies["django_language"] = "zh-hant"
    text = client.get("/roles/data-scientist/").content.decode()
    assert '<span lang="en">vacancies of the year</span>' in text
    assert "<span>2026年3月</span>" in text
    assert '<span lang="en">ESCO v1.1.1: data scientist</span>' in text
    client.cookies["django_language"] = "en"
    text = client.get("/roles/data-scientist/").content.decode()
    assert "In the source’s words: vacancies of the year (posts)" in text
    assert '<span lang="zh">2026年3月</span>' in text
