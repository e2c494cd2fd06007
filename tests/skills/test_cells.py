"""One cell at a time: what is taken, and what is said of the rest."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from recommender.skills.importing import cells
from recommender.skills.models import Discipline

HONG_KONG_EVENING = datetime(2026, 9, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reader", "cell", "value"),
    [
        (cells.slug(10), "data-1_x", "data-1_x"),
        (cells.web_address(50), "https://www.hku.hk/ai?a=1", "https://www.hku.hk/ai?a=1"),
        (cells.choice(Discipline), "nlp", "nlp"),
        (cells.whole_number(1, 7), "6", 6),
        (cells.share, "0.25", 0.25),
        (cells.share, "1", 1.0),
        (cells.decimal, "-15.5", Decimal("-15.5")),
        (cells.hkd_as_cents, "0", 0),
        (cells.hkd_as_cents, "12500", 1_250_000),
        (cells.hkd_as_cents, "980.50", 98_050),
        (cells.yes_or_no, "yes", True),
        (cells.yes_or_no, "no", False),
        (cells.day, "1990-01-01", date(1990, 1, 1)),
        (cells.day, "2100-12-31", date(2100, 12, 31)),
        (cells.moment, "2026-09-01T18:30", HONG_KONG_EVENING),
        (cells.moment, "2026-09-01 10:30:00+00:00", HONG_KONG_EVENING),
        (cells.moment, "2026-09-01T10:30Z", HONG_KONG_EVENING),
    ],
)
def test_right(reader, cell, value):
    assert reader(cell) == value


@pytest.mark.parametrize(
    ("reader", "cell", "words"),
    [
        (cells.text(3), "long", "at most 3 characters"),
        (cells.slug(10), "數據", "Latin letters"),
        (cells.web_address(50), "www.hku.hk", "http://"),
        (cells.web_address(50), "javascript:alert(1)", "http://"),
        (cells.choice(Discipline), "magic", "must be one of: ai_governance"),
        (cells.whole_number(1, 7), "0", "from 1 to 7"),
        (cells.whole_number(1, 7), "6.5", "whole number"),
        (cells.whole_number(1, 7), "six", "whole number"),
        (cells.whole_number(1, 7), "9" * 5000, "whole number"),
        (cells.share, "1.01", "from 0 to 1"),
        (cells.share, "-0.1", "from 0 to 1"),
        (cells.share, "nan", "from 0 to 1"),
        (cells.share, "half", "from 0 to 1"),
        (cells.decimal, "1,250", "without a thousands comma"),
        (cells.decimal, "1e5", "such as 1250"),
        (cells.hkd_as_cents, "-1", "0 or more"),
        (cells.hkd_as_cents, "HK$500", "Hong Kong dollars"),
        (cells.hkd_as_cents, "1.005", "Hong Kong dollars"),
        (cells.hkd_as_cents, "NaN", "Hong Kong dollars"),
        (cells.hkd_as_cents, "Infinity", "Hong Kong dollars"),
        (cells.hkd_as_cents, "1e999999", "Hong Kong dollars"),
        (cells.yes_or_no, "maybe", "yes, no, or empty"),
        (cells.day, "1753-01-01", "1990 to 2100"),
        (cells.day, "2101-01-01", "1990 to 2100"),
        (cells.day, "31/12/2026", "such as 2026-09-01"),
        (cells.day, "2026-02-30", "such as 2026-09-01"),
        (cells.moment, "1753-01-01T00:00", "1990 to 2100"),
        (cells.moment, "yesterday", "such as 2026-09-01T18:30"),
    ],
)
def test_wrong(reader, cell, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        reader(cell)
