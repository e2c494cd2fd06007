import zipfile

import numpy as np
import pytest

from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from recommender.engine.storage import ALIGNMENT, load_state, save_state
from tests.engine.histories import matrices

X, TIMES = matrices([[0, 1, 2], [1, 2, 3], [5, 0], [4]])
MODELS = [Popularity(), ItemNeighbours(shrinkage=2.5), NextItemRidge(decay=0.6, ridge=3.0)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_a_model_comes_back_as_it_was(model, tmp_path):
    model.fit(X, times=TIMES)
    save_state(tmp_path / "model.npz", model.get_state())
    loaded = type(model).from_state(load_state(tmp_path / "model.npz"))
    assert loaded.get_params() == model.get_params()
    assert {type(value) for value in loaded.get_params().values()} <= {float}
    np.testing.assert_array_equal(loaded.score_items(X, times=TIMES), model.score_items(X, times=TIMES))
    assert loaded.get_state().keys() == model.get_state().keys()


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
