"""Earlier courses from a file: uploaded, looked through, confirmed."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.db import transaction
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommender.learners.history import MOST_ROWS, history_rows, read_history, record_history
from recommender.learners.models import Enrolment, Learner
from recommender.portal.forms import HistoryForm
from recommender.portal.returning import learner_action
from recommender.recommendations.tasks import refresh_soon
from recommender.skills.importing.results import ImportRefusedError

SALT = "history"
# The page that the rows were looked through on may stay open for so long.
CONFIRMED_WITHIN_SECONDS = 3600


@login_required
def my_history(request):
    learner = Learner.objects.for_user(request.user)
    form = HistoryForm(request.POST or None, request.FILES or None)
    context = {"form": form, "most_rows": MOST_ROWS, "statuses": Enrolment.Status.choices}
    if request.method == "POST" and form.is_valid():
        try:
            rows, rejects = read_history(form.cleaned_data["file"], learner, today=timezone.localdate())
        except ImportRefusedError as refused:
            form.add_error("file", str(refused))
        else:
            context |= {
                "is_read": True,
                "n_more_problems": rejects.count - len(rejects.problems),
                "n_news": sum(row.is_news for row in rows),
                "problems": rejects.problems,
                "rows": rows,
                "token": token_of(learner, rows),
            }
    return render(request, "portal/my_history.html", context)


def token_of(learner, rows):
    """Holds the rows, so that what was looked through is what is recorded."""
    news = [[row.course.pk, row.status.value, f"{row.on}"] for row in rows if row.is_news]
    return signing.dumps([learner.pk, news], salt=SALT, compress=True)


@learner_action
@transaction.atomic
def confirm(request, learner):
    try:
        owner, said = signing.loads(request.POST.get("rows", ""), salt=SALT, max_age=CONFIRMED_WITHIN_SECONDS)
    except signing.BadSignature:
        owner = None
    if owner != learner.pk:
        messages.error(request, _("These rows cannot be added any more: choose the file again."))
        return
    rows = history_rows(learner, [(course, status, date.fromisoformat(on)) for course, status, on in said])
    recorded, refused = record_history(learner, rows)
    refresh_soon(learner)
    sentence = ngettext(
        "%(n)d course is in your learning.", "%(n)d courses are in your learning.", len(recorded)
    )
    messages.success(request, sentence % {"n": len(recorded)})
    for row in refused:
        words = {"course": row.course.title, "reason": row.refused}
        messages.error(request, _("%(course)s could not be added. %(reason)s") % words)
