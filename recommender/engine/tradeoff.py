"""What shortage-aware ranking gives up and gains: accuracy against gap closed, weight by weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommender.engine.base import RecommenderMixin, score_blocks
from recommender.engine.histories import held
from recommender.engine.metrics import ndcg_at_k, positive
from recommender.engine.shortage_ranking import Fallback, Weights, rank
from recommender.engine.value import Needs, Raises, Targets

WEIGHTS = tuple(step / 20 for step in range(21))


class Point(NamedTuple):
    """What lists with this weight are worth, in the mean over learners.

    w : float in [0, 1]
    ndcg : NDCG of what was held out
    gap_closed : share of the learner's gap that a recommendation closes, in the mean over a list
    """

    w: float
    ndcg: float
    gap_closed: float


def tradeoff(
    model: RecommenderMixin,
    X: Any,
    test: Any,
    targets: Targets,
    needs: Needs,
    raises: Raises,
    weights: Weights,
    *,
    k: int,
    copies: ArrayLike,
    times: Any = None,
    ws: Sequence[float] = WEIGHTS,
) -> list[Point]:
    """The curve over `ws`, on lists of k courses each of what a learner does not hold yet.

    Parameters
    ----------
    model : fitted to what was not held out
    X, times : (b, n_courses) as in `RecommenderMixin`, without what was held out
    test : sparse (b, n_courses), above 0 where a course was held out; every learner should have one
    targets, needs, raises, weights, copies : as for `shortage_ranking.rank`
    k : int >= 1
    ws : weights in [0, 1]

    Returns
    -------
    a `Point` for each of `ws`; none where there is no learner
    """
    X, times = held(X, times)
    relevant = positive(test)
    sums = np.zeros((len(ws), 2))
    for rows in score_blocks(*X.shape):
        allowed = X[rows].toarray() == 0
        relevance = model.score_items(X[rows], times=None if times is None else times[rows])
        for place, w in enumerate(ws):
            lists = rank(
                relevance,
                allowed,
                _rows(targets, rows),
                needs,
                raises,
                weights,
                _nothing(*relevance.shape),
                w=w,
                k=k,
                copies=copies,
            )
            n_listed = np.maximum(1, (lists.courses >= 0).sum(axis=1))
            ndcg = ndcg_at_k(lists.courses, relevant[rows], k)
            sums[place] += ndcg.sum(), (lists.gap_closed.sum(axis=1) / n_listed).sum()
    means = sums / max(1, X.shape[0])
    return (
        [Point(float(w), *map(float, mean)) for w, mean in zip(ws, means, strict=True)] if X.shape[0] else []
    )


def largest_weight(points: Sequence[Point], share: float) -> float | None:
    """The largest w that gives up at most `share` of the best NDCG of the curve.

    The best is not always at w = 0: where people take what their goals need, closing gaps predicts them.
    None where there is no NDCG that could be given up.
    """
    best = max((point.ndcg for point in points), default=0.0)
    return max(point.w for point in points if point.ndcg >= (1 - share) * best) if best > 0 else None


def _rows(targets: Targets, rows: slice) -> Targets:
    starts = targets.starts[rows.start : rows.stop + 1]
    return Targets(targets.held[rows], starts - starts[0], targets.roles[starts[0] : starts[-1]])


def _nothing(b: int, n_courses: int) -> Fallback:
    rows: NDArray[np.int64] = np.empty((b, 0), dtype=np.int64)
    return Fallback(np.empty((0, n_courses), dtype=np.float32), rows)
