import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, vstack
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from recommender.engine import blend, neighbours
from recommender.engine.als import ImplicitALS
from recommender.engine.blend import MOST_FEATURES, Blend, house_blend, house_members
from recommender.engine.ease import Ease
from recommender.engine.histories import held
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.selection import candidates
from recommender.engine.sequential import NextItemRidge
from recommender.engine.statistics import MOST_DENSE_ITEMS, add, subtract, sum_statistics
from tests.engine.histories import N_ITEMS, matrices, weighted_histories

HISTORIES = [[0, 1, 2, 3], [(1, 0.5), (2, -1.0), (0, 2.0)], [5, 4], [3, 2, 1, 0, 7], [6], [7, 5, (4, 3.0)]]
# Two members with one decay and some pairs in common, and decays and pairs of their own.
MEMBERS = (
    NextItemRidge(decays=(0.3, 0.9), n_pairs=4, ridge=1.0, pair_ridge=1.0),
    NextItemRidge(decays=(0.9, 0.6), n_pairs=7, ridge=3.0, pair_ridge=2.0),
    Ease(ridge=2.0, decay=0.8),
    ItemNeighbours(decay=0.6),
    Popularity(),
)
COEFFICIENTS = (1.0, 0.5, -0.25, 2.0, 0.3)
with_or_without_order = pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])


def data(histories=HISTORIES, ordered=True):
    X, times = matrices(histories)
    return X, times if ordered else None


def weighted_sum(members, coefficients, X, times):
    scores = [clone(member).fit(X, times=times).score_items(X, times=times) for member in members]
    return np.tensordot(coefficients, np.array(scores, dtype=np.float64), 1)


def assert_close(found, expected):
    bound = 1e-5 * max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(found, expected, rtol=0, atol=bound)


@with_or_without_order
@settings(deadline=None, max_examples=40)
@given(
    histories=weighted_histories(),
    members=st.lists(st.sampled_from([*MEMBERS, ImplicitALS()]), min_size=1, max_size=4),
    coefficients=st.lists(st.sampled_from([-0.5, 0.0, 0.3, 1.0]), min_size=4, max_size=4),
)
def test_scores_are_the_weighted_sum_of_the_members(ordered, histories, members, coefficients):
    X, times = data(histories, ordered)
    coefficients = tuple(coefficients[: len(members)])
    fitted = Blend(tuple(members), coefficients).fit(X, times=times)
    assert_close(fitted.score_items(X, times=times), weighted_sum(members, coefficients, X, times))


def test_members_share_the_features_that_they_have_in_common():
    X, times = data()
    fitted = Blend(MEMBERS, COEFFICIENTS).fit(X, times=times)
    pairs = [clone(member).fit(X, times=times).pairs_ for member in MEMBERS[:2]]
    assert fitted.decays_.tolist() == [0.3, 0.6, 0.8, 0.9]
    assert fitted.pairs_.tolist() == sorted({*pairs[0].tolist(), *pairs[1].tolist()})
    assert fitted.weights_.shape == (4 * N_ITEMS + fitted.pairs_.size + 1, N_ITEMS)
    assert fitted.weights_.dtype == np.float32
    assert fitted.weights_.flags.c_contiguous
    assert fitted.others_ == []


def test_without_coefficients_all_members_count_alike():
    X, times = data()
    fitted = Blend(MEMBERS).fit(X, times=times)
    assert_close(fitted.score_items(X, times=times), weighted_sum(MEMBERS, (1.0,) * 5, X, times))


@with_or_without_order
def test_without_members_it_is_the_house_blend(ordered):
    X, times = data(ordered=ordered)
    scores = Blend().fit(X, times=times).score_items(X, times=times).ravel()
    of_members = [
        member.fit(X, times=times).score_items(X, times=times).ravel() for member in house_members(N_ITEMS)
    ]
    coefficients, *_ = np.linalg.lstsq(np.array(of_members).T, scores)
    assert (coefficients > 0).all()
    assert_close(coefficients @ np.array(of_members), scores)


