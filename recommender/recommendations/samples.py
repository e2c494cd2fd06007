"""What would be recommended to somebody of whom nothing is known but a role: shown without an account."""

from django.core.cache import cache

from recommender.catalogue.models import Course
from recommender.recommendations.facts import newcomer
from recommender.recommendations.lists import with_names
from recommender.recommendations.packing import FORMAT, pack, unpack
from recommender.recommendations.refresh import inputs_with, live_run
from recommender.recommendations.scoring import make_lists

LENGTH = 5
# Everybody sees the same list, so it need not be made for each visit.
KEPT_SECONDS = 300


def sample_list(role):
    """Recommendations of the best courses for somebody who heads for a role and holds nothing.

    Made as any list is, at most five minutes ago; without courses that bring nobody nearer to the role. The
    number of queries does not depend on anything stored.
    """
    packed = cache.get_or_set(
        f"sample-list-{role.pk}", lambda: pack(_make(role)), KEPT_SECONDS, version=FORMAT[0]
    )
    return [item for item in with_names(unpack(packed)) if item.course.status == Course.Status.ACTIVE]


def _make(role):
    read = inputs_with(live_run(), lambda vocabulary, courses: newcomer(vocabulary, courses, [role.pk]))
    [items] = make_lists(*read, length=LENGTH)
    return items[items["gap_closed"] > 0]
