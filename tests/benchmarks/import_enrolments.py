"""How many enrolments a second go in, and does memory stay flat?

    python -m tests.benchmarks.import_enrolments FILE [--sqlite]

FILE is a CSV with columns learner,course; gzip accepted. Into a fresh PostgreSQL, or with --sqlite a fresh
SQLite, goes its first quarter, then all of it, then all of it again; learners start afresh for the whole.
Each import is a process of its own, timed from start to end, so Django's start is in it.
"""

import argparse
import csv
import gzip
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from tests import services

MANAGE = [sys.executable, str(Path(__file__).parents[2] / "manage.py")]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = os.environ | {"HKTALENT_VAR": str(folder / "var")}
        environment.pop("DATABASE_URL", None)
        if not options.sqlite:
            environment["DATABASE_URL"] = stack.enter_context(services.postgres())
        n_rows = write_inputs(options.file, folder)
        manage(environment, "migrate", "--verbosity", "0")
        files = [f"--{name}={folder / name}.csv" for name in ("providers", "courses")]
        manage(environment, "import_catalogue", *files)
        print(f"{os.cpu_count()} cores, {'SQLite' if options.sqlite else 'PostgreSQL'}")
        print("| import | rows | seconds | rows a second | peak memory, MB |\n|---|---|---|---|---|")
        measure(environment, folder / "quarter.csv.gz", "first quarter", n_rows // 4)
        measure(environment, folder / "all.csv.gz", "all of it", n_rows)
        measure(environment, folder / "all.csv.gz", "all of it again", n_rows)


def write_inputs(source, folder):
    """The files to import, and a catalogue of the courses that they name; returns the number of rows."""
    # Row by row: a process starts out with its parent's peak memory in its own figure.
    courses = {row["course"] for row in rows_of(source)}
    n_rows = sum(1 for _row in rows_of(source))
    pairs = ((row["learner"], row["course"]) for row in rows_of(source))
    write(folder / "all.csv.gz", ("learner", "course"), pairs)
    pairs = ((row["learner"], row["course"]) for row in islice(rows_of(source), n_rows // 4))
    write(folder / "quarter.csv.gz", ("learner", "course"), pairs)
    write(folder / "providers.csv", ("code", "name_en", "kind"), [("any", "Any", "platform")])
    titled = ((course, "any", f"Course {course}") for course in sorted(courses))
    write(folder / "courses.csv", ("code", "provider", "title_en"), titled)
    return n_rows


def rows_of(source):
    with gzip.open(source, "rt") if source.suffix == ".gz" else source.open() as file:
        yield from csv.DictReader(file)


def write(path, header, rows):
    with gzip.open(path, "wt") if path.suffix == ".gz" else path.open("w") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def measure(environment, file, title, n_rows):
    command = [*MANAGE, "import_enrolments", str(file), f"--source={file.name}", "--no-consent"]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        sys.exit(f"the import failed: {title}")
    print(
        f"| {title} | {n_rows:,} | {seconds:.1f} | {n_rows / seconds:,.0f} | {usage.ru_maxrss / 1024:.0f} |"
    )


def manage(environment, *words):
    subprocess.run([*MANAGE, *words], env=environment, check=True)


if __name__ == "__main__":
    main()
