"""Courses for you: the learner's list, why each course is on it, and the goal it works towards."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.learners.models import Learner
from recommender.portal.cards import Card, cards_of
from recommender.portal.goal import goals_of
from recommender.portal.standing import standing_of
from recommender.portal.templatetags.hongkong import marked
from recommender.recommendations.lists import shown_list
from recommender.recommendations.packing import Demand, Source

LIST_LENGTH = 10
REST = {
    Source.MODEL: gettext_lazy("Your other courses, together"),
    Source.SECTOR: gettext_lazy("How many people in your sector take it"),
    Source.POPULAR: gettext_lazy("How many people take it"),
}
OTHER_SKILLS = gettext_lazy("Other skills, together")


@dataclass(frozen=True)
class Why:
    """One part of a course's score, in words and in percent."""

    text: str
    percent: int

    @property
    def width(self):
        """Of a bar out of 100: a part that speaks against the course has none."""
        return max(0, min(100, self.percent))


@dataclass(frozen=True)
class WhyPart:
    """The parts of a score that relevance, or value, is the sum of."""

    title: str
    percent: int
    whys: list[Why]


@dataclass(frozen=True)
class RecommendedCard:
    """`gap_closed` in percent of the learner's gap; `demand` says what is not known of it, or nothing."""

    rank: int
    card: Card
    source: str
    parts: list[WhyPart]
    gap_closed: int
    demand: str


@login_required
def courses_for_you(request):
    learner = Learner.objects.for_user(request.user)
    shown = shown_list(learner, limit=LIST_LENGTH)
    standing = standing_of(learner)
    cards = cards_of([item.course for item in shown.items], standing, learner=learner)
    recommended = [recommended_card(item, card) for item, card in zip(shown.items, cards, strict=True)]
    goals = goals_of(learner, standing, first=cards[0] if cards else None)
    context = {
        "goals": goals,
        "has_history": bool(standing.statuses),
        "learner": learner,
        "recommended": recommended,
        "run": shown.run,
    }
    return render(request, "portal/courses_for_you.html", context)


def recommended_card(item, card):
    return RecommendedCard(
        rank=item.rank,
        card=card,
        source=item.source.label,
        parts=parts_of(item),
        gap_closed=round(100 * item.gap_closed),
        demand=item.demand.label if item.demand in (Demand.UNKNOWN, Demand.PARTLY) else "",
    )


def parts_of(item):
    """What the score of a recommendation is the sum of, in words."""
    people = item.source if item.source in REST else Source.MODEL
    parts = [
        why_part(people.label, item.by_relevance, in_your_learning, REST[people]),
        why_part(Source.GOAL.label, item.by_value, it_teaches, OTHER_SKILLS),
    ]
    return [part for part in parts if part.whys]


def why_part(title, part, sentence, rest):
    whys = [Why(sentence(reason.subject), reason.percent) for reason in part.reasons]
    if part.rest_percent:
        whys.append(Why(rest, part.rest_percent))
    return WhyPart(title, part.percent, whys)


def in_your_learning(course):
    return format_html(_("In your learning: {course}"), course=marked(course.title))


def it_teaches(skill):
    return format_html(_("It teaches {skill}, which your goal needs"), skill=marked(skill.name))
