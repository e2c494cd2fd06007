import csv
import io

import pytest
from django.core.management import call_command

from recommender.skills.models import Skill
from recommender.workforce.esco import import_esco
from recommender.workforce.models import Role, RoleSkill
from tests.csv_files import CsvFile, problems, zipped
from tests.factories import make_role, make_skill

pytestmark = pytest.mark.django_db
HOST = "http://data.europa.eu/esco"


def table(*rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


SKILLS = table(
    ["conceptUri", "skillType", "reuseLevel", "preferredLabel", "altLabels", "description"],
    [f"{HOST}/skill/1", "knowledge", "cross-sector", "machine learning", "ML\nstatistical learning\nml", "x"],
    [f"{HOST}/skill/2", "knowledge", "sector-specific", "Haskell", "Haskell", "The programming of Haskell."],
    [f"{HOST}/skill/3", "", "sector-specific", "bake bread", "", ""],
)
OCCUPATIONS = table(
    ["conceptUri", "code", "iscoGroup", "preferredLabel", "altLabels", "description"],
    [f"{HOST}/occupation/1", "2511.4", "2511", "data scientist", "data expert", "Finds out."],
    [f"{HOST}/occupation/2", "2512.4", "2512", "software developer", "", ""],
)
RELATIONS = table(
    ["occupationUri", "relationType", "skillType", "skillUri"],
    [f"{HOST}/occupation/1", "essential", "knowledge", f"{HOST}/skill/1"],
    [f"{HOST}/occupation/1", "optional", "knowledge", f"{HOST}/skill/2"],
    [f"{HOST}/occupation/2", "essential", "", f"{HOST}/skill/2"],
)


def all_files(pack=CsvFile):
    return {"skills": pack(SKILLS), "occupations": pack(OCCUPATIONS), "relations": pack(RELATIONS)}


def counts(results):
    return [(found.added, found.changed, found.unchanged, found.rejected) for found in results]


@pytest.mark.parametrize("pack", [CsvFile, zipped])
def test_all_three_files_as_they_are_published(pack):
    assert counts(import_esco(**all_files(pack))) == [(3, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0)]
    skill = Skill.objects.get(slug="machine-learning")
    assert (skill.name_en, skill.framework, skill.framework_url) == (
        "machine learning",
        "esco",
        f"{HOST}/skill/1",
    )
    assert skill.aliases == ["ML", "statistical learning"]
    role = Role.objects.get(slug="data-scientist")
    assert (role.framework, role.framework_code, role.framework_url) == (
        "esco",
        "2511.4",
        f"{HOST}/occupation/1",
    )
    needed = role.skills_needed.order_by("-importance").values_list(
        "skill__slug", "importance", "level", "source"
    )
    assert list(needed) == [
        ("machine-learning", 1.0, 3, "ESCO: essential; level 3 assumed, ESCO states none"),
        ("haskell", 0.5, 3, "ESCO: optional; level 3 assumed, ESCO states none"),
    ]


def test_a_discipline_comes_from_words_of_the_name_then_of_the_description():
    import_esco(skills=CsvFile(SKILLS))
    assert dict(Skill.objects.values_list("slug", "discipline")) == {
        "machine-learning": "machine_learning",
        "haskell": "programming",
        "bake-bread": "other",
    }


def test_again_changes_nothing():
    import_esco(**all_files())
    assert counts(import_esco(**all_files())) == [(0, 0, 3, 0), (0, 0, 2, 0), (0, 0, 3, 0)]


def test_what_is_there_gains_other_names_and_loses_nothing():
    by_address = make_skill(
        "ml",
        name_en="Machine learning (ours)",
        name_zh_hant="機器學習",
        discipline="data_science",
        framework="esco",
        framework_url=f"{HOST}/skill/1",
        aliases=["ml", "機械學習"],
    )
    by_name = make_skill("functional", name_en="Haskell", name_zh_hans="哈斯克尔", discipline="other")
    assert counts(import_esco(skills=CsvFile(SKILLS))) == [(1, 1, 1, 0)]
    by_address.refresh_from_db()
    by_name.refresh_from_db()
    assert (by_address.name_en, by_address.name_zh_hant) == ("Machine learning (ours)", "機器學習")
    assert by_address.aliases == ["ml", "機械學習", "machine learning", "statistical learning"]
    assert by_address.discipline == "data_science"
    assert (by_name.name_zh_hans, by_name.framework_url) == ("哈斯克尔", f"{HOST}/skill/2")
    assert Skill.objects.count() == 3


def test_a_role_that_is_there_keeps_its_names_and_what_other_sources_say_it_needs():
    statistics = make_skill("statistics")
    role = make_role(
        "quant",
        name_en="Quant",
        name_zh_hant="寬客",
        framework="esco",
        framework_url=f"{HOST}/occupation/1",
        needs={statistics: (0.9, 4)},
    )
    results = import_esco(**all_files())
    role.refresh_from_db()
    assert (role.name_en, role.name_zh_hant, role.framework_code) == ("Quant", "寬客", "2511.4")
    assert [needed.skill for needed in role.skills_needed.all()] == [statistics]
    assert "1 role keeps its skills, which rest on other sources" in results[2].notes
    assert RoleSkill.objects.count() == 2


def test_a_slug_that_is_taken_gets_the_end_of_the_address():
    make_skill("haskell", name_en="Something else")
    import_esco(skills=CsvFile(SKILLS))
    assert Skill.objects.get(framework_url=f"{HOST}/skill/2").slug == "haskell-2"


def test_bad_rows_are_named_by_line_and_value():
    import_esco(skills=CsvFile(SKILLS), occupations=CsvFile(OCCUPATIONS))
    bad = table(
        ["occupationUri", "relationType", "skillUri"],
        [f"{HOST}/occupation/1", "vital", f"{HOST}/skill/1"],
        [f"{HOST}/occupation/9", "optional", f"{HOST}/skill/1"],
        [f"{HOST}/occupation/1", "optional", ""],
    )
    places, reasons = problems(import_esco, relations=CsvFile(bad))
    assert places == [
        (2, "relationType", "vital"),
        (3, "occupationUri", f"{HOST}/occupation/9"),
        (4, "skillUri", ""),
    ]
    assert "must be one of: essential, optional" in reasons
    assert "is not a known occupation" in reasons
    bad = table(["conceptUri", "preferredLabel"], ["esco:1", "x"], [f"{HOST}/skill/8", "long" * 51])
    assert problems(import_esco, skills=CsvFile(bad))[0] == [
        (2, "conceptUri", "esco:1"),
        (3, "preferredLabel", ("long" * 51)[:80]),
    ]


def test_the_command_shows_whom_to_credit(tmp_path, capsys):
    path = tmp_path / "skills.csv"
    path.write_text(SKILLS)
    call_command("import_esco", skills=path)
    assert "3 added" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("import_esco", "--help")
    assert "ESCO classification of the European Commission" in " ".join(capsys.readouterr().out.split())
