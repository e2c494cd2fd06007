"""The navigation: which places there are for this reader, which of them is here, and what was left undone."""

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommender.learners.models import Learner

register = template.Library()

# View, label, name of the icon.
FOR_LEARNERS = (
    ("portal:courses_for_you", _("For you"), "for-you"),
    ("portal:catalogue", _("Courses"), "courses"),
    ("portal:roles", _("Roles"), "roles"),
    ("portal:learning", _("My learning"), "learning"),
    ("portal:profile", _("Profile"), "profile"),
)
FOR_VISITORS = (
    ("portal:front", _("Home"), "home"),
    ("portal:catalogue", _("Courses"), "courses"),
    ("portal:roles", _("Roles"), "roles"),
    ("account_signup", _("Sign up"), "for-you"),
    ("account_login", _("Sign in"), "profile"),
)
PART_OF = {
    "portal:course": "portal:catalogue",
    "portal:role": "portal:roles",
    "portal:skill": "portal:roles",
    "portal:claim": "portal:profile",
    "portal:why_course": "portal:courses_for_you",
    "portal:why_not": "portal:courses_for_you",
    "portal:my_gap": "portal:courses_for_you",
    "portal:my_pathway": "portal:courses_for_you",
    "portal:my_data": "portal:profile",
    "portal:erase": "portal:profile",
    "portal:ask": "portal:profile",
    "portal:welcome_step": "portal:courses_for_you",
}


@register.inclusion_tag("portal/partials/first_visit.html", takes_context=True)
def first_visit(context):
    """Where the reader left their first visit; nothing on its own pages."""
    request = context["request"]
    here = request.resolver_match and request.resolver_match.view_name
    if not request.user.is_authenticated or here == "portal:welcome_step":
        return {}
    learners = Learner.objects.filter(user=request.user).exclude(welcome_step="")
    left = learners.values_list("welcome_step", flat=True).first()
    steps = list(Learner.WelcomeStep)
    return {
        "csrf_token": context.get("csrf_token"),
        "n": len(steps),
        "number": left and steps.index(left) + 1,
        "step": left and Learner.WelcomeStep(left),
    }


@register.inclusion_tag("portal/partials/navigation.html")
def navigation(request):
    match = request.resolver_match
    here = match.view_name if match else None
    here = PART_OF.get(here, here)
    places = FOR_LEARNERS if request.user.is_authenticated else FOR_VISITORS
    return {
        "places": [
            {"address": reverse(view), "label": label, "icon": icon, "is_here": view == here}
            for view, label, icon in places
        ]
    }
