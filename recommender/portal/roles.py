"""The role explorer: which roles the city is short of, and what stands behind each figure."""

from dataclasses import dataclass, replace

from django.db.models import Count, Sum
from django.shortcuts import get_object_or_404, render

from recommender.catalogue.models import Course, CourseSkill
from recommender.portal.cards import cards_of
from recommender.portal.catalogue import reader
from recommender.portal.forms import RolesForm
from recommender.portal.shortages import ShownShortage, postings_of
from recommender.portal.standing import standing_of
from recommender.portal.trend import Trend, trend_of
from recommender.skills.models import Level
from recommender.workforce.models import Demand, Role, RoleSkill, Sector
from recommender.workforce.shortage import role_shortages

N_COURSES = 6


@dataclass(frozen=True)
class RoleRow:
    shown: ShownShortage
    sectors: list[Sector]
    postings: Demand | None
    periods: list[ShownShortage]
    trend: Trend | None


def roles(request):
    form = RolesForm(request.GET)
    form.is_valid()
    found = role_shortages()
    latest = {}
    for figure in postings_of(role__isnull=False):
        latest.setdefault(figure.role_id, figure)
    sector = form.cleaned_data.get("sector")
    rows = [
        row_of(ShownShortage(role, found[role.pk]), latest.get(role.pk), sector)
        for role in Role.objects.prefetch_related("sectors")
        if role.pk in found
    ]
    rows = [row for row in rows if form.takes(row)]
    context = {
        "form": form,
        "sector": sector,
        "rows": sorted(rows, key=lambda row: row.shown.order),
        "n_unknown": sum(row.shown.percent is None for row in rows),
    }
    return render(request, "portal/roles.html", context)


def row_of(shown, postings, sector):
    """A row with its periods in a sector, or in all together for None."""
    periods = shown.periods_in(sector)
    return RoleRow(shown, list(shown.role.sectors.all()), postings, periods, trend_of(periods))


@dataclass(frozen=True)
class NeededSkill:
    """A skill that a role needs; `held` is None for a visitor."""

    need: RoleSkill
    level: Level
    held: Level | None

    @property
    def percent(self):
        return round(100 * self.need.importance)

    @property
    def is_met(self):
        return self.held is not None and self.held >= self.level


def role(request, slug):
    shown = get_object_or_404(Role.objects.prefetch_related("sectors"), slug=slug)
    learner = reader(request)
    standing = standing_of(learner)
    needs = needs_of(shown, standing if learner else None)
    shortage = ShownShortage(shown, role_shortages(only=[shown.pk])[shown.pk])
    context = {
        "role": shown,
        "shown": shortage,
        "trend": trend_of(shortage.by_period),
        "is_target": learner is not None and learner.target_roles.filter(pk=shown.pk).exists(),
        "needs": needs,
        "cards": courses_teaching({one.need.skill_id for one in needs}, standing),
        "postings": postings_of(role=shown),
        "pay": Demand.objects.filter(role=shown, measure=Demand.Measure.PAY).select_related("sector"),
        "manpower": manpower_of(shown),
    }
    return render(request, "portal/role.html", context)


def needs_of(role, standing):
    return [
        NeededSkill(
            need,
            level=Level(need.level),
            held=None if standing is None else Level(standing.held.get(need.skill_id, 0)),
        )
        for need in role.skills_needed.select_related("skill")
    ]


def courses_teaching(skills, standing):
    """Cards of the active courses that teach most of the skills, with those skills only."""
    taught = CourseSkill.objects.counted().filter(skill__in=skills, course__status=Course.Status.ACTIVE)
    counted = taught.values("course").annotate(n=Count("pk"), reached=Sum("level"))
    best = counted.order_by("-n", "-reached", "course")[:N_COURSES]
    ids = [row["course"] for row in best]
    courses = Course.objects.select_related("provider").in_bulk(ids)
    cards = cards_of([courses[pk] for pk in ids], standing)
    return [replace(card, skills=[step for step in card.skills if step.skill.pk in skills]) for card in cards]


def manpower_of(role):
    """What was projected for the role's sectors: all their manpower, so never an AI shortage."""
    figures = Demand.objects.filter(
        measure=Demand.Measure.MANPOWER_SHORTAGE, role=None, skill=None, sector__in=role.sectors.all()
    )
    return figures.select_related("sector").order_by("sector__name_en", "period", "value")
