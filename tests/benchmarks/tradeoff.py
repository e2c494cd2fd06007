"""How much of learners' gaps do recommendations close, and what does it cost in accuracy?

    python tests/benchmarks/tradeoff.py xuetangx

Partly synthetic: enrolments and courses are real, learners' goals are not. Each learner is given one role of
the sample, drawn at random. Courses raise the skills that `engine/tagging.py` proposes for them with a
confidence of one half or more, to level 3; learners hold what their courses raise. There are no demand
figures here, so value comes from gaps alone.

Each learner's last enrolment of train.csv.gz is held out for judging, and the one before for the curve, from
which the largest weight is taken that gives up at most 3% of NDCG@10. Prints the curve, then what was judged.
"""

import argparse
import csv
import gzip
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from recommender.engine.base import score_blocks
from recommender.engine.blend import Blend
from recommender.engine.interactions import encode
from recommender.engine.near_copies import near_copies
from recommender.engine.shortage_ranking import Weights
from recommender.engine.splits import leave_last_out
from recommender.engine.tagging import tag
from recommender.engine.texts import item_vectors
from recommender.engine.tradeoff import Judged, largest_weight, tradeoff
from recommender.engine.value import Needs, Raises, Targets, whole_gaps

K = 10
SEED = 20261122
LEAST_CONFIDENCE = 0.5
LEVEL = 3
MOST_GIVEN_UP = 0.03
MOST_LEARNERS = 20_000
SAMPLE = Path(__file__).parents[2] / "recommender/learners/sample"
NAMES = ("name_en", "name_zh_hant", "name_zh_hans")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="holds train.csv.gz and courses.csv.gz of XuetangX")
    folder = parser.parse_args().folder
    world = World(folder)
    judged = leave_last_out(world.X, world.times)
    validation = leave_last_out(judged.X, judged.times)

    print("Synthetic: one target role for each learner, drawn at random; value from gaps alone.\n")
    curve = world.curve(validation)
    weight = largest_weight(curve, MOST_GIVEN_UP)
    print("Validation:\n")
    table(curve)
    print(f"\nChosen: w = {weight}\n\nHeld out:\n")
    table(world.curve(judged, ws=(0.0, weight)))


class World:
    """Enrolments, courses' skills, and a role for each learner."""

    def __init__(self, folder):
        courses, rows = read(folder / "courses.csv.gz"), read(folder / "train.csv.gz")
        learners = np.array([int(row["learner"]) for row in rows])
        self.X, self.times = encode(
            learners, [int(row["course"]) for row in rows], learners.max() + 1, len(courses)
        )
        skills = read(SAMPLE / "skills.csv")
        self.levels = proposed_levels(skills, courses)
        vectors = item_vectors([f"{course['title_zh_hans']} " * 2 + about(course) for course in courses])
        self.copies = near_copies(vectors, self.levels, [course["title_zh_hans"] for course in courses])
        self.needs, n_roles = read_needs([skill["slug"] for skill in skills])
        self.roles = np.random.default_rng(SEED).integers(0, n_roles, self.X.shape[0])
        teaching = np.diff(self.levels.indptr) > 0
        print(
            f"{self.X.shape[0]:,} learners, {len(courses):,} courses, {teaching.sum():,} of them with a "
            f"skill, {n_roles} roles, {len(skills)} skills; {np.unique(self.copies).size:,} groups of copies"
        )

    def curve(self, split, **options):
        """On learners with something held out and a gap; their skills are those of what was not held out."""
        users = np.flatnonzero(np.diff(split.test.indptr) > 0)
        users = np.sort(np.random.default_rng(SEED).permutation(users)[:MOST_LEARNERS])
        held = ((split.X[users] > 0).astype(np.float32) @ (self.levels > 0).astype(np.float32)) > 0
        targets = Targets.of(held.toarray() * LEVEL, [[role] for role in self.roles[users]])
        has_gap = whole_gaps(targets, self.needs) > 0
        users = users[has_gap]
        targets = Targets.of(targets.held[has_gap], [[role] for role in self.roles[users]])
        print(f"{users.size:,} learners")
        return tradeoff(
            Blend().fit(split.X, times=split.times),
            self.blocks(split, users, targets.held),
            self.needs,
            Raises.of(self.levels),
            Weights.of(np.full(self.levels.shape[1], np.nan)),
            k=K,
            copies=self.copies,
            **options,
        ).points

    def blocks(self, split, users, held):
        """Each learner may be listed what they do not hold; there are no facts for the other rules."""
        for rows in score_blocks(users.size, self.X.shape[1]):
            some = users[rows]
            targets = Targets.of(held[rows], [[role] for role in self.roles[some]])
            X, times, test = (part[some] for part in split)
            yield Judged(X, times, test, X.toarray() == 0, targets)


def proposed_levels(skills, courses):
    vocabulary = [
        [skill[name] for name in NAMES if skill[name]]
        + [name for name in skill["aliases"].split(";") if name]
        for skill in skills
    ]
    found = tag(vocabulary, [course["title_zh_hans"] for course in courses], [about(c) for c in courses])
    return csr_array(LEVEL * (found >= LEAST_CONFIDENCE).astype(np.uint8))


def about(course):
    return " ".join(course[name] for name in ("concepts", "description"))


def read_needs(skills):
    """What the sample's roles need, and how many roles there are."""
    rows = read(SAMPLE / "role_skills.csv")
    roles = sorted({row["role"] for row in rows})
    importance = np.zeros((len(roles), len(skills)))
    needed = np.zeros(importance.shape, dtype=np.int64)
    for row in rows:
        at = roles.index(row["role"]), skills.index(row["skill"])
        importance[at], needed[at] = float(row["importance"]), int(row["level"])
    return Needs.of(importance, needed), len(roles)


def read(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(points):
    print("| w | NDCG@10 | gap closed per recommendation | NDCG@10 of w = 0 | gap closed, times w = 0 |")
    print("|---|---|---|---|---|")
    for w, ndcg, closed in points:
        kept, times = ndcg / points[0].ndcg, closed / points[0].gap_closed
        print(f"| {w:.2f} | {ndcg:.4f} | {closed:.4f} | {kept:.1%} | {times:.2f} |")


if __name__ == "__main__":
    main()
