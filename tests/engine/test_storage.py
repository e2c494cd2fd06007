import zipfile

import numpy as np
import pytest
from sklearn.base import clone

from recommender.engine.als import ImplicitALS
from recommender.engine.blend import Blend
from recommender.engine.content import ContentNeighbours
from recommender.engine.ease import Ease
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from recommender.engine.storage import ALIGNMENT, load_state, save_state
from tests.engine.histories import N_ITEMS, matrices

X, TIMES = matrices([[0, 1, 2], [1, (2, -1.0), (3, 0.5)], [5, 0], [4], [2, 7, 6]])
NEW, NEW_TIMES = matrices([[3, (0, 2.0), 1], [(6, -1.0)], []])
ALS = ImplicitALS(n_factors=4, n_iterations=3)
MODELS = [
    Popularity(),
    Popularity(half_life=0.25),
    ItemNeighbours(shrinkage=2.5),
    Ease(ridge=3.0, popularity_power=0.0),
    NextItemRidge(decays=(0.6,), ridge=3.0),
    NextItemRidge(decays=(0.3, 0.9), n_pairs=3),
    ALS,
    ContentNeighbours(np.random.default_rng(1).normal(size=(N_ITEMS, 3))),
    Blend(),
    Blend((NextItemRidge(), Popularity(), ItemNeighbours()), (1.0, 0.5, 0.25)),
    Blend((ALS, Ease(), ImplicitALS(n_factors=2)), (0.5, 1.0, 0.25)),
]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)


def stored(model, path):
    save_state(path, model.get_state())
    return type(model).from_state(load_state(path))


def assert_same_model(loaded, model, times=TIMES, new_times=NEW_TIMES):
    np.testing.assert_array_equal(loaded.score_items(X, times=times), model.score_items(X, times=times))
    for one, other in zip(
        loaded.recommend(NEW, 4, times=new_times), model.recommend(NEW, 4, times=new_times), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    one, other = (fitted.contributions(NEW, [5, 2, 7], times=new_times) for fitted in (loaded, model))
    np.testing.assert_array_equal(one.shares.toarray(), other.shares.toarray())
    np.testing.assert_array_equal(one.fallback, other.fallback)
    assert loaded.get_state().keys() == model.get_state().keys()


@every_model
def test_a_model_comes_back_as_it_was(model, tmp_path):
    model = clone(model).fit(X, times=TIMES)
    assert_same_model(stored(model, tmp_path / "model.npz"), model)


@every_model
def test_a_model_fitted_without_order_comes_back_as_it_was(model, tmp_path):
    model = clone(model).fit(X)
    assert_same_model(stored(model, tmp_path / "model.npz"), model, None, None)


@every_model
def test_a_model_that_came_back_can_be_stored_again(model, tmp_path):
    model = clone(model).fit(X, times=TIMES)
    loaded = stored(model, tmp_path / "model.npz")
    assert_same_model(stored(loaded, tmp_path / "again.npz"), model)
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "model.npz").read_bytes()


# A blend keeps what scoring needs and no more.
@pytest.mark.parametrize("model", MODELS[:7], ids=lambda model: type(model).__name__)
def test_hyperparameters_come_back_as_they_were(model, tmp_path):
    model = clone(model).fit(X, times=TIMES)
    loaded = stored(model, tmp_path / "model.npz")
    for name, value in model.get_params().items():
        read = loaded.get_params()[name]
        assert (tuple(read) if isinstance(value, tuple) else read) == value
    np.testing.assert_array_equal(
        clone(loaded).fit(X, times=TIMES).score_items(X, times=TIMES), model.score_items(X, times=TIMES)
    )


def test_matrices_are_mapped_aligned_and_read_only(tmp_path):
    path = tmp_path / "model.npz"
    state = {"odd": np.arange(3, dtype=np.int8), "a": np.ones((3, 5), np.float32), "b": np.ones((2, 2))}
    state |= {"fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "name": np.asarray("次")}
    save_state(path, state)
    loaded = load_state(path)
    assert loaded.keys() == state.keys()
    for name, array in state.items():
        np.testing.assert_array_equal(loaded[name], array)
    for name in ("a", "b", "fortran"):
        assert isinstance(loaded[name].base, np.memmap)
        assert loaded[name].ctypes.data % ALIGNMENT == 0
        assert not loaded[name].flags.writeable
    with np.load(path, allow_pickle=False) as plain:
        np.testing.assert_array_equal(plain["b"], state["b"])


def test_the_same_state_gives_the_same_bytes(tmp_path):
    state = Popularity().fit(X).get_state()
    save_state(tmp_path / "one", state)
    save_state(tmp_path / "other", dict(reversed(state.items())))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_column_names_need_no_pickle(tmp_path):
    model = Popularity().fit(X)
    model.feature_names_in_ = np.array(["a", "b"], dtype=object)
    save_state(tmp_path / "model.npz", model.get_state())
    assert load_state(tmp_path / "model.npz")["feature_names_in_"].tolist() == ["a", "b"]


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "model.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match="is not a stored model"):
        load_state(path)
    np.savez_compressed(path, a=np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"is not a stored model: a\.npy is compressed"):
        load_state(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", b"no array")
    with pytest.raises(ValueError, match="is not a stored model"):
        load_state(path)
