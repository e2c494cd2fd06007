"""Measures how well a model ranks courses, on files alone: neither database nor broker is touched."""

import argparse
import csv
import gzip
import io
import json
import math
import resource
import zlib
from array import array
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from recommender.engine.als import ImplicitALS
from recommender.engine.blend import Blend
from recommender.engine.ease import Ease
from recommender.engine.evaluation import evaluate
from recommender.engine.histories import ordered_histories
from recommender.engine.interactions import encode
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.selection import select, select_hyperparameters
from recommender.engine.sequential import NextItemRidge

MODELS = {
    "popularity": Popularity,
    "neighbours": ItemNeighbours,
    "ease": Ease,
    "next-item-ridge": NextItemRidge,
    "als": ImplicitALS,
    "blend": Blend,
}
HOUSE_DEFAULT = "blend"
FIGURES = ("recall", "ndcg", "hit_rate", "mrr", "coverage", "gini", "novelty", "intra_list_similarity")
# Rows of which so many stand in the order of their courses' names are sorted, not lived; of fewer rows than
# this it may be chance.
SORTED_SHARE = 0.99
LEAST_SORTED = 100
LONGEST_LINE = 100_000  # bytes
LONGEST_EXCERPT = 60  # characters of what is wrong that an error shows
GZIP_MAGIC = b"\x1f\x8b"

DESCRIPTION = f"""\
Measures how well a model ranks courses: it learns from one file and is judged by
another. Works on the files alone, without the database.

The files are CSV in UTF-8, gzip accepted, with a header line and these columns:

  learner   any text, one per learner
  course    any text, one per course
  at        optional: when it happened, in seconds or in ISO 8601 (2026-03-01,
            2026-03-01T09:30:00+08:00; UTC where no offset is given)

Other columns are ignored. Without `at` the order of the rows is their order in time,
unless --unordered says that there is none, or the rows of nearly every learner are
sorted by course. A course that occurs more than once for
a learner counts once, with its latest time.

Protocol: all courses of the train file are ranked for each learner of the test file,
but for those in the learner's own train rows. Recall, NDCG (binary, the ideal list
holds min(k, number of test rows)), hit rate, MRR (mean reciprocal rank), novelty (mean
-log2 of a listed course's share of learners) and intra-list similarity (mean cosine of
two listed courses, by who took them) are averaged over the learners with test rows,
n_learners in all, each with a 95% bootstrap interval. Coverage is the share of the train
file's courses that occur in any list, gini the inequality of how often each occurs,
0 when all are alike. A test row whose course is not in the train file is a miss. A
learner who is not in the train file counts too and is listed the most popular courses.

Hyperparameters are chosen on entries of the train file that are held out for the
purpose: each learner's last one, or a fifth at random without order. The test file has no
part in it. The blend chooses its members, their hyperparameters and their weights.
fit_seconds is the final fit, without the choosing.

Models: {", ".join(MODELS)}.
"""

EXAMPLE = """\
Example:

  manage.py evaluate --train train.csv.gz --test test.csv.gz --k 20

The result goes to standard output, one JSON object; progress goes to standard error.
"""


class Rows(NamedTuple):
    """learners, courses : codes, one per row; at : seconds, one per row, None without such a column."""

    learners: array
    courses: array
    at: array | None


class Command(BaseCommand):
    help = DESCRIPTION
    requires_system_checks = []

    def create_parser(self, prog_name, subcommand, **kwargs):
        return super().create_parser(
            prog_name,
            subcommand,
            epilog=EXAMPLE,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **kwargs,
        )

    def add_arguments(self, parser):
        parser.add_argument("--train", required=True, metavar="FILE", help="what the model learns from")
        parser.add_argument("--test", required=True, metavar="FILE", help="what the model is judged by")
        parser.add_argument(
            "--model", choices=MODELS, default=HOUSE_DEFAULT, help=f"default: {HOUSE_DEFAULT}"
        )
        parser.add_argument("--k", type=positive_int, default=10, help="length of the lists; default: 10")
        parser.add_argument("--unordered", action="store_true", help="the files hold no order in time")
        parser.add_argument(
            "--budget",
            type=seconds_at_hand,
            default=180.0,
            metavar="SECONDS",
            help="time for choosing hyperparameters; 0 keeps the model's own values; default: 180",
        )
        parser.add_argument(
            "--format", choices=("json", "table"), default="json", help="table is for people; default: json"
        )

    def handle(self, *, train, test, model, k, unordered, budget, **options):
        X, times, held_out, names, is_timed = read(train, test)
        if unordered:
            times = None
        elif not is_timed and is_sorted(X, times, names):
            self.tell("The rows of the learners are sorted by course: taken as unordered.", options)
            times = None
        self.tell(f"{X.nnz:,} train and {held_out.nnz:,} test rows, {X.shape[1]:,} courses", options)
        how = {
            "times": times,
            "budget": budget,
            "k": k,
            "report": lambda trial: self.tell(described(trial, k), options),
        }
        if model == HOUSE_DEFAULT:
            chosen = select(X, **how).model
        else:
            chosen = select_hyperparameters(MODELS[model](), X, **how).model
        evaluation = evaluate(chosen, X, held_out, k, times=times)
        self.stdout.write(FORMATS[options["format"]](result(model, k, evaluation)))

    def tell(self, message, options):
        if options["verbosity"] > 0:
            self.stderr.write(message, style_func=str)


