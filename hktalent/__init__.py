"""The Django project: settings, addresses and servers. No logic."""

from hktalent.celery import app as celery_app

__all__ = ["celery_app"]
