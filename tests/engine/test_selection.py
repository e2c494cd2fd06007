import numpy as np
import pytest
from scipy.sparse import csr_array

from recommender.engine import selection
from recommender.engine.als import ImplicitALS
from recommender.engine.blend import MOST_FEATURES, Blend, house_blend
from recommender.engine.ease import Ease
from recommender.engine.metrics import ndcg_at_k
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.selection import candidates, select, select_hyperparameters
from recommender.engine.sequential import NextItemRidge
from recommender.engine.splits import leave_last_out
from recommender.engine.statistics import MOST_DENSE_ITEMS
from tests.engine.histories import matrices

WITHOUT_PAIRS = NextItemRidge(n_pairs=0)


def walks(n_users=150, n_items=20, n_most=6, seed=7):
    """Synthetic histories in which only the last item tells the next one: mostly its successor."""
    rng = np.random.default_rng(seed)
    histories = []
    for _ in range(n_users):
        history = [int(rng.integers(n_items))]
        while len(history) < n_most:
            step = 1 if rng.random() < 0.9 else int(rng.integers(n_items))
            item = (history[-1] + step) % n_items
            if item in history:
                break
            history.append(item)
        histories.append(history)
    return matrices(histories, n_items)


def values_tried(selected, model, name):
    return [trial.params[name] for trial in selected.trials if trial.model == model]


class Steps(Popularity):
    """Proposes the item so many places after the last one, where that is an even or an odd one."""

    def __init__(self, step=1, parity=0):
        super().__init__()
        self.step = step
        self.parity = parity

    def score_items(self, X, *, times=None):
        last = times.toarray().argmax(axis=1)
        users = np.flatnonzero(last % 2 == self.parity)
        scores = np.tile(-np.arange(X.shape[1], dtype=np.float32) / 1000, (X.shape[0], 1))
        scores[users, (last[users] + self.step) % X.shape[1]] = 1
        return scores

    def search_grid(self, ordered):
        return {}


class Spy(Popularity):
    """Keeps what it is fitted to and asked about."""

    seen = []

    def fit(self, X, y=None, *, times=None):
        self.seen.append((X, times))
        return super().fit(X, times=times)

    def score_items(self, X, *, times=None):
        self.seen.append((X, times))
        return super().score_items(X, times=times)


@pytest.fixture
def members(monkeypatch):
    """Sets the members that a blend may have."""

    def set_members(*members):
        monkeypatch.setattr(selection, "candidates", lambda n_items, ordered: list(members))

    return set_members


def test_without_budget_the_start_is_kept():
    X, times = walks()
    start = Blend((Ease(ridge=0.7), Popularity()), (1.0, 0.25))
    chosen = select(X, times=times, budget=0, start=start)
    assert chosen.trials == []
    assert chosen.model is not start
    assert str(chosen.model.get_params()) == str(start.get_params())
    assert not hasattr(chosen.model, "weights_")


def test_without_budget_or_start_it_is_the_house_blend():
    X, times = walks()
    assert select(X, times=times, budget=0).model.description() == house_blend(X.shape[1]).description()


@pytest.mark.parametrize(("n_items", "ordered"), [(20, False), (MOST_DENSE_ITEMS + 1, True)])
def test_where_the_house_blend_does_not_fit_it_is_the_strongest_member(n_items, ordered):
    X, times = matrices([[0, 1, 2], [1, 2, 3]], n_items)
    chosen = select(X, times=times if ordered else None, budget=0).model
    strongest = candidates(n_items, ordered)[0]
    assert str(chosen.get_params()) == str(Blend((strongest,), (1.0,)).get_params())
    assert not isinstance(strongest, NextItemRidge)


