"""Every page of the portal, so that what holds for one can be tried on all.

What stands in braces in an address is filled in by `addresses`. A route that shows no page is named with what
it does instead.
"""

from datetime import date
from types import SimpleNamespace

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.utils import timezone

from recommender.learners.claims import make_claim_token
from recommender.learners.models import Question
from recommender.learners.pathways import save_pathway
from recommender.portal.digest import make_token
from tests.factories import make_course, make_learner, make_role, make_skill, make_user

OPEN = [
    "/",
    "/?role=data-scientist",
    "/courses/",
    "/courses/?q=zzzz&free=on",
    "/courses/{course}/",
    "/roles/",
    "/roles/?sector=health",
    "/roles/data-scientist/",
    "/skills/python/",
    "/privacy/",
    "/privacy/inventory/",
    "/contact/",
    "/erased/",
    "/monthly-e-mail/stop/x/",
    "/monthly-e-mail/stop/{stop}/",
    "/accessibility/",
    "/how-recommendations-are-made/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/x/",
    "/accounts/confirm-email/{confirm}/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/x-y/",
    "/accounts/password/reset/key/{reset}/",
    "/accounts/password/reset/key/done/",
]
OWN = [
    "/",
    "/courses/",
    "/courses/{course}/",
    "/courses/{closed}/",
    "/roles/data-scientist/",
    "/courses/{course}/why/",
    "/courses/{free}/why/",
    "/welcome/where-i-am/",
    "/welcome/where-i-want-to-go/",
    "/welcome/what-i-can-do/",
    "/welcome/what-fits-me/",
    "/courses-for-you/",
    "/courses-for-you/?cost=free&mode=blended",
    "/courses-for-you/?history=off&all=on",
    "/courses-for-you/why-not/?q=python",
    "/my-gap/",
    "/my-gap/?role=beginner",
    "/my-gap/?role=vague",
    "/my-learning/",
    "/my-learning/earlier-courses/",
    "/my-pathway/",
    "/my-pathway/?role=governance",
    "/my-pathway/?role=data-scientist&coverage=100",
    "/my-pathway/?role=vague",
    "/my-pathway/?role=governance&hours_a_week=0",
    "/profile/",
    "/my-data/",
    "/my-data/erase/",
    "/ask-an-adviser/?course={course}",
    "/claim/{token}/",
    "/claim/x/",
    "/accounts/password/change/",
    "/accounts/email/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
]
# What somebody sees who has told nothing yet.
OF_A_NEWCOMER = [
    "/courses-for-you/",
    "/my-gap/",
    "/my-learning/",
    "/my-pathway/",
    "/profile/",
    "/my-data/",
    "/ask-an-adviser/",
]
# With the addresses of tests/portal/error_urls.py.
FAILING = {
    "/fails/400/": 400,
    "/fails/403/": 403,
    "/fails/csrf/": 403,
    "/nothing/here/": 404,
    "/fails/429/": 429,
    "/fails/500/": 500,
}

POSTED, LEADS_ON, DOWNLOAD = "only takes what is sent", "leads to another page", "gives a file"
NO_PAGES = {
    "/courses/{course}/dismissal/": POSTED,
    "/courses/{course}/dismissal/undo/": POSTED,
    "/courses/{course}/enrolment/": POSTED,
    "/courses/{course}/enrolment/certificate/": POSTED,
    "/courses/{course}/enrolment/day/": POSTED,
    "/courses/{course}/enrolment/remove/": POSTED,
    "/my-data/consents/profiling/": POSTED,
    "/my-learning/earlier-courses/confirm/": POSTED,
    "/my-pathway/governance/drop/": POSTED,
    "/my-pathway/limits/": POSTED,
    "/my-pathway/save/": POSTED,
    "/profile/claims/": POSTED,
    "/profile/claims/1/remove/": POSTED,
    "/profile/skills/": POSTED,
    "/profile/skills/1/remove/": POSTED,
    "/roles/data-scientist/target/": POSTED,
    "/welcome/end/": POSTED,
    "/accounts/login/code/confirm/": LEADS_ON,
    "/accounts/password/set/": LEADS_ON,
    "/i18n/setlang/": LEADS_ON,
    "/welcome/": LEADS_ON,
    "/my-data/export/": DOWNLOAD,
    "/my-pathway/{pathway}/calendar.ics": DOWNLOAD,
}


def addresses(templates, city):
    """Each address of a list, with rows in the database for all that it names."""
    names = fill(city)
    return [template.format(**names) for template in templates]


def fill(city):
    """Adds to the city what only some pages show. Returns what stands in braces."""
    learner, user = city.learner, city.learner.user
    ethics = make_skill("ethics", name_en="AI ethics")
    dated = make_course("ethics", title_en="Ethics of machines", raises={ethics: 3}, notional_hours=12)
    roles = [
        make_role("governance", name_en="AI governance officer", needs={ethics: (1.0, 3)}),
        make_role("beginner", name_en="Beginner", needs={city.python: (1.0, 1)}),
        make_role("vague", name_en="Something with AI"),
    ]
    learner.target_roles.add(*roles)
    days = {"starts_on": date(2099, 1, 4), "ends_on": date(2099, 2, 4), "offering": None}
    steps = [SimpleNamespace(course=course, **days) for course in (city.taken, dated, city.free)]
    pathway = save_pathway(learner, roles[0], "fastest", 100, steps)
    for answer, at in (("", None), ("Yes, it is.", timezone.now())):
        Question.objects.create(learner=learner, text="Is it for me?", answer=answer, answered_at=at)
    EmailAddress.objects.create(user=user, email=user.email, primary=True)
    second = EmailAddress.objects.create(user=user, email="second@example.hk")
    return {
        "closed": city.closed.pk,
        "confirm": EmailConfirmationHMAC(second).key,
        "course": city.rich.pk,
        "free": city.free.pk,
        "pathway": pathway.pk,
        "reset": f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}",
        "stop": make_token(make_learner(user=make_user(), wants_digest=True)),
        "token": make_claim_token(make_learner(external_id="7")),
    }
