"""How do time and memory of the house blend grow with learners, courses and enrolments?

    python tests/benchmarks/scale.py
    python tests/benchmarks/scale.py --learners 100000 --courses 2000 --enrolments 2000000

Synthetic enrolments: popularity falls like Zipf's law, and learners move among clusters of courses in an
order that can be learned. The first size is the one asked for. Then each dimension is cut to a tenth:
learners and enrolments together; courses alone; and enrolments alone, that is shorter histories, though of 5
courses on average at least. Each size runs in a process of its own. Prints seconds and peak memory of each
step, and for each dimension the exponent p of time ~ size^p: 1 is linear.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numba
import numpy as np
from scipy.sparse import csr_array

from recommender.engine.blend import FAMILIES, house_blend
from recommender.engine.statistics import sum_statistics

K = 10
CUT = 10
LEAST_MEAN = 5  # courses of a learner
CLUSTER = 50  # courses
STAY, MOVE = 0.4, 0.4  # chance that the next course is of the same cluster, or of the one after it
LEAST_SECONDS = 0.05  # of the smaller size: below, an exponent says nothing


def main():
    options = arguments()
    if options.child:
        print(json.dumps(measured(options.learners, options.courses, options.enrolments)))
        return
    sizes = all_sizes(options)
    print(f"Synthetic enrolments, {len(os.sched_getaffinity(0))} cores, k = {K}\n")
    results = {}
    for name, size in sizes.items():
        print(name, *(f"{number:,}" for number in size), file=sys.stderr, flush=True)
        results[name] = in_process(size)
        if isinstance(results[name], dict):
            table(name, results[name])
        else:
            print(f"{name}: {results[name]}\n", flush=True)
    if isinstance(results["all"], dict):
        exponents(results)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, default=1_000_000, help="default: 1000000")
    parser.add_argument("--courses", type=int, default=10_000, help="default: 10000")
    parser.add_argument("--enrolments", type=int, default=20_000_000, help="about; default: 20000000")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.enrolments < 2 * options.learners:
        parser.error("a learner has 2 enrolments or more")
    return options


def all_sizes(options):
    """For each name: learners, courses, enrolments."""
    learners, courses, enrolments = options.learners, options.courses, options.enrolments
    shorter = max(min(enrolments, LEAST_MEAN * learners), enrolments // CUT)
    return {
        "all": (learners, courses, enrolments),
        "fewer learners": (learners // CUT, courses, enrolments // CUT),
        "fewer courses": (learners, courses // CUT, enrolments),
        "shorter histories": (learners, courses, shorter),
    }


def in_process(size):
    """The figures, or a word on why there are none."""
    command = [sys.executable, __file__, "--child"]
    for name, number in zip(("learners", "courses", "enrolments"), size, strict=True):
        command += [f"--{name}", str(number)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return f"ended with {done.returncode}" + (" (out of memory?)" if done.returncode == -9 else "")
    return json.loads(done.stdout)


def measured(n_learners, n_courses, n_enrolments):
    """In a process of its own: steps of the fit that `Blend.fit` takes too, one by one."""
    warm_up()
    steps, expected = {}, {}
    X, times = noted(steps, "generate", lambda: generate(n_learners, n_courses, n_enrolments))
    model, coefficients, fitted = house_blend(X.shape[1]), [], []
    for part in model.description():
        coefficients.append(part["coefficient"])
        fitted.append(fit_member(part, X, times, steps, expected))
    noted(steps, "add up", lambda: model.combine(fitted, tuple(coefficients)))
    fitted.clear()
    noted(steps, "recommend all", lambda: model.recommend(X, K, times=times))
    return {
        "size": [*X.shape, int(X.nnz)],
        "features": int(model.weights_.shape[0]),
        "steps": steps,
        "expected": expected,
    }


def fit_member(part, X, times, steps, expected):
    """A member of the blend, fitted as its own `fit` does it."""
    name = part["family"]
    member = FAMILIES[name](**part["hyperparameters"])
    member.n_features_in_ = X.shape[1]

    def sums():
        member.prepare(X, times)
        return sum_statistics(member, X, times)

    statistics = noted(steps, f"{name}: sums", sums)
    noted(steps, f"{name}: solve", lambda: member.fit_statistics(statistics))
    expected |= of_dense(name, member)
    return member


def of_dense(name, member):
    """Bytes of a member's dense matrices: the float64 sums, which are rounded in place, and a solution."""
    m = member.n_features_in_
    if name == "NextItemRidge":
        n = member.weights_.shape[0]
        sums = 8 * n * n + 8 * n * m
        return {f"{name}: sums": sums, f"{name}: solve": sums}
    if name == "Ease":
        return {f"{name}: sums": 8 * m * m, f"{name}: solve": (8 + 4) * m * m}
    return {}


def warm_up():
    """Compiles what is compiled on first use."""
    X, times = generate(200, 100, 2000)
    house_blend(X.shape[1]).fit(X, times=times).recommend(X, K, times=times)


def noted(steps, name, function):
    """What the function returns; its seconds, and peak memory and memory before it, in bytes, are noted."""
    with suppress(OSError):  # where it is forbidden, a peak is that of all steps so far
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = memory("VmRSS")
    began = time.perf_counter()
    result = function()
    steps[name] = (time.perf_counter() - began, memory("VmHWM"), before)
    return result


