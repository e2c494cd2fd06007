"""Which skills a course raises, proposed from its title and description, each with a confidence.

Before anybody has confirmed a skill, this speaks for it: the text names it (`aliases.py`), or is worded like
one of its names, in words or in letters, or like courses that name it. Where people have decided on the
skills of enough courses, what they confirmed is learned from too: by ridge regression from texts to skills,
and from the nearest courses. No course learns from itself: leaving one out of a ridge regression has a closed
form.

A proposal that nobody has decided is neither right nor wrong: it lends to other courses what its text alone
says of it, and teaches no weight.

Logistic regression puts all evidence together, once for skills that the text names and once for the rest,
with no weight below 0: more evidence never lowers a confidence.

References
----------
Salton and Buckley (1988), "Term-weighting approaches in automatic text retrieval",
doi:10.1016/0306-4573(88)90021-0.
Allen (1974), "The relationship between variable selection and data augmentation and a method for prediction",
doi:10.1080/00401706.1974.10489157: leaving one out.
Elkan and Noto (2008), "Learning classifiers from only positive and unlabeled data",
doi:10.1145/1401890.1401920: what is not confirmed is not wrong.
Peduzzi et al. (1996), "A simulation study of the number of events per variable in logistic regression
analysis", doi:10.1016/S0895-4356(96)00236-3: how many decisions are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, hstack, vstack
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer

from recommender.engine.aliases import AliasMatcher, is_short, names_of, tokens
from recommender.engine.texts import HAN_CHARACTER

EVIDENCE = (
    "named in title",
    "named in description",
    "words alike",
    "letters alike",
    "share of a name in title",
    "share of a name in description",
    "like courses that name it",
    "ridge regression",
    "nearest courses",
)
N_LEARNED = 2  # the last so many come from confirmed skills
# Weights of the evidence and, last, the constant, measured on 60% of 5,411 courses of an online platform with
# the platform's own skills: for skills that the text names, and for the others.
NAMED = (0.07, 0.0, 5.16, 3.49, 0.0, 0.75, 0.0, 0.0, 0.0, -4.75)
UNNAMED = (0.0, 0.0, 1.54, 3.33, 0.72, 1.28, 10.38, 0.0, 0.0, -6.18)

LEAST = 0.05
LEAST_CONFIRMED = 100  # courses with confirmed skills that are enough to learn from
LEAST_PAIRS = 100  # right and wrong pairs each, ten for a weight, that are enough to learn weights from
MOST_LEARNED = 8_000  # courses whose system of equations is solved
RIDGE = 1.0
N_NEIGHBOURS = 20
DESCRIPTION_COUNTS = 0.5  # for likeness to courses that name a skill, where a name in the title counts 1
MOST_COMMON = 1_000  # letters that more texts share tell nothing apart and cost most
SMALLEST_SHARE = 0.003
MOST_NEGATIVES = 300_000  # pairs of course and skill that are wrong and not named: so many are enough
BLOCK_CELLS = 4_000_000


class Weights(NamedTuple):
    """Weights of the evidence and a constant, each float64 of shape (n_evidence + 1,)."""

    named: NDArray[np.float64]
    unnamed: NDArray[np.float64]


MEASURED = Weights(np.array(NAMED), np.array(UNNAMED))


def tag(
    vocabulary: Sequence[Iterable[str]],
    titles: Sequence[str],
    descriptions: Sequence[str],
    confirmed: Any = None,
    vetoed: Any = None,
    proposed: Any = None,
    *,
    least: float = LEAST,
    progress: Callable[[int, int], object] | None = None,
) -> csr_array:
    """Confidence that each course raises each skill.

    Parameters
    ----------
    vocabulary : for each skill its name and then its other names, in any languages
    titles, descriptions : str of each course, in any mix of languages; either may be empty
    confirmed : sparse or dense of shape (n_courses, n_skills), optional
        Not 0 where people say that a course raises a skill
    vetoed : the same, where people say that it does not
    proposed : the same, where nobody has decided on a proposal yet. A course with decided skills and without
        such ones is taken to be decided whole: it raises no others
    least : float in (0, 1]
        Lower confidences are left out, but never a skill that the text names.
    progress : called as progress(done, total) with courses, optional

    Returns
    -------
    float64 csr_array of shape (n_courses, n_skills), stored values in (0, 1]. A course without text has none.
    """
    if not 0 < least <= 1:
        raise ValueError(f"least must be in (0, 1], got {least}")
    evidence = Evidence(vocabulary, titles, descriptions, confirmed, vetoed, proposed)
    weights = evidence.fitted_weights() if evidence.learns else MEASURED
    return evidence.confidences(weights, least, progress)


class Evidence:
    """What speaks for each skill in each course; see `tag` for the parameters."""

    def __init__(
        self,
        vocabulary: Sequence[Iterable[str]],
        titles: Sequence[str],
        descriptions: Sequence[str],
        confirmed: Any = None,
        vetoed: Any = None,
        proposed: Any = None,
    ) -> None:
        if len(titles) != len(descriptions):
            raise ValueError(f"{len(titles)} titles and {len(descriptions)} descriptions are not of the same")
        matcher = AliasMatcher(vocabulary)
        self.shape = len(titles), len(matcher.vocabulary)
        self.confirmed, self.vetoed, self.proposed = (
            _marks(name, marks, self.shape)
            for name, marks in (("confirmed", confirmed), ("vetoed", vetoed), ("proposed", proposed))
        )
        self.decided = csr_array(self.confirmed + self.vetoed)
        self.learns = int(_any(self.confirmed).sum()) >= LEAST_CONFIRMED
        self.in_title = _named(matcher, titles, self.shape)
        self.in_description = _named(matcher, descriptions, self.shape)
        # The title stands twice, since it says most.
        texts = [f"{title}\n{title}\n{text}" for title, text in zip(titles, descriptions, strict=True)]
        self.has_text = np.array([any(token.folded for token in tokens(text)) for text in texts], dtype=bool)
        self.is_empty = 0 in self.shape or not self.has_text.any()
        if self.is_empty:
            return
        self._likeness = _Likeness(matcher.vocabulary, texts, titles, descriptions)
        vectors = _course_vectors(texts)
        mentions = csr_array(self.in_title.maximum(DESCRIPTION_COUNTS * self.in_description))
        self._from_mentions = _Ridge(_Alike(vectors, self.has_text), mentions)
        self._from_decided: tuple[_Ridge, _Neighbours] | None = None
        if self.learns:
            alike, marks = _Alike(vectors, _any(self.decided)), csr_array(self.confirmed + self._expected())
            self._from_decided = _Ridge(alike, marks), _Neighbours(alike, marks)

    def blocks(self) -> Iterator[slice]:
        """Courses, so many at a time that their evidence fits into memory."""
        size = max(1, BLOCK_CELLS // max(1, self.shape[1]))
        for start in range(0, self.shape[0], size):
            yield slice(start, min(start + size, self.shape[0]))

    def of(self, rows: slice) -> NDArray[np.float32]:
        """float32 of shape (n_evidence, courses of the block, n_skills), all >= 0."""
        named = [self.in_title[rows].toarray(), self.in_description[rows].toarray()]
        like = np.sqrt(np.maximum(self._from_mentions.of(rows), 0))
        if self._from_decided:
            ridge, neighbours = self._from_decided
            share = np.maximum(ridge.of(rows), SMALLEST_SHARE) / SMALLEST_SHARE
            learned = [np.log(share), neighbours.of(rows)]
        else:
            learned = [np.zeros_like(like)] * N_LEARNED
        return np.stack([*named, *self._likeness.of(rows), like, *learned]).astype(np.float32)

    def fitted_weights(self) -> Weights:
        """Weights learned from what people have decided, each course seen as if nothing of it were."""
        is_whole = _any(self.decided) & ~_any(self.proposed)
        return self.weights_from(self.confirmed, is_whole, self.decided)

    def weights_from(
        self, truth: csr_array, of: NDArray[np.bool_], decided: csr_array | None = None
    ) -> Weights:
        """Weights that best tell what is true of some courses.

        Those that were measured stand where there is too little to learn from. What a text names is always
        proposed, so that decisions show all of it. Of the rest only the likely is: how rare it is shows in
        courses that are known whole.

        Parameters
        ----------
        truth : csr_array of shape (n_courses, n_skills), above 0 where a course raises a skill
        of : bool of shape (n_courses,), courses that are known whole
        decided : csr_array of shape (n_courses, n_skills), not 0 for pairs known of any course, optional
        """
        known = csr_array(self.shape) if decided is None else decided
        random = np.random.default_rng(0)
        share = min(1.0, MOST_NEGATIVES / max(1, int(of.sum()) * self.shape[1]))
        taken: list[tuple[NDArray[Any], ...]] = []
        for rows in self.blocks():
            evidence, is_true, is_decided = (
                self.of(rows),
                truth[rows].toarray() > 0,
                known[rows].toarray() > 0,
            )
            is_named = evidence[:2].max(axis=0) > 0
            is_kept = is_true | is_named | is_decided
            is_drawn = is_kept | (random.random(is_true.shape) < share)
            is_taken = is_drawn & (of[rows, np.newaxis] | is_decided)
            counts = np.where(is_kept, 1.0, 1 / share)
            taken.append((evidence[:, is_taken].T, *(part[is_taken] for part in (is_true, counts, is_named))))
        pairs, is_true, counts, is_named = map(np.concatenate, zip(*taken, strict=True))
        return Weights(
            *(
                _logistic(pairs[part], is_true[part], counts[part])
                if is_enough and _least_common(is_true[part]) >= LEAST_PAIRS
                else measured
                for part, measured, is_enough in (
                    (is_named, MEASURED.named, True),
                    (~is_named, MEASURED.unnamed, of.sum() >= LEAST_CONFIRMED),
                )
            )
        )

    def confidences(
        self, weights: Weights, least: float, progress: Callable[[int, int], object] | None = None
    ) -> csr_array:
        """Of each skill in each course; see `tag`."""
        if self.is_empty:
            return csr_array(self.shape, dtype=np.float64)
        found = []
        for rows in self.blocks():
            found.append(self._confidences(rows, weights, least))
            if progress:
                progress(rows.stop, self.shape[0])
        return csr_array(vstack(found))

    def _expected(self) -> csr_array:
        """What the texts alone say of proposals that nobody has decided; read before anything is learned."""
        if not self.proposed.nnz:
            return self.proposed
        return csr_array(
            vstack([self._confidences(rows, MEASURED, LEAST) * self.proposed[rows] for rows in self.blocks()])
        )

    def _confidences(self, rows: slice, weights: Weights, least: float) -> csr_array:
        evidence = self.of(rows)
        is_named = evidence[:2].max(axis=0) > 0
        by_name, by_likeness = (
            expit(np.tensordot(each[:-1], evidence, axes=1) + each[-1]) for each in weights
        )
        found = np.where(is_named, by_name, by_likeness)
        found[~is_named & (found < least)] = 0
        found[~self.has_text[rows]] = 0
        return csr_array(found)


def _marks(name: str, given: Any, shape: tuple[int, int]) -> csr_array:
    if given is None:
        return csr_array(shape, dtype=np.float32)
    marks = csr_array(csr_array(given) != 0, dtype=np.float32)
    marks.eliminate_zeros()
    if marks.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {marks.shape}")
    return marks


def _any(marks: csr_array) -> NDArray[np.bool_]:
    """Whether each course has a mark."""
    return np.asarray(np.diff(marks.indptr) > 0)


def _least_common(is_true: NDArray[np.bool_]) -> int:
    """How many of the rarer of right and wrong."""
    return int(min(is_true.sum(), (~is_true).sum()))


def _named(matcher: AliasMatcher, texts: Sequence[str], shape: tuple[int, int]) -> csr_array:
    """1 where a text names a skill."""
    found = [(row, match.skill) for row, text in enumerate(texts) for match in matcher.matches(text)]
    cells = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return csr_array((np.ones(len(found), dtype=np.float32), (cells[0], cells[1])), shape=shape)


def _words(text: str) -> list[str]:
    """Folded words, and pairs of neighbouring Chinese characters."""
    return [word for word in _phrases(text, with_pairs=False) if word]


def _words_and_pairs(text: str) -> list[str]:
    return _phrases(text, with_pairs=True)


def _phrases(text: str, *, with_pairs: bool) -> list[str]:
    found = [token.folded for token in tokens(text)]
    phrases = [word for word in found if word and not HAN_CHARACTER.match(word)]
    for one, other in pairwise(found):
        are_han = HAN_CHARACTER.match(one) and HAN_CHARACTER.match(other)
        if one and other and (with_pairs or are_han):
            phrases.append(one + other if are_han else f"{one} {other}")
    return phrases


def _vectoriser(analyser: Callable[[str], list[str]] | None) -> TfidfVectorizer:
    if analyser is None:
        return TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, max_df=MOST_COMMON, dtype=np.float32
        )
    return TfidfVectorizer(analyzer=analyser, sublinear_tf=True, dtype=np.float32)


def _fitted(vectoriser: TfidfVectorizer, *groups: Sequence[str]) -> list[csr_array]:
    """Weighed terms of groups of texts, which share one vocabulary; no columns where there are no terms."""
    try:
        vectoriser.fit([text for group in groups for text in group])
    except ValueError:
        return [csr_array((len(group), 0), dtype=np.float32) for group in groups]
    return [csr_array(vectoriser.transform(group)) for group in groups]


class _Alike:
    """Inner products of all courses with those that are learned from: cosines, the mean of words and letters.

    learned : ids of the courses that are learned from; at most `MOST_LEARNED`, evenly spread
    place : of each course among them, or -1
    to_learned : float32 of shape (n_courses, n_learned)
    """

    def __init__(self, vectors: csr_array, is_learned: NDArray[np.bool_]) -> None:
        learned = np.flatnonzero(is_learned)
        spread = np.linspace(0, learned.size - 1, min(learned.size, MOST_LEARNED)).astype(np.int64)
        self.learned = learned[np.unique(spread)]
        self.place = np.full(vectors.shape[0], -1)
        self.place[self.learned] = np.arange(self.learned.size)
        self.to_learned: NDArray[np.float32] = (vectors @ vectors[self.learned].T).toarray()


def _course_vectors(texts: Sequence[str]) -> csr_array:
    """Vectors of courses: the parts of words and of letters have the same length."""
    (words,), (letters,) = (_fitted(_vectoriser(analyser), texts) for analyser in (_words_and_pairs, None))
    return csr_array(hstack([words, letters]) * np.float32(np.sqrt(0.5)))


class _Likeness:
    """How much a text is worded like the best of a skill's names."""

    def __init__(
        self,
        vocabulary: Sequence[Sequence[str]],
        texts: Sequence[str],
        titles: Sequence[str],
        descriptions: Sequence[str],
    ) -> None:
        # Names of one or two letters are found in a text in their own case only, so they are no words here.
        names = [[name for name in names_of(known) if not is_short(name)] or [""] for known in vocabulary]
        self._starts = np.cumsum([0] + [len(known) for known in names[:-1]])
        flat = [name for known in names for name in known]
        by_word = _vectoriser(_words)
        self._words, self._titles, self._descriptions, name_words = _fitted(
            by_word, texts, titles, descriptions, flat
        )
        self._letters, name_letters = _fitted(_vectoriser(None), texts, flat)
        self._name_words, self._name_letters = name_words.T.tocsr(), name_letters.T.tocsr()
        self._name_shares = _shares(name_words, by_word).T.tocsr()

    def of(self, rows: slice) -> list[NDArray[np.float32]]:
        """Roots of the cosines of words and letters; shares of a name's words in title and description."""
        words, letters = (
            np.sqrt(np.maximum(self._best(texts[rows] @ names), 0))
            for texts, names in ((self._words, self._name_words), (self._letters, self._name_letters))
        )
        shares = [
            self._best((texts[rows] > 0).astype(np.float32) @ self._name_shares)
            for texts in (self._titles, self._descriptions)
        ]
        return [words, letters, *shares]

    def _best(self, by_name: csr_array) -> NDArray[np.float32]:
        best: NDArray[np.float32] = np.maximum.reduceat(by_name.toarray(), self._starts, axis=1)
        return best


