"""Sums hold the history of every learner who consents: how they go when they are no longer needed or allowed.

They are kept for the next run alone, and a run that finds none sums anew. So where somebody leaves, all are
removed at once, which is quicker than taking one learner out of them.
"""

from functools import partial

import numpy as np
from django.db import transaction

from recommender.learners.models import Learner
from recommender.recommendations import artefacts
from recommender.recommendations.dataset import rows_array
from recommender.recommendations.models import LiveRun, Run
from recommender.recommendations.progress import hold


def forget(sender, instance, using=None, **others):
    """Receives that a learner was deleted or withdrew consent to profiling, and acts after the commit."""
    transaction.on_commit(partial(remove_sums, Run.objects.all()), using=using)


def keep_sums(run_id, name, users):
    """Lets a run name its sums over these learners, unless one of them has left since they were read."""
    hold(run_id, sums=name)
    # Named before it is asked who is there: who leaves from here on finds the name and removes it.
    consenting = rows_array(Learner.objects.filter(consents_to_profiling=True), "pk")
    if not np.isin(users, consenting).all():
        remove_sums(Run.objects.all())


def remove_unused_sums():
    """Removes all sums but those of the live run, where the next one starts, and of a run under way."""
    live = LiveRun.objects.values("run")
    remove_sums(Run.objects.exclude(pk__in=live).exclude(status__in=Run.ACTIVE))


def remove_sums(runs):
    """Removes the sums of these runs; files that no run names go as well."""
    runs.exclude(sums="").update(sums="")
    artefacts.remove_sums_but(set(Run.objects.exclude(sums="").values_list("sums", flat=True)))
