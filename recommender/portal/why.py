"""Why is this course on my list, or not? The answer in words, and the search that leads there."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from recommender.catalogue.models import Course
from recommender.catalogue.search import in_readers_language
from recommender.learners.models import Learner
from recommender.portal.for_you import parts_of
from recommender.portal.templatetags.hongkong import marked
from recommender.recommendations.rules import Rule
from recommender.recommendations.scoring import LIST_LENGTH
from recommender.recommendations.why import why
from recommender.skills.numbers import rounded

MOST_FOUND = 20
IN_THE_WAY = {
    Rule.INACTIVE: gettext_lazy("It is closed: nobody can join it any more."),
    Rule.NO_OFFERING: gettext_lazy("It has no date to join at present: all have begun or are full."),
    Rule.COMPLETED: gettext_lazy("You have completed it."),
    Rule.IN_LEARNING: gettext_lazy("It is in your learning already."),
    Rule.DISMISSED: gettext_lazy("You said that it is not for you."),
}
# What would put the course back among those that may be listed.
WOULD_CHANGE = {
    Rule.INACTIVE: gettext_lazy("Only its provider can open it again."),
    Rule.NO_OFFERING: gettext_lazy("A new date, or a seat that becomes free, would change that."),
    Rule.COMPLETED: gettext_lazy("If you have not, remove it from your learning."),
    Rule.IN_LEARNING: gettext_lazy("Remove it from your learning to have it recommended."),
    Rule.DISMISSED: gettext_lazy("Undo that on its page to have it recommended."),
    Rule.ENTRY_LEVEL: gettext_lazy("If you have a higher qualification, say so on your profile."),
    Rule.HOURS: gettext_lazy("As many hours on your profile would change that."),
    Rule.LANGUAGE: gettext_lazy("If you can follow one of them, add it on your profile."),
}
SKILL_WOULD_CHANGE = gettext_lazy(
    "Another course may lead there first. If you are at that level already, say so on your profile."
)
COURSE_WOULD_CHANGE = gettext_lazy("If you have, mark it as completed.")


@dataclass(frozen=True)
class InTheWay:
    """One thing that keeps a course off a list, and what would change that, each a sentence."""

    text: str
    change: str


@login_required
def why_course(request, pk):
    course = get_object_or_404(Course.objects.published().select_related("provider"), pk=pk)
    answer = why(Learner.objects.for_user(request.user), course, limit=LIST_LENGTH)
    context = {
        "answer": answer,
        "compared": [item for item in (answer.own, answer.last) if item],
        "course": course,
        "obstacles": [one for obstacle in answer.obstacles for one in in_words(obstacle)],
        "parts": parts_of(answer.own, notes={}) if answer.own else [],
        "what_ifs": [what_if(one, answer.own.rank) for one in answer.counterfactuals],
    }
    return render(request, "portal/why_course.html", context)


@login_required
def why_not(request):
    """Finds the course that a learner asks about; the only one found is gone to at once."""
    asked = request.GET.get("q", "").strip()
    courses = list(named_like(asked)[:MOST_FOUND]) if asked else []
    if len(courses) == 1:
        return redirect("portal:why_course", courses[0].pk)
    return render(request, "portal/why_not.html", {"asked": asked, "courses": courses})


def named_like(text):
    """Courses that have a page and are found by a text, the nearest first."""
    found = Course.objects.published().search(text).select_related("provider")
    return found.order_by("distance", in_readers_language(get_language()), "pk")


def in_words(obstacle):
    """What keeps a course off the list: an InTheWay for each thing."""
    if obstacle.rule is Rule.PREREQUISITE:
        skills = [InTheWay(skill_first(lacked), SKILL_WOULD_CHANGE) for lacked in obstacle.skills]
        return skills + [InTheWay(course_first(one), COURSE_WOULD_CHANGE) for one in obstacle.courses]
    return [InTheWay(fact_against(obstacle), WOULD_CHANGE[obstacle.rule])]


def fact_against(obstacle):
    if obstacle.rule is Rule.ENTRY_LEVEL:
        sentence = _("It asks, or its like do, for HKQF level {needed} to enter; your profile says {have}.")
        return format_html(sentence, needed=obstacle.needed, have=obstacle.have)
    if obstacle.rule is Rule.HOURS:
        sentence = _("It takes {needed} hours a week; you have {have}.")
        return format_html(sentence, needed=hours(obstacle.needed), have=hours(obstacle.have))
    if obstacle.rule is Rule.LANGUAGE:
        languages = format_html_join(", ", "{}", ((marked(one.name),) for one in obstacle.languages))
        return format_html(_("You follow none of its languages: {languages}."), languages=languages)
    return IN_THE_WAY[obstacle.rule]


def hours(number):
    return rounded(number, 1).removesuffix(".0")


def skill_first(lacked):
    return format_html(
        _("It asks for {skill} at level “{needed}”; yours is “{held}”."),
        skill=marked(lacked.skill.name),
        needed=lacked.needed.label,
        held=lacked.held.label,
    )


def course_first(required):
    return format_html(_("It asks that you complete {course} first."), course=marked(required.title))


def what_if(one, rank):
    """What would move a course that is at a place now."""
    if one.level is None:
        return what_if_without(one, rank)
    words = {"skill": marked(one.subject.name), "level": one.level.label, "rank": one.rank, "now": rank}
    if one.rank is None:
        return format_html(
            _("If you had {skill} at level “{level}” already, it would be off your list."), **words
        )
    if one.rank == rank:
        return format_html(
            _("If you had {skill} at level “{level}” already, it would stay at place {rank}."), **words
        )
    return format_html(
        _("If you had {skill} at level “{level}” already, it would be at place {rank} instead of {now}."),
        **words,
    )


def what_if_without(one, rank):
    words = {"course": marked(one.subject.title), "rank": one.rank, "now": rank}
    if one.is_turned_down:
        return what_if_not_turned_down(one, rank, words)
    if one.rank is None:
        return format_html(_("Without {course} in your learning, it would be off your list."), **words)
    if one.rank == rank:
        return format_html(_("Without {course} in your learning, it would stay at place {rank}."), **words)
    return format_html(
        _("Without {course} in your learning, it would be at place {rank} instead of {now}."), **words
    )


def what_if_not_turned_down(one, rank, words):
    if one.rank is None:
        return format_html(
            _("Had you not said that {course} is not for you, it would be off your list."), **words
        )
    if one.rank == rank:
        return format_html(
            _("Had you not said that {course} is not for you, it would stay at place {rank}."), **words
        )
    return format_html(
        _("Had you not said that {course} is not for you, it would be at place {rank} instead of {now}."),
        **words,
    )
