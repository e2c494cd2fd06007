"""A fit and lists are the same wherever they are worked out: here, on threads, processes or a cluster.

The cluster is a real one, of processes on this machine, of which one is killed in the middle of a fit.
"""

import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import issparse
from sklearn.base import clone

from recommender.engine import base, statistics
from recommender.engine.als import ImplicitALS
from recommender.engine.blend import Blend
from recommender.engine.ease import Ease
from recommender.engine.histories import held
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from recommender.engine.statistics import sum_statistics
from tests import services
from tests.engine.histories import matrices

ROOT = Path(__file__).parents[2]
N_ITEMS = 40

RIDGE = NextItemRidge(n_pairs=100, ridge=2.0, pair_ridge=5.0)
SUMMED = [
    Popularity(half_life=0.3),
    ItemNeighbours(),
    Ease(),
    RIDGE,
    Blend((RIDGE, Ease(decay=0.9), ItemNeighbours(), Popularity()), (1.0, 0.5, 0.2, 0.1)),
]
# Of this one a member is fitted here, and the others elsewhere.
MIXED = Blend((RIDGE, ImplicitALS(n_factors=4, n_iterations=3), Popularity()), (1.0, 0.5, 0.1))
EXECUTORS = ["threads", "processes", "cluster"]


def synthetic(n_users, n_items=N_ITEMS, n_most=15, seed=3):
    """Random histories with weights, some of them of items turned down."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(0, n_most, n_users)
    weights = rng.choice([-1.0, 0.5, 1.0, 2.0], p=[0.1, 0.2, 0.5, 0.2], size=n_most)
    histories = [
        list(zip(rng.permutation(n_items)[:n].tolist(), rng.permutation(weights).tolist(), strict=False))
        for n in lengths
    ]
    return held(*matrices(histories, n_items))


@pytest.fixture(scope="module")
def data():
    return synthetic(250)


@pytest.fixture(scope="module")
def executors():
    """Executors by name, each started when it is first asked for."""
    started = {}
    with ExitStack() as stack:
        start = {
            "threads": lambda: stack.enter_context(ThreadPoolExecutor(3)),
            "processes": lambda: stack.enter_context(ProcessPoolExecutor(2, mp_context=get_context("spawn"))),
            "cluster": lambda: stack.enter_context(cluster())[0].get_executor(),
        }

        def started_executor(name):
            if name not in started:
                started[name] = start[name]()
            return started[name]

        yield started_executor


@contextmanager
def cluster(n_workers=2):
    """A client of a scheduler and workers of their own, and the workers' processes; gone afterwards.

    Whatever happens to this process, a scheduler without work and workers without a scheduler end by
    themselves.
    """
    try:
        from distributed import Client
    except ImportError:
        services.missing("dask.distributed")
    address = f"tcp://127.0.0.1:{services.free_port()}"
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    run = partial(subprocess.Popen, cwd=ROOT, env=os.environ | alone, stderr=subprocess.DEVNULL)
    folder = tempfile.TemporaryDirectory(prefix="hktalent-dask-")
    dask = [sys.executable, "-m", "dask"]
    scheduler = [*dask, "scheduler", "--host", address, "--no-dashboard", "--idle-timeout", "120 s"]
    worker = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    worker += ["--host", "127.0.0.1", "--death-timeout", "60", "--local-directory", folder.name]
    processes = [run(scheduler)]
    try:
        processes += [run([*worker, "--name", str(number)]) for number in range(n_workers)]
        with Client(address, timeout="60 s", set_as_default=False) as client:
            client.wait_for_workers(n_workers, timeout=60)
            yield client, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()
        folder.cleanup()


class Watched(Executor):
    """Hands tasks on to another executor and keeps their futures."""

    def __init__(self, executor):
        self.executor, self.futures = executor, []

    def submit(self, *task):
        self.futures.append(self.executor.submit(*task))
        return self.futures[-1]

    def n_done(self):
        return sum(future.done() for future in self.futures)


def assert_close(found, expected):
    found, expected = (value.toarray() if issparse(value) else value for value in (found, expected))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * max(1.0, np.abs(expected).max()))


def assert_same_lists(found, expected):
    np.testing.assert_array_equal(found[0], expected[0])
    assert_close(found[1], expected[1])


@pytest.mark.parametrize("name", EXECUTORS)
@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
@pytest.mark.parametrize("model", [*SUMMED, MIXED], ids=lambda model: type(model).__name__)
def test_a_fit_and_lists_are_the_same_elsewhere(name, model, ordered, data, executors, monkeypatch):
    X, times = data[0], data[1] if ordered else None
    here = clone(model).fit(X, times=times)
    lists, scores = here.recommend(X, 5, times=times), here.score_items(X, times=times)

    monkeypatch.setattr(statistics, "ENTRIES_A_BLOCK", 200)
    monkeypatch.setattr(base, "SLAB_USERS", 60)
    watched = Watched(executors(name))
    elsewhere = clone(model).fit(X, times=times, executor=watched)
    assert len(watched.futures) > 5
    assert_close(elsewhere.score_items(X, times=times), scores)
    watched.futures.clear()
    assert_same_lists(elsewhere.recommend(X, 5, times=times, executor=watched), lists)
    assert len(watched.futures) == 5


@pytest.mark.parametrize("n_blocks", [1, 16])
@pytest.mark.parametrize("name", [None, *EXECUTORS])
@pytest.mark.parametrize("model", SUMMED, ids=lambda model: type(model).__name__)
def test_sums_over_any_blocks_are_the_same(name, n_blocks, model, data, executors):
    X, times = data
    model = clone(model)
    model.prepare(X, times)
    whole = model.statistics(X, times)
    watched = Watched(executors(name)) if name else None
    sums = sum_statistics(model, X, times, watched, n_blocks)
    assert watched is None or len(watched.futures) == n_blocks
    assert sums.keys() == whole.keys()
    for key, value in sums.items():
        assert_close(value, whole[key])


def test_by_default_a_block_is_large_and_lists_need_few_tasks(data, executors):
    watched = Watched(executors("threads"))
    fitted = clone(RIDGE).fit(data[0], times=data[1], executor=watched)
    fitted.recommend(data[0], 5, times=data[1], executor=watched)
    assert len(watched.futures) == 2


def test_an_error_elsewhere_is_an_error_here(data, executors):
    def fails(*_):
        raise ZeroDivisionError

    model = Ease()
    model.statistics = fails
    with pytest.raises(ZeroDivisionError):
        model.fit(data[0], executor=executors("threads"))


def test_a_fit_survives_a_worker_that_is_killed(monkeypatch):
    X, times = synthetic(12_000, n_items=100, n_most=60)
    model = NextItemRidge(n_pairs=150)
    here = clone(model).fit(X, times=times)
    monkeypatch.setattr(statistics, "ENTRIES_A_BLOCK", X.nnz // 200)
    with ThreadPoolExecutor(1) as thread, cluster() as (client, workers):
        watched = Watched(client.get_executor())
        fitting = thread.submit(clone(model).fit, X, times=times, executor=watched)
        services.wait_for(lambda: len(watched.futures) >= 200 and watched.n_done() >= 10, seconds=60)
        assert all(client.processing().values())
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        assert watched.n_done() < len(watched.futures)
        elsewhere = fitting.result(timeout=120)
        assert len(client.scheduler_info()["workers"]) == 1
        lists = elsewhere.recommend(X, 5, times=times, executor=client.get_executor())
    some = X[:500], times[:500]
    assert_close(elsewhere.score_items(some[0], times=some[1]), here.score_items(some[0], times=some[1]))
    assert_same_lists(lists, here.recommend(X, 5, times=times))
