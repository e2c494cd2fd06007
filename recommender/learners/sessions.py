"""Sessions that know whose they are, so that they end with the account."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from recommender.learners.models import Session


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        session = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        return session
