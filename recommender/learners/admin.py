"""Accounts, learners and what they did in the admin; and the record of what was done in the admin itself.

There may be millions of learners, enrolments and events: enrolments and events are looked up by exact
code, id or address.
"""

from operator import attrgetter

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import ManyToManyField
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from recommender.learners import questions
from recommender.learners.accesses import RecordsAccess, What, record
from recommender.learners.audit import NamesNobody
from recommender.learners.claims import make_claim_token
from recommender.learners.models import (
    Access,
    ConsentDecision,
    Enrolment,
    Event,
    Learner,
    Question,
    SkillHeld,
    SubsidyClaim,
    User,
)
from recommender.learners.services import touch
from recommender.skills.inlines import Rows
from recommender.skills.large_tables import LargeTableAdmin
from recommender.skills.read_only import ReadOnly


class AccountCreationForm(UserCreationForm):
    class Meta:
        model = User
        fields = ["email"]


@admin.register(User)
class UserAdmin(NamesNobody, auth_admin.UserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = AccountCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["email", "is_staff", "is_superuser", "is_active", "date_joined", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["email"]
    ordering = ["email"]
    show_full_result_count = False
    autocomplete_fields = ["groups"]
    filter_horizontal = []
    readonly_fields = ["date_joined", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        (
            _("What the account may do"),
            {
                "fields": ["is_active", "is_staff", "is_superuser", "groups"],
                "description": _("Permissions come from groups."),
            },
        ),
        (_("Dates"), {"fields": ["date_joined", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "usable_password", "password1", "password2"]})]

    def get_readonly_fields(self, request, obj=None):
        """Only superusers hand out rights: others could give themselves any."""
        rights = (
            [] if request.user.is_superuser else ["is_staff", "is_superuser", "groups", "user_permissions"]
        )
        return [*self.readonly_fields, *rights]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and may_touch(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and may_touch(request.user, obj)


def may_touch(user, other):
    """Whether an account may change another: a superuser's password would be a way to become one."""
    return user.is_superuser or not getattr(other, "is_superuser", False)


# Their own admin classes are Django's plain ones, without the site's look.
admin.site.unregister([Group, EmailAddress])


@admin.register(Group)
class GroupAdmin(auth_admin.GroupAdmin, ModelAdmin):
    # Two lists side by side, as Django has it, do not fit on a phone.
    filter_horizontal = []
    formfield_overrides = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """Permissions by their names, such as "Can change course"."""
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.label_from_instance = attrgetter("name")
        return field


@admin.register(EmailAddress)
class StyledEmailAddressAdmin(NamesNobody, EmailAddressAdmin, ModelAdmin):
    list_select_related = ["user"]
    show_full_result_count = False


class ListRestsOnAdmin(RecordsAccess, NamesNobody, LargeTableAdmin):
    """Rows that a learner's list rests on.

    `on_change` is called with the learner after each change. The layer above, which makes the lists, adds
    to it (see `recommendations.admin`).
    """

    on_change = (touch,)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.note_change(self.learner_of(form.instance))

    def note_change(self, learner):
        for call in self.on_change:
            call(learner)


class SkillsHeld(Rows):
    model = SkillHeld
    fields = ["skill", "level", "evidence"]
    autocomplete_fields = ["skill"]
    list_select_related = ["learner__user", "skill"]
    tab = True


class SubsidyClaims(Rows):
    model = SubsidyClaim
    fields = ["scheme", "amount_cents", "claimed_on", "course"]
    autocomplete_fields = ["scheme", "course"]
    list_select_related = ["learner__user", "scheme", "course"]
    tab = True


@admin.register(Learner)
class LearnerAdmin(ListRestsOnAdmin):
    list_display = ["__str__", "source", "external_id", "sector", "consents_to_profiling", "is_synthetic"]
    list_filter = ["consents_to_profiling", "is_synthetic", "sector"]
    list_select_related = ["user", "sector"]
    search_fields = ["external_id__exact", "display_name", "user__email"]
    autocomplete_fields = ["user", "languages", "target_roles", "sector", "present_role"]
    readonly_fields = [
        "consents_to_profiling",
        "profiling_decided_at",
        "shares_with_advisers",
        "wants_digest",
        "history",
        "created_at",
        "changed_at",
    ]
    inlines = [SkillsHeld, SubsidyClaims]
    actions_detail = ["show_claim_address"]
    fieldsets = [
        (
            _("Who"),
            {
                "fields": ["user", ("source", "external_id"), "display_name", "is_synthetic"],
                "description": _("A person with an account, or a history that a partner sent."),
            },
        ),
        (_("Goals"), {"fields": ["target_roles", "sector", "present_role", "studies"]}),
        (
            _("What fits"),
            {"fields": ["languages", "hours_a_week", "budget_cents", "hkqf_level", "district", "born_on"]},
        ),
        (
            _("Consent"),
            {
                "fields": [
                    ("consents_to_profiling", "profiling_decided_at"),
                    ("shares_with_advisers", "wants_digest"),
                ],
                "description": _("The person's own decision: it cannot be taken here."),
            },
        ),
        (_("Past"), {"fields": ["history", ("created_at", "changed_at")]}),
    ]

    def learner_of(self, learner):
        return learner

    def get_readonly_fields(self, request, obj=None):
        """Whose history a row is stands; the person claims it through the claim address."""
        return [*self.readonly_fields, *(["user", "source", "external_id"] if obj else [])]

    @display(description=_("history"))
    def history(self, learner):
        if not learner.pk:
            return None
        lists = {"enrolment": _("Enrolments"), "event": _("Events")}
        return format_html_join(
            ", ",
            '<a class="text-primary-600 dark:text-primary-500" href="{}?learner={}">{}</a>',
            (
                (reverse(f"admin:learners_{name}_changelist"), learner.pk, label)
                for name, label in lists.items()
            ),
        )

    def get_actions_detail(self, request, object_id):
        claimable = Learner.objects.filter(pk=object_id, user=None).exists()
        return super().get_actions_detail(request, object_id) if claimable else []

    @action(description=_("Show the claim address"), permissions=["change"], icon="link")
    def show_claim_address(self, request, object_id):
        learner = self.get_object(request, object_id)
        if learner and not learner.user_id:
            record(learner, request.user, What.PROFILE_READ)
            address = request.build_absolute_uri(reverse("portal:claim", args=[make_claim_token(learner)]))
            hint = _(
                "Whoever opens this address within 30 days may claim the history; send it to its person:"
            )
            messages.success(request, format_html("{} <b>{}</b>", hint, address))
        return redirect("admin:learners_learner_change", object_id)


class DeedAdmin(ListRestsOnAdmin):
    """What a learner did with a course."""

    read = What.HISTORY_READ
    changed = What.HISTORY_CHANGED
    list_display = ["learner", "course", "state", "at"]
    list_select_related = ["learner__user", "course"]
    search_fields = ["course__code__exact", "learner__external_id__exact", "learner__user__email__exact"]
    search_help_text = _("The exact code of a course, or the learner's id at the source or e-mail address.")
    raw_id_fields = ["learner", "course"]

    def learner_of(self, deed):
        return deed.learner

    def changelist_view(self, request, extra_context=None):
        """The rows of one learner, where the address names one."""
        response = super().changelist_view(request, extra_context)
        number = request.GET.get("learner", "")
        learner = Learner.objects.filter(pk=number).first() if number.isdecimal() else None
        if learner:
            record(learner, request.user, self.read)
        return response

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        record(obj.learner, request.user, self.changed)
        self.note_change(obj.learner)

    def delete_queryset(self, request, queryset):
        learners = {deed.learner for deed in queryset.select_related("learner")}
        super().delete_queryset(request, queryset)
        for learner in learners:
            record(learner, request.user, self.changed)
            self.note_change(learner)


@admin.register(Enrolment)
class EnrolmentAdmin(DeedAdmin):
    list_filter = ["status"]
    fields = ["learner", "course", "status", "at"]

    def get_readonly_fields(self, request, obj=None):
        return ["learner", "course"] if obj else []

    @display(description=_("status"))
    def state(self, enrolment):
        return enrolment.get_status_display()


@admin.register(Event)
class EventAdmin(DeedAdmin):
    """Signals come from the pages; here they can be read and, where wrong, deleted."""

    list_filter = ["kind"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @display(description=_("kind"))
    def state(self, event):
        return event.get_kind_display()


@admin.register(Question)
class QuestionAdmin(RecordsAccess, NamesNobody, LargeTableAdmin):
    """Questions of learners; an answer is shown to its learner, and sent."""

    changed = What.QUESTION_ANSWERED
    list_display = ["asked_at", "course", "text", "answered_at", "answered_by"]
    list_filter = [("answered_at", admin.EmptyFieldListFilter)]
    list_select_related = ["course", "answered_by"]
    fields = ["asked_at", "course", "text", "shared_profile", "answer", "answered_at", "answered_by"]
    readonly_fields = ["asked_at", "course", "text", "shared_profile", "answered_at", "answered_by"]

    def has_add_permission(self, request):
        return False

    def learner_of(self, question):
        return question.learner

    def read_of(self, question):
        return What.SHARED_READ if question.learner.shares_with_advisers else What.QUESTION_READ

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """An answer is given or changed, never emptied."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        field.required = True
        return field

    def save_model(self, request, obj, form, change):
        """Saved as it was, an answer is not sent a second time."""
        if "answer" in form.changed_data:
            questions.note_answer(obj, request.user)

    @display(description=_("the learner's profile"))
    def shared_profile(self, question):
        learner = question.learner
        if not learner.shares_with_advisers:
            return _("Not shared: the learner shows the profile to nobody.")
        held = SkillHeld.objects.filter(learner=learner).select_related("skill")
        parts = {
            _("target roles"): [role.name for role in learner.target_roles.all()],
            _("highest qualification, as an HKQF level"): [learner.hkqf_level or "?"],
            _("hours a week"): [learner.hours_a_week or "?"],
            _("skills held"): [f"{row.skill.name}: {row.get_level_display()}" for row in held],
        }
        return format_html_join(
            "",
            "<p>{}: {}</p>",
            ((label, ", ".join(str(value) for value in values)) for label, values in parts.items()),
        )


@admin.register(ConsentDecision)
class ConsentDecisionAdmin(ReadOnly, LargeTableAdmin):
    list_display = ["at", "learner", "purpose", "is_given"]
    list_select_related = ["learner__user"]
    list_filter = ["purpose"]


@admin.register(Access)
class AccessAdmin(ReadOnly, LargeTableAdmin):
    """Who looked at whom: administrators see the account behind each."""

    list_display = ["at", "learner", "by", "role", "what"]
    list_select_related = ["learner__user", "by"]
    list_filter = ["what"]

    def has_view_permission(self, request, obj=None):
        return request.user.is_active and request.user.is_superuser


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly, LargeTableAdmin):
    """The audit: who did what in the admin. Nobody writes it."""

    list_display = ["action_time", "user", "content_type", "object_repr", "action_flag", "get_change_message"]
    list_filter = ["action_flag", "content_type"]
    list_select_related = ["user", "content_type"]
    search_fields = ["object_id__exact", "object_repr", "user__email"]

    def has_view_permission(self, request, obj=None):
        return request.user.is_active and request.user.is_superuser
