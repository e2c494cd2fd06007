"""The columns of the catalogue's CSV files."""

from recommender.catalogue.districts import District
from recommender.catalogue.fees import FeeBasis
from recommender.catalogue.models import Course, Mode, Provider
from recommender.skills.importers import name_columns
from recommender.skills.importing import cells
from recommender.skills.importing.tables import Column, Table
from recommender.skills.models import Discipline

TITLES = ("title_en", "title_zh_hant", "title_zh_hans")
LEVEL_WITH_BASIS = ("hkqf_level", "hkqf_basis")


def one_of(choices):
    return "one of: " + ", ".join(choices.values)


def check_course(values):
    """What no single cell of a course can be blamed for."""
    if not any(values.get(title) for title in TITLES):
        return "title_en", cells.must_be_filled_unless(", ".join(TITLES[1:]))
    if values.get("hkqf_level") and not values["hkqf_basis"]:
        return "hkqf_basis", cells.must_be_filled_with("hkqf_level")
    if values.get("hkqf_basis") and not values["hkqf_level"]:
        return "hkqf_level", cells.must_be_filled_with("hkqf_basis")
    return None


def check_prerequisite(values):
    """Either a skill at a level or another course."""
    skill, level, course = (values.get(field) for field in ("skill_id", "level", "required_course_id"))
    if course and (skill or level):
        return "required_course", cells.must_be_empty_with("skill, level")
    if not course and not skill:
        return "skill", cells.must_be_filled_unless("required_course")
    if skill and not level:
        return "level", cells.must_be_filled_with("skill")
    return None


def check_listing(values):
    first, last = values.get("listed_from"), values.get("listed_to")
    if (first or last) and not values["is_listed"]:
        return "is_listed", cells.must_be_yes_with("listed_from, listed_to")
    return _check_order(first, last, "listed_to", "listed_from")


def check_offering(values):
    return _check_order(values["starts_on"], values["ends_on"], "ends_on", "starts_on")


def _check_order(first, last, column, other):
    if first and last and last < first:
        return column, cells.must_not_be_before(other)
    return None


