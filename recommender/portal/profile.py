"""The profile: what a learner tells us, and the switch for profiling."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from recommender.learners.models import Learner, SkillHeld, SubsidyClaim
from recommender.portal.forms import ProfileForm, SkillHeldForm, SubsidyClaimForm
from recommender.recommendations.tasks import refresh_soon
from recommender.skills.models import Level


@login_required
def profile(request):
    learner = Learner.objects.for_user(request.user)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=learner)
    if request.method == "POST" and form.is_valid():
        save(form)
        messages.success(request, _("Your profile is saved."))
        return redirect("portal:profile")
    context = {
        "claim_form": SubsidyClaimForm(prefix="claim"),
        "claims": SubsidyClaim.objects.filter(learner=learner).select_related("scheme"),
        "form": form,
        "learner": learner,
        "levels": [level for level in Level if level > Level.NONE],
        "skill_form": SkillHeldForm(learner),
        "skills_held": SkillHeld.objects.filter(learner=learner).select_related("skill").order_by("skill"),
    }
    return render(request, "portal/profile.html", context)


@transaction.atomic
def save(form):
    refresh_soon(form.save())
