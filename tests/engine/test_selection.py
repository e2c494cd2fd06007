import numpy as np
import pytest

from recommender.engine import selection
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.selection import select
from recommender.engine.sequential import NextItemRidge
from tests.engine.histories import matrices


def walks(n_users=150, n_items=12, seed=7):
    """Synthetic histories in which only the last item tells the next one: mostly its successor."""
    rng = np.random.default_rng(seed)
    histories = []
    for _ in range(n_users):
        history = [int(rng.integers(n_items))]
        while len(history) < 6:
            step = 1 if rng.random() < 0.9 else int(rng.integers(n_items))
            item = (history[-1] + step) % n_items
            if item in history:
                break
            history.append(item)
        histories.append(history)
    return matrices(histories, n_items)


def test_no_budget_keeps_the_values():
    X, times = walks()
    chosen = select(NextItemRidge(decay=0.42), X, times=times, budget=0)
    assert chosen.trials == []
    assert chosen.model.get_params() == NextItemRidge(decay=0.42).get_params()


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("model", [Popularity(), ItemNeighbours(), NextItemRidge()])
def test_tiny_data_has_a_choice(model, ordered):
    X, times = matrices([[0, 1, 2], [1, 2], [3]], 5)
    chosen = select(model, X, times=times if ordered else None, budget=60)
    chosen.model.fit(X, times=times if ordered else None)


def test_nothing_to_hold_out_keeps_the_values():
    X, times = matrices([[0], [1]], 3)
    assert select(NextItemRidge(), X, times=times, budget=60).trials == []


def test_the_search_finds_its_way():
    X, times = walks()
    chosen = select(NextItemRidge(decay=1.0), X, times=times, budget=60, k=2)
    assert chosen.model.decay < 0.9
    assert max(trial.ndcg for trial in chosen.trials) > chosen.trials[0].ndcg
    best = max(chosen.trials, key=lambda trial: trial.ndcg)
    assert best.params.items() <= chosen.model.get_params().items()


def test_the_search_is_repeatable_and_told_as_it_goes():
    X, times = walks()
    told = []
    first = select(NextItemRidge(), X, times=times, budget=60, n_judged=50, report=told.append)
    second = select(NextItemRidge(), X, times=times, budget=60, n_judged=50)
    assert told == first.trials
    assert [trial[:2] for trial in first.trials] == [trial[:2] for trial in second.trials]
    tried = [tuple(trial.params.items()) for trial in first.trials]
    assert len(tried) == len(set(tried))


def test_the_model_given_is_left_alone():
    X, _ = walks()
    model = ItemNeighbours(shrinkage=300.0)
    select(model, X, budget=60)
    assert model.shrinkage == 300.0
    assert not hasattr(model, "weights_")


def test_no_try_begins_that_would_end_late(monkeypatch):
    ticks = iter(range(0, 10_000, 4))
    monkeypatch.setattr(selection.time, "monotonic", lambda: next(ticks))
    X, times = walks()
    # The clock moves 4 s at each look: one look before each try and two within it, so a try takes 4 s.
    assert len(select(NextItemRidge(), X, times=times, budget=21).trials) == 2
