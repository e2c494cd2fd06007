"""Chooses hyperparameters on held-out entries of the data at hand, within a stated time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.base import clone

from recommender.engine.base import RecommenderMixin
from recommender.engine.metrics import ndcg_at_k
from recommender.engine.splits import Split, leave_last_out, leave_random_out


class Trial(NamedTuple):
    """One try: the hyperparameters, their mean NDCG on the held-out entries, and how long it took."""

    params: dict[str, float]
    ndcg: float
    seconds: float


class Selection(NamedTuple):
    """model : unfitted clone with the best hyperparameters tried; trials : all that were tried, in order."""

    model: RecommenderMixin
    trials: list[Trial]


def select(
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
    """Search the model's grid, one hyperparameter after the other, uphill from the values that it has.

    One entry of each user is held out: the last one, or a random one where there is no order. Each value is
    tried by a fit to all that remains and judged by the NDCG@k of a sample of users. Nothing is random but
    the sample and the entries drawn; how far the search gets depends on the time alone.

    Parameters
    ----------
    model : estimator with a `search_grid`; its hyperparameters are where the search starts
    X : csr_array (n_users, n_items)
    times : csr_array, same pattern as X, optional
    budget : float, seconds
        A try as long as the longest so far must end in time, or it is not begun. With 0 nothing is tried and
        the values stay as they are.
    k : int, length of the lists judged
    n_judged : int, size of the sample
    random_state : int
    report : callable, optional
        Told of each try as it ends.
    """
    deadline = time.monotonic() + budget
    grid = model.search_grid(times is not None)
    split = leave_random_out(X, random_state=random_state) if times is None else leave_last_out(X, times)
    judged = _sample(split.test, n_judged, random_state)
    search = _Search(model, split, judged, k, deadline, report)
    if grid and judged.size:
        search.climb(grid)
    return Selection(search.best(), list(search.trials.values()))


class _Search:
    def __init__(
        self,
        model: RecommenderMixin,
        split: Split,
        judged: NDArray[np.intp],
        k: int,
        deadline: float,
        report: Callable[[Trial], None] | None,
    ) -> None:
        self.model, self.split, self.judged, self.k = model, split, judged, k
        self.deadline, self.report = deadline, report
        self.trials: dict[tuple[float, ...], Trial] = {}

    def climb(self, grid: Mapping[str, Sequence[float]]) -> None:
        """Move one hyperparameter at a time along its grid for as long as that helps, until none does."""
        here = {name: self.model.get_params()[name] for name in grid}
        best = self._ndcg(here)
        moved = True
        while moved:
            moved = False
            for name, values in grid.items():
                for step in (_next_above, _next_below):
                    while (value := step(values, here[name])) is not None:
                        ndcg = self._ndcg(here | {name: value})
                        if ndcg <= best:
                            break
                        here, best, moved = here | {name: value}, ndcg, True

    def best(self) -> RecommenderMixin:
        model: RecommenderMixin = clone(self.model)
        if self.trials:
            model.set_params(**max(self.trials.values(), key=lambda trial: trial.ndcg).params)
        return model

    def _ndcg(self, params: dict[str, float]) -> float:
        """NDCG of a fit with these values, or -inf when there is no time for one."""
        key = tuple(params.values())
        if key not in self.trials:
            longest = max((trial.seconds for trial in self.trials.values()), default=0.0)
            if time.monotonic() + longest >= self.deadline:
                return -np.inf
            self.trials[key] = self._try(params)
            if self.report is not None:
                self.report(self.trials[key])
        return self.trials[key].ndcg

    def _try(self, params: dict[str, float]) -> Trial:
        began = time.monotonic()
        X, times, test = self.split
        model = clone(self.model).set_params(**params).fit(X, times=times)
        judged_times = None if times is None else times[self.judged]
        ranked, _ = model.recommend(X[self.judged], self.k, times=judged_times)
        ndcg = float(ndcg_at_k(ranked, test[self.judged], self.k).mean())
        return Trial(params, ndcg, time.monotonic() - began)


def _sample(test: csr_array, size: int, random_state: int) -> NDArray[np.intp]:
    """Users with something held out; when there are more than `size`, that many of them at random."""
    users = np.flatnonzero(np.diff(test.indptr))
    if users.size > size:
        users = np.sort(np.random.default_rng(random_state).choice(users, size, replace=False))
    return users


def _next_above(values: Sequence[float], value: float) -> float | None:
    return min((other for other in values if other > value), default=None)


def _next_below(values: Sequence[float], value: float) -> float | None:
    return max((other for other in values if other < value), default=None)
