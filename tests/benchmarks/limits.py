"""How close do fitting and listing come to what this machine can do?

    python tests/benchmarks/limits.py xuetangx/train.csv.gz

First measures the machine, on all cores: products of float32 matrices of 4096 x 4096, and a + b * c over 1
GB. Then fits and lists with the real models and prints which share of that they reach:

- factorise and solve: n^3 / 3 and 2 n^2 m floating-point operations, for n features and m right-hand sides;
- recommend all: each entry of the learners' features reads one row of the weights, 4 bytes per item, and
  costs two operations per item. Rows are read in tiles that stay in the cache, so that this can exceed the
  memory's bandwidth. Making the features is included in the time, and printed beside it.

Each time is the shortest of some runs.
"""

import argparse
import os
import time
from collections import defaultdict
from contextlib import ExitStack
from unittest import mock

import numba
import numpy as np
from peers import read

from recommender.engine import cholesky, ease, sequential
from recommender.engine.blend import Blend
from recommender.engine.sequential import NextItemRidge

GEMM_SIZE = 4096
TRIAD_BYTES = 2**30
MODELS = {"NextItemRidge": NextItemRidge, "Blend": Blend}


def main():
    options = arguments()
    X, times = read(options.train)
    print(f"{options.train}: {X.shape[0]:,} learners, {X.shape[1]:,} courses, {X.nnz:,} enrolments")
    flops, bandwidth = gemm_rate(options), triad_rate(options)
    print(
        f"{len(os.sched_getaffinity(0))} cores: {flops / 1e9:,.1f} Gflop/s float32 products of "
        f"{options.gemm}, {bandwidth / 1e9:,.1f} GB/s memory\n"
    )
    fitted = {name: fit(name, X, times, flops, options) for name in MODELS}
    print("\n| recommend all | entries of features | s | of which features, s | ", end="")
    print("GB/s of weights | share of bandwidth | Gflop/s | share of products |")
    print("|---" * 8 + "|")
    for name, model in fitted.items():
        recommend(name, model, X, times, (flops, bandwidth), options)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", help="CSV with columns learner,course, in order; gzip accepted")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each; default: 3")
    parser.add_argument("--gemm", type=int, default=GEMM_SIZE, help="rows of the products; default: 4096")
    return parser.parse_args()


def shortest(function, repeats):
    """Seconds."""
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def gemm_rate(options):
    """Floating-point operations per second."""
    size = options.gemm
    a, b = np.random.default_rng(0).standard_normal((2, size, size), dtype=np.float32)
    out = np.empty_like(a)
    np.matmul(a, b, out=out)
    return 2 * size**3 / shortest(lambda: np.matmul(a, b, out=out), options.repeats + 2)


def triad_rate(options):
    """Bytes read and written per second."""
    n = TRIAD_BYTES // (3 * 4)
    a, b, c = np.empty(n, np.float32), np.ones(n, np.float32), np.ones(n, np.float32)
    triad(a, b, c)
    return 3 * 4 * n / shortest(lambda: triad(a, b, c), options.repeats + 2)


@numba.njit(parallel=True)
def triad(a, b, c):
    for i in numba.prange(a.size):
        a[i] = b[i] + np.float32(3) * c[i]


def fit(name, X, times, flops, options):
    """Fits some times and prints what the solving reached, one row per size; the fitted model."""
    seconds = defaultdict(list)
    whole = []
    with watched(seconds):
        for _ in range(options.repeats):
            began = time.perf_counter()
            model = MODELS[name]().fit(X, times=times)
            whole.append(time.perf_counter() - began)
    print(f"{name}: fit {min(whole):,.2f} s\n")
    print("| step | n | m | s | Gflop/s | share of products |")
    print("|---" * 6 + "|")
    for (step, n, m), taken in seconds.items():
        n_calls = len(taken) // options.repeats  # of one fit
        best = min(sum(taken[run * n_calls : (run + 1) * n_calls]) for run in range(options.repeats))
        rate = n_calls * (n**3 / 3 if step == "factorise" else 2 * n**2 * m) / best
        of_calls = f" x {n_calls}" if n_calls > 1 else ""
        print(f"| {step}{of_calls} | {n:,} | {m:,} | {best:,.2f} | {rate / 1e9:,.1f} | {rate / flops:.0%} |")
    print(flush=True)
    return model


def watched(seconds):
    """While it is entered, notes the seconds that each `factorise` and `solve` of the engine takes."""
    stack = ExitStack()
    for module in (ease, sequential):
        for step in ("factorise", "solve"):
            timed = noting(step, getattr(cholesky, step), seconds)
            stack.enter_context(mock.patch.object(module, step, timed))
    return stack


def noting(step, function, seconds):
    def timed(system, *right):
        began = time.perf_counter()
        function(system, *right)
        m = right[0].shape[1] if right else 0
        seconds[step, system.shape[0], m].append(time.perf_counter() - began)

    return timed


def recommend(name, model, X, times, limits, options):
    flops, bandwidth = limits
    entries = model.feature_space().of(X, times).nnz
    of_features = shortest(lambda: model.feature_space().of(X, times), options.repeats)
    model.recommend(X[:100], 10, times=times[:100])
    taken = shortest(lambda: model.recommend(X, 10, times=times), options.repeats)
    read_rate, flop_rate = entries * X.shape[1] * 4 / taken, entries * X.shape[1] * 2 / taken
    print(
        f"| {name} | {entries:,} | {taken:,.2f} | {of_features:,.2f} | {read_rate / 1e9:,.1f} | "
        f"{read_rate / bandwidth:.0%} | {flop_rate / 1e9:,.1f} | {flop_rate / flops:.0%} |"
    )


if __name__ == "__main__":
    main()
