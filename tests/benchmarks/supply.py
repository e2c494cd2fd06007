"""How long does counting the supply of every role take, and does memory stay flat?

    python -m tests.benchmarks.supply [--learners N] [--sqlite]

Into a fresh PostgreSQL, or with --sqlite a fresh SQLite, go the sample's courses and 24 roles, then a quarter
of N (default 100,000) made-up learners with ten enrolments and three skills each, then the others. Each count
is a process of its own, timed from start to end, so Django's start is in it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests import services

MANAGE = [sys.executable, str(Path(__file__).parents[2] / "manage.py")]
FILL = """
import numpy as np
from django.utils import timezone
from recommender.catalogue.models import Course
from recommender.learners.models import Enrolment, Learner, SkillHeld
from recommender.learners.sample import import_files
from recommender.skills.models import Skill
from recommender.workforce.models import Sector

if not Course.objects.exists():
    import_files()
rng = np.random.default_rng(Learner.objects.count())
courses, skills, sectors = (
    list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in (Course, Skill, Sector)
)
first = Learner.objects.count()
for start in range(first, first + {n}, 5_000):
    learners = Learner.objects.bulk_create(
        Learner(source="made up", external_id=str(number), sector_id=int(rng.choice(sectors)))
        for number in range(start, min(start + 5_000, first + {n}))
    )
    Enrolment.objects.bulk_create(
        Enrolment(learner=learner, course_id=int(course), status=status)
        for learner in learners
        for place, course in enumerate(rng.choice(courses, 10, replace=False))
        for status in ["completed" if place < 8 else "enrolled"]
    )
    SkillHeld.objects.bulk_create(
        SkillHeld(learner=learner, skill_id=int(skill), level=4)
        for learner in learners
        for skill in rng.choice(skills, 3, replace=False)
    )
"""


def main():
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("--learners", type=int, default=100_000)
    parser.add_argument("--sqlite", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = os.environ | {"HKTALENT_VAR": str(folder / "var")}
        environment.pop("DATABASE_URL", None)
        if not options.sqlite:
            environment["DATABASE_URL"] = stack.enter_context(services.postgres())
        manage(environment, "migrate", "--verbosity", "0")
        print(f"{os.cpu_count()} cores, {'SQLite' if options.sqlite else 'PostgreSQL'}")
        print("| learners | enrolments | seconds | peak memory, MB |\n|---|---|---|---|")
        first = options.learners // 4
        for n_more, n_learners in ((first, first), (options.learners - first, options.learners)):
            manage(environment, "shell", "--command", FILL.format(n=n_more))
            measure(environment, n_learners)


def measure(environment, n_learners):
    began = time.perf_counter()
    process = subprocess.Popen([*MANAGE, "count_supply"], env=environment, stdout=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        sys.exit("the count failed")
    print(f"| {n_learners:,} | {n_learners * 10:,} | {seconds:.1f} | {usage.ru_maxrss / 1024:.0f} |")


def manage(environment, *words):
    subprocess.run([*MANAGE, *words], env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