@pytest.mark.parametrize("n_items", [100, 11_750, 11_751, MOST_DENSE_ITEMS, MOST_DENSE_ITEMS + 1])
def test_the_house_members_follow_the_size_of_the_catalogue(n_items):
    members = house_members(n_items)
    leads = [member for member in members if isinstance(member, NextItemRidge)]
    assert all(lead.n_features(n_items) <= MOST_FEATURES for lead in leads)
    assert bool(leads) == (n_items <= MOST_DENSE_ITEMS)
    assert members[0].get_params() == candidates(n_items, True)[0].get_params()


def test_a_large_catalogue_without_members():
    n_items = MOST_DENSE_ITEMS + 1
    X, times = matrices([[0, 1, 2], [1, 2, 3], [n_items - 1, 0]], n_items)
    fitted = Blend().fit(X, times=times)
    assert fitted.description() == house_blend(n_items).description()
    assert [type(member) for _, member in fitted.others_] == [ItemNeighbours]
    assert fitted.recommend(X, 1, times=times)[0].ravel().tolist()[:2] == [3, 0]


def test_the_members_of_an_unfitted_house_blend_are_not_known():
    with pytest.raises(NotFittedError, match="depends on the number of items"):
        Blend().description()


def test_a_prepared_blend_is_not_fitted():
    X, times = held(*data())
    prepared = Blend()
    prepared.prepare(X, times)
    with pytest.raises(NotFittedError):
        check_is_fitted(prepared)
    prepared.fit_statistics(prepared.statistics(X, times))
    check_is_fitted(prepared)


@with_or_without_order
def test_sparse_members_of_a_large_catalogue_stay_apart(ordered, monkeypatch):
    X, times = data(ordered=ordered)
    together = Blend(MEMBERS, COEFFICIENTS).fit(X, times=times)
    monkeypatch.setattr(blend, "MOST_DENSE_ITEMS", N_ITEMS - 1)
    monkeypatch.setattr(neighbours, "MOST_DENSE_ITEMS", N_ITEMS - 1)
    apart = Blend(MEMBERS, COEFFICIENTS).fit(X, times=times)
    assert [(coefficient, type(member)) for coefficient, member in apart.others_] == [(2.0, ItemNeighbours)]
    scores = together.score_items(X, times=times)
    assert_close(apart.score_items(X, times=times), scores)
    np.testing.assert_array_equal(
        apart.recommend(X, 3, times=times)[0], together.recommend(X, 3, times=times)[0]
    )
    items = np.arange(X.shape[0]) % N_ITEMS
    one, other = (model.contributions(X, items, times=times) for model in (apart, together))
    assert_close(one.shares.toarray(), other.shares.toarray())
    assert_close(one.fallback, other.fallback)


def test_members_without_a_coefficient_are_left_out():
    X, times = data()
    fitted = Blend((Ease(decay=0.5), ImplicitALS(), Popularity()), (1.0, 0.0, 0.0)).fit(X, times=times)
    assert fitted.others_ == []
    assert fitted.decays_.tolist() == [0.5]
    assert not fitted.weights_[-1].any()


def test_what_does_not_depend_on_the_history_is_the_fallback():
    X, times = data()
    popularity = Popularity().fit(X)
    alone = Blend((Popularity(),), (0.5,)).fit(X, times=times)
    shares, fallback = alone.contributions(X, [0, 1, 2, 3, 4, 5], times=times)
    assert not shares.toarray().any()
    np.testing.assert_allclose(fallback, 0.5 * popularity.share_[:6], rtol=1e-6)
    assert (
        alone.recommend(csr_array((1, N_ITEMS)), 2)[0].tolist()
        == popularity.recommend(csr_array((1, N_ITEMS)), 2)[0].tolist()
    )
    mixed = Blend((Ease(), ItemNeighbours(), Popularity()), (1.0, 1.0, 2.0)).fit(X)
    np.testing.assert_allclose(
        mixed.contributions(X, [0, 1, 2, 3, 4, 5]).fallback, 2 * popularity.share_[:6], rtol=1e-6
    )


