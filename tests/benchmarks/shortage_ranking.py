"""What does ranking by value as well cost, beside ranking by relevance alone?

    python tests/benchmarks/shortage_ranking.py

Synthetic learners, 3,000 courses, 1,500 skills, 200 roles: histories of 11 courses in the mean, one or two
target roles of 30 skills each, courses that raise 4 skills. A blend is fitted once. Then each contender, in a
process of its own, lists the 20 best courses of everybody, in blocks of as many learners as a run takes at a
time:

- relevance alone: `recommend` with what learners hold excluded
- relevance and value: the model's scores and `shortage_ranking.rank`, w = 0.3, with the parts of each score

Rounds are interleaved. Prints medians: seconds, seconds of processor time, and the peak memory beyond model,
histories and goals.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from peers import memory
from scipy.sparse import csr_array, load_npz, random_array, save_npz

from recommender.engine.blend import Blend
from recommender.engine.interactions import encode
from recommender.engine.shortage_ranking import Fallback, Weights, rank
from recommender.engine.storage import load_state, save_state
from recommender.engine.value import Needs, Raises, Targets

N_COURSES, N_SKILLS, N_ROLES = 3_000, 1_500, 200
LEARNERS = (10_000, 100_000)
MEAN_HISTORY = 11
SKILLS_A_ROLE, SKILLS_A_COURSE = 30, 4
BLOCK, K, W = 2**21 // N_COURSES, 20, 0.3
ROUNDS = 3
CONTENDERS = ("relevance alone", "relevance and value")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--learners", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        print(json.dumps(measured(options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        found = {(contender, n): [] for contender in CONTENDERS for n in LEARNERS}
        for _ in range(ROUNDS):
            for contender, n in found:
                found[contender, n].append(in_a_process(contender, n, folder))
    report(found)


def in_a_process(contender, n, folder):
    command = [sys.executable, __file__, "--contender", contender, "--learners", str(n), "--folder", folder]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


def prepare(folder):
    """Histories that follow a walk through the catalogue, so that there is something to learn."""
    random = np.random.default_rng(0)
    lengths = 1 + random.geometric(1 / MEAN_HISTORY, max(LEARNERS))
    users = np.repeat(np.arange(lengths.size), lengths)
    steps = np.where(random.random(users.size) < 0.5, random.integers(1, 30, users.size), 0)
    jumps = (N_COURSES * random.random(users.size) ** 3).astype(np.int64)
    courses = np.where(steps > 0, np.cumsum(steps), jumps) % N_COURSES
    X, times = encode(users, courses, lengths.size, N_COURSES)
    save_npz(folder / "X.npz", X)
    save_npz(folder / "times.npz", times)
    blend = Blend().fit(X, times=times)
    save_state(folder / "model.npz", blend.get_state())


def measured(options):
    model = Blend.from_state(load_state(options.folder / "model.npz"))
    X, times = (load_npz(options.folder / f"{name}.npz")[: options.learners] for name in ("X", "times"))
    X, times = csr_array(X), csr_array(times)
    goals = Goals(options.learners)
    listed = goals.listed if options.contender == CONTENDERS[1] else by_relevance
    before = memory("VmRSS")
    listed(model, X[:BLOCK], times[:BLOCK], 0)  # compiles
    began, cpu_began = time.perf_counter(), time.process_time()
    for start in range(0, X.shape[0], BLOCK):
        rows = slice(start, start + BLOCK)
        listed(model, X[rows], times[rows], start)
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu_began,
        "mb": memory("VmHWM") - before,
    }


def by_relevance(model, X, times, start):
    model.recommend(X, K, times=times)


class Goals:
    """What learners hold and want, and what courses raise; held is drawn block by block, as runs read it."""

    def __init__(self, n_learners):
        random = np.random.default_rng(1)
        importance = random.random((N_ROLES, N_SKILLS)) * (
            random.random((N_ROLES, N_SKILLS)) < SKILLS_A_ROLE / N_SKILLS
        )
        self.needs = Needs.of(importance, random.integers(1, 6, importance.shape))
        raised = random_array(
            (N_COURSES, N_SKILLS), density=SKILLS_A_COURSE / N_SKILLS, rng=random, format="csr"
        )
        raised.data = random.integers(1, 6, raised.nnz)
        self.raises = Raises.of(raised)
        self.weights = Weights.of(random.random(N_SKILLS))
        self.copies = random.integers(0, 9 * N_COURSES // 10, N_COURSES)
        self.held = (random.random((BLOCK, N_SKILLS)) < 0.02) * random.integers(
            1, 6, (BLOCK, N_SKILLS), np.uint8
        )
        self.wanted = [
            random.integers(0, N_ROLES, size).tolist() for size in random.integers(1, 3, n_learners)
        ]

    def listed(self, model, X, times, start):
        b = X.shape[0]
        allowed = np.ones(X.shape, dtype=np.bool_)
        allowed[np.repeat(np.arange(b), np.diff(X.indptr)), X.indices] = False
        fallback = Fallback(np.zeros((1, N_COURSES), dtype=np.float32), np.zeros((b, 1), dtype=np.int64))
        rank(
            model.score_items(X, times=times),
            allowed,
            Targets.of(self.held[:b], self.wanted[start : start + b]),
            self.needs,
            self.raises,
            self.weights,
            fallback,
            w=W,
            k=K,
            copies=self.copies,
        )


def report(found):
    print("| | learners | s | times relevance alone | processor s | times relevance alone | peak MB |")
    print("|---" * 7 + "|")
    for n in LEARNERS:
        alone = medians(found[CONTENDERS[0], n])
        for contender in CONTENDERS:
            one = medians(found[contender, n])
            times = {name: one[name] / alone[name] for name in ("seconds", "cpu")}
            print(
                f"| {contender} | {n:,} | {one['seconds']:.2f} | {times['seconds']:.2f} "
                f"| {one['cpu']:.2f} | {times['cpu']:.2f} | {one['mb']:,.0f} |"
            )


def medians(rounds):
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


if __name__ == "__main__":
    main()
