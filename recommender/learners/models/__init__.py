"""People: accounts, profiles, what they hold and did."""

from recommender.learners.models.accesses import Access
from recommender.learners.models.accounts import Session, User, UserManager
from recommender.learners.models.consents import ConsentDecision
from recommender.learners.models.digests import SentDigest
from recommender.learners.models.history import Enrolment, Event
from recommender.learners.models.pathways import PathwayStep, SavedPathway
from recommender.learners.models.profiles import (
    EARLIEST_DAY,
    Learner,
    LearnerQuerySet,
    SkillHeld,
    SubsidyClaim,
)
from recommender.learners.models.questions import Question

__all__ = [
    "EARLIEST_DAY",
    "Access",
    "ConsentDecision",
    "Enrolment",
    "Event",
    "Learner",
    "LearnerQuerySet",
    "PathwayStep",
    "Question",
    "SavedPathway",
    "SentDigest",
    "Session",
    "SkillHeld",
    "SubsidyClaim",
    "User",
    "UserManager",
]
