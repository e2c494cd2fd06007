"""How money, dates, shares and foreign texts are written."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from recommender.catalogue.fees import Fee
from recommender.portal.templatetags.hongkong import day, fee, hkd, marked, moment, own_words, percent
from recommender.skills.trilingual import Localised


@pytest.mark.parametrize(
    ("cents", "words"),
    [(0, "HK$0"), (100, "HK$1"), (123_400, "HK$1,234"), (123_450, "HK$1,234.50"), (5, "HK$0.05")],
)
def test_money_has_commas_and_cents_only_where_there_are_some(cents, words):
    assert hkd(cents) == words


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (Fee(None), "Whole fee not known"),
        (Fee(None, "year"), "Whole fee not known"),
        (Fee(0), "Free"),
        (Fee(0, "year"), "Free"),
        (Fee(0, "audit"), "Free without a certificate"),
        (Fee(100), "HK$1"),
        (Fee(100, "year"), "HK$1 a year"),
        (Fee(100, "unstated"), "HK$1, not stated for what"),
    ],
)
def test_a_fee_is_said_with_what_it_is_for_and_an_unknown_one_is_not_free(stated, words):
    assert fee(stated) == words


@pytest.mark.parametrize(
    ("reader", "words", "said"),
    [
        ("en", "A degree", "A degree"),
        ("en", "持有學士學位", '<span lang="zh">持有學士學位</span>'),
        ("zh-hans", "持有學士學位", "持有學士學位"),
        ("zh-hant", "A degree & more", '<span lang="en">A degree &amp; more</span>'),
    ],
)
def test_a_sources_own_words_are_marked_where_the_reader_reads_another_language(reader, words, said):
    with translation.override(reader):
        assert own_words(words) == said


def test_days_and_times_are_hong_kongs():
    assert day(date(2026, 11, 2)) == "2 November 2026"
    assert day(datetime(2026, 11, 22, 19, 4, tzinfo=UTC)) == "23 November 2026"
    assert moment(datetime(2026, 11, 22, 19, 4, tzinfo=UTC)) == "23 November 2026, 03:04"


def test_a_share_against_has_a_true_minus():
    assert [percent(12), percent(-2)] == ["12%", "−2%"]


def test_only_a_text_in_another_language_is_marked():
    title = Localised("統計學 <b>", "zh-hant")
    assert marked(title) == '<span lang="zh-hant">統計學 &lt;b&gt;</span>'
    with translation.override("zh-hant"):
        assert marked(title) == "統計學 &lt;b&gt;"
    assert marked("plain & simple") == "plain &amp; simple"
