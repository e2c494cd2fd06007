"""A process killed at the worst moment, in earnest: what was there before is there afterwards."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SET_UP = "import django, os, signal; django.setup()"
DIE = "os.kill(os.getpid(), signal.SIGKILL)"
CATALOGUE = f"""{SET_UP}
from recommender.catalogue.importers import import_catalogue
def progress(stage, done, total):
    if stage == "courses.csv" and done == total and "die" in os.environ:
        {DIE}
import_catalogue(providers="providers.csv", courses="courses.csv", progress=progress)
"""
ENROLMENTS = f"""{SET_UP}
from recommender.learners.importers import import_enrolments
def progress(stage, done, total):
    if stage == "saving" and done == total and "die" in os.environ:
        {DIE}
import_enrolments("enrolments.csv", source="partner", progress=progress)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with files to import and a migrated SQLite of its own."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "providers.csv").write_text("code,name_en,kind\nhku,HKU,university\n")
    rows = "".join(f"c{number},hku,Course {number}\n" for number in range(600))
    (folder / "courses.csv").write_text("code,provider,title_en\n" + rows)
    rows = "".join(f"l{number // 3},c{number % 600}\n" for number in range(6_000))
    (folder / "enrolments.csv").write_text("learner,course\n" + rows)
    assert (
        run(folder, f"{SET_UP}\nfrom django.core.management import call_command\ncall_command('migrate')")
        == 0
    )
    return folder


def run(folder, code, **variables):
    environment = (
        os.environ
        | variables
        | {
            "DJANGO_SETTINGS_MODULE": "hktalent.settings",
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "HKTALENT_VAR": str(folder),
            "PYTHONPATH": str(ROOT),
        }
    )
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL).returncode


def count(folder, table):
    with sqlite3.connect(folder / "db.sqlite3") as database:
        return database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


def test_a_killed_import_leaves_what_was_there(folder):
    assert run(folder, CATALOGUE, die="yes") == -signal.SIGKILL
    assert (count(folder, "catalogue_provider"), count(folder, "catalogue_course")) == (0, 0)
    assert run(folder, CATALOGUE) == 0
    assert (count(folder, "catalogue_provider"), count(folder, "catalogue_course")) == (1, 600)
    assert run(folder, ENROLMENTS, die="yes") == -signal.SIGKILL
    assert (count(folder, "learners_learner"), count(folder, "learners_enrolment")) == (0, 0)
    assert run(folder, ENROLMENTS) == 0
    assert (count(folder, "learners_learner"), count(folder, "learners_enrolment")) == (2_000, 6_000)
