"""Who may use runs: staff with the permissions of the admin site, nothing looser."""

from rest_framework.permissions import BasePermission


class RunPermission(BasePermission):
    NEEDED = {
        "create": "recommendations.add_run",
        "publish": "recommendations.change_run",
        "roll_back": "recommendations.change_run",
    }

    def has_permission(self, request, view):
        needed = self.NEEDED.get(view.action, "recommendations.view_run")
        return request.user.is_staff and request.user.has_perm(needed)
