"""Signed links that let a person claim the history that was imported for them."""

from django.core import signing

from recommender.learners.models import Learner

SALT = "claim"
MAX_AGE_SECONDS = 30 * 24 * 60 * 60


def make_claim_token(learner):
    """A token for the address of the claim page; whoever holds it may claim the history within 30 days."""
    return signing.dumps(learner.pk, salt=SALT)


def read_claim_token(token):
    """The imported learner that a token stands for.

    Raises BadSignature when the token is forged or too old, Learner.DoesNotExist when somebody claimed the
    history since.
    """
    pk = signing.loads(token, salt=SALT, max_age=MAX_AGE_SECONDS)
    return Learner.objects.get(pk=pk, user=None)
