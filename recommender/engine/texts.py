"""Describes items by their texts and labels, so that items can be alike before anybody has held them.

Latin script is cut into words. Chinese has no spaces between words, and a learnt segmenter would be one more
thing to keep, so it is cut into overlapping runs of one to three characters, which serve as well. Languages
and scripts are not translated: they meet in items that carry a text in each, since a few directions of
common variation are kept of all terms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, hstack
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HAN_CHARACTER = re.compile(f"[{HAN}]")
# What follows the letters tells C from C++ and C#.
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+[+#]*")
LONGEST = 3  # characters of a Chinese term


def terms(text: str) -> list[str]:
    """Words, and runs of one to three Chinese characters.

    >>> terms("Python數據分析")
    ['python', '數', '據', '分', '析', '數據', '據分', '分析', '數據分', '據分析']
    """
    found: list[str] = []
    for run in RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if HAN_CHARACTER.match(run):
            sizes = range(1, LONGEST + 1)
            found += [run[at : at + size] for size in sizes for at in range(len(run) - size + 1)]
        else:
            found.append(run)
    return found


def item_vectors(
    texts: Sequence[str], labels: Any = None, *, n_components: int = 256, label_weight: float = 0.3
) -> NDArray[np.float32]:
    """Vectors whose cosine says how alike items are: latent semantic analysis of texts and labels.

    The terms of an item and its labels are weighed by TF-IDF. Up to `n_components` items, the cosine of two
    vectors is that of their weighed terms; with more items, it is smoothed by what often goes together.

    Parameters
    ----------
    texts : sequence of str, one per item, in any mix of languages
        What is said twice counts more: repeat the title.
    labels : sparse or dense of shape (n_items, n_labels), >= 0, optional
        Skills, provider, discipline: what an item either has (at a level) or has not.
    n_components : int >= 1
    label_weight : float >= 0
        Length of an item's labels where its text has length 1. More than the default was measured to make
        courses of one provider too much alike.

    Returns
    -------
    float32 ndarray of shape (n_items, min(n_components, n_items)), rows of length 1; a row of zeros where an
    item has neither text nor labels. The same input gives the same vectors.

    References
    ----------
    Deerwester, Dumais, Furnas, Landauer and Harshman (1990), "Indexing by latent semantic analysis",
    doi:10.1002/(SICI)1097-4571(199009)41:6<391::AID-ASI1>3.0.CO;2-9.
    Nie, Gao, Zhang and Zhou (2000), "On the use of words and n-grams for Chinese information retrieval",
    doi:10.1145/355214.355235.
    """
    if n_components < 1:
        raise ValueError(f"n_components must be >= 1, got {n_components}")
    if not label_weight >= 0:
        raise ValueError(f"label_weight must be >= 0, got {label_weight}")
    weighed = _weighed_terms(texts)
    if labels is not None:
        weighed = csr_array(hstack([weighed, label_weight * _weighed_labels(labels, len(texts))]))
        weighed.eliminate_zeros()
    described = np.diff(weighed.indptr) > 0
    vectors = np.zeros((len(texts), min(n_components, len(texts))), dtype=np.float32)
    if described.any():
        shared = _own_terms_merged(weighed[described])
        left, lengths, _ = randomized_svd(shared, min(n_components, *shared.shape), random_state=0)
        vectors[described, : lengths.size] = normalize(left * lengths)
    return vectors


def _weighed_terms(texts: Sequence[str]) -> csr_array:
    if not any(map(terms, texts)):
        return csr_array((len(texts), 0), dtype=np.float32)
    vectoriser = TfidfVectorizer(analyzer=terms, sublinear_tf=True, dtype=np.float32)
    return csr_array(vectoriser.fit_transform(texts))


def _weighed_labels(labels: Any, n_items: int) -> csr_array:
    labels = csr_array(labels, dtype=np.float32)
    if labels.shape[0] != n_items:
        raise ValueError(f"labels must have one row for each of {n_items} texts, got {labels.shape[0]}")
    return labels if 0 in labels.shape else csr_array(TfidfTransformer().fit_transform(labels))


def _own_terms_merged(weighed: csr_array) -> csr_array:
    """The same inner products between rows, with all the terms that only one item has made into one.

    Most runs of three characters occur once; without them the matrix is a fraction as wide.
    """
    is_own = np.bincount(weighed.indices, minlength=weighed.shape[1]) == 1
    lengths = np.sqrt((weighed[:, is_own] ** 2).sum(axis=1))
    return csr_array(hstack([weighed[:, ~is_own], diags_array(lengths)]))
