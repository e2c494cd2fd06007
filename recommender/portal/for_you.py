"""Courses for you: the learner's list, why each course is on it, and the goal it works towards."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.catalogue.models import Course
from recommender.learners.gaps import shortages_of
from recommender.learners.models import Learner
from recommender.portal.cards import Card, cards_of
from recommender.portal.comparison import compared
from recommender.portal.facets import Facets, of_preferred_modes
from recommender.portal.goal import goals_of
from recommender.portal.shortages import in_percent
from recommender.portal.standing import standing_of
from recommender.portal.templatetags.hongkong import marked
from recommender.recommendations.lists import list_without_history, shown_list
from recommender.recommendations.packing import Demand, Source
from recommender.recommendations.scoring import LIST_LENGTH

FIRST_SHOWN = 10
FILTERS = ("cost", "start", "mode", "district", "language")
BY_POPULARITY = {
    Source.SECTOR: gettext_lazy(
        "How many people in your sector take it; neither your learning nor your goal speaks for it."
    ),
    Source.POPULAR: gettext_lazy(
        "How many people take it; neither your learning nor your goal speaks for it."
    ),
}
OTHER_PAST = gettext_lazy("The rest of what you took or turned down, together")
OTHER_SKILLS = gettext_lazy("Other skills, together")


@dataclass(frozen=True)
class Why:
    """One part of a course's score, in words and in percent; `notes` say what is known of a skill."""

    text: str
    percent: int
    notes: tuple[str, ...] = ()

    @property
    def width(self):
        """Of a bar out of 100, for or against; what speaks for a course may be more than its score."""
        return min(100, abs(self.percent))


@dataclass(frozen=True)
class WhyPart:
    """The parts of a score that relevance, or value, is the sum of; without parts `words` say it all."""

    title: str
    percent: int
    whys: list[Why]
    words: str = ""

    @property
    def speaks_for(self):
        return [why for why in self.whys if why.percent >= 0]

    @property
    def speaks_against(self):
        return [why for why in self.whys if why.percent < 0]


@dataclass(frozen=True)
class RecommendedCard:
    """`gap_closed` in percent of the learner's gap; `demand` says what is not known of it, or nothing.

    `place` is where the list with the learner's history has the course, where two lists are compared.
    """

    rank: int
    card: Card
    source: str
    parts: list[WhyPart]
    gap_closed: int
    demand: str
    place: str = ""


@login_required
def courses_for_you(request):
    learner = Learner.objects.for_user(request.user)
    own = shown_list(learner, limit=LIST_LENGTH)
    # For the eyes only: neither the consent nor what is stored changes.
    is_without_history = learner.consents_to_profiling and request.GET.get("history") == "off"
    shown = list_without_history(learner, limit=LIST_LENGTH) if is_without_history else own
    comparison = compared(own, shown) if is_without_history else None
    facets = facets_of(shown, request.GET, learner)
    left = set(facets.course_ids())
    found = [item for item in shown.items if item.course.pk in left]
    shows_all = "all" in request.GET
    items = found if shows_all else found[:FIRST_SHOWN]
    standing = standing_of(learner)
    recommended = recommended_cards(items, standing, learner, comparison)
    context = {
        "comparison": comparison,
        "facets": facets.facets(),
        "goals": goals_of(learner, standing, first=recommended[0].card if recommended else None),
        "has_history": bool(standing.statuses),
        "told": told_by(learner, standing),
        "is_filtered": bool(facets.chosen),
        "learner": learner,
        "n_found": len(found),
        "n_listed": len(shown.items),
        "of_preferred_modes": of_preferred_modes(request.GET, learner),
        "n_more": len(found) - len(items),
        "first_more": found[len(items)].rank if len(found) > len(items) else None,
        "recommended": recommended,
        "run": shown.run,
        "shows_all": shows_all,
    }
    return render(request, "portal/courses_for_you.html", context)


def told_by(learner, standing):
    """What the learner has told us that a list rests on before there is a goal or a history, in words."""
    told = {
        _("sector"): learner.sector_id,
        _("highest qualification"): learner.hkqf_level,
        _("languages"): learner.languages.exists(),
        _("hours a week"): learner.hours_a_week,
        _("skills"): standing.held,
    }
    return [words for words, is_told in told.items() if is_told]


def facets_of(shown, query, learner):
    """The catalogue's filters over the whole list, not only what the page shows of it."""
    courses = Course.objects.filter(pk__in=[item.course.pk for item in shown.items])
    return Facets(courses, query, learner, FILTERS)


def recommended_cards(items, standing, learner, comparison):
    cards = cards_of([item.course for item in items], standing, learner=learner)
    skills = {reason.subject.pk for item in items for reason in item.by_value.reasons}
    shortages = shortages_of(sorted(skills))
    return [
        recommended_card(item, card, shortages, comparison) for item, card in zip(items, cards, strict=True)
    ]


def recommended_card(item, card, shortages, comparison=None):
    """`shortages` maps ids of skills to what is known of them."""
    return RecommendedCard(
        rank=item.rank,
        card=card,
        source=item.source.label,
        parts=parts_of(item, notes_of(card, shortages)),
        gap_closed=round(100 * item.gap_closed),
        demand=item.demand.label if item.demand in (Demand.UNKNOWN, Demand.PARTLY) else "",
        place=comparison.place_of(item) if comparison else "",
    )


def notes_of(card, shortages):
    """{skill id: notes} of the skills of a card: from which level to which, and the shortage."""
    return {
        step.skill.pk: (
            _("%(before)s → %(after)s") % {"before": step.before.label, "after": step.after.label},
            *demand_for(shortages[step.skill.pk]),
        )
        for step in card.skills
        if step.skill.pk in shortages
    }


def demand_for(shortage):
    if shortage.share is None:
        return (_("Demand unknown"),)
    words = _("Shortage in Hong Kong: %(percent)s%%") % {"percent": in_percent(shortage.share)}
    return (words, _("Synthetic figures")) if shortage.is_synthetic else (words,)


def parts_of(item, notes):
    """What the score of a recommendation is the sum of, in words; `notes` as of `notes_of`."""
    people = item.relevance_source
    if people in BY_POPULARITY:
        # A share of nothing but popularity would look like a reason of the learner's own.
        return [WhyPart(people.label, item.by_relevance.percent, [], BY_POPULARITY[people])]
    parts = [
        why_part(people.label, item.by_relevance, past_course, OTHER_PAST),
        why_part(Source.GOAL.label, item.by_value, it_teaches, OTHER_SKILLS, notes),
    ]
    return [part for part in parts if part.whys]


def why_part(title, part, sentence, rest, notes=None):
    whys = [
        Why(sentence(reason), reason.percent, (notes or {}).get(reason.subject.pk, ()))
        for reason in part.reasons
    ]
    if part.rest_percent:
        whys.append(Why(rest, part.rest_percent))
    return WhyPart(title, part.percent, whys)


def past_course(reason):
    sentence = (
        _("A course you said is not for you: {course}")
        if reason.is_turned_down
        else _("In your learning: {course}")
    )
    return format_html(sentence, course=marked(reason.subject.title))


def it_teaches(reason):
    return format_html(_("It teaches {skill}, which your goal needs"), skill=marked(reason.subject.name))
