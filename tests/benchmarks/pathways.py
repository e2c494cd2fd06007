"""How long do the three pathways take, and are they proven to be the best?

python -m tests.benchmarks.pathways [--problems 20] [--courses 2000] [--needs 8 12]

Synthetic catalogues: ten fields of ten skills; a course raises one to four skills of its field to its level;
half of those above level 2 ask for one or two skills a level or two lower, a tenth for another course; half
are at one's own pace, the others on one to three dates within a year; 40% are subsidised, 15% free, a tenth
state no fee. The learner has 8 hours a week, HK$30,000 and two years, and holds a fifth of the skills at a
low level.
"""

import argparse
import time

import numpy as np
from scipy.sparse import csr_array

from recommender.engine.pathway_problem import UNKNOWN_FEE, Courses, Limits, Offerings, Problem
from recommender.engine.pathway_reasons import why_none
from recommender.engine.pathway_selection import OutOfTimeError
from recommender.engine.pathways import find_pathways

SECONDS = 4.0
N_FIELDS, FIELD = 10, 10
FUND = ((80, 1_000_000), (60, 1_500_000))


def catalogue(n, random):
    """Courses, and the offerings of them, of a made-up catalogue."""
    level, field = random.integers(1, 6, n), random.integers(0, N_FIELDS, n)
    raises, needs, after, offerings = np.zeros((n, N_FIELDS * FIELD), dtype=np.int64), {}, [], []
    for course in range(n):
        raised = field[course] * FIELD + random.choice(FIELD, random.integers(1, 5), replace=False)
        raises[course, raised] = level[course]
        if level[course] > 2 and random.random() < 0.5:
            for skill in random.choice(FIELD, random.integers(1, 3), replace=False):
                needs[course, field[course] * FIELD + skill] = level[course] - random.integers(1, 3)
        lower = np.flatnonzero((field == field[course]) & (level < level[course]))
        if lower.size and random.random() < 0.1:
            after.append((course, random.choice(lower)))
        offerings += offerings_of(course, random)
    needs_skill = np.array([(*key, needed) for key, needed in needs.items()])
    nobody = np.zeros(n, dtype=np.int64)
    courses = Courses(csr_array(raises), needs_skill, np.array(after), nobody.astype(np.uint64), nobody)
    return courses, Offerings(*map(np.array, zip(*offerings, strict=True)))


def offerings_of(course, random):
    kind = random.random()
    fee = 0 if kind < 0.15 else UNKNOWN_FEE if kind < 0.25 else int(random.lognormal(13, 1))
    rest = fee, 0, random.random() < 0.4, random.uniform(0.4, 0.95)
    if random.random() < 0.5:
        return [(course, False, 0, 0, float(random.choice([10, 20, 40, 60, 100])), *rest)]
    dated = []
    for _ in range(random.integers(1, 4)):
        starts, weeks = 7 * random.integers(0, 52), random.choice([4, 8, 12, 16, 26])
        hours = float(random.choice([2, 3, 4, 6, 8]))
        dated.append((course, True, starts, starts + 7 * weeks - 1, hours, *rest))
    return dated


def problem(n_courses, n_needs, seed):
    random = np.random.default_rng(seed)
    courses, offerings = catalogue(n_courses, random)
    n_skills = N_FIELDS * FIELD
    needed, importance = np.zeros(n_skills, dtype=np.int64), np.zeros(n_skills)
    skills = random.choice(n_skills, n_needs, replace=False)
    needed[skills], importance[skills] = (
        random.integers(2, 5, n_needs),
        random.choice([0.5, 0.75, 1], n_needs),
    )
    held = random.integers(0, 3, n_skills) * (random.random(n_skills) < 0.2)
    limits = Limits(0, 730, 8.0, 3_000_000, tiers=FUND)
    return Problem(needed, importance, held, np.zeros(n_courses, dtype=bool), courses, offerings, limits)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--problems", type=int, default=20)
    parser.add_argument("--courses", type=int, default=2000)
    parser.add_argument("--needs", type=int, nargs="+", default=[4, 8, 12])
    args = parser.parse_args()
    print(
        "synthetic courses | skills needed | pathways: s, median | 95th | proven best | none | why: s, median"
    )
    for n_needs in args.needs:
        taken, proven, asked, nowhere = [], [], [], 0
        for seed in range(args.problems):
            posed = problem(args.courses, n_needs, seed)
            start = time.perf_counter()
            try:
                found = find_pathways(posed, seconds=SECONDS)
            except OutOfTimeError:
                found = None
            taken.append(time.perf_counter() - start)
            proven += [pathway.is_proven for pathway in (found or {}).values()]
            if found == {}:
                nowhere += 1
                start = time.perf_counter()
                why_none(posed, seconds=SECONDS)
                asked.append(time.perf_counter() - start)
        print(
            f"{args.courses} | {n_needs} | {np.median(taken):.2f} | {np.quantile(taken, 0.95):.2f}"
            f" | {sum(proven)} of {3 * (args.problems - nowhere)} | {nowhere}"
            f" | {f'{np.median(asked):.2f}' if asked else '-'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