PROVIDERS = Table(
    "providers",
    "Providers (--providers), one a row; `code` tells one from another.",
    (
        Column("code", "short name in Latin letters", "hku", cells.slug(120), required=True),
        *name_columns("The University of Hong Kong", "香港大學", "香港大学"),
        Column("kind", one_of(Provider.Kind), "university", cells.choice(Provider.Kind), required=True),
        Column("url", "web address", "https://www.hku.hk", cells.web_address(500), empty=""),
    ),
    key=("code",),
)
COURSES = Table(
    "courses",
    "Courses (--courses), one a row; `code` tells one from another. At least one title is needed.",
    (
        Column("code", "unique in the whole catalogue", "hku-msc-ai", cells.text(120), required=True),
        Column("provider", "its code", "hku", lookup="provider", required=True, to="provider_id"),
        Column("title_en", "title in English", "Applied AI", cells.text(300), empty=""),
        Column("title_zh_hant", "title in Traditional Chinese", "應用人工智能", cells.text(300), empty=""),
        Column("title_zh_hans", "title in Simplified Chinese", "应用人工智能", cells.text(300), empty=""),
        Column("description_en", "description in English", "", empty=""),
        Column("description_zh_hant", "description in Traditional Chinese", "", empty=""),
        Column("description_zh_hans", "description in Simplified Chinese", "", empty=""),
        Column("discipline", one_of(Discipline), "machine_learning", cells.choice(Discipline), empty=""),
        Column("hkqf_level", "HKQF level, 1 to 7", "6", cells.whole_number(1, 7)),
        Column("hkqf_basis", one_of(Course.LevelBasis), "stated", cells.choice(Course.LevelBasis), empty=""),
        Column("entry_hkqf_level", "HKQF level needed to enter", "5", cells.whole_number(1, 7)),
        Column("entry_text", "entry requirements in the provider's words", "A first degree", empty=""),
        Column("award", "as the provider calls it", "Master of Science", cells.text(300), empty=""),
        Column("mode", one_of(Mode), "blended", cells.choice(Mode), empty=""),
        Column(
            "study_pattern",
            one_of(Course.StudyPattern),
            "part_time",
            cells.choice(Course.StudyPattern),
            empty="",
        ),
        Column("notional_hours", "hours of learning in all", "600", cells.whole_number(0, 100_000)),
        Column(
            "languages", "en, yue, cmn, separated by semicolons", "en;yue", lookup="language", several=True
        ),
        Column(
            "fee_hkd",
            "Hong Kong dollars; 0 is free, empty is not known",
            "180000",
            cells.hkd_as_cents,
            to="fee_cents",
        ),
        Column(
            "fee_basis",
            "what the fee is for, " + one_of(FeeBasis) + "; empty is whole",
            "year",
            cells.choice(FeeBasis),
            empty=FeeBasis.WHOLE,
        ),
        Column(
            "status",
            one_of(Course.Status) + "; empty is active",
            "active",
            cells.choice(Course.Status),
            empty=Course.Status.ACTIVE,
        ),
        Column("source_url", "where these facts stand", "https://example.hk/ai", cells.text(500), empty=""),
        Column("as_of", "day on which they were read", "2026-10-02", cells.day),
        Column("note", "what a reader should know", "", empty=""),
    ),
    key=("code",),
    together=(LEVEL_WITH_BASIS,),
    check=check_course,
)
COURSE_SKILLS = Table(
    "course skills",
    "Skills that courses raise (--course-skills), a row for each course and skill. A row confirms what was "
    "only proposed; what an officer has vetoed stays vetoed.",
    (
        Column("course", "its code", "hku-msc-ai", lookup="course", required=True, to="course_id"),
        Column("skill", "its slug", "machine-learning", lookup="skill", required=True, to="skill_id"),
        Column("level", "level reached, 1 to 5", "4", cells.whole_number(1, 5), required=True),
        Column("basis", "how this is known", "course outline", cells.text(200), empty=""),
    ),
    key=("course_id", "skill_id"),
)
PREREQUISITES = Table(
    "prerequisites",
    "Prerequisites (--prerequisites), one a row: a skill at a level, or another course to complete first. "
    "A row that would close a circle is refused.",
    (
        Column(
            "course",
            "code of the course that asks for it",
            "hku-msc-ai",
            lookup="course",
            required=True,
            to="course_id",
        ),
        Column("skill", "slug, or empty", "python", lookup="skill", to="skill_id"),
        Column("level", "level needed, 1 to 5", "2", cells.whole_number(1, 5)),
        Column("required_course", "code, or empty", "", lookup="course", to="required_course_id"),
    ),
    key=("course_id", "skill_id", "required_course_id"),
    check=check_prerequisite,
)
OFFERINGS = Table(
    "offerings",
    "Offerings (--offerings), one dated occasion of a course a row; course and `code` tell one from another.",
    (
        Column("course", "its code", "hku-msc-ai", lookup="course", required=True, to="course_id"),
        Column(
            "code", "the provider's own; one of its course", "2026-autumn", cells.text(120), required=True
        ),
        Column("starts_on", "first day", "2026-09-01", cells.day, required=True),
        Column("ends_on", "last day", "2027-06-30", cells.day, required=True),
        Column("timetable_en", "in words, in English", "Tue and Thu 19:00-22:00", cells.text(200), empty=""),
        Column(
            "timetable_zh_hant", "in Traditional Chinese", "二、四 19:00–22:00", cells.text(200), empty=""
        ),
        Column("timetable_zh_hans", "in Simplified Chinese", "二、四 19:00–22:00", cells.text(200), empty=""),
        Column("mode", one_of(Mode), "face_to_face", cells.choice(Mode), empty=""),
        Column(
            "district",
            "where it is taught, " + one_of(District) + "; empty when online or not known",
            "wan_chai",
            cells.choice(District),
            empty="",
        ),
        Column("seats", "seats left; empty when not known", "30", cells.whole_number(0, 1_000_000)),
        Column(
            "fee_hkd",
            "Hong Kong dollars, where the fee is not that of the course; for what that is for; 0 is free",
            "175000",
            cells.hkd_as_cents,
            to="fee_cents",
        ),
    ),
    key=("course_id", "code"),
    check=check_offering,
)
LISTING_DATES = ("listed_from", "listed_to")
SUBSIDY_LISTINGS = Table(
    "subsidy listings",
    "Listings (--subsidy-listings): whether a scheme such as the Continuing Education Fund lists a course, a "
    "row for each course and scheme. Without a row it is not known.",
    (
        Column("course", "its code", "hku-msc-ai", lookup="course", required=True, to="course_id"),
        Column("scheme", "its slug", "cef", lookup="subsidy scheme", required=True, to="scheme_id"),
        Column("is_listed", "yes or no", "yes", cells.yes_or_no, required=True),
        Column("listed_from", "first day of the listing, where stated", "2026-01-01", cells.day),
        Column("listed_to", "last day of the listing, where stated", "2027-12-31", cells.day),
        Column(
            "source_url",
            "where this stands",
            "https://www.wfsfaa.gov.hk/cef",
            cells.web_address(500),
            empty="",
        ),
        Column("as_of", "day on which it was read", "2026-10-02", cells.day),
    ),
    key=("course_id", "scheme_id"),
    together=(LISTING_DATES,),
    check=check_listing,
)
