"""What everybody may know of how many learners can fill a role: nothing that singles anybody out.

Counts of learners are rounded to tens. Those who meet the needs and those expected are added up exactly, and
their sum is rounded once: were each part rounded before, a few of both would count as ten. Every shortage is
worked out from that sum, so that no share or difference leads back to the exact one. Figures from published
sources stay exact. The exact counts are for officers alone.
"""

from dataclasses import dataclass
from datetime import datetime

from recommender.workforce.models import RoleSupply

ROUNDED_TO = 10
FEW = 5  # stands for 1 to 9


@dataclass(frozen=True)
class PublicSupply:
    """The learners counted for a role, rounded; `exact` is never shown to the public, nor a sum of it."""

    exact: RoleSupply

    @property
    def n_meeting(self) -> int:
        return rounded(self.exact.n_meeting)

    @property
    def n_expected(self) -> int:
        return rounded(self.exact.n_expected)

    @property
    def n_learners(self) -> int:
        """Those who meet the needs and those expected, which need not be the sum of the two as shown."""
        return rounded(self.exact.n_meeting + self.exact.n_expected)

    @property
    def n_synthetic_meeting(self) -> int:
        return rounded(self.exact.n_synthetic_meeting)

    @property
    def n_synthetic_expected(self) -> int:
        return rounded(self.exact.n_synthetic_expected)

    @property
    def is_synthetic(self) -> bool:
        """Whether any of the learners are synthetic."""
        return self.exact.n_synthetic_meeting + self.exact.n_synthetic_expected > 0

    @property
    def counted_at(self) -> datetime:
        return self.exact.counted_at


def rounded(count: int) -> int:
    """To the nearest ten; 1 to 9 are `FEW`, and 0 is 0."""
    return FEW if 0 < count < ROUNDED_TO else (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
