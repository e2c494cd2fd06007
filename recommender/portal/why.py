"""Why is this course on my list, or not? The answer in words, and the search that leads there."""

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


@login_required
def why_course(request, pk):
    course = get_object_or_404(Course.objects.published().select_related("provider"), pk=pk)
    answer = why(Learner.objects.for_user(request.user), course, limit=LIST_LENGTH)
    context = {
        "answer": answer,
        "compared": [item for item in (answer.own, answer.last) if item],
        "course": course,
        "obstacles": [text for obstacle in answer.obstacles for text in in_words(obstacle)],
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
    """What keeps a course off the list, a sentence for each thing."""
    if obstacle.rule is Rule.ENTRY_LEVEL:
        sentence = _("It asks, or its like do, for HKQF level {needed} to enter; your profile says {have}.")
        return [format_html(sentence, needed=obstacle.needed, have=obstacle.have)]
    if obstacle.rule is Rule.HOURS:
        sentence = _("It takes {needed} hours a week; you have {have}.")
        return [format_html(sentence, needed=hours(obstacle.needed), have=hours(obstacle.have))]
    if obstacle.rule is Rule.LANGUAGE:
        languages = format_html_join(", ", "{}", ((marked(one.name),) for one in obstacle.languages))
        return [format_html(_("You follow none of its languages: {languages}."), languages=languages)]
    if obstacle.rule is Rule.PREREQUISITE:
        return [*map(skill_first, obstacle.skills), *map(course_first, obstacle.courses)]
    return [IN_THE_WAY[obstacle.rule]]


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
    if one.rank is None:
        return format_html(_("Without {course} in your learning, it would be off your list."), **words)
    if one.rank == rank:
        return format_html(_("Without {course} in your learning, it would stay at place {rank}."), **words)
    return format_html(
        _("Without {course} in your learning, it would be at place {rank} instead of {now}."), **words
    )
