"""A CV that is uploaded on the first visit: read for names of skills, confirmed, and never kept."""

from contextlib import suppress

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from recommender.learners.models import Learner, SkillHeld
from tests.cast import signed_in
from tests.factories import make_skill, make_user

pytestmark = pytest.mark.django_db
PAGE = "/welcome/what-i-can-do/"
TEXT = "Ann Example, 6123 4567. I write python every day, and studied Statistics."


@pytest.fixture
def new(city, settings):
    """A client who has just signed up; a file on disk would be an error, for there is no such folder."""
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"
    client = signed_in(make_user("new@example.hk"))
    Learner.objects.for_user(client.user)
    return client


def upload(client, content, name="cv.txt", **fields):
    content = content.encode() if isinstance(content, str) else content
    return client.post(PAGE, {"do": "read", "cv": SimpleUploadedFile(name, content), **fields})


def read(page):
    """The skills under the heading of the CV, with the level that each begins with."""
    groups = {str(group.title): group.form for group in page.context["page"].groups}
    return {str(field.label): field.value() for field in groups["In your CV"]}


def refusal(page):
    [error] = page.context["page"].cv.errors["cv"]
    text = page.content.decode()
    assert "There is a problem" in text
    assert '<a href="#id_cv">' in text
    return str(error)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cv.txt", TEXT),
        ("CV.TXT", TEXT.encode("utf-8-sig")),
        ("cv.txt", TEXT.encode("utf-16")),
        ("cv.csv", "skill,years\nPython,4\n統計學,2\n"),
        ("履歷.txt", "五年 Python 經驗，主修統計學。"),
    ],
)
def test_names_of_skills_are_found(new, name, content):
    assert read(upload(new, content, name)) == {"Python": "", "statistics": ""}


def test_what_is_found_counts_once_it_is_confirmed(city, new):
    fields = {f"level-{city.python.pk}": 5, f"level-{city.statistics.pk}": 0}
    assert read(upload(new, TEXT, **fields)) == {"Python": 5, "statistics": ""}
    assert not SkillHeld.objects.filter(learner__user=new.user).exists()
    new.post(PAGE, {f"level-{city.python.pk}": "4", f"level-{city.statistics.pk}": "0"})
    held = SkillHeld.objects.filter(learner__user=new.user)
    assert list(held.values_list("skill", "level")) == [(city.python.pk, 4)]


def test_a_level_that_the_cv_does_not_say_has_to_be_chosen(city, new):
    levels = [f"level-{skill.pk}" for skill in (city.python, city.statistics)]
    page = new.post(PAGE, {levels[0]: "", levels[1]: "2"})
    text = page.content.decode()
    assert "Choose a level." in text
    assert f'<a href="#id_{levels[0]}">' in text
    assert not SkillHeld.objects.filter(learner__user=new.user).exists()
    # A search in between neither complains nor loses them.
    page = new.post(PAGE, {"do": "show", "q": "zzz", levels[0]: "", levels[1]: "2"})
    assert read(page) == {"Python": ""}
    assert "There is a problem" not in page.content.decode()
    new.post(PAGE, {levels[0]: "0", levels[1]: "2"})
    held = SkillHeld.objects.filter(learner__user=new.user)
    assert list(held.values_list("skill", "level")) == [(city.statistics.pk, 2)]


def test_only_skills_that_a_course_or_a_role_names_are_found(new):
    make_skill(name_en="Juggling")
    page = upload(new, "Juggling")
    assert page.context["page"].in_cv == []
    assert "We found no skill in your CV" in page.content.decode()


def everything_stored():
    return {model: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


@pytest.mark.parametrize("content", [TEXT, TEXT * 3_000, TEXT * 60_000])
def test_nothing_of_it_is_kept(new, var, monkeypatch, content):
    """Neither in a row, nor on a disk, nor in the cache, the session or the page: whatever its size."""
    written = []
    monkeypatch.setattr(cache, "set", lambda key, *args, **kwargs: written.append(key))
    before = everything_stored()
    page = upload(new, content)
    assert page.status_code == 200
    assert everything_stored() == before
    assert written == []
    for private in ("Ann Example", "6123 4567"):
        assert private not in page.content.decode()
    with suppress(FileNotFoundError):
        assert list(var.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "cv.pdf",
            b"%PDF-1.7",
            "cv.pdf is a PDF, which we cannot read. Open it, select all of its text",
        ),
        ("cv.PDF", b"%PDF-1.7", "cv.PDF is a PDF, which we cannot read."),
        (
            "cv.docx",
            b"PK",
            "cv.docx is a document with layout, which we cannot read. Open it, choose",
        ),
        ("cv.odt", b"PK", "cv.odt is a document with layout, which we cannot read."),
        ("cv.exe", b"MZ", "cv.exe is no .txt or .csv file."),
        ("cv", b"Python", "cv is no .txt or .csv file."),
        ("cv.txt", b"Python " * 30_000, "cv.txt has 206 KB. Choose a file of at most 200 KB."),
        ("cv.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "cv.txt cannot be read as text."),
        ("cv.txt", b"Python\x00", "cv.txt cannot be read as text."),
        ("cv.txt", "統計學".encode("big5"), "cv.txt cannot be read as text."),
        ("cv.txt", b"", "The submitted file is empty."),
        ("cv.txt", b"x" * 3_000_000, "Choose a .txt or .csv file of at most 200 KB."),
    ],
)
def test_what_is_no_small_text_file_is_refused(new, name, content, words):
    assert refusal(upload(new, content, name)).startswith(words)


def test_the_largest_file_is_read(new):
    content = "Python. ".ljust(200 * 1024, "x")
    assert read(upload(new, content)) == {"Python": ""}


def test_no_file_at_all_is_said(new):
    assert refusal(new.post(PAGE, {"do": "read"})) == "Choose a .txt or .csv file of at most 200 KB."


def test_a_file_that_was_not_read_yet_is_read_before_anything_is_saved(city, new):
    page = new.post(PAGE, {"cv": SimpleUploadedFile("cv.txt", b"Python"), f"level-{city.statistics.pk}": "2"})
    assert read(page) == {"Python": ""}
    assert not SkillHeld.objects.filter(learner__user=new.user).exists()


def test_the_page_says_that_it_is_not_kept(new):
    assert "The file is not kept" in new.get(PAGE).content.decode()


def test_the_page_says_beforehand_what_cannot_be_read(new):
    assert "PDF and Word files cannot be read: copy or save their text" in new.get(PAGE).content.decode()