def test_the_members_follow_the_data():
    def names(*args):
        return {type(member) for member in candidates(*args)}

    assert names(100, True) == {NextItemRidge, Ease, ItemNeighbours, Popularity}
    assert names(100, False) == {ImplicitALS, Ease, ItemNeighbours, Popularity}
    too_many = MOST_DENSE_ITEMS + 1
    assert names(too_many, True) == names(too_many, False) == {ImplicitALS, ItemNeighbours, Popularity}
    for n_items in (100, MOST_FEATURES // 2, MOST_FEATURES // 2 + 1, MOST_DENSE_ITEMS):
        lead = candidates(n_items, True)[0]
        assert isinstance(lead, NextItemRidge)
        assert n_items * len(lead.decays) + lead.n_pairs <= MOST_FEATURES


def test_without_budget_no_model_has_too_many_features():
    n_items = MOST_FEATURES // 2 + 1
    X, times = matrices([[0, 1, 2], [1, 2, 3]], n_items)
    chosen = select(X, times=times, budget=0).model
    lead = chosen.members[0]
    assert n_items * len(lead.decays) + lead.n_pairs <= MOST_FEATURES


def hoarder():
    """Many who hold little and one who holds nearly everything, of 20 items."""
    X, times = walks(40)
    everything = matrices([list(range(19))], 20)
    return csr_array(np.vstack((X.toarray(), everything[0].toarray()))), csr_array(
        np.vstack((times.toarray(), everything[1].toarray()))
    )


@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
@pytest.mark.parametrize(
    "data",
    [
        lambda: matrices([[0, 1, 2], [1, 2], [3]], 5),
        lambda: matrices([[0, 1]], 2),
        lambda: walks(25),
        lambda: walks(60, n_items=20),
        hoarder,
    ],
    ids=["three users", "one user", "25 users", "20 items", "a hoarder"],
)
def test_any_data_has_a_choice(data, ordered):
    X, times = data()
    times = times if ordered else None
    chosen = select(X, times=times, budget=1.0)
    assert len(chosen.trials) > len(chosen.model.members) > 0
    assert all(0 <= trial.ndcg <= 1 for trial in chosen.trials)
    assert len(chosen.model.coefficients) == len(chosen.model.members)
    items, _ = chosen.model.fit(X, times=times).recommend(X, 3, times=times)
    n_left = X.shape[1] - np.diff(X.indptr)
    assert (items >= 0).sum(axis=1).tolist() == np.minimum(n_left, 3).tolist()


@pytest.mark.parametrize("model", [Popularity(), ItemNeighbours(), Ease(), WITHOUT_PAIRS, ImplicitALS()])
@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
def test_every_model_can_be_tuned_on_tiny_data(model, ordered):
    X, times = matrices([[0, 1, 2], [1, 2], [3]], 5)
    times = times if ordered else None
    chosen = select_hyperparameters(model, X, times=times, budget=1.0)
    assert type(chosen.model) is type(model)
    assert chosen.trials[0].model == type(model).__name__
    chosen.model.fit(X, times=times)


def test_where_nothing_can_be_held_out_or_learned_it_is_popularity(members):
    popular = str(Blend((Popularity(),), (1.0,)).get_params())
    X, times = matrices([[0], [1]], 3)
    chosen = select(X, times=times, budget=60)
    assert chosen.trials == []
    assert str(chosen.model.get_params()) == popular
    # What is left of each history when the last item is held out has one item.
    members(ItemNeighbours(), WITHOUT_PAIRS)
    X, times = matrices([[0, 1], [2, 3]], 4)
    assert str(select(X, times=times, budget=60).model.get_params()) == popular


def test_one_model_keeps_its_values_where_nothing_can_be_held_out():
    X, times = matrices([[0], [1]], 3)
    chosen = select_hyperparameters(NextItemRidge(ridge=4.0), X, times=times, budget=60)
    assert chosen.trials == []
    assert chosen.model.ridge == 4.0


def test_with_hardly_any_time_the_first_member_is_tried_as_it_is():
    X, times = walks()
    chosen = select(X, times=times, budget=1e-9)
    assert [trial.model for trial in chosen.trials] == ["NextItemRidge", "Blend"]
    assert [type(member) for member in chosen.model.members] == [NextItemRidge]


def test_models_with_too_many_features_are_not_tried(members, monkeypatch):
    members(WITHOUT_PAIRS)
    X, times = walks()
    free = select(X, times=times, budget=600)
    assert set(values_tried(free, "NextItemRidge", "n_pairs")) > {0}
    monkeypatch.setattr(selection, "MOST_FEATURES", 2 * X.shape[1] + 100)
    bound = select(X, times=times, budget=600)
    assert set(values_tried(bound, "NextItemRidge", "n_pairs")) == {0}


def test_the_search_finds_its_way():
    X, times = walks()
    start = NextItemRidge(decays=(0.85, 1.0), n_pairs=0)
    chosen = select_hyperparameters(start, X, times=times, budget=60, k=2)
    assert chosen.model.decays != (0.85, 1.0)
    assert max(trial.ndcg for trial in chosen.trials) > chosen.trials[0].ndcg
    assert any(
        trial.params.items() <= chosen.model.get_params().items() and trial.ndcg > chosen.trials[0].ndcg
        for trial in chosen.trials
    )


def test_a_value_off_the_grid_moves_to_its_neighbours():
    X, times = walks()
    chosen = select_hyperparameters(Ease(ridge=20.0), X, times=times, budget=60)
    tried = values_tried(chosen, "Ease", "ridge")
    assert tried[0] == 20.0
    assert {10.0, 30.0} <= set(tried)


def test_a_try_is_judged_by_what_was_held_out_last():
    X, times = walks()
    split = leave_last_out(X, times)
    users = np.flatnonzero(np.diff(split.test.indptr))
    model = Ease(decay=0.9)
    first = select_hyperparameters(model, X, times=times, budget=60, k=5).trials[0]
    ranked, _ = Ease(decay=0.9).fit(split.X).recommend(split.X[users], 5, times=split.times[users])
    assert first.model == "Ease"
    assert first.params.items() <= model.get_params().items()
    assert first.ndcg == pytest.approx(ndcg_at_k(ranked, split.test[users], 5).mean())


def test_the_search_is_repeatable_and_told_as_it_goes(members):
    members(WITHOUT_PAIRS, ItemNeighbours(), Popularity())
    X, times = walks()
    told = []
    first = select(X, times=times, budget=600, n_judged=50, report=told.append)
    second = select(X, times=times, budget=600, n_judged=50)
    assert told == first.trials
    assert [trial[:3] for trial in first.trials] == [trial[:3] for trial in second.trials]
    assert str(first.model.get_params()) == str(second.model.get_params())
    tried = [str(trial[:2]) for trial in first.trials]
    assert len(tried) == len(set(tried))


def test_the_search_starts_from_the_blend_given(members):
    members(WITHOUT_PAIRS, Ease(), Popularity())
    X, times = walks()
    start = Blend((Ease(ridge=100.0, decay=0.6), NextItemRidge(decays=(0.5,), n_pairs=0, ridge=3.0)))
    chosen = select(X, times=times, budget=600, start=start)
    assert values_tried(chosen, "Ease", "ridge")[0] == 100.0
    assert values_tried(chosen, "NextItemRidge", "decays")[0] == (0.5,)
    assert values_tried(chosen, "NextItemRidge", "ridge")[0] == 3.0
    # A member that the blend before did without has another chance.
    assert values_tried(chosen, "Popularity", "half_life") == [None]
    assert start.members[0].get_params() == Ease(ridge=100.0, decay=0.6).get_params()


def test_members_read_histories_by_the_decays_of_the_one_that_leads(members):
    members(NextItemRidge(decays=(0.3, 0.9), n_pairs=0), Ease(decay=0.6), ItemNeighbours(decay=0.8))
    X, times = walks()
    chosen = select(X, times=times, budget=600)
    lead = chosen.model.members[0]
    assert isinstance(lead, NextItemRidge)
    assert set(values_tried(chosen, "Ease", "decay")) == {max(lead.decays)}
    assert set(values_tried(chosen, "ItemNeighbours", "decay")) == {min(lead.decays)}
    # Without one that leads, they look for their own.
    members(Ease(decay=0.6))
    assert len(set(values_tried(select(X, times=times, budget=600), "Ease", "decay"))) > 1


def test_members_that_help_are_kept_and_those_that_do_not_are_dropped(members):
    # Each item is followed by its successor, which one member knows of even items and another of odd ones.
    X, times = matrices([[(first + step) % 20 for step in range(4)] for first in [*range(20)] * 3], 20)
    members(Steps(7, 0), Steps(1, 0), Steps(7, 1), Steps(1, 1))
    chosen = select(X, times=times, budget=600)
    assert [member.get_params() for member in chosen.model.members] == [
        {"step": 1, "parity": 0},
        {"step": 1, "parity": 1},
    ]
    assert all(coefficient > 0 for coefficient in chosen.model.coefficients)
    assert [trial.model for trial in chosen.trials] == ["Steps"] * 4 + ["Blend"]
    assert chosen.trials[-1].ndcg == 1
    assert max(trial.ndcg for trial in chosen.trials[:-1]) < 0.8


def test_a_blend_of_one_member_is_judged_as_that_member(members):
    # Half of what is held out never follows anything in what is learned from, so that many scores are 0.
    rng = np.random.default_rng(5)
    histories = []
    for user in range(400):
        first, other = int(rng.integers(10)), 10 + int(rng.integers(10))
        history = [first, (first + 1) % 10, (first + 2) % 10]
        histories.append([other, *history] if user % 2 else [*history, other])
    X, times = matrices(histories, 20)
    members(WITHOUT_PAIRS)
    chosen = select(X, times=times, budget=600)
    params = {name: chosen.model.members[0].get_params()[name] for name in chosen.trials[0].params}
    (alone,) = [trial.ndcg for trial in chosen.trials[:-1] if trial.params == params]
    assert chosen.trials[-1].ndcg == pytest.approx(alone)


@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
def test_what_is_held_out_never_reaches_a_model(members, monkeypatch, ordered):
    monkeypatch.setattr(Spy, "seen", [])
    members(Spy(), Spy())
    X, times = walks()
    select(X, times=times if ordered else None, budget=600)
    assert len(Spy.seen) > 4
    lengths = np.diff(X.indptr)
    for seen_X, seen_times in Spy.seen:
        users = np.arange(X.shape[0]) if seen_X.shape == X.shape else np.flatnonzero(lengths > 1)
        assert seen_X.shape[0] == users.size
        given = seen_X.toarray()
        assert not (given[X.toarray()[users] == 0]).any()
        if ordered:
            last = times.toarray()[users].argmax(axis=1)
            assert not given[np.arange(users.size), last][lengths[users] > 1].any()
            assert (given.sum(axis=1) == np.where(lengths[users] > 1, lengths[users] - 1, 1)).all()
            assert (seen_times.toarray() == times.toarray()[users] * (given > 0)).all()
        else:
            assert (given.sum(axis=1)[lengths[users] > 1] < lengths[users][lengths[users] > 1]).all()
            assert seen_times is None


def test_the_models_given_are_left_alone(members):
    X, _ = walks()
    model = ItemNeighbours(shrinkage=10.0)
    select_hyperparameters(model, X, budget=600)
    members(model, Popularity())
    select(X, budget=600)
    assert model.get_params() == ItemNeighbours(shrinkage=10.0).get_params()
    assert not [name for name in vars(model) if name.endswith("_")]


def test_what_is_chosen_is_not_fitted(members):
    members(ItemNeighbours(), Popularity())
    X, times = walks()
    for chosen in (
        select(X, times=times, budget=600).model,
        select_hyperparameters(Ease(), X, times=times, budget=600).model,
    ):
        parts = [chosen, *(getattr(chosen, "members", None) or ())]
        assert not [name for part in parts for name in vars(part) if name.endswith("_")]


def test_at_most_so_many_users_are_judged(members, monkeypatch):
    monkeypatch.setattr(Spy, "seen", [])
    members(Spy())
    X, times = walks()
    select(X, times=times, budget=600, n_judged=30)
    assert {seen_X.shape[0] for seen_X, _ in Spy.seen} == {X.shape[0], 30}
    Spy.seen.clear()
    monkeypatch.setattr(selection, "MOST_JUDGED_CELLS", 25 * X.shape[1])
    select(X, times=times, budget=600, n_judged=30)
    assert {seen_X.shape[0] for seen_X, _ in Spy.seen} == {X.shape[0], 25}


def test_no_try_begins_that_would_end_late(monkeypatch):
    ticks = iter(range(0, 10_000, 4))
    monkeypatch.setattr(selection.time, "monotonic", lambda: next(ticks))
    X, times = walks()
    # The clock moves 4 s at each look: one look before each try and two within it, so a try takes 4 s. A try
    # begun at 8 s ends at 16 s; the next would have begun at 20 s and ended at 24 s.
    chosen = select_hyperparameters(WITHOUT_PAIRS, X, times=times, budget=21)
    assert len(chosen.trials) == 2