@with_or_without_order
def test_members_fitted_elsewhere_are_combined(ordered):
    X, times = data(ordered=ordered)
    members = [clone(member).fit(X, times=times) for member in (*MEMBERS, ImplicitALS())]
    coefficients = (*COEFFICIENTS, 0.7)
    combined = Blend().combine(members, coefficients)
    fitted = Blend((*MEMBERS, ImplicitALS()), coefficients).fit(X, times=times)
    np.testing.assert_array_equal(combined.score_items(X, times=times), fitted.score_items(X, times=times))


@with_or_without_order
def test_a_fit_to_the_sums_is_the_fit(ordered):
    X, times = data(ordered=ordered)
    fitted = Blend(MEMBERS, COEFFICIENTS).fit(X, times=times)
    prepared = Blend(MEMBERS, COEFFICIENTS)
    assert prepared.is_summed
    prepared.prepare(*held(X, times))
    prepared.fit_statistics(sum_statistics(prepared, *held(X, times), n_blocks=3))
    assert_close(prepared.score_items(X, times=times), fitted.score_items(X, times=times))


def test_only_sums_that_stay_what_they_are_make_a_blend_summed():
    assert Blend().is_summed
    assert Blend(MEMBERS).is_summed
    assert not Blend((Ease(), ImplicitALS())).is_summed
    assert not Blend((Ease(), Popularity(half_life=0.5))).is_summed


@with_or_without_order
def test_statistics_of_blends_that_were_prepared_alike_add_up(ordered):
    X, times = held(*data(ordered=ordered))
    before = Blend(MEMBERS, COEFFICIENTS)
    before.prepare(X, times)
    state = before.prepared_state()
    sums = before.statistics(X, times)
    # One user leaves and another, who would have other pairs chosen, comes.
    new_X, new_times = held(*data([[6, 5, 7, 4]], ordered))
    out = before.statistics(X[:1], times[:1] if ordered else None)
    after = Blend(MEMBERS, COEFFICIENTS)
    after.prepare_as(N_ITEMS, {name: np.asarray(value) for name, value in state.items()})
    sums = add(subtract(sums, out), after.statistics(new_X, new_times))
    after.fit_statistics(sums)

    now = (
        vstack([X[1:], new_X], format="csr"),
        vstack([times[1:], new_times], format="csr") if ordered else None,
    )
    scratch = Blend(MEMBERS, COEFFICIENTS)
    scratch.prepare_as(N_ITEMS, state)
    scratch.fit_statistics(scratch.statistics(*now))
    assert_close(after.score_items(now[0], times=now[1]), scratch.score_items(now[0], times=now[1]))


def test_members_given_are_left_alone():
    X, times = data()
    members = (NextItemRidge(), Popularity())
    model = Blend(members).fit(X, times=times)
    model.prepare(*held(X, times))
    assert model.get_params(deep=False) == {"members": members, "coefficients": None}
    for member in members:
        assert not [name for name in vars(member) if name.endswith("_")]


@pytest.mark.parametrize(
    ("members", "coefficients", "message"),
    [
        ((), None, r"0 members need as many coefficients, got \(\)"),
        ((Ease(),), (1.0, 2.0), r"1 members need as many coefficients, got \(1.0, 2.0\)"),
        ((Ease(), Ease()), (), r"2 members need as many coefficients, got \(\)"),
        ((Ease(ridge=-1.0),), None, "ridge must be > 0, got -1.0"),
    ],
)
def test_members_that_do_not_fit_are_refused(members, coefficients, message):
    X, times = data()
    with pytest.raises(ValueError, match=message):
        Blend(members, coefficients).fit(X, times=times)
