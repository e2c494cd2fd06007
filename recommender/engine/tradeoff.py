"""What shortage-aware ranking gives up and gains: accuracy against gap closed, weight by weight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommender.engine.base import RecommenderMixin
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


class Curve(NamedTuple):
    """What the curve says, and by how many learners; no points where there is nobody."""

    n_learners: int
    points: list[Point]


class Judged(NamedTuple):
    """A block of b learners by whom the curve is drawn.

    X, times : (b, n_courses) as in `RecommenderMixin`, without what was held out
    test : sparse (b, n_courses), above 0 where a course was held out; every learner should have one
    allowed : bool ndarray (b, n_courses), what may be listed. What was held out may be in any case: else it
        could not be judged whether a list finds it
    targets : Targets, of b learners
    """

    X: Any
    times: Any
    test: Any
    allowed: NDArray[np.bool_]
    targets: Targets


def tradeoff(
    model: RecommenderMixin,
    blocks: Iterable[Judged],
    needs: Needs,
    raises: Raises,
    weights: Weights,
    *,
    k: int,
    copies: ArrayLike,
    ws: Sequence[float] = WEIGHTS,
) -> Curve:
    """The curve over `ws`, on lists of k courses each; one block is held at a time.

    Parameters
    ----------
    model : fitted to what was not held out
    blocks : learners, as many at a time as their scores may take memory
    needs, raises, weights, copies : as for `shortage_ranking.rank`
    k : int >= 1
    ws : weights in [0, 1]
    """
    n_learners, sums = 0, np.zeros((len(ws), 2))
    for block in blocks:
        n_learners += block.allowed.shape[0]
        X, times = held(block.X, block.times)
        relevant = positive(block.test)
        allowed = block.allowed | (relevant.toarray() > 0)
        relevance = model.score_items(X, times=times)
        for place, w in enumerate(ws):
            lists = rank(
                relevance,
                allowed,
                block.targets,
                needs,
                raises,
                weights,
                _nothing(*allowed.shape),
                w=w,
                k=k,
                copies=copies,
            )
            n_listed = np.maximum(1, (lists.courses >= 0).sum(axis=1))
            ndcg = ndcg_at_k(lists.courses, relevant, k)
            sums[place] += ndcg.sum(), (lists.gap_closed.sum(axis=1) / n_listed).sum()
    if not n_learners:
        return Curve(0, [])
    means = sums / n_learners
    return Curve(n_learners, [Point(float(w), *map(float, mean)) for w, mean in zip(ws, means, strict=True)])


def largest_weight(points: Sequence[Point], share: float) -> float | None:
    """The largest w that gives up at most `share` of the best NDCG of the curve.

    The best is not always at w = 0: where people take what their goals need, closing gaps predicts them.
    None where there is no NDCG that could be given up.
    """
    best = max((point.ndcg for point in points), default=0.0)
    return max(point.w for point in points if point.ndcg >= (1 - share) * best) if best > 0 else None


def _nothing(b: int, n_courses: int) -> Fallback:
    rows: NDArray[np.int64] = np.empty((b, 0), dtype=np.int64)
    return Fallback(np.empty((0, n_courses), dtype=np.float32), rows)
