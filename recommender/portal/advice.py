"""Ask an adviser: a question, about a course or not, and the answers so far."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from recommender.learners import mails, questions
from recommender.learners.models import Learner, Question
from recommender.portal.forms import QuestionForm


@login_required
def ask(request):
    learner = Learner.objects.for_user(request.user)
    form = QuestionForm(learner, request.GET.get("course"), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            questions.ask(learner, form.cleaned_data["text"], form.cleaned_data["course"])
        except questions.TooManyQuestions:
            return ratelimit.respond_429(request)
        messages.success(request, _("Your question has been sent. The answer will stand on this page."))
        return redirect("portal:ask")
    context = {
        "a_day_at_most": questions.A_DAY_AT_MOST,
        "form": form,
        "has_confirmed": mails.has_confirmed(request.user),
        "learner": learner,
        "questions": Question.objects.filter(learner=learner).select_related("course"),
    }
    return render(request, "portal/ask.html", context)
