"""What a course asks for, and what of that is known for the whole of it.

Some sources state the fee of a year, a module or a credit only. That is never taken for the whole fee, nor
multiplied: how many of them a learner pays for is not known.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FeeBasis(TextChoices):
    """What a stated fee is for."""

    WHOLE = "whole", _("The whole course")
    YEAR = "year", _("A year")
    MODULE = "module", _("A module")
    CREDIT = "credit", _("A credit")
    AUDIT = "audit", _("Taking part without a certificate")
    UNSTATED = "unstated", _("Not stated")


@dataclass(frozen=True)
class Fee:
    """`cents` for what `basis` says, a FeeBasis; None where the fee is not known."""

    cents: int | None
    basis: str = FeeBasis.WHOLE

    @property
    def whole_cents(self):
        """The fee for the whole course; None where that is not known."""
        # Nothing a year is nothing in all; but a certificate may cost something.
        is_whole = self.basis == FeeBasis.WHOLE or (self.cents == 0 and self.basis != FeeBasis.AUDIT)
        return self.cents if is_whole else None

    @property
    def part_cents(self):
        """What is known to be paid at least where the fee for the whole course is not known; else 0."""
        return (self.cents or 0) if self.whole_cents is None else 0


def fee_of(course, offering):
    """The Fee of an occasion: the offering's own where it has one, else that of its course."""
    has_own = offering is not None and offering.fee_cents is not None
    return Fee(offering.fee_cents if has_own else course.fee_cents, course.fee_basis)
