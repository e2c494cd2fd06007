"""A learner's list with their history beside the one without it: what comes in, what goes out, what moves."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from recommender.recommendations.lists import Recommendation


@dataclass(frozen=True)
class Comparison:
    """`ranks` maps course ids to places on the list with the history; `out` is only on that one."""

    ranks: dict[int, int]
    n_in: int
    out: list[Recommendation]

    def place_of(self, item):
        """Where the list with the history has a course of the other, in words."""
        rank = self.ranks.get(item.course.pk)
        if rank is None:
            return _("Not on your list with your history")
        if rank == item.rank:
            return _("At the same place with your history")
        return _("At place %(rank)s with your history") % {"rank": rank}


def compared(own, other):
    """The Comparison of two ShownLists, the learner's own and the one without their history."""
    ranks = {item.course.pk: item.rank for item in own.items}
    others = {item.course.pk for item in other.items}
    return Comparison(
        ranks=ranks,
        n_in=len(others - ranks.keys()),
        out=[item for item in own.items if item.course.pk not in others],
    )
