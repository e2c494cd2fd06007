from datetime import date

import pytest
from django.core.management import CommandError, call_command

from recommender.catalogue.importers import import_catalogue
from recommender.catalogue.models import Course, CourseSkill, Offering, Prerequisite, Provider, SubsidyListing
from recommender.skills.importing.results import ImportRefusedError
from tests.csv_files import CsvFile, problems
from tests.factories import make_course, make_provider, make_skill

pytestmark = pytest.mark.django_db

PROVIDERS = "code,name_en,name_zh_hant,kind,url\nhku,The University of Hong Kong,香港大學,university,\n"
COURSES = """\
code,provider,title_en,title_zh_hant,hkqf_level,hkqf_basis,languages,fee_hkd,as_of
ai-1,hku,Applied AI,應用人工智能,6,stated,en;yue,180000,2026-10-02
ai-2,hku,,人工智能入門,,,,0,
"""
COURSE_SKILLS = "course,skill,level,basis\nai-1,python,4,outline\nai-2,python,2,title\n"
PREREQUISITES = "course,skill,level,required_course\nai-1,python,2,\nai-1,,,ai-2\n"
OFFERINGS = "course,code,starts_on,ends_on,seats,fee_hkd\nai-1,autumn,2026-09-01,2027-06-30,30,175000.50\n"
LISTINGS = """\
course,scheme,is_listed,listed_from,listed_to,source_url,as_of
ai-1,cef,yes,2026-01-01,2027-12-31,https://example.hk/list,2026-10-02
ai-2,cef,no,,,,
"""


def all_files():
    return {
        "providers": CsvFile(PROVIDERS),
        "courses": CsvFile(COURSES),
        "course_skills": CsvFile(COURSE_SKILLS),
        "prerequisites": CsvFile(PREREQUISITES),
        "offerings": CsvFile(OFFERINGS),
        "subsidy_listings": CsvFile(LISTINGS),
    }


def test_all_files_in_their_order():
    make_skill("python")
    assert [result.added for result in import_catalogue(**all_files())] == [1, 2, 2, 2, 1, 2]
    course = Course.objects.get(code="ai-1")
    assert (course.fee_cents, course.hkqf_level) == (18_000_000, 6)
    assert sorted(course.languages.values_list("pk", flat=True)) == ["en", "yue"]
    assert course.prerequisites.count() == 2
    assert course.offerings.get().seats == 30
    assert course.offerings.get().fee_cents == 17_500_050
    listing = course.subsidy_listings.get()
    assert (listing.is_listed, listing.listed_to) == (True, date(2027, 12, 31))
    assert not course.offerings.get().is_synthetic
    other = Course.objects.get(code="ai-2")
    assert (other.fee_cents, other.status) == (0, "active")
    assert not other.subsidy_listings.get().is_listed


def test_again_changes_nothing():
    make_skill("python")
    import_catalogue(**all_files())
    for result in import_catalogue(**all_files()):
        assert (result.added, result.changed, result.rejected) == (0, 0, 0), result


@pytest.mark.parametrize(
    ("header", "cells", "column", "words"),
    [
        ("title_en", "", "title_en", "must be filled, or else one of these: title_zh_hant, title_zh_hans"),
        ("title_en,fee_hkd", "AI,-1", "fee_hkd", "0 or more"),
        ("title_en,as_of", "AI,1753-01-01", "as_of", "1990 to 2100"),
        ("title_en,notional_hours", "AI,ten", "notional_hours", "whole number"),
        ("title_en,notional_hours", "AI,-3", "notional_hours", "from 0"),
        ("title_en,languages", "AI,en;xx", "languages", "is not a known language"),
        ("title_en,fee_basis", "AI,month", "fee_basis", "must be one of: whole, year, module, credit, audit"),
        ("title_en,status", "AI,open", "status", "must be one of: draft, active, closed"),
        ("title_en,hkqf_level,hkqf_basis", "AI,8,stated", "hkqf_level", "from 1 to 7"),
        ("title_en,hkqf_level,hkqf_basis", "AI,6,", "hkqf_basis", "must be filled where these are"),
        ("title_en,hkqf_level,hkqf_basis", "AI,,award", "hkqf_level", "must be filled where these are"),
    ],
)
def test_a_bad_course(header, cells, column, words):
    make_provider("hku")
    file = CsvFile(f"code,provider,{header}\nai-1,hku,{cells}\nai-2,hku,{'AI' + ',' * header.count(',')}\n")
    ((line, named, _value),), reasons = problems(import_catalogue, courses=file)
    assert (line, named) == (2, column)
    assert words in reasons
    assert [course.code for course in Course.objects.all()] == ["ai-2"]