def _shares(names: csr_array, vectoriser: TfidfVectorizer) -> csr_array:
    """What share of a name each of its words is, by inverse document frequency; rows sum to 1."""
    shares = names.astype(bool).astype(np.float32)
    if names.shape[1]:
        shares = csr_array(shares.multiply(vectoriser.idf_.astype(np.float32)))
    sums = np.asarray(shares.sum(axis=1)).ravel()
    shares.data /= np.repeat(sums, np.diff(shares.indptr))
    return shares


class _Ridge:
    """Ridge regression from texts to marks in its dual; a course learned from is left out of its own."""

    def __init__(self, alike: _Alike, marks: csr_array) -> None:
        products = alike.to_learned[alike.learned]
        products[np.diag_indices_from(products)] += RIDGE
        inverse = np.linalg.inv(products)
        known = marks[alike.learned].toarray()
        self._alike, self._weights = alike, inverse @ known
        self._left_out = known - self._weights / np.diag(inverse)[:, np.newaxis]

    def of(self, rows: slice) -> NDArray[np.float32]:
        places = self._alike.place[rows]
        found: NDArray[np.float32] = self._alike.to_learned[rows] @ self._weights
        found[places >= 0] = self._left_out[places[places >= 0]]
        return found


class _Neighbours:
    """Share of the nearest courses with a mark, by the square of their likeness."""

    def __init__(self, alike: _Alike, marks: csr_array) -> None:
        self._alike, self._marks = alike, marks[alike.learned]

    def of(self, rows: slice) -> NDArray[np.float32]:
        alike, places = self._alike.to_learned[rows].copy(), self._alike.place[rows]
        alike[np.flatnonzero(places >= 0), places[places >= 0]] = 0
        if alike.shape[1] > N_NEIGHBOURS:
            alike[alike < np.partition(alike, -N_NEIGHBOURS, axis=1)[:, [-N_NEIGHBOURS]]] = 0
        alike **= 2
        sums = alike.sum(axis=1, keepdims=True)
        np.divide(alike, sums, out=alike, where=sums > 0)
        return np.asarray(alike @ self._marks, dtype=np.float32)


def _logistic(pairs: NDArray[Any], is_true: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.float64]:
    """Weights >= 0 and a constant of a logistic regression with a little shrinkage."""
    columns = np.column_stack([pairs, np.ones(len(pairs))]).astype(np.float64)
    signs = np.where(is_true, 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (columns @ weights)
        shrinkage = weights.copy()
        shrinkage[-1] = 0
        slopes = columns.T @ (-signs * counts * expit(-margins)) + shrinkage
        return float(counts @ np.logaddexp(0, -margins) + shrinkage @ shrinkage / 2), slopes

    start = np.zeros(columns.shape[1])
    bounds = [(0, None)] * (columns.shape[1] - 1) + [(None, None)]
    found: NDArray[np.float64] = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return found
