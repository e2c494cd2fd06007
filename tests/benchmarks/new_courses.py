"""Do courses that nobody has taken yet reach the learners who would take them?

    python tests/benchmarks/new_courses.py xuetangx

Each learner's last course is held out. Then a tenth of the courses, drawn among those with a text, is taken
out of what remains, the model is fitted without them, and their weights are predicted from texts and labels.
Three such tenths, none with a course of another, are tried in turn. Prints two Markdown tables of means:

- New courses only: ranks the courses taken out, for learners whose next course is one of them.
- Among all courses: ranks the whole catalogue for everybody, with and without the predicted weights.
"""

import argparse
import csv
import gzip
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from recommender.engine.content import ContentNeighbours, with_new_items
from recommender.engine.histories import held
from recommender.engine.interactions import encode
from recommender.engine.metrics import ndcg_at_k, recall_at_k
from recommender.engine.ranking import top_k
from recommender.engine.sequential import NextItemRidge
from recommender.engine.splits import leave_last_out
from recommender.engine.texts import item_vectors

K = 20
N_DRAWS = 3
LEAST_ENROLMENTS = 5  # of a course whose weights are trusted
TEXTS = ("title_zh_hans", "title_zh_hans", "concepts", "prerequisites", "description")
LABELS = ("fields", "provider")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="holds train.csv.gz and courses.csv.gz of XuetangX")
    folder = parser.parse_args().folder
    courses = read(folder / "courses.csv.gz")
    vectors = item_vectors([" ".join(course[name] for name in TEXTS) for course in courses], labels(courses))
    rows = read(folder / "train.csv.gz")
    learners = np.array([int(row["learner"]) for row in rows])
    taken = encode(learners, [int(row["course"]) for row in rows], learners.max() + 1, len(courses))
    split = leave_last_out(taken.X, taken.times)

    drawn = np.random.default_rng(0).permutation(
        np.flatnonzero([course["title_zh_hans"] for course in courses])
    )
    n_new = len(courses) // 10
    draws = [drawn[draw * n_new : (draw + 1) * n_new] for draw in range(N_DRAWS)]
    only, among = zip(*(judge(split, vectors, new, draw) for draw, new in enumerate(draws)), strict=True)
    print(f"{N_DRAWS} draws of {n_new} new courses of {len(courses)}, k = {K}\n\nNew courses only:\n")
    table(("recall", "NDCG"), only)
    print("\nAmong all courses:\n")
    table(("recall", "recall, next is known", "recall, next is new", "slots that list new ones"), among)


def read(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def labels(courses):
    """Fields and providers of the courses, 1 where a course has it."""
    sets = [
        {(name, part) for name in LABELS for part in course[name].split("|") if part} for course in courses
    ]
    columns = {label: column for column, label in enumerate(sorted(set().union(*sets)))}
    cells = np.array([(row, columns[label]) for row, found in enumerate(sets) for label in found]).T
    return csr_array((np.ones(cells.shape[1]), tuple(cells)), shape=(len(courses), len(columns)))


def judge(split, vectors, new, random_state):
    """Rows of both tables for one draw of new courses."""
    is_new = np.isin(np.arange(vectors.shape[0]), new)
    X, times = without(split.X, is_new), without(split.times, is_new)
    model = NextItemRidge(decays=(0.7,), n_pairs=0).fit(X, times=times)
    known = np.bincount(X.indices, minlength=is_new.size) >= LEAST_ENROLMENTS
    as_fitted = model.weights_
    space = model.feature_space()
    predicted = with_new_items(as_fitted, space, vectors, known, space.of(*held(X, times)), k=K)

    wants_new = np.flatnonzero((np.diff(X.indptr) > 0) & (split.test @ is_new > 0))
    likeness = ContentNeighbours(vectors, n_neighbours=is_new.size).fit(X)
    model.weights_ = predicted
    only = {
        "weights predicted from texts": listed(model, X, times, wants_new, is_new),
        "content neighbours": listed(likeness, X, times, wants_new, is_new),
        "random": at_random(wants_new.size, is_new, random_state),
    }
    relevant = split.test[wants_new]
    only = {
        name: [figure(recall_at_k, ranked, relevant), figure(ndcg_at_k, ranked, relevant)]
        for name, ranked in only.items()
    }

    everybody = np.flatnonzero(np.diff(split.test.indptr) > 0)
    among = {}
    for name, weights in {"as fitted": as_fitted, "with predicted weights": predicted}.items():
        model.weights_ = weights
        ranked = listed(model, split.X, split.times, everybody, None)
        recall = recall_at_k(ranked, split.test[everybody], K)
        next_is_new = split.test[everybody] @ is_new > 0
        share = is_new[ranked[ranked >= 0]].mean()
        among[name] = [recall.mean(), recall[~next_is_new].mean(), recall[next_is_new].mean(), share]
    return only, among


def without(matrix, is_out):
    cells = matrix.tocoo()
    kept = ~is_out[cells.col]
    return csr_array((cells.data[kept], (cells.row[kept], cells.col[kept])), shape=matrix.shape)


def listed(model, X, times, learners, listable):
    ranked, _ = model.recommend(X[learners], K, times=times[learners], listable=listable)
    return ranked


def at_random(n_learners, is_new, random_state):
    scores = np.random.default_rng(random_state).random((n_learners, is_new.size))
    return top_k(scores, K, listable=is_new)[0]


def figure(metric, ranked, relevant):
    return np.mean(metric(ranked, relevant, K))


def table(columns, draws):
    print(f"| | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for name in draws[0]:
        means = np.mean([draw[name] for draw in draws], axis=0)
        print(f"| {name} | {' | '.join(f'{mean:.3f}' for mean in means)} |")


if __name__ == "__main__":
    main()