def test_an_unknown_provider():
    file = CsvFile("code,provider,title_en\nai-1,nobody,AI\n")
    assert problems(import_catalogue, courses=file)[0] == [(2, "provider", "nobody")]


def test_a_code_named_twice():
    make_provider("hku")
    file = CsvFile("code,provider,title_en\nai-1,hku,AI\nai-1,hku,Other\n")
    assert problems(import_catalogue, courses=file) == ([(3, "code", "ai-1")], "stands on line 2 already")
    assert Course.objects.get().title_en == "AI"


def test_a_fee_is_for_the_whole_course_unless_the_file_says_otherwise():
    make_provider("hku")
    header = "code,provider,title_en,fee_hkd"
    import_catalogue(courses=CsvFile(f"{header},fee_basis\na,hku,A,44500,year\nb,hku,B,500,\n"))
    import_catalogue(courses=CsvFile(f"{header}\nc,hku,C,500\n"), allow_large_change=True)
    bases = Course.objects.values_list("code", "fee_cents", "fee_basis")
    assert list(bases) == [("a", 4_450_000, "year"), ("b", 50_000, "whole"), ("c", 50_000, "whole")]


def test_an_offering_has_a_timetable_in_three_languages_and_a_district():
    make_course("ai-1")
    header = "course,code,starts_on,ends_on,timetable_en,timetable_zh_hant,timetable_zh_hans,district"
    days = "2026-09-01,2026-09-02"
    good = f"ai-1,a,{days},Tuesdays,逢星期二,逢星期二,sha_tin"
    bad = f"ai-1,b,{days},,,,Kowloon"
    ((line, column, value),), reason = problems(
        import_catalogue, offerings=CsvFile(f"{header}\n{good}\n{bad}\n")
    )
    assert (line, column, value) == (3, "district", "Kowloon")
    assert "must be one of: central_and_western" in reason
    offering = Offering.objects.get()
    assert (offering.timetable_en, offering.timetable_zh_hant) == ("Tuesdays", "逢星期二")
    assert offering.get_district_display() == "Sha Tin"


def test_an_offering_ends_after_it_starts():
    make_course("ai-1")
    file = CsvFile("course,code,starts_on,ends_on\nai-1,a,2026-09-02,2026-09-01\n")
    assert problems(import_catalogue, offerings=file) == (
        [(2, "ends_on", "2026-09-01")],
        "must not be before starts_on",
    )
    assert not Offering.objects.exists()


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ("cef,,,", "is_listed", "must be filled"),
        ("cef,perhaps,,", "is_listed", "must be yes, no"),
        ("cef,no,2026-01-01,", "is_listed", "must be yes where these are filled: listed_from, listed_to"),
        ("cef,yes,2026-01-02,2026-01-01", "listed_to", "must not be before listed_from"),
        ("fund,yes,,", "scheme", "is not a known subsidy scheme"),
    ],
)
def test_a_bad_listing(cells, column, words):
    make_course("ai-1")
    file = CsvFile(f"course,scheme,is_listed,listed_from,listed_to\nai-1,{cells}\n")
    ((line, named, _value),), reasons = problems(import_catalogue, subsidy_listings=file)
    assert (line, named) == (2, column)
    assert words in reasons
    assert not SubsidyListing.objects.exists()


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ("a,,,", "skill", "must be filled, or else one of these: required_course"),
        ("a,python,,", "level", "must be filled where these are: skill"),
        ("a,python,2,b", "required_course", "must be empty where this is filled: skill, level"),
        ("a,,,z", "required_course", "is not a known course"),
    ],
)
def test_a_bad_prerequisite(cells, column, words):
    make_skill("python")
    make_course("a")
    make_course("b")
    file = CsvFile(f"course,skill,level,required_course\n{cells}\n")
    ((line, named, _value),), reasons = problems(import_catalogue, prerequisites=file)
    assert (line, named) == (2, column)
    assert words in reasons


def test_a_circle_in_the_file_is_named_and_the_rest_goes_in():
    for code in "abcd":
        make_course(code)
    file = CsvFile("course,required_course\na,b\nb,c\nc,a\nc,d\n")
    assert problems(import_catalogue, prerequisites=file) == (
        [(4, "required_course", "a")],
        "closes a circle: c -> a -> b -> c",
    )
    assert Prerequisite.objects.count() == 3


def test_a_circle_with_what_is_stored():
    a = make_course("a")
    b = make_course("b", after=[a])
    make_course("c", after=[b])
    file = CsvFile("course,required_course\na,c\n")
    assert problems(import_catalogue, prerequisites=file)[1] == "closes a circle: a -> c -> b -> a"


