"""Moves the pointer that says which run learners see, and clears away what no pointer can reach."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommender.recommendations import artefacts, forgetting
from recommender.recommendations.models import LiveRun, MissingCourse, PackedList, Run
from recommender.recommendations.progress import RunLostError

# The runs that learners saw last, the live one among them: their lists stay, so that one can roll back.
KEPT_RUNS = 3


@transaction.atomic
def publish(run_id):
    """Makes a judged run the one that learners see. Raises RunLostError when it is judged no longer."""
    judged = Run.objects.filter(pk=run_id, status=Run.Status.JUDGED)
    if not judged.update(status=Run.Status.PUBLISHED, finished_at=timezone.now()):
        raise RunLostError(f"Run {run_id} was taken from this process before it could be published.")
    _point_at(run_id)


@transaction.atomic
def publish_held(run, user):
    """An officer publishes a held run all the same.

    Raises ValidationError when the run is not held or its lists are gone.
    """
    held = Run.objects.filter(pk=run.pk, status=Run.Status.HELD)
    if not _has_lists(run) or not held.update(status=Run.Status.PUBLISHED):
        raise ValidationError(_("Only a held run whose lists are still kept can be published."))
    _point_at(run.pk)
    _log(run, user, "Published although it was held.")


@transaction.atomic
def roll_back(run, user):
    """An officer lets learners see an earlier published run again.

    Raises ValidationError when that run was never published or its lists are gone.
    """
    if run.status != Run.Status.PUBLISHED or not _has_lists(run):
        raise ValidationError(_("Only a published run whose lists are still kept can be rolled back to."))
    _point_at(run.pk)
    _log(run, user, "Rolled back to this run.")


def prune():
    """Deletes lists and artefacts that neither the pointer nor a roll-back can reach."""
    ended = Run.objects.exclude(status__in=[Run.Status.QUEUED, *Run.ACTIVE])
    seen = Run.objects.exclude(live_at=None).order_by("-live_at").values_list("pk", flat=True)[:KEPT_RUNS]
    held = Run.objects.filter(status=Run.Status.HELD).values_list("pk", flat=True)[:1]
    past = ended.exclude(pk__in={*seen, *held})
    PackedList.objects.filter(run__in=past).delete()
    MissingCourse.objects.filter(run__in=past).delete()
    forgetting.remove_unused_sums()
    named = Run.objects.exclude(pk__in=past).values_list("artefact", "sums")
    artefacts.remove_all_but({name for names in named for name in names})


def _has_lists(run):
    return PackedList.objects.filter(run=run).exists()


def _point_at(run_id):
    LiveRun.objects.update_or_create(id=1, defaults={"run_id": run_id})
    Run.objects.filter(pk=run_id).update(live_at=timezone.now())
    transaction.on_commit(forgetting.remove_unused_sums)


def _log(run, user, message):
    LogEntry.objects.log_actions(user.pk, [run], CHANGE, message, single_object=True)
