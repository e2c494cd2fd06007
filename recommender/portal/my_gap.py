"""My gap: what a learner holds, how that is known, what their target roles need, and what closes the rest."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from recommender.learners.gaps import COMPLETED, Needed, RoleGap, gap_of
from recommender.learners.models import Learner, SkillHeld
from recommender.portal.shortages import in_percent, in_words
from recommender.portal.templatetags.hongkong import marked
from recommender.recommendations.closing import Closing, closing_courses
from recommender.recommendations.pathways import UntaughtSkill, untaught_of
from recommender.skills.models import Level

KNOWN_FROM = {
    SkillHeld.Evidence.STATED: _("You said so: {level}"),
    SkillHeld.Evidence.CONFIRMED: _("Confirmed by an officer: {level}"),
    COMPLETED: _("From {course}: {level}"),
}
# Of a bar out of 100.
WIDTH_OF_A_LEVEL = 100 // Level.EXPERT


@dataclass(frozen=True)
class Row:
    """A skill of the role: a bar of the chart and a row of the table."""

    need: Needed
    evidence: list[str]
    closing: list[Closing]

    @property
    def held_width(self):
        return WIDTH_OF_A_LEVEL * self.need.held

    @property
    def needed_width(self):
        return WIDTH_OF_A_LEVEL * self.need.needed

    @property
    def importance(self):
        return in_percent(self.need.importance)

    @property
    def shortage(self):
        return in_percent(self.need.shortage.share)

    @property
    def shortage_words(self):
        return in_words(self.need.shortage.share)


@dataclass(frozen=True)
class Chosen:
    """The role whose gap the page shows."""

    gap: RoleGap
    rows: list[Row]
    untaught: list[UntaughtSkill]

    @property
    def covered(self):
        return in_percent(self.gap.covered)

    @property
    def missing(self):
        return [row for row in self.rows if row.need.missing]


@login_required
def my_gap(request):
    learner = Learner.objects.for_user(request.user)
    roles = gap_of(learner).roles
    asked = [gap for gap in roles if gap.role.slug == request.GET.get("role")]
    context = {
        "chosen": chosen_of(learner, (asked or roles)[0]) if roles else None,
        "levels": list(Level),
        "roles": [gap.role for gap in roles],
    }
    return render(request, "portal/my_gap.html", context)


def chosen_of(learner, gap):
    closing = closing_courses(learner, {need.skill.pk: need.needed for need in gap.missing})
    rows = [
        Row(need, [known_from(one) for one in need.evidence], closing.get(need.skill.pk, []))
        for need in gap.needed
    ]
    untaught = untaught_of(learner, gap.role, today=timezone.localdate()) if gap.missing else []
    return Chosen(gap, rows, untaught)


def known_from(evidence):
    """How a level is known, in words."""
    course = marked(evidence.course.title) if evidence.course else ""
    return format_html(KNOWN_FROM[evidence.kind], course=course, level=evidence.level.label)
