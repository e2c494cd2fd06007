import pytest
from django.core.management import CommandError, call_command

from recommender.workforce.importers import import_workforce
from recommender.workforce.models import Demand, Graduates, Role, RoleSkill
from tests.csv_files import CsvFile, problems
from tests.factories import make_role, make_sector, make_skill

pytestmark = pytest.mark.django_db

SECTORS = "slug,name_en,name_zh_hant\nfinance,Finance,金融\nretail,Retail,零售\n"
ROLES = "slug,name_en,sectors\nquant,Quant,finance; retail\nanalyst,Analyst,\n"
ROLE_SKILLS = "role,skill,importance,level,source\nquant,python,0.9,4,O*NET\n"
DEMAND_HEADER = "role,skill,sector,measure,description,value,unit,period,source_url,source_date"
DEMAND = f"""\
{DEMAND_HEADER}
quant,,finance,counted_postings,postings naming it,120,postings,2026,https://example.hk,2026-10-02
,,,manpower_shortage,projected shortage,180000,workers,2028,https://example.hk,
"""


def all_files():
    return {
        "sectors": CsvFile(SECTORS),
        "roles": CsvFile(ROLES),
        "role_skills": CsvFile(ROLE_SKILLS),
        "demand": CsvFile(DEMAND),
    }


def test_all_files_in_their_order():
    make_skill("python")
    assert [result.added for result in import_workforce(**all_files())] == [2, 2, 1, 2]
    quant = Role.objects.get(slug="quant")
    assert sorted(quant.sectors.values_list("slug", flat=True)) == ["finance", "retail"]
    assert (quant.skills_needed.get().importance, quant.skills_needed.get().level) == (0.9, 4)
    assert Demand.objects.get(role=quant).value == 120
    assert Demand.objects.get(role=None, sector=None).unit == "workers"


def test_again_changes_nothing():
    make_skill("python")
    import_workforce(**all_files())
    for result in import_workforce(**all_files()):
        assert (result.added, result.changed, result.rejected) == (0, 0, 0), result


def test_sectors_of_a_role_are_added_and_taken_away():
    make_sector("finance")
    make_sector("retail")
    import_workforce(roles=CsvFile(ROLES))
    (result,) = import_workforce(
        roles=CsvFile("slug,name_en,sectors\nquant,Quant,retail\nanalyst,Analyst,retail\n")
    )
    assert (result.changed, result.unchanged) == (2, 0)
    assert [sector.slug for sector in Role.objects.get(slug="quant").sectors.all()] == ["retail"]


def test_a_file_without_sectors_leaves_them():
    import_workforce(sectors=CsvFile(SECTORS), roles=CsvFile(ROLES))
    import_workforce(roles=CsvFile("slug,name_en\nquant,Quantitative analyst\n"))
    assert Role.objects.get(slug="quant").sectors.count() == 2


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("nobody,python,0.5,3", "role", "is not a known role"),
        ("quant,magic,0.5,3", "skill", "is not a known skill"),
        ("quant,python,1.5,3", "importance", "from 0 to 1"),
        ("quant,python,0.5,6", "level", "from 1 to 5"),
        ("quant,python,0.5,", "level", "must be filled"),
    ],
)
def test_a_bad_role_skill(row, column, words):
    make_role("quant")
    make_skill("python")
    file = CsvFile(f"role,skill,importance,level\n{row}\n")
    ((line, named, _value),), reasons = problems(import_workforce, role_skills=file)
    assert (line, named) == (2, column)
    assert words in reasons
    assert not RoleSkill.objects.exists()


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("quant,python,,openings,jobs,1,jobs,2026,x,", "skill", "must be empty where this is filled: role"),
        ("quant,,,postings,jobs,1,jobs,2026,x,", "measure", "must be one of: openings, vacancies"),
        ("quant,,,openings,jobs,many,jobs,2026,x,", "value", "such as 1250"),
        ("quant,,,openings,jobs,-1,jobs,2026,x,", "value", "0 or more for openings"),
        ("quant,,,openings,jobs,1,jobs,2026,,", "source_url", "must be filled"),
        ("quant,,,openings,jobs,1,jobs,2026,x,1753-01-01", "source_date", "1990 to 2100"),
    ],
)
def test_a_bad_demand_figure(row, column, words):
    make_role("quant")
    make_skill("python")
    ((line, named, _value),), reasons = problems(
        import_workforce, demand=CsvFile(f"{DEMAND_HEADER}\n{row}\n")
    )
    assert (line, named) == (2, column)
    assert words in reasons


def test_graduates_of_a_role_sector_and_period_are_one_figure():
    role, _sector = make_role("quant"), make_sector("finance")
    header = "role,sector,period,count,source_url,source_date"
    file = f"{header}\nquant,,2027,40,https://x.hk,2026-10-02\nquant,finance,2027,15,https://x.hk,\n"
    (result,) = import_workforce(graduates=CsvFile(file))
    assert result.added == 2
    (result,) = import_workforce(graduates=CsvFile(file.replace("40", "45")))
    assert (result.added, result.changed, result.unchanged) == (0, 1, 1)
    assert Graduates.objects.get(role=role, sector=None).count == 45


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (",,2027,1,x", "role", "must be filled"),
        ("quant,,,1,x", "period", "must be filled"),
        ("quant,,2027,-1,x", "count", "whole number from 0"),
        ("quant,,2027,1,", "source_url", "must be filled"),
        ("quant,moon,2027,1,x", "sector", "is not a known sector"),
    ],
)
def test_a_bad_figure_of_graduates(row, column, words):
    make_role("quant")
    file = CsvFile(f"role,sector,period,count,source_url\n{row}\n")
    ((line, named, _value),), reasons = problems(import_workforce, graduates=file)
    assert (line, named) == (2, column)
    assert words in reasons


def test_a_figure_named_twice_is_turned_away():
    row = ",,,openings,jobs,1,jobs,2026,x,\n"
    assert problems(import_workforce, demand=CsvFile(f"{DEMAND_HEADER}\n{row}{row}")) == (
        [(3, "source_url", "x")],
        "stands on line 2 already",
    )


def test_one_bad_file_and_strict_leave_nothing(tmp_path):
    (tmp_path / "sectors.csv").write_text(SECTORS)
    (tmp_path / "roles.csv").write_text("slug,name_en,sectors\nquant,Quant,nowhere\n")
    with pytest.raises(CommandError, match=r"roles\.csv, line 2, sectors 'nowhere': is not a known sector"):
        call_command(
            "import_workforce",
            sectors=str(tmp_path / "sectors.csv"),
            roles=str(tmp_path / "roles.csv"),
            strict=True,
        )
    assert not Role.objects.exists()


def test_a_refused_second_file_takes_the_first_with_it(tmp_path):
    (tmp_path / "sectors.csv").write_text(SECTORS)
    (tmp_path / "roles.csv").write_text("name\n")
    with pytest.raises(CommandError, match="missing: slug, name_en"):
        call_command(
            "import_workforce", sectors=str(tmp_path / "sectors.csv"), roles=str(tmp_path / "roles.csv")
        )
    assert not Role.objects.exists()


def test_no_file_is_an_error():
    with pytest.raises(CommandError, match="at least one file"):
        call_command("import_workforce")
