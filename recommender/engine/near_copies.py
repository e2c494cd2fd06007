"""Finds courses that are one course over again: another term, another provider's copy, a part-time twin.

A sequel is none: "Part 2" reads like "Part 1", and is what comes next.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from recommender.engine.texts import HAN

LEAST_COSINE = 0.9
ROWS_A_BLOCK = 1024

NUMERAL = "一二三四五六七八九十"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
# A number that says which term or class it is, not which step.
OCCASION = re.compile(
    r"\b(?:term|semester|cohort|class|batch|intake|group|session) *\d+"
    rf"|第? *[\d{NUMERAL}]+ *(?:期|班|學期|学期)",
    re.IGNORECASE,
)
# Of one or two digits, apart from years ("2025/26"), codes ("P53") and versions ("4.0").
NUMBER = re.compile(r"(?<![A-Za-z\d])(?<!\d[./–-])\d{1,2}(?![\d]|[./–-]\d)")
IN_ROMAN = re.compile(r"\b(?:I{1,3}|IV|VI{0,3}|IX|X)\b(?![&'’])")
# Set apart from other characters, since they are parts of many words.
IN_CHINESE = re.compile(rf"(?:(?<![{HAN}])|(?<=第))[{NUMERAL}](?:(?![{HAN}])|(?=[部冊册篇集級级階阶]))")
PART = re.compile(rf"(?<![{HAN}])[上中下](?:(?![{HAN}])|(?=[部冊册篇集]))")
LEVELS = {
    "beginner": re.compile(
        r"\b(?:intro|introduction|introductory|beginners?|elementary|basics?)\b|入門|入门|基礎|基础|初[級级階阶]",
        re.IGNORECASE,
    ),
    "intermediate": re.compile(r"\bintermediate\b|中[級级階阶]", re.IGNORECASE),
    "advanced": re.compile(r"\badvanced\b|高[級级階阶]|進階|进阶", re.IGNORECASE),
}


def near_copies(
    vectors: Any, skills: Any, titles: Sequence[str], least_cosine: float = LEAST_COSINE
) -> NDArray[np.int64]:
    """The group of near-copies of each item; an item that has none is a group of its own.

    Two items are near-copies when the cosine of their vectors is `least_cosine` or more, they raise the same
    skills to the same levels and their titles name the same step (see `step`); so are two that both are
    near-copies of a third.

    Parameters
    ----------
    vectors : float array of shape (n_items, d), rows of length 1 or of zeros (see `texts.item_vectors`)
    skills : sparse or dense of shape (n_items, n_skills), levels; 0 for none
    titles : sequence of n_items str, in any mix of languages
    least_cosine : float in (0, 1]

    Returns
    -------
    int64 ndarray of shape (n_items,), the lowest number of an item of the group
    """
    vectors = np.asarray(vectors, dtype=np.float32)
    n_items = vectors.shape[0]
    pairs = [
        items[_alike(vectors[items], least_cosine)]
        for items in _same_skills_and_step(csr_array(skills), titles)
        if items.size > 1
    ]
    first, second = np.concatenate([*pairs, np.empty((0, 2), dtype=np.int64)]).T
    links = csr_array((np.ones(first.size, dtype=np.bool_), (first, second)), shape=(n_items, n_items))
    _, groups = connected_components(links, directed=False)
    _, lowest = np.unique(groups, return_index=True)
    return np.asarray(lowest[groups], dtype=np.int64)


def step(title: str) -> frozenset[int | str]:
    """What a title says of its place among others: small numbers, levels, first or second half.

    >>> sorted(step("Java Programming – Part II"))
    [2]
    >>> sorted(step("Intro to Python, 2025/26"))
    ['beginner']
    """
    title = OCCASION.sub(" ", unicodedata.normalize("NFKC", title))
    found: set[int | str] = {int(number) for number in NUMBER.findall(title)}
    found.update(ROMAN.index(numeral) + 1 for numeral in IN_ROMAN.findall(title))
    found.update(NUMERAL.index(numeral) + 1 for numeral in IN_CHINESE.findall(title))
    found.update(PART.findall(title))
    found.update(level for level, words in LEVELS.items() if words.search(title))
    return frozenset(found)


def _same_skills_and_step(skills: csr_array, titles: Sequence[str]) -> list[NDArray[np.int64]]:
    """Items that raise the same skills to the same levels and name the same step, together."""
    skills = skills.sorted_indices()
    skills.eliminate_zeros()
    found = defaultdict(list)
    bounds = zip(skills.indptr[:-1], skills.indptr[1:], titles, strict=True)
    for item, (start, end, title) in enumerate(bounds):
        same = skills.indices[start:end].tobytes(), skills.data[start:end].tobytes(), step(title)
        found[same].append(item)
    return [np.array(items, dtype=np.int64) for items in found.values()]


def _alike(vectors: NDArray[np.float32], least_cosine: float) -> NDArray[np.int64]:
    """Pairs (n_pairs, 2) of rows that are alike, the lower row first."""
    pairs = []
    for start in range(0, vectors.shape[0], ROWS_A_BLOCK):
        cosines = vectors[start : start + ROWS_A_BLOCK] @ vectors[start:].T
        # Rounding must not part what is the same.
        rows, others = np.nonzero(np.triu(cosines >= least_cosine - 1e-6, k=1))
        pairs.append(start + np.stack([rows, others], axis=1))
    return np.concatenate(pairs)
