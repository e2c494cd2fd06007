"""The record of who in the programme office read or changed what is held about a learner."""

from django.contrib.admin.utils import unquote

from recommender.learners.models import Access

What = Access.What


def record(learner, user, what):
    """Notes an access for the learner to see. Looking at one's own is none."""
    if learner.user_id != user.pk:
        role = Access.Role.ADMINISTRATOR if user.is_superuser else Access.Role.OFFICER
        Access.objects.create(learner=learner, by=user, role=role, what=what)


class RecordsAccess:
    """Mixed into a ModelAdmin whose rows each belong to one learner.

    `learner_of(row)` gives that learner; `read` and `changed` say what opening and saving a row amounts to.
    """

    read = What.PROFILE_READ
    changed = What.PROFILE_CHANGED

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        response = super().changeform_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, unquote(object_id)) if object_id else None
        if row is not None:
            is_saved = request.method == "POST" and response.status_code == 302
            record(self.learner_of(row), request.user, self.changed if is_saved else self.read_of(row))
        return response

    def history_view(self, request, object_id, extra_context=None):
        response = super().history_view(request, object_id, extra_context)
        row = self.get_object(request, unquote(object_id))
        if row is not None:
            record(self.learner_of(row), request.user, self.read_of(row))
        return response

    def read_of(self, row):
        return self.read
