"""Saved pathways: keeping one, giving it up, and how far a learner has come along it."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch, Q, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommender.catalogue.fees import fee_of
from recommender.learners.models import Enrolment, Learner, PathwayStep, SavedPathway
from recommender.learners.services import touch


class Progress(TextChoices):
    DONE = "done", _("Done")
    UNDER_WAY = "under_way", _("Under way")
    NEXT = "next", pgettext_lazy("step of a pathway", "Next")
    LATER = "later", pgettext_lazy("step of a pathway", "Later")


@dataclass(frozen=True)
class StepProgress:
    step: PathwayStep
    progress: Progress


def heading_of(kind, fees):
    """What a pathway of a kind is called; an unknown fee may make another one the cheapest.

    Parameters
    ----------
    kind : SavedPathway.Kind
    fees : iterable of Fee, of its steps
    """
    if kind == SavedPathway.Kind.CHEAPEST and any(fee.whole_cents is None for fee in fees):
        return _("Lowest of the known fees")
    return SavedPathway.Kind(kind).label


@dataclass(frozen=True)
class PathwayProgress:
    """A saved pathway with its steps in order."""

    pathway: SavedPathway
    steps: list[StepProgress]

    @property
    def heading(self):
        steps = [each.step for each in self.steps]
        return heading_of(self.pathway.kind, [fee_of(step.course, step.offering) for step in steps])

    @property
    def n_done(self):
        return sum(step.progress == Progress.DONE for step in self.steps)

    @property
    def next_step(self):
        return next((step.step for step in self.steps if step.progress == Progress.NEXT), None)


@transaction.atomic
def save_pathway(learner, role, kind, coverage, steps):
    """Keeps a pathway; it takes the place of the one that was saved for the same role.

    Parameters
    ----------
    coverage : int, percent
    steps : iterable of things with course, offering (or None), starts_on, ends_on, in order
    """
    # A second request waits here, and then takes the place of the pathway that the first one kept.
    Learner.objects.select_for_update().get(pk=learner.pk)
    SavedPathway.objects.filter(learner=learner, role=role).delete()
    pathway = SavedPathway.objects.create(learner=learner, role=role, kind=kind, coverage=coverage)
    PathwayStep.objects.bulk_create(
        PathwayStep(
            pathway=pathway,
            position=position,
            course=step.course,
            offering=step.offering,
            starts_on=step.starts_on,
            ends_on=step.ends_on,
        )
        for position, step in enumerate(steps, start=1)
    )
    touch(learner)
    return pathway


@transaction.atomic
def drop_pathway(learner, role):
    """Gives up the pathway to a role; what was done along it stays. Whether there was one."""
    n_deleted, _by_model = SavedPathway.objects.filter(learner=learner, role=role).delete()
    touch(learner)
    return n_deleted > 0


def saved_pathways(learner):
    """The learner's pathways with their progress, the latest first, in three queries."""
    steps = PathwayStep.objects.select_related("course__provider", "offering").order_by("position")
    pathways = SavedPathway.objects.filter(learner=learner).select_related("role").order_by("-pk")
    statuses = dict(Enrolment.objects.filter(learner=learner).values_list("course", "status"))
    return [progress_of(pathway, statuses) for pathway in pathways.prefetch_related(Prefetch("steps", steps))]


def progress_of(pathway, statuses):
    """How far a learner with these statuses, by course id, has come. The first step not begun is next."""
    steps, has_next = [], False
    for step in pathway.steps.all():
        progress = {
            Enrolment.Status.COMPLETED: Progress.DONE,
            Enrolment.Status.ENROLLED: Progress.UNDER_WAY,
        }.get(statuses.get(step.course_id), Progress.LATER if has_next else Progress.NEXT)
        has_next |= progress == Progress.NEXT
        steps.append(StepProgress(step, progress))
    return PathwayProgress(pathway, steps)


def next_courses(learner):
    """The ids of the courses that are next on the learner's pathways, the latest pathway first.

    A step that was dropped is still next, but left out: the learner has turned away from it.
    """

    def with_status(*statuses):
        return Enrolment.objects.filter(learner=learner, status__in=statuses).values("course")

    begun = with_status(Enrolment.Status.COMPLETED, Enrolment.Status.ENROLLED)
    steps = PathwayStep.objects.filter(pathway__learner=learner).exclude(course__in=begun)
    dropped = Q(course__in=with_status(Enrolment.Status.DROPPED))
    rows = steps.annotate(is_dropped=dropped).order_by("-pathway", "position")
    next_of = {}
    for pathway, course, is_dropped in rows.values_list("pathway", "course", "is_dropped"):
        next_of.setdefault(pathway, None if is_dropped else course)
    return [course for course in dict.fromkeys(next_of.values()) if course]
