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
MIGRATE = f"{SET_UP}\nfrom django.core.management import call_command\ncall_command('migrate')"
# Dies when a stage is done and not yet committed.
IMPORT = f"""{SET_UP}
from recommender.catalogue.importers import import_catalogue
from recommender.learners.importers import import_enrolments

def progress(stage, done, total):
    if stage == os.environ.get("DIE_AT") and done == total:
        os.kill(os.getpid(), signal.SIGKILL)

import_catalogue(providers="providers.csv", courses="courses.csv", progress=progress)
import_enrolments("enrolments.csv", source="partner", progress=progress)
"""
TABLES = ("catalogue_provider", "catalogue_course", "learners_learner", "learners_enrolment")


@pytest.fixture
def folder(tmp_path):
    """A folder with files to import and a migrated SQLite of its own."""
    (tmp_path / "providers.csv").write_text("code,name_en,kind\nhku,HKU,university\n")
    rows = "".join(f"c{number},hku,Course {number}\n" for number in range(600))
    (tmp_path / "courses.csv").write_text("code,provider,title_en\n" + rows)
    rows = "".join(f"l{number // 3},c{number % 600}\n" for number in range(6_000))
    (tmp_path / "enrolments.csv").write_text("learner,course\n" + rows)
    assert run(tmp_path, MIGRATE) == 0
    return tmp_path


def run(folder, code, **variables):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "hktalent.settings",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "HKTALENT_VAR": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=folder, env=environment | variables, stdout=subprocess.DEVNULL
    ).returncode


def counts(folder):
    with sqlite3.connect(folder / "db.sqlite3") as database:
        return [database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES]


def test_a_killed_import_leaves_what_was_there(folder):
    assert run(folder, IMPORT, DIE_AT="courses.csv") == -signal.SIGKILL
    assert counts(folder) == [0, 0, 0, 0]
    assert run(folder, IMPORT, DIE_AT="saving") == -signal.SIGKILL
    assert counts(folder) == [1, 600, 0, 0]
    assert run(folder, IMPORT) == 0
    assert counts(folder) == [1, 600, 2_000, 6_000]
