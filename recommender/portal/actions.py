"""What a learner does on a page: its form posts here and returns there, with a message of what changed."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.catalogue.models import Course
from recommender.learners import consents, services
from recommender.learners.consents import Purpose
from recommender.learners.models import Enrolment, Event, SkillHeld, SubsidyClaim
from recommender.portal.forms import CertificateForm, CompletedOnForm, SkillHeldForm, SubsidyClaimForm
from recommender.portal.returning import learner_action, page_behind
from recommender.portal.templatetags.hongkong import hkd, marked
from recommender.recommendations.tasks import refresh_soon
from recommender.workforce.models import Role

NOW = {
    Enrolment.Status.SAVED: gettext_lazy("{course} is saved in your learning."),
    Enrolment.Status.ENROLLED: gettext_lazy("{course} is in your learning as enrolled."),
    Enrolment.Status.COMPLETED: gettext_lazy("{course} is in your learning as completed."),
    Enrolment.Status.DROPPED: gettext_lazy("{course} is in your learning as dropped."),
}


DECIDED = {
    (Purpose.PROFILING, True): gettext_lazy("Profiling is on. Your list now learns from your courses."),
    (Purpose.PROFILING, False): gettext_lazy(
        "Profiling is off. Your list rests on your goal and skills only."
    ),
    (Purpose.SHARING, True): gettext_lazy("An adviser who answers you sees your profile from now on."),
    (Purpose.SHARING, False): gettext_lazy("Advisers see your questions only, not your profile."),
    (Purpose.DIGEST, True): gettext_lazy("You will get an e-mail with three courses each month."),
    (Purpose.DIGEST, False): gettext_lazy("You will get no monthly e-mail."),
}


def say(request, sentence, course):
    messages.success(request, format_html(sentence, course=marked(course.title)))


def published_course(pk):
    return get_object_or_404(Course.objects.published(), pk=pk)


@learner_action
def enrol(request, learner, pk):
    course = published_course(pk)
    status = request.POST.get("status")
    try:
        record(learner, course, status)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        say(request, NOW[status], course)


@transaction.atomic
def record(learner, course, status):
    if status not in NOW:
        raise ValidationError(_("Choose what you did with this course."))
    services.record_enrolment(learner, course, status)
    refresh_soon(learner)


@learner_action
def certificate(request, learner, pk):
    course = get_object_or_404(Course, pk=pk)
    form = CertificateForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say whether you hold a certificate; its address begins with https://."))
        return
    is_held = form.cleaned_data["is_held"] == "yes"
    if services.record_certificate(learner, course, is_held=is_held, url=form.cleaned_data["url"]):
        say(request, _("What you said about the certificate of {course} is noted."), course)
    else:
        messages.error(request, _("Only a course that you completed has a certificate."))


@learner_action
@transaction.atomic
def completed_on(request, learner, pk):
    course = get_object_or_404(Course, pk=pk)
    form = CompletedOnForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["day"]))
    elif services.record_completed_on(learner, course, form.cleaned_data["day"]):
        refresh_soon(learner)
        say(request, _("The day you completed {course} is changed."), course)
    else:
        messages.error(request, _("Only a course that you completed has such a day."))


@learner_action
@transaction.atomic
def remove(request, learner, pk):
    course = get_object_or_404(Course, pk=pk)
    services.remove_enrolment(learner, course)
    refresh_soon(learner)
    say(request, _("{course} is no longer in your learning."), course)


@learner_action
@transaction.atomic
def dismiss(request, learner, pk):
    course = published_course(pk)
    reason = request.POST.get("reason")
    services.dismiss(learner, course, reason if reason in Event.Reason.values else None)
    refresh_soon(learner)
    context = {
        "course": course,
        "page": page_behind(request),
        "reason": Event.Reason(reason).label if reason in Event.Reason.values else "",
        "reasons": Event.Reason.choices,
    }
    messages.info(request, render_to_string("portal/partials/dismissed_message.html", context, request))


@learner_action
@transaction.atomic
def undo_dismissal(request, learner, pk):
    course = get_object_or_404(Course, pk=pk)
    services.undo_dismissal(learner, course)
    refresh_soon(learner)
    say(request, _("{course} may be recommended to you again."), course)


@learner_action
@transaction.atomic
def aim_at(request, learner, slug):
    role = get_object_or_404(Role, slug=slug)
    services.aim_at(learner, role)
    refresh_soon(learner)
    messages.success(
        request,
        format_html(
            _("{role} is a target role of yours now. Your list works towards it."), role=marked(role.name)
        ),
    )


@learner_action
@transaction.atomic
def hold_skill(request, learner):
    form = SkillHeldForm(learner, request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a skill and how well you do it."))
        return
    held = services.hold_skill(learner, **form.cleaned_data)
    refresh_soon(learner)
    messages.success(
        request,
        format_html(
            _("{skill} is in your profile: {level}."),
            skill=marked(held.skill.name),
            level=held.get_level_display(),
        ),
    )


@learner_action
@transaction.atomic
def forget_skill(request, learner, pk):
    held = get_object_or_404(SkillHeld.objects.select_related("skill"), learner=learner, skill=pk)
    services.forget_skill(learner, held.skill)
    refresh_soon(learner)
    messages.success(
        request, format_html(_("{skill} is no longer in your profile."), skill=marked(held.skill.name))
    )


@learner_action
@transaction.atomic
def add_claim(request, learner):
    form = SubsidyClaimForm(request.POST, prefix="claim")
    if not form.is_valid():
        messages.error(request, _("Choose a scheme, an amount above zero and a day up to today."))
        return
    said = form.cleaned_data
    claim = services.add_subsidy_claim(learner, said["scheme"], int(said["amount"] * 100), said["claimed_on"])
    refresh_soon(learner)
    messages.success(request, claim_message(_("{amount} of {scheme} is in your profile."), claim))


@learner_action
@transaction.atomic
def remove_claim(request, learner, pk):
    claim = get_object_or_404(SubsidyClaim.objects.select_related("scheme"), learner=learner, pk=pk)
    services.remove_subsidy_claim(learner, claim.pk)
    refresh_soon(learner)
    messages.success(request, claim_message(_("{amount} of {scheme} is no longer in your profile."), claim))


def claim_message(sentence, claim):
    return format_html(sentence, amount=hkd(claim.amount_cents), scheme=marked(claim.scheme.name))


@learner_action
@transaction.atomic
def decide(request, learner, purpose):
    if purpose not in consents.SWITCH:
        raise Http404
    is_given = request.POST.get("consents") == "yes"
    consents.decide(learner, purpose, is_given)
    refresh_soon(learner)
    messages.success(request, DECIDED[purpose, is_given])
