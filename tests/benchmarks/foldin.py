"""How long does one learner's new list take from a stored model, and is it the one that everybody's run gave?

    python tests/benchmarks/foldin.py xuetangx/train.csv.gz

Fits the house blend, lists everybody's courses, stores the model and drops its file from the page cache. A
fresh process opens the file, memory-mapped, and lists learners drawn at random one at a time. Timed is
`recommend` of a row that is at hand; the first list is timed apart.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from peers import memory, read
from scipy.sparse import csr_array, load_npz, save_npz

from recommender.engine.blend import Blend
from recommender.engine.storage import load_state, save_state


def main():
    options = arguments()
    if options.started is not None:
        print(json.dumps(one_at_a_time(Path(options.train), options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        prepare(options, Path(folder))
        command = [
            sys.executable,
            __file__,
            folder,
            "--k",
            str(options.k),
            "--learners",
            str(options.learners),
        ]
        command += ["--started", repr(time.time())]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    report(json.loads(done.stdout), options)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", help="CSV with columns learner,course, in order; gzip accepted")
    parser.add_argument("--learners", type=int, default=2000, help="how many to list; default: 2000")
    parser.add_argument("--k", type=int, default=10, help="length of the lists; default: 10")
    parser.add_argument("--started", type=float, help=argparse.SUPPRESS)
    return parser.parse_args()


def prepare(options, folder):
    X, times = read(options.train)
    model = Blend().fit(X, times=times)
    items, scores = model.recommend(X, options.k, times=times)
    save_state(folder / "model.npz", model.get_state())
    save_npz(folder / "X.npz", X)
    save_npz(folder / "times.npz", times)
    np.savez(folder / "lists.npz", items=items, scores=scores)
    drop_from_cache(folder / "model.npz")
    megabytes = (folder / "model.npz").stat().st_size / 2**20
    print(
        f"{options.train}: {X.shape[0]:,} learners, {X.shape[1]:,} courses, {X.nnz:,} enrolments; "
        f"stored model {megabytes:,.0f} MB"
    )


def drop_from_cache(path):
    """So that the first list pays for reading the disk, as after a restart."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def one_at_a_time(folder, options):
    """In the fresh process: the figures."""
    imported = time.time()
    X, times = (csr_array(load_npz(folder / f"{name}.npz")) for name in ("X", "times"))
    lists = np.load(folder / "lists.npz")
    items, scores = lists["items"], lists["scores"]
    n_learners = min(options.learners, X.shape[0])
    learners = np.random.default_rng(0).choice(X.shape[0], n_learners, replace=False)
    before = memory("VmRSS")

    began = time.perf_counter()
    model = Blend.from_state(load_state(folder / "model.npz"))
    opened = time.perf_counter()
    seconds, differing_items, differing_scores = [], 0, 0
    for learner in learners.tolist():
        row, row_times = X[learner : learner + 1], times[learner : learner + 1]
        asked = time.perf_counter()
        own_items, own_scores = model.recommend(row, options.k, times=row_times)
        seconds.append(time.perf_counter() - asked)
        differing_items += not np.array_equal(own_items[0], items[learner])
        differing_scores += not np.array_equal(own_scores[0], scores[learner], equal_nan=True)
    return {
        "imports": imported - options.started,
        "open": opened - began,
        "seconds": seconds,
        "differing_items": differing_items,
        "differing_scores": differing_scores,
        "memory": (before, memory("VmHWM")),
    }


def report(figures, options):
    first, *others = figures["seconds"]
    others = np.array(others) * 1000
    before, peak = figures["memory"]
    print(f"\n| {len(others):,} learners, one at a time, k = {options.k} | ms |")
    print("|---|---|")
    print(f"| start of Python and imports | {figures['imports'] * 1000:,.0f} |")
    print(f"| opening the model | {figures['open'] * 1000:,.1f} |")
    print(f"| first list, cold | {first * 1000:,.1f} |")
    cold = figures["imports"] + figures["open"] + first
    print(f"| all in all until the first list | {cold * 1000:,.0f} |")
    for name, share in (("median", 50), ("95th percentile", 95), ("99th percentile", 99), ("longest", 100)):
        print(f"| later lists, {name} | {np.percentile(others, share):,.2f} |")
    print(
        f"\nOf {len(others) + 1:,} lists {figures['differing_items']} differ in items and "
        f"{figures['differing_scores']} in scores from those of everybody's run. "
        f"Memory: {before:,.0f} MB before opening, at most {peak:,.0f} MB with what was read of the model."
    )


if __name__ == "__main__":
    main()
