"""How long does a whole run take on real enrolments, and how much memory?

    python -m tests.benchmarks.whole_job DATA [--sqlite]

DATA is a folder with `courses.csv.gz` (columns course, title_zh_hans, provider) and `train.csv.gz` (columns
learner, course). Imports them into a fresh PostgreSQL and has a real Celery worker over a real Redis carry
out one run; with --sqlite into a fresh SQLite, and the run happens in one process.
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
from pathlib import Path

import psutil

from tests import services

ROOT = Path(__file__).parent.parent.parent
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def main():
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = os.environ | {"HKTALENT_VAR": str(folder / "var")}
        if not options.sqlite:
            environment["DATABASE_URL"] = stack.enter_context(services.postgres())
            environment["REDIS_URL"] = stack.enter_context(services.redis_server())
        load(options.data, folder, environment)
        if options.sqlite:
            measured(environment, "recommend")
        else:
            through_worker(environment)


def load(data, folder, environment):
    manage(environment, "migrate", "--verbosity", "0")
    write_catalogue(data / "courses.csv.gz", folder)
    manage(
        environment,
        "import_catalogue",
        *("--providers", str(folder / "providers.csv")),
        *("--courses", str(folder / "courses.csv")),
    )
    began = time.monotonic()
    manage(
        environment,
        *("import_enrolments", str(data / "train.csv.gz")),
        *("--source", "xuetangx", "--consented-on", "2020-01-01"),
    )
    print(f"import_enrolments: {time.monotonic() - began:.1f} s", flush=True)


def write_catalogue(source, folder):
    """The courses under the product's columns. A third of them have no title: they get their number."""
    with gzip.open(source, "rt", encoding="utf-8", newline="") as file:
        courses = list(csv.DictReader(file))
    with open(folder / "providers.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "name_en", "kind"])
        rows.writerow(["xuetangx", "XuetangX", "platform"])
    with open(folder / "courses.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["code", "provider", "title_zh_hans"])
        for course in courses:
            title = course["title_zh_hans"] or f"课程 {course['course']}"
            rows.writerow([course["course"], "xuetangx", title])


def through_worker(environment):
    command = [sys.executable, "-m", "celery", "-A", "hktalent", "worker", "--concurrency", "1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    worker = psutil.Popen(command, cwd=ROOT, env=environment, **quiet)
    try:
        manage(environment, "recommend", "--queue")
        peaks = {}
        while True:
            note_peaks(worker, peaks)
            finished = query(environment, "Run.objects.exclude(finished_at=None).count()")
            if finished == "1":
                break
        print(query(environment, "'\\n'.join(describe_run(Run.objects.get()))"))
        print(query(environment, "f'{PackedList.objects.count():,} lists'"))
        print(f"peak memory of the worker: {sum(peaks.values()) / 2**20:,.0f} MB in {len(peaks)} processes")
    finally:
        worker.terminate()
        worker.wait()


def note_peaks(worker, peaks):
    """The kernel's own high-water mark of each process of the worker, in bytes."""
    for process in [worker, *worker.children(recursive=True)]:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except FileNotFoundError:
            continue
        for line in status.splitlines():
            if line.startswith("VmHWM"):
                peaks[process.pid] = int(line.split()[1]) * 1024


def query(environment, expression):
    code = (
        "from recommender.recommendations.models import *\n"
        "from recommender.recommendations.reporting import describe_run\n"
        f"print({expression})"
    )
    command = [*MANAGE, "shell", "--no-imports", "-c", code]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def manage(environment, *words):
    subprocess.run([*MANAGE, *words], env=environment, check=True)


def measured(environment, *words):
    process = psutil.Popen([*MANAGE, *words], env=environment)
    peaks = {}
    while process.poll() is None:
        note_peaks(process, peaks)
        time.sleep(0.2)
    print(f"peak memory: {sum(peaks.values()) / 2**20:,.0f} MB")


if __name__ == "__main__":
    main()
