"""My learning: what a learner saved, takes, finished, dropped, and what they do not want to see."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, F, IntegerField, When
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.models import Course
from recommender.learners.gaps import COMPLETED as BY_COMPLETING
from recommender.learners.gaps import evidence_of
from recommender.learners.models import Enrolment, Event, Learner, SavedPathway
from recommender.skills.models import Level, Skill

PAGE_SIZE = 50
ENROLLED, SAVED = Enrolment.Status.ENROLLED, Enrolment.Status.SAVED
COMPLETED, DROPPED = Enrolment.Status.COMPLETED, Enrolment.Status.DROPPED
# In the order of the page, each with the steps that make sense from there; services has the last word.
STEPS = {
    ENROLLED: [(COMPLETED, _("I completed it")), (DROPPED, _("I dropped it"))],
    SAVED: [(ENROLLED, _("I’m enrolling")), (COMPLETED, _("I took this"))],
    COMPLETED: [],
    DROPPED: [(ENROLLED, _("I’m taking it again"))],
}
BY_STATUS = Case(
    *(When(status=status, then=place) for place, status in enumerate(STEPS)), output_field=IntegerField()
)


@dataclass(frozen=True)
class Taken:
    """An enrolment with the steps from there."""

    enrolment: Enrolment
    heading: str
    steps: list


@dataclass(frozen=True)
class Gained:
    """A skill and the level that a completed course gave; of several courses, the one that gave most."""

    skill: Skill
    level: Level
    course: Course


def gained_by(learner):
    """In the order of the names."""
    best = {}
    for skill, known in evidence_of(learner).items():
        if from_courses := [one for one in known if one.kind == BY_COMPLETING]:
            best[skill] = from_courses[0]
    skills = Skill.objects.in_bulk(best)
    found = [Gained(skills[skill], one.level, one.course) for skill, one in best.items()]
    return sorted(found, key=lambda gained: str(gained.skill.name).casefold())


@login_required
def my_learning(request):
    learner = Learner.objects.for_user(request.user)
    enrolments = (
        Enrolment.objects.filter(learner=learner)
        .select_related("course__provider")
        .order_by(BY_STATUS, F("at").desc(nulls_last=True), "-pk")
    )
    found = Paginator(enrolments, PAGE_SIZE).get_page(request.GET.get("page"))
    dismissals = Event.objects.filter(learner=learner, kind=Event.Kind.DISMISSED)
    context = {
        "dismissals": dismissals.select_related("course__provider"),
        "found": found,
        "pages": found.paginator.get_elided_page_range(found.number, on_each_side=1, on_ends=1),
        "saved_pathways": SavedPathway.objects.filter(learner=learner).select_related("role"),
        "skills_gained": gained_by(learner),
        "taken": [Taken(row, row.get_status_display(), STEPS[row.status]) for row in found.object_list],
    }
    return render(request, "portal/my_learning.html", context)
