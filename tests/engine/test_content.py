import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from recommender.engine import content
from recommender.engine.content import ContentNeighbours, with_new_items
from recommender.engine.features import FeatureSpace
from recommender.engine.histories import held
from recommender.engine.ranking import top_k
from recommender.engine.sequential import NextItemRidge
from recommender.engine.storage import load_state, save_state
from recommender.engine.texts import item_vectors
from tests.engine.histories import N_ITEMS, matrices, some_histories

# Cosines: 0.6 of the first two, 0.8 of the last two, 0 of the first and the last.
THREE = np.array([[2.0, 0.0], [0.6, 0.8], [0.0, 0.5]])
some_vectors = st.integers(0, 10_000).map(lambda seed: np.random.default_rng(seed).normal(size=(N_ITEMS, 3)))


@parametrize_with_checks([ContentNeighbours()])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def test_cosines_of_three_items():
    X, times = matrices([[0, 1], [2]], 3)
    model = ContentNeighbours(THREE, decay=0.5).fit(X, times=times)
    np.testing.assert_allclose(model.weights_.toarray(), [[0, 0.6, 0], [0.6, 0, 0.8], [0, 0.8, 0]], rtol=1e-6)
    # The first user's features are e0/2 + e1.
    np.testing.assert_allclose(model.score_items(X, times=times), [[0.6, 0.3, 0.8], [0, 0.8, 0]], rtol=1e-6)


def test_the_most_alike_are_kept_the_lower_index_first_among_equals():
    vectors = [[1, 0], [1, 0], [1, 0], [1, 1]]
    weights = ContentNeighbours(vectors, n_neighbours=1).fit(np.ones((1, 4))).weights_.toarray()
    np.testing.assert_allclose(weights, [[0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0.5**0.5, 0, 0, 0]])


def test_without_vectors_nothing_is_alike():
    X, _ = matrices([[0, 1], [2]])
    assert ContentNeighbours().fit(X).weights_.nnz == 0


def test_an_item_without_a_description_is_like_no_other():
    vectors = [[0, 0], [1, 0], [1, 0]]
    weights = ContentNeighbours(vectors).fit(np.ones((1, 3))).weights_.toarray()
    np.testing.assert_array_equal(weights, [[0, 0, 0], [0, 0, 1], [0, 1, 0]])


@pytest.mark.parametrize("vectors", [THREE, None], ids=["vectors", "none"])
def test_a_model_comes_back_as_it_was(vectors, tmp_path):
    X, times = matrices([[0, 1], [2]], 3)
    model = ContentNeighbours(vectors, n_neighbours=7, decay=0.6).fit(X, times=times)
    save_state(tmp_path / "model.npz", model.get_state())
    loaded = ContentNeighbours.from_state(load_state(tmp_path / "model.npz"))
    np.testing.assert_equal(loaded.get_params(), model.get_params())
    np.testing.assert_array_equal(loaded.score_items(X, times=times), model.score_items(X, times=times))


def test_times_travel_as_routed_metadata():
    X, times = matrices([[2, 0, 1], [0, 1]], 3)
    direct = ContentNeighbours(THREE).fit(X, times=times)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = make_pipeline(ContentNeighbours(THREE).set_fit_request(times=True)).fit(X, times=times)[-1]
    np.testing.assert_array_equal(routed.score_items(X, times=times), direct.score_items(X, times=times))