def memory(field):
    """A line of this process's own account, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def generate(n_learners, n_courses, n_enrolments, seed=0):
    """Histories of 2 courses and more, the same for the same seed: X and times as the engine reads them."""
    rng = np.random.default_rng(seed)
    n_most = max(2, n_courses // 2)
    mean = n_enrolments / n_learners
    lengths = np.full(n_learners, 2)
    if mean > 2:
        lengths = np.minimum(1 + rng.geometric(1 / (mean - 1), n_learners), n_most)
    n_clusters = max(1, n_courses // CLUSTER)
    clusters = np.sort(rng.integers(n_clusters, size=n_courses))
    popularity = rng.permutation(1 / np.arange(1, n_courses + 1) ** 0.9)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    bounds = np.searchsorted(clusters, np.arange(n_clusters + 1))
    items = np.empty(starts[-1], dtype=np.int32)
    walk(starts, items, np.concatenate(([0.0], np.cumsum(popularity))), bounds, clusters, seed)
    places = np.arange(1, items.size + 1, dtype=np.float64)
    times = csr_array((places, items, starts), shape=(n_learners, n_courses))
    times.sort_indices()
    ones = np.ones(items.size, dtype=np.float32)
    return csr_array((ones, times.indices, times.indptr), shape=times.shape), times


@numba.njit(cache=True)
def walk(starts, items, below, bounds, clusters, seed):
    """Writes each learner's courses: the same cluster, the next one, or anywhere; none a second time.

    `below` : the popularity of all courses before each one, so that a draw is a search in it.
    """
    np.random.seed(seed)
    n_clusters, n_courses = bounds.size - 1, clusters.size
    holder = np.full(n_courses, -1)
    for learner in range(starts.size - 1):
        cluster = -1
        for place in range(starts[learner], starts[learner + 1]):
            course = -1
            for attempt in range(20):
                chance = np.random.random()
                first, last = 0, n_courses
                # Whose cluster is used up looks elsewhere.
                if cluster >= 0 and chance < STAY + MOVE and attempt < 10:
                    wanted = cluster if chance < STAY else (cluster + 1) % n_clusters
                    first, last = bounds[wanted], bounds[wanted + 1]
                    if first == last:
                        continue
                drawn = below[first] + np.random.random() * (below[last] - below[first])
                course = min(np.searchsorted(below, drawn, side="right") - 1, last - 1)
                if holder[course] != learner:
                    break
            while course < 0 or holder[course] == learner:
                course = np.random.randint(n_courses)
            holder[course] = learner
            items[place] = course
            cluster = clusters[course]


def table(name, figures):
    learners, courses, enrolments = figures["size"]
    print(
        f"{name}: {learners:,} learners, {courses:,} courses, {enrolments:,} enrolments, "
        f"{figures['features']:,} features of the blend\n"
    )
    print("| step | seconds | peak, MB | of which held before, MB | expected of dense matrices, MB |")
    print("|---" * 5 + "|")
    steps = figures["steps"]
    for step, (seconds, peak, before) in steps.items():
        expected = figures["expected"].get(step)
        cell = "" if expected is None else f"{expected / 2**20:,.0f}"
        print(f"| {step} | {seconds:,.2f} | {peak / 2**20:,.0f} | {before / 2**20:,.0f} | {cell} |")
    seconds = sum(taken for step, (taken, _, _) in steps.items() if step != "generate")
    peak = max(peak for _, peak, _ in steps.values())
    print(f"| fit and recommend all | {seconds:,.2f} | {peak / 2**20:,.0f} | | |\n", flush=True)


def exponents(results):
    """For each step and dimension how its time grows from the smaller size to the whole one."""
    smaller = {name: figures for name, figures in results.items() if isinstance(figures, dict)}
    factors = {name: factor(results, name) for name in smaller}
    smaller = {name: figures for name, figures in smaller.items() if factors[name] > 1.5}
    print("Exponents of time\n")
    titles = [f"{name} (all is {factors[name]:.1f} times as much)" for name in smaller]
    print("| step | " + " | ".join(titles) + " |")
    print("|---" * (len(titles) + 1) + "|")
    for step, (seconds, _, _) in results["all"]["steps"].items():
        if step == "generate":
            continue
        cells = [
            growth(seconds, figures["steps"][step][0], factors[name]) for name, figures in smaller.items()
        ]
        print(f"| {step} | {' | '.join(cells)} |")
    print("\nThe pairs of next-item ridge are as many whatever the size, up to its `n_pairs`.")


def factor(results, name):
    """How many times as large the dimension that was cut is in the whole."""
    place = 1 if name == "fewer courses" else 2
    return results["all"]["size"][place] / results[name]["size"][place]


def growth(whole, part, factor):
    """The exponent and what it means."""
    if part < LEAST_SECONDS:
        return f"too short to tell ({part:.2f} s)"
    exponent = math.log(whole / part) / math.log(factor)
    for most, word in ((0.2, "hardly grows"), (0.8, "less than linear"), (1.2, "linear")):
        if exponent <= most:
            return f"{exponent:.2f}, {word}"
    return f"{exponent:.2f}, more than linear"


if __name__ == "__main__":
    main()
