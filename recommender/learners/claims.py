"""How a person claims the history that was imported for them: signed links, and what becomes of it."""

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from recommender.learners.models import (
    Access,
    Enrolment,
    Event,
    Learner,
    Question,
    SavedPathway,
    SkillHeld,
    SubsidyClaim,
)
from recommender.learners.services import touch

SALT = "claim"
MAX_AGE_SECONDS = 30 * 24 * 60 * 60
# A course that both know keeps the status that is later here.
FURTHER = ["saved", "dropped", "enrolled", "completed"]
# What a learner states once, and what in several rows of a table that has nothing else.
STATED = (
    "display_name",
    "hours_a_week",
    "budget_cents",
    "born_on",
    "hkqf_level",
    "sector_id",
    "present_role_id",
    "studies",
    "preferred_modes",
    "district",
)
STATED_OFTEN = ("languages", "target_roles")


def make_claim_token(learner):
    """A token for the address of the claim page; whoever holds it may claim the history within 30 days."""
    return signing.dumps(learner.pk, salt=SALT)


def read_claim_token(token):
    """The imported learner that a token stands for.

    Raises BadSignature when the token is forged or too old, Learner.DoesNotExist when somebody claimed the
    history since.
    """
    pk = signing.loads(token, salt=SALT, max_age=MAX_AGE_SECONDS)
    return Learner.objects.get(pk=pk, user=None)


@transaction.atomic
def claim(imported, learner):
    """Gives everything imported for a person to the learner of that person's account.

    Where both know a course, the status that is further stays; a skill, a pathway to a role and what else a
    profile states stays as the account has it. So do the consents, which nobody gives for another.
    Later imports from the same source reach the account, because it takes over the source and the id.
    Raises ValidationError when the history is somebody's already or the account holds another one.
    """
    imported = Learner.objects.select_for_update().filter(pk=imported.pk).first()
    learner.refresh_from_db(from_queryset=Learner.objects.select_for_update())
    if imported is None or imported.user_id or learner.source:
        raise ValidationError(_("This history has been claimed already, or you have claimed another one."))
    _keep_further(imported, learner)
    for model, shared in ((Enrolment, "course"), (SkillHeld, "skill"), (SavedPathway, "role")):
        known = model.objects.filter(learner=learner).values(shared)
        model.objects.filter(learner=imported).exclude(**{f"{shared}__in": known}).update(learner=learner)
    dismissed = Event.objects.filter(learner=learner, kind=Event.Kind.DISMISSED).values("course")
    events = Event.objects.filter(learner=imported)
    events.exclude(kind=Event.Kind.DISMISSED, course__in=dismissed).update(learner=learner)
    for model in (Access, Question, SubsidyClaim):
        model.objects.filter(learner=imported).update(learner=learner)
    _fill_in(imported, learner)
    imported.delete()
    learner.source, learner.external_id = imported.source, imported.external_id
    learner.save(update_fields=["source", "external_id", *STATED])
    touch(learner)


def _keep_further(imported, learner):
    for theirs in Enrolment.objects.filter(learner=imported):
        nearer = FURTHER[: FURTHER.index(theirs.status)]
        ours = Enrolment.objects.filter(learner=learner, course=theirs.course_id, status__in=nearer)
        ours.update(status=theirs.status, at=theirs.at)
        if theirs.has_certificate:
            ours = Enrolment.objects.filter(learner=learner, course=theirs.course_id)
            ours.exclude(has_certificate=True).update(
                has_certificate=True, certificate_url=theirs.certificate_url
            )


def _fill_in(imported, learner):
    """Takes over what the account leaves open."""
    for name in STATED:
        if getattr(learner, name) in (None, "", []):
            setattr(learner, name, getattr(imported, name))
    for name in STATED_OFTEN:
        if not getattr(learner, name).exists():
            getattr(learner, name).set(getattr(imported, name).all())
