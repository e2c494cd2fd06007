"""The command from files to figures: the protocol, the kinds of files, and what it says of bad ones."""

import csv
import gzip
import io
import json
import math
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

KEYS = [
    "model",
    "k",
    "n_learners",
    "n_courses",
    "recall",
    "ndcg",
    "hit_rate",
    "mrr",
    "coverage",
    "gini",
    "novelty",
    "intra_list_similarity",
    "intervals",
    "fit_seconds",
    "recommend_seconds",
    "peak_rss_mb",
]
MANAGE = Path(__file__).parents[2] / "manage.py"
# Ada took a, b, c and Bo a, b; Cy took a, d; Di took d. So a is held by 3, b and d by 2, c by 1.
TRAIN = "learner,course\nAda,a\nAda,b\nAda,c\nBo,a\nBo,b\nCy,a\nCy,d\nDi,d\n"


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def run(train, test, **options):
    """The command's figures, and what it said besides."""
    out, err = io.StringIO(), io.StringIO()
    options = {"budget": 0, **options}
    call_command("evaluate", train=train, test=test, stdout=out, stderr=err, **options)
    assert out.getvalue().count("\n") == 1
    return json.loads(out.getvalue()), err.getvalue()


def figures(train, test, **options):
    return run(train, test, **options)[0]


def protocol(train_rows, test_rows, k, score):
    """Recall, NDCG, hit rate and coverage, learner by learner, from rows of (learner, course).

    `score` gives the scores of courses for a history, the latest last. Equals keep the order of first
    appearance. Learners without history are listed what most learners hold.
    """
    courses = list(dict.fromkeys(course for _, course in train_rows))
    histories = {}
    for learner, course in train_rows:
        history = histories.setdefault(learner, [])
        if course in history:
            history.remove(course)
        history.append(course)
    held = Counter(course for history in histories.values() for course in history)
    recalls, gains, hits, listed = [], [], [], set()
    for learner in dict.fromkeys(learner for learner, _ in test_rows):
        wanted = {course for one, course in test_rows if one == learner}
        history = histories.get(learner, [])
        scores = score(histories, courses, history) if history else held
        open_courses = [course for course in courses if course not in history]
        ranked = sorted(open_courses, key=lambda course: -scores[course])[:k]
        places = [place for place, course in enumerate(ranked, 1) if course in wanted]
        ideal = sum(1 / math.log2(place + 1) for place in range(1, min(k, len(wanted)) + 1))
        recalls.append(len(places) / len(wanted))
        gains.append(sum(1 / math.log2(place + 1) for place in places) / ideal)
        hits.append(bool(places))
        listed |= set(ranked)
    return {
        "recall": np.mean(recalls),
        "ndcg": np.mean(gains),
        "hit_rate": np.mean(hits),
        "coverage": len(listed) / len(courses),
    }


def popularity(histories, courses, history):
    return Counter(course for history in histories.values() for course in history)


def ease(histories, courses, history, ridge=10.0, popularity_ridge=0.3, popularity_power=-0.1):
    """EASE with the product's own values, from its definition."""
    place = {course: index for index, course in enumerate(courses)}
    X = np.zeros((len(histories), len(courses)))
    for row, other in zip(X, histories.values(), strict=True):
        row[[place[course] for course in other]] = 1
    gram = (X / np.sqrt(X.sum(axis=1, keepdims=True))).T @ X
    inverse = np.linalg.inv(gram + np.diag(ridge + popularity_ridge * gram.diagonal()))
    weights = -inverse / inverse.diagonal() * gram.diagonal() ** popularity_power
    np.fill_diagonal(weights, 0)
    scores = weights[[place[course] for course in history]].sum(axis=0)
    return {course: np.float32(scores[place[course]]) for course in courses}


def random_rows(rng, n_learners, n_courses, n_rows):
    return [
        (f"learner {rng.integers(n_learners)}", f"course, {rng.integers(n_courses)}") for _ in range(n_rows)
    ]


