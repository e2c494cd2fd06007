"""What a learner consents to: each purpose is a switch of its own, off until turned on."""

from django.db import transaction
from django.utils import timezone

from recommender.learners.models import ConsentDecision, Learner
from recommender.learners.services import touch
from recommender.learners.signals import profiling_withdrawn

Purpose = ConsentDecision.Purpose
# The column of the learner that holds where each switch stands.
SWITCH = {
    Purpose.PROFILING: "consents_to_profiling",
    Purpose.SHARING: "shares_with_advisers",
    Purpose.DIGEST: "wants_digest",
}


@transaction.atomic
def decide(learner, purpose, is_given):
    """Keeps a decision and when it was taken; the same again changes nothing."""
    column = SWITCH[purpose]
    # A second request waits here, and then sees what the first one decided.
    stored = Learner.objects.select_for_update().get(pk=learner.pk)
    is_withdrawn = getattr(stored, column) and not is_given
    if getattr(stored, column) != is_given or not _has_decided(learner, purpose):
        now = timezone.now()
        ConsentDecision.objects.create(learner=learner, purpose=purpose, is_given=is_given, at=now)
        changes = {column: is_given}
        if purpose == Purpose.PROFILING:
            changes["profiling_decided_at"] = now
        Learner.objects.filter(pk=learner.pk).update(**changes)
        touch(learner)
        if is_withdrawn and purpose == Purpose.PROFILING:
            profiling_withdrawn.send(Learner, instance=learner)
    learner.refresh_from_db(fields=[column, "profiling_decided_at"])


def _has_decided(learner, purpose):
    return ConsentDecision.objects.filter(learner=learner, purpose=purpose).exists()


def switches(learner):
    """Where each switch stands, as {purpose: (is on, when decided or None)}, in one query."""
    decided = {}
    for purpose, at in learner.consent_decisions.order_by("at", "id").values_list("purpose", "at"):
        decided[purpose] = at
    return {purpose: (getattr(learner, column), decided.get(purpose)) for purpose, column in SWITCH.items()}
