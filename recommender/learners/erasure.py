"""The end of an account: everything held about its person goes, in one transaction."""

from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from recommender.learners import mails
from recommender.learners.models import Learner, User


def works_in_the_office(user):
    """Whether the account belongs to the programme office, whose audit has to stay."""
    return user.is_staff or user.is_superuser or LogEntry.objects.filter(user=user).exists()


@transaction.atomic
def erase(user):
    """Deletes an account, its learner and every row that names either; says so by e-mail.

    Raises ValidationError for an account of the programme office.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if works_in_the_office(user):
        raise ValidationError(
            _(
                "This account has worked in the programme office, whose record of changes must stay. "
                "An administrator closes it."
            )
        )
    mails.send_soon("erased", user.email, language_of(user), {})
    user.delete()


def language_of(user):
    """The language in which an account is written to."""
    return Learner.objects.filter(user=user).values_list("language", flat=True).first() or ""
