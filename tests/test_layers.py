"""Imports point down: DESIGN's layers, held by reading every import."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = {
    "engine": 1,
    "skills": 2,
    "workforce": 3,
    "catalogue": 3,
    "learners": 4,
    "recommendations": 5,
    "portal": 6,
    "api": 6,
}
NOT_IN_ENGINE = ("django", "celery", "rest_framework", "hktalent")


def imported_names(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            assert node.level == 0, "imports are written in full"


def breaches(package, source):
    """The imports of one file that its package may not have."""
    for name in imported_names(ast.parse(source)):
        head, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        is_foreign = head == "hktalent" or (package == "engine" and head in NOT_IN_ENGINE)
        is_above = target != package and LAYERS.get(target, 9) >= LAYERS[package]
        if is_foreign or (head == "recommender" and (is_above or ".admin" in name)):
            yield name


@pytest.mark.parametrize("package", LAYERS)
def test_imports_point_down(package):
    files = list((ROOT / "recommender" / package).rglob("*.py"))
    assert files
    found = {str(file): list(breaches(package, file.read_text())) for file in files}
    assert not {file: names for file, names in found.items() if names}


def test_every_package_is_known():
    packages = {path.parent.name for path in (ROOT / "recommender").glob("*/__init__.py")}
    assert packages == set(LAYERS)


def test_nothing_else_lies_beside_the_packages():
    names = {path.name for path in (ROOT / "recommender").iterdir()} - {"__pycache__"}
    assert names == set(LAYERS) | {"__init__.py"}
    assert (ROOT / "recommender" / "__init__.py").read_text() == ""


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("catalogue", "from recommender.learners.models import Learner"),
        ("catalogue", "from recommender.workforce.models import Role"),
        ("engine", "import django.db"),
        ("engine", "from recommender.skills import models"),
        ("portal", "from recommender.api import urls"),
        ("portal", "from recommender.learners import admin"),
        ("portal", "from recommender.brand_new import models"),
        ("skills", "from hktalent import settings"),
    ],
)
def test_a_wrong_import_is_found(package, line):
    assert list(breaches(package, line))
