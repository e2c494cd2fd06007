"""A saved pathway with what it still costs and takes, worked out from its steps as they are kept."""

from dataclasses import dataclass
from datetime import date, timedelta

from recommender.learners.costs import NetCost, net_costs_in_order
from recommender.learners.gaps import evidence_of, levels, share_covered
from recommender.learners.pathways import PathwayProgress, Progress, saved_pathways
from recommender.portal.shortages import in_percent
from recommender.portal.timeline import ROW, Bar, bars_of
from recommender.recommendations.facts import weeks_between
from recommender.recommendations.pathways import hours_of
from recommender.workforce.models import RoleSkill

AHEAD = (Progress.NEXT, Progress.LATER)


@dataclass(frozen=True)
class KeptPathway:
    """Sums are of the courses not begun and leave out fees that are not known: None where none is.

    covered_now : percent of the role; None where it needs nothing
    most_hours_a_week : of courses at the same time; those at one's own pace are spread over their days
    """

    progress: PathwayProgress
    pay_now_cents: int | None
    back_cents: int | None
    net_cents: int | None
    n_unknown_fees: int
    starts_on: date
    ends_on: date
    most_hours_a_week: float
    are_hours_assumed: bool
    covered_now: int | None
    bars: list[Bar]
    height: int

    @property
    def weeks(self):
        return -(-((self.ends_on - self.starts_on).days + 1) // 7)


def kept_pathways(learner, *, today):
    """The pathways that a learner keeps, the latest first; the number of queries does not depend on them."""
    saved = [progress for progress in saved_pathways(learner) if progress.steps]
    if not saved:
        return []
    held, needs = levels(evidence_of(learner)), {}
    for need in RoleSkill.objects.filter(role__in=[progress.pathway.role_id for progress in saved]):
        needs.setdefault(need.role_id, []).append(need)
    ahead = [[one.step for one in progress.steps if one.progress in AHEAD] for progress in saved]
    plans = [[(step.course, step.offering, max(step.starts_on, today)) for step in steps] for steps in ahead]
    return [
        kept_pathway(progress, costs, share_covered(needs.get(progress.pathway.role_id, []), held))
        for progress, costs in zip(saved, net_costs_in_order(learner, plans), strict=True)
    ]


def kept_pathway(progress, costs: list[NetCost], covered):
    steps = [one.step for one in progress.steps]
    known = [cost for cost in costs if cost.pay_now is not None]
    is_known = bool(known) or not costs
    first, last = min(step.starts_on for step in steps), max(step.ends_on for step in steps)
    spells = [[((step.starts_on - first).days, (step.ends_on - first).days + 1)] for step in steps]
    return KeptPathway(
        progress=progress,
        pay_now_cents=sum(cost.pay_now for cost in known) if is_known else None,
        back_cents=sum(cost.back_if_passed for cost in known) if is_known else None,
        net_cents=sum(cost.net for cost in known) if is_known else None,
        n_unknown_fees=len(costs) - len(known),
        starts_on=first,
        ends_on=last,
        most_hours_a_week=max(hours_at(steps, step.starts_on) for step in steps),
        are_hours_assumed=any(hours_of(step.course, step.offering)[1] for step in steps),
        covered_now=in_percent(covered),
        bars=bars_of(spells, first, last),
        height=ROW * len(steps),
    )


def hours_at(steps, day):
    # At one's own pace the next course may begin on the day on which the one before is finished.
    return sum(
        hours_a_week_of(step)
        for step in steps
        if step.starts_on <= day < max(step.ends_on, step.starts_on + timedelta(days=1))
    )


def hours_a_week_of(step):
    hours, _is_assumed = hours_of(step.course, step.offering)
    if step.offering:
        return hours
    # What takes less than a week fills its days no less.
    return hours / max(1, weeks_between(step.starts_on, step.ends_on))
