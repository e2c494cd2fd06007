"""Runs, their lists and the schedule in the admin: start a run, watch it, publish it, roll back to it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from recommender.learners.accesses import RecordsAccess, What
from recommender.learners.models import Enrolment, Event, Learner
from recommender.recommendations import curve_report, reports
from recommender.recommendations.lists import with_names
from recommender.recommendations.models import LiveRun, MissingCourse, PackedList, RankingSettings, Run
from recommender.recommendations.packing import unpack
from recommender.recommendations.publishing import publish_held, roll_back
from recommender.recommendations.refresh import live_run
from recommender.recommendations.tasks import refresh_soon, start_run
from recommender.recommendations.tradeoff import officers_weight, weight_in_force
from recommender.skills.large_tables import LargeTableAdmin
from recommender.skills.read_only import ReadOnly
from recommender.skills.spreadsheets import csv_answer

# What an officer changes about one learner shows in that learner's list at once.
for changed in (Learner, Enrolment, Event):
    admin.site.get_model_admin(changed).on_change += (refresh_soon,)


@dataclass(frozen=True)
class Move:
    """A way of moving the pointer to a run, and the words that ask whether one means it."""

    carry_out: Callable
    title: Promise
    consequence: Promise
    done: Promise


PUBLISH = Move(
    publish_held,
    _("Publish this held run"),
    _("Learners see this run's lists from now on, although its figures are out of bounds."),
    _("Learners see run %(run)s now, although it was held."),
)
ROLL_BACK = Move(
    roll_back,
    _("Roll back to this run"),
    _("Learners see this earlier run's lists again from now on."),
    _("Learners see run %(run)s again."),
)


def curve(run, weight):
    """What `admin/recommendations/curve.html` shows of a run, and of a weight as the one in force."""
    drawn = run.quality.get("tradeoff") if run else None
    return {
        "n_learners": drawn and drawn["n_learners"],
        "weight": reports.figure(weight),
        "chart": curve_report.curve_chart(drawn, weight),
        "table": curve_report.curve_table(drawn, weight),
    }


@admin.register(Run)
class RunAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "number",
        "badge",
        "is_live",
        "progress",
        "ndcg",
        "started_by",
        "created_at",
        "finished_at",
    ]
    list_filter = ["status", "created_at"]
    list_select_related = ["started_by"]
    search_fields = ["pk", "started_by__email", "error"]
    list_before_template = "admin/recommendations/run/start.html"
    change_form_outer_before_template = "admin/recommendations/run/report.html"
    show_add_link = False
    fieldsets = [
        (
            _("Read"),
            {"fields": ["read_at", "n_learners", "n_courses", "n_enrolments"]},
        ),
        (
            _("Process"),
            {"fields": ["started_by", "process", "created_at", "started_at", "heartbeat_at", "finished_at"]},
        ),
    ]

    def get_queryset(self, request):
        live = LiveRun.objects.filter(run=OuterRef("pk"))
        return super().get_queryset(request).annotate(live=Exists(live))

    def get_urls(self):
        own = [
            ("<int:pk>/progress/", self.progress_view, "progress"),
            ("<int:pk>/publish/", self.publish_view, "publish"),
            ("<int:pk>/roll-back/", self.roll_back_view, "roll_back"),
        ]
        return [
            *(
                path(route, self.admin_site.admin_view(view), name=f"recommendations_run_{name}")
                for route, view, name in own
            ),
            *super().get_urls(),
        ]

    def has_add_permission(self, request):
        return request.user.has_perm("recommendations.add_run")

    def has_move_permission(self, request):
        """Whether the person may decide which run learners see."""
        return request.user.has_perm("recommendations.change_run")

    def add_view(self, request, form_url="", extra_context=None):
        """Nothing is typed in to start a run: the page asks once, the button starts it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            run = start_run(request.user)
            messages.success(request, _("Run %(run)s has been started.") % {"run": run})
            return redirect("admin:recommendations_run_change", run.pk)
        return self.page(request, "start_page", title=_("Start a run"))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self.get_object(request, object_id)
        report = {} if run is None else self.report(request, run)
        return super().change_view(request, object_id, form_url, {**report, **(extra_context or {})})

    def report(self, request, run):
        may_move = self.has_move_permission(request) and PackedList.objects.filter(run=run).exists()
        return {
            "run": run,
            "unfinished": reports.is_unfinished(run),
            "may_publish": may_move and run.status == Run.Status.HELD,
            "may_roll_back": may_move and run.status == Run.Status.PUBLISHED and not run.live,
            "quality": reports.quality_table(run),
            "churn": reports.figure(run.quality.get("churn")),
            "reasons_held": reports.reasons_held(run),
            "groups": reports.groups_table(run),
            "curve": curve(run, run.shortage_weight),
            "demand_known": reports.demand_known(run),
            "model": reports.model_table(run),
            "search": reports.search_table(run),
        }

    def progress_view(self, request, pk):
        """The part of the change page that follows a run; with the run's end it has the page load anew."""
        run = self.found(request, pk)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        unfinished = reports.is_unfinished(run)
        return TemplateResponse(
            request,
            "admin/recommendations/run/progress.html",
            {"run": run, "unfinished": unfinished},
            headers={} if unfinished else {"HX-Refresh": "true"},
        )

    def publish_view(self, request, pk):
        return self.move_view(request, pk, PUBLISH)

    def roll_back_view(self, request, pk):
        return self.move_view(request, pk, ROLL_BACK)

    def move_view(self, request, pk, move):
        """Asks, and on POST moves the pointer."""
        if not self.has_move_permission(request):
            raise PermissionDenied
        run = self.found(request, pk)
        if request.method != "POST":
            return self.page(request, "move", title=move.title, move=move, run=run)
        try:
            move.carry_out(run, request.user)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, move.done % {"run": run})
        return redirect("admin:recommendations_run_change", run.pk)

    def found(self, request, pk):
        if run := self.get_object(request, str(pk)):
            return run
        raise Http404

    def page(self, request, name, **context):
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/recommendations/run/{name}.html", context)

    @display(description=_("run"), ordering="pk")
    def number(self, run):
        return str(run)

    @display(
        description=_("status"),
        ordering="status",
        label={
            Run.Status.RUNNING: "info",
            Run.Status.JUDGED: "info",
            Run.Status.PUBLISHED: "success",
            Run.Status.HELD: "warning",
            Run.Status.FAILED: "danger",
        },
    )
    def badge(self, run):
        return run.status, run.get_status_display()

    @display(description=_("live"), label="success")
    def is_live(self, run):
        return _("Live") if run.live else None

    @display(description=_("progress"))
    def progress(self, run):
        if not run.stage or not reports.is_unfinished(run):
            return None
        return f"{run.get_stage_display()}: {run.done:,} / {run.total:,}"

    @display(description="NDCG@10")
    def ndcg(self, run):
        return reports.figure((run.quality.get("model") or {}).get("ndcg"))


