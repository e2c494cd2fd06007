"""Courses for you: the learner's list, why each course is on it, and the goal it works towards."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.catalogue.models import Course
from recommender.learners.models import Learner
from recommender.portal.cards import Card, cards_of
from recommender.portal.goal import goals_of
from recommender.portal.standing import standing_of
from recommender.portal.templatetags.hongkong import marked
from recommender.recommendations.lists import shown_list
from recommender.recommendations.packing import Source

LIST_LENGTH = 10
REST = {
    Source.MODEL: gettext_lazy("Your other courses, together"),
    Source.GOAL: gettext_lazy("Other skills, together"),
    Source.SECTOR: gettext_lazy("How many people in your sector take it"),
    Source.POPULAR: gettext_lazy("How many people take it"),
}


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
class RecommendedCard:
    rank: int
    card: Card
    source: str
    whys: list[Why]


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
    whys = [Why(sentence(reason.subject), reason.percent) for reason in item.reasons]
    if item.rest_percent:
        whys.append(Why(REST[item.source], item.rest_percent))
    return RecommendedCard(rank=item.rank, card=card, source=item.source.label, whys=whys)


def sentence(subject):
    """Why a past course, or a skill of the goal, speaks for a recommendation."""
    if isinstance(subject, Course):
        return format_html(_("In your learning: {course}"), course=marked(subject.title))
    return format_html(_("It teaches {skill}, which your goal needs"), skill=marked(subject.name))
