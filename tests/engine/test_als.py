"""Alternating least squares: against the same steps taken densely, and what must hold for every history."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.utils.estimator_checks import parametrize_with_checks

from recommender.engine import als, base
from recommender.engine.als import ImplicitALS
from recommender.engine.ranking import TILE, top_k
from recommender.engine.storage import load_state, save_state
from tests.engine.histories import N_ITEMS, matrices, some_histories, weighted_histories

WITH_DEFAULTS = ImplicitALS()
FEW_FACTORS = ImplicitALS(n_factors=3, unobserved_weight=0.2, ridge=0.05, frequency_power=0.5)
some_models = pytest.mark.parametrize("model", [WITH_DEFAULTS, FEW_FACTORS], ids=["defaults", "few factors"])


@parametrize_with_checks([WITH_DEFAULTS])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def random_strengths(n_users, n_items, seed):
    """Half of the cells are held, with strengths from 1/4 to 3, and one user and one item are left out."""
    rng = np.random.default_rng(seed)
    strengths = rng.choice([0.25, 0.5, 1.0, 3.0], (n_users, n_items)) * (rng.random((n_users, n_items)) < 0.5)
    strengths[1] = 0
    strengths[:, 2] = 0
    return strengths


def dense_ridges(strengths, model):
    """r of the users and of the items, from the definition."""
    user_terms = strengths.sum(axis=1) + model.unobserved_weight * strengths.shape[1]
    item_terms = strengths.sum(axis=0) + model.unobserved_weight * strengths.shape[0]
    powers = user_terms**model.frequency_power, item_terms**model.frequency_power
    scale = model.ridge * (user_terms.sum() + item_terms.sum()) / (powers[0].sum() + powers[1].sum())
    return scale * powers[0], scale * powers[1]


def dense_vectors(strengths, others, ridges, unobserved_weight):
    """The vector of each row of strengths, from its normal equations (Hu et al. 2008, equation 4)."""
    vectors = []
    for row, ridge in zip(strengths, ridges, strict=True):
        confidence = np.diag(row + unobserved_weight)
        system = others.T @ confidence @ others + ridge * np.eye(others.shape[1])
        vectors.append(np.linalg.solve(system, others.T @ row))
    return np.array(vectors)


def dense_fit(strengths, model):
    """The vectors of the items after all iterations, in the basis they began in."""
    ridges = dense_ridges(strengths, model)
    shape = (strengths.shape[0], model.n_factors)
    users = np.random.default_rng(model.random_state).standard_normal(shape, dtype=np.float32)
    users *= np.float32(0.1 / np.sqrt(model.n_factors))
    items = dense_vectors(strengths.T, users, ridges[1], model.unobserved_weight)
    for _ in range(model.n_iterations - 1):
        users, items = balanced(users, items, *ridges)
        users = dense_vectors(strengths, items, ridges[0], model.unobserved_weight)
        users, items = balanced(users, items, *ridges)
        items = dense_vectors(strengths.T, users, ridges[1], model.unobserved_weight)
    return balanced(users, items, *ridges)[1]


def balanced(users, items, user_ridges, item_ridges):
    """The same scores at less ridge: the sum of p s^2 and q / s^2 is least where s^4 = q / p."""
    scale = ((item_ridges @ (items**2).sum(axis=1)) / (user_ridges @ (users**2).sum(axis=1))) ** 0.25
    return users * scale, items / scale


@pytest.mark.parametrize("n_iterations", [1, 2, 5])
@pytest.mark.parametrize("frequency_power", [0.0, 0.5, 1.0])
def test_fit_takes_the_steps_of_a_dense_solver(n_iterations, frequency_power):
    # In exact arithmetic as many conjugate gradient steps as factors give the solution.
    model = ImplicitALS(3, n_iterations, 0.2, 0.05, frequency_power, random_state=5)
    strengths = random_strengths(30, 9, seed=0)
    items = dense_fit(strengths, model)
    model.fit(strengths)
    largest = np.abs(items @ items.T).max()
    np.testing.assert_allclose(model.factors_ @ model.factors_.T, items @ items.T, atol=1e-4 * largest)
    users = dense_vectors(strengths, items, dense_ridges(strengths, model)[0], 0.2)
    np.testing.assert_allclose(model.score_items(strengths), users @ items.T, atol=2e-4)


def test_conjugate_gradients_come_close_with_more_factors_than_steps():
    model = ImplicitALS(n_factors=8, n_iterations=10, unobserved_weight=0.2, ridge=0.05)
    strengths = random_strengths(60, 20, seed=1)
    items = dense_fit(strengths, model)
    users = dense_vectors(strengths, items, dense_ridges(strengths, model)[0], 0.2)
    np.testing.assert_allclose(model.fit(strengths).score_items(strengths), users @ items.T, atol=0.02)


@pytest.mark.parametrize("n_factors", [1, 5, 8, 15])
def test_new_users_get_the_solution_of_their_normal_equations(n_factors):
    """Histories shorter and longer than the vectors, of users and strengths the fit knows nothing of."""
    model = ImplicitALS(n_factors, unobserved_weight=0.3, ridge=0.02, frequency_power=0.7)
    model.fit(random_strengths(50, 16, seed=0))
    new = random_strengths(25, 16, seed=1)
    terms = new.sum(axis=1) + 0.3 * 16
    factors = model.factors_.astype(np.float64)
    users = dense_vectors(new, factors, model.ridge_ * terms**0.7, 0.3)
    np.testing.assert_allclose(model.score_items(new), users @ factors.T, rtol=1e-4, atol=1e-6)


def by_hand():
    """Items (1, 1), (1, -1) and (0, 0): their Gram matrix is twice the identity. r_u is 1 for everybody."""
    factors = np.array([[1, 1], [1, -1], [0, 0]], dtype=np.float32)
    return ImplicitALS.from_state(
        {
            "factors_": factors,
            "unobserved_": np.array([1.0, 1.0]),
            "unobserved_weight_": np.array(0.5),
            "ridge_": np.array(1.0),
            "frequency_power_": np.array(0.0),
            "n_features_in_": np.array(3),
        }
    )


def test_fold_in_by_hand():
    # Who holds item 0 with strength c has (2 + 2 c) w = c (1, 1), as 2 is the ridge and the unobserved part.
    # The score of item 0 is then 2 c / (2 + 2 c). Who holds items 0 and 1 has 4 w = (2, 0).
    X = [[1, 0, 0], [3, 0, 0], [1, 1, 0], [0, 0, 0]]
    expected = [[1 / 2, 0, 0], [3 / 4, 0, 0], [1 / 2, 1 / 2, 0], [0, 0, 0]]
    np.testing.assert_allclose(by_hand().score_items(X), expected, atol=1e-7)


def test_contributions_by_hand():
    # y'(4 I)^-1 y_i is 2 / 4 for the item itself and 0 for the other one.
    contributions = by_hand().contributions([[1, 1, 0], [3, 0, 0]], [1, 0])
    np.testing.assert_allclose(contributions.shares.toarray(), [[0, 1 / 2, 0], [3 / 4, 0, 0]], atol=1e-12)
    assert contributions.fallback.tolist() == [0, 0]


def test_the_unobserved_part_is_that_of_the_factors():
    model = ImplicitALS(n_factors=4, unobserved_weight=0.3).fit(random_strengths(30, 9, seed=0))
    gram = 0.3 * model.factors_.T.astype(np.float64) @ model.factors_
    np.testing.assert_allclose(np.diag(model.unobserved_), gram, atol=1e-6 * gram.max())


@some_models
@settings(deadline=None, max_examples=40)
@given(histories=weighted_histories(), item=st.integers(0, N_ITEMS - 1))
def test_contributions_add_up_to_the_score(model, histories, item):
    X, _ = matrices(histories)
    shares, fallback = model.fit(X).contributions(X, np.full(X.shape[0], item))
    np.testing.assert_array_equal(shares.toarray() != 0, (shares.toarray() != 0) & (X.toarray() > 0))
    error = np.abs(shares.sum(axis=1) + fallback - model.score_items(X)[:, item])
    assert (error <= 1e-6 * np.abs(shares).sum(axis=1)).all()


@settings(deadline=None, max_examples=40)
@given(histories=weighted_histories(min_size=2))
def test_contributions_add_up_in_double_precision(histories):
    X, _ = matrices(histories)
    model = ImplicitALS(n_factors=3).fit(X)
    strengths = np.maximum(X.toarray(), 0)
    ridges = model.ridge_ * (strengths.sum(axis=1) + 0.01 * N_ITEMS)
    factors = model.factors_.astype(np.float64)
    for user, strength in enumerate(strengths):
        system = np.diag(model.unobserved_ + ridges[user]) + factors.T @ np.diag(strength) @ factors
        score = factors[0] @ np.linalg.solve(system, factors.T @ strength)
        shares = model.contributions(X[user : user + 1], [0]).shares
        assert abs(shares.sum() - score) <= 1e-9 * np.abs(shares).sum()


@some_models
@settings(deadline=None, max_examples=25)
@given(histories=weighted_histories(max_size=10))
def test_a_batch_is_its_users_one_by_one(model, histories):
    X, _ = matrices(histories)
    scores = model.fit(X).score_items(X)
    items, best = model.recommend(X, 3)
    shares = model.contributions(X, np.zeros(X.shape[0], dtype=int)).shares.toarray()
    for user in range(X.shape[0]):
        row = X[user : user + 1]
        np.testing.assert_array_equal(model.score_items(row)[0], scores[user])
        np.testing.assert_array_equal(model.recommend(row, 3)[0][0], items[user])
        np.testing.assert_array_equal(model.recommend(row, 3)[1][0], best[user])
        np.testing.assert_array_equal(model.contributions(row, [0]).shares.toarray()[0], shares[user])


@some_models
@settings(deadline=None, max_examples=25)
@given(histories=some_histories(), relabel=st.permutations(range(N_ITEMS)))
def test_relabelling_items_permutes_scores(model, histories, relabel):
    """Of a fitted model: where a fit that is not convex comes to rest depends on rounding."""
    X, _ = matrices(histories)
    renamed, _ = matrices([[relabel[item] for item in history] for history in histories])
    scores = model.fit(X).score_items(X)
    state = model.get_state()
    factors = np.empty_like(state["factors_"])
    factors[np.array(relabel)] = state["factors_"]
    again = ImplicitALS.from_state(state | {"factors_": factors})
    np.testing.assert_allclose(again.score_items(renamed)[:, relabel], scores, rtol=0, atol=1e-6)


@some_models
@settings(deadline=None, max_examples=25)
@given(histories=weighted_histories())
def test_what_was_turned_down_is_as_what_was_never_met(model, histories):
    X, _ = matrices(histories)
    kept, _ = matrices([[entry for entry in history if entry[1] > 0] for history in histories])
    scores = model.fit(kept).score_items(kept)
    np.testing.assert_array_equal(model.score_items(X), scores)
    np.testing.assert_array_equal(model.fit(X).score_items(kept), scores)


@settings(deadline=None, max_examples=25)
@given(histories=some_histories())
def test_order_does_not_count(histories):
    X, times = matrices(histories)
    scores = FEW_FACTORS.fit(X).score_items(X)
    np.testing.assert_array_equal(FEW_FACTORS.fit(X, times=times).score_items(X, times=times), scores)


def board(size=20):
    """User u holds every second item but u itself."""
    held = (np.arange(size)[:, np.newaxis] + np.arange(size)) % 2 == 0
    return csr_array(held & ~np.eye(size, dtype=bool), dtype=float)


def test_the_item_missing_from_a_checkerboard_comes_first():
    items, _ = ImplicitALS().fit(board()).recommend(board(), 1)
    assert items[:, 0].tolist() == list(range(20))


def test_another_beginning_leads_to_the_same_lists():
    first, second = (ImplicitALS(random_state=seed).fit(board()) for seed in (1, 2))
    assert not np.array_equal(first.factors_, second.factors_)
    np.testing.assert_array_equal(first.recommend(board(), 1)[0], second.recommend(board(), 1)[0])


def test_what_is_held_more_strongly_draws_more():
    """Two camps: items 0 to 3 are held together, and items 4 to 7."""
    model = ImplicitALS(n_factors=4).fit(np.kron(np.eye(2), np.ones((5, 4))))
    weak, strong = model.score_items([[1, 0, 0, 0, 0.5, 0, 0, 0], [1, 0, 0, 0, 5, 0, 0, 0]])
    assert weak[1] > weak[5]
    assert strong[5] > strong[1]
    assert strong[5] > weak[5]


def test_strengths_count_in_the_fit():
    """Whoever holds item 0 holds item 1 or, half as often but ten times as strongly, item 2."""
    X = np.zeros((30, 4))
    X[:20, :2] = 1
    X[20:, [0, 2]] = 1, 10
    flat, weighed = (ImplicitALS(n_factors=4).fit(strengths) for strengths in (X > 0, X))
    one = [[1, 0, 0, 0]]
    assert flat.recommend(one, 1)[0].tolist() == [[1]]
    assert weighed.recommend(one, 1)[0].tolist() == [[2]]


@pytest.mark.parametrize("n_items", [5, TILE // 2 + 3])
@pytest.mark.parametrize("n_factors", [6, 8])
@pytest.mark.parametrize("k", [1, 7, 600])
def test_lists_are_the_best_of_the_scores(n_items, n_factors, k):
    """More items than fit in one tile, users that do not come in fours, closed items, excluded ones, ties."""
    rng = np.random.default_rng(0)
    X = csr_array((rng.random((41, n_items)) < 0.3) * rng.choice([-1.0, 1.0, 2.0], (41, n_items)))
    model = ImplicitALS(n_factors, n_iterations=2).fit(X)
    model.factors_[n_items // 2 :] = model.factors_[: n_items - n_items // 2]
    exclude = csr_array(rng.random(X.shape) < 0.2)
    listable = rng.random(n_items) < 0.9
    items, best = model.recommend(X, k, exclude, listable=listable)
    expected_items, expected_best = top_k(model.score_items(X), k, exclude, listable)
    np.testing.assert_array_equal(items, expected_items)
    np.testing.assert_allclose(best, expected_best, rtol=1e-6)


def test_what_is_held_is_not_listed():
    X = board()
    items, _ = ImplicitALS().fit(X).recommend(X, 20)
    for user, listed in enumerate(items):
        assert sorted(listed[listed >= 0]) == sorted(set(range(20)) - set(X[[user]].indices))


def test_blocks_of_users_do_not_show(monkeypatch):
    X = csr_array(random_strengths(23, 9, seed=0))
    model = ImplicitALS(n_factors=5).fit(X)
    whole = model.recommend(X, 4)
    monkeypatch.setattr(base, "BLOCK_USERS", 5)
    for one, other in zip(whole, model.recommend(X, 4), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_number_of_cores_does_not_show(monkeypatch):
    X = csr_array(random_strengths(40, 9, seed=0))
    here = ImplicitALS(n_factors=5).fit(X).factors_
    monkeypatch.setattr(als, "n_cores", lambda: 7)
    np.testing.assert_array_equal(ImplicitALS(n_factors=5).fit(X).factors_, here)


def test_a_stored_model_scores_and_explains_as_before(tmp_path):
    X = csr_array(random_strengths(30, 9, seed=0))
    model = FEW_FACTORS.fit(X)
    save_state(tmp_path / "als.npz", model.get_state())
    stored = ImplicitALS.from_state(load_state(tmp_path / "als.npz"))
    assert stored.get_params() == model.get_params()
    np.testing.assert_array_equal(stored.score_items(X), model.score_items(X))
    for one, other in zip(stored.recommend(X, 3), model.recommend(X, 3), strict=True):
        np.testing.assert_array_equal(one, other)
    shares = [fitted.contributions(X, np.arange(30) % 9).shares.toarray() for fitted in (stored, model)]
    np.testing.assert_array_equal(*shares)


def test_what_was_learned_outlives_other_hyperparameters():
    X = csr_array(random_strengths(30, 9, seed=0))
    model = ImplicitALS(n_factors=3).fit(X)
    scores = model.score_items(X)
    model.set_params(unobserved_weight=0.9, ridge=5.0, frequency_power=0.0, n_factors=7)
    np.testing.assert_array_equal(model.score_items(X), scores)


def test_nobody_holds_anything():
    X = csr_array((3, 4))
    model = ImplicitALS().fit(X)
    assert model.score_items(X).tolist() == [[0] * 4] * 3
    assert model.recommend(X, 2)[0].tolist() == [[0, 1]] * 3
    assert model.recommend(X[:0], 2)[0].shape == (0, 2)


@pytest.mark.parametrize("ordered", [True, False])
def test_all_values_worth_trying_can_be_fitted(ordered):
    X = random_strengths(30, 9, seed=0)
    for name, values in ImplicitALS().search_grid(ordered).items():
        assert ImplicitALS().get_params()[name] in values
        for value in values:
            assert np.isfinite(ImplicitALS().set_params(**{name: value}).fit(X).score_items(X)).all()


@pytest.mark.parametrize(
    ("name", "value", "bound"),
    [
        ("n_factors", 0, ">= 1"),
        ("n_iterations", 0, ">= 1"),
        ("unobserved_weight", 0.0, "> 0"),
        ("ridge", 0.0, "> 0"),
        ("ridge", float("nan"), "> 0"),
        ("frequency_power", -0.5, ">= 0"),
    ],
)
def test_hyperparameters_out_of_bounds_are_refused(name, value, bound):
    with pytest.raises(ValueError, match=f"{name} must be {bound}, got {value}"):
        ImplicitALS(**{name: value}).fit([[1, 1], [1, 0]])


def test_contributions_want_one_known_item_per_user():
    model = ImplicitALS().fit([[1, 1], [1, 0]])
    with pytest.raises(ValueError, match="one item for each of 2 users"):
        model.contributions([[1, 1], [1, 0]], [1])
