"""Courses that must be completed before others: never in a circle, or nobody could begin."""

from graphlib import CycleError, TopologicalSorter

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommender.catalogue.models import Course, Prerequisite


def find_circle(requires):
    """A chain in which each key requires the next and the last is the first again; None if there is none.

    `requires` maps a key to the keys that it requires.
    """
    try:
        TopologicalSorter(requires).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return None


def refuse_circle(course, required):
    """Raises ValidationError, naming the chain, if `course` cannot come to require just these courses."""
    pairs = Prerequisite.objects.filter(required_course__isnull=False).exclude(course=course)
    requires = {course.pk: [other.pk for other in required]}
    for pk, required_pk in pairs.values_list("course", "required_course"):
        requires.setdefault(pk, []).append(required_pk)
    if circle := find_circle(requires):
        titles = Course.objects.in_bulk(circle)
        raise ValidationError(
            _("These courses would require each other in a circle: %(chain)s."),
            code="circle",
            params={"chain": " → ".join(f"{titles[pk]} ({titles[pk].code})" for pk in circle)},
        )
