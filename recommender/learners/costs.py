"""What a course costs a learner: what to pay now, what comes back after passing, what is left to claim."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Count, Sum, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommender.catalogue.fees import Fee, fee_of
from recommender.catalogue.models import SubsidyListing, SubsidyRule, SubsidyScheme
from recommender.catalogue.subsidies import rule_on, subsidy_cents
from recommender.learners.models import SubsidyClaim


class WhyNot(TextChoices):
    """Why a scheme pays nothing back, or why that is open."""

    NOT_LISTED = "not_listed", gettext_lazy("It does not list this course.")
    LISTING_NOT_BEGUN = "listing_not_begun", gettext_lazy("It lists this course only for a later start.")
    LISTING_ENDED = "listing_ended", gettext_lazy("Its listing of this course ends before the start.")
    NO_RULE = "no_rule", gettext_lazy("We know no rule of it for this start.")
    TOO_YOUNG = "too_young", gettext_lazy("You are too young for it at the start.")
    NO_CLAIM_LEFT = "no_claim_left", gettext_lazy("You have made as many claims as it allows.")
    USED_UP = "used_up", gettext_lazy("You have claimed all that it pays one person.")
    NOT_KNOWN = "not_known", gettext_lazy("We do not know whether it lists this course.")


class Budget(TextChoices):
    """How a cost stands to the budget of a learner; it hides nothing."""

    WITHIN = "within", gettext_lazy("Within your budget")
    WITHIN_AFTERWARDS = "within_afterwards", gettext_lazy("Within your budget once you have the money back")
    ABOVE = "above", gettext_lazy("Above your budget")


@dataclass(frozen=True)
class Claimant:
    """What counts about a person: by default a visitor, of unknown age, who has claimed nothing.

    `used_cents` and `n_claims` map ids of schemes to what earlier claims there were paid and to their number.
    """

    born_on: date | None = None
    budget_cents: int | None = None
    used_cents: Mapping[int, int] = field(default_factory=dict)
    n_claims: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class NetCost:
    """Amounts are whole Hong Kong cents; None where the whole fee, or what is left, is not known.

    `back_if_passed` is 0 where nothing is sure to come back, and `why_not` then says why. `what_if` is what
    would come back if the scheme listed the course, where that alone is not known. `left_after` is what the
    scheme still pays once this course was paid back. A free course needs no scheme: `scheme` is None then.
    """

    fee: Fee
    back_if_passed: int | None = None
    left_after: int | None = None
    scheme: SubsidyScheme | None = None
    rule: SubsidyRule | None = None
    listing: SubsidyListing | None = None
    conditions: tuple[str, ...] = ()
    why_not: WhyNot | None = None
    what_if: int | None = None
    budget: Budget | None = None

    @property
    def pay_now(self):
        """The whole fee: schemes pay back, so a learner pays first."""
        return self.fee.whole_cents

    @property
    def net(self):
        return None if self.pay_now is None else self.pay_now - self.back_if_passed


def net_cost(learner, course, offering=None, *, today):
    """The cost of a course for a learner, or for a visitor (None); see `net_costs`."""
    return net_costs(learner, [(course, offering)], today=today)[0]


def net_costs(learner, occasions, *, today):
    """The costs of many courses, in five queries however many, in four for a visitor (None).

    Parameters
    ----------
    occasions : list of (Course, Offering or None); without an offering the course is taken to start today
    today : date

    Returns
    -------
    list of NetCost, in the same order, each as if it were the learner's next claim
    """
    schemes = SubsidyScheme.objects.prefetch_related("rules__tiers")
    listings = SubsidyListing.objects.filter(course__in=[course for course, _offering in occasions])
    return costs_of(
        claimant_of(learner),
        occasions,
        list(schemes),
        {(listing.course_id, listing.scheme_id): listing for listing in listings},
        today=today,
    )


def net_costs_in_order(learner, plans):
    """The costs of several plans, in five queries however many; within a plan each course is claimed after
    those before it.

    Parameters
    ----------
    plans : list of lists of (Course, Offering or None, day on which it starts), in order

    Returns
    -------
    list of a list of NetCost for each plan
    """
    schemes = list(SubsidyScheme.objects.prefetch_related("rules__tiers"))
    courses = {course.pk for plan in plans for course, _offering, _day in plan}
    listings = {
        (listing.course_id, listing.scheme_id): listing
        for listing in SubsidyListing.objects.filter(course__in=courses)
    }
    claimant = claimant_of(learner)
    return [_costs_of_plan(plan, claimant, schemes, listings) for plan in plans]


def _costs_of_plan(plan, claimant, schemes, listings):
    costs = []
    for course, offering, day in plan:
        [cost] = costs_of(claimant, [(course, offering)], schemes, listings, today=day)
        costs.append(cost)
        if cost.back_if_passed:
            claimant = after_claim(claimant, cost)
    return costs


def after_claim(claimant, cost):
    """The claimant once a cost was claimed."""
    scheme = cost.scheme.pk
    return replace(
        claimant,
        used_cents={
            **claimant.used_cents,
            scheme: claimant.used_cents.get(scheme, 0) + cost.back_if_passed,
        },
        n_claims={**claimant.n_claims, scheme: claimant.n_claims.get(scheme, 0) + 1},
    )


def claimant_of(learner):
    """Age, budget and earlier claims of a learner, in one query."""
    if learner is None:
        return Claimant()
    claims = SubsidyClaim.objects.filter(learner=learner).order_by().values("scheme")
    totals = list(claims.annotate(used=Sum("amount_cents"), number=Count("pk")))
    return Claimant(
        born_on=learner.born_on,
        budget_cents=learner.budget_cents,
        used_cents={total["scheme"]: total["used"] for total in totals},
        n_claims={total["scheme"]: total["number"] for total in totals},
    )


def costs_of(claimant, occasions, schemes, listings, *, today):
    """`net_costs` of what is loaded already; `listings` maps (course id, scheme id) to a SubsidyListing."""
    costs = []
    for course, offering in occasions:
        fee = fee_of(course, offering)
        starts_on = offering.starts_on if offering else today
        choices = [
            cost_with(scheme, listings.get((course.pk, scheme.pk)), claimant, fee, starts_on)
            for scheme in (() if fee.whole_cents == 0 else schemes)
        ]
        costs.append(max(choices, key=promise, default=without_scheme(fee, claimant)))
    return costs


def promise(cost):
    """Sorts by what a scheme pays, then by what it might."""
    return cost.why_not is None, cost.back_if_passed or 0, cost.what_if or 0


def without_scheme(fee, claimant):
    back = None if fee.whole_cents is None else 0
    return NetCost(fee, back, budget=budget_of(claimant, fee, back))


def cost_with(scheme, listing, claimant, fee, starts_on):
    """The cost of one occasion with one scheme, whose listing of the course may not be known (None)."""
    rule = rule_on(scheme, starts_on)
    used = claimant.used_cents.get(scheme.pk, 0)
    left = max(0, rule.ceiling_cents - used) if rule else None
    why_not = reason_against(scheme, rule, listing, claimant, starts_on)
    fee_cents = fee.whole_cents
    back = what_if = left_after = None
    if fee_cents is not None:
        paid = subsidy_cents(fee_cents, rule.tiers.all(), used) if rule else 0
        back = 0 if why_not else paid
        what_if = paid if why_not == WhyNot.NOT_KNOWN else None
        left_after = None if left is None else left - back
    return NetCost(
        fee,
        back,
        left_after,
        scheme=scheme,
        rule=rule,
        listing=listing,
        conditions=conditions_of(rule, claimant) if what_if or not why_not else (),
        why_not=why_not,
        what_if=what_if,
        budget=budget_of(claimant, fee, back),
    )


def reason_against(scheme, rule, listing, claimant, starts_on):
    """What speaks against a subsidy, the surest first; that the listing is not known comes last."""
    reasons = {
        WhyNot.NOT_LISTED: listing and not listing.is_listed,
        WhyNot.LISTING_NOT_BEGUN: listing and listing.listed_from and starts_on < listing.listed_from,
        WhyNot.LISTING_ENDED: listing and listing.listed_to and starts_on > listing.listed_to,
        # Without tiers it is not known how much the rule pays.
        WhyNot.NO_RULE: rule is None or not rule.tiers.all(),
    }
    if not any(reasons.values()):
        n_claims, used = (by.get(scheme.pk, 0) for by in (claimant.n_claims, claimant.used_cents))
        reasons |= {
            WhyNot.TOO_YOUNG: claimant.born_on and age_on(starts_on, claimant.born_on) < (rule.min_age or 0),
            WhyNot.NO_CLAIM_LEFT: rule.max_claims is not None and n_claims >= rule.max_claims,
            WhyNot.USED_UP: used >= rule.ceiling_cents,
            WhyNot.NOT_KNOWN: listing is None,
        }
    return next((reason for reason, holds in reasons.items() if holds), None)


def age_on(day, born_on):
    """Full years; somebody born on 29 February has their birthday on 1 March in other years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def conditions_of(rule, claimant):
    """What must hold for the money to come back, in words; what is known to hold is left out."""
    conditions = [_("You pay the fee first.")]
    if rule.min_age and claimant.born_on is None:
        conditions.append(_("You are at least %d years old when the course starts.") % rule.min_age)
    if rule.needs_residence:
        conditions.append(_("You meet the residence requirements."))
    if rule.min_attendance_percent:
        conditions.append(
            _("You attend at least %d%% of the course, or more where it asks for more.")
            % rule.min_attendance_percent
        )
    if rule.min_mark_percent:
        conditions.append(
            _("Your mark is at least %d%%, or more where the course asks for more.") % rule.min_mark_percent
        )
    if rule.claim_within_months:
        within = ngettext(
            "You claim within %d month of completing the course.",
            "You claim within %d months of completing the course.",
            rule.claim_within_months,
        )
        conditions.append(within % rule.claim_within_months)
    if rule.scheme_id not in claimant.used_cents:
        conditions.append(_("You have claimed nothing from it before."))
    return tuple(conditions)


def budget_of(claimant, fee, back):
    """How the cost stands to the budget, or None where either is not known."""
    if claimant.budget_cents is None or fee.least_cents is None:
        return None
    fee_cents = fee.whole_cents
    if fee_cents is None:
        # Who pays more for a part pays more for the whole; within the budget it says nothing.
        return Budget.ABOVE if fee.least_cents > claimant.budget_cents else None
    if fee_cents <= claimant.budget_cents:
        return Budget.WITHIN
    return Budget.WITHIN_AFTERWARDS if fee_cents - back <= claimant.budget_cents else Budget.ABOVE