def as_csv(rows, header=("learner", "course")):
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue()


@pytest.mark.parametrize(("model", "score"), [("popularity", popularity), ("ease", ease)])
@pytest.mark.parametrize("seed", range(5))
def test_the_protocol_on_random_rows(write, model, score, seed):
    rng = np.random.default_rng(seed)
    # Some test learners and courses are not in the train rows, and some pairs come twice.
    train_rows, test_rows = random_rows(rng, 12, 9, 45), random_rows(rng, 14, 11, 25)
    found = figures(
        write("train.csv", as_csv(train_rows)), write("test.csv", as_csv(test_rows)), model=model, k=3
    )
    for name, expected in protocol(train_rows, test_rows, 3, score).items():
        assert found[name] == pytest.approx(expected), name
    assert found["n_learners"] == len({learner for learner, _ in test_rows})
    assert found["n_courses"] == len({course for _, course in train_rows})


def test_figures_worked_by_hand(write):
    # Popular first: Bo is listed d, c and wants c and z, which no train row has. That is one of two wanted
    # courses, in place 2: recall 1/2, NDCG (1 / log2 3) / (1 + 1 / log2 3). Eve is new, is listed a, b and
    # wants b: recall 1, NDCG 1 / log2 3. The lists name all four courses.
    found, said = run(
        write("train.csv", TRAIN),
        write("test.csv", "learner,course\nBo,c\nBo,z\nEve,b\n"),
        model="popularity",
        k=2,
    )
    assert list(found) == KEYS
    discount = 1 / math.log2(3)
    assert found["recall"] == pytest.approx((1 / 2 + 1) / 2)
    assert found["ndcg"] == pytest.approx((discount / (1 + discount) + discount) / 2)
    assert (found["hit_rate"], found["coverage"]) == (1, 1)
    assert (found["model"], found["k"], found["n_learners"], found["n_courses"]) == ("popularity", 2, 2, 4)
    assert found["peak_rss_mb"] > 10
    assert said.startswith("8 train and 3 test rows, 4 courses")


def test_a_learners_own_course_is_not_listed_and_missed(write):
    found = figures(
        write("train.csv", TRAIN), write("test.csv", "learner,course\nAda,a\n"), model="popularity", k=4
    )
    assert found["recall"] == found["ndcg"] == found["hit_rate"] == 0


def test_the_house_model_is_the_default_and_chooses_on_the_train_rows(write):
    found, said = run(
        write("train.csv", TRAIN), write("test.csv", "learner,course\nBo,c\n"), budget=30, verbosity=1
    )
    assert found["model"] == "blend"
    assert "NextItemRidge: decays (0.3, 0.9), ridge 30.0, length_power 0.5, n_pairs 1500" in said
    assert "Blend: " in said
    assert run(write("train.csv", TRAIN), write("test.csv", "learner,course\nBo,c\n"), verbosity=0)[1] == ""


@pytest.mark.parametrize(
    "times",
    [
        (0, 1, 2),
        (-1.5e9, -0.25, "1e3"),
        ("1753-01-01", "2026-03-01T09:30:00", "2026-03-01T09:31:00Z"),
        ("2026-03-01T09:30:00+08:00", "2026-03-01T02:00:00", "2026-03-01 10:30+08:00"),
        ("1970-01-01T00:00:10", 20, "1970-01-01T08:00:30+08:00"),
    ],
    ids=["seconds", "fractions", "ISO 8601", "offsets", "both"],
)
def test_at_orders_rows(write, times):
    """The rows stand against their order in time: only who reads `at` learns that z follows x and y."""
    rows = [("Ada", "other", times[0])]
    for learner in ("Bo", "Cy", "Di"):
        rows += [(learner, course, at) for course, at in zip("zyx", reversed(times), strict=True)]
    rows += [("Eve", "y", times[1]), ("Eve", "x", times[0])]
    test = write("test.csv", "learner,course\nEve,z\n")
    how = {"model": "next-item-ridge", "k": 1}
    timed = figures(write("timed.csv", as_csv(rows, ("learner", "course", "at"))), test, **how)
    untimed = figures(write("untimed.csv", as_csv([row[:2] for row in rows])), test, **how)
    assert (timed["recall"], untimed["recall"]) == (1, 0)