@settings(deadline=None, max_examples=40)
@given(vectors=some_vectors, histories=some_histories(), item=st.integers(0, N_ITEMS - 1))
def test_contributions_add_up_to_the_score(vectors, histories, item):
    X, times = matrices(histories)
    model = ContentNeighbours(vectors, n_neighbours=3).fit(X, times=times)
    made_of = model.contributions(X, np.full(X.shape[0], item), times=times)
    scores = model.score_items(X, times=times)[:, item]
    np.testing.assert_allclose(made_of.shares.sum(axis=1) + made_of.fallback, scores, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(vectors=some_vectors, histories=some_histories(), relabel=st.permutations(range(N_ITEMS)))
def test_relabelling_items_permutes_scores(vectors, histories, relabel):
    X, times = matrices(histories)
    first = ContentNeighbours(vectors, n_neighbours=3).fit(X, times=times)
    renamed_X, renamed_times = matrices([[relabel[item] for item in history] for history in histories])
    renamed_vectors = np.empty_like(vectors)
    renamed_vectors[list(relabel)] = vectors
    second = ContentNeighbours(renamed_vectors, n_neighbours=3).fit(renamed_X, times=renamed_times)
    np.testing.assert_allclose(
        second.score_items(renamed_X, times=renamed_times)[:, relabel],
        first.score_items(X, times=times),
        atol=1e-5,
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_neighbours": 0}, "n_neighbours must be >= 1, got 0"),
        ({"decay": 0.0}, r"decay must be in \(0, 1\], got 0.0"),
        ({"vectors": THREE}, r"vectors must have one row for each of 2 items, got shape \(3, 2\)"),
        ({"vectors": [[np.nan], [1.0]]}, "vectors must be finite, got nan"),
    ],
)
def test_what_is_out_of_bounds_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ContentNeighbours(**options).fit([[1, 1], [1, 0]])


def items_space(n_items):
    return FeatureSpace(n_items, (0.7,))


# Two blocks of six rows, the pairs of items 0 and 1 and of items 1 and 2, and the constant.
WIDE = FeatureSpace(6, (0.3, 0.9), np.array([1, 8]), True)


def single(space):
    """Features of histories of one item each, for each block, and of each pair."""
    return csr_array(np.eye(space.n_features, dtype=np.float32))


def extend(weights, space, vectors, known, features=None, **options):
    return with_new_items(
        weights, space, vectors, known, single(space) if features is None else features, **options
    )


def test_three_items_one_of_them_new():
    # All three are described alike; 9 is a known item's weight on itself and is not looked at. Known columns
    # have length 5. The history that is judged holds the new item. It scores the known ones 4, or 4 / 5 were
    # their columns of length 1; left out, each is predicted by the other as 4 / 5 / (1 + ridge). Scaled by
    # 5 (1 + ridge), both are listed again. In the first row, 3 / 5 of one item predicts 3 / 5 / (1 + ridge)
    # of the other. Both, and the scale, make (1 + ridge) (3 + 3 / (1 + ridge)) / (2 + ridge) of the new one,
    # which is 3.
    weights = np.array([[9, 3, 1], [3, 9, 1], [4, 4, 1]], dtype=np.float32)
    known = np.array([True, True, False])
    extended = extend(weights, items_space(3), np.ones((3, 1)), known, [[0, 0, 1]])
    np.testing.assert_allclose(extended[:2], [[9, 3, 3], [3, 9, 3]], rtol=1e-5)
    # The rows (., 3, 3) and (3, ., 3) are the same where they can be compared.
    np.testing.assert_allclose(extended[2], [3, 3, 0], rtol=0.05)


def random_weights(n_features, n_items, seed=0):
    return np.random.default_rng(seed).normal(size=(n_features, n_items)).astype(np.float32)


def triplets():
    """Weights and vectors of 18 items, three of each of six texts, whose weights differ by noise alone.

    All columns and rows are about as long.
    """
    base = np.sign(random_weights(6, 6))
    weights = np.kron(base, np.ones((3, 3))).astype(np.float32) + 0.05 * random_weights(18, 18, seed=1)
    return weights, item_vectors(np.repeat(["data", "law", "數據", "稅務", "Python", "art"], 3).tolist())


