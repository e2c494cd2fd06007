import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.special import expit

from recommender.engine import tagging
from recommender.engine.tagging import MEASURED, Evidence, tag

VOCABULARY = [("machine learning", "機器學習"), ("data ethics", "數據倫理"), ("cooking",), ("R",)]
UNRELATED = ["gardens in spring", "the history of tea", "花園", "walks. And hills", ""]
some_texts = st.lists(
    st.lists(
        st.sampled_from([*"abc", "machine", "learning", "data ethics", "機器學習", "R"]), max_size=5
    ).map(" ".join),
    min_size=1,
    max_size=6,
)


def confidences(titles, descriptions=None, **options):
    return tag(VOCABULARY, titles, descriptions or [""] * len(titles), **options).toarray()


def test_what_the_title_names_is_proposed_with_much_confidence():
    found = confidences(["Machine learning", "機器學習", "Tea ceremonies"])
    assert (found[:2, 0] > 0.8).all()
    assert not found[:2, 1:].any()
    assert not found[2].any()


def test_the_title_counts_more_than_the_description():
    title = confidences(["Machine learning", "Tea"], ["A course on tea", ""])[0, 0]
    description = confidences(["A course on tea", "Tea"], ["Machine learning", ""])[0, 0]
    assert title > description > 0


def test_one_word_of_a_name_says_less_than_all_of_it():
    found = confidences(["Ethics for everybody", "Data ethics"], least=0.001)
    assert 0 < found[0, 1] < found[1, 1]


def test_a_letter_is_no_word():
    assert not confidences(["Mr R and the tea"], least=0.005)[0, 3]
    assert confidences(["Statistics in R"], least=0.005)[0, 3] > 0


def test_cold_confidence_by_hand():
    """A lone course whose title is the name: words and letters alike to 1, all of the name in the title."""
    found = tag([("tea",)], ["tea"], [""])[0, 0]
    weights = MEASURED.named
    expected = expit(weights[0] + weights[2] + weights[3] + weights[4] + weights[-1])
    # A ridge of 1 leaves nothing to a course that is left out of its own.
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_courses_alike_lend_their_skills():
    titles = ["Neural nets and machine learning", "Neural nets, continued", "Soup"]
    found = confidences(titles, least=0.0001)
    assert found[1, 0] > found[2, 0]


def test_evidence_of_courses_alike_by_hand():
    """Two courses with the same words but for the skill: ridge regression of one from the other."""
    evidence = Evidence([("tea",)], ["x y", "x y"], ["tea", ""])
    kernel = (lambda vectors: (vectors @ vectors.T).toarray())(
        tagging._course_vectors(["x y\nx y\ntea", "x y\nx y\n"])
    )
    # From the one other course, whose mark is 0.5: k / (1 + ridge) of it.
    expected = 0.5 * kernel[1, 0] / (kernel[0, 0] + tagging.RIDGE)
    np.testing.assert_allclose(evidence.of(slice(0, 2))[6, :, 0] ** 2, [0, expected], rtol=1e-4, atol=1e-6)


@pytest.fixture(scope="module")
def confirmed():
    """200 courses; those on tea raise cooking, which no text names."""
    titles = [f"{'tea' if number % 2 else 'hills'} {number} {number % 7}" for number in range(240)]
    marks = np.zeros((240, len(VOCABULARY)))
    marks[:200, 2] = [number % 2 for number in range(200)]
    marks[:200, 1] = 1 - marks[:200, 2]
    return titles, marks


def test_what_people_confirmed_is_learned(confirmed):
    titles, marks = confirmed
    assert not confidences(titles, least=0.2).any()
    found = confidences(titles, confirmed=marks)[200:]
    odd = np.arange(200, 240) % 2 == 1
    assert found[odd, 2].min() > 0.5 > found[~odd, 2].max()
    assert found[~odd, 1].min() > 0.5 > found[odd, 1].max()


def test_a_course_does_not_learn_from_itself(confirmed):
    titles, marks = confirmed
    wrong = marks.copy()
    wrong[0] = [0, 0, 1, 0]  # on hills, and yet confirmed as the ones on tea are
    assert confidences(titles, confirmed=wrong)[0, 2] < 0.5


def test_too_few_confirmed_courses_teach_nothing(confirmed):
    titles, marks = confirmed
    few = marks.copy()
    few[tagging.LEAST_CONFIRMED - 1 :] = 0
    np.testing.assert_array_equal(confidences(titles, confirmed=few), confidences(titles))


THREE = [("machine learning",), ("data ethics",), ("cooking",)]


@pytest.fixture(scope="module")
def half_decided():
    """150 courses: the title names one skill, the description another; the first is confirmed of 120."""
    titles = [f"Machine learning {number}" for number in range(150)]
    descriptions = [f"With data ethics, part {number % 11}" for number in range(150)]
    confirmed, proposed = np.zeros((150, 3)), np.zeros((150, 3))
    confirmed[:120, 0] = 1
    proposed[120:, 0] = proposed[:, 1] = 1
    return titles, descriptions, confirmed, proposed


