"""How do our models compare with the libraries one would pick instead: quality, time and memory?

    pip install -e '.[peers]'
    python tests/benchmarks/peers.py xuetangx/train.csv.gz

Each learner's last course is held out, and all learners for whom something is held out are judged. Courses
in a learner's history are not listed. Each contender runs in a process of its own, and all of them once per
round, so that a busy minute of the machine hits all alike. Not timed: imports, reading, putting the data into
a library's form, and a first fit on a small cut, which compiles what is compiled on first use. Peak memory is
the most that the process ever held; beside it stands what it held just before the fit, data and libraries.
Times and memory are medians over rounds, with the least and the most. Libraries are run as they come, with
the settings of `peer_models.py`; LensKit and Cornac rank one learner at a time.
"""

import argparse
import csv
import gzip
import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from peer_models import ALS, BLEND, CONTENDERS, RIDGE, quieten
from scipy.sparse import csr_array, load_npz, save_npz

from recommender.engine.interactions import encode
from recommender.engine.metrics import ndcg_at_k, recall_at_k
from recommender.engine.splits import leave_last_out

WARM_UP = (2000, 200)  # learners, courses
COLUMNS = ("fit, s", "recommend all, s", "both, s", "peak, MB", "before fit, MB")
HEADER = ("model", *COLUMNS, "NDCG", "recall", "both / ALS", "recommend / ALS")


def main():
    options = arguments()
    if options.contender:
        print(json.dumps(measured(options.contender, Path(options.train), options.k)))
        return
    with tempfile.TemporaryDirectory() as folder:
        describe(prepare(options.train, Path(folder)), options)
        results = rounds(folder, options)
    table(results)
    ratios(results)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", help="CSV with columns learner,course, in order; gzip accepted")
    parser.add_argument("--repeats", type=int, default=3, help="rounds; default: 3")
    parser.add_argument("--k", type=int, default=10, help="length of the lists; default: 10")
    parser.add_argument(
        "--only", nargs="+", default=[""], help="contenders whose names contain one of these; default: all"
    )
    parser.add_argument(
        "--timeout", type=float, default=3600, help="seconds for one contender in one round; default: 3600"
    )
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    return parser.parse_args()


def read(path):
    """Interactions of a file whose rows stand in their order in time."""
    opener = gzip.open if Path(path).suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        columns = header.index("learner"), header.index("course")
        names = [(row[columns[0]], row[columns[1]]) for row in rows]
    learners, courses = (np.unique(values, return_inverse=True) for values in zip(*names, strict=True))
    return encode(learners[1], courses[1], learners[0].size, courses[0].size)


def prepare(train, folder):
    split = leave_last_out(*read(train))
    for name, matrix in split._asdict().items():
        save_npz(folder / f"{name}.npz", matrix)
    return split


def describe(split, options):
    n_judged = np.count_nonzero(np.diff(split.test.indptr))
    print(
        f"{options.train}: {split.X.shape[0]:,} learners, {split.X.shape[1]:,} courses, {split.X.nnz:,} "
        f"enrolments to learn from, {n_judged:,} learners judged; k = {options.k}"
    )
    names = ("numpy", "scipy", "numba", "implicit", "RecTools", "cornac", "lenskit")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    n_cores = len(os.sched_getaffinity(0))
    print(f"{n_cores} cores, {options.repeats} rounds, Python {platform.python_version()}, {versions}\n")


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def rounds(folder, options):
    """For each contender the figures of all rounds, or a word on why there are none."""
    chosen = [text.lower() for text in options.only]
    results = {name: [] for name in CONTENDERS if any(text in name.lower() for text in chosen)}
    for number in range(options.repeats):
        for name in results:
            if isinstance(results[name], str):
                continue
            print(f"round {number + 1} of {options.repeats}, {name}", file=sys.stderr, flush=True)
            outcome = in_process(name, folder, options)
            results[name] = outcome if isinstance(outcome, str) else [*results[name], outcome]
    return results


