"""Courses that ask for courses must never come back to where they began."""

from collections import defaultdict

from django.utils.translation import gettext as _

from recommender.catalogue.models import Course, Prerequisite


class PrerequisiteGraph:
    """Which course asks for which, as stored and as accepted so far."""

    def __init__(self):
        self.codes = dict(Course.objects.values_list("pk", "code"))
        self.required = defaultdict(set)
        pairs = Prerequisite.objects.filter(required_course__isnull=False)
        for course, required in pairs.values_list("course_id", "required_course_id"):
            self.required[course].add(required)

    def fault(self, values):
        """(column, reason) when a prerequisite would close a circle; otherwise takes it in."""
        course, required = values["course_id"], values["required_course_id"]
        if required is None:
            return None
        if path := self.path(required, course):
            chain = " -> ".join(self.codes[pk] for pk in (course, *path))
            return "required_course", _("closes a circle: %s") % chain
        self.required[course].add(required)
        return None

    def path(self, start, end):
        """The courses from one to another, both included, or None."""
        came_from = {start: None}
        waiting = [start]
        while waiting:
            present = waiting.pop()
            if present == end:
                return list(reversed(list(_backwards(came_from, present))))
            for following in self.required[present]:
                if following not in came_from:
                    came_from[following] = present
                    waiting.append(following)
        return None


def _backwards(came_from, present):
    while present is not None:
        yield present
        present = came_from[present]