def result(model, k, evaluation):
    judgement = evaluation.judgement
    figures = {name: judgement.figures[name] for name in FIGURES}
    return {
        "model": model,
        "k": k,
        "n_learners": judgement.n_users,
        "n_courses": judgement.n_items,
        **{name: figure.value for name, figure in figures.items()},
        "intervals": {
            name: [figure.low, figure.high] for name, figure in figures.items() if math.isfinite(figure.low)
        },
        "fit_seconds": round(evaluation.fit_seconds, 3),
        "recommend_seconds": round(evaluation.recommend_seconds, 3),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def as_table(figures):
    intervals = figures["intervals"]
    return "\n".join(
        f"{name:<22} {value:>16.4f}"
        + (" ({:.4f} to {:.4f})".format(*intervals[name]) if name in intervals else "")
        if isinstance(value, float)
        else f"{name:<22} {value:>16}"
        for name, value in figures.items()
        if name != "intervals"
    )


FORMATS = {"json": json.dumps, "table": as_table}


def described(trial, k):
    values = ", ".join(f"{name} {value}" for name, value in trial.params.items())
    return f"{trial.model}: {values}: NDCG@{k} {trial.ndcg:.4f} on held-out train rows, {trial.seconds:.1f} s"


def is_sorted(X, times, names):
    """Whether the learners' rows stand in the order of their courses' names, as numbers or as text."""
    numbers = all(name.isdecimal() for name in names)
    order = sorted(range(len(names)), key=(lambda code: int(names[code])) if numbers else names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    starts, items, _ = ordered_histories(X, times)
    follows = np.ones(items.size, dtype=bool)
    follows[starts[:-1][np.diff(starts) > 0]] = False
    rises = np.diff(rank[items], prepend=-1)[follows] > 0
    return rises.size >= LEAST_SORTED and rises.mean() >= SORTED_SHARE


def positive_int(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return int(text)


def seconds_at_hand(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds of at least 0, got {text!r}")
    return seconds


def read(train, test):
    """What is learned from, when it happened, what is held out, the courses' names, and if `at` was given.

    Rows are learners, columns courses.

    Courses that only the test file knows are the last columns of what is held out.
    """
    learners, courses = {}, {}
    known = rows_of(train, learners, courses)
    n_courses = len(courses)
    later = rows_of(test, learners, courses)
    X, times = encode(known.learners, known.courses, len(learners), n_courses, at=known.at)
    held_out, _ = encode(later.learners, later.courses, len(learners), len(courses))
    return X, times, held_out, list(courses)[:n_courses], known.at is not None


def rows_of(path, learners, courses):
    """Reads a file as a stream; new learners and courses get the next codes in the dicts given."""
    try:
        with opened(path) as stream:
            rows = coded(path, csv.reader(text_lines(path, stream), strict=True), learners, courses)
    except (OSError, EOFError, zlib.error) as error:
        raise CommandError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not rows.learners:
        raise CommandError(f"{path} holds no rows; at least one is needed below the header line")
    return rows


@contextmanager
def opened(path):
    """The bytes of a file, unpacked where it is gzip."""
    with open(path, "rb") as file:
        if file.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC):
            with gzip.open(file) as unpacked:
                yield io.BufferedReader(unpacked)
        else:
            yield file


def text_lines(path, stream):
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise CommandError(
                f"{path}, line {number}: {excerpt(line)} goes on for more than {LONGEST_LINE:,} bytes; "
                "a line should hold one learner and one course"
            )
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise CommandError(
                f"{path}, line {number}: {excerpt(line)} is not UTF-8 from byte {error.start + 1} on; "
                "save the file as UTF-8"
            ) from error
        if "\0" in text:
            raise CommandError(f"{path}, line {number}: {excerpt(text)} holds a NUL byte; text holds none")
        yield text


def coded(path, reader, learners, courses):
    """Rows as codes, and their times."""
    rows = Rows(array("q"), array("q"), array("d"))
    try:
        header = next(reader, [])
        n_columns = len(header)
        learner_column, course_column = (needed(path, header, name) for name in ("learner", "course"))
        at_column = header.index("at") if "at" in header else None
        for row in reader:
            if not row:
                continue
            if len(row) != n_columns:
                raise CommandError(
                    f"{path}, line {reader.line_num}: {excerpt(','.join(row))} has {len(row)} values, should "
                    f"have {n_columns}: {', '.join(header)}"
                )
            learner, course = row[learner_column], row[course_column]
            if not learner or not course:
                name = "course" if learner else "learner"
                raise bad_value(path, reader, name, "", "an id, which may be any text")
            rows.learners.append(learners.setdefault(learner, len(learners)))
            rows.courses.append(courses.setdefault(course, len(courses)))
            if at_column is not None:
                rows.at.append(seconds(path, reader, row[at_column]))
    except csv.Error as error:
        raise CommandError(f"{path}, line {reader.line_num}: not CSV: {error}") from error
    return rows if at_column is not None else rows._replace(at=None)


def needed(path, header, name):
    if header.count(name) != 1:
        raise CommandError(
            f"{path}, line 1: {excerpt(','.join(header))} should name the column {name!r} once, "
            "as in: learner,course"
        )
    return header.index(name)


def seconds(path, reader, text):
    """Seconds since 1970 of a number or an ISO 8601 text."""
    try:
        try:
            value = float(text)
        except ValueError:
            moment = datetime.fromisoformat(text)
            value = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise bad_value(path, reader, "at", text, "seconds or ISO 8601, such as 2026-03-01T09:30:00+08:00")
    return value


def bad_value(path, reader, column, value, right):
    return CommandError(
        f"{path}, line {reader.line_num}, column {column}: {excerpt(value)} should be {right}"
    )


def excerpt(value):
    return repr(value[:LONGEST_EXCERPT]) + ("..." if len(value) > LONGEST_EXCERPT else "")
