"""Questions to an adviser, and their answers."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from recommender.learners import mails
from recommender.learners.models import Learner, Question

A_DAY_AT_MOST = 5


class TooManyQuestions(Exception):  # noqa: N818
    """A learner has asked as much as one may within a day."""


@transaction.atomic
def ask(learner, text, course=None):
    """Stores a question. Raises TooManyQuestions where the learner asked five within the last day."""
    # Requests at the same time count one after the other.
    Learner.objects.select_for_update().get(pk=learner.pk)
    since = timezone.now() - timedelta(days=1)
    if Question.objects.filter(learner=learner, asked_at__gt=since).count() >= A_DAY_AT_MOST:
        raise TooManyQuestions
    return Question.objects.create(learner=learner, text=text, course=course)


@transaction.atomic
def note_answer(question, by):
    """Notes who answered and when, and tells the learner by e-mail. The question has its answer already."""
    question.answered_at = timezone.now()
    question.answered_by = by
    question.save()
    learner = question.learner
    if learner.user_id and mails.has_confirmed(learner.user):
        words = {"question": question.text, "answer": question.answer}
        mails.send_soon("answer", learner.user.email, learner.language, words)
