"""Keeps what courses are found by: `Course.searched_title` and `Course.searched_rest`."""

from collections import defaultdict

from django.core.cache import cache
from django.db.models.signals import post_delete, post_migrate, post_save
from django.dispatch import receiver

from recommender.catalogue.models import Course, CourseSkill, Provider
from recommender.catalogue.search import KNOWN_WORDS
from recommender.catalogue.search_texts import normalised
from recommender.catalogue.taught import TAUGHT
from recommender.skills.importing.upsert import imported
from recommender.skills.models import Skill

LANGUAGES = ("en", "zh_hant", "zh_hans")
NAMES = tuple(f"name_{language}" for language in LANGUAGES)
BATCH = 500


def index(courses):
    """Brings the searched texts of a queryset of courses up to date, a batch at a time."""
    ids = list(courses.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), BATCH):
        _index_batch(ids[first : first + BATCH])
    cache.delete_many([KNOWN_WORDS, TAUGHT])


def _index_batch(ids):
    taught = defaultdict(list)
    names = (*(f"skill__{name}" for name in NAMES), "skill__aliases")
    for course, *said, aliases in (
        CourseSkill.objects.counted().filter(course__in=ids).values_list("course", *names)
    ):
        taught[course] += [*said, *aliases]
    changed = []
    for course in Course.objects.filter(pk__in=ids).select_related("provider"):
        texts = _searched(course, taught[course.pk])
        if texts != (course.searched_title, course.searched_rest):
            course.searched_title, course.searched_rest = texts
            changed.append(course)
    Course.objects.bulk_update(changed, ["searched_title", "searched_rest"])


def _searched(course, taught):
    titles = [getattr(course, f"title_{language}") for language in LANGUAGES]
    descriptions = [getattr(course, f"description_{language}") for language in LANGUAGES]
    providers = [getattr(course.provider, name) for name in NAMES]
    # A line break between texts, so that no word runs from one into the next.
    return normalised("\n".join([*titles, course.code])), normalised(
        "\n".join([*providers, *taught, *descriptions])
    )


@receiver(post_save, sender=Course)
def course_saved(instance, **_kwargs):
    index(Course.objects.filter(pk=instance.pk))


@receiver([post_save, post_delete], sender=CourseSkill)
def course_skill_changed(instance, **_kwargs):
    index(Course.objects.filter(pk=instance.course_id))


@receiver(post_save, sender=Provider)
def provider_saved(instance, **_kwargs):
    index(Course.objects.filter(provider=instance))


@receiver(post_save, sender=Skill)
def skill_saved(instance, **_kwargs):
    index(Course.objects.filter(pk__in=CourseSkill.objects.filter(skill=instance).values("course")))


@receiver(imported)
def table_imported(sender, **_kwargs):
    """Rows written in bulk send no signal of their own."""
    if sender in (Course, CourseSkill, Provider, Skill):
        index(Course.objects.all())


@receiver(post_migrate)
def never_indexed(sender, **_kwargs):
    """Courses from before they were searched this way."""
    if sender.label == Course._meta.app_label:
        index(Course.objects.filter(searched_title=""))