def test_a_course_that_asks_for_itself():
    make_course("a")
    file = CsvFile("course,required_course\na,a\n")
    assert problems(import_catalogue, prerequisites=file)[1] == "closes a circle: a -> a"


def catalogue(changed=0, n=10, header="code,provider,title_en"):
    rows = (f"c{number},hku,{'New' if number < changed else 'Old'} {number}" for number in range(n))
    return CsvFile("\n".join([header, *rows]) + "\n", "courses.csv")


@pytest.fixture
def ten_courses():
    make_provider("hku")
    import_catalogue(courses=catalogue())


@pytest.mark.usefixtures("ten_courses")
class TestLargeChange:
    def test_a_fifth_may_change(self):
        (result,) = import_catalogue(courses=catalogue(changed=2))
        assert result.changed == 2

    def test_more_is_refused_with_the_numbers(self):
        with pytest.raises(ImportRefusedError, match=r"change or close 3 of 10 courses, more than .* 0\.2 "):
            import_catalogue(courses=catalogue(changed=3))
        assert not Course.objects.filter(title_en__startswith="New").exists()

    def test_unless_allowed(self):
        import_catalogue(courses=catalogue(changed=3), allow_large_change=True)
        assert Course.objects.filter(title_en__startswith="New").count() == 3

    def test_or_unless_the_share_is_larger(self):
        import_catalogue(courses=catalogue(changed=3), max_change=0.3)
        assert Course.objects.filter(title_en__startswith="New").count() == 3

    def test_changed_skills_count_once_for_each_course(self):
        for slug in ("python", "nlp"):
            make_skill(slug)
        pairs = [(number, slug) for number in range(3) for slug in ("python", "nlp")]
        for level in (2, 3):
            rows = "".join(f"c{number},{slug},{level}\n" for number, slug in pairs)
            files = {"course_skills": CsvFile(f"course,skill,level\n{rows}")}
            if level == 2:
                import_catalogue(**files)
        with pytest.raises(ImportRefusedError, match="3 of 10"):
            import_catalogue(**files)
        assert set(CourseSkill.objects.values_list("level", flat=True)) == {2}

    def test_new_courses_are_no_change(self):
        (result,) = import_catalogue(courses=catalogue(n=100))
        assert (result.added, result.unchanged) == (90, 10)

    def test_the_command_refuses_too(self, tmp_path):
        file = tmp_path / "courses.csv"
        file.write_bytes(catalogue(changed=10).getvalue())
        with pytest.raises(CommandError, match="10 of 10"):
            call_command("import_catalogue", courses=str(file))
        call_command("import_catalogue", courses=str(file), allow_large_change=True)

    @pytest.mark.parametrize("share", ["-1", "2", "nan", "much"])
    def test_a_share_lies_between_0_and_1(self, share):
        with pytest.raises(CommandError, match="from 0 to 1"):
            call_command("import_catalogue", "--max-change", share)


@pytest.mark.usefixtures("ten_courses")
class TestDropMissing:
    def test_courses_of_the_providers_named_are_closed_not_deleted(self):
        make_course("elsewhere", provider=make_provider("hkust"))
        (result,) = import_catalogue(courses=catalogue(n=8), drop_missing=True)
        closed = Course.objects.filter(status=Course.Status.CLOSED)
        assert [course.code for course in closed] == ["c8", "c9"]
        assert result.notes == ["2 courses closed, because the file does not name them"]

    def test_again_closes_nothing_more(self):
        import_catalogue(courses=catalogue(n=8), drop_missing=True)
        (result,) = import_catalogue(courses=catalogue(n=8), drop_missing=True)
        assert result.notes == []

    def test_closing_counts_as_change(self):
        with pytest.raises(ImportRefusedError, match="3 of 10"):
            import_catalogue(courses=catalogue(n=7), drop_missing=True)
        assert not Course.objects.filter(status=Course.Status.CLOSED).exists()

    def test_a_file_with_bad_rows_closes_nothing(self):
        content = catalogue(n=9).getvalue() + b",hku,no code\n"
        (result,) = import_catalogue(courses=CsvFile(content), drop_missing=True)
        assert result.notes == ["no course was closed, because the file has bad rows"]
        assert not Course.objects.filter(status=Course.Status.CLOSED).exists()

    def test_without_a_courses_file_there_is_nothing_to_compare(self):
        with pytest.raises(ImportRefusedError, match="needs a file of courses"):
            import_catalogue(providers=CsvFile(PROVIDERS), drop_missing=True)
        assert not Provider.objects.filter(name_zh_hant="香港大學").exists()
