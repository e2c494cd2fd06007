"""Skills from a CSV file."""

from recommender.skills.importing import cells
from recommender.skills.importing.results import Rejects, importing
from recommender.skills.importing.rows import CsvRows
from recommender.skills.importing.tables import Column, Table
from recommender.skills.importing.upsert import upsert
from recommender.skills.models import Discipline, Framework, Skill


def name_columns(en, zh_hant, zh_hans):
    """The three names of a thing, with examples."""
    return (
        Column("name_en", "name in English", en, cells.text(200), required=True),
        Column("name_zh_hant", "name in Traditional Chinese", zh_hant, cells.text(200), empty=""),
        Column("name_zh_hans", "name in Simplified Chinese", zh_hans, cells.text(200), empty=""),
    )


FRAMEWORK = (
    Column(
        "framework",
        "published framework it is taken from: esco, onet, or empty for our own",
        "esco",
        cells.choice(Framework),
        empty="",
    ),
    Column("framework_code", "its code there", "", cells.text(64), empty=""),
    Column(
        "framework_url",
        "its address there",
        "http://data.europa.eu/esco/skill/3a2d5b45",
        cells.web_address(300),
        empty="",
    ),
)
FRAMEWORK_GROUP = tuple(column.name for column in FRAMEWORK)


def check_framework(values):
    """A code or an address belongs to a framework."""
    if not values.get("framework") and (values.get("framework_code") or values.get("framework_url")):
        return "framework", cells.must_be_filled_with("framework_code, framework_url")
    return None


SKILLS = Table(
    "skills",
    "Skills, one a row; `slug` tells one from another.",
    (
        Column("slug", "short name in Latin letters", "machine-learning", cells.slug(120), required=True),
        *name_columns("machine learning", "機器學習", "机器学习"),
        Column(
            "discipline",
            "one of: " + ", ".join(Discipline.values),
            "machine_learning",
            cells.choice(Discipline),
            required=True,
        ),
        *FRAMEWORK,
        Column(
            "aliases",
            "other names, separated by semicolons",
            "ML;statistical learning",
            cells.text(200),
            several=True,
        ),
    ),
    key=("slug",),
    together=(FRAMEWORK_GROUP,),
    check=check_framework,
)


def import_skills(file, *, strict=False, dry_run=False, rejects=None, progress=None):
    """Adds and changes skills; returns an ImportResult. Raises ImportRefusedError when nothing went in."""
    rejects = rejects or Rejects()
    with importing(rejects, strict=strict, dry_run=dry_run):
        rows = CsvRows(file, SKILLS, rejects, progress=progress)
        upsert(Skill, rows)
    return rows.result
