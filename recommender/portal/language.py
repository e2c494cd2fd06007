"""The language switch, which also says in which language a learner is written to."""

from django.conf import settings
from django.views.i18n import set_language

from recommender.learners.models import Learner


def choose_language(request):
    response = set_language(request)
    language = request.POST.get("language")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        Learner.objects.filter(user=request.user).update(language=language)
    return response
