from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from recommender.learners.importers import import_enrolments
from recommender.learners.models import Enrolment, Learner
from recommender.skills.importing.results import ImportRefusedError
from tests.csv_files import CsvFile, problems, zipped
from tests.factories import make_course, make_enrolment, make_learner, make_user

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def courses():
    return {code: make_course(code) for code in ("a", "b", "c")}


def run(content, **options):
    options.setdefault("source", "hku-space")
    result = import_enrolments(CsvFile(content), **options)
    return result.added, result.changed, result.unchanged, result.rejected


def stored():
    return list(
        Enrolment.objects.order_by("id").values_list("learner__external_id", "course__code", "status")
    )


def forget_changes():
    Learner.objects.update(changed_at=LONG_AGO)


def changed_learners():
    changed = Learner.objects.filter(changed_at__gt=LONG_AGO)
    return sorted(changed.values_list("external_id", flat=True))


def test_the_order_of_the_file_is_kept():
    content = "learner,course\ny,c\nx,b\ny,a\nx,a\n"
    assert run(content) == (4, 0, 0, 0)
    assert stored() == [
        ("y", "c", "enrolled"),
        ("x", "b", "enrolled"),
        ("y", "a", "enrolled"),
        ("x", "a", "enrolled"),
    ]
    assert list(Learner.objects.order_by("id").values_list("external_id", flat=True)) == ["y", "x"]
    assert set(Enrolment.objects.values_list("at", flat=True)) == {None}


def test_again_changes_nothing_and_touches_nobody():
    content = "learner,course,status,at\nx,a,completed,2026-03-01T19:00\nx,b,,\n"
    run(content)
    ids = list(Enrolment.objects.order_by("id").values_list("id", flat=True))
    forget_changes()
    result = import_enrolments(zipped(content), source="hku-space")
    assert (result.added, result.changed, result.unchanged) == (0, 0, 2)
    assert list(Enrolment.objects.order_by("id").values_list("id", flat=True)) == ids
    assert changed_learners() == []


def test_a_changed_status_and_time_are_taken_over():
    run("learner,course,status,at\nx,a,enrolled,2026-03-01\ny,a,enrolled,2026-03-01\nz,a,saved,\n")
    forget_changes()
    content = (
        "learner,course,status,at\nx,a,completed,2026-03-01\ny,a,enrolled,2026-03-01\nz,a,saved,2026-03-02\n"
    )
    assert run(content) == (0, 2, 1, 0)
    assert stored()[0] == ("x", "a", "completed")
    at = Enrolment.objects.get(learner__external_id="z").at
    assert timezone.localtime(at).isoformat() == "2026-03-02T00:00:00+08:00"
    assert changed_learners() == ["x", "z"]


def test_columns_that_the_file_lacks_stay():
    run("learner,course,status,at\nx,a,completed,2026-03-01\n")
    assert run("learner,course\nx,a\n") == (0, 0, 1, 0)
    assert run("learner,course,status\nx,a,dropped\n") == (0, 1, 0, 0)
    assert Enrolment.objects.get().at is not None


def test_sources_do_not_mix():
    run("learner,course\nx,a\n")
    assert run("learner,course\nx,a\n", source="vtc") == (1, 0, 0, 0)
    assert Learner.objects.count() == 2


def test_one_learner_gets_one_more_course():
    run("learner,course\nx,a\ny,a\n")
    forget_changes()
    assert run("learner,course\nx,a\ny,a\ny,b\n") == (1, 0, 2, 0)
    assert changed_learners() == ["y"]


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        ("x,nowhere,,", "course", "nowhere", "is not a known course"),
        (",a,,", "learner", "", "must be filled"),
        ("x,a,passed,", "status", "passed", "must be one of: saved, enrolled, completed, dropped"),
        ("x,a,,1753-01-01", "at", "1753-01-01", "1990 to 2100"),
        ("x,a,,soon", "at", "soon", "must be a time such as"),
        (f"{'x' * 121},a,,", "learner", "x" * 80, "at most 120 characters"),
        ("x,a", "", "", "has 2 fields where the header names 4"),
        ("y,b,,", "course", "b", "the learner has this course on line 2 already"),
    ],
)
def test_a_bad_row(row, column, value, words):
    content = f"learner,course,status,at\ny,b,enrolled,\n{row}\nz,b,enrolled,\n"
    places, reasons = problems(import_enrolments, CsvFile(content), source="vtc")
    assert places == [(3, column, value)]
    assert words in reasons
    assert stored() == [("y", "b", "enrolled"), ("z", "b", "enrolled")]


