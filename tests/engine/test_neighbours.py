"""Item neighbours against their formula, and RP3beta against three steps of a random walk."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, issparse

from recommender.engine import neighbours
from recommender.engine.histories import held
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.statistics import add, subtract
from tests.engine.histories import matrices, weighted_histories

COSINE = {"user_power": 0.0, "held_power": 0.5, "scored_power": 0.5}
POWER = st.floats(0.0, 1.5)
ABOVE_ANY, BELOW_ANY = 10**6, 0


@pytest.fixture(params=[ABOVE_ANY, BELOW_ANY], ids=["dense", "sparse"], autouse=True)
def dense_or_sparse(request, monkeypatch):
    """Both ways of keeping similarities."""
    monkeypatch.setattr(neighbours, "MOST_DENSE_ITEMS", request.param)


def dense(model):
    weights = model.weights_
    return weights.toarray() if issparse(weights) else weights


VALUES = st.tuples(POWER, POWER, POWER, st.sampled_from([0.0, 0.01, 10.0]))


def similarities(X, user_power, held_power, scored_power, shrinkage):
    """The formula, cell by cell."""
    X = np.where(np.asarray(X) > 0, X, 0).astype(np.float64)
    n_users, n_items = X.shape
    lengths = (X > 0).sum(axis=1)
    c, result = np.zeros((n_items, n_items)), np.zeros((n_items, n_items))
    for i in range(n_items):
        for j in range(n_items):
            both = [u for u in range(n_users) if X[u, i] and X[u, j]]
            c[i, j] = sum(X[u, i] * X[u, j] * float(lengths[u]) ** -user_power for u in both)
    for i in range(n_items):
        for j in range(n_items):
            if i != j and c[i, j]:
                result[i, j] = c[i, j] / (c[i, i] ** held_power * c[j, j] ** scored_power + shrinkage)
    return result


def test_cosine_drawn_towards_zero():
    # Item 0 is held by 3 users, 1 by 2, 2 by 1 and 3 by nobody.
    # Items 0 and 1 are held together by 2 users, 0 and 2 by 1, 1 and 2 by 1.
    X = [[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0]]
    s01, s02, s12 = 2 / (6**0.5 + 1), 1 / (3**0.5 + 1), 1 / (2**0.5 + 1)
    model = ItemNeighbours(**COSINE, shrinkage=1.0).fit(X)
    expected = [[0, s01, s02, 0], [s01, 0, s12, 0], [s02, s12, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(dense(model), expected, rtol=1e-6)
    np.testing.assert_allclose(model.score_items(X)[0], [s01, s01, s02 + s12, 0], rtol=1e-6)


@pytest.mark.parametrize("beta", [0.0, 0.4, 1.0])
def test_rp3beta_is_three_steps_of_a_random_walk(beta):
    # From a user to an item held, to a holder of that, to another item that this one holds, each step among
    # equals. Where all histories are of one length n, the sums count holders in units of 1 / n.
    n, n_items = 4, 9
    rng = np.random.default_rng(8)
    X = rng.permuted(np.tile(np.arange(n_items) < n, (40, 1)), axis=1).astype(float)
    holders = X.sum(axis=0)
    to_item, to_user = X / n, (X / holders).T
    two_steps = to_user @ to_item
    np.fill_diagonal(two_steps, 0.0)
    walk = to_item @ two_steps / holders**beta
    model = ItemNeighbours(user_power=1.0, held_power=1.0, scored_power=beta).fit(X)
    np.testing.assert_allclose(model.score_items(X / n), walk * n ** (1 + beta), rtol=1e-5)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(weighted_histories(), VALUES)
def test_the_formula_for_all(histories, values):
    X, times = matrices(histories)
    expected = similarities(X.toarray(), *values)
    for order in (times, None):
        model = ItemNeighbours(*values).fit(X, times=order)
        np.testing.assert_allclose(dense(model), expected, rtol=1e-5, atol=1e-7)
        assert dense(model).dtype == np.float32


def test_the_defaults_are_those_of_the_formula():
    X = (np.random.default_rng(2).random((30, 10)) < 0.4).astype(float)
    params = ItemNeighbours().get_params()
    assert params.pop("decay") == 1.0
    np.testing.assert_allclose(dense(ItemNeighbours().fit(X)), similarities(X, **params), rtol=1e-5)


def test_without_shrinkage_nothing_is_like_an_item_that_nobody_holds():
    assert dense(ItemNeighbours(shrinkage=0.0).fit([[1, 0], [1, 0]])).tolist() == [[0, 0], [0, 0]]


def test_only_items_held_together_are_stored(monkeypatch):
    monkeypatch.setattr(neighbours, "MOST_DENSE_ITEMS", 3)
    model = ItemNeighbours().fit([[1, 1, 0, 0], [0, 0, 1, 1]])
    assert model.weights_.nnz == model.values_.size == 4
    assert model.starts_.tolist() == [0, 1, 2, 3, 4]
    assert model.columns_.tolist() == [1, 0, 3, 2]


def test_nothing_stays_of_a_fit_that_kept_them_otherwise(monkeypatch):
    first, second = [[1, 1, 0], [0, 1, 1]], [[1, 0, 1], [1, 0, 1], [0, 1, 1]]
    for threshold in (ABOVE_ANY, BELOW_ANY):
        model = ItemNeighbours().fit(first)
        monkeypatch.setattr(neighbours, "MOST_DENSE_ITEMS", threshold)
        expected = ItemNeighbours().fit(second)
        np.testing.assert_array_equal(dense(model.fit(second)), dense(expected))
        assert model.get_state().keys() == expected.get_state().keys()


def sums_over(model, X):
    model.prepare(*held(X))
    return model.statistics(*held(X))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(weighted_histories(), weighted_histories(), VALUES)
def test_users_come_and_go(staying, leaving, values):
    model = ItemNeighbours(*values)
    stay, leave = matrices(staying)[0], matrices(leaving)[0]
    sums = subtract(add(sums_over(model, stay), sums_over(model, leave)), sums_over(model, leave))
    expected = similarities(stay.toarray(), *values)
    np.testing.assert_allclose(dense(model.fit_statistics(sums)), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("values", [(0.5, 0.6, 0.4, 0.0), (1.0, 1.0, 0.4, 0.0), (0.7, 0.2, 0.9, 0.01)])
def test_an_item_whose_last_holders_leave_is_like_nothing(values):
    # Shares such as 1 / 3 and 1 / 7 do not sum without rounding: what is taken out may not cancel, and what
    # remains may have either sign.
    for seed in range(20):
        rng = np.random.default_rng(seed)
        staying = [rng.permutation(6)[: rng.integers(2, 6)].tolist() for _ in range(20)]
        leaving = [rng.permutation(8)[: rng.integers(3, 8)].tolist() for _ in range(20)]
        X, _ = matrices([*staying, *leaving], 8)
        model = ItemNeighbours(*values)
        sums = sums_over(model, X)
        for user in rng.permutation(np.arange(20, 40)):
            sums = subtract(sums, sums_over(model, X[[user]]))
        expected = similarities(X[:20].toarray(), *values)
        np.testing.assert_allclose(dense(model.fit_statistics(sums)), expected, atol=1e-5)


def test_decay_counts_in_scoring_only():
    X = csr_array([[1, 1, 1], [1, 1, 0]])
    times = csr_array([[3.0, 1.0, 2.0], [1.0, 2.0, 0.0]])
    model = ItemNeighbours(decay=0.5).fit(X, times=times)
    weights = dense(model).astype(np.float64)
    np.testing.assert_array_equal(weights, dense(ItemNeighbours().fit(X)))
    aged = np.array([[1, 0.25, 0.5], [0.5, 1, 0]])
    np.testing.assert_allclose(model.score_items(X, times=times), aged @ weights, rtol=1e-6)
    np.testing.assert_allclose(model.score_items(X), X.toarray() @ weights, rtol=1e-6)


@pytest.mark.parametrize("name", ["user_power", "held_power", "scored_power", "shrinkage"])
def test_hyperparameters_below_zero_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be >= 0, got -1.0"):
        ItemNeighbours(**{name: -1.0}).fit([[1, 1], [1, 0]])


@pytest.mark.parametrize("decay", [0.0, 1.01, float("nan")])
def test_a_decay_out_of_bounds_is_refused(decay):
    with pytest.raises(ValueError, match=rf"decay must be in \(0, 1\], got {decay}"):
        ItemNeighbours(decay=decay).fit([[1, 1], [1, 0]])
