"""When a period ends, read from the words of its source: "2027", "2026 Q1", "November-December 2022".

Sources write periods as they like, so only words whose end is certain are read. Of "2025/26", "mid-2026" or
"the coming five years" it is not, and the end stays unknown.
"""

import re
from calendar import month_abbr, month_name, monthrange
from datetime import date

MONTHS = {
    name.casefold(): number for names in (month_name, month_abbr) for number, name in enumerate(names) if name
}
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
YEAR = r"(?P<year>(?:19|20)\d\d)"
# What a period may be, or a range of periods end with.
ENDS = [
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"{YEAR}年?",
        rf"{YEAR}[ -]?q(?P<quarter>[1-4])",
        rf"q(?P<quarter>[1-4])[ -]?{YEAR}",
        rf"{YEAR}年第?(?P<quarter>[1-4])季度?",
        rf"{YEAR}-(?P<month>0[1-9]|1[0-2])",
        rf"{YEAR}年(?P<month>0?[1-9]|1[0-2])月",
        rf"(?P<named>{MONTH})\.?[ -]{YEAR}",
        rf"{YEAR}-(?P<month>0[1-9]|1[0-2])-(?P<day>\d\d)",
        rf"(?P<day>\d\d?) (?P<named>{MONTH})\.? {YEAR}",
    )
]
# "A to B" and "A-B" end with B where both are periods, or A is a month or a day without its year.
RANGE = re.compile(r"(?P<first>.+?)(?: to | ?[-–—至] ?)(?P<last>.+)")
PART = re.compile(rf"(?:\d\d? )?(?:{MONTH})\.?|(?:0?[1-9]|1[0-2])月|q[1-4]|\d+ days")


def end_of(period: str) -> date | None:
    """The last day of a period, or None where its words do not say it for certain."""
    words = " ".join(period.casefold().split())
    if found := _end_of_one(words):
        return found
    ranged = RANGE.fullmatch(words)
    if ranged is None:
        return None
    first, last = _end_of_one(ranged["first"]), _end_of_one(ranged["last"])
    is_range = (first is not None and last is not None and first <= last) or PART.fullmatch(ranged["first"])
    return last if is_range else None


def _end_of_one(words: str) -> date | None:
    found = next((match for end in ENDS if (match := end.fullmatch(words))), None)
    return _last_day(**found.groupdict()) if found else None


def in_order(periods) -> list[str]:
    """Periods by their ends, the earliest first; those whose end is unknown come last."""
    return sorted(periods, key=lambda period: ((end := end_of(period)) is None, end or date.max, period))


def nearness(period: str, today: date) -> tuple[int, int]:
    """Sorts periods, the one that stands for today last.

    That is the one that today lies in or else the next: of the ends not before today the earliest. Before it
    come later ones, then those that are over, the last of them nearest; first those whose end is unknown.
    """
    end = end_of(period)
    if end is None:
        return 0, 0
    return (1, end.toordinal()) if end < today else (2, -end.toordinal())


def _last_day(year, quarter=None, month=None, named=None, day=None):
    year = int(year)
    number = MONTHS[named] if named else int(month or int(quarter or 4) * 3)
    last = monthrange(year, number)[1]
    # Such as 31 June.
    if day and not 1 <= int(day) <= last:
        return None
    return date(year, number, int(day or last))
