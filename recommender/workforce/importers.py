"""Sectors, roles, the skills that roles need, demand and graduates, from CSV files."""

from django.utils.translation import gettext as _

from recommender.skills.importers import FRAMEWORK, FRAMEWORK_GROUP, check_framework, name_columns
from recommender.skills.importing import cells
from recommender.skills.importing.results import Rejects, importing
from recommender.skills.importing.rows import CsvRows
from recommender.skills.importing.tables import Column, Table
from recommender.skills.importing.upsert import upsert
from recommender.skills.models import Skill
from recommender.workforce.models import Demand, Graduates, Role, RoleSkill, Sector

SECTORS = Table(
    "sectors",
    "Sectors (--sectors), one a row; `slug` tells one from another.",
    (
        Column("slug", "short name in Latin letters", "finance", cells.slug(64), required=True),
        *name_columns("Finance", "金融", "金融"),
    ),
    key=("slug",),
)
ROLES = Table(
    "roles",
    "Roles (--roles), one a row; `slug` tells one from another.",
    (
        Column("slug", "short name in Latin letters", "data-scientist", cells.slug(64), required=True),
        *name_columns("Data scientist", "數據科學家", "数据科学家"),
        *FRAMEWORK,
        Column("sectors", "slugs, separated by semicolons", "finance;retail", lookup="sector", several=True),
        Column("note", "such as how near the framework's role is", "", empty=""),
    ),
    key=("slug",),
    together=(FRAMEWORK_GROUP,),
    check=check_framework,
)
ROLE_SKILLS = Table(
    "role skills",
    "Skills that roles need (--role-skills), a row for each role and skill.",
    (
        Column("role", "slug", "data-scientist", lookup="role", required=True, to="role_id"),
        Column("skill", "slug", "machine-learning", lookup="skill", required=True, to="skill_id"),
        Column("importance", "from 0 to 1", "0.9", cells.share, required=True),
        Column("level", "level needed, 1 to 5", "4", cells.whole_number(1, 5), required=True),
        Column("source", "who says so", "O*NET 29.2: in demand", empty=""),
    ),
    key=("role_id", "skill_id"),
)


def check_figure(values):
    if values.get("role_id") and values.get("skill_id"):
        return "skill", cells.must_be_empty_with("role")
    if values["measure"] == Demand.Measure.OPENINGS and values["value"] < 0:
        return "value", _("must be 0 or more for openings")
    return None


DEMAND = Table(
    "demand",
    "Demand (--demand), a counted figure a row, about a role or a skill, a sector, both, or (with none of "
    "them) the whole market. The same subject, measure, description, period and source are the same figure.",
    (
        Column("role", "slug, or empty", "data-scientist", lookup="role", to="role_id"),
        Column("skill", "slug, or empty", "", lookup="skill", to="skill_id"),
        Column("sector", "slug, or empty", "finance", lookup="sector", to="sector_id"),
        Column(
            "measure",
            "one of: " + ", ".join(Demand.Measure.values),
            "counted_postings",
            cells.choice(Demand.Measure),
            required=True,
        ),
        Column(
            "description",
            "what was counted, in the words of the source",
            "postings naming the role",
            cells.text(200),
            required=True,
        ),
        Column("value", "the figure", "120", cells.decimal, required=True),
        Column("unit", "what it counts", "postings", cells.text(32), required=True),
        Column("period", "as the source states it", "September 2026", cells.text(64), required=True),
        Column("source_url", "where it stands", "https://example.hk/2026", cells.text(500), required=True),
        Column("source_date", "date of the source", "2026-10-02", cells.day),
        Column("note", "what a reader should know", "", empty=""),
    ),
    key=("source_url", "role_id", "skill_id", "sector_id", "measure", "description", "period"),
    check=check_figure,
)
GRADUATES = Table(
    "graduates",
    "Graduates (--graduates), a row for each role, sector and period: people who leave school or training "
    "for the role, besides the learners of this site.",
    (
        Column("role", "slug", "data-scientist", lookup="role", required=True, to="role_id"),
        Column("sector", "slug, or empty for all sectors", "", lookup="sector", to="sector_id"),
        Column(
            "period",
            "in the words of the openings that they are set against",
            "2027",
            cells.text(64),
            required=True,
        ),
        Column("count", "how many", "40", cells.whole_number(0, 2**31 - 1), required=True),
        Column("source_url", "where it stands", "https://example.hk/2026", cells.text(500), required=True),
        Column("source_date", "date of the source", "2026-10-02", cells.day),
        Column("note", "what a reader should know", "", empty=""),
    ),
    key=("role_id", "sector_id", "period"),
)


def import_workforce(
    *,
    sectors=None,
    roles=None,
    role_skills=None,
    demand=None,
    graduates=None,
    strict=False,
    dry_run=False,
    rejects=None,
    progress=None,
):
    """Adds and changes what the given files hold, in this order; returns an ImportResult for each.

    Raises ImportRefusedError when nothing went in.
    """
    rejects = rejects or Rejects()
    steps = (
        (SECTORS, Sector, sectors),
        (ROLES, Role, roles),
        (ROLE_SKILLS, RoleSkill, role_skills),
        (DEMAND, Demand, demand),
        (GRADUATES, Graduates, graduates),
    )
    results = []
    with importing(rejects, strict=strict, dry_run=dry_run):
        for table, model, file in steps:
            if file is not None:
                rows = CsvRows(file, table, rejects, lookups=_lookups(), progress=progress)
                upsert(model, rows)
                results.append(rows.result)
    return results


def _lookups():
    models = {"role": Role, "skill": Skill, "sector": Sector}
    return {name: dict(model.objects.values_list("slug", "pk")) for name, model in models.items()}