def test_rows_that_are_sorted_by_course_are_taken_as_unordered(write):
    """Course 10 follows 9 as a number, not as text; one learner's rows in another order change nothing."""
    rows = [
        (f"learner {number}", str(course)) for number in range(40) for course in (2, 9, 10, 11 + number % 3)
    ]
    test = write("test.csv", "learner,course\nlearner 1,11\n")
    _, said = run(write("sorted.csv", as_csv(rows)), test, model="ease")
    assert "taken as unordered" in said
    lived = [(learner, course) for learner, course in rows if course != "9"] + [
        (row[0], "9") for row in rows[::4]
    ]
    assert "taken as unordered" not in run(write("lived.csv", as_csv(lived)), test, model="ease")[1]


def test_unordered_rows_may_stand_in_any_order(write):
    rng = np.random.default_rng(5)
    rows = random_rows(rng, 20, 6, 60)
    test = write("test.csv", as_csv(random_rows(rng, 20, 6, 20)))
    # The first rows fix the order of courses, which decides between equals.
    first = list({course: (learner, course) for learner, course in rows}.values())
    how = {"model": "next-item-ridge", "k": 2}
    one = figures(write("one.csv", as_csv(first + rows)), test, unordered=True, **how)
    other = figures(write("other.csv", as_csv(first + rows[::-1])), test, unordered=True, **how)
    ordered = figures(write("one.csv", as_csv(first + rows)), test, **how)
    assert one["ndcg"] == pytest.approx(other["ndcg"])
    assert one["ndcg"] != pytest.approx(ordered["ndcg"])


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(TRAIN.encode(), mtime=0),
        b"\xef\xbb\xbf" + TRAIN.encode(),
        TRAIN.replace("\n", "\r\n"),
        TRAIN.rstrip("\n"),
        TRAIN.replace("\n", "\n\n"),
        as_csv([row[::-1] for row in csv.reader(TRAIN.replace(",", ",other,").split())], ()).lstrip(),
    ],
    ids=["gzip", "byte order mark", "CRLF", "no last line end", "blank lines", "other columns"],
)
def test_kinds_of_files(write, content):
    test = write("test.csv", "learner,course\nBo,c\nDi,a\n")
    plain = figures(write("plain.csv", TRAIN), test, k=2)
    other = figures(write("other", content), test, k=2)
    assert [other[key] for key in KEYS[:8]] == [plain[key] for key in KEYS[:8]]


def test_ids_are_any_text(write):
    rows = [("學習者 一", "a,b"), ("學習者 一", 'say "hi"'), ("two\nlines", "a,b"), (" ", "01"), (" ", "1")]
    found = figures(write("train.csv", as_csv(rows)), write("test.csv", as_csv([("two\nlines", "01")])), k=4)
    assert (found["n_courses"], found["recall"]) == (4, 1)


