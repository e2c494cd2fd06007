"""Who meets each view: anonymous, owner, other, officer, staff without permissions, superuser."""

from django.contrib.auth.models import Permission
from django.test import Client

from recommender.learners.models import User
from tests.factories import make_learner


def grant(user, *permissions):
    """Gives an account permissions such as "recommendations.add_run"."""
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))


def make_cast(*officer_may):
    """Clients by part. Owner and other have a learner each; the officer may do what is named."""
    rights = {
        "owner": {},
        "other": {},
        "officer": {"is_staff": True},
        "staff": {"is_staff": True},
        "superuser": {"is_staff": True, "is_superuser": True},
    }
    # Without a password, which takes long to hash.
    users = {part: User.objects.create_user(f"{part}@example.hk", **may) for part, may in rights.items()}
    make_learner(user=users["owner"])
    make_learner(user=users["other"])
    grant(users["officer"], *officer_may)
    return {"anonymous": Client(), **{part: signed_in(user) for part, user in users.items()}}


def signed_in(user):
    client = Client()
    client.force_login(user)
    client.user = user
    return client