def test_repeated_rows_keep_the_first_and_count():
    content = "learner,course,status\nx,a,enrolled\nx,b,\nx,a,completed\nx,a,dropped\n"
    assert run(content) == (2, 0, 0, 2)
    assert stored() == [("x", "a", "enrolled"), ("x", "b", "enrolled")]


def test_strict_leaves_nothing():
    with pytest.raises(ImportRefusedError, match="line 3, course 'nowhere'"):
        run("learner,course\nx,a\nx,nowhere\n", strict=True)
    assert not Learner.objects.exists()


def test_dry_run_leaves_nothing():
    assert run("learner,course\nx,a\n", dry_run=True) == (1, 0, 0, 0)
    assert not Learner.objects.exists()


def test_more_rows_than_a_batch():
    rows = "".join(f"l{number},{'abc'[number % 3]}\n" for number in range(25_000))
    assert run("learner,course\n" + rows) == (25_000, 0, 0, 0)
    assert run("learner,course\n" + rows) == (0, 0, 25_000, 0)


class TestConsent:
    def test_with_the_partners_consent(self):
        run("learner,course\nx,a\n", consented_on=date(2024, 5, 1))
        learner = Learner.objects.get()
        assert learner.consents_to_profiling
        assert timezone.localtime(learner.profiling_decided_at).date() == date(2024, 5, 1)

    def test_without_it(self):
        run("learner,course\nx,a\n")
        learner = Learner.objects.get()
        assert not learner.consents_to_profiling
        assert learner.profiling_decided_at is None

    def test_it_may_come_later_and_is_news(self):
        run("learner,course\nx,a\n")
        forget_changes()
        run("learner,course\nx,a\n", consented_on=date(2024, 5, 1))
        assert Learner.objects.get().consents_to_profiling
        assert changed_learners() == ["x"]

    def test_who_decided_is_left_alone(self):
        learner = make_learner(source="hku-space", external_id="x", consents=False)
        Learner.objects.update(profiling_decided_at=LONG_AGO)
        run("learner,course\nx,a\n", consented_on=date(2024, 5, 1))
        learner.refresh_from_db()
        assert not learner.consents_to_profiling
        assert learner.profiling_decided_at == LONG_AGO

    def test_consent_once_given_is_not_taken_back_by_a_file(self):
        run("learner,course\nx,a\n", consented_on=date(2024, 5, 1))
        run("learner,course\nx,a\n")
        assert Learner.objects.get().consents_to_profiling

    def test_who_has_an_account_decides_there(self):
        Learner.objects.create(user=make_user(), source="hku-space", external_id="x")
        run("learner,course\nx,a\n", consented_on=date(2024, 5, 1))
        learner = Learner.objects.get()
        assert not learner.consents_to_profiling
        assert learner.enrolments.count() == 1

    def test_not_on_a_day_to_come(self):
        with pytest.raises(ImportRefusedError, match="a day to come"):
            run("learner,course\nx,a\n", consented_on=date(2090, 1, 1))


def test_what_others_did_stays(courses):
    other = make_learner(source="vtc", external_id="x")
    make_enrolment(other, courses["a"], "completed")
    forget_changes()
    run("learner,course\nx,a\nx,b\n")
    assert list(other.enrolments.values_list("status", flat=True)) == ["completed"]
    other.refresh_from_db()
    assert other.changed_at == LONG_AGO


def test_progress_ends_with_saving():
    seen = []
    run("learner,course\nx,a\n", progress=lambda *step: seen.append(step))
    assert seen[-1] == ("saving", 5, 5)


class TestCommand:
    @pytest.fixture
    def file(self, tmp_path):
        file = tmp_path / "history.csv"
        file.write_text("learner,course\nx,a\nx,nowhere\n")
        return str(file)

    def test_it_tells_what_it_did(self, file, capsys):
        call_command("import_enrolments", file, "--source=vtc", "--consented-on=2024-05-01")
        printed = capsys.readouterr()
        assert printed.out == "history.csv: 1 added, 0 changed, 0 unchanged, 1 rejected\n"
        assert "history.csv, line 3, course 'nowhere': is not a known course" in printed.err

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--no-consent"], "--source"),
            (["--source=vtc"], "--consented-on --no-consent"),
            (["--source=vtc", "--no-consent", "--consented-on=2024-05-01"], "not allowed with"),
            (["--source=vtc", "--consented-on=yesterday"], "not a date such as 2026-09-01"),
            (["--source=", "--no-consent"], "1 to 64 characters"),
        ],
    )
    def test_source_and_consent_must_be_said(self, file, arguments, words):
        with pytest.raises(CommandError, match=words):
            call_command("import_enrolments", file, *arguments)
        assert not Learner.objects.exists()
