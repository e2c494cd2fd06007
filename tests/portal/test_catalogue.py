"""Search, filters, order, pages and the shareable address of the catalogue."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.core.paginator import Paginator
from django.utils import timezone

from recommender.catalogue.models import Course
from tests.factories import make_course, make_listing, make_offering, make_provider, make_skill

pytestmark = pytest.mark.django_db


def found(client, query):
    page = client.get(f"/courses/?{query}")
    assert page.status_code == 200
    return [card.course.code for card in page.context["cards"]]


def searched(text):
    return set(Course.objects.search(text).values_list("code", flat=True))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("STATISTICS", {"rich"}),
        ("resume", {"free"}),
        ("RÉSUMÉ", {"free"}),
        ("統計學", {"rich"}),
        ("python 統計", {"rich"}),
        ("python", {"rich", "free"}),
        ("python coders", {"free"}),
        ("香港大學 databases", {"saved"}),
        ("dismissed", {"dismissed"}),
        ("nothing of the kind", set()),
        (".*", set()),
        ("[", set()),
        ("100%", set()),
        ("_", set()),
        ("\\", set()),
    ],
)
def test_every_word_is_found_somewhere(city, text, codes):
    assert searched(text) == codes


def test_accents_do_not_count_in_either_direction(db):
    make_course("one", title_en="Introducción a la programación")
    make_course("two", title_en="Introduccion a la programacion")
    assert searched("introducción") == searched("INTRODUCCION") == {"one", "two"}


def test_skills_are_found_by_their_chinese_name(city):
    make_course("stats", title_en="Chance", raises={city.statistics: 2})
    assert "stats" in searched("統計學")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Python 统计学", {"rich"}),
        ("香港大学 databases", {"saved"}),
        ("統計學課程", {"rich"}),
        ("ｐｙｔｈｏｎ", {"rich", "free"}),
        ("pyhton", {"rich", "free"}),
        ("statsitics", {"rich"}),
        ("datbases", {"saved"}),
        ("zz", set()),
        ("by", set()),
    ],
)
def test_scripts_and_typing_errors_do_not_matter(city, text, codes):
    assert searched(text) == codes


def test_short_words_are_found_whole(db):
    make_course("ai", title_en="AI for managers")
    make_course("aim", title_en="Aim higher")
    make_course("cpp", title_en="C++ and C# for games")
    assert searched("ai") == {"ai"}
    assert searched("c++") == searched("C#") == {"cpp"}


def test_what_is_searched_follows_the_facts(db):
    provider = make_provider(name_en="Old College")
    skill = make_skill(name_en="origami")
    course = make_course("one", title_en="Folding", provider=provider, raises={skill: 2})
    assert searched("origami") == searched("old") == searched("folding") == {"one"}
    provider.name_en = "New College"
    provider.save()
    skill.name_en = "kirigami"
    skill.save()
    course.title_en = "Cutting"
    course.save()
    cache.clear()
    assert searched("kirigami") == searched("new") == searched("cutting") == {"one"}
    assert searched("origami") == searched("old") == searched("folding") == set()
    course.skills_raised.get().delete()
    assert searched("kirigami") == set()


def test_no_words_find_everything(city):
    assert len(searched("  ")) == Course.objects.count()


def test_titles_come_before_skills(city, client):
    make_course("by-title", title_en="A Python course")
    assert found(client, "q=python") == ["by-title", "rich", "free"]


def test_the_best_match_is_where_the_words_are_found(db, client):
    plain, cooking = make_skill("data", name_en="Data analysis"), make_skill(name_en="Cooking")
    make_course("a-text", title_en="A", description_en="On data analysis", raises={cooking: 5})
    make_course("b-skill", title_en="B", raises={plain: 2})
    proposed = make_course("c-proposed", title_en="C")
    proposed.skills_raised.create(skill=plain, level=2, state="proposed", confidence=0.8)
    doubtful = make_course("d-doubtful", title_en="D", description_en="data analysis")
    doubtful.skills_raised.create(skill=plain, level=2, state="proposed", confidence=0.5)
    make_course("e-within", title_en="Big data analysis")
    make_course("f-begins", title_en="Data analysis for all")
    make_course("g-apart", title_en="Analysis of data")
    assert found(client, "q=data+analysis") == [
        *("f-begins", "g-apart", "e-within"),
        *("b-skill", "c-proposed"),
        *("a-text", "d-doubtful"),
    ]


def test_a_chinese_title_that_begins_with_the_words_comes_first(db, client):
    make_course("within", title_en="A", title_zh_hant="應用數據分析")
    make_course("begins", title_en="B", title_zh_hant="數據分析入門")
    assert found(client, "q=數據分析") == ["begins", "within"]


def test_only_active_courses_are_found(city, client):
    assert {"closed", "draft"}.isdisjoint(found(client, ""))


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("cost=free", ["free"]),
        ("mode=blended", ["rich"]),
        ("mode=blended&mode=online", ["rich"]),
        ("language=en", ["rich"]),
        ("level=6", ["rich"]),
        ("discipline=data_science", ["rich"]),
        ("kind=platform", []),
        ("mode=blended&cost=free", []),
    ],
)
def test_filters_narrow_together(city, client, query, codes):
    assert found(client, query) == codes


def counts(client, query):
    page = client.get(f"/courses/?{query}")
    return {
        facet.name: {option.value: option.n_courses for option in facet.options}
        for facet in page.context["facets"]
    }


def test_each_choice_says_how_many_courses_it_leaves(city, client):
    by_name = counts(client, "")
    assert by_name["cost"] == {"free": 1, "5000": 1, "unstated": 3}
    assert by_name["start"] == {"later": 1, "undated": 4}
    assert by_name["mode"] == {"blended": 1}
    assert by_name["language"] == {"en": 1, "unstated": 4}


def test_a_choice_counts_under_all_other_headings_but_not_its_own(city, client):
    by_name = counts(client, "cost=free")
    assert by_name["cost"] == {"free": 1, "5000": 1, "unstated": 3}
    assert by_name["mode"] == {"blended": 0}
    assert by_name["start"] == {"later": 0, "undated": 1}


def test_every_count_is_what_choosing_it_shows(city, client):
    for name, options in counts(client, "").items():
        for value, n_courses in options.items():
            assert len(found(client, f"{name}={value}")) == n_courses


def test_courses_of_a_skill(city, client):
    assert found(client, "skill=statistics") == ["rich"]
    assert "Courses that teach statistics" in client.get("/courses/?skill=statistics").content.decode()
    assert len(found(client, "skill=no-such-skill")) == 5


def test_a_corrected_word_is_said(city, client):
    text = client.get("/courses/?q=pyhton").content.decode()
    assert "No course has “pyhton”. These are the courses for “python”." in text


@pytest.mark.parametrize(
    "query", ["mode=swimming", "level=x", "language=tlh", "sort=magic", "page=999", "page=x"]
)
def test_an_old_address_still_works(city, client, query):
    assert len(found(client, query)) == 5


@pytest.mark.parametrize("query", ["q=%00", "q=" + "a" * 500, "q=" + "a+" * 90])
def test_hostile_searches_are_answered(city, client, query):
    found(client, query)


def test_sorting_puts_what_is_unknown_last(db, client):
    make_course("unknown")
    make_course("dear", fee_cents=900, notional_hours=9, hkqf_level=6, hkqf_basis="stated")
    make_course("cheap", fee_cents=100, notional_hours=99, hkqf_level=3, hkqf_basis="stated")
    assert found(client, "sort=fee") == ["cheap", "dear", "unknown"]
    assert found(client, "sort=hours") == ["dear", "cheap", "unknown"]
    assert found(client, "sort=level") == ["dear", "cheap", "unknown"]
    assert found(client, "sort=title") == ["cheap", "dear", "unknown"]


def test_titles_are_sorted_as_the_reader_sees_them(db, client):
    make_course("one", title_en="Zebra", title_zh_hant="一")
    make_course("two", title_en="Apple", title_zh_hant="二")
    assert found(client, "sort=title") == ["two", "one"]
    client.cookies["django_language"] = "zh-hant"
    assert found(client, "sort=title") == ["one", "two"]


def test_pages_keep_the_search(db, client):
    for _ in range(45):
        make_course(title_en="Python")
    page = client.get("/courses/?q=python&mode=")
    assert isinstance(page.context["found"].paginator, Paginator)
    text = page.content.decode()
    assert "45 courses" in text
    assert 'href="?q=python&amp;mode=&amp;page=3"' in text
    assert len(found(client, "q=python&page=3")) == 5


def test_nothing_found_says_what_to_try(city, client):
    page = client.get("/courses/?q=zzzz").content.decode()
    assert "No course found" in page
    assert "0 courses" in page


def test_the_language_of_each_text_is_marked(db, client):
    provider = make_provider(name_en="Poly", name_zh_hant="理工大學")
    make_course(
        title_en="", title_zh_hans="机器学习", provider=provider, raises={make_skill(name_en="logic"): 2}
    )
    text = client.get("/courses/").content.decode()
    assert '<span lang="zh-hans">机器学习</span>' in text
    client.cookies["django_language"] = "zh-hant"
    text = client.get("/courses/").content.decode()
    assert '<span lang="en">logic</span>' in text
    assert "<span>理工大學</span>" in text
    assert '<html lang="zh-hant">' in text


@pytest.fixture
def cheaper_this_time(db):
    """A course whose next start costs less than the course does, and one that is dearer."""
    cheaper, dearer = make_course("cheaper", fee_cents=2_000_000), make_course("dearer", fee_cents=0)
    make_offering(cheaper, fee_cents=0)
    make_offering(dearer, fee_cents=2_000_000)
    # Nobody can join this one any more.
    make_offering(dearer, starts_on=date(2020, 1, 1), fee_cents=0)
    return cheaper, dearer


def test_the_cost_that_is_filtered_and_sorted_by_is_that_of_the_next_start(cheaper_this_time, client):
    assert found(client, "cost=free") == ["cheaper"]
    assert found(client, "cost=more") == ["dearer"]
    assert found(client, "sort=fee") == ["cheaper", "dearer"]


def test_what_comes_back_of_an_offerings_own_fee_counts(client, db):
    course = make_course("listed", fee_cents=10_000_000)
    make_listing(course)
    # HK$16,000 less HK$12,100.
    make_offering(course, fee_cents=1_600_000)
    assert found(client, "cost=5000") == ["listed"]
    assert found(client, "cost=more") == []


def test_the_fee_of_a_year_is_under_no_sum_and_sorts_last(client, db):
    make_course("year", fee_cents=100, fee_basis="year")
    make_course("whole", fee_cents=900)
    assert found(client, "cost=5000") == ["whole"]
    assert found(client, "cost=unstated") == ["year"]
    assert found(client, "sort=fee") == ["whole", "year"]


def districts(page):
    [facet] = [facet for facet in page.context["facets"] if facet.name == "district"]
    return {option.value: (option.label, option.n_courses) for option in facet.options}


def test_courses_are_found_by_the_district_of_an_open_offering(client, db):
    near, far, over = (make_course(code) for code in ("near", "far", "over"))
    make_offering(near, district="sha_tin")
    make_offering(near, district="islands")
    make_offering(far, district="islands")
    make_offering(over, district="sha_tin", starts_on=date(2020, 1, 1))
    make_course("online", mode="online")
    assert found(client, "district=sha_tin") == ["near"]
    assert districts(client.get("/courses/")) == {"sha_tin": ("Sha Tin", 1), "islands": ("Islands", 2)}
    # Only who named a district has one of their own.
    assert len(found(client, "district=near")) == 4


def test_place_and_start_must_be_of_one_open_offering(client, db):
    soon = timezone.localdate() + timedelta(days=10)
    apart, together = make_course("apart"), make_course("together")
    make_offering(apart, district="sha_tin")
    make_offering(apart, district="islands", starts_on=soon)
    make_offering(together, district="islands", starts_on=soon)
    make_offering(together, district="sha_tin", starts_on=soon)
    assert found(client, "district=sha_tin") == ["apart", "together"]
    assert found(client, "start=1") == ["apart", "together"]
    assert found(client, "district=sha_tin&start=1") == ["together"]
    assert found(client, "district=sha_tin&start=later") == ["apart"]
    by_name = counts(client, "start=1")
    assert by_name["district"] == {"islands": 2, "sha_tin": 1}
    assert by_name["start"] == {"1": 2, "later": 1}


def test_languages_that_are_not_stated_can_be_chosen(city, client):
    assert counts(client, "")["language"] == {"en": 1, "unstated": 4}
    assert "rich" not in found(client, "language=unstated")
    assert len(found(client, "language=unstated&language=en")) == 5


def test_the_skills_that_most_courses_teach_can_be_chosen(city, client):
    assert counts(client, "")["skill"] == {"python": 2, "statistics": 1}
    assert counts(client, "mode=blended")["skill"] == {"python": 1, "statistics": 1}
    assert set(found(client, "skill=python&skill=statistics")) == {"rich", "free"}
    # A vetoed skill does not count, at once.
    taught = city.free.skills_raised.get()
    taught.state, taught.confidence = "vetoed", 0.9
    taught.save()
    assert found(client, "skill=python") == ["rich"]


def test_of_many_skills_twelve_are_offered_and_those_that_are_chosen(db, client):
    skills = [make_skill(f"s{number:02}") for number in range(14)]
    for number in range(13):
        make_course(raises=dict.fromkeys(skills[: 13 - number], 2))
    assert list(counts(client, "")["skill"].items()) == [
        (f"s{number:02}", 13 - number) for number in range(12)
    ]
    chosen = counts(client, "skill=s12&skill=s13&skill=%00")["skill"]
    assert (len(chosen), chosen["s12"], chosen["s13"]) == (14, 1, 0)


def test_a_learner_may_keep_to_their_district_or_online(city, ada):
    city.learner.district = "sha_tin"
    city.learner.save()
    make_offering(make_course("near"), district="sha_tin")
    make_offering(make_course("far"), district="islands")
    make_course("online", mode="online")
    by_offering = make_course("by-offering")
    make_offering(by_offering, mode="online")
    make_offering(by_offering, district="islands")
    assert set(found(ada, "district=near")) == {"near", "online", "by-offering"}
    assert districts(ada.get("/courses/"))["near"] == ("In Sha Tin or online", 3)