@admin.register(PackedList)
class PackedListAdmin(RecordsAccess, ReadOnly, LargeTableAdmin):
    read = What.LIST_READ
    list_display = ["learner", "run"]
    list_select_related = ["learner__user", "run"]
    search_fields = ["learner__external_id__exact", "learner__user__email__exact", "run__pk__exact"]
    search_help_text = _("The number of a run, or the learner's id at the source or e-mail address.")
    fields = ["learner", "run"]
    change_form_outer_before_template = "admin/recommendations/packedlist/courses.html"

    def learner_of(self, packed_list):
        return packed_list.learner

    def change_view(self, request, object_id, form_url="", extra_context=None):
        packed_list = self.get_object(request, object_id)
        items = unpack(packed_list.packed) if packed_list else None
        table = {"table": None if items is None else reports.list_table(with_names(items))}
        return super().change_view(request, object_id, form_url, {**table, **(extra_context or {})})


@admin.register(MissingCourse)
class MissingCourseAdmin(ReadOnly, ModelAdmin):
    """The brief of missing courses of the run that learners see."""

    list_display = ["skill", "level", "unlocked", "lacking", "short", "why"]
    list_filter = ["skill__discipline"]
    list_select_related = ["skill"]
    list_display_links = None
    search_fields = ["skill__name_en", "skill__name_zh_hant", "skill__name_zh_hans", "skill__slug"]
    list_before_template = "admin/recommendations/missingcourse/brief.html"

    def get_queryset(self, request):
        live = LiveRun.objects.values("run")
        return super().get_queryset(request).filter(run__in=live)

    def get_urls(self):
        export = self.admin_site.admin_view(self.export_view)
        return [path("export/", export, name="recommendations_missingcourse_export"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        counted = self.get_queryset(request).filter(n_synthetic_lacking__gt=0)
        context = {"has_synthetic": counted.exists(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def export_view(self, request):
        """The rows that the list shows under the same filters, all pages of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_changelist_instance(request).get_queryset(request)
        return csv_answer("missing-courses.csv", *reports.missing_courses_sheet(rows))

    @display(description=_("would unlock"), ordering="n_unlocked")
    def unlocked(self, missing):
        return missing.n_unlocked

    @display(description=_("lack it"), ordering="n_lacking")
    def lacking(self, missing):
        return missing.n_lacking

    @display(description=_("shortage"), ordering="shortage")
    def short(self, missing):
        return reports.shortage_in_words(missing)

    @display(description=_("why no course"))
    def why(self, missing):
        return reports.why_no_course(missing)


@admin.register(LiveRun)
class LiveRunAdmin(ReadOnly, ModelAdmin):
    list_display = ["run", "moved_at"]
    list_select_related = ["run"]
    fields = ["run", "moved_at"]


@admin.register(RankingSettings)
class RankingSettingsAdmin(ModelAdmin):
    """One row, which can be changed and never deleted; what was changed to what is logged."""

    list_display = ["__str__", "changed_at"]
    fields = ["shortage_weight"]
    change_form_outer_after_template = "admin/recommendations/rankingsettings/curve.html"

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not RankingSettings.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def construct_change_message(self, request, form, formsets, add=False):
        before, after = (
            "chosen by the curve" if weight is None else weight
            for weight in (form.initial.get("shortage_weight"), form.cleaned_data["shortage_weight"])
        )
        return f"Weight of the shortage: {before} -> {after}."

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        live = live_run()
        drawn = live.quality.get("tradeoff") if live else None
        weight = weight_in_force(drawn, officers_weight())
        return super().changeform_view(
            request, object_id, form_url, {"curve": curve(live, weight), **(extra_context or {})}
        )


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    pass


class PeriodicTaskForm(beat.PeriodicTaskForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()


# The schedule's own admin classes are Django's plain ones, without the site's look.
admin.site.unregister([PeriodicTask, CrontabSchedule, IntervalSchedule, SolarSchedule, ClockedSchedule])


@admin.register(PeriodicTask)
class StyledPeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):
    form = PeriodicTaskForm
    # The package's template holds a script, which the admin's content security policy keeps out.
    change_form_template = None


@admin.register(CrontabSchedule)
class StyledCrontabScheduleAdmin(beat.CrontabScheduleAdmin, ModelAdmin):
    pass


@admin.register(IntervalSchedule, SolarSchedule, ClockedSchedule)
class StyledScheduleAdmin(beat.ScheduleAdmin, ModelAdmin):
    pass
