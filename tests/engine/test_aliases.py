import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.engine.aliases import AliasMatcher, names_of, tokens

VOCABULARY = [
    ("machine learning", "機器學習", "机器学习", "ML"),
    ("data science", "數據科學"),
    ("data",),
    ("R", "R 語言"),
    ("Go",),
    ("C++",),
    ("C",),
    ("research & development",),
    ("e-commerce",),
    ("Python (computer programming)", "Advanced Encryption Standard (AES)"),
    ("visualisation",),
    ("AI", "人工智能"),
    ("Node.js",),
]
MATCHER = AliasMatcher(VOCABULARY)


def named(text):
    return [VOCABULARY[match.skill][0] for match in MATCHER.matches(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MACHINE-LEARNING for all", ["machine learning"]),
        ("Machine  learning\nand data science", ["machine learning", "data science"]),
        ("machine, learning", []),
        ("A machine. Learning", []),
        ("machinelearnings", []),
        ("Data science", ["data science"]),
        ("Data and science", ["data"]),
        ("datasets", []),
        ("Big Data: Science of it", ["data"]),
        ("Research and Development", ["research & development"]),
        ("research&development", ["research & development"]),
        ("E commerce, ecommerce and e-commerce", ["e-commerce"]),
        ("Vizualisation Visualization", ["visualisation"]),
        ("Dáta", ["data"]),
        ("Python", ["Python (computer programming)"]),
        ("AES in practice", ["Python (computer programming)"]),
        ("Node.js and node js", ["Node.js"]),
        ("", []),
        (" ,.;", []),
    ],
)
def test_latin_names_are_whole_words_however_they_are_written(text, expected):
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("機器學習與數據科學入門", ["machine learning", "data science"]),
        ("机器学习入门", ["machine learning"]),
        ("数据科学", []),
        ("學機器學習，用Python", ["machine learning", "Python (computer programming)"]),
        ("人工智能AI", ["AI"]),
        ("機器。學習", []),
    ],
)
def test_chinese_names_are_runs_of_characters_of_their_own_script(text, expected):
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Data analysis with R", ["data", "R"]),
        ("R programming", ["R"]),
        ("Python, R, SQL", ["Python (computer programming)", "R"]),
        ("R 語言", ["R"]),
        ("R", ["R"]),
        ("R&D in banks", []),
        ("Mr R Smith", []),
        ("learn r", []),
        ("Vitamin C and health", []),
        ("C programming", ["C"]),
        ("C++ programming", ["C++"]),
        ("Programming in Go", ["Go"]),
        ("Go further", []),
        ("let's go", []),
        ("AI for all", ["AI"]),
        ("Ai Weiwei", []),
        ("ML in practice", ["machine learning"]),
        ("5 ml", []),
    ],
)
def test_short_names_need_their_own_case_and_a_sign_that_they_are_meant(text, expected):
    assert named(text) == expected


def test_the_name_as_the_vocabulary_has_it_is_told():
    assert [match.name for match in MATCHER.matches("機器學習 ML")] == ["機器學習"]


def test_one_phrase_may_name_two_skills():
    matches = AliasMatcher([("AI ethics",), ("ethics of AI", "AI ethics")]).matches("AI Ethics")
    assert [match.skill for match in matches] == [0, 1]


def test_qualifiers_in_brackets():
    assert names_of(["Swift (computer programming)"]) == ["Swift (computer programming)", "Swift"]
    assert "BIM" in names_of(["building information modelling (BIM)"])
    assert names_of(["(only)"]) == ["(only)"]
    assert names_of([]) == []


@given(st.text(), st.text())
def test_any_text_is_read(name, text):
    AliasMatcher([(name,)]).matches(text)


@given(
    st.lists(
        st.sampled_from(["machine learning", "garden", "機器學習", "花園", "Data", "C++", ";"]), max_size=6
    )
)
def test_whatever_stands_around_it_after_a_full_stop_a_name_is_found(words):
    assert "data science" in named(f"{' '.join(words)}. Data science. {' '.join(words)}")


def test_an_other_name_that_many_names_hold_tells_nothing():
    others = [(f"data {word}",) for word in "abcdefghijklm"]
    assert AliasMatcher([("statistics", "data"), *others]).matches("Big data") == []
    assert AliasMatcher([("data", "facts"), *others]).matches("Big data")
    assert AliasMatcher([("statistics", "data"), *others[:3]]).matches("Big data")


def test_plurals_meet_their_singular():
    for one, many in [("process", "processes"), ("strategy", "strategies"), ("network", "networks")]:
        assert tokens(one)[0].folded == tokens(many)[0].folded
    assert tokens("class")[0].folded == "class"