@pytest.mark.parametrize("n_judged", [512, 9])
def test_an_item_with_the_text_of_known_ones_gets_about_their_column_and_row(n_judged, monkeypatch):
    monkeypatch.setattr(content, "N_JUDGED", n_judged)
    weights, vectors = triplets()
    hidden = weights.copy()
    hidden[:, 2] = hidden[2] = 0
    extended = extend(hidden, items_space(18), vectors, np.arange(18) != 2)
    np.testing.assert_allclose(extended[3:, 2], weights[3:, 1], atol=0.2)
    np.testing.assert_allclose(extended[2, 3:], weights[1, 3:], atol=0.2)


def test_blocks_do_not_show(monkeypatch):
    weights, vectors = triplets()
    known = np.arange(18) % 5 != 2
    whole = extend(weights, items_space(18), vectors, known)
    neighbours = ContentNeighbours(vectors).fit(weights).weights_.toarray()
    monkeypatch.setattr(content, "BLOCK_CELLS", 40)
    in_blocks = extend(weights, items_space(18), vectors, known)
    np.testing.assert_allclose(in_blocks, whole, rtol=1e-5)
    np.testing.assert_allclose(
        ContentNeighbours(vectors).fit(weights).weights_.toarray(), neighbours, atol=1e-6
    )


def test_new_items_neither_flood_lists_nor_vanish_from_them():
    # Weights that vectors explain in part; histories of three items each; every fifth item is new.
    rng = np.random.default_rng(5)
    vectors = np.abs(rng.normal(size=(100, 8)))
    weights = (vectors - vectors.mean(axis=0)) @ rng.normal(size=(8, 8)) @ vectors.T
    weights = (weights + 3 * rng.normal(size=weights.shape)).astype(np.float32)
    is_new = np.arange(100) % 5 == 0
    features = csr_array(
        np.sum(np.eye(100, dtype=np.float32)[rng.permuted([range(100)] * 300, axis=1)[:, :3]], axis=1)
    )

    def share_of_slots(exposure):
        extended = extend(weights, items_space(100), vectors, ~is_new, features, k=10, exposure=exposure)
        listed, _ = top_k(features @ extended, 10, exclude=features)
        return is_new[listed].mean()

    assert 0.15 < share_of_slots(1.0) < 0.25
    assert 0.05 < share_of_slots(0.5) < 0.15


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    known=st.lists(st.booleans(), min_size=6, max_size=6),
    described=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_known_and_undescribed_items_stay_bit_for_bit(seed, known, described):
    weights = random_weights(WIDE.n_features, 6, seed)
    given_weights = weights.copy()
    vectors = np.abs(random_weights(6, 3, seed + 1)) * np.array(described)[:, np.newaxis]
    extended = extend(weights, WIDE, vectors, known)
    np.testing.assert_array_equal(weights, given_weights)
    assert extended.dtype == np.float32
    assert extended.flags.c_contiguous
    assert np.isfinite(extended).all()
    kept = np.array(known) | ~np.array(described)
    kept_rows = np.concatenate((kept, kept, [True] * 3))
    np.testing.assert_array_equal(extended[np.ix_(kept_rows, kept)], weights[np.ix_(kept_rows, kept)])


def test_predictions_stay_within_reason_where_few_lists_tell_little():
    for seed in range(300):
        weights, vectors = random_weights(6, 6, seed), np.abs(random_weights(6, 2, seed + 1))
        extended = extend(weights, items_space(6), vectors, np.arange(6) > 1)
        assert np.abs(extended).max() < 30 * np.abs(weights).max()


def test_rows_of_every_block_and_columns_of_pairs_are_predicted():
    weights = np.ones((WIDE.n_features, 6), dtype=np.float32)
    weights[:, 5] = weights[[5, 11]] = 0
    extended = extend(weights, WIDE, np.ones((6, 1)), np.arange(6) != 5)
    expected = np.ones((WIDE.n_features, 6))
    expected[[5, 11], 5] = 0
    np.testing.assert_allclose(extended, expected, atol=0.15)


