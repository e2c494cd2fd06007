"""How well are the skills of courses read from their texts?

    python tests/benchmarks/tagger.py courses.csv.gz

The file has the columns title, text (may be empty) and skills (the platform's own tags, with semicolons
between them). Courses of one title stay together; 60% are for training, 20% for validation, 20% for the
test. The vocabulary is the names of all tags, and a pair of course and skill is right where the platform
says so.

- Alias matching: a skill is there where title or text names it, by the rules of the product.
- Cold: the vocabulary alone, as on a first day; the weights of the evidence come from the training part.
- Confirmed: the skills of the training courses are known, those of the others are not.

The threshold of each is the one with the best F1 on the validation part. Prints a Markdown table for the test
part, all pairs counted alike, then the precision that goes with some recalls, how true the confidences are,
and the weights for `recommender/engine/tagging.py`.
"""

import argparse
import csv
import gzip
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from sklearn.metrics import average_precision_score, precision_recall_curve

from recommender.engine.tagging import EVIDENCE, LEAST_CONFIRMED, Evidence

PARTS = {"training": 0.6, "validation": 0.2, "test": 0.2}
RECALLS = (0.05, 0.1, 0.2, 0.3, 0.4)
BANDS = (0.05, 0.2, 0.5, 0.8, 1.0)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("courses", type=Path, help="gzip, CSV, UTF-8")
    courses = read(parser.parse_args().courses)
    titles, texts = ([course[name] for course in courses] for name in ("title", "text"))
    names, truth = tags(courses)
    part = parts(titles)
    print(
        f"{len(courses)} courses, {len(names)} skills, {truth.nnz} pairs; {(part == 2).sum()} test courses\n"
    )
    print("| | threshold | precision | recall | F1 | average precision | s |")
    print("|---" * 7 + "|")
    found = {}
    for name, tagger in {"alias matching": matched, "cold": cold, "confirmed": confirmed}.items():
        start = time.perf_counter()
        found[name], weights = tagger(names, titles, texts, truth, part == 0)
        seconds = time.perf_counter() - start
        threshold = best_threshold(found[name][part == 1], truth[part == 1])
        figures = judged(found[name][part == 2], truth[part == 2], threshold)
        shown = " | ".join(f"{value:.3f}" for value in figures)
        print(f"| {name} | {threshold:.2f} | {shown} | {seconds:.0f} |")
        if name == "cold":
            measured = weights
    test = {name: (each[part == 2], truth[part == 2].toarray().ravel() > 0) for name, each in found.items()}
    precision_table({name: test[name] for name in ("cold", "confirmed")})
    calibration_table({name: test[name] for name in ("cold", "confirmed")})
    print(f"\nWeights of the evidence ({', '.join(EVIDENCE)}) and the constant:")
    for name, each in zip(("named", "unnamed"), measured, strict=True):
        print(f"{name}: {', '.join(f'{weight:.2f}' for weight in each)}")


def read(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tags(courses):
    sets = [{tag.strip() for tag in course["skills"].split(";") if tag.strip()} for course in courses]
    names = sorted(set().union(*sets))
    columns = {name: column for column, name in enumerate(names)}
    cells = np.array([(row, columns[tag]) for row, found in enumerate(sets) for tag in found]).T
    return names, csr_array((np.ones(cells.shape[1]), tuple(cells)), shape=(len(courses), len(names)))


def parts(titles):
    """0, 1 or 2 of each course; the same for the same title."""
    _, group = np.unique([title.casefold().strip() for title in titles], return_inverse=True)
    drawn = np.random.default_rng(0).choice(len(PARTS), size=group.max() + 1, p=list(PARTS.values()))
    return drawn[group]


def matched(names, titles, texts, truth, is_training):
    evidence = Evidence([[name] for name in names], titles, texts)
    return (evidence.in_title.maximum(evidence.in_description)).toarray(), None


def cold(names, titles, texts, truth, is_training):
    evidence = Evidence([[name] for name in names], titles, texts)
    weights = evidence.weights_from(truth, is_training)
    return evidence.confidences(weights, 1e-9).toarray(), weights


def confirmed(names, titles, texts, truth, is_training):
    assert is_training.sum() >= LEAST_CONFIRMED
    known = truth.toarray() * is_training[:, np.newaxis]
    evidence = Evidence([[name] for name in names], titles, texts, known)
    weights = evidence.fitted_weights()
    return evidence.confidences(weights, 1e-9).toarray(), weights


def best_threshold(found, truth):
    precision, recall, thresholds = precision_recall_curve(truth.toarray().ravel() > 0, found.ravel())
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return thresholds[f1[:-1].argmax()]


def judged(found, truth, threshold):
    is_true, is_found = truth.toarray().ravel() > 0, found.ravel() >= threshold
    right = (is_true & is_found).sum()
    precision, recall = right / is_found.sum(), right / is_true.sum()
    return (
        precision,
        recall,
        2 * precision * recall / (precision + recall),
        average_precision_score(is_true, found.ravel()),
    )


def precision_table(test):
    print(f"\n| precision at recall | {' | '.join(map(str, RECALLS))} |")
    print("|---" * (len(RECALLS) + 1) + "|")
    for name, (found, is_true) in test.items():
        precision, recall, _ = precision_recall_curve(is_true, found.ravel())
        shown = [f"{precision[recall >= least].max():.3f}" for least in RECALLS]
        print(f"| {name} | {' | '.join(shown)} |")


def calibration_table(test):
    bands = list(pairwise(BANDS))
    print(f"\n| right of those with confidence | {' | '.join(f'{low}-{high}' for low, high in bands)} |")
    print("|---" * (len(bands) + 1) + "|")
    for name, (found, is_true) in test.items():
        values = found.ravel()
        shown = []
        for low, high in bands:
            inside = (values >= low) & (values <= high)
            shown.append(
                f"{is_true[inside].mean():.2f} of {inside.sum():,}, mean {values[inside].mean():.2f}"
            )
        print(f"| {name} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
