"""A weighted sum of models that err differently: what the product recommends by.

Members whose scores are history features times a matrix are added up into one matrix when fitted, so that
scoring, folding in a new event and explaining cost no more than for one model.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from recommender.engine.als import ImplicitALS
from recommender.engine.base import Contributions, LinearMixin, RecommenderMixin, plain_array, plain_value
from recommender.engine.ease import Ease
from recommender.engine.features import FeatureSpace
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from recommender.engine.statistics import MOST_DENSE_ITEMS, Statistics, SummedMixin

FAMILIES: dict[str, type[RecommenderMixin]] = {
    family.__name__: family for family in (Popularity, ItemNeighbours, Ease, NextItemRidge, ImplicitALS)
}


# A model with more features takes over 5 GB for its sums alone.
MOST_FEATURES = 25_000
HOUSE_COEFFICIENTS = (1.0, 0.3, 0.1)


def house_members(n_items: int) -> tuple[RecommenderMixin, ...]:
    """The members for histories in order, the strongest first, as far as a catalogue of this size allows.

    They share two decays, so that they add up to one matrix with two blocks. Read by a short memory, plain
    neighbours were measured to add most; read by a long one, EASE. Where that would be more than
    `MOST_FEATURES`, they share one decay and there are no pairs; above `MOST_DENSE_ITEMS` items only the
    neighbours remain, which are sparse there.
    """
    if n_items > MOST_DENSE_ITEMS:
        return (ItemNeighbours(),)
    lead = NextItemRidge(decays=(0.3, 0.9))
    if lead.n_features(n_items) > MOST_FEATURES:
        lead = NextItemRidge(decays=(0.7,), n_pairs=0)
    return lead, Ease(decay=max(lead.decays)), ItemNeighbours(decay=min(lead.decays))


def house_blend(n_items: int) -> Blend:
    """What a blend without members is for so many items, its members named."""
    members = house_members(n_items)
    return Blend(members, HOUSE_COEFFICIENTS[: len(members)])


class Blend(SummedMixin, LinearMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by the weighted sum of its members' scores.

    Parameters
    ----------
    members : tuple of estimators, or None for the house members, which depend on the number of items
    coefficients : tuple of float, one for each member, or None for the house members'

    Attributes
    ----------
    weights_ : float32 ndarray of shape (n_features, n_items), the sum of all linear members; the last row is
        what does not depend on the history
    decays_, pairs_ : the features that its rows stand for (see `features`)
    others_ : list of (coefficient, fitted member) that could not be added to `weights_`
    """

    def __init__(
        self,
        members: tuple[RecommenderMixin, ...] | None = None,
        coefficients: tuple[float, ...] | None = None,
    ) -> None:
        self.members = members
        self.coefficients = coefficients

    def fit(self, X: Any, y: Any = None, *, times: Any = None, executor: Executor | None = None) -> Self:
        """Fit each member and add them up."""
        X, times = self._checked(X, times, reset=True)
        members, coefficients = self._parts()
        fitted = []
        for member in members:
            spread = {"executor": executor} if isinstance(member, SummedMixin) else {}
            fitted.append(clone(member).fit(X, times=times, **spread))
        return self.combine(fitted, coefficients)

    @property
    def is_summed(self) -> bool:
        """Whether the model is fitted to sums over users that stay what they are when other users come."""
        if self.members is None:
            return True
        return all(isinstance(member, SummedMixin) and member.is_lasting for member in self.members)

    def prepare(self, X: csr_array, times: csr_array | None) -> None:
        """Prepare each member."""
        self.n_features_in_ = X.shape[1]
        self.prepared = [clone(member) for member in self._parts()[0]]
        for member in self.prepared:
            member.n_features_in_ = X.shape[1]
            member.prepare(X, times)

    def prepared_state(self) -> dict[str, NDArray[Any]]:
        """What `prepare` chose, each name behind its member's number."""
        return {
            f"{number}.{name}": plain_array(value)
            for number, member in enumerate(self.prepared)
            for name, value in vars(member).items()
            if name.endswith("_")
        }

    def prepare_as(self, n_items: int, state: Mapping[str, NDArray[Any]]) -> None:
        """Prepare as an earlier blend with the same members was, so that statistics of the two add up."""
        self.n_features_in_ = n_items
        self.prepared = [clone(member) for member in self._parts()[0]]
        for name, value in state.items():
            number, attribute = name.split(".")
            setattr(self.prepared[int(number)], attribute, plain_value(value))

    def statistics(self, X: csr_array, times: csr_array | None) -> Statistics:
        """Those of all members, each name behind its member's number."""
        return {
            f"{number}.{name}": value
            for number, member in enumerate(self.prepared)
            for name, value in member.statistics(X, times).items()
        }

    def fit_statistics(self, statistics: Statistics) -> Self:
        """Fit each prepared member and add them up."""
        for number, member in enumerate(self.prepared):
            prefix = f"{number}."
            own = [name for name in statistics if name.startswith(prefix)]
            member.fit_statistics({name.removeprefix(prefix): statistics.pop(name) for name in own})
        fitted, self.prepared = self.prepared, []
        return self.combine(fitted, self._parts()[1])

    def combine(self, fitted: list[Any], coefficients: tuple[float, ...]) -> Self:
        """Take members that are fitted already, each with its coefficient."""
        self.n_features_in_ = int(fitted[0].n_features_in_)
        pairs = zip(coefficients, fitted, strict=True)
        parts = [(coefficient, member) for coefficient, member in pairs if coefficient != 0]
        linear = [part for part in parts if self._adds_up(part[1])]
        self.others_ = [part for part in parts if not self._adds_up(part[1])]
        self._add_up(linear)
        return self

    @property
    def reads_histories(self) -> bool:
        """Whether a score depends on what a user holds at all."""
        return bool(self.decays_.size or self.others_)

    def feature_space(self) -> FeatureSpace:
        """Items by age, pairs, and the constant."""
        return FeatureSpace(self.n_features_in_, tuple(self.decays_.tolist()), self.pairs_, True)

    def score_items(self, X: Any, *, times: Any = None) -> NDArray[np.float32]:
        """Scores of all items for the users of X, shape (n_users, n_items): higher is better."""
        scores = super().score_items(X, times=times)
        for coefficient, member in self.others_:
            scores += np.float32(coefficient) * member.score_items(X, times=times)
        return scores

    def contributions(self, X: Any, items: Any, *, times: Any = None) -> Contributions:
        """The share of each item held, and of the fallback, in the score of one item per user."""
        shares, fallback = super().contributions(X, items, times=times)
        for coefficient, member in self.others_:
            of_member = member.contributions(X, items, times=times)
            shares = shares + coefficient * of_member.shares
            fallback = fallback + coefficient * of_member.fallback
        return Contributions(csr_array(shares), fallback)

    def description(self) -> list[dict[str, Any]]:
        """Members, coefficients and hyperparameters in plain words and numbers, fit for JSON.

        Raises NotFittedError where no members are named and the number of items is not known yet.
        """
        members, coefficients = self._parts()
        return [
            {
                "family": type(member).__name__,
                "coefficient": float(coefficient),
                "hyperparameters": member.get_params(deep=False),
            }
            for member, coefficient in zip(members, coefficients, strict=True)
        ]

    @classmethod
    def from_description(cls, description: list[dict[str, Any]]) -> Self:
        """The unfitted blend that was described; lists, as JSON gives them, stand for tuples."""
        members = []
        for part in description:
            params = part["hyperparameters"].items()
            values = {name: tuple(value) if isinstance(value, list) else value for name, value in params}
            members.append(FAMILIES[part["family"]](**values))
        return cls(tuple(members), tuple(part["coefficient"] for part in description))

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Everything that scoring needs, as arrays; how it was fitted is not kept."""
        check_is_fitted(self)
        state: dict[str, NDArray[Any]] = {
            name: np.asarray(getattr(self, name))
            for name in ("weights_", "decays_", "pairs_", "n_features_in_")
        }
        for number, (coefficient, member) in enumerate(self.others_):
            prefix = f"other{number}."
            state |= {
                f"{prefix}family": np.asarray(type(member).__name__),
                f"{prefix}coefficient": np.asarray(coefficient),
            }
            state |= {prefix + name: value for name, value in member.get_state().items()}
        return state

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> Self:
        """The fitted blend that gave this state. Arrays are used as they are, memory-mapped ones too."""
        blend = cls()
        for name in ("weights_", "decays_", "pairs_"):
            setattr(blend, name, state[name])
        blend.n_features_in_ = int(state["n_features_in_"])
        blend.others_ = []
        while f"other{len(blend.others_)}.family" in state:
            prefix = f"other{len(blend.others_)}."
            own = {
                name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)
            }
            family = FAMILIES[str(own.pop("family"))]
            blend.others_.append((float(own.pop("coefficient")), family.from_state(own)))
        return blend

    def _parts(self) -> tuple[tuple[RecommenderMixin, ...], tuple[float, ...]]:
        if self.members is None:
            if not hasattr(self, "n_features_in_"):
                raise NotFittedError("Which members the house blend has depends on the number of items.")
            return house_blend(self.n_features_in_)._parts()
        coefficients = (1.0,) * len(self.members) if self.coefficients is None else self.coefficients
        if not self.members or len(coefficients) != len(self.members):
            raise ValueError(f"{len(self.members)} members need as many coefficients, got {coefficients}")
        return self.members, coefficients

    def _adds_up(self, member: RecommenderMixin) -> bool:
        if isinstance(member, Popularity):
            return True
        if not isinstance(member, LinearMixin):
            return False
        return not issparse(member.weights_) or self.n_features_in_ <= MOST_DENSE_ITEMS

    def _add_up(self, parts: list[tuple[float, RecommenderMixin]]) -> None:
        spaces = [member.feature_space() for _, member in parts if isinstance(member, LinearMixin)]
        n_items = self.n_features_in_
        decays = sorted({decay for space in spaces for decay in space.decays})
        self.decays_ = np.array(decays, dtype=np.float64)
        self.pairs_ = np.unique(
            np.concatenate([np.zeros(0, dtype=np.int64), *(space.pairs for space in spaces)])
        )
        self.weights_ = np.zeros((self.feature_space().n_features, n_items), dtype=np.float32)
        first_pair = n_items * len(decays)
        for coefficient, member in parts:
            if isinstance(member, Popularity):
                self.weights_[-1] += np.float32(coefficient) * member.share_
                continue
            assert isinstance(member, LinearMixin)
            space, weights = member.feature_space(), member.weights_
            weights = weights.toarray() if issparse(weights) else weights
            for place, decay in enumerate(space.decays):
                block = slice(n_items * decays.index(decay), n_items * (decays.index(decay) + 1))
                self.weights_[block] += (
                    np.float32(coefficient) * weights[n_items * place : n_items * (place + 1)]
                )
            of_pairs = first_pair + np.searchsorted(self.pairs_, space.pairs)
            own_pairs = slice(n_items * len(space.decays), n_items * len(space.decays) + space.pairs.size)
            self.weights_[of_pairs] += np.float32(coefficient) * weights[own_pairs]

    def _lists(
        self, X: csr_array, k: int, exclude: csr_array, times: csr_array | None, listable: Any
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        if self.others_:
            return RecommenderMixin._lists(self, X, k, exclude, times, listable)
        return super()._lists(X, k, exclude, times, listable)

    def _scores_at(
        self, X: csr_array, items: NDArray[np.int32], times: csr_array | None
    ) -> NDArray[np.float64]:
        scores = super()._scores_at(X, items, times)
        for coefficient, member in self.others_:
            scores += coefficient * member._scores_at(X, items, times)
        return scores

    @property
    def _writes_scores(self) -> bool:
        return bool(self.others_)
