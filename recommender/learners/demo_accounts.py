"""Accounts to try the site with: a learner, a programme officer, an administrator."""

import secrets

from django.apps import apps
from django.contrib.auth.models import Group, Permission

from recommender.learners.models import User

LEARNER, OFFICER, ADMINISTRATOR = "learner@example.hk", "officer@example.hk", "admin@example.hk"


def make_demo_accounts():
    """Makes the accounts that are missing; returns {e-mail address: password} of those."""
    passwords = {
        email: secrets.token_urlsafe(12)
        for email in (LEARNER, OFFICER, ADMINISTRATOR)
        if not User.objects.filter(email=email).exists()
    }
    for email, password in passwords.items():
        user = User.objects.create_user(
            email, password, is_staff=email != LEARNER, is_superuser=email == ADMINISTRATOR
        )
        if email == OFFICER:
            user.groups.add(programme_officers())
    return passwords


def programme_officers():
    """The group that may do everything with the product's records, except with accounts."""
    group, is_new = Group.objects.get_or_create(name="Programme officers")
    if is_new:
        labels = [app.label for app in apps.get_app_configs() if app.name.startswith("recommender.")]
        permissions = Permission.objects.filter(content_type__app_label__in=labels)
        group.permissions.set(permissions.exclude(content_type__model=User._meta.model_name))
    return group