def test_a_skill_that_nobody_has_decided_is_not_wrong(half_decided):
    titles, descriptions, confirmed, proposed = half_decided
    before = tag(THREE, titles, descriptions).toarray()
    after = tag(THREE, titles, descriptions, confirmed, proposed=proposed).toarray()
    assert before[:, 1].min() > 0.2
    np.testing.assert_allclose(after[:, 1], before[:, 1], atol=1e-6)
    assert after[120:, 0].min() > 0.5


def test_what_was_vetoed_of_others_is_learned(half_decided):
    titles, descriptions, confirmed, proposed = half_decided
    vetoed = np.zeros_like(confirmed)
    vetoed[:110, 1], proposed = 1, proposed.copy()
    proposed[:110, 1] = 0
    before = tag(THREE, titles, descriptions).toarray()
    after = tag(THREE, titles, descriptions, confirmed, vetoed, proposed).toarray()
    assert before[110:, 1].min() > 0.2 > after[110:, 1].max()
    assert after[120:, 0].min() > 0.8


def test_how_rare_unnamed_skills_are_shows_in_whole_courses_only():
    titles = [f"Hills {number} {number % 7}" for number in range(150)]
    confirmed, vetoed, proposed = (np.zeros((150, 3)) for _ in range(3))
    confirmed[:, 0] = vetoed[:, 1] = proposed[:, 2] = 1
    half, whole = (
        Evidence(THREE, titles, [""] * 150, confirmed, vetoed, undecided).fitted_weights()
        for undecided in (proposed, None)
    )
    np.testing.assert_array_equal(half.unnamed, MEASURED.unnamed)
    assert (whole.unnamed != MEASURED.unnamed).any()


def test_confidences_tell_about_how_often_they_are_right():
    random = np.random.default_rng(0)
    words = [f"word{number}" for number in range(30)]
    titles = [" ".join(random.choice(words, 4)) for _ in range(1200)]
    chances = np.array([0.8 if "word1 " in f"{title} " else 0.1 for title in titles])
    truth = random.random(1200) < chances
    marks = np.column_stack([truth, ~truth])
    marks[600:] = False
    found = tag([("zzz",), ("yyy",)], titles, [""] * 1200, marks, least=0.0001).toarray()[600:, 0]
    assert found.mean() == pytest.approx(chances[600:].mean(), abs=0.05)
    for low, high in [(0, 0.3), (0.3, 1)]:
        inside = (found > low) & (found <= high)
        assert inside.sum() > 50
        assert found[inside].mean() == pytest.approx(chances[600:][inside].mean(), abs=0.15)


@settings(deadline=None, max_examples=30)
@given(titles=some_texts, descriptions=st.data())
def test_confidences_lie_above_0_and_up_to_1(titles, descriptions):
    texts = descriptions.draw(
        st.lists(st.sampled_from(UNRELATED), min_size=len(titles), max_size=len(titles))
    )
    found = tag(VOCABULARY, titles, texts)
    assert isinstance(found, csr_array)
    assert found.shape == (len(titles), len(VOCABULARY))
    assert ((found.data > 0) & (found.data <= 1)).all()
    empty = [not (title.strip() or text) for title, text in zip(titles, texts, strict=True)]
    assert not found.toarray()[empty].any()


@settings(deadline=None, max_examples=30)
@given(titles=some_texts, unrelated=st.sampled_from(UNRELATED))
def test_unrelated_text_takes_no_named_skill_away(titles, unrelated):
    before = confidences(titles, least=1.0) > 0
    after = confidences(titles, [f"{unrelated}. " * 20] * len(titles), least=1.0) > 0
    assert (after | ~before).all()


@settings(deadline=None, max_examples=30)
@given(titles=some_texts, data=st.data())
def test_the_order_of_courses_does_not_matter(titles, data):
    order = data.draw(st.permutations(range(len(titles))))
    moved = confidences([titles[place] for place in order], least=0.001)
    np.testing.assert_allclose(moved, confidences(titles, least=0.001)[order], atol=2e-3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("titles", [[], [""], ["", " ,"], ["tea"]])
@pytest.mark.parametrize("vocabulary", [[], [()], [("",)], [("R",)]])
def test_nothing_gives_nothing(titles, vocabulary):
    found = tag(vocabulary, titles, [""] * len(titles))
    assert found.shape == (len(titles), len(vocabulary))
    assert found.nnz == 0


def test_progress_ends_with_all_courses():
    told = []
    tag(VOCABULARY, ["tea", "machine learning"], ["", ""], progress=lambda *done: told.append(done))
    assert told == [(2, 2)]


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="least must be in"):
        tag(VOCABULARY, ["a"], ["b"], least=0)
    with pytest.raises(ValueError, match="2 titles and 1 descriptions"):
        tag(VOCABULARY, ["a", "b"], [""])
    with pytest.raises(ValueError, match=r"confirmed must have shape \(1, 4\), got \(1, 1\)"):
        tag(VOCABULARY, ["a"], [""], [[1]])