def test_predictions_do_not_depend_on_the_length_of_vectors():
    vectors = np.abs(random_weights(N_ITEMS, 2, seed=1))
    known = np.arange(N_ITEMS) != 3
    weights = np.abs(random_weights(N_ITEMS, N_ITEMS))
    one, other = (extend(weights, items_space(N_ITEMS), size * vectors, known) for size in (1, 1000))
    assert not np.array_equal(one, weights)
    np.testing.assert_allclose(one, other, rtol=1e-4)


def test_as_many_components_as_items_teach_nothing():
    known = np.arange(N_ITEMS) != 3
    weights = random_weights(N_ITEMS, N_ITEMS)
    np.testing.assert_array_equal(extend(weights, items_space(N_ITEMS), np.eye(N_ITEMS), known), weights)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), order=st.permutations(range(9)))
def test_relabelling_items_permutes_predictions(seed, order):
    order = np.array(order)
    weights, vectors = np.abs(random_weights(9, 9, seed)), np.abs(random_weights(9, 2, seed + 1))
    known = np.arange(9) < 7
    first = extend(weights, items_space(9), vectors, known)
    second = extend(weights[np.ix_(order, order)], items_space(9), vectors[order], known[order])
    np.testing.assert_allclose(second, first[np.ix_(order, order)], rtol=1e-3, atol=1e-4)


def test_a_course_that_nobody_took_reaches_those_who_took_what_comes_before_its_like():
    titles = ["Python", "Machine learning 1", "Machine learning 2", "AI project"]
    titles += ["Cooking", "Baking bread", "Baking cake", "Open a café"]
    titles += ["Machine learning for all", "Baking for all"]
    completed = [[0, 1, 3], [0, 2, 3], [4, 5, 7], [4, 6, 7]] * 3
    X, times = matrices([*completed, [0], [0, 1], [0, 2], [4], [4, 5], [4, 6]], 10)
    model = NextItemRidge(decays=(0.7,), n_pairs=0, ridge=1.0).fit(X, times=times)
    begun, begun_times = matrices([[0], [4]], 10)
    new = np.arange(10) >= 8
    assert not model.score_items(begun, times=begun_times)[:, new].any()
    space = model.feature_space()
    model.weights_ = with_new_items(
        model.weights_, space, item_vectors(titles), ~new, space.of(*held(X, times)), k=1
    )
    items, scores = model.recommend(begun, 1, times=begun_times, listable=new)
    assert items[:, 0].tolist() == [8, 9]
    assert (scores > 0.05).all()
    # Who holds the new one is led on to what comes after its like.
    begun, begun_times = matrices([[8], [9]], 10)
    items, scores = model.recommend(begun, 1, times=begun_times)
    assert items[:, 0].tolist() == [3, 7]
    made_of = model.contributions(begun, items[:, 0], times=begun_times)
    np.testing.assert_allclose(made_of.shares[[0, 1], [8, 9]], scores[:, 0], rtol=1e-6)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": np.ones((3, 4))}, r"weights must have shape \(3, 3\), got \(3, 4\)"),
        ({"vectors": np.ones((2, 2))}, "vectors must have one row for each of 3 items"),
        ({"vectors": np.full((3, 2), np.inf)}, "vectors must be finite, got inf"),
        ({"known": np.ones(2, dtype=bool)}, r"known must be bool, shape \(3,\), got bool, \(2,\)"),
        ({"known": np.ones(3)}, r"known must be bool, shape \(3,\), got float64, \(3,\)"),
        ({"features": np.ones((1, 4))}, "features must have 3 columns, got 4"),
        ({"k": 0}, "k must be >= 1, got 0"),
        ({"exposure": 0.0}, r"exposure must be > 0, got 0\.0"),
    ],
)
def test_new_items_that_do_not_fit_are_refused(changed, message):
    fitting = {"weights": np.ones((3, 3)), "space": items_space(3), "vectors": np.ones((3, 2))}
    fitting |= {"known": np.array([True, True, False]), "features": np.ones((1, 3))}
    with pytest.raises(ValueError, match=message):
        with_new_items(**fitting | changed)
