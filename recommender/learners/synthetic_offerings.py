"""Made-up offerings of the sample's Hong Kong courses: dates, seats and timetables to see at work.

What an intake looks like depends on its course and month alone: another run, on another day, makes the
same intakes and adds those that came into reach. Online courses are taken at any time and have none.
"""

from datetime import date, timedelta
from random import Random

from recommender.catalogue.districts import District
from recommender.catalogue.models import Course, Offering
from recommender.learners.synthetic import sample_codes

MONTHS_AHEAD = 12
DEGREE_MONTHS = (9,)
POSTGRADUATE_MONTHS = (1, 9)
SHORT_COURSE_MONTHS = (1, 3, 5, 7, 9, 11)
# Months from the first day to the last, by HKQF level; without a level it is a short course.
LENGTHS = {4: 22, 5: 46, 6: 12, 7: 36, None: 3}
# In English, Traditional and Simplified Chinese.
EVENINGS = (
    ("Mon and Wed 19:00–22:00", "逢星期一、三 19:00–22:00", "逢星期一、三 19:00–22:00"),
    ("Tue and Thu 19:00–22:00", "逢星期二、四 19:00–22:00", "逢星期二、四 19:00–22:00"),
    ("Sat 14:00–18:00", "逢星期六 14:00–18:00", "逢星期六 14:00–18:00"),
)
DAYTIME = ("Mon to Fri 09:30–17:30", "星期一至五 09:30–17:30", "星期一至五 09:30–17:30")
# Where a provider has its main campus; the districts of all others are made up, one for each provider.
CAMPUSES = {
    "cityu": District.SHAM_SHUI_PO,
    "cuhk": District.SHA_TIN,
    "eduhk": District.TAI_PO,
    "hkbu": District.KOWLOON_CITY,
    "hkmu": District.KOWLOON_CITY,
    "hku": District.CENTRAL_AND_WESTERN,
    "hku-space": District.CENTRAL_AND_WESTERN,
    "hkust": District.SAI_KUNG,
    "hsuhk": District.SHA_TIN,
    "lingnan": District.TUEN_MUN,
    "polyu": District.YAU_TSIM_MONG,
    "sfu": District.SAI_KUNG,
}


def add_offerings(courses_file, today):
    """Adds the intakes of the months ahead that are not there yet."""
    courses = (
        Course.objects.active()
        .select_related("provider")
        .filter(code__in=sample_codes(courses_file, online=False))
    )
    made = [
        intake(course, month)
        for course in courses
        for month in months_from(today)
        if month.month in intake_months(course)
    ]
    Offering.objects.bulk_create(made, ignore_conflicts=True)


def months_from(today):
    """The first days of the months to come, the next month first."""
    for ahead in range(1, MONTHS_AHEAD + 1):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        yield date(year, month + 1, 1)


def intake_months(course):
    if course.hkqf_level is None:
        return SHORT_COURSE_MONTHS
    return POSTGRADUATE_MONTHS if course.hkqf_level >= 6 else DEGREE_MONTHS


def intake(course, month):
    random = Random(f"{course.code} {month}")
    starts_on = month + timedelta(days=-month.weekday() % 7)
    is_part_time = course.study_pattern in (
        Course.StudyPattern.PART_TIME,
        Course.StudyPattern.EITHER,
        "",
    )
    timetable = random.choice(EVENINGS) if is_part_time else DAYTIME
    length = LENGTHS[course.hkqf_level] * (2 if is_part_time and course.hkqf_level == 6 else 1)
    return Offering(
        course=course,
        code=f"synthetic-{month:%Y-%m}",
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=30 * length),
        timetable_en=timetable[0],
        timetable_zh_hant=timetable[1],
        timetable_zh_hans=timetable[2],
        mode=course.mode,
        district=district_of(course.provider.code),
        # About one intake in ten is full.
        seats=max(0, random.randint(-4, 36)),
        is_synthetic=True,
    )


def district_of(provider):
    return CAMPUSES.get(provider) or Random(provider).choice(District.values)
