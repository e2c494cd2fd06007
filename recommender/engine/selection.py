"""Chooses members, hyperparameters and coefficients of a blend on held-out entries, within a stated time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.base import clone

from recommender.engine.als import ImplicitALS
from recommender.engine.base import RecommenderMixin, score_blocks
from recommender.engine.blend import MOST_FEATURES, Blend, house_blend, house_members
from recommender.engine.ease import Ease
from recommender.engine.metrics import ndcg_at_k
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.ranking import top_k
from recommender.engine.sequential import NextItemRidge
from recommender.engine.splits import Split, leave_last_out, leave_random_out
from recommender.engine.statistics import MOST_DENSE_ITEMS

# Without order, so much of each history is held out.
RANDOM_SHARE = 0.2
# A change must gain this many standard errors of the mean difference per user: with few users the best of
# many tries is mostly luck.
LEAST_GAIN = 0.3
# Each member proposes so many items per user; the coefficients are judged on their union.
N_CANDIDATES = 50
SMALLEST_STEP = 0.04
# A spread of scores below this is rounding.
MUTE = 1e-12
MOST_JUDGED_CELLS = 2**28
# The leading member says by which decays all read, so that they share blocks; and a half-life would keep the
# sums of a blend from being updated (see `statistics.SummedMixin.is_lasting`).
GIVEN_IN_COMPANY = ("decay", "half_life")


class Trial(NamedTuple):
    """One try: what was fitted and how, its mean NDCG on the held-out entries, and how long it took."""

    model: str
    params: dict[str, Any]
    ndcg: float
    seconds: float


class Selection(NamedTuple):
    """model : unfitted clone with the best values tried; trials : all that were tried, in order."""

    model: RecommenderMixin
    trials: list[Trial]


def candidates(n_items: int, ordered: bool) -> list[RecommenderMixin]:
    """The members that a blend may have, where each starts, the strongest first."""
    if n_items > MOST_DENSE_ITEMS:
        return [*house_members(n_items), ImplicitALS(), Popularity()]
    if ordered:
        return [*house_members(n_items), Popularity()]
    return [Ease(), ItemNeighbours(), ImplicitALS(), Popularity()]


def select(
    X: csr_array,
    *,
    times: csr_array | None = None,
    budget: float,
    start: Blend | None = None,
    k: int = 10,
    n_judged: int = 20_000,
    random_state: int = 0,
    report: Callable[[Trial], None] | None = None,
) -> Selection:
    """The best blend found of the house members: each is tuned alone, then their coefficients together.

    The last entry of each user is held out, or a share of the entries at random where there is no order. Each
    value is tried by a fit to all that remains and judged by the NDCG@k of a sample of users. How far the
    search gets depends on the time; nothing else is random but the sample and the entries drawn.

    Parameters
    ----------
    X : csr_array (n_users, n_items)
    times : csr_array, same pattern as X, optional
    budget : float, seconds
        A try as long as the longest of its kind so far must end in time, or it is not begun. With 0 nothing
        is tried, and `start` or the house blend is kept.
    start : Blend, optional
        Where the search starts, such as the blend of the run before; its members stand in for the house's.
    k : int, length of the lists judged
    n_judged : int, size of the sample; less where the catalogue is large, so that its scores stay within
        `MOST_JUDGED_CELLS`
    random_state : int
    report : callable, optional
        Told of each try as it ends.
    """
    ordered = times is not None
    deadline = time.monotonic() + budget
    split, judged = _held_out(X, times, n_judged, random_state)
    members = _starting_members(X.shape[1], ordered, start)
    if judged.size == 0:
        return Selection(Blend((Popularity(),), (1.0,)), [])
    if budget <= 0:
        return Selection(clone(start) if start is not None else _untuned(X.shape[1], ordered), [])
    search = _Search(split, judged, k, deadline, report)
    tuned = search.tune(members)
    return Selection(search.blend(tuned), search.trials)


def select_hyperparameters(
    model: RecommenderMixin,
    X: csr_array,
    *,
    times: csr_array | None = None,
    budget: float,
    k: int = 10,
    n_judged: int = 20_000,
    random_state: int = 0,
    report: Callable[[Trial], None] | None = None,
) -> Selection:
    """`select` for one model alone: its hyperparameters, from the values that it has."""
    split, judged = _held_out(X, times, n_judged, random_state)
    if budget <= 0 or judged.size == 0:
        return Selection(clone(model), [])
    search = _Search(split, judged, k, time.monotonic() + budget, report)
    return Selection(clone(search.climb(model, search.deadline).model), search.trials)


class _Tried(NamedTuple):
    """A fitted model, what it was worth to each judged user, and how long it took."""

    model: RecommenderMixin
    ndcg: NDArray[np.float64]
    seconds: float


class _Search:
    def __init__(
        self,
        split: Split,
        judged: NDArray[np.intp],
        k: int,
        deadline: float,
        report: Callable[[Trial], None] | None,
    ) -> None:
        self.split, self.judged, self.k = split, judged, k
        self.X = split.X[judged]
        self.times = None if split.times is None else split.times[judged]
        self.test = split.test[judged]
        self.deadline, self.report = deadline, report
        self.trials: list[Trial] = []

    def tune(self, members: Sequence[RecommenderMixin]) -> list[RecommenderMixin]:
        """Each member, fitted with the best values found; the first gets half of the time, and so on."""
        tuned: list[RecommenderMixin] = []
        for place, member in enumerate(members):
            if tuned and time.monotonic() >= self.deadline:
                break
            if tuned and isinstance(tuned[0], NextItemRidge):
                member = _with_decay_of(tuned[0], member)
            left = self.deadline - time.monotonic()
            share = 0.5 if place < len(members) - 1 else 0.8
            tuned.append(self.climb(member, time.monotonic() + share * left, alone=not tuned).model)
        return tuned

    def climb(self, start: RecommenderMixin, deadline: float, alone: bool = True) -> _Tried:
        """Move one hyperparameter at a time along its grid for as long as that helps, until none does.

        In company, what `GIVEN_IN_COMPANY` names stays as it is.
        """
        grid = start.search_grid(self.times is not None)
        if not alone:
            grid = {name: values for name, values in grid.items() if name not in GIVEN_IN_COMPANY}
        seen: set[str] = set()
        best = self._try(start)
        seen.add(str(best.model.get_params()))
        slowest, moved = best.seconds, True
        while moved:
            moved = False
            for name, values in grid.items():
                for step in (1, -1):
                    while (value := _next(values, best.model.get_params()[name], step)) is not None:
                        candidate = clone(best.model).set_params(**{name: value})
                        if str(candidate.get_params()) in seen or not self._fits(candidate):
                            break
                        if time.monotonic() + slowest >= deadline:
                            return best
                        seen.add(str(candidate.get_params()))
                        tried = self._try(candidate)
                        slowest = max(slowest, tried.seconds)
                        if not _is_better(tried.ndcg, best.ndcg):
                            break
                        best, moved = tried, True
        return best

    def blend(self, fitted: list[RecommenderMixin]) -> Blend:
        """The blend of these members with the best coefficients found; those that do not help are dropped."""
        began = time.monotonic()
        scores = _CandidateScores(fitted, self.X, self.times, self.test, self.k)
        if scores.is_mute.all():
            return Blend((Popularity(),), (1.0,))
        weights = scores.climb()
        kept = np.flatnonzero(weights)
        coefficients = tuple(float(weights[place] / scores.spread[place]) for place in kept)
        blend = Blend(tuple(clone(fitted[place]) for place in kept), coefficients)
        names = {type(fitted[place]).__name__: round(float(weights[place]), 3) for place in kept}
        self._note("Blend", names, scores.ndcg(weights), time.monotonic() - began)
        return blend

    def _fits(self, model: RecommenderMixin) -> bool:
        return not isinstance(model, NextItemRidge) or model.n_features(self.X.shape[1]) <= MOST_FEATURES

    def _try(self, model: RecommenderMixin) -> _Tried:
        began = time.monotonic()
        fitted = clone(model).fit(self.split.X, times=self.split.times)
        ranked, _ = fitted.recommend(self.X, self.k, times=self.times)
        ndcg = ndcg_at_k(ranked, self.test, self.k)
        seconds = time.monotonic() - began
        params = {name: fitted.get_params()[name] for name in fitted.search_grid(self.times is not None)}
        self._note(type(model).__name__, params, ndcg, seconds)
        return _Tried(fitted, ndcg, seconds)

    def _note(self, model: str, params: dict[str, Any], ndcg: NDArray[np.float64], seconds: float) -> None:
        self.trials.append(Trial(model, params, float(ndcg.mean()), seconds))
        if self.report is not None:
            self.report(self.trials[-1])


class _CandidateScores:
    """Scores of several members for the items that any of them would list: what coefficients are tried on.

    A member's scores are divided by their spread over all items and users, so that coefficients compare.
    """

    def __init__(
        self,
        members: list[RecommenderMixin],
        X: csr_array,
        times: csr_array | None,
        test: csr_array,
        k: int,
    ) -> None:
        self.k, self.test = k, test
        self.n_members = len(members)
        n_candidates = max(N_CANDIDATES, k)
        lists = [member.recommend(X, n_candidates, times=times)[0] for member in members]
        self.items = np.sort(np.concatenate(lists, axis=1), axis=1)
        repeated = np.zeros(self.items.shape, dtype=np.bool_)
        repeated[:, 1:] = self.items[:, 1:] == self.items[:, :-1]
        self.is_out = repeated | (self.items < 0)
        self.spread = np.zeros(self.n_members)
        self.scores = np.empty((*self.items.shape, self.n_members), dtype=np.float32)
        for place, member in enumerate(members):
            squares, n_scores = 0.0, 0
            for rows in score_blocks(*X.shape):
                scored = member.score_items(X[rows], times=None if times is None else times[rows])
                self.scores[rows, :, place] = np.take_along_axis(
                    scored, np.maximum(self.items[rows], 0), axis=1
                )
                squares += float(
                    (scored - scored.mean(axis=1, keepdims=True, dtype=np.float32)).var() * scored.size
                )
                n_scores += scored.size
            self.spread[place] = np.sqrt(squares / n_scores)
        # A member that gives everything the same score says nothing, whatever it is multiplied by.
        self.is_mute = self.spread < MUTE
        self.scores /= np.where(self.is_mute, 1.0, self.spread).astype(np.float32)

    def ndcg(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """NDCG of each user with these weights of the members."""
        total = self.scores @ weights.astype(np.float32)
        total[self.is_out] = -np.inf
        places, _ = top_k(total, self.k)
        ranked = np.where(places < 0, -1, np.take_along_axis(self.items, np.maximum(places, 0), axis=1))
        ndcg: NDArray[np.float64] = ndcg_at_k(ranked, self.test, self.k)
        return ndcg

    def climb(self) -> NDArray[np.float64]:
        """Weights of the members: from the best single one, by ever smaller steps of one weight at a time."""
        alone = [self.ndcg(row) for row in np.eye(self.n_members)]
        worth = [-1.0 if mute else ndcg.mean() for ndcg, mute in zip(alone, self.is_mute, strict=True)]
        lead = int(np.argmax(worth))
        weights: NDArray[np.float64] = np.eye(self.n_members)[lead]
        best = alone[lead]
        step = 0.4
        while step > SMALLEST_STEP:
            moved = False
            for place in range(self.n_members):
                for change in (step, -step):
                    tried = weights.copy()
                    tried[place] = round(tried[place] + change, 6)
                    if place == lead or self.is_mute[place] or tried[place] < 0:
                        continue
                    ndcg = self.ndcg(tried)
                    if _is_better(ndcg, best):
                        weights, best, moved = tried, ndcg, True
                        break
            if not moved:
                step /= 2
        return weights


def _held_out(
    X: csr_array, times: csr_array | None, n_judged: int, random_state: int
) -> tuple[Split, NDArray[np.intp]]:
    """What is fitted to and judged by, and the users who are judged."""
    split = leave_random_out(X, RANDOM_SHARE, random_state) if times is None else leave_last_out(X, times)
    return split, _sample(split.test, min(n_judged, MOST_JUDGED_CELLS // X.shape[1]), random_state)


def _starting_members(n_items: int, ordered: bool, start: Blend | None) -> list[RecommenderMixin]:
    members = candidates(n_items, ordered)
    if start is None or start.members is None:
        return members
    earlier = {type(member): member for member in start.members}
    return [earlier.get(type(member), member) for member in members]


def _with_decay_of(lead: NextItemRidge, member: RecommenderMixin) -> RecommenderMixin:
    """The member, reading histories by a decay that the leading one has a block for."""
    given: RecommenderMixin = clone(member)
    if isinstance(member, Ease):
        given.set_params(decay=max(lead.decays))
    if isinstance(member, ItemNeighbours):
        given.set_params(decay=min(lead.decays))
    return given


def _untuned(n_items: int, ordered: bool) -> Blend:
    """The house blend for histories in order, else the strongest member alone."""
    return house_blend(n_items) if ordered else Blend((candidates(n_items, ordered)[0],), (1.0,))


def _is_better(ndcg: NDArray[np.float64], than: NDArray[np.float64]) -> bool:
    gain = ndcg - than
    return bool(gain.mean() > LEAST_GAIN * gain.std() / np.sqrt(gain.size) and gain.mean() > 0)


def _sample(test: csr_array, size: int, random_state: int) -> NDArray[np.intp]:
    """Users with something held out; when there are more than `size`, that many of them at random."""
    users = np.flatnonzero(np.diff(test.indptr))
    if users.size > size:
        users = np.sort(np.random.default_rng(random_state).choice(users, size, replace=False))
    return users


def _next(values: Sequence[Any], value: Any, step: int) -> Any:
    """The value before or after in a grid; of a value not on the grid, the nearest on that side."""
    if value in values:
        place = values.index(value) + step
        return values[place] if 0 <= place < len(values) else None
    ordered = [
        other
        for other in values
        if (other is not None and value is not None and (other > value) == (step > 0))
    ]
    return (ordered[0] if step > 0 else ordered[-1]) if ordered else None
