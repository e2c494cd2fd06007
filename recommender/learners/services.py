"""What a learner does and decides. Each write also notes that the learner changed."""

from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommender.catalogue.models import Course
from recommender.learners.models import Enrolment, Event, Learner, SkillHeld, SubsidyClaim

# A step that would forget something the learner did is refused; removing an enrolment is its own act.
NEXT_STATUS = {
    None: {"saved", "enrolled", "completed", "dropped"},
    "saved": {"enrolled", "completed", "dropped"},
    "enrolled": {"completed", "dropped"},
    "dropped": {"saved", "enrolled", "completed"},
    "completed": set(),
}
# Nobody joins a closed course any more, but what was done with it before may still be recorded.
JOINING = {"saved", "enrolled"}


def next_statuses(course, status):
    """The statuses that an enrolment in a course may move to from this one (None: not enrolled yet)."""
    return NEXT_STATUS[status] - (set() if course.status == Course.Status.ACTIVE else JOINING)


def start_of(day):
    """The first moment of a day in Hong Kong."""
    return timezone.make_aware(datetime.combine(day, time()))


def touch(learner):
    """Notes that something a list rests on has changed."""
    Learner.objects.filter(pk=learner.pk).update(changed_at=timezone.now())


@transaction.atomic
def record_enrolment(learner, course, status, *, at=None):
    """Moves the learner's enrolment in a course to a status; the same status again changes nothing.

    Raises ValidationError when the enrolment cannot go from where it is to that status.
    """
    at = at or timezone.now()
    # A second request for the same pair waits here for the first one's row.
    enrolment, is_new = Enrolment.objects.select_for_update().get_or_create(
        learner=learner, course=course, defaults={"status": status, "at": at}
    )
    before = None if is_new else enrolment.status
    if before == status:
        return enrolment
    if refused := refusal(course, before, status):
        raise ValidationError(refused)
    enrolment.status, enrolment.at = status, at
    enrolment.save(update_fields=["status", "at"])
    Event.objects.filter(learner=learner, course=course, kind=Event.Kind.DISMISSED).delete()
    touch(learner)
    return enrolment


def refusal(course, before, status):
    """Why an enrolment cannot move to a status, in words; nothing where it can, or is there already."""
    if before == status or status in next_statuses(course, before):
        return ""
    if status in NEXT_STATUS[before]:
        return _("This course is closed: nobody can join it any more.")
    return _("This course is %(present)s in your learning and cannot become %(next)s.") % {
        "present": Enrolment.Status(before).label,
        "next": Enrolment.Status(status).label,
    }


def record_certificate(learner, course, *, is_held, url=""):
    """Notes whether the learner holds a certificate of a completed course; whether there is such a course."""
    completed = Enrolment.objects.filter(learner=learner, course=course, status=Enrolment.Status.COMPLETED)
    return completed.update(has_certificate=is_held, certificate_url=url if is_held else "") > 0


@transaction.atomic
def record_completed_on(learner, course, day):
    """Corrects on which day the learner completed a course; whether they did complete it."""
    completed = Enrolment.objects.filter(learner=learner, course=course, status=Enrolment.Status.COMPLETED)
    is_changed = completed.update(at=start_of(day)) > 0
    if is_changed:
        touch(learner)
    return is_changed


@transaction.atomic
def remove_enrolment(learner, course):
    """Forgets that the learner saved, took or finished a course."""
    Enrolment.objects.filter(learner=learner, course=course).delete()
    touch(learner)


@transaction.atomic
def dismiss(learner, course, reason=None):
    """Never recommends the course to the learner again, until undone.

    A reason that is given afterwards is added; dismissing again without one keeps it.
    """
    said = {"reason": reason} if reason else {}
    Event.objects.update_or_create(learner=learner, course=course, kind=Event.Kind.DISMISSED, defaults=said)
    touch(learner)


@transaction.atomic
def undo_dismissal(learner, course):
    Event.objects.filter(learner=learner, course=course, kind=Event.Kind.DISMISSED).delete()
    touch(learner)


@transaction.atomic
def aim_at(learner, role):
    """Adds a role to those that the learner is heading for."""
    learner.target_roles.add(role)
    touch(learner)


@transaction.atomic
def hold_skill(learner, skill, level):
    """Notes a level that the learner states; what an officer confirmed at that level or above stays."""
    held, is_new = SkillHeld.objects.get_or_create(learner=learner, skill=skill, defaults={"level": level})
    if not is_new and (held.evidence == SkillHeld.Evidence.STATED or level > held.level):
        held.level, held.evidence = level, SkillHeld.Evidence.STATED
        held.save(update_fields=["level", "evidence"])
    touch(learner)
    return held


@transaction.atomic
def forget_skill(learner, skill):
    SkillHeld.objects.filter(learner=learner, skill=skill).delete()
    touch(learner)


@transaction.atomic
def add_subsidy_claim(learner, scheme, amount_cents, claimed_on, course=None):
    """Notes what a scheme paid the learner back."""
    claim = SubsidyClaim.objects.create(
        learner=learner, scheme=scheme, amount_cents=amount_cents, claimed_on=claimed_on, course=course
    )
    touch(learner)
    return claim


@transaction.atomic
def remove_subsidy_claim(learner, pk):
    SubsidyClaim.objects.filter(learner=learner, pk=pk).delete()
    touch(learner)


def record_view(learner, course):
    """Notes that a learner who consents to profiling looked at a course, at most once a day."""
    if not learner.consents_to_profiling:
        return
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    views = Event.objects.filter(learner=learner, course=course, kind=Event.Kind.VIEWED)
    if not views.filter(at__gte=midnight).exists():
        Event.objects.create(learner=learner, course=course, kind=Event.Kind.VIEWED)