def in_process(name, folder, options):
    if not importable(CONTENDERS[name].library):
        return f"{CONTENDERS[name].library} is not installed"
    environment = dict(os.environ)
    n_threads = CONTENDERS[name].blas_threads
    if n_threads is not None:
        environment |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(n_threads))
    command = [sys.executable, __file__, folder, "--contender", name, "--k", str(options.k)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=options.timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return f"took more than {options.timeout:,.0f} s"
    if done.returncode:
        sys.stderr.buffer.write(done.stderr)
        return f"failed: {(done.stderr.decode().strip().splitlines() or ['no message'])[-1]}"
    # The last line: libraries print too.
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


def importable(library):
    return importlib.util.find_spec(library) is not None


def measured(name, folder, k):
    """In the contender's process: its figures in one round."""
    quieten()
    X, times, test = (csr_array(load_npz(folder / f"{part}.npz")) for part in ("X", "times", "test"))
    prepare_contender = CONTENDERS[name].prepare
    for warm_up in prepare_contender(*small_cut(X, times), k):
        warm_up()
    fit, recommend = prepare_contender(X, times, k)
    before = memory("VmRSS")
    began = time.perf_counter()
    fit()
    fitted = time.perf_counter()
    items = recommend()
    listed = time.perf_counter()
    peak = memory("VmHWM")
    items = without_held(np.asarray(items, dtype=np.int64), X)
    seconds = (fitted - began, listed - fitted, listed - began)
    return {
        **dict(zip(COLUMNS, (*seconds, peak, before), strict=True)),
        "NDCG": float(np.nanmean(ndcg_at_k(items, test, k))),
        "recall": float(np.nanmean(recall_at_k(items, test, k))),
    }


def small_cut(X, times):
    """The first learners' enrolments in the most popular courses, learners without any left out."""
    n_learners, n_courses = WARM_UP
    popular = np.sort(np.argsort(-np.bincount(X.indices, minlength=X.shape[1]), kind="stable")[:n_courses])
    X, times = X[:n_learners][:, popular], times[:n_learners][:, popular]
    kept = np.flatnonzero(np.diff(X.indptr))
    return X[kept], times[kept]


def without_held(items, X):
    """Lists in which what a learner holds is an empty slot: some libraries fill up with it."""
    held = X.astype(bool)
    learners = np.repeat(np.arange(items.shape[0]), items.shape[1])
    is_held = held[learners, np.maximum(items, 0).ravel()].reshape(items.shape)
    return np.where(is_held, -1, items)


def memory(field):
    """A line of this process's own account, in MB. Unlike ru_maxrss it is not inherited from the parent."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise KeyError(field)


def table(results):
    print("| " + " | ".join(HEADER) + " |")
    print("|---" * len(HEADER) + "|")
    for name, outcome in results.items():
        if isinstance(outcome, str):
            print(f"| {name} | {outcome}" + " |" * (len(HEADER) - 1))
            continue
        cells = [spread([figures[column] for figures in outcome], column) for column in COLUMNS]
        cells += [f"{median(figures[column] for figures in outcome):.4f}" for column in ("NDCG", "recall")]
        cells += [ratio(results, name, column) for column in ("both, s", "recommend all, s")]
        print(f"| {name} | {' | '.join(cells)} |")


def spread(values, column):
    digits = 0 if column.endswith("MB") else 2
    middle, least, most = (f"{value:,.{digits}f}" for value in (median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least} to {most})"


def ratio(results, name, column):
    """Of the medians, to implicit's ALS."""
    if any(not isinstance(results.get(of), list) for of in (name, ALS)):
        return "not measured"
    own, als = (median(figures[column] for figures in results[of]) for of in (name, ALS))
    return f"{own / als:.2f}"


def ratios(results):
    print(f"\nRatios to {ALS} with 64 factors, medians of the rounds; below 1 ours is faster:\n")
    print(f"- Blend, fit + recommend all: {ratio(results, BLEND, 'both, s')}")
    print(f"- NextItemRidge alone, fit + recommend all: {ratio(results, RIDGE, 'both, s')}")
    print(f"- Blend, recommend all: {ratio(results, BLEND, 'recommend all, s')}")
    print(f"- NextItemRidge alone, recommend all: {ratio(results, RIDGE, 'recommend all, s')}")


if __name__ == "__main__":
    main()
