"""The sums over learners that a model was fitted to, kept so that the next run need only add what changed.

Whoever changed or left is taken out of the sums exactly as they went in; nothing of a person who was erased
stays behind.
"""

import json
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, issparse

from recommender.engine.blend import Blend
from recommender.engine.histories import ordered_histories
from recommender.engine.statistics import Statistics, add, subtract, sum_statistics

# With more learners changed than this share, hyperparameters deserve a new search.
MOST_CHANGED = 0.2
# To be raised whenever sums of before and after a change of code must not be added.
VERSION = 2
SPARSE = ("data", "indices", "indptr")


@dataclass(frozen=True)
class Sums:
    """Statistics of a blend and whom they were summed over.

    members : what `Blend.description` gave
    prepared : what `Blend.prepared_state` gave
    X, times, users, courses : as in `Training`
    n_changed : learners who changed since the members were chosen, summed over updates
    """

    members: list
    prepared: dict
    statistics: Statistics
    X: csr_array
    times: csr_array
    users: np.ndarray
    courses: np.ndarray
    n_changed: int = 0

    @classmethod
    def over(cls, blend, training, executor=None):
        """Sums over all learners of the training data, made by an executor where one is given."""
        blend.prepare(training.X, training.times)
        return cls(
            members=blend.description(),
            prepared=blend.prepared_state(),
            statistics=sum_statistics(blend, training.X, training.times, executor),
            X=training.X,
            times=training.times,
            users=training.users,
            courses=training.courses,
        )

    def fitted(self):
        """The blend fitted to the sums."""
        # Views, because a fit uses up what it is handed, unless it belongs to something else.
        views = {name: value if issparse(value) else value.view() for name, value in self.statistics.items()}
        return self._prepared_blend().fit_statistics(views)

    def state(self):
        """Everything as plain arrays, for `engine.storage`."""
        arrays = {
            "version": np.asarray(VERSION),
            "n_changed": np.asarray(self.n_changed),
            "members": np.asarray(json.dumps(self.members)),
            "users": self.users,
            "courses": self.courses,
        }
        arrays |= {f"prepared.{name}": value for name, value in self.prepared.items()}
        matrices = {f"statistics.{name}": value for name, value in self.statistics.items()}
        for name, value in (matrices | {"X": self.X, "times": self.times}).items():
            if issparse(value):
                arrays |= {f"{name}/{part}": getattr(value, part) for part in SPARSE}
                arrays[f"{name}/shape"] = np.array(value.shape)
            else:
                arrays[name] = value
        return arrays

    @classmethod
    def from_state(cls, state):
        """What gave this state. Raises ValueError for the state of another version."""
        if int(state["version"]) != VERSION:
            raise ValueError(f"sums of version {VERSION} are needed, got {state['version']}")
        values = {name: value for name, value in state.items() if "/" not in name}
        for name in {name.split("/")[0] for name in state if "/" in name}:
            arrays = tuple(state[f"{name}/{part}"] for part in SPARSE)
            values[name] = csr_array(arrays, shape=tuple(state[f"{name}/shape"].tolist()))
        return cls(
            members=json.loads(str(values.pop("members"))),
            prepared=_under("prepared.", values),
            statistics=_under("statistics.", values),
            n_changed=int(values["n_changed"]),
            **{name: values[name] for name in ("X", "times", "users", "courses")},
        )

    def updated(self, training):
        """The sums over the learners of today; None where too much has changed for the model to be kept.

        A catalogue with other courses counts as too much: every matrix has another shape then.
        """
        if not np.array_equal(self.courses, training.courses):
            return None
        gone, came = self._changes(training)
        n_changed = self.n_changed + np.union1d(self.users[gone], training.users[came]).size
        if n_changed > MOST_CHANGED * training.users.size:
            return None
        blend = self._prepared_blend()
        # Begun with those who came: the sums themselves may be mapped from a file, and are not written to.
        statistics = add(blend.statistics(training.X[came], training.times[came]), self.statistics)
        subtract(statistics, blend.statistics(self.X[gone], self.times[gone]))
        today = {name: getattr(training, name) for name in ("X", "times", "users", "courses")}
        return Sums(self.members, self.prepared, statistics, **today, n_changed=n_changed)

    def _prepared_blend(self):
        blend = Blend.from_description(self.members)
        blend.prepare_as(self.courses.size, self.prepared)
        return blend

    def _changes(self, training):
        """Rows of these sums that hold no longer, and rows of the training data that they lack."""
        before, now = _fingerprints(self.X, self.times), _fingerprints(training.X, training.times)
        _, old, new = np.intersect1d(self.users, training.users, assume_unique=True, return_indices=True)
        same = before[old] == now[new]
        gone = np.setdiff1d(np.arange(self.users.size), old[same])
        came = np.setdiff1d(np.arange(training.users.size), new[same])
        return gone, came


def _under(prefix, values):
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _fingerprints(X, times):
    """A number for each history; another one, but for chance, where courses, strengths or order differ."""
    starts, items, weights = ordered_histories(X, times)
    place = np.arange(items.size) - np.repeat(starts[:-1], np.diff(starts))
    mixed = items.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (place.astype(np.uint64) + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= weights.view(np.uint32).astype(np.uint64) * np.uint64(0x94D049BB133111EB)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(29)
    totals = np.concatenate(([np.uint64(0)], np.cumsum(mixed)))
    return totals[starts[1:]] - totals[starts[:-1]]
