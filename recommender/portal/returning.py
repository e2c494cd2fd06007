"""Back to the page that a form stood on."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from recommender.learners.models import Learner


def page_behind(request, default="portal:courses_for_you"):
    """The page of our own that the form names in `next`, or the default page."""
    page = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return page
    return resolve_url(default)


def learner_action(view):
    """A view of a form that a learner posts: called with the learner, then back to the page of the form.

    A visitor is sent to sign in and comes back to that page.
    """

    @require_POST
    @wraps(view)
    def act(request, **kwargs):
        if not request.user.is_authenticated:
            return redirect_to_login(page_behind(request))
        view(request, Learner.objects.for_user(request.user), **kwargs)
        return redirect(page_behind(request))

    return act
