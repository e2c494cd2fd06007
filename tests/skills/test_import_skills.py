"""Skills by function and by command: again changes nothing, absent columns stay, bad rows are kept."""

import csv

import pytest
from django.core.management import CommandError, call_command

from recommender.skills.importers import import_skills
from recommender.skills.importing.results import ImportRefusedError
from recommender.skills.models import Skill
from tests.csv_files import CsvFile, problems, zipped

pytestmark = pytest.mark.django_db

SKILLS = """\
slug,name_en,name_zh_hant,discipline,framework,framework_code,framework_url,aliases
python,Python,,programming,esco,,http://data.europa.eu/esco/skill/1,NumPy; pandas
nlp,natural language processing,自然語言處理,nlp,,,,
"""
WITH_BAD_ROW = "slug,name_en,discipline\ngood,Good,nlp\nbad,Bad,magic\n"


def counts(result):
    return result.added, result.changed, result.unchanged, result.rejected


def test_import():
    assert counts(import_skills(CsvFile(SKILLS))) == (2, 0, 0, 0)
    python = Skill.objects.get(slug="python")
    assert (python.name_en, python.framework, python.aliases) == ("Python", "esco", ["NumPy", "pandas"])
    assert Skill.objects.get(slug="nlp").name_zh_hant == "自然語言處理"


def test_again_changes_nothing():
    import_skills(CsvFile(SKILLS))
    assert counts(import_skills(zipped(SKILLS))) == (0, 0, 2, 0)


def test_a_changed_row_is_changed_and_absent_columns_stay():
    import_skills(CsvFile(SKILLS))
    changed = CsvFile("slug,name_en,discipline\nnlp,language processing,nlp\npython,Python,programming\n")
    assert counts(import_skills(changed)) == (0, 1, 1, 0)
    nlp = Skill.objects.get(slug="nlp")
    assert (nlp.name_en, nlp.name_zh_hant) == ("language processing", "自然語言處理")


def test_an_empty_cell_empties():
    import_skills(CsvFile(SKILLS))
    import_skills(CsvFile("slug,name_en,discipline,aliases\npython,Python,programming,\n"))
    assert Skill.objects.get(slug="python").aliases == []


def test_more_rows_than_a_batch():
    rows = "".join(f"s{number},S {number},nlp\n" for number in range(1234))
    file = "slug,name_en,discipline\n" + rows
    assert counts(import_skills(CsvFile(file))) == (1234, 0, 0, 0)
    assert counts(import_skills(CsvFile(file))) == (0, 0, 1234, 0)


def test_a_code_needs_its_framework():
    file = "slug,name_en,discipline,framework,framework_code,framework_url\na,A,nlp,,S1,\nb,B,nlp,onet,2.A,\n"
    assert problems(import_skills, CsvFile(file)) == (
        [(2, "framework", "")],
        "must be filled where these are: framework_code, framework_url",
    )


def test_good_rows_go_in_unless_strict():
    assert counts(import_skills(CsvFile(WITH_BAD_ROW))) == (1, 0, 0, 1)
    Skill.objects.all().delete()
    with pytest.raises(ImportRefusedError, match=r"1 row is wrong\. file\.csv, line 3, discipline 'magic'"):
        import_skills(CsvFile(WITH_BAD_ROW), strict=True)
    assert not Skill.objects.exists()


def test_dry_run_counts_and_changes_nothing():
    assert counts(import_skills(CsvFile(SKILLS), dry_run=True)) == (2, 0, 0, 0)
    assert not Skill.objects.exists()


def test_command(tmp_path, capsys, var):
    file = tmp_path / "skills.csv"
    file.write_text(WITH_BAD_ROW)
    call_command("import_skills", str(file))
    printed = capsys.readouterr()
    assert printed.out == "skills.csv: 1 added, 0 changed, 0 unchanged, 1 rejected\n"
    assert "skills.csv, line 3, discipline 'magic': must be one of: ai_governance, " in printed.err
    (rejects,) = (var / "rejects").iterdir()
    assert str(rejects) in printed.err
    with open(rejects, encoding="utf-8-sig", newline="") as written:
        (row,) = csv.DictReader(written)
    assert row["reason"].startswith("must be one of: ")
    del row["reason"]
    assert row == {
        "file": "skills.csv",
        "line": "3",
        "column": "discipline",
        "value": "magic",
        "row": "bad,Bad,magic",
    }


def test_rejects_keep_the_bytes_that_came(tmp_path):
    file, rejects = tmp_path / "skills.csv", tmp_path / "rejects.csv"
    bad = b"x," + "統計".encode("big5") + b",nlp"
    file.write_bytes(b"slug,name_en,discipline\n" + bad + b"\n")
    call_command("import_skills", str(file), rejects=str(rejects))
    assert bad in rejects.read_bytes()


def test_no_rejects_file_without_bad_rows(tmp_path, var):
    file = tmp_path / "skills.csv"
    file.write_text(SKILLS)
    call_command("import_skills", str(file))
    assert not (var / "rejects").exists()


def test_many_problems_are_summed_up(tmp_path, capsys):
    file = tmp_path / "skills.csv"
    file.write_text("slug,name_en,discipline\n" + "a b,A,nlp\n" * 50)
    call_command("import_skills", str(file))
    assert "... and 30 more." in capsys.readouterr().err


def test_a_refused_file_is_a_plain_error(tmp_path):
    file = tmp_path / "skills.csv"
    file.write_text("")
    with pytest.raises(CommandError, match=r"Nothing was imported\. skills\.csv is empty"):
        call_command("import_skills", str(file))


def test_dry_run_of_the_command(tmp_path, capsys):
    file = tmp_path / "skills.csv"
    file.write_text(SKILLS)
    call_command("import_skills", str(file), dry_run=True)
    assert "Nothing was changed: this was a dry run." in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", ["import_skills", "import_workforce", "import_catalogue", "import_enrolments"]
)
def test_help_teaches(command, capsys):
    with pytest.raises(SystemExit):
        call_command(command, "--help")
    printed = capsys.readouterr().out
    assert "(required)" in printed
    assert "For example:" in printed
    assert "a killed import leaves everything as it was" in " ".join(printed.split())
