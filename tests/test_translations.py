"""Whether both Chinese catalogues are complete, compiled, true to the source and each in its own Chinese."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.formats import number_format

from recommender.portal.templatetags.hongkong import day
from tests import services

HANT, HANS = "zh_Hant", "zh_Hans"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z%]|\{\w*\}")
TAG = re.compile(r"</?\w+")
# Traditional and Simplified in turn; only characters that the other script has no use for.
PAIRS = (
    "課课學学數数據据與与這这個个們们為为會会時时間间問问題题開开關关員员業业職职選选擇择讀读請请說说"
    "記记錄录設设計计評评語语證证認认讓让網网絡络檔档處处發发現现對对從从將将應应實实標标準准號号碼码"
    "電电腦脑訊讯資资類类級级結结線线經经給给練练組组紀纪單单變变過过還还進进運运達达適适頁页顯显預预"
)
TRADITIONAL, SIMPLIFIED = re.compile(f"[{PAIRS[::2]}]"), re.compile(f"[{PAIRS[1::2]}]")
NOT_OF_HONG_KONG = re.compile(
    "默認|用戶名|登錄|郵箱|賬號|賬戶|帳號|搜索|隱私|信息|設置|數據庫|質量|優先級"
    "|網路|軟體|電子郵件|使用者|數位|人工智慧"
)
NOT_OF_THE_MAINLAND = re.compile(
    "登入|电邮|帐户|帐号|档案|私隐|储存|搜寻|资讯|网路|软体|程式|电脑|数码|伺服器|荧幕"
)
# A proper name, which keeps its words in Simplified Chinese.
ORDINANCE = "《个人资料（私隐）条例》"


def folder(language):
    return settings.LOCALE_PATHS[0] / language / "LC_MESSAGES"


@pytest.fixture(scope="module", params=[HANT, HANS])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def catalogue(language):
    return polib.pofile(folder(language) / "django.po")


def key(entry):
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def texts(entry):
    """The translations of an entry: one, because Chinese has no plural."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def said_with(catalogue, pattern):
    """Each entry whose translation holds what the pattern finds, with that."""
    return [
        (entry.msgid, found)
        for entry in catalogue
        for text in texts(entry)
        for found in pattern.findall(text.replace(ORDINANCE, ""))
    ]


def test_every_entry_is_translated(catalogue):
    assert len(catalogue) > 600
    assert not [entry.msgid for entry in catalogue if entry.fuzzy or entry.obsolete or not all(texts(entry))]
    assert [
        entry.msgid for entry in catalogue if entry.msgid_plural and list(entry.msgstr_plural) != [0]
    ] == []


@pytest.mark.parametrize("pattern", [PLACEHOLDER, TAG], ids=["placeholders", "tags"])
def test_translations_hold_what_the_source_holds(catalogue, pattern):
    differing = [
        (entry.msgid, text)
        for entry in catalogue
        for text in texts(entry)
        if sorted(pattern.findall(text)) != sorted(pattern.findall(entry.msgid_plural or entry.msgid))
    ]
    assert not differing


def test_what_is_compiled_is_what_is_written(catalogue, language):
    compiled = polib.mofile(folder(language) / "django.mo")
    assert {key(entry): texts(entry) for entry in compiled} == {
        key(entry): texts(entry) for entry in catalogue
    }
    assert compiled.metadata["Plural-Forms"] == catalogue.metadata["Plural-Forms"]


@pytest.fixture(scope="module")
def in_the_source(tmp_path_factory):
    """The keys that makemessages finds, by language, in a copy of the source without catalogues."""
    if not shutil.which("xgettext"):
        services.missing("gettext")
    copy = tmp_path_factory.mktemp("source")
    for name in ("hktalent", "recommender", "templates"):
        ignored = shutil.ignore_patterns("__pycache__", "*.po", "*.mo", "sample")
        shutil.copytree(settings.BASE_DIR / name, copy / name, ignore=ignored)
    shutil.copy(settings.BASE_DIR / "manage.py", copy)
    (copy / "hktalent" / "locale").mkdir(exist_ok=True)
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "-l", HANT, "-l", HANS],
        cwd=copy,
        env=os.environ | {"HKTALENT_VAR": str(copy / "var")},
        check=True,
        capture_output=True,
    )
    files = copy / "hktalent" / "locale"
    return {
        found: {key(entry) for entry in polib.pofile(files / found / "LC_MESSAGES" / "django.po")}
        for found in (HANT, HANS)
    }


def test_catalogues_hold_the_texts_of_the_source_and_no_others(catalogue, language, in_the_source):
    held = {key(entry) for entry in catalogue}
    assert in_the_source[language] - held == set(), "run makemessages as the catalogue's first lines say"
    assert held - in_the_source[language] == set()


def test_each_catalogue_keeps_to_its_script(catalogue, language):
    assert said_with(catalogue, SIMPLIFIED if language == HANT else TRADITIONAL) == []


def test_each_catalogue_keeps_to_the_words_of_its_place(catalogue, language):
    assert said_with(catalogue, NOT_OF_HONG_KONG if language == HANT else NOT_OF_THE_MAINLAND) == []


@pytest.mark.parametrize("code", ["zh-hant", "zh-hans"])
def test_numbers_and_dates_are_written_as_in_hong_kong(code):
    with translation.override(code):
        assert number_format(1234567) == "1,234,567"
        assert day(date(2026, 1, 5)) == "2026年1月5日"


@pytest.mark.parametrize(("code", "save", "none"), [("zh-hant", "儲存", "無"), ("zh-hans", "保存", "无")])
def test_our_words_do_not_take_the_place_of_the_admins(code, save, none):
    with translation.override(code):
        assert translation.gettext("Save") == save
        assert translation.gettext("None") == none
