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

from django.core.management.base import BaseCommand, CommandError

from recommender.engine.evaluation import evaluate
from recommender.engine.interactions import encode
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.selection import select
from recommender.engine.sequential import NextItemRidge

MODELS = {"popularity": Popularity, "neighbours": ItemNeighbours, "next-item-ridge": NextItemRidge}
HOUSE_DEFAULT = "next-item-ridge"
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
unless --unordered says that there is none. A course that occurs more than once for
a learner counts once, with its latest time.

Protocol: all courses of the train file are ranked for each learner of the test file,
but for those in the learner's own train rows. Recall, NDCG (binary, the ideal list
holds min(k, number of test rows)) and hit rate are averaged over the learners with
test rows, n_learners in all; coverage is the share of the train file's courses that
occur in any list. A test row whose course is not in the train file is a miss. A
learner who is not in the train file counts too and is listed the most popular courses.

Hyperparameters are chosen on entries of the train file that are held out for the
purpose: each learner's last one, or a random one with --unordered. The test file has no
part in it. fit_seconds is the final fit, without the choosing.

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
            default=120.0,
            metavar="SECONDS",
            help="time for choosing hyperparameters; 0 keeps the model's own values; default: 120",
        )
        parser.add_argument(
            "--format", choices=("json", "table"), default="json", help="table is for people; default: json"
        )

    def handle(self, *, train, test, model, k, unordered, budget, **options):
        X, times, held_out = read(train, test)
        if unordered:
            times = None
        self.tell(f"{X.nnz:,} train and {held_out.nnz:,} test rows, {X.shape[1]:,} courses", options)
        chosen = select(
            MODELS[model](),
            X,
            times=times,
            budget=budget,
            k=k,
            report=lambda trial: self.tell(described(trial, k), options),
        ).model
        figures = evaluate(chosen, X, held_out, k, times=times)
        self.stdout.write(FORMATS[options["format"]](result(model, k, figures)))

    def tell(self, message, options):
        if options["verbosity"] > 0:
            self.stderr.write(message, style_func=str)


def result(model, k, figures):
    return {
        "model": model,
        "k": k,
        "n_learners": figures.n_users,
        "n_courses": figures.n_items,
        "recall": figures.recall,
        "ndcg": figures.ndcg,
        "hit_rate": figures.hit_rate,
        "coverage": figures.coverage,
        "fit_seconds": round(figures.fit_seconds, 3),
        "recommend_seconds": round(figures.recommend_seconds, 3),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def as_table(figures):
    return "\n".join(
        f"{name:<18} {value:>16.4f}" if isinstance(value, float) else f"{name:<18} {value:>16}"
        for name, value in figures.items()
    )


FORMATS = {"json": json.dumps, "table": as_table}


def described(trial, k):
    values = ", ".join(f"{name} {value:g}" for name, value in trial.params.items())
    return f"tried {values}: NDCG@{k} {trial.ndcg:.4f} on held-out train rows, {trial.seconds:.1f} s"


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
    """What is learned from, when it happened, and what is held out. Rows are learners, columns courses.

    Courses that only the test file knows are the last columns of what is held out.
    """
    learners, courses = {}, {}
    known = rows_of(train, learners, courses)
    n_courses = len(courses)
    later = rows_of(test, learners, courses)
    X, times = encode(known.learners, known.courses, len(learners), n_courses, at=known.at)
    held_out, _ = encode(later.learners, later.courses, len(learners), len(courses))
    return X, times, held_out


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