LONG = b"learner,course\nAda," + b"x" * 10_000_000 + b"\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"train, line 1: '' should name the column 'learner' once, as in: learner,course"),
        ("user,course\n1,2\n", "line 1: 'user,course' should name the column 'learner' once"),
        ("learner,item\n1,2\n", "should name the column 'course' once"),
        ("learner,course,course\n1,2,3\n", "should name the column 'course' once"),
        ("learner,course\n", "holds no rows"),
        ("learner,course\n1,2\n3\n", "line 3: '3' has 1 values, should have 2: learner, course"),
        ("learner,course\n1,2,3\n", "line 2: '1,2,3' has 3 values, should have 2"),
        ("learner,course\n1,\n", "line 2, column course: '' should be an id, which may be any text"),
        ("learner,course\n,1\n", "line 2, column learner: '' should be an id"),
        (
            "learner,course,at\n1,2,yesterday\n",
            "line 2, column at: 'yesterday' should be seconds or ISO 8601",
        ),
        ("learner,course,at\n1,2,3\n1,2,\n", "line 3, column at: '' should be seconds or ISO 8601"),
        ("learner,course,at\n1,2,nan\n", "column at: 'nan' should be seconds or ISO 8601"),
        ("learner,course,at\n1,2,2026-13-01\n", "column at: '2026-13-01' should be seconds or ISO 8601"),
        ("learner,course\n1,2\n1,\0\n", r"line 3: '1,\\x00\\n' holds a NUL byte"),
        (
            "learner,course\n課,程\n".encode("big5"),
            "line 2: .* is not UTF-8 from byte 1 on; save the file as UTF-8",
        ),
        (TRAIN.encode("utf-16"), "line 1: .* is not UTF-8 from byte 1 on"),
        (LONG, r"line 2: b'Ada,x{56}'\.\.\. goes on for more than 100,000 bytes"),
        (gzip.compress(LONG, mtime=0), "line 2: .* goes on for more than 100,000 bytes"),
        ('learner,course\n1,"2\n' + "3,4\n" * 50_000, r"line \d+: not CSV: field larger"),
        ('learner,course\n1,"2', "line 2: not CSV: unexpected end of data"),
        (gzip.compress(TRAIN.encode(), mtime=0)[:-9], "cannot be read"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
    ],
)
@pytest.mark.parametrize("bad", ["train", "test"])
def test_bad_files_are_told_where_and_what(write, bad, content, message):
    paths = {"train": write("good", TRAIN), "test": write("good", TRAIN)} | {bad: write(bad, content)}
    with pytest.raises(CommandError, match=message.replace("train", bad)) as raised:
        figures(**paths)
    assert str(raised.value).startswith(paths[bad])
    assert len(str(raised.value)) < 400 + len(paths[bad])


def test_a_missing_file_is_told(write, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        figures(str(tmp_path / "none.csv"), write("test.csv", TRAIN))
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        figures(str(tmp_path), write("test.csv", TRAIN))


@pytest.mark.parametrize(
    "arguments", [["--k", "0"], ["--k", "ten"], ["--budget", "-1"], ["--budget", "nan"], ["--model", "magic"]]
)
def test_bad_options_are_refused(write, arguments):
    with pytest.raises(CommandError, match=arguments[0]):
        call_command("evaluate", "--train", "train.csv", "--test", "test.csv", *arguments)


def manage(*arguments, cwd):
    """The command as a person runs it, with services that are not there."""
    environment = os.environ | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    command = [sys.executable, str(MANAGE), "evaluate", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_command_line_needs_neither_database_nor_broker(write, tmp_path):
    done = manage("--train", write("train", TRAIN), "--test", write("test", TRAIN), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout)) == KEYS


def test_the_command_line_tells_an_error_without_a_traceback(write, tmp_path):
    done = manage("--train", write("train", "a,b\n"), "--test", write("test", TRAIN), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "should name the column 'learner'" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_teaches(capsys):
    with pytest.raises(SystemExit):
        call_command("evaluate", "--help")
    out = capsys.readouterr().out
    assert "  learner   any text, one per learner\n" in out
    assert "manage.py evaluate --train train.csv.gz --test test.csv.gz" in out
    assert max(len(line) for line in out.splitlines()) <= 100


def test_the_table_is_for_people(write):
    out = io.StringIO()
    options = {"model": "popularity", "format": "table", "stdout": out, "stderr": io.StringIO()}
    call_command("evaluate", train=write("train", TRAIN), test=write("test", TRAIN), **options)
    assert [line.split()[0] for line in out.getvalue().splitlines()] == [
        key for key in KEYS if key != "intervals"
    ]
    assert out.getvalue().splitlines()[2].split() == ["n_learners", "4"]
