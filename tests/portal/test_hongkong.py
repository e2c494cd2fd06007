"""How money, dates, shares and foreign texts are written."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from recommender.portal.templatetags.hongkong import day, fee, hkd, marked, moment, percent
from recommender.skills.trilingual import Localised


@pytest.mark.parametrize(
    ("cents", "words"),
    [(0, "HK$0"), (100, "HK$1"), (123_400, "HK$1,234"), (123_450, "HK$1,234.50"), (5, "HK$0.05")],
)
def test_money_has_commas_and_cents_only_where_there_are_some(cents, words):
    assert hkd(cents) == words


@pytest.mark.parametrize(("cents", "words"), [(None, "Whole fee not known"), (0, "Free"), (100, "HK$1")])
def test_an_unknown_fee_is_not_a_free_course(cents, words):
    assert fee(cents) == words


def test_days_and_times_are_hong_kongs():
    assert day(date(2026, 11, 2)) == "2 November 2026"
    assert moment(datetime(2026, 11, 22, 19, 4, tzinfo=UTC)) == "23 November 2026, 03:04"


def test_a_share_against_has_a_true_minus():
    assert [percent(12), percent(-2)] == ["12%", "−2%"]


def test_only_a_text_in_another_language_is_marked():
    title = Localised("統計學 <b>", "zh-hant")
    assert marked(title) == '<span lang="zh-hant">統計學 &lt;b&gt;</span>'
    with translation.override("zh-hant"):
        assert marked(title) == "統計學 &lt;b&gt;"
    assert marked("plain & simple") == "plain &amp; simple"
