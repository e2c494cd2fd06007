"""The first visit: four short steps, each a page of its own, that can be skipped, left and resumed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from recommender.learners.models import Learner
from recommender.portal.cards import cards_of
from recommender.portal.standing import standing_of
from recommender.portal.welcome_pages import PAGES
from recommender.recommendations.lists import shown_list
from recommender.recommendations.refresh import refresh

LIST_LENGTH = 3
STEPS = list(Learner.WelcomeStep)


@login_required
def welcome(request):
    """Back to where the first visit was left."""
    learner = Learner.objects.for_user(request.user)
    return redirect("portal:welcome_step", learner.welcome_step or STEPS[0])


@login_required
def step(request, step):
    if step not in PAGES:
        raise Http404
    learner = Learner.objects.for_user(request.user)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    page = PAGES[step](learner, *posted)
    do = request.POST.get("do")
    if request.method == "POST" and do == "skip":
        return move_on(learner, step)
    if request.method == "POST" and page.is_complete():
        save(request, learner, page, is_first=step == STEPS[0])
        return move_on(learner, step)
    number = STEPS.index(step) + 1
    context = {
        "cards": list_so_far(learner) if number > 1 else [],
        "forms": page.forms,
        "is_last": number == len(STEPS),
        "learner": learner,
        "number": number,
        "page": page,
        "step": STEPS[number - 1],
        "steps": STEPS,
    }
    return render(request, page.template, context)


@require_POST
@login_required
def end(request):
    """Nobody is led back to the first visit any more; its pages stay."""
    note_step(Learner.objects.for_user(request.user), "")
    return redirect("portal:courses_for_you")


def move_on(learner, step):
    following = STEPS[STEPS.index(step) + 1 :]
    note_step(learner, following[0] if following else "")
    return redirect("portal:welcome_step", following[0]) if following else redirect("portal:courses_for_you")


def note_step(learner, step):
    Learner.objects.filter(pk=learner.pk).update(welcome_step=step)


def save(request, learner, page, *, is_first):
    """Saves what was answered, makes the list anew at once, and says how it changed."""
    before = None if is_first else top_of_list(learner)
    with transaction.atomic():
        page.save()
    refresh([learner.pk])
    if before is not None:
        say_what_changed(request, len(top_of_list(learner) - before))


def say_what_changed(request, n_new):
    if n_new:
        message = ngettext(
            "Saved: %(n)d new course in your list.", "Saved: %(n)d new courses in your list.", n_new
        )
        messages.success(request, message % {"n": n_new})
    else:
        messages.success(request, _("Saved. The first courses of your list stay the same."))


def top_of_list(learner):
    return {item.course.pk for item in shown_list(learner, limit=LIST_LENGTH).items}


def list_so_far(learner):
    shown = shown_list(learner, limit=LIST_LENGTH)
    return cards_of([item.course for item in shown.items], standing_of(learner), learner=learner)
