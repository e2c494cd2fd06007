import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.engine.texts import item_vectors, terms

some_texts = st.lists(
    st.lists(st.sampled_from(["data", "ethics", "機器學習", "数据", "C++"]), max_size=4).map(" ".join),
    max_size=8,
)


def likeness(texts, labels=None, **options):
    vectors = item_vectors(texts, labels, **options)
    return vectors @ vectors.T


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Deep learning, deeply", ["deep", "learning", "deeply"]),
        ("數據", ["數", "據", "數據"]),
        ("数据分析", ["数", "据", "分", "析", "数据", "据分", "分析", "数据分", "据分析"]),
        ("用Python學AI", ["用", "python", "學", "ai"]),
        ("C、C++ and C# 101", ["c", "c++", "and", "c#", "101"]),
        ("Ｐｙｔｈｏｎ３ Café", ["python3", "café"]),
        ("snake_case — ！", ["snake", "case"]),
        ("", []),
    ],
)
def test_terms(text, expected):
    assert terms(text) == expected


def test_likeness_is_the_cosine_of_weighed_terms():
    # Smoothed inverse document frequencies of terms that two of the three texts have, or only one.
    # The first text is then (two, own), the second (two, two', own), the third (two', own).
    two, own = 1 + np.log(4 / 3), 1 + np.log(2)
    short, long = np.hypot(two, own), np.sqrt(2 * two**2 + own**2)
    alike = two**2 / (short * long)
    cosines = likeness(["data ethics", "data cloud security", "security law"])
    np.testing.assert_allclose(cosines, [[1, alike, 0], [alike, 1, alike], [0, alike, 1]], atol=1e-5)


def test_what_is_said_twice_counts_more():
    texts = ["data", "data data ethics", "data ethics ethics", "ethics"]
    cosines = likeness(texts)
    assert cosines[0, 1] > cosines[0, 2]
    assert cosines[3, 2] > cosines[3, 1]


def test_the_same_text_is_alike_and_scripts_do_not_mix():
    cosines = likeness(["數據科學入門", "數據科學入門", "Data science", "Data science"])
    np.testing.assert_allclose(cosines, np.kron(np.eye(2), np.ones((2, 2))), atol=1e-5)


def test_a_text_in_two_languages_joins_them():
    texts = ["machine learning", "機器學習", "machine learning 機器學習", "tax law", "稅法", "tax law 稅法"]
    cosines = likeness(texts, n_components=2)
    assert cosines[0, 1] > 0.99
    assert abs(cosines[0, 4]) < 0.01


def test_labels_tell_apart_what_texts_do_not():
    labels = csr_array([[3, 0], [3, 0], [0, 1]])
    without, with_labels = likeness(["data", "data", "data"]), likeness(["data", "data", "data"], labels)
    np.testing.assert_allclose(without, 1, atol=1e-5)
    # Texts of length 1 in one direction, labels of length 0.3 in two.
    np.testing.assert_allclose(with_labels[0], [1, 1, 1 / 1.09], atol=1e-5)


def test_an_item_with_labels_only_is_like_its_label():
    cosines = likeness(["", "data", ""], [[1, 0], [0, 1], [1, 0]])
    np.testing.assert_allclose(cosines, [[1, 0, 1], [0, 1, 0], [1, 0, 1]], atol=1e-5)


def test_labels_that_weigh_nothing_describe_nothing():
    texts = ["", *(f"course {number} of {number % 7}" for number in range(300))]
    assert not item_vectors(texts, np.ones((301, 1)), label_weight=0.0)[0].any()


@pytest.mark.parametrize(
    ("texts", "shape", "lengths"),
    [
        ([], (0, 0), []),
        (["data"], (1, 1), [1]),
        ([""], (1, 1), [0]),
        (["", "…"], (2, 2), [0, 0]),
        (["data", "數據"], (2, 2), [1, 1]),
    ],
)
@pytest.mark.filterwarnings("error")
def test_few_items(texts, shape, lengths):
    vectors = item_vectors(texts)
    assert vectors.shape == shape
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), lengths, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(texts=some_texts, n_components=st.integers(1, 9))
def test_rows_have_length_1_or_say_nothing(texts, n_components):
    vectors = item_vectors(texts, n_components=n_components)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(texts), min(n_components, len(texts)))
    assert not vectors[[text == "" for text in texts]].any()
    lengths = np.linalg.norm(item_vectors(texts), axis=1)
    np.testing.assert_allclose(lengths, [text != "" for text in texts], atol=1e-5)


@settings(deadline=None, max_examples=40)
@given(texts=some_texts, data=st.data())
def test_relabelling_items_permutes_likeness(texts, data):
    order = data.draw(st.permutations(range(len(texts))))
    renamed = likeness([texts[item] for item in order])
    np.testing.assert_allclose(renamed, likeness(texts)[np.ix_(order, order)], atol=1e-4)


def test_twice_the_same():
    texts = [f"course {number % 7} of {number % 5}" for number in range(300)]
    np.testing.assert_array_equal(item_vectors(texts), item_vectors(texts))


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="n_components must be >= 1, got 0"):
        item_vectors(["a"], n_components=0)
    with pytest.raises(ValueError, match=r"label_weight must be >= 0, got -1\.0"):
        item_vectors(["a"], label_weight=-1.0)
    with pytest.raises(ValueError, match="labels must have one row for each of 1 texts, got 2"):
        item_vectors(["a"], [[1], [1]])
